"""Rows written at once are the same whether they are few or many, and what does not fit is refused."""

from __future__ import annotations

from datetime import UTC, datetime

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from marketplace import bulk
from marketplace.db import db, is_postgres, unit_of_work
from tests.support.questions import questions

COLUMNS = ("recorded_at", "user_id", "actor_name", "action", "subject_kind", "subject_name", "office_region",
           "reason", "changes")  # fmt: skip


def rows(count: int, name: str = "Sri"):
    moment = bulk.moment_text(db.session.connection(), datetime(2026, 11, 22, 5, 0, tzinfo=UTC))
    return [
        (moment, None, f"{name} {turn}", "order.place", "orders", "", "33.72", 'kutip " dan \\', '{"a": 1}')
        for turn in range(count)
    ]


@pytest.mark.parametrize("count", [0, 1, 3, bulk.FEW + 1])
def test_few_rows_and_many_are_the_same_in_the_database(app, count):
    with unit_of_work() as session:
        bulk.copy_rows(session.connection(), "audit_events", COLUMNS, rows(count))
    query = "SELECT recorded_at, user_id, actor_name, reason, changes FROM audit_events ORDER BY id"
    found = [tuple(row) for row in db.session.execute(text(query))]
    assert len(found) == count
    assert [row[2] for row in found] == [f"Sri {turn}" for turn in range(count)]
    assert {row[1:2] + row[3:4] for row in found} <= {(None, 'kutip " dan \\')}


@pytest.mark.parametrize("count", [1, bulk.FEW + 1])
def test_text_that_is_too_long_is_never_cut(app, count):
    try:
        with unit_of_work() as session:
            bulk.copy_rows(session.connection(), "audit_events", COLUMNS, rows(count, "x" * 400))
    except (DBAPIError, psycopg.Error):  # PostgreSQL refuses it
        assert is_postgres()
    lengths = db.session.scalars(text("SELECT length(actor_name) FROM audit_events")).all()
    assert all(length > 400 for length in lengths)
    assert len(lengths) == (0 if is_postgres() else count)


def test_ids_of_several_tables_are_asked_at_once_and_are_new(app):
    with unit_of_work() as session:
        first = bulk.next_ids_of(session.connection(), {"orders": 2, "order_steps": 3})
    assert [len(first[table]) for table in ("orders", "order_steps")] == [2, 3]
    assert len({*first["order_steps"]}) == 3


AWAY = bulk.Change(
    "DELETE FROM audit_events WHERE actor_name IN (SELECT json_extract(value, '$[0]') FROM json_each(?))",
    "DELETE FROM audit_events USING jsonb_array_elements(%s) AS gone(value) WHERE actor_name = value ->> 0",
    [],
)


@pytest.mark.parametrize("count", [1, 2, bulk.FEW + 1])
def test_rows_are_written_beside_what_changes_others(app, count):
    with unit_of_work() as session:
        bulk.copy_rows(session.connection(), "audit_events", COLUMNS, rows(count, "Ani"))
    gone = AWAY._replace(rows=[(f"Ani {turn}",) for turn in range(count)])
    with unit_of_work() as session:
        new = bulk.Rows("audit_events", COLUMNS, rows(count))
        bulk.write_rows(session.connection(), new, gone, AWAY, bulk.Rows("audit_events", COLUMNS, []))
    names = db.session.scalars(text("SELECT actor_name FROM audit_events ORDER BY id")).all()
    assert list(names) == [f"Sri {turn}" for turn in range(count)]


def test_nothing_to_write_asks_nothing(app):
    with unit_of_work() as session, questions() as asked:
        bulk.write_rows(session.connection(), AWAY)
    assert list(asked) == []
