"""Fills an empty, migrated database with a generated city, past the ORM."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from typing import Any

import psycopg
from sqlalchemy import Column

from bench import city
from bench.city import Row, Scale
from marketplace.db import Base

Table = tuple[str, str, Iterable[Row]]
MODERN = ["minimarket", "supermarket", "hypermarket", "department_store", "wholesale"]


def tables(scale: Scale, made: city.Shelves) -> list[Table]:
    """(table, columns, rows) in an order that foreign keys allow."""
    stamp = city.RECORDED_AT
    rules = [
        (1, "R1", "33.72", json.dumps(MODERN), '["consignment"]', 5, "mandatory", 90),
        (2, "R2", "33.72", '["hotel", "souvenir_centre"]', '["consignment", "outright"]', 5, "target", 0),
    ]
    tail = ("2011-10-26", city.LAST_DAY, 30, 90, "Perda 5/2011", False, stamp)
    return [
        ("operators", "id, operator_ref, name, address, status, created_at", city.operators(scale)),
        ("outlets", "id, outlet_ref, name, address, created_at", city.outlets(scale)),
        (
            "outlet_facts",
            """id, outlet_id, valid_from, valid_to, operator_id, kind, region_code, opened_on, closed_on,
            reason, recorded_at""",
            city.outlet_facts(scale),
        ),
        (
            "sellers",
            """id, seller_ref, name, owner_name, is_phone_public, kbli_version, address, story,
            bank_name, created_at""",
            city.sellers(scale),
        ),
        (
            "seller_facts",
            """id, seller_id, valid_from, valid_to, region_code, owner_key, annual_sales_rupiah,
            verified_on, revoked_on, closed_on, affiliated_operator_ref, reason, recorded_at""",
            city.seller_facts(scale),
        ),
        ("categories", "id, path, name, is_food", city.categories()),
        (
            "products",
            """id, seller_id, sku, name, category_id, price_rupiah, unit, min_order, order_multiple,
            lead_time_days, capacity_per_week, offers_consignment, description, readiness, first_live_at,
            created_at, updated_at""",
            city.products(scale),
        ),
        (
            "agreements",
            """id, agreement_ref, outlet_id, seller_id, basis, state, starts_on, ends_on, terminated_on,
            commission_percent, settlement_days, proposed_by_side, termination_reason, created_at""",
            made.agreements,
        ),
        (
            "agreement_versions",
            """id, agreement_id, number, state, basis, valid_from, starts_on, ends_on, commission_basis,
            commission_percent, due_days, created_at""",
            city.first_versions(made.agreements),
        ),
        (
            "shelf_balances",
            "outlet_id, product_id, seller_id, on_hand, on_hand_before, last_on",
            made.balances,
        ),
        ("display_spells", "outlet_id, product_id, first_day, end_day, seller_id", made.spells),
        (
            "stock_movements",
            """id, movement_ref, part, outlet_id, seller_id, product_id, kind, change, unit_price_rupiah,
            occurred_on, cause_kind, recorded_at""",
            city.movements(made.movements),
        ),
        (
            "regulations",
            """id, regulation_ref, region_code, outlet_kinds, counted_bases, min_sellers, binding,
            grace_days, valid_from, valid_to, display_window_days, outright_window_days, citation,
            is_text_verified, recorded_at""",
            [rule + tail for rule in rules],
        ),
    ]


def _complete(table: Table) -> Table:
    """The same rows with what the models say of columns that a city does not name."""
    name, columns, rows = table
    named = {column.strip() for column in columns.split(",")}
    lacking = [
        column
        for column in Base.metadata.tables[name].columns
        if not column.nullable and not column.primary_key and column.name not in named
    ]
    if not lacking:
        return table
    values = tuple(_default(column) for column in lacking)
    more = ", ".join(column.name for column in lacking)
    return name, f"{columns}, {more}", ((*row, *values) for row in rows)


def _default(column: Column[Any]) -> Any:
    default: Any = column.default
    if default is None:
        raise LookupError(f"{column} has no default: name it in bench/load.py")
    return default.arg if default.is_scalar else json.dumps(default.arg(None))


def fill_sqlite(path: str, content: list[Table]) -> None:
    """Load with indexes put back at the end; durability is of no use here."""
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA journal_mode=OFF")
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute("PRAGMA cache_size=-1000000")
        query = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
        indexes = connection.execute(query).fetchall()
        for name, _sql in indexes:
            connection.execute(f'DROP INDEX "{name}"')
        for table, columns, rows in map(_complete, content):
            marks = ", ".join("?" * len(columns.split(",")))
            connection.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", rows)
        for _name, statement in indexes:
            connection.execute(statement)
        connection.execute("ANALYZE")
        connection.commit()
        connection.execute("PRAGMA journal_mode=WAL")


def fill_postgres(connection: psycopg.Connection[Any], content: list[Table]) -> None:
    """Load by COPY without foreign-key checks, then put the indexes back and set the sequences."""
    cursor = connection.cursor()
    cursor.execute("SET session_replication_role = replica")
    cursor.execute("SET maintenance_work_mem = '1GB'")
    cursor.execute(
        "SELECT indexname, indexdef FROM pg_indexes i WHERE schemaname = 'public' AND NOT EXISTS "
        "(SELECT 1 FROM pg_constraint c WHERE c.conname = i.indexname)"
    )
    indexes = cursor.fetchall()
    for name, _sql in indexes:
        cursor.execute(f'DROP INDEX "{name}"')
    for table, columns, rows in map(_complete, content):
        with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        if columns.startswith("id,"):
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))"
            )
    for _name, statement in indexes:
        cursor.execute(statement)
    cursor.execute("SET session_replication_role = DEFAULT")
    connection.commit()
    connection.autocommit = True
    cursor.execute("VACUUM (ANALYZE)")
