"""Who hears of an order by mail, once, in their own language; and is reminded once before a deadline."""

from __future__ import annotations

from datetime import timedelta
from email.message import EmailMessage

import pytest

from marketplace import clock, mailing, outbox
from marketplace.accounts.models import User
from marketplace.db import db, unit_of_work
from marketplace.orders.models import ClaimKind
from marketplace.orders.services.answering import agree, cancel, confirm, decline, quote_shipping
from marketplace.orders.services.approval import approve, refuse
from marketplace.orders.services.checkout import place
from marketplace.orders.services.claims import (
    ClaimDraft,
    accept_claim,
    decide_claim,
    make_claim,
    refer_claim,
    reject_claim,
)
from marketplace.orders.services.deadlines import pass_deadlines
from marketplace.orders.services.reminding import remind_of_deadlines
from marketplace.orders.services.shipping import ship
from marketplace.permissions import Actor, Role
from tests import factories as make
from tests.orders.made import note_of, received
from tests.orders.support import (
    Trade,
    buyable,
    draft_of,
    draft_part,
    limit,
    lines_of,
    orders_of,
)


@pytest.fixture
def post(app, trade):
    """The mails since it was last asked: (to whom, subject)."""
    names = {trade.maker: "seller", trade.buyer: "manager", trade.staff: "staff"}
    addresses = {_address(actor): name for actor, name in names.items()}

    def read() -> set[tuple[str, str]]:
        outbox.drain()
        sent: list[EmailMessage] = app.extensions[mailing.EXTENSION].sent
        found = {(addresses.get(one["To"], one["To"]), one["Subject"]) for one in sent}
        assert len(found) == len(sent), "nobody is told twice"
        sent.clear()
        return found

    return read


def _address(actor: Actor) -> str:

    return str(db.session.get_one(User, actor.user_id).email)


def claim_of(trade: Trade, order, quantity: int = 2):
    (line,) = lines_of(order)
    draft = ClaimDraft(line.id, ClaimKind.SHORT, quantity, "Kurang dua.", f"k-{order.id}")
    return make_claim(actor=trade.buyer, order_id=order.id, draft=draft)


def test_the_seller_hears_of_a_new_order_and_its_deadline_the_buyer_of_the_answer(trade, post, app):
    order = trade.order(10)
    assert post() == {("seller", f"Pesanan baru {order.number} dari Rukun Mart: Rp150.000")}
    confirm(actor=trade.maker, order_id=order.id)
    assert post() == {("manager", f"Dapur Contoh menerima pesanan {order.number}")}
    ship(actor=trade.maker, order_id=order.id, draft=note_of(order))
    outbox.drain()
    (mail,) = app.extensions[mailing.EXTENSION].sent
    assert "dengan surat jalan SJ/2026/0001." in mail.get_content()
    assert "paling lambat 2 Desember 2026" in mail.get_content()
    assert post() == {("manager", f"Pesanan {order.number} dari Dapur Contoh sedang dikirim")}


def test_no_and_its_reason_reach_the_buyer(trade, post, app):
    order = trade.order()
    post()
    decline(actor=trade.maker, order_id=order.id, reason="Oven rusak.")
    outbox.drain()
    assert "Alasan: Oven rusak." in app.extensions[mailing.EXTENSION].sent[0].get_content()
    assert post() == {("manager", f"Dapur Contoh tidak bisa memenuhi pesanan {order.number}")}


def test_whoever_pays_is_asked_with_what_and_until_when(trade, post):
    order = trade.order(10, actor=trade.staff, payment_plan="before")
    post()
    confirm(actor=trade.maker, order_id=order.id)
    subject = f"Bayar Rp150.000 untuk pesanan {order.number}"
    assert post() == {("staff", subject), ("manager", subject)}


def test_quoted_shipping_is_told_and_so_is_the_yes(trade, post):
    order = trade.order(10, shipping_kind="quoted")
    post()
    quote_shipping(actor=trade.maker, order_id=order.id, shipping_rupiah=20_000)
    assert post() == {("manager", f"Ongkos kirim pesanan {order.number}: Rp20.000")}
    agree(actor=trade.buyer, order_id=order.id)
    assert post() == {("seller", f"Rukun Mart menyetujui ongkos kirim pesanan {order.number}")}


def test_a_manager_is_asked_once_for_a_checkout_of_many_sellers_and_its_maker_hears_the_no(trade, post):
    limit(trade.operator, 1_000)
    other = make.seller(name="Batik Contoh")
    parts = [
        draft_part(trade.seller.id, [(trade.product.id, 10)], outlet_id=trade.outlet.id),
        draft_part(other.id, [(buyable(other).id, 10)], outlet_id=trade.outlet.id),
    ]
    first = place(actor=trade.staff, draft=draft_of(*parts))
    asked = {("manager", f"{trade.staff.name} minta persetujuan belanja Rp300.000")}
    assert post() == asked, "no seller hears of what nobody approved"
    refuse(actor=trade.buyer, checkout_id=first.id, reason="Bulan depan saja.")
    assert post() == {("staff", "Belanja Anda Rp300.000 tidak disetujui")}
    second = place(actor=trade.staff, draft=draft_of(*parts))
    assert post() == asked
    approve(actor=trade.buyer, checkout_id=second.id)
    (ours, _theirs) = orders_of(second)
    assert post() == {("seller", f"Pesanan baru {ours.number} dari Rukun Mart: Rp150.000")}


def test_a_checkout_costs_one_row_however_many_sellers_it_has(trade):
    parts = [draft_part(trade.seller.id, [(trade.product.id, 1)], outlet_id=trade.outlet.id)]
    for name in ("Batik Contoh", "Jamu Contoh"):
        seller = make.seller(name=name)
        parts.append(draft_part(seller.id, [(buyable(seller).id, 1)], outlet_id=trade.outlet.id))
    place(actor=trade.buyer, draft=draft_of(*parts))
    (item,) = db.session.query(outbox.OutboxItem).filter_by(kind="order.letters")
    assert len(item.payload["steps"]) == 3


def test_what_was_done_meanwhile_is_not_asked_for(trade, post):
    order = trade.order()
    cancel(actor=trade.buyer, order_id=order.id, reason="Salah toko.")
    assert post() == {("seller", f"Pesanan {order.number} dari Rukun Mart dibatalkan")}


def test_a_rolled_back_step_is_told_to_nobody(trade, post):
    order = trade.order()
    post()

    def half() -> None:
        with unit_of_work():
            confirm(actor=trade.maker, order_id=order.id)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half()
    assert post() == set()
    confirm(actor=trade.maker, order_id=order.id)
    assert len(post()) == 1


def test_everybody_reads_it_in_their_own_language(trade, post, app):

    with unit_of_work() as session:
        session.get_one(User, trade.maker.user_id).locale = "en"
    trade.order()
    outbox.drain()
    text = app.extensions[mailing.EXTENSION].sent[0].get_content()
    assert text.startswith("Hello ")


def test_silence_counts_as_received_and_both_hear_of_it(trade, post):
    order = trade.order()
    confirm(actor=trade.maker, order_id=order.id)
    ship(actor=trade.maker, order_id=order.id, draft=note_of(order))
    post()
    with clock.frozen(clock.now() + timedelta(days=30)):
        pass_deadlines()
        deemed = f"Pesanan {order.number} dari Rukun Mart dianggap diterima lengkap"
        bill = "Nota INV/2026/0001 dari Dapur Contoh: Rp150.000"
        assert post() == {("seller", deemed), ("manager", deemed), ("manager", bill)}


def test_a_claim_goes_to_the_seller_its_end_to_the_buyer_with_the_credit_note(trade, post):
    order = received(trade)
    post()
    claim = claim_of(trade, order)
    assert post() == {("seller", f"Klaim pesanan {order.number} dari Rukun Mart")}
    accept_claim(actor=trade.maker, claim_id=claim.id, granted=2)
    assert ("manager", "Nota kredit NK/2026/0001 dari Dapur Contoh: Rp30.000") in post()


def test_a_claim_that_they_do_not_agree_on_goes_to_the_office_and_both_hear_what_it_decides(trade, post):
    office = make.office()
    officer = make.member(Role.OFFICER, office_id=office.id)
    order = received(trade)
    claim = claim_of(trade, order)
    post()
    reject_claim(actor=trade.maker, claim_id=claim.id, reason="Saya hitung lengkap.")
    assert post() == {("manager", f"Dapur Contoh menolak klaim pesanan {order.number}")}
    refer_claim(actor=trade.buyer, claim_id=claim.id)
    assert post() == {
        (_address(officer), f"Klaim pesanan {order.number} menunggu keputusan Dinas"),
        ("seller", f"Klaim pesanan {order.number} dari Rukun Mart dibawa ke Dinas"),
    }
    decide_claim(actor=officer, claim_id=claim.id, granted=1, reason="Foto menunjukkan satu.")
    told = post()
    decided = f"Dinas memutuskan klaim pesanan {order.number} dari Rukun Mart"
    assert {("seller", decided), ("manager", decided)} <= told
    assert ("manager", "Nota kredit NK/2026/0001 dari Dapur Contoh: Rp15.000") in told


def test_who_has_to_act_is_reminded_once_in_the_morning_of_the_last_day(trade, post):
    order = trade.order()
    post()
    assert order.due_at is not None
    with clock.frozen(order.due_at - timedelta(hours=17)):
        assert remind_of_deadlines() == 0
    with clock.frozen(order.due_at - timedelta(hours=15)):
        assert [remind_of_deadlines(), remind_of_deadlines()] == [1, 0]
        assert post() == {("seller", f"Hari terakhir: jawab pesanan, pesanan {order.number} dari Rukun Mart")}
    with clock.frozen(order.due_at - timedelta(hours=14)):
        confirm(actor=trade.maker, order_id=order.id)
        assert remind_of_deadlines() == 0, "nothing presses now"


def test_a_new_deadline_is_reminded_of_anew(trade, post):
    order = trade.order(10, payment_plan="before")
    with clock.frozen(order.due_at - timedelta(hours=15)):
        assert remind_of_deadlines() == 1
        confirm(actor=trade.maker, order_id=order.id)
        due = clock.now() + timedelta(days=3)
    post()
    with clock.frozen(due + timedelta(hours=2)):
        assert remind_of_deadlines() == 1
        assert ("manager", f"Hari terakhir: bayar pesanan, pesanan {order.number} dari Rukun Mart") in post()


def test_a_claim_that_went_on_before_the_mail_was_written_asks_nothing_any_more(trade, post):
    order = received(trade)
    claim = claim_of(trade, order)
    post()
    reject_claim(actor=trade.maker, claim_id=claim.id, reason="Saya hitung lengkap.")
    refer_claim(actor=trade.buyer, claim_id=claim.id)
    assert {subject.split(" ")[0] for _to, subject in post()} == {"Klaim"}, "not that the seller said no"
    assert outbox.waiting() == 0, "nor does a mail wait that can never be written"


def test_a_claim_has_its_reminder_too(trade, post):
    order = received(trade)
    claim = claim_of(trade, order)
    post()
    with clock.frozen(claim.due_at - timedelta(hours=3)):
        remind_of_deadlines()
        assert ("seller", f"Hari terakhir: jawab klaim, pesanan {order.number} dari Rukun Mart") in post()
