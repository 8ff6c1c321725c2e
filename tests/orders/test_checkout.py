"""A cart becomes one order for each seller, all of them or none."""

from __future__ import annotations

from marketplace.orders.models import OrderState
from marketplace.orders.services.checkout import place
from tests import factories as make
from tests.orders.support import (
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
        draft_part(
            other.id,
            [(shirt.id, 2)],
            shipping_kind="seller_rate",
            recipient="Bu Ratna",
            phone="0812 3456 7890",
            address="Jl. Slamet Riyadi 1",
        ),
    ]
    checkout = place(actor=trade.buyer, draft=draft_of(*parts))
    first, second = orders_of(checkout)
    assert (first.number, second.number) == ("PO/2026/0001", "PO/2026/0002")
    assert (first.total_rupiah, second.total_rupiah) == (60_000, 420_000)
    assert second.phone == "+6281234567890"
    assert (checkout.order_count, checkout.total_rupiah) == (2, 480_000)
    assert stock_of(shirt) == (5, 2)
