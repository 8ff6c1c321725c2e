"""The database itself keeps the ledger append-only, and the guards survive migrations."""

from __future__ import annotations

import re
import sqlite3
from typing import Any

import psycopg
import pytest
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from marketplace.db import db, is_postgres, unit_of_work
from tests.stock.conftest import Shop
from tests.support import sqlite

GUARDED = ("stock_movements", "shelf_balances", "lot_balances", "lots", "display_spells", "sale_lines")
REPLACING = """INSERT OR REPLACE INTO stock_movements (id, movement_ref, part, outlet_id, seller_id,
    product_id, kind, change, occurred_on, cause_kind, recorded_at)
    SELECT {id}, {ref}, part, outlet_id, seller_id, product_id, kind, 99, occurred_on, cause_kind, recorded_at
    FROM stock_movements"""


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE stock_movements SET change = 99",
        "UPDATE stock_movements SET note = NULL WHERE id = 1",
        "DELETE FROM stock_movements",
        "TRUNCATE stock_movements",
        "TRUNCATE stock_movements CASCADE",
        REPLACING.format(id="id", ref="movement_ref"),
        REPLACING.format(id="id", ref="'other'"),
        REPLACING.format(id="id + 1", ref="movement_ref"),
    ],
)
def test_a_recorded_movement_cannot_be_changed_by_any_statement(shop: Shop, statement: str) -> None:
    shop.post("delivery", 1, 5)
    dialect = "postgres" if is_postgres() else "sqlite"
    if ("TRUNCATE" in statement and dialect == "sqlite") or (
        "REPLACE" in statement and dialect == "postgres"
    ):
        pytest.skip(f"{dialect} does not know this statement")
    # PostgreSQL refuses a bare TRUNCATE even earlier: settlements point at these rows.
    refusal = "append-only|foreign key"
    with pytest.raises(DBAPIError, match=refusal), unit_of_work() as session:
        session.execute(text(statement))
    assert db.session.execute(text("SELECT change FROM stock_movements")).scalar_one() == 5


@pytest.mark.parametrize("statement", ["UPDATE", "DELETE", "REPLACE"])
def test_a_bare_sqlite_connection_is_refused_too(app: Flask, shop: Shop, statement: str) -> None:
    if is_postgres():
        pytest.skip("about SQLite's recursive_triggers")
    shop.post("delivery", 1, 5)
    db.session.rollback()
    statements = {
        "UPDATE": "UPDATE stock_movements SET change = 99",
        "DELETE": "DELETE FROM stock_movements",
        "REPLACE": REPLACING.format(id="id", ref="movement_ref"),
    }
    bare = sqlite3.connect(app.config["SQLALCHEMY_DATABASE_URI"].removeprefix("sqlite:///"))
    try:
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            bare.execute(statements[statement])
    finally:
        bare.close()


def test_a_bare_postgres_connection_is_refused_too(app: Flask, shop: Shop) -> None:
    if not is_postgres():
        pytest.skip("about PostgreSQL")
    shop.post("delivery", 1, 5)
    db.session.rollback()
    url = app.config["SQLALCHEMY_DATABASE_URI"].replace("+psycopg", "")
    for statement in ("UPDATE stock_movements SET change = 99", "TRUNCATE stock_movements CASCADE"):
        with psycopg.connect(url) as bare, pytest.raises(psycopg.errors.RestrictViolation):
            bare.execute(statement)


def test_no_balance_goes_below_zero_whatever_is_written(shop: Shop) -> None:
    shop.post("delivery", 1, 5, lot="A")
    for table in ("shelf_balances", "lot_balances"):
        with pytest.raises(DBAPIError, match="on_hand"), unit_of_work() as session:
            session.execute(text(f"UPDATE {table} SET on_hand = on_hand - 6"))


def test_guards_are_the_same_after_going_down_and_up_again(app: Flask) -> None:
    before = _fingerprint()
    db.session.remove()
    db.engine.dispose()
    downgrade(revision="0050")
    upgrade()
    assert _fingerprint() == before
    kinds = {"update", "delete", "truncate" if is_postgres() else "replace"}
    assert {f"stock_movements_refuse_{kind}" for kind in kinds} <= before.keys()
    checks = [name for name in before if name.startswith("ck_")]
    assert len(checks) == 9, checks


def _fingerprint() -> dict[str, Any]:
    """Every trigger, and every named CHECK with its text, of the ledger's tables."""
    session = db.session()
    if is_postgres(session):
        checks = session.execute(
            text("SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'c' "
                 "AND conrelid = ANY(CAST(:tables AS regclass[]))"),
            {"tables": list(GUARDED)},
        )  # fmt: skip
        triggers = session.execute(
            text("SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal "
                 "AND tgrelid = ANY(CAST(:tables AS regclass[]))"),
            {"tables": list(GUARDED)},
        )  # fmt: skip
        found = {row[0]: row[1] for row in (*checks, *triggers)}
    else:
        found = {}
        for kind, name, table, sql in session.execute(
            text("SELECT type, name, tbl_name, sql FROM sqlite_master")
        ):
            if table not in GUARDED:
                continue
            if kind == "trigger":
                found[name] = sql.replace(sqlite.RESTING, "")
            if kind == "table":
                found |= dict(re.findall(r"CONSTRAINT (ck_\w+) CHECK (\(.*\))", sql))
    session.rollback()
    return found
