"""Many rows go to the database another way than a few: what they hold and what is refused stays the same."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from marketplace import clock
from marketplace.db import db, unit_of_work
from marketplace.permissions import SYSTEM
from marketplace.stock.models import SaleLine, StockMovement
from marketplace.stock.rules import Movement, Reversal
from marketplace.stock.services import post_movements
from marketplace.stock.services.tables import NewRow, tables_of
from marketplace.stock.services.tables.postgres import FEW
from tests.stock.conftest import Shop

ODD = ("\\N", "\\.", "a\\b", "a\tb", "a\nb", '{"a",b}', "''", "NULL", "\\u0041", "é☕", "\x1f", "\\", "{}")
"""What a bulk format could take for one of its own signs."""


def test_odd_references_and_notes_are_kept_to_the_letter(shop: Shop) -> None:
    shop.post("delivery", 1, 1_000)
    movements = [
        shop.movement("sale", 2, 1, ref=f"{odd}{number}", note=odd)
        for number in range(FEW // len(ODD) + 1)
        for odd in ODD
    ]
    posted = post_movements(actor=SYSTEM, movements=movements)
    db.session.rollback()
    rows = db.session.scalars(select(StockMovement).where(StockMovement.kind == "sale")).all()
    assert len(rows) > FEW
    assert {row.movement_ref: row.note for row in rows} == {m.movement_ref: m.note for m in movements}
    assert {row.movement_ref: row.id for row in rows} == {one.movement_ref: one.parts[0].id for one in posted}
    again = post_movements(actor=SYSTEM, movements=movements)
    assert not any(one.is_new for one in again)
    assert shop.on_hand() == 1_000 - len(movements)


def test_rows_may_take_back_others_of_the_same_batch(shop: Shop) -> None:
    shop.post("delivery", 1, 1_000)
    sales = [shop.movement("sale", 2, 1, ref=f"s{number}") for number in range(FEW)]
    asked: list[Movement | Reversal] = [*sales, Reversal("back", "s7", date(2026, 11, 3))]
    post_movements(actor=SYSTEM, movements=[*asked, shop.movement("sale", 3, 2, ref="last")])
    db.session.rollback()
    taken_back, back = (
        db.session.scalars(select(StockMovement).where(StockMovement.movement_ref == ref)).one()
        for ref in ("s7", "back")
    )
    assert (back.reverses_id, back.change) == (taken_back.id, 1)
    assert shop.on_hand() == 1_000 - FEW + 1 - 2


@pytest.mark.corrupts
@pytest.mark.parametrize("count", [1, FEW + 1])
def test_a_line_that_another_request_wrote_first_is_known_as_a_conflict(shop: Shop, count: int) -> None:
    lines = [_line(shop, f"k{number}") for number in range(count)]
    with unit_of_work() as session:
        tables_of(session).insert_lines(lines[-1:])
    with pytest.raises(IntegrityError), unit_of_work() as session:
        tables_of(session).insert_lines(lines)
    db.session.rollback()
    assert len(db.session.scalars(select(SaleLine)).all()) == 1


@pytest.mark.parametrize("count", [1, FEW + 1])
def test_the_database_refuses_what_the_writer_should_not_have_asked(shop: Shop, count: int) -> None:
    shop.post("delivery", 1, 1_000)
    moment, day = clock.now(), date(2026, 11, 2)
    rows: list[NewRow] = [
        (
            None, f"r{number}", 0, shop.outlet.id, shop.seller.id, shop.product.id, None, False, "sale",
            1 if number == count - 1 else -1, None, day, None, "screen", None, None, moment, None,
        )
        for number in range(count)
    ]  # fmt: skip
    with pytest.raises(IntegrityError), unit_of_work() as session:
        _store(session, shop, rows)
    db.session.rollback()
    assert len(db.session.scalars(select(StockMovement)).all()) == 1


def _store(session: Session, shop: Shop, rows: list[NewRow]) -> None:
    tables = tables_of(session)
    shelves = tables.lock_shelves([(shop.outlet.id, shop.product.id)])
    tables.store(rows, [(shelf, 0) for shelf in shelves.values()])


def _line(shop: Shop, ref: str) -> NewRow:
    return (
        shop.outlet.id, ref, "0" * 32, f"sale:{ref}", None, None, shop.seller.id, shop.product.id, 15_000,
        date(2026, 11, 2), 1, 0, clock.now(), None,
    )  # fmt: skip
