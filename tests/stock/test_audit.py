"""The ledger's audit finds what was spoiled behind its back, and nothing else."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import text

from marketplace import audits
from marketplace.db import db, unit_of_work
from tests.stock.conftest import Shop

ROW = """INSERT INTO stock_movements (movement_ref, part, outlet_id, seller_id, product_id, kind, change,
        occurred_on, cause_kind, recorded_at, reverses_id)
    SELECT '{ref}', 0, outlet_id, seller_id, product_id, 'sale', {change}, '2026-11-01', 'import',
        recorded_at, {reverses} FROM stock_movements WHERE movement_ref = 's'"""
SPELL = """INSERT INTO display_spells (outlet_id, product_id, first_day, end_day, seller_id)
    SELECT outlet_id, product_id, '2026-10-01', '2026-10-02', seller_id FROM shelf_balances"""
SPOILED = {
    "a balance": ("UPDATE shelf_balances SET on_hand = on_hand + 1", "on_hand is 6, rows say 5"),
    "the balance before": ("UPDATE shelf_balances SET on_hand_before = 3", "on_hand_before is 3, rows say 6"),
    "the last day": ("UPDATE shelf_balances SET last_on = '2026-11-01'", "last_on is 2026-11-01"),
    "a lot": ("UPDATE lot_balances SET on_hand = 0", "0 on hand, rows say 5"),
    "a spell's end": (
        "UPDATE display_spells SET end_day = '2026-11-09'",
        "2026-11-02 to 9999-12-31 are missing",
    ),
    "a spell": ("DELETE FROM display_spells", "are missing"),
    "a spell too many": (SPELL, "from 2026-10-01 to 2026-10-02 are unfounded"),
    "a row below zero": (
        ROW.format(ref="x", change=-9, reverses="NULL"),
        "below zero at the end of 2026-11-01",
    ),
    "a reversal": (ROW.format(ref="y", change=2, reverses="id"), "y does not exactly take back s"),
}


@pytest.fixture
def audited(app: Flask, shop: Shop) -> Shop:
    """A shelf with a delivery of a lot, a sale, and a day of display that goes on."""
    shop.post("delivery", 2, 6, ref="d", lot="A")
    shop.post("sale", 4, 1, ref="s")
    db.session.rollback()
    return shop


@pytest.mark.corrupts
@pytest.mark.parametrize("what", SPOILED)
def test_the_audit_names_what_was_spoiled(app: Flask, audited: Shop, what: str) -> None:
    statement, sentence = SPOILED[what]
    with unit_of_work() as session:
        session.execute(text(statement))
    found = list(app.extensions[audits.EXTENSION]["stock"]())
    assert any(sentence in line for line in found), found


def test_the_audit_finds_nothing_in_a_ledger_kept_by_its_writer(app: Flask, audited: Shop) -> None:
    assert list(app.extensions[audits.EXTENSION]["stock"]()) == []
    audited.post("found", 1, 2)
    audited.post("return", 22, 7)
    assert list(app.extensions[audits.EXTENSION]["stock"]()) == []


def test_the_audit_sees_one_moment_while_others_write(app: Flask, audited: Shop) -> None:
    running = app.extensions[audits.EXTENSION]["stock"]()
    audited.post("found", 5, 1)
    assert list(running) == []
