"""The ledger against a model of a few lines: whatever is posted, in whatever order, they agree."""

from __future__ import annotations

import os
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import select

from marketplace import audits
from marketplace.clock import LAST_DAY
from marketplace.db import db
from marketplace.errors import MarketplaceError
from marketplace.permissions import SYSTEM
from marketplace.stock.models import DisplaySpell, Lot, LotBalance, MovementKind, ShelfBalance
from marketplace.stock.rules import Movement, Reversal
from marketplace.stock.services import post_movements
from tests import factories
from tests.stock.shelf_model import HORIZON, Model, Told

FIRST = date(2026, 11, 1)
DAYS = st.integers(0, 9)
QUANTITIES = st.integers(1, 9)
LOTS = st.sampled_from([None, None, ("A", 12), ("B", 3), ("C", None)])
IS_PROOF = "ETALASE_PROOF" in os.environ
ROUNDS = 500 if IS_PROOF else 20


class Ledger(RuleBasedStateMachine):
    """Posts to one new shelf and to the model, and compares."""

    @initialize()
    def open(self) -> None:
        self.model = Model()
        self.outlet, self.seller = factories.outlet(), factories.seller()
        self.product = factories.product(self.seller)
        self.count = 0

    def asked(self, kind: str, day: int, quantity: int, lot: str | None, expires: int | None) -> Movement:
        """A movement under a new reference."""
        self.count += 1
        return Movement(
            movement_ref=f"{self.product.id}-{self.count}",
            kind=MovementKind(kind),
            outlet_id=self.outlet.id,
            seller_id=self.seller.id,
            product_id=self.product.id,
            quantity=quantity,
            occurred_on=FIRST + timedelta(days=day),
            lot=lot,
            expires_on=None if expires is None else FIRST + timedelta(days=expires),
        )

    def post(self, asked: Any, expected: Any, told: Told | None) -> None:
        """Post and compare with what the model expects."""
        if isinstance(expected, str):
            with pytest.raises(MarketplaceError) as refused:
                post_movements(actor=SYSTEM, movements=[asked])
            assert refused.value.code == expected
            return
        posted = post_movements(actor=SYSTEM, movements=[asked])[0]
        assert [(part.lot_code, part.change) for part in posted.parts] == expected
        if told is not None:
            assert posted.is_new
            self.model.told[asked.movement_ref] = told

    @rule(kind=st.sampled_from(["delivery", "delivery", "found"]), day=DAYS, quantity=QUANTITIES, lot=LOTS)
    def bring(self, kind: str, day: int, quantity: int, lot: tuple[str, int | None] | None) -> None:
        asked = self.asked(kind, day, quantity, *(lot or (None, None)))
        rows = self.model.deliver(day, quantity, lot)
        self.post(asked, rows, Told(day, kind, rows, asked))

    @rule(
        kind=st.sampled_from(["sale", "sale", "return", "loss"]),
        day=DAYS,
        quantity=QUANTITIES,
        lot=st.sampled_from([None, None, None, "A", "B", "C"]),
    )
    def take(self, kind: str, day: int, quantity: int, lot: str | None) -> None:
        asked = self.asked(kind, day, quantity, lot, None)
        sells = kind == "sale" and lot is None
        rows = self.model.sell(day, quantity) if sells else self.model.take(day, quantity, lot)
        self.post(asked, rows, Told(day, kind, rows, asked) if isinstance(rows, list) else None)

    @rule(data=st.data(), day=DAYS)
    def take_back(self, data: st.DataObject, day: int) -> None:
        if not self.model.told:
            return
        ref = data.draw(st.sampled_from(sorted(self.model.told)))
        self.count += 1
        asked = Reversal(f"{self.product.id}-{self.count}", ref, FIRST + timedelta(days=day))
        rows = self.model.take_back(ref, day)
        told = Told(day, self.model.told[ref].kind, rows, asked, ref) if isinstance(rows, list) else None
        self.post(asked, rows, told)

    @rule(data=st.data())
    def ask_again(self, data: st.DataObject) -> None:
        """A retry is answered from the ledger and changes nothing."""
        if self.model.told:
            told = self.model.told[data.draw(st.sampled_from(sorted(self.model.told)))]
            self.post(told.asked, told.rows, None)

    @rule(day=DAYS, quantity=QUANTITIES)
    def two_of_which_one_is_impossible(self, day: int, quantity: int) -> None:
        """All or none: a delivery beside a sale that cannot be leaves nothing."""
        pair = [
            self.asked("delivery", day, quantity, "Z", None),
            self.asked("sale", day, self.model.free(day) + quantity + 1, None, None),
        ]
        with pytest.raises(MarketplaceError):
            post_movements(actor=SYSTEM, movements=pair)

    @invariant()
    def nothing_was_ever_below_zero(self) -> None:
        assert all(self.model.held(day) >= 0 for day in range(HORIZON))

    def teardown(self) -> None:
        """What the database keeps is what the model counts."""
        if not hasattr(self, "model") or not self.model.told:
            return
        shelf = ShelfBalance.outlet_id == self.outlet.id
        session = db.session()
        assert session.scalar(select(ShelfBalance.on_hand).where(shelf)) == self.model.held(HORIZON)
        rows = session.execute(
            select(DisplaySpell.first_day, DisplaySpell.end_day)
            .where(DisplaySpell.outlet_id == self.outlet.id)
            .order_by(DisplaySpell.first_day)
        )
        kept = [((a - FIRST).days, None if b == LAST_DAY else (b - FIRST).days) for a, b in rows]
        assert kept == self.model.spells()
        lots = session.execute(
            select(Lot.code, LotBalance.on_hand)
            .join(LotBalance, LotBalance.lot_id == Lot.id)
            .where(Lot.outlet_id == self.outlet.id)
        )
        assert {row[0]: row[1] for row in lots} == {
            name: self.model.held(HORIZON, name)
            for name in self.model.expiry
            if any(name == lot for told in self.model.told.values() for lot, _change in told.rows)
        }
        session.rollback()


@pytest.mark.proof
def test_the_ledger_agrees_with_the_model(app: Flask) -> None:
    run_state_machine_as_test(
        Ledger,
        settings=settings(
            max_examples=ROUNDS,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            derandomize=not IS_PROOF,
        ),
    )
    assert list(app.extensions[audits.EXTENSION]["stock"]()) == []
