"""Orders on their way: what a delivery note may say, and what becomes of the units that were promised."""

from __future__ import annotations

from datetime import date

import pytest

from marketplace.errors import Forbidden, InvalidInput, NotFound, RuleBroken
from marketplace.orders.models import OrderState
from marketplace.orders.rules.shipping import Packed
from marketplace.orders.services.answering import confirm
from marketplace.orders.services.shipping import ShipmentDraft, pack, ship
from marketplace.permissions import Role
from marketplace.placements.services.deliveries import make_delivery, send_delivery
from marketplace.placements.services.delivery_lines import DeliveryDraft, NewLine
from tests import factories as make
from tests.orders.made import GOOD, note, note_lines, note_of
from tests.orders.support import TODAY, buyable, lines_of, reservations_of, state_of, stock_of


def taken(trade, quantity=10, **how):
    order = trade.order(quantity, **how)
    confirm(actor=trade.maker, order_id=order.id)
    return order


def test_a_sent_order_has_a_note_and_its_units_left_the_maker(trade):
    product = trade.product = buyable(trade.seller, ready=30)
    order = taken(trade, 10)
    pack(actor=trade.maker, order_id=order.id)
    ship(actor=trade.maker, order_id=order.id, draft=note_of(order, carrier="JNE", tracking="X1"))
    assert state_of(order) is OrderState.SHIPPED
    shipment = note(order)
    assert (shipment.number, shipment.sent_on, shipment.carrier) == ("SJ/2026/0001", TODAY, "JNE")
    assert (shipment.sender_name, len(shipment.code)) == (trade.maker.name, 16)
    assert [(x.quantity, x.lot_code, x.expires_on) for x in note_lines(order)] == [(10, "L1", GOOD)]
    assert [line.sent for line in lines_of(order)] == [10]
    assert stock_of(product) == (20, 0)
    assert [row.state for row in reservations_of(order)] == ["sent"]


def test_a_line_may_travel_in_several_lots_and_with_fewer_units(trade):
    product = trade.product = buyable(trade.seller, ready=30)
    order = taken(trade, 10)
    (line,) = lines_of(order)
    parts = [Packed(line.id, 4, "A", GOOD), Packed(line.id, 3, "B", date(2027, 1, 1))]
    ship(actor=trade.maker, order_id=order.id, draft=ShipmentDraft(parts))
    assert [(x.quantity, x.lot_code) for x in note_lines(order)] == [(4, "A"), (3, "B")]
    assert [line.sent for line in lines_of(order)] == [7]
    assert stock_of(product) == (23, 0)


@pytest.mark.parametrize(
    ("packed", "field"),
    [
        ([], "lines"),
        ([(11, "", None)], "a"),
        ([(6, "", None), (5, "", None)], "b"),
        ([(0, "", None)], "a"),
        ([(5, "", date(2026, 11, 21))], "a"),
        ([(5, "", date(2099, 1, 1))], "a"),
        ([(5, "x" * 65, None)], "a"),
    ],
)
def test_a_note_says_nothing_that_cannot_be(trade, packed, field):
    order = taken(trade, 10)
    (line,) = lines_of(order)
    parts = [
        Packed(line.id, units, lot, expires_on, field=name)
        for (units, lot, expires_on), name in zip(packed, "ab", strict=False)
    ]
    with pytest.raises(InvalidInput) as refused:
        ship(actor=trade.maker, order_id=order.id, draft=ShipmentDraft(parts))
    assert list(refused.value.fields) == [field]
    assert state_of(order) is OrderState.CONFIRMED


def test_a_lot_that_expires_today_may_still_go(trade):
    order = taken(trade, 10)
    ship(actor=trade.maker, order_id=order.id, draft=note_of(order, 10, lots=[("", TODAY)]))
    assert state_of(order) is OrderState.SHIPPED


def test_a_line_of_another_order_is_not_sent_with_this_one(trade):
    order, other = taken(trade), taken(trade)
    with pytest.raises(InvalidInput):
        ship(actor=trade.maker, order_id=order.id, draft=note_of(other))


def test_sellers_staff_sends_and_nobody_else(trade):
    order = taken(trade)
    staff = make.member(Role.SELLER_STAFF, seller_id=trade.seller.id)
    for stranger in (trade.buyer, make.officer()):
        with pytest.raises(NotFound):
            ship(actor=stranger, order_id=order.id, draft=note_of(order))
    ship(actor=staff, order_id=order.id, draft=note_of(order))
    with pytest.raises(RuleBroken) as twice:
        ship(actor=staff, order_id=order.id, draft=note_of(order))
    assert twice.value.code == "order_shipped"


def test_what_waits_for_payment_is_not_sent(trade):
    order = trade.order(10, payment_plan="before")
    with pytest.raises(RuleBroken):
        ship(actor=trade.maker, order_id=order.id, draft=note_of(order))
    confirm(actor=trade.maker, order_id=order.id)
    with pytest.raises(RuleBroken) as unpaid:
        ship(actor=trade.maker, order_id=order.id, draft=note_of(order))
    assert unpaid.value.code == "order_awaiting_payment"
    coach = make.member(Role.COACH, office_id=make.office().id)
    with pytest.raises((NotFound, Forbidden)):
        pack(actor=coach, order_id=order.id)


def test_notes_of_orders_and_of_deliveries_are_one_series(trade):
    agreement = make.agreement(trade.outlet, trade.seller)
    line = NewLine(trade.product.id, 5, "L1", GOOD)
    delivery = make_delivery(actor=trade.maker, draft=DeliveryDraft(agreement.id, TODAY, [line]))
    assert send_delivery(actor=trade.maker, delivery_id=delivery.id).number == "SJ/2026/0001"
    order = taken(trade)
    ship(actor=trade.maker, order_id=order.id, draft=note_of(order))
    assert note(order).number == "SJ/2026/0002"
