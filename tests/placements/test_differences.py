"""Differences stay in sight until they are settled, once; messages reach the other side."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from marketplace import clock, mailing
from marketplace.accounts.models import User
from marketplace.db import db, unit_of_work
from marketplace.errors import Forbidden, InvalidInput, NotFound, RuleBroken
from marketplace.i18n import speaking
from marketplace.outbox import OutboxItem
from marketplace.permissions import Role
from marketplace.placements.models import Difference, DifferenceKind, Message, Outcome
from marketplace.placements.queries import differences as reads
from marketplace.placements.queries import messages as message_reads
from marketplace.placements.rules import Side
from marketplace.placements.rules.deliveries import Counted
from marketplace.placements.services.differences import DifferentLine, open_differences, refer, settle
from marketplace.placements.services.messages import write_message
from marketplace.placements.services.receiving import receive_delivery
from tests import factories as make
from tests.placements.goods_support import (
    GOOD,
    agree,
    differences,
    line,
    lines_of,
    lots,
    mails,
    movements,
    on_hand,
    sent,
)


@pytest.fixture
def short(parties):
    """Ten written, seven accepted, two short, one damaged: two differences."""
    delivery = sent(parties, agree(parties), line(parties, 10, "A7"))
    (one,) = lines_of(delivery)
    receive_delivery(
        actor=parties.buyer, delivery_id=delivery.id, counted={one.id: Counted(7, short=2, damaged=1)}
    )
    return delivery


def test_the_seller_agrees_and_nothing_moves(parties, short):
    missing, _damaged = differences()
    settle(parties.maker, missing.id, Outcome.SELLER_AGREES, "benar,\x00 tertinggal")
    row = db.session.get_one(Difference, missing.id)
    assert (row.state, row.outcome, row.note) == ("settled", "seller_agrees", "benar, tertinggal")
    assert on_hand(parties) == 7
    assert reads.open_differences(parties.maker) == 1
    assert mails()[-1] == "difference_settled"


def test_the_store_corrects_and_the_missing_units_enter_under_their_lot_once(parties, short):
    missing, damaged = differences()
    settle(parties.buyer, missing.id, Outcome.STORE_CORRECTS)
    assert on_hand(parties) == 9
    assert lots(parties) == {("A7", GOOD): 9}
    assert movements()[-1] == (f"difference:{missing.id}", "delivery", 2)
    for actor, outcome in (
        (parties.buyer, Outcome.STORE_CORRECTS),
        (parties.maker, Outcome.SELLER_AGREES),
        (make.officer(), Outcome.OFFICER_DECIDES),
    ):
        with pytest.raises(RuleBroken) as refused:
            settle(actor, missing.id, outcome, "lagi", favours=Side.SELLER)
        assert refused.value.code == "difference_settled"
    assert on_hand(parties) == 9
    settle(parties.buyer, damaged.id, Outcome.STORE_CORRECTS)
    assert on_hand(parties) == 10


@pytest.mark.parametrize(("favours", "after"), [(Side.SELLER, 9), (Side.OUTLET, 7)])
def test_an_officer_decides_for_one_of_them_with_a_reason(parties, short, favours, after):
    missing, _damaged = differences()
    officer = make.officer()
    with pytest.raises(InvalidInput):
        settle(officer, missing.id, Outcome.OFFICER_DECIDES, favours=favours)
    with pytest.raises(InvalidInput):
        settle(officer, missing.id, Outcome.OFFICER_DECIDES, "tanpa pilihan")
    settle(officer, missing.id, Outcome.OFFICER_DECIDES, "dilihat dari foto", favours=favours)
    assert on_hand(parties) == after
    row = db.session.get_one(Difference, missing.id)
    assert (row.outcome, row.favours) == ("officer_decides", favours.value)
    assert mails()[-2:] == ["difference_settled", "difference_settled"]


def test_nobody_settles_the_other_side_s_way_nor_a_stranger_at_all(parties, short):
    missing, _damaged = differences()
    clerk = make.member(Role.BUYER_STAFF, operator_id=parties.buyer.operator_id)
    with pytest.raises(Forbidden):
        settle(parties.maker, missing.id, Outcome.STORE_CORRECTS)
    with pytest.raises(Forbidden):
        settle(parties.buyer, missing.id, Outcome.SELLER_AGREES)
    with pytest.raises(Forbidden):
        settle(parties.buyer, missing.id, Outcome.OFFICER_DECIDES, "saya sendiri", favours=Side.OUTLET)
    with pytest.raises(Forbidden):
        settle(clerk, missing.id, Outcome.STORE_CORRECTS)
    with pytest.raises(Forbidden):
        settle(make.officer(Role.COACH), missing.id, Outcome.OFFICER_DECIDES, "x", favours=Side.SELLER)
    stranger = make.member(Role.SELLER_OWNER, seller_id=make.seller().id)
    for actor in (stranger, make.officer(region_code="33.74")):
        with pytest.raises(NotFound):
            settle(actor, missing.id, Outcome.SELLER_AGREES)
        assert reads.difference_page(actor, missing.id) is None
    assert on_hand(parties) == 7


def test_either_party_may_ask_the_office_once(parties, short):
    missing, _damaged = differences()
    refer(actor=parties.maker, difference_id=missing.id)
    refer(actor=parties.buyer, difference_id=missing.id)
    assert mails()[-1:] == ["difference_referred"]
    assert mails().count("difference_referred") == 1
    asked = reads.DifferenceFilter(is_referred=True)
    assert [row.id for row in reads.differences_of(make.officer(), asked)] == [missing.id]


def test_a_difference_opened_again_for_the_same_line_is_the_same(parties):
    told = ("K-1", 3), ("K-1", 9), ("K-2", 4)
    first, again, other = (DifferentLine(parties.seller.id, ref, quantity=n) for ref, n in told)
    document = {"outlet_id": parties.outlet.id, "document_kind": "sales_report", "document_id": 5}
    with unit_of_work() as session:
        for lines in ([first], [again, other], []):
            open_differences(session, lines, kind=DifferenceKind.SALE_EXCESS, **document)
        open_differences(session, [again], kind=DifferenceKind.SETTLEMENT_LINE, **document)
    rows = db.session.execute(select(Difference.kind, Difference.line_ref, Difference.quantity))
    assert sorted(rows) == [
        ("sale_excess", "K-1", 3),
        ("sale_excess", "K-2", 4),
        ("settlement_line", "K-1", 9),
    ]


def test_what_each_may_do_stands_on_the_page(parties, short):
    missing, _damaged = differences()
    found = {
        actor.role: page.outcomes if (page := reads.difference_page(actor, missing.id)) else None
        for actor in (parties.maker, parties.buyer, make.officer(), make.officer(Role.COACH))
    }
    assert found == {
        Role.SELLER_OWNER: [Outcome.SELLER_AGREES],
        Role.BUYER_MANAGER: [Outcome.STORE_CORRECTS],
        Role.OFFICER: [Outcome.OFFICER_DECIDES],
        Role.COACH: [],
    }


def test_a_message_is_read_by_the_other_side_and_sent_by_mail_once(parties, short):
    said = {"document_kind": "delivery", "document_id": short.id, "body": " Dus kedua basah. \n"}
    first = write_message(actor=parties.buyer, client_key="k1", **said)
    assert write_message(actor=parties.buyer, client_key="k1", **said).id == first.id
    (read,) = message_reads.thread(parties.maker, "delivery", short.id)
    assert (read.body, read.side, read.author_name) == ("Dus kedua basah.", "outlet", parties.buyer.name)
    assert mails().count("message_written") == 1
    assert [one.message.id for one in message_reads.unanswered(parties.maker)] == [first.id]
    assert message_reads.unanswered(parties.buyer) == []
    write_message(actor=parties.maker, document_kind="delivery", document_id=short.id, body="Maaf.")
    assert message_reads.unanswered(parties.maker) == []


def test_the_office_s_message_reaches_both(parties, short):
    write_message(actor=make.officer(), document_kind="delivery", document_id=short.id, body="Mohon foto.")
    assert mails().count("message_written") == 2


def mails_said(template):
    """What the mails of a template say, by their reader's language."""
    items = db.session.query(OutboxItem).filter_by(kind="mail.send").order_by(OutboxItem.id)
    letters = [mailing.unseal(item.payload["sealed"]) for item in items]
    return {one["locale"]: one["context"] for one in letters if one["template"] == template}


def test_mails_name_documents_and_differences_in_their_reader_s_language(parties, short):
    missing, damaged = differences()
    with unit_of_work() as session:
        session.get_one(User, parties.buyer.user_id).locale = "en"
    with speaking("en"):
        write_message(actor=make.officer(), document_kind="delivery", document_id=short.id, body="Foto?")
        settle(parties.maker, missing.id, Outcome.SELLER_AGREES)
    written, settled = mails_said("message_written"), mails_said("difference_settled")
    assert (written["id"]["by"], written["id"]["document"]) == ("Dinas", f"Surat jalan {short.number}")
    assert (written["en"]["by"], written["en"]["document"]) == ("Office", f"Delivery note {short.number}")
    assert settled["en"]["what"] == "Short on receipt"
    with speaking("id"):
        settle(parties.buyer, damaged.id, Outcome.STORE_CORRECTS)
    assert mails_said("difference_settled")["id"]["what"] == "Rusak saat diterima"


def test_what_is_kept_of_a_difference_is_in_one_language_whoever_counted(parties):
    delivery = sent(parties, agree(parties), line(parties, 10, "A7"))
    (one,) = lines_of(delivery)
    with speaking("en"):
        receive_delivery(
            actor=parties.buyer, delivery_id=delivery.id, counted={one.id: Counted(7, short=2, damaged=1)}
        )
    assert [row.description.partition(",")[2] for row in differences()] == [
        " toko menghitung kurang 2.",
        " toko mencatat rusak 1.",
    ]


def test_nobody_writes_nothing_or_to_strangers(parties, short):
    for body in ("", "  \n ", "x" * 4001):
        with pytest.raises(InvalidInput):
            write_message(actor=parties.maker, document_kind="delivery", document_id=short.id, body=body)
    stranger = make.member(Role.SELLER_OWNER, seller_id=make.seller().id)
    for kind, number, actor in (
        ("delivery", short.id, stranger),
        ("delivery", 10**9, parties.maker),
        ("letter", short.id, parties.maker),
    ):
        with pytest.raises(NotFound):
            write_message(actor=actor, document_kind=kind, document_id=number, body="halo")
    assert message_reads.thread(stranger, "delivery", short.id) == []
    assert db.session.scalar(select(Message.id)) is None


def test_the_database_keeps_one_open_difference_for_a_line_of_a_report(parties):
    """Whatever a service believed; once it is settled the line may be asked about again."""

    def about(document_id):
        return Difference(
            kind=DifferenceKind.SALE_EXCESS.value, outlet_id=parties.outlet.id, seller_id=parties.seller.id,
            product_id=parties.product_id, quantity=1, document_kind="sales_report", document_id=document_id,
            line_ref="L1", opened_at=clock.now(),
        )  # fmt: skip

    with unit_of_work() as session:
        session.add(about(1))
    with pytest.raises(IntegrityError, match=r"open_sale_line|line_ref"), unit_of_work() as session:
        session.add(about(2))
