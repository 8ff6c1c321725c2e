"""The seller's first screen: what to do, what stands where, what was sold."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from marketplace.permissions import Role
from marketplace.placements import queries
from marketplace.placements.services.settling import settle_until
from marketplace.stock.models import MovementKind
from marketplace.stock.rules import Movement
from marketplace.stock.services import post_movements
from tests import factories as make
from tests.support.signing import sign_in

TODAY = date(2026, 11, 22)


def move(parties, ref, kind, quantity, days_ago, price=None):
    movement = Movement(
        movement_ref=ref,
        occurred_on=TODAY - timedelta(days=days_ago),
        kind=MovementKind(kind),
        outlet_id=parties.outlet.id,
        seller_id=parties.seller.id,
        product_id=parties.product_id,
        quantity=quantity,
        unit_price_rupiah=price,
    )
    post_movements(actor=parties.buyer, movements=[movement])


def home_of(parties):
    home = queries.seller_home(parties.maker)
    assert home is not None
    return home


def test_shelves_say_what_is_left_what_sold_in_seven_days_and_how_long_it_lasts(parties):
    make.agreement(parties.outlet, parties.seller, commission_percent=Decimal("12.5"), settlement_days=14)
    move(parties, "D1", "delivery", 40, 20)
    move(parties, "S0", "sale", 10, 8)
    move(parties, "S1", "sale", 14, 2)
    (shelf,) = home_of(parties).shelves
    assert (shelf.outlet_name, shelf.on_hand, shelf.sold) == ("Rukun Mart Nusukan", 16, 14)
    assert shelf.outlook.days == 8
    assert shelf.is_in_force


def test_what_was_sold_is_estimated_until_a_bill_asks_for_it(parties):
    make.agreement(parties.outlet, parties.seller, commission_percent=Decimal("12.5"), settlement_days=14)
    move(parties, "D1", "delivery", 40, 50)
    move(parties, "S0", "sale", 5, 40, 20_000)
    move(parties, "S1", "sale", 3, 20, 20_000)
    move(parties, "S2", "sale", 1, 3)
    (due,) = home_of(parties).dues
    assert (due.units, due.billed_rupiah) == (9, 0)
    assert due.unbilled_rupiah == 160_000 * 875 // 1000 + 15_000 * 875 // 1000
    assert due.since == TODAY - timedelta(days=40)
    settle_until(date(2026, 10, 31), issue=True)
    home = home_of(parties)
    (due,) = home.dues
    assert (due.billed_rupiah, due.due_on, due.units) == (87_500, TODAY + timedelta(days=14), 4)
    assert (home.billed_rupiah, home.overdue_rupiah, home.unbilled_rupiah) == (87_500, 0, 52_500 + 13_125)


def test_goods_bought_outright_are_nobody_s_debt(parties):
    make.agreement(parties.outlet, parties.seller, basis="outright")
    move(parties, "D1", "delivery", 4, 5)
    move(parties, "S1", "sale", 3, 2, 20_000)
    assert home_of(parties).dues == []


def test_an_agreement_without_goods_asks_for_the_first_delivery(app, parties):
    make.agreement(parties.outlet, parties.seller)
    client = sign_in(app.test_client(), parties.maker)
    assert "Antar barang pertama ke Rukun Mart Nusukan" in client.get("/seller").get_data(as_text=True)
    move(parties, "D1", "delivery", 4, 5)
    move(parties, "S1", "sale", 4, 2)
    page = client.get("/seller").get_data(as_text=True)
    assert "Antar barang pertama" not in page
    assert "Kirim lagi ke Rukun Mart Nusukan" in page
    assert "Habis sejak" in page


def test_a_new_unverified_seller_is_told_what_comes_first(app):
    maker = make.member(Role.SELLER_OWNER, seller_id=make.seller(verified_on=None).id)
    page = sign_in(app.test_client(), maker).get("/seller").get_data(as_text=True)
    for words in (
        "Minta verifikasi Dinas",
        "Daftarkan produk pertama Anda",
        "Belum ada barang Anda di rak toko",
    ):
        assert words in page


def test_able_sellers_are_verified_have_goods_are_free_and_unaffiliated(parties):
    day = TODAY
    operator = parties.buyer.operator_id
    ref = make.db.session.get_one(make.Operator, operator).operator_ref
    for values in (
        {"verified_on": None},
        {"revoked_on": day},
        {"closed_on": day},
        {"affiliated_operator_ref": ref},
        {"annual_sales_rupiah": 50_000_000_001},
    ):
        make.product(make.seller(**values))
    make.seller()
    taken = make.seller()
    make.product(taken)
    make.agreement(parties.outlet, taken)
    near = make.seller(region_code=make.JEBRES)
    make.product(near)
    far = make.seller(region_code="12.71.01.1001")
    make.product(far)
    found, total = queries.able_sellers(parties.outlet.id)
    assert [seller.id for seller in found] == [near.id, parties.seller.id, far.id]
    assert total == 3
    counts = queries.able_sellers_near([parties.outlet.id], day)
    assert counts == {parties.outlet.id: queries.AbleSellers(district=1, city=2)}
