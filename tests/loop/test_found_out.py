"""What the random machine or its making brought to light, each told as a small story."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from marketplace import clock
from marketplace.audit import AuditEvent
from marketplace.db import db, unit_of_work
from marketplace.errors import RuleBroken
from marketplace.permissions import SYSTEM
from marketplace.placements.models import Bearer, Difference, Outcome, SettlementLine
from marketplace.placements.services import differences
from marketplace.placements.services.corrections import Correction, correct_line
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


def sender(store: Store, quantity: int) -> Callable[[str], dict[str, Any]]:
    """Sends one and the same line, each time under another key."""
    line = Line(a_key(), "2026-11-22", store.seller.seller_ref, store.product.sku, quantity)

    def send(key: str) -> dict[str, Any]:
        return record_sales(
            actor=store.staff, idempotency_key=key, outlet_ref=store.outlet.outlet_ref, lines=[line]
        )

    return send


def differences_so_far() -> list[Difference]:
    """All there are, as they are."""
    db.session.rollback()
    return list(db.session.scalars(select(Difference).order_by(Difference.id)))


def sold_units() -> int | None:
    """What left the shelf by sales."""
    return db.session.scalar(
        select(func.sum(StockMovement.change)).where(StockMovement.kind == MovementKind.SALE.value)
    )


def test_a_difference_closes_by_itself_once_its_line_is_sent_again_and_taken(store: Store) -> None:
    send = sender(store, 4)
    assert send("first")["accepted"] == 0
    store.deliver(4)
    assert send("second")["accepted"] == 1
    (row,) = differences_so_far()
    assert (row.state, row.outcome, row.settled_by) == ("settled", "store_corrects", store.staff.user_id)
    assert row.settled_at is not None
    assert "dikirim ulang" in row.note
    event = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "difference.settled")).one()
    assert (event.subject_id, event.user_id, event.reason) == (row.id, store.staff.user_id, row.note)
    assert event.actor_name
    with pytest.raises(RuleBroken):
        differences.settle(store.maker, row.id, Outcome.SELLER_AGREES)
    assert sold_units() == -4


def test_a_line_that_still_finds_nothing_has_one_difference_however_often_it_is_sent(store: Store) -> None:
    send = sender(store, 4)
    for key in ("first", "second", "third"):
        assert send(key)["accepted"] == 0
    (row,) = differences_so_far()
    assert (row.state, row.quantity) == ("open", 4)


def test_a_line_taken_in_part_leaves_the_rest_open_and_its_correction_closes_that(store: Store) -> None:
    send = sender(store, 4)
    send("first")
    store.deliver(3)
    assert send("second")["differences"][0]["quantity"] == 1
    (row,) = differences_so_far()
    assert (row.state, row.quantity) == ("open", 1)
    assert db.session.scalar(select(AuditEvent.action).where(AuditEvent.subject_id == row.id))
    correction = Correction(row.document_id, row.line_ref, 3, None, "salah hitung", a_key())
    correct_line(actor=store.buyer, correction=correction)
    (row,) = differences_so_far()
    assert (row.state, row.outcome) == ("settled", "store_corrects")
    assert sold_units() == -3


def test_the_rest_of_a_line_taken_in_part_is_booked_when_the_maker_agrees(store: Store) -> None:
    send = sender(store, 4)
    send("first")
    store.deliver(3)
    send("second")
    (row,) = differences_so_far()
    differences.settle(store.maker, row.id, Outcome.SELLER_AGREES)
    assert sold_units() == -4


@pytest.mark.parametrize(("outcome", "sold"), [(Outcome.SELLER_AGREES, -4), (Outcome.STORE_CORRECTS, None)])
def test_a_line_whose_difference_was_settled_is_not_sold_again(
    store: Store, outcome: Outcome, sold: int | None
) -> None:
    send = sender(store, 4)
    first = send("first")
    difference = differences_so_far()[0].id
    db.session.rollback()
    who = store.maker if outcome is Outcome.SELLER_AGREES else store.buyer
    differences.settle(who, difference, outcome)
    store.deliver(4)
    assert send("second") == first
    assert sold_units() == sold
