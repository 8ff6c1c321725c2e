"""A cart becomes one order for each seller, all of them or none."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from unittest import mock

import pytest
from sqlalchemy import select

from marketplace.catalog.models import Product
from marketplace.db import db, is_postgres, unit_of_work
from marketplace.errors import Conflict, Forbidden, InvalidInput, MarketplaceError, RuleBroken
from marketplace.orders.models import (
    CapacityWeek,
    CartLine,
    Checkout,
    Order,
    OrderShare,
    OrderState,
    PaymentPlan,
    Reservation,
    ShippingKind,
)
from marketplace.orders.rules.drafts import CartChanged
from marketplace.orders.rules.reserving import NotEnough
from marketplace.orders.services import cart, checkout
from marketplace.orders.services.checkout import place, preview
from marketplace.organizations.models import OfficeBuyer
from marketplace.permissions import Actor
from tests import factories as make
from tests.orders.support import (
    DAY,
    TODAY,
    buyable,
    draft_of,
    draft_part,
    lines_of,
    orders_of,
    reservations_of,
    sells,
    shares_of,
    state_of,
    steps_of,
    stock_of,
    trade_of,
)
from tests.support.questions import questions
from tests.support.together import at_once

ADDRESS = {"recipient": "Bu Ratna", "phone": "0812 3456 7890", "address": "Jl. Slamet Riyadi 1"}


def part_of(trade, quantity=10, **how):
    return draft_part(
        trade.seller.id, [(trade.product.id, quantity)], **{"outlet_id": trade.outlet.id, **how}
    )


def test_an_order_is_placed_with_its_price_its_number_and_its_units(trade):
    order = trade.order(10)
    (line,) = lines_of(order)
    assert state_of(order) is OrderState.PLACED
    assert (order.number, order.total_rupiah, order.outlet_id) == ("PO/2026/0001", 150_000, trade.outlet.id)
    assert (line.name, line.quantity, line.unit_price_rupiah) == ("Keripik tempe", 10, 15_000)
    assert [(row.quantity, row.state) for row in reservations_of(order)] == [(10, "held")]
    assert [(row.seller_id, row.amount_rupiah) for row in shares_of(order)] == [(trade.seller.id, 150_000)]
    assert steps_of(order) == [("place", "placed")]
    assert order.due_at is not None


def test_each_seller_gets_an_order_of_its_own(trade):
    other = make.seller(name="Batik Contoh")
    shirt = buyable(other, ready=5, price_rupiah=200_000)
    sells(other, shipping_rupiah=20_000)
    parts = [
        draft_part(trade.seller.id, [(trade.product.id, 4)]),
        draft_part(other.id, [(shirt.id, 2)], shipping_kind="seller_rate", **ADDRESS),
    ]
    checkout = place(actor=trade.buyer, draft=draft_of(*parts))
    first, second = orders_of(checkout)
    assert (first.number, second.number) == ("PO/2026/0001", "PO/2026/0002")
    assert (first.total_rupiah, second.total_rupiah) == (60_000, 420_000)
    assert second.phone == "+6281234567890"
    assert (checkout.order_count, checkout.total_rupiah) == (2, 480_000)
    assert stock_of(shirt) == (5, 2)


def test_what_was_ordered_leaves_the_cart_and_the_rest_stays(trade):
    other = buyable(trade.seller)
    for product in (trade.product, other):
        cart.add(actor=trade.buyer, product_id=product.id, quantity=3)
    cart.add(actor=trade.staff, product_id=trade.product.id, quantity=3)
    trade.order(3)
    left = {(row.user_id, row.product_id) for row in db.session.query(CartLine)}
    assert left == {(trade.buyer.user_id, other.id), (trade.staff.user_id, trade.product.id)}


def test_the_same_form_twice_is_one_checkout_and_another_content_is_refused(trade):
    draft = draft_of(part_of(trade), key="once")
    first = place(actor=trade.buyer, draft=draft)
    assert place(actor=trade.buyer, draft=draft).id == first.id
    with unit_of_work() as session:  # even when it could not be ordered any more
        session.get_one(Product, trade.product.id).state = "paused"
    assert place(actor=trade.buyer, draft=draft).id == first.id
    unlawful = RuleBroken("Tarif pajak hari itu belum dicatat.")
    with mock.patch.object(checkout, "price_parts", side_effect=unlawful):
        assert place(actor=trade.buyer, draft=draft).id == first.id
    with pytest.raises(Conflict) as refused:
        place(actor=trade.buyer, draft=draft_of(part_of(trade, 20), key="once"))
    assert refused.value.code == "checkout_differs"
    assert db.session.query(Order).count() == 1


def test_another_buyer_may_use_the_same_key(app):
    one, other = trade_of(), trade_of()
    made = {place(actor=each.buyer, draft=draft_of(part_of(each), key="once")).id for each in (one, other)}
    assert len(made) == 2


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"price_rupiah": 17_500}, "Keripik tempe: Harga naik dari Rp15.000 menjadi Rp17.500."),
        ({"state": "paused"}, "Keripik tempe: Sedang tidak dijual. Hapus dari keranjang."),
        ({"min_order": 24}, "Keripik tempe: Pesan paling sedikit 24."),
    ],
)
def test_what_changed_since_it_was_seen_is_told_and_nothing_is_half_done(trade, changes, said):
    fine = buyable(trade.seller, ready=50)
    goods = [(fine.id, 5), (trade.product.id, 10)]
    draft = draft_of(draft_part(trade.seller.id, goods))
    with unit_of_work() as session:
        for name, value in changes.items():
            setattr(session.get_one(Product, trade.product.id), name, value)
    with pytest.raises(CartChanged) as refused:
        place(actor=trade.buyer, draft=draft)
    assert refused.value.lines == {trade.product.id: said}
    assert stock_of(fine) == (50, 0)
    assert nothing_is_left()


def nothing_is_left() -> bool:
    db.session.rollback()
    return not any(db.session.query(model).count() for model in (Checkout, Order, OrderShare, Reservation))


def test_more_than_is_ready_is_refused_whole(app):
    trade = trade_of(ready=8)
    draft = draft_of(replace(part_of(trade, 8), seen_shipping_rupiah=None))
    trade.order(5)
    with pytest.raises(CartChanged) as refused:
        place(actor=trade.buyer, draft=draft)
    assert refused.value.lines[trade.product.id].endswith("Stok tinggal 3. Kurangi jumlahnya.")
    assert stock_of(trade.product) == (8, 5)


def test_a_week_holds_no_more_than_its_maker_can_make(app):
    trade = trade_of(capacity_per_week=30)
    trade.order(20)
    with pytest.raises(NotEnough, match="hanya sanggup 10 lagi untuk minggu itu"):
        trade.order(20)
    next_week = {"deliver_from": TODAY + 9 * DAY, "deliver_to": TODAY + 9 * DAY}
    trade.order(20, **next_week)
    assert sorted(db.session.scalars(select(CapacityWeek.booked))) == [20, 20]


@pytest.mark.parametrize(
    ("how", "fields"),
    [
        ({"deliver_from": TODAY - DAY}, {"deliver_from"}),
        ({"deliver_from": TODAY + 2 * DAY, "deliver_to": TODAY + DAY}, {"deliver_to"}),
        ({"deliver_to": TODAY + 60 * DAY}, {"deliver_to"}),
        ({"deliver_from": TODAY + 400 * DAY, "deliver_to": TODAY + 401 * DAY}, {"deliver_from"}),
        ({"shipping_kind": ShippingKind.SELLER_RATE}, {"shipping_kind"}),
        ({"payment_plan": PaymentPlan.LATER}, {"payment_plan"}),
        ({"payment_plan": PaymentPlan.ADVANCE}, {"payment_plan"}),
        ({"outlet_id": 999}, {"outlet_id"}),
        ({"outlet_id": None, "shipping_kind": ShippingKind.QUOTED}, {"recipient", "phone", "address"}),
        ({"outlet_id": None, "phone": "12"}, {"phone"}),
    ],
)
def test_what_the_seller_does_not_offer_is_refused_at_its_field(trade, how, fields):
    with pytest.raises(InvalidInput) as refused:
        place(actor=trade.buyer, draft=draft_of(part_of(trade, **how)))
    assert set(refused.value.fields) == {f"{name}-{trade.seller.id}" for name in fields}
    assert nothing_is_left()


def test_what_has_to_be_made_needs_its_time_and_what_is_ready_does_not(app):
    trade = trade_of(lead_time_days=10)
    soon = {"deliver_from": TODAY + 2 * DAY, "deliver_to": TODAY + 3 * DAY}
    with pytest.raises(InvalidInput, match="paling awal 2 Desember 2026"):
        trade.order(10, **soon)
    ready = trade_of(lead_time_days=10, ready=10)
    assert ready.order(10, **soon).deliver_from == TODAY + 2 * DAY


def test_an_outlet_of_somebody_else_or_closed_is_no_destination(trade):
    stranger = make.outlet()
    closed = make.outlet(operator_id=trade.operator.id, closed_on=TODAY)
    for outlet in (stranger, closed):
        with pytest.raises(InvalidInput, match="toko Anda sendiri yang masih buka"):
            trade.order(10, outlet_id=outlet.id)


def test_an_advance_is_asked_for_what_is_made_to_order(app):
    trade = trade_of(is_made_to_order=True)
    sells(trade.seller, advance_percent=30, takes_before=False)
    with pytest.raises(InvalidInput):
        trade.order(10)
    order = trade.order(10, payment_plan=PaymentPlan.ADVANCE)
    assert (order.is_pre_order, order.advance_rupiah) == (True, 45_000)
    assert [share.advance_rupiah for share in shares_of(order)] == [45_000]


def test_paid_first_all_of_it_is_due_before_packing_and_later_none(trade):
    sells(trade.seller, due_days=14)
    before = trade.order(10, payment_plan=PaymentPlan.BEFORE)
    later = trade.order(10, payment_plan=PaymentPlan.LATER)
    assert (before.advance_rupiah, before.due_days) == (150_000, 0)
    assert (later.advance_rupiah, later.due_days) == (0, 14)


def test_the_way_costs_the_sellers_rate_and_nothing_from_a_sum_on(trade):
    sells(trade.seller, shipping_rupiah=20_000, free_from_rupiah=300_000)
    assert trade.order(10, shipping_kind=ShippingKind.SELLER_RATE).shipping_rupiah == 20_000
    assert trade.order(20, shipping_kind=ShippingKind.SELLER_RATE).shipping_rupiah == 0
    stale = replace(part_of(trade, shipping_kind=ShippingKind.SELLER_RATE), seen_shipping_rupiah=5_000)
    with pytest.raises(CartChanged) as refused:
        place(actor=trade.buyer, draft=draft_of(stale))
    assert refused.value.parts == {trade.seller.id: "Ongkos kirim berubah dari Rp5.000 menjadi Rp20.000."}


def test_an_order_beyond_all_sense_is_refused(app):
    trade = trade_of(price_rupiah=10**12)
    with pytest.raises(InvalidInput, match="terlalu besar"):
        trade.order(1_000_000)
    assert nothing_is_left()


def test_a_draft_that_no_page_sends_is_refused(trade):
    part = part_of(trade)
    twice = replace(part, lines=[*part.lines, *part.lines])
    for draft in (draft_of(), draft_of(replace(part, lines=[])), draft_of(twice), draft_of(part, part)):
        with pytest.raises(InvalidInput):
            place(actor=trade.buyer, draft=draft)
    with pytest.raises(InvalidInput):
        place(actor=trade.buyer, draft=replace(draft_of(part), client_key=" "))
    with pytest.raises(InvalidInput):
        place(actor=trade.buyer, draft=replace(draft_of(part), client_key="k" * 101))


def test_a_product_of_another_seller_is_not_ordered_of_this_one(trade):
    other = buyable(make.seller())
    part = part_of(trade)
    wrong = replace(part, lines=[replace(part.lines[0], product_id=other.id)])
    with pytest.raises(CartChanged, match="Ada yang berubah"):
        place(actor=trade.buyer, draft=draft_of(wrong))


def test_a_seller_orders_nothing(trade):
    with pytest.raises(Forbidden):
        place(actor=trade.maker, draft=draft_of(part_of(trade)))


def test_an_office_orders_for_itself_to_its_address(trade):
    officer = make.officer()
    part = draft_part(trade.seller.id, [(trade.product.id, 5)], procurement_ref="SP/12/2026", **ADDRESS)
    (order,) = orders_of(place(actor=officer, draft=draft_of(part)))
    link = db.session.query(OfficeBuyer).one()
    assert (order.operator_id, order.procurement_ref) == (link.operator_id, "SP/12/2026")
    again = Actor(**{**officer.__dict__, "purchasing_id": link.operator_id})
    place(actor=again, draft=draft_of(part))
    assert db.session.query(OfficeBuyer).count() == 1


def test_a_look_beforehand_says_what_it_comes_to_and_keeps_nothing(trade):
    sells(trade.seller, shipping_rupiah=20_000)
    (part,) = preview(
        actor=trade.buyer, draft=draft_of(part_of(trade, shipping_kind=ShippingKind.SELLER_RATE))
    )
    assert (part.split.goods_rupiah, part.split.total_rupiah) == (150_000, 170_000)
    assert nothing_is_left()


def test_hostile_text_is_kept_as_text(trade):
    nasty = "\u202e<script>alert(1)</script>\x00' OR 1=1; --" * 40
    order = trade.order(10, note=nasty, recipient=nasty, procurement_ref=nasty)
    assert len(order.recipient) <= 300
    assert "\x00" not in order.note
    assert "\u202e" not in order.note


def test_ten_lines_of_three_sellers_take_few_questions(app):
    buyer = trade_of()
    parts = []
    for count in (4, 3, 3):
        seller = make.seller()
        goods = [(buyable(seller, ready=100).id, 2) for _line in range(count)]
        parts.append(draft_part(seller.id, goods, outlet_id=buyer.outlet.id))
    draft = draft_of(*parts)
    with questions() as asked:
        place(actor=buyer.buyer, draft=draft)
    assert len(asked) <= (10 if is_postgres() else 20), "\n".join(asked)


# --- several at once ---------------------------------------------------------------------------------------


def test_of_two_buyers_for_the_last_units_one_gets_them(app):
    for _turn in range(3):
        trade, other = trade_of(ready=10), trade_of()
        part = draft_part(trade.seller.id, [(trade.product.id, 10)])
        answers = at_once(
            app,
            partial(place, actor=trade.buyer, draft=draft_of(part)),
            partial(place, actor=other.buyer, draft=draft_of(part)),
        )
        refused = [answer for answer in answers if isinstance(answer, MarketplaceError)]
        assert len(refused) == 1
        assert stock_of(trade.product) == (10, 10)


def test_the_same_form_sent_by_two_at_once_is_one_checkout(app, trade):
    draft = draft_of(part_of(trade), key="once")
    made = at_once(app, *[partial(place, actor=trade.buyer, draft=draft)] * 3)
    assert len({one.id for one in made}) == 1
    assert db.session.query(Order).count() == 1


def test_of_two_forms_under_one_key_at_once_one_is_refused(app, trade):
    answers = at_once(
        app,
        partial(place, actor=trade.buyer, draft=draft_of(part_of(trade, 10), key="once")),
        partial(place, actor=trade.buyer, draft=draft_of(part_of(trade, 20), key="once")),
    )
    assert sorted(type(answer).__name__ for answer in answers) == ["Checkout", "Conflict"]


def test_numbers_of_one_buyer_have_no_gaps_when_many_order_at_once(app, trade):
    at_once(app, *[partial(place, actor=trade.buyer, draft=draft_of(part_of(trade))) for _turn in range(4)])
    numbers = sorted(number or "" for number in db.session.scalars(select(Order.number)))
    assert numbers == [f"PO/2026/{turn:04d}" for turn in range(1, 5)]


def test_carts_with_the_same_goods_in_another_order_do_not_lock_each_other(app):
    trade, other = trade_of(ready=1000), trade_of()
    goods = [trade.product, *(buyable(trade.seller, ready=1000) for _more in range(5))]
    there = draft_part(trade.seller.id, [(product.id, 1) for product in goods])
    back = draft_part(trade.seller.id, [(product.id, 1) for product in reversed(goods)])
    acts = []
    for _turn in range(3):
        acts += [
            partial(place, actor=trade.buyer, draft=draft_of(there)),
            partial(place, actor=other.buyer, draft=draft_of(back)),
        ]
    assert {type(answer) for answer in at_once(app, *acts)} == {Checkout}
    assert stock_of(trade.product) == (1000, 6)


def test_an_office_that_buys_first_twice_at_once_has_one_operator(app, trade):
    officer = make.officer()
    part = draft_part(trade.seller.id, [(trade.product.id, 5)], **ADDRESS)
    acts = [partial(place, actor=officer, draft=draft_of(part)) for _turn in range(3)]
    assert {type(answer) for answer in at_once(app, *acts)} == {Checkout}
    assert db.session.query(OfficeBuyer).count() == 1
