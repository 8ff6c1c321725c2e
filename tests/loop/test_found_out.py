"""What the random machine or its making brought to light, each told as a small story."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from flask import Flask
from sqlalchemy import func, select

from marketplace import clock
from marketplace.db import db, unit_of_work
from marketplace.permissions import SYSTEM
from marketplace.placements.models import Bearer, Difference, Outcome, SettlementLine
from marketplace.placements.services import differences
from marketplace.placements.services.losses import bear
from marketplace.placements.services.settling import settle_until
from marketplace.stock.models import MovementKind, StockMovement
from marketplace.stock.rules import Movement
from marketplace.stock.rules.sales import Line
from marketplace.stock.services import post_movements, record_sales
from tests.placements.store import Store, a_key, open_store


@pytest.fixture
def store(app: Flask) -> Store:
    return open_store({"settlement_cycle": "weekly"})


def move(store: Store, ref: str, kind: str, quantity: int, day: date) -> None:
    """One movement of the store's shelf, recorded on its own day."""
    shelf = (store.outlet.id, store.seller.id, store.product.id)
    with clock.frozen(datetime(day.year, day.month, day.day, 5, tzinfo=UTC)), unit_of_work() as session:
        post_movements(actor=SYSTEM, movements=[Movement(ref, MovementKind(kind), *shelf, quantity, day)])
        if kind == "loss":
            bear(session, ref, Bearer.OUTLET, "missing", "count", 1)


def settle(last_day: date, on: date) -> list[tuple[str, int]]:
    """Issue what ended by a day; answers all lines so far."""
    with clock.frozen(datetime(on.year, on.month, on.day, 5, tzinfo=UTC)):
        settle_until(last_day, issue=True)
    query = select(SettlementLine.kind, SettlementLine.quantity).order_by(SettlementLine.movement_id)
    return [(kind, quantity) for kind, quantity in db.session.execute(query)]


def test_units_found_before_a_loss_do_not_make_it_good_afterwards(store: Store) -> None:
    move(store, "d", "delivery", 20, date(2026, 11, 1))
    move(store, "f", "found", 5, date(2026, 11, 3))
    move(store, "s", "sale", 1, date(2026, 11, 4))
    assert settle(date(2026, 11, 8), date(2026, 11, 9)) == [("sale", 1)]
    move(store, "l", "loss", 5, date(2026, 11, 10))
    assert settle(date(2026, 11, 15), date(2026, 11, 16)) == [("sale", 1), ("loss", 5)]
    move(store, "s2", "sale", 1, date(2026, 11, 17))
    assert settle(date(2026, 11, 21), date(2026, 11, 22)) == [("sale", 1), ("loss", 5)]


def test_a_line_sent_again_once_there_are_goods_is_not_sold_twice_by_its_difference(store: Store) -> None:
    name = a_key()
    line = Line(name, "2026-11-22", store.seller.seller_ref, store.product.sku, 4)

    def send(key: str) -> dict[str, object]:
        return record_sales(
            actor=store.staff, idempotency_key=key, outlet_ref=store.outlet.outlet_ref, lines=[line]
        )

    assert send("first")["accepted"] == 0
    store.deliver(4)
    assert send("second")["accepted"] == 1
    difference = db.session.scalars(select(Difference.id)).one()
    db.session.rollback()
    differences.settle(store.maker, difference, Outcome.SELLER_AGREES)
    sold = select(func.sum(StockMovement.change)).where(StockMovement.kind == "sale")
    assert db.session.scalar(sold) == -4


@pytest.mark.parametrize(("outcome", "sold"), [(Outcome.SELLER_AGREES, -4), (Outcome.STORE_CORRECTS, None)])
def test_a_line_whose_difference_was_settled_is_not_sold_again(
    store: Store, outcome: Outcome, sold: int | None
) -> None:
    line = Line(a_key(), "2026-11-22", store.seller.seller_ref, store.product.sku, 4)

    def send(key: str) -> dict[str, object]:
        return record_sales(
            actor=store.staff, idempotency_key=key, outlet_ref=store.outlet.outlet_ref, lines=[line]
        )

    first = send("first")
    difference = db.session.scalars(select(Difference.id)).one()
    db.session.rollback()
    who = store.maker if outcome is Outcome.SELLER_AGREES else store.buyer
    differences.settle(who, difference, outcome)
    store.deliver(4)
    assert send("second") == first
    query = select(func.sum(StockMovement.change)).where(StockMovement.kind == "sale")
    assert db.session.scalar(query) == sold
