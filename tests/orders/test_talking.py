"""Buyer and seller write to each other on orders, claims and quotations; nobody else takes part."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from marketplace import clock, mailing, outbox
from marketplace.accounts.models import User
from marketplace.db import db, unit_of_work
from marketplace.errors import Forbidden, NotFound
from marketplace.orders.models import ClaimKind
from marketplace.orders.queries.waiting import company_orders
from marketplace.orders.services.answering import confirm
from marketplace.orders.services.claims import ClaimDraft, make_claim
from marketplace.organizations.models import OutletFacts
from marketplace.permissions import Actor, Role
from marketplace.placements.models import Message
from marketplace.placements.queries.board import waiting_by_outlet
from marketplace.placements.queries.messages import conversation, unanswered
from marketplace.placements.queries.waiting import messages_waiting
from marketplace.placements.services.messages import mark_seen, write_message
from tests import factories as make
from tests.orders.made import received
from tests.orders.quoting import ask
from tests.orders.support import limit, lines_of
from tests.support.signing import sign_in

ELSEWHERE = "33.16"


def write(actor: Actor, kind: str, document_id: int, body: str = "Bisa pagi?") -> Message:
    return write_message(actor=actor, document_kind=kind, document_id=document_id, body=body)


def address_of(actor: Actor) -> str:
    return str(db.session.get_one(User, actor.user_id).email)


def test_each_side_reads_what_the_other_wrote_and_hears_of_it_by_mail(app, trade):
    order = trade.order(actor=trade.staff)
    outbox.drain()
    sent = app.extensions[mailing.EXTENSION].sent
    sent.clear()
    first = write(trade.maker, "order", order.id)
    assert (first.side, first.operator_id, first.outlet_id) == ("seller", trade.operator.id, trade.outlet.id)
    outbox.drain()
    (mail,) = sent
    assert mail["To"] == address_of(trade.staff), "whoever ordered"
    assert mail["Subject"] == f"Pesan dari Dapur Contoh: Pesanan {order.number}"
    assert f"/orders/{order.id}#pesan" in mail.get_content()
    assert conversation(trade.buyer, "order", order.id).unseen == first.id
    assert mark_seen(actor=trade.buyer, document_kind="order", document_id=order.id, up_to=first.id) == 1
    assert [view.side for view in conversation(trade.maker, "order", order.id).seen] == ["outlet"]
    sent.clear()
    write(trade.buyer, "order", order.id, "Bisa.")
    outbox.drain()
    assert [one["To"] for one in sent] == [address_of(trade.maker)]


def test_what_waits_stands_on_the_board_of_its_outlet_and_on_the_seller_s_list(trade):
    order = trade.order()
    write(trade.maker, "order", order.id)
    (waiting,) = messages_waiting(trade.buyer, outlet_id=trade.outlet.id)
    assert (waiting.message.document_id, waiting.unread) == (order.id, 1)
    assert unanswered(trade.maker) == []
    with clock.frozen(clock.now() + timedelta(days=3)):
        assert waiting_by_outlet(trade.buyer)[trade.outlet.id] >= 1
    write(trade.buyer, "order", order.id, "Bisa.")
    assert messages_waiting(trade.buyer, outlet_id=trade.outlet.id) == []
    assert [one.message.body for one in unanswered(trade.maker)] == ["Bisa."]


def test_whoever_ran_the_outlet_before_or_runs_it_after_reads_nothing_of_the_buyer_s(trade):
    order = trade.order()
    write(trade.maker, "order", order.id)
    heir = make.operator(name="Pemilik baru")
    with unit_of_work() as session:
        session.execute(update(OutletFacts).values(operator_id=heir.id))
    other = make.member(Role.BUYER_MANAGER, operator_id=heir.id)
    assert conversation(other, "order", order.id).messages == []
    assert messages_waiting(other, outlet_id=trade.outlet.id) == []
    with pytest.raises(NotFound):
        write(other, "order", order.id)
    assert len(conversation(trade.buyer, "order", order.id).messages) == 1


def test_an_office_s_own_purchase_is_answered_as_a_buyer_and_waits_on_its_first_screen(trade):
    officer = make.officer()
    buyer = Actor(**{**officer.__dict__, "purchasing_id": trade.operator.id})
    order = trade.order(outlet_id=None, recipient="Dinas", address="Jl. Slamet Riyadi 1")
    write(trade.maker, "order", order.id)
    assert [one.message.document_id for one in company_orders(buyer).messages] == [order.id]
    talk = conversation(buyer, "order", order.id)
    assert talk.unseen is not None
    assert write(buyer, "order", order.id, "Bisa.").side == "outlet"
    assert company_orders(buyer).messages == []


def test_strangers_neither_read_nor_write_and_the_office_of_the_seller_reads_along(trade):
    order = trade.order()
    write(trade.buyer, "order", order.id)
    strangers = (
        make.member(Role.SELLER_OWNER, seller_id=make.seller().id),
        make.member(Role.BUYER_MANAGER, operator_id=make.operator().id),
        make.officer(region_code=ELSEWHERE),
        make.member(Role.COACH, office_id=make.office().id),
    )
    for actor in strangers:
        with pytest.raises((NotFound, Forbidden)):
            write(actor, "order", order.id)
        with pytest.raises(NotFound):
            mark_seen(actor=actor, document_kind="order", document_id=order.id, up_to=9)
    for actor in strangers[:3]:
        assert conversation(actor, "order", order.id).messages == []
    officer = make.officer()
    assert len(conversation(officer, "order", order.id).messages) == 1
    assert write(officer, "order", order.id, "Kami ikut membaca.").side == "office"


def test_before_a_manager_said_yes_nobody_can_be_written_to(trade):
    limit(trade.operator, 1_000)
    order = trade.order(actor=trade.staff)
    for actor in (trade.staff, trade.maker):
        with pytest.raises(NotFound):
            write(actor, "order", order.id)


def test_claims_and_quotations_carry_messages_and_no_office_reads_a_quotation(trade):
    order = received(trade)
    (line,) = lines_of(order)
    draft = ClaimDraft(line.id, ClaimKind.SHORT, 2, "Kurang dua.", "k")
    claim = make_claim(actor=trade.buyer, order_id=order.id, draft=draft)
    quote = ask(trade)
    for kind, document_id in (("claim", claim.id), ("quote", quote.id)):
        write(trade.maker, kind, document_id)
        assert conversation(trade.buyer, kind, document_id).unseen
    officer = make.officer()
    assert write(officer, "claim", claim.id).side == "office"
    with pytest.raises(NotFound):
        write(officer, "quote", quote.id)


def test_the_database_keeps_no_message_to_nobody(trade):
    message = write(trade.maker, "order", trade.order().id)
    with pytest.raises(IntegrityError, match="ck_messages_party"), unit_of_work() as session:
        session.execute(
            update(Message).where(Message.id == message.id).values(outlet_id=None, operator_id=None)
        )


def test_the_page_shows_the_thread_and_takes_an_answer(client, trade):
    order = trade.order()
    confirm(actor=trade.maker, order_id=order.id)
    write(trade.maker, "order", order.id, "Bisa diantar jam 7?")
    sign_in(client, trade.buyer)
    page = client.get(f"/orders/{order.id}").get_data(as_text=True)
    assert "Bisa diantar jam 7?" in page
    assert f'hx-post="/messages/order/{order.id}/seen"' in page
    sent = client.post(
        f"/messages/order/{order.id}",
        data={"body": "Bisa.", "next": f"/orders/{order.id}", "key": "k1"},
    )
    assert sent.headers["Location"] == f"/orders/{order.id}#pesan"
    sign_in(client, trade.maker)
    page = client.get(f"/orders/{order.id}").get_data(as_text=True)
    assert ", pembeli</span>" in page
    tasks = client.get("/seller").get_data(as_text=True)
    assert "Pada pesanan: Bisa." in tasks
