"""A delivery note begins with the lots that are known, and a parcel's with the day its contents allow."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from marketplace import clock
from marketplace.orders.queries.last_lots import KnownLot, lots_to_send
from marketplace.orders.services.answering import confirm
from marketplace.orders.services.shipping import ship
from tests.orders.made import GOOD, note_of, shipped
from tests.orders.parcel_support import hamper_of
from tests.orders.support import TODAY, Trade, lines_of
from tests.support.signing import sign_in

SOON = TODAY + timedelta(days=40)


def known_of(order) -> KnownLot | None:
    (line,) = lines_of(order)
    return lots_to_send([line]).get(line.id)


def send(trade: Trade, *lots: tuple[str, date | None]) -> None:
    """The maker sends an order of its product, in one lot."""
    order = trade.order(1)
    confirm(actor=trade.maker, order_id=order.id)
    ship(actor=trade.maker, order_id=order.id, draft=note_of(order, lots=lots))


def test_the_lot_that_was_sent_last_stands_on_the_next_form(client, trade):
    order = trade.order(3)
    assert known_of(order) is None
    shipped(trade)
    with clock.frozen(clock.now() + timedelta(hours=1)):
        send(trade, ("L2", SOON))
    assert known_of(order) == KnownLot("L2", SOON)
    confirm(actor=trade.maker, order_id=order.id)
    sign_in(client, trade.maker)
    page = client.get(f"/orders/{order.id}/ship").get_data(as_text=True)
    assert f'name="expires_on-0" value="{SOON.isoformat()}"' in page
    assert 'name="lot-0" value="L2"' in page
    assert "Periksa lot dan kedaluwarsanya." in page


@pytest.mark.parametrize(("days", "lot"), [(30, KnownLot("L1", GOOD)), (31, None)])
def test_what_was_sent_more_than_a_month_ago_says_nothing(trade, days, lot):
    order = trade.order(3)
    shipped(trade)
    with clock.frozen(clock.now() + timedelta(days=days)):
        assert known_of(order) == lot


def test_a_lot_that_has_expired_or_says_nothing_is_not_offered(trade):
    order = trade.order(3)
    send(trade, ("", None))
    assert known_of(order) is None
    send(trade, ("L3", TODAY + timedelta(days=2)))
    with clock.frozen(clock.now() + timedelta(days=2)):
        assert known_of(order) is None


def test_a_parcel_begins_with_the_day_on_which_the_first_thing_in_it_expires(app):
    hamper = hamper_of()
    order = hamper.trade.order(2)
    assert known_of(order) == KnownLot("", TODAY + timedelta(days=365)), "by how long the cake keeps"
    trade = hamper.trade
    baker = Trade(
        hamper.baker, hamper.cake, trade.operator, trade.outlet, hamper.other, trade.buyer, trade.staff
    )
    send(baker, ("K1", SOON))
    assert known_of(order) == KnownLot("", SOON), "by the lot that its baker sent last"
