"""Many at once at one shelf: by hand, through the API and counted; the last unit is sold once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from marketplace.db import db
from marketplace.errors import InvalidInput, MarketplaceError
from marketplace.placements.models import Difference, SalesReport, StockCount
from marketplace.placements.services.corrections import Correction, correct_line, reverse_report
from marketplace.placements.services.counts import Count, Counted, record_count
from marketplace.placements.services.reports import report_by_hand
from marketplace.stock.models import SaleLine, StockMovement
from marketplace.stock.services import record_sales
from tests.placements.store import Store, a_key, open_store
from tests.support.together import at_once

MANY = 8


@pytest.fixture
def store(app: Flask) -> Store:
    """A store with one unit left."""
    opened = open_store()
    opened.deliver(1)
    return opened


def by_program(store: Store, ref: str) -> Callable[[], Any]:
    """A till that reports one unit; what it needs is read before the race."""
    outlet_ref, line, key = store.outlet.outlet_ref, store.line(ref), a_key()
    return lambda: record_sales(actor=store.staff, idempotency_key=key, outlet_ref=outlet_ref, lines=[line])


def by_hand(store: Store, **changes: Any) -> Callable[[], Any]:
    """A person who reports one unit."""
    asked = store.hand(1, **changes)
    return lambda: report_by_hand(actor=store.staff, report=asked).id


def by_count(store: Store, lines: tuple[Counted, ...]) -> Callable[[], Any]:
    """A person who has counted."""
    asked = Count(store.outlet.id, a_key(), lines)
    return lambda: record_count(actor=store.staff, count=asked).id


@pytest.mark.corrupts
def test_control_a_look_before_the_write_sells_the_last_unit_more_than_once(app: Flask, store: Store) -> None:
    """What a naive store does: read the balance, decide, then write what was decided."""
    sold = []

    def naive(number: int) -> None:
        with db.engine.connect() as connection:
            on_hand = connection.execute(text("SELECT on_hand FROM shelf_balances")).scalar_one()
            connection.rollback()
        looked.append(on_hand)
        if on_hand >= 1:
            sold.append(number)

    looked: list[int] = []
    at_once(app, *[lambda number=number: naive(number) for number in range(4)])
    assert len(sold) == 4


def test_the_last_unit_reported_by_many_at_once_is_sold_once(app: Flask, store: Store) -> None:
    acts = [by_program(store, f"K{number}") for number in range(MANY - 2)]
    answers = at_once(app, *acts, by_hand(store), by_hand(store))
    assert not [answer for answer in answers if answer is None or isinstance(answer, Exception)]
    assert store.on_hand() == 0
    assert db.session.query(StockMovement).filter_by(kind="sale").count() == 1
    assert db.session.query(Difference).count() == MANY - 1
    assert db.session.query(SalesReport).count() == MANY


def test_one_key_sent_by_many_at_once_is_one_report(app: Flask, store: Store) -> None:
    key = a_key()
    answers = at_once(app, *[by_hand(store, client_key=key)] * MANY)
    assert len(set(answers)) == 1
    assert db.session.query(SalesReport).count() == 1
    assert db.session.query(SaleLine).count() == 1


def test_selling_and_counting_at_once_never_goes_below_zero(app: Flask, store: Store) -> None:
    none_left = (Counted(store.product.id, None, 0),)
    acts = [by_hand(store) for _number in range(3)]
    acts += [by_count(store, none_left) for _number in range(3)]
    answers = at_once(app, *acts)
    assert not [answer for answer in answers if answer is None or isinstance(answer, Exception)]
    kinds = Counter(row.kind for row in db.session.query(StockMovement))
    assert kinds["sale"] + kinds["loss"] == 1
    assert store.on_hand() == 0
    assert db.session.query(StockCount).count() == 3


def test_a_line_corrected_by_many_at_once_is_corrected_once(app: Flask, store: Store) -> None:
    report = store.report(1)
    line = db.session.query(SaleLine).filter_by(report_id=report.id).one()
    asked = [Correction(report.id, line.line_ref, 0, None, "keliru", a_key()) for _number in range(4)]
    answers = at_once(
        app, *[lambda one=one: correct_line(actor=store.staff, correction=one).id for one in asked]
    )
    assert sum(isinstance(answer, InvalidInput) for answer in answers) == 3
    assert store.on_hand() == 1


def test_a_report_taken_back_by_many_at_once_is_taken_back_once(app: Flask, store: Store) -> None:
    report_id = store.report(1).id
    acts = [lambda: reverse_report(actor=store.staff, report_id=report_id, reason="keliru").id] * 4
    answers = at_once(app, *acts)
    assert sum(isinstance(answer, MarketplaceError) for answer in answers) == 3
    assert store.on_hand() == 1
