"""A cart keeps what somebody means to buy, and says what changed since."""

from __future__ import annotations

import pytest

from marketplace.catalog.models import Product
from marketplace.db import db, unit_of_work
from marketplace.errors import Forbidden, InvalidInput, NotFound
from marketplace.orders.models import CartLine
from marketplace.orders.queries.cart import cart_of, count_lines
from marketplace.orders.rules.buying import Trouble
from marketplace.orders.rules.drafts import LineDraft
from marketplace.orders.services import cart
from marketplace.organizations.models import OfficeBuyer, SellerFacts
from marketplace.organizations.queries.outlets import operator_choices, operators
from marketplace.permissions import Actor, Role
from tests import factories as make
from tests.orders.support import TODAY, buyable, trade_of


def put(trade, quantity=10, **more):
    return cart.add(actor=trade.buyer, product_id=trade.product.id, quantity=quantity, **more)


def set_product(product, **values):
    with unit_of_work() as session:
        for name, value in values.items():
            setattr(session.get_one(Product, product.id), name, value)


def one_line(trade):
    (part,) = cart_of(trade.buyer).parts
    (line,) = part.lines
    return line


def test_a_product_put_in_twice_is_one_line_with_both(trade):
    put(trade, 10)
    put(trade, 5)
    line = one_line(trade)
    assert (line.quantity, line.unit_price_rupiah, line.amount_rupiah) == (15, 15_000, 225_000)
    assert count_lines(trade.buyer) == 1
    assert count_lines(trade.staff) == 0


def test_more_units_cost_less_each_and_the_next_price_is_told(app):
    trade = trade_of(tiers=[(20, 14_000), (50, 12_000)])
    put(trade, 20)
    line = one_line(trade)
    assert (line.unit_price_rupiah, line.next_tier) == (14_000, (50, 12_000))


def test_what_cannot_be_ordered_is_not_put_in(app):
    trade = trade_of(min_order=10, order_multiple=6, ready=24)
    for quantity, sentence in (
        (0, "Pesan paling sedikit 12."),
        (6, "Pesan paling sedikit 12."),
        (14, "Dijual per 6. Pesan 12 atau 18."),
        (30, "Stok tinggal 24. Kurangi jumlahnya."),
        (1_000_001, "Paling banyak 1.000.000 dalam satu pesanan."),
    ):
        with pytest.raises(InvalidInput) as refused:
            put(trade, quantity)
        assert refused.value.message == sentence
    put(trade, 12)
    with pytest.raises(InvalidInput, match="tinggal 24"):
        put(trade, 18)
    assert one_line(trade).quantity == 12


def test_a_paused_product_and_one_of_a_closed_seller_are_not_put_in(trade):
    set_product(trade.product, state="paused")
    with pytest.raises(NotFound):
        put(trade)
    set_product(trade.product, state="live")
    with unit_of_work() as session:
        session.query(SellerFacts).filter_by(seller_id=trade.seller.id).update({"closed_on": TODAY})
    with pytest.raises(NotFound):
        put(trade)


@pytest.mark.parametrize(
    ("changes", "trouble", "change"),
    [
        ({"price_rupiah": 17_500}, None, "Harga naik dari Rp15.000 menjadi Rp17.500."),
        ({"price_rupiah": 12_000}, None, "Harga turun dari Rp15.000 menjadi Rp12.000."),
        ({"state": "paused"}, Trouble.NOT_SOLD, ""),
        ({"min_order": 24}, Trouble.TOO_FEW, ""),
        ({"order_multiple": 4}, Trouble.NOT_A_MULTIPLE, ""),
        ({}, None, ""),
    ],
)
def test_the_cart_says_what_changed_since(trade, changes, trouble, change):
    put(trade, 10)
    set_product(trade.product, **changes)
    line = one_line(trade)
    assert (line.wrong.trouble if line.wrong else None, line.change) == (trouble, change)
    assert cart_of(trade.buyer).is_fine is (trouble is None)


def test_a_price_that_was_seen_is_no_news_any_more(trade):
    put(trade, 10)
    set_product(trade.product, price_rupiah=17_500)
    cart.change(actor=trade.buyer, lines=[LineDraft(trade.product.id, 10, 17_500)])
    assert one_line(trade).change == ""


def test_a_line_is_changed_taken_out_and_the_cart_emptied(trade):
    other = buyable(trade.seller)
    put(trade, 10)
    cart.add(actor=trade.buyer, product_id=other.id, quantity=3)
    cart.change(actor=trade.buyer, lines=[LineDraft(trade.product.id, 12, 15_000, "Selamat Natal")])
    assert db.session.query(CartLine.quantity, CartLine.card_text).filter_by(
        product_id=trade.product.id
    ).one() == (12, "Selamat Natal")
    cart.change(actor=trade.buyer, lines=[LineDraft(other.id, 0, 15_000)])
    assert count_lines(trade.buyer) == 1
    cart.remove(actor=trade.buyer, product_id=trade.product.id)
    assert count_lines(trade.buyer) == 0
    put(trade)
    cart.empty(actor=trade.buyer)
    assert cart_of(trade.buyer).parts == []


def test_a_number_beyond_all_orders_is_refused_in_words(trade):
    put(trade)
    with pytest.raises(InvalidInput) as refused:
        cart.change(actor=trade.buyer, lines=[LineDraft(trade.product.id, 10**9, 15_000)])
    assert set(refused.value.fields) == {f"quantity-{trade.product.id}"}


def test_an_office_buys_through_an_operator_of_its_own_made_once(trade):
    officer = make.officer()
    cart.add(actor=officer, product_id=trade.product.id, quantity=2)
    cart.add(actor=officer, product_id=trade.product.id, quantity=3)
    (link,) = db.session.query(OfficeBuyer).all()
    assert link.office_id == officer.office_id
    buying = Actor(**{**officer.__dict__, "purchasing_id": link.operator_id})
    assert [line.quantity for line in cart_of(buying).parts[0].lines] == [5]


def test_an_offices_operator_is_no_retailer_in_the_registry(trade):
    officer = make.officer()
    cart.add(actor=officer, product_id=trade.product.id, quantity=2)
    listed = [row.name for row in operators(officer, "", 1).items]
    assert listed == ["Rukun Mart"]
    assert [name for _id, name in operator_choices(officer)] == ["Rukun Mart"]


def test_sellers_coaches_and_the_platform_have_no_cart(trade):
    for actor in (trade.maker, make.officer(Role.COACH), make.member(Role.ADMIN)):
        with pytest.raises(Forbidden):
            cart.add(actor=actor, product_id=trade.product.id, quantity=2)
