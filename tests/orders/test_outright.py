"""Goods that an outlet bought are its own: the ledger shows them come and go, consignment never sees them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from marketplace.compliance.queries.counting import counts_on
from marketplace.compliance.queries.evidence import evidence
from marketplace.compliance.queries.places import Scope
from marketplace.compliance.queries.regulations import rules_on
from marketplace.compliance.queries.timeline import timeline
from marketplace.db import db
from marketplace.orders.models import OrderState
from marketplace.orders.services.answering import confirm
from marketplace.orders.services.receiving import receive
from marketplace.orders.services.shipping import ship
from marketplace.organizations.services.merges import merge_sellers
from marketplace.permissions import SYSTEM
from marketplace.placements.models import Agreement, AgreementVersion, ReturnReason
from marketplace.placements.queries.home import shelves_of
from marketplace.placements.queries.lots import advise, holdings_of_pair
from marketplace.placements.queries.month import agreement_month
from marketplace.placements.queries.unsettled import Scope as Shelves
from marketplace.placements.queries.unsettled import unsettled
from marketplace.stock.models import LotBalance, MovementKind, ShelfBalance, StockMovement
from marketplace.stock.rules import Movement
from marketplace.stock.services import post_movements
from tests import factories as make
from tests.orders.made import GOOD, ledger, note_of, received, shipped
from tests.orders.support import DAY, TODAY, state_of

BOTH = ["consignment", "outright"]


def put(trade, quantity: int, kind: str = "delivery", day: date = TODAY, lot: str | None = None) -> None:
    """Units on the consignment shelf, or sold from it."""
    one = Movement(
        f"{kind}-{day}-{quantity}",
        MovementKind(kind),
        trade.outlet.id,
        trade.seller.id,
        trade.product.id,
        quantity,
        day,
        lot=lot,
        expires_on=GOOD if lot else None,
        cause_kind="import",
    )
    post_movements(actor=SYSTEM, movements=[one])


def on_shelf(trade) -> int:
    query = select(ShelfBalance.on_hand).where(ShelfBalance.product_id == trade.product.id)
    return int(db.session.scalar(query) or 0)


def agreements(trade) -> list[Agreement]:
    query = select(Agreement).where(Agreement.outlet_id == trade.outlet.id, Agreement.basis == "outright")
    return list(db.session.scalars(query.order_by(Agreement.id)))


def counted(trade, day: date = TODAY) -> int:
    """How many sellers the outlet carries on a day, told by both ways of counting."""
    (rule,) = rules_on(day)
    few = counts_on(day, {trade.outlet.id: rule}).get(trade.outlet.id, 0)
    (found,) = evidence(day, Scope(), [trade.outlet.id])
    assert found.finding.counted == few
    return few


@pytest.mark.parametrize("lot", [("L1", GOOD), ("", GOOD), ("L1", None), ("", None)])
def test_goods_come_and_leave_the_shelf_in_one_posting(trade, lot):
    put(trade, 5, lot="L1")
    put(trade, 3, day=TODAY - DAY)
    order = shipped_in(trade, lot)
    assert state_of(order) is OrderState.INVOICED
    assert ledger()[2:] == [("delivery", 7, "order", TODAY), ("sale", -7, "order", TODAY)]
    assert on_shelf(trade) == 8
    assert sorted(db.session.scalars(select(LotBalance.on_hand).where(LotBalance.on_hand > 0))) == [5]


def shipped_in(trade, lot):
    order = trade.order(7)
    confirm(actor=trade.maker, order_id=order.id)
    ship(actor=trade.maker, order_id=order.id, draft=note_of(order, 7, lots=[lot]))
    receive(actor=trade.buyer, order_id=order.id)
    return order


def test_only_what_was_accepted_enters_the_ledger(trade):
    order = received(trade, 10, damaged=3, short=2)
    rows = db.session.execute(select(StockMovement.change, StockMovement.cause_id)).all()
    assert [tuple(row) for row in rows] == [(5, order.id), (-5, order.id)]


def test_goods_for_an_address_and_goods_that_did_not_come_are_in_no_ledger(trade):
    received(trade, outlet_id=None)
    received(trade, 10, short=10)
    assert ledger() == []
    assert agreements(trade) == []


def test_the_first_receipt_leaves_an_outright_agreement_and_the_next_finds_it(trade):
    received(trade)
    received(trade)
    (one,) = agreements(trade)
    assert (one.state, one.starts_on, one.ends_on, one.seller_id) == (
        "accepted",
        TODAY,
        None,
        trade.seller.id,
    )
    (version,) = db.session.scalars(
        select(AgreementVersion).where(AgreementVersion.agreement_id == one.id)
    ).all()
    assert (version.number, version.state, version.basis, version.commission_basis) == (
        1,
        "accepted",
        "outright",
        "none",
    )


def test_an_outright_agreement_that_holds_is_enough_and_a_later_one_is_not_overlapped(trade):
    make.agreement(trade.outlet, trade.seller, basis="outright", ends_on=TODAY - DAY)
    later = make.agreement(trade.outlet, trade.seller, basis="outright", starts_on=TODAY + 30 * DAY)
    received(trade)
    _old, _later, new = agreements(trade)
    assert (new.starts_on, new.ends_on) == (TODAY, later.starts_on - DAY)


def test_a_running_outright_agreement_is_left_as_it_is(trade):
    make.agreement(trade.outlet, trade.seller, basis="outright")
    received(trade)
    assert len(agreements(trade)) == 1


def test_an_order_counts_where_the_regulation_counts_outright_purchase(trade):
    make.regulation(counted_bases=BOTH, outright_window_days=10)
    assert counted(trade) == 0
    received(trade)
    assert counted(trade) == 1
    assert counted(trade, TODAY + 9 * DAY) == 1
    assert counted(trade, TODAY + 10 * DAY) == 0


def test_goods_of_a_maker_that_was_merged_while_they_travelled_still_count(trade):
    make.regulation(counted_bases=BOTH, outright_window_days=10)
    order, kept = shipped(trade), make.seller()
    merge_sellers(actor=make.officer(), kept_id=kept.id, duplicate_id=trade.seller.id, reason="Sama.")
    receive(actor=trade.buyer, order_id=order.id)
    assert counted(trade) == 1


def test_an_order_is_no_evidence_of_consignment(trade):
    make.regulation(counted_bases=["consignment"])
    make.agreement(trade.outlet, trade.seller)
    received(trade)
    assert counted(trade) == 0
    put(trade, 1, day=TODAY)
    put(trade, 1, "sale")
    assert counted(trade) == 1


def test_an_order_is_never_settled_as_a_sale_of_consignment(trade):
    make.agreement(trade.outlet, trade.seller, commission_percent=10)
    received(trade)
    assert unsettled(None, Shelves((trade.outlet.id,)), TODAY) == []
    put(trade, 2)
    put(trade, 2, "sale")
    (one,) = unsettled(None, Shelves((trade.outlet.id,)), TODAY)
    assert [line.quantity for line in one.waiting] == [2]


def test_an_order_is_not_in_the_month_of_an_agreement(trade):
    agreement = make.agreement(trade.outlet, trade.seller)
    put(trade, 4)
    received(trade)
    page = agreement_month(trade.buyer, agreement.id, date(2026, 11, 1))
    assert page is not None
    (product,) = page.products
    assert (product.figures.delivered, product.figures.sold) == (4, 0)


def test_what_happened_at_an_outlet_tells_of_goods_that_came_and_of_no_sale(trade):
    make.agreement(trade.outlet, trade.seller)
    received(trade)
    (found,) = evidence(TODAY, Scope(), [trade.outlet.id])
    titles = [entry.title for entry in timeline(found, TODAY)]
    assert "Keripik tempe dikirim, 10 unit" in titles
    assert not [title for title in titles if "terjual" in title]


def test_an_order_says_nothing_of_how_fast_a_shelf_sells(trade):
    make.agreement(trade.outlet, trade.seller)
    put(trade, 20, day=TODAY - timedelta(days=100))
    received(trade)
    (shelf,) = shelves_of(trade.seller.id, TODAY)
    assert [good.sold for good in shelf.goods] == [0]
    (advice,) = advise(holdings_of_pair(trade.outlet.id, trade.seller.id))
    assert advice.reason is ReturnReason.SLOW


def test_an_order_does_not_sell_a_lot_that_expires_soon(trade):
    make.agreement(trade.outlet, trade.seller)
    soon = Movement(
        "soon",
        MovementKind.DELIVERY,
        trade.outlet.id,
        trade.seller.id,
        trade.product.id,
        20,
        TODAY,
        lot="S",
        expires_on=TODAY + 20 * DAY,
        cause_kind="import",
    )
    post_movements(actor=SYSTEM, movements=[soon])
    received(trade, 90)
    (advice,) = advise(holdings_of_pair(trade.outlet.id, trade.seller.id))
    assert (advice.reason, advice.units) == (ReturnReason.NEAR_EXPIRY, 20)
