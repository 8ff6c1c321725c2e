"""What is owed, by whom and since when: settlements and invoices of orders together; and cash at the door."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask

from marketplace import clock
from marketplace.db import db, unit_of_work
from marketplace.errors import Forbidden, NotFound
from marketplace.organizations.models import OfficeBuyer, Seller
from marketplace.payments.models import Payment, PaymentMethod
from marketplace.payments.queries.dues import DueFilter, count_dues, due_ages, dues_of
from marketplace.payments.rules import NewPayment
from marketplace.payments.rules.matching import transfer_code
from marketplace.payments.services import pay_at_door
from marketplace.payments.services.qris import set_qris
from marketplace.permissions import Role
from marketplace.placements.queries import pace
from marketplace.placements.queries.home import seller_home
from marketplace.placements.queries.waiting import seller_waits
from marketplace.placements.views.loop_tasks import with_loop
from tests import factories as make
from tests.payments.support import TODAY, Pair, key_in, page_of, text_of
from tests.payments.test_qris import STATIC
from tests.placements.test_settlements import shop_with
from tests.support.signing import sign_in


def aged(days, rupiah, pair=None, due_in=14):
    """A bill whose papers were complete so many days ago."""
    then = datetime(2026, 11, 22, 5, tzinfo=UTC) - timedelta(days=days)
    found = pair or Pair()
    with clock.frozen(then):
        found.bill(rupiah, due_on=then.date() + timedelta(days=due_in))
    return found


@pytest.fixture
def pairs(app: Flask) -> list[Pair]:
    """One seller whom four buyers owe, each for longer."""
    first = aged(70, 4_000)
    others = [aged(days, rupiah, Pair(maker=first.maker)) for days, rupiah in ((40, 300), (20, 20), (3, 1))]
    return [first, *others]


def test_a_seller_sees_who_owes_it_since_when(pairs):
    seller = pairs[0].seller
    assert due_ages(seller).rupiah == (1, 20, 300, 4_000)
    assert due_ages(seller).overdue_rupiah == 4_320
    rows = dues_of(seller, DueFilter())
    assert [row.open_rupiah for row in rows] == [4_000, 300, 20, 1]
    assert [(row.partner_name, row.late_days) for row in rows][:2] == [
        (pairs[0].operator.name, 56),
        (pairs[1].operator.name, 26),
    ]
    assert count_dues(seller, DueFilter()) == {"overdue": 3, "open": 1}
    assert [row.open_rupiah for row in dues_of(seller, DueFilter(state="open"))] == [1]


def test_a_buyer_sees_its_own_bills_and_a_stranger_nothing(pairs):
    assert [row.open_rupiah for row in dues_of(pairs[1].buyer, DueFilter())] == [300]
    assert dues_of(Pair().buyer, DueFilter()) == []
    assert dues_of(make.member(Role.BUYER_STAFF, operator_id=pairs[1].operator.id), DueFilter()) == []


def test_what_was_reported_waits_for_the_seller_and_is_no_longer_late(pairs):
    pairs[0].pay("invoice", 4_000)
    states = {
        row.open_rupiah + row.reported_rupiah: row.state for row in dues_of(pairs[0].seller, DueFilter())
    }
    assert states == {4_000: "reported", 300: "overdue", 20: "overdue", 1: "open"}


def test_orders_stand_beside_settlements_in_the_ages_and_advances_do_not(app):
    shop = shop_with()
    shop.move("S1", "sale", 10, date(2026, 10, 12), 10_000)
    shop.issued()
    pair = aged(20, 5_000, Pair(maker=shop.seller, operator=shop.operator))
    Pair(maker=shop.seller, operator=shop.operator).ask(9_000)
    assert pace.ages_of(shop.buyer).rupiah == (80_000, 5_000, 0, 0)
    assert pace.ages_of(shop.maker).rupiah == (80_000, 5_000, 0, 0)
    assert pace.ages_of(make.officer()).rupiah == (80_000, 5_000, 0, 0)
    assert pace.days_to_money(shop.operator.id).open_rupiah == 85_000
    far = make.officer(region_code="33.71")
    assert pace.ages_of(far).total == 0
    assert pair.payables()["invoice"].open_rupiah == 5_000


def test_the_office_sees_buyers_of_orders_among_who_pays(app):
    pair = aged(40, 7_000)
    found = pace.payers(make.officer())
    assert [(one.name, one.outlets, one.sellers, one.open_rupiah) for one in found] == [
        (pair.operator.name, 0, 1, 7_000)
    ]
    assert found[0].overdue_rupiah == 7_000


def test_the_pages_of_both_sides(app, pairs):
    seller, buyer = sign_in(app.test_client(), pairs[0].seller), sign_in(app.test_client(), pairs[0].buyer)
    shown = text_of(page_of(seller, "/payments/dues"))
    assert "3 tagihan lewat jatuh tempo" in shown
    assert "Rp4.321 menurut umur tagihan" in shown
    assert "lewat 56 hari" in shown
    assert "Bayar" in text_of(page_of(buyer, "/payments/dues?state=overdue&sort=-open&kind=invoice"))
    assert "Tidak ada yang cocok" in page_of(buyer, "/payments/dues?kind=settlement")
    assert b"4000" in buyer.get("/payments/dues?format=csv").data
    assert "Tidak ada yang harus dibayar" in page_of(
        sign_in(app.test_client(), Pair().buyer), "/payments/dues"
    )


# --- ways of paying ----------------------------------------------------------------------------------------


def test_the_page_of_a_bill_shows_every_way_of_paying(app):
    pair = Pair()
    pair.bill(25_000)
    bill = pair.payables()["invoice"].id
    client = sign_in(app.test_client(), pair.buyer)
    shown = text_of(page_of(client, f"/payments/new?bills={bill}"))
    assert "belum mengisi rekeningnya" in shown
    assert transfer_code(bill) in shown
    assert "QRIS" not in shown
    with unit_of_work() as session:
        row = session.get_one(Seller, pair.maker.id)
        row.bank_name, row.bank_account, row.bank_holder = "BRI", "0123456789", "Bu Sri"
    set_qris(actor=pair.seller, payload=STATIC, is_own=True, version=0)
    shown = text_of(page_of(client, f"/payments/new?bills={bill}"))
    assert "0123456789" in shown
    assert "Bu Sri" in shown
    assert "Bayar dengan QRIS" in shown
    pair.pay("invoice", 25_000)
    assert client.get(f"/payments/new?bills={bill}").status_code == 404
    told = text_of(page_of(sign_in(app.test_client(), pair.seller), "/account/organization/private"))
    assert "rekening juga dilihat pembeli yang masih harus membayar Anda" in told


def test_bills_of_several_sellers_are_paid_seller_by_seller(app):
    a = Pair()
    b = Pair(operator=a.operator)
    a.bill(1_000)
    b.bill(2_000)
    keys = ",".join(str(one.payables()["invoice"].id) for one in (a, b))
    shown = text_of(page_of(sign_in(app.test_client(), a.buyer), f"/payments/new?bills={keys}"))
    assert "Bayar Rp3.000 kepada 2 penjual" in shown
    staff = sign_in(app.test_client(), make.member(Role.BUYER_STAFF, operator_id=a.operator.id))
    shown = page_of(staff, f"/payments/cash?bills={keys}")
    assert f"/payments/cash?bills={a.payables()['invoice'].id}" in shown


def test_a_bill_beyond_a_milliard_is_paid_at_once(app):
    pair = Pair()
    pair.bill(1_500_000_000)
    bill = pair.payables()["invoice"].id
    client = sign_in(app.test_client(), pair.buyer)
    shown = page_of(client, f"/payments/new?bills={bill}")
    data = {"key": key_in(shown), "bills": bill, "amount_rupiah": "1.500.000.000", "method": "cash"}
    assert client.post("/payments/new", data=data | {"paid_on": "2026-11-22"}).status_code == 302
    assert pair.balances()["transit"] == 1_500_000_000


# --- cash at the door --------------------------------------------------------------------------------------


def test_the_person_at_the_door_says_that_it_gave_cash(app):
    pair = Pair()
    pair.bill(25_000)
    bill = pair.payables()["invoice"].id
    staff = make.member(Role.BUYER_STAFF, operator_id=pair.operator.id)
    client = sign_in(app.test_client(), staff)
    shown = page_of(client, f"/payments/cash?bills={bill}")
    key = key_in(shown)
    data = {"key": key, "bills": str(bill), "amount_rupiah": "25001"}
    assert "lebih dari yang masih harus dibayar" in client.post("/payments/cash", data=data).get_data(
        as_text=True
    )
    assert client.post("/payments/cash", data=data | {"amount_rupiah": "25000"}).status_code == 302
    db.session.rollback()
    payment = db.session.query(Payment).one()
    assert (payment.method, payment.state) == ("cash", "reported")
    assert pair.balances() == {"transit": 25_000, "sales": -25_000}


def test_the_seller_that_holds_the_money_records_and_confirms_it_in_one(app):
    pair = Pair()
    pair.bill(25_000)
    bill = pair.payables()["invoice"].id
    client = sign_in(app.test_client(), pair.seller)
    shown = page_of(client, f"/payments/cash/take?bills={bill}")
    assert f"Terima uang tunai dari {pair.operator.name}" in text_of(shown)
    key = key_in(shown)
    data = {"key": key, "bills": str(bill), "amount_rupiah": "20000"}
    assert client.post("/payments/cash/take", data=data).status_code == 302
    assert client.post("/payments/cash/take", data=data).status_code == 302
    assert pair.balances() == {"received": 20_000, "owed": 5_000, "sales": -25_000}
    stranger = sign_in(app.test_client(), Pair().seller)
    assert stranger.get(f"/payments/cash/take?bills={bill}").status_code == 404


def test_cash_at_the_door_pays_orders_alone_and_ones_own(app):
    shop = shop_with()
    shop.move("S1", "sale", 1, date(2026, 10, 12), 10_000)
    debt = shop.payable(shop.issued())
    staff = make.member(Role.BUYER_STAFF, operator_id=shop.operator.id)
    said = NewPayment((debt.id,), 8_000, PaymentMethod.CASH, TODAY, "k")
    with pytest.raises(NotFound):
        pay_at_door(actor=staff, payment=said)
    with pytest.raises(Forbidden):
        pay_at_door(actor=shop.maker, payment=said)


def test_an_office_pays_for_what_it_bought_itself(app):
    head = make.officer(Role.HEAD)
    pair = aged(20, 7_000)
    with unit_of_work() as session:
        session.add(OfficeBuyer(office_id=head.office_id, operator_id=pair.operator.id))
    client = sign_in(app.test_client(), head)
    assert "Rp7.000" in text_of(page_of(client, "/payments/dues"))
    bill = pair.payables()["invoice"].id
    shown = page_of(client, f"/payments/new?bills={bill}")
    key = key_in(shown)
    said = {
        "key": key,
        "bills": str(bill),
        "amount_rupiah": "7000",
        "method": "cash",
        "paid_on": "2026-11-22",
    }
    assert client.post("/payments/new", data=said).status_code == 302
    payment = db.session.query(Payment).one()
    assert "Batalkan catatan" in text_of(page_of(client, f"/payments/{payment.id}"))
    assert pair.payables()["invoice"].paid_rupiah == 7_000
    other = sign_in(app.test_client(), make.officer(Role.HEAD, region_code="33.71"))
    assert other.get(f"/payments/new?bills={bill}").status_code == 404
    assert other.get(f"/payments/{payment.id}").status_code == 404


def test_the_first_screen_the_ages_and_the_list_of_bills_come_to_the_same(app, pairs):
    """What is owed for orders stands on a seller's first screen, with who owes it."""
    seller = pairs[0].seller
    with app.test_request_context():
        home = seller_home(seller)
        assert home is not None
        (overdue,) = [
            task for task in with_loop([], seller_waits(seller), [], [], TODAY) if "Tagih" in task.title
        ]
    ages, listed = due_ages(seller), sum(row.open_rupiah for row in dues_of(seller, DueFilter()))
    assert home.billed_rupiah == home.ordered_rupiah == listed == ages.total == pace.ages_of(seller).total
    assert home.overdue_rupiah == ages.overdue_rupiah == 4_320
    assert [due.payer_name for due in home.dues][:2] == [pair.operator.name for pair in pairs[:2]]
    assert (overdue.title, overdue.url) == (
        "Tagih Rp4.320 dari 3 toko dan pembeli", "/payments/dues?state=overdue",
    )  # fmt: skip
    page = sign_in(app.test_client(), seller).get("/seller").get_data(as_text=True)
    for words in ("Rp4.321", "Rp0 dari titip jual, Rp4.321 dari pesanan", 'href="/payments/dues"'):
        assert words in page, words
