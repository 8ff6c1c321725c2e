"""The last unit, wanted by sixteen processes at once: sold once. The control sells it sixteen times."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from datetime import date
from functools import partial
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from marketplace.db import db
from marketplace.permissions import SYSTEM, Role
from marketplace.placements.models import Difference, ReturnReason
from marketplace.placements.services.return_lines import TakenLine
from marketplace.placements.services.returns import ReturnDraft, make_return
from marketplace.stock.models import MovementKind, ShelfBalance, StockMovement
from marketplace.stock.rules import Movement
from marketplace.stock.services import post_movements
from tests import factories as make
from tests.loop.rush import Orders, Race, told
from tests.support.rushing import Act
from tests.support.rushing import rush as rush_of

IS_PROOF = "ETALASE_PROOF" in os.environ
PROCESSES = 16
RACES = 30 if IS_PROOF else 1


def rush(app: Flask, folder: Path, races: list[list[str]]) -> list[dict[str, Any]]:
    """Let all processes race for the last unit of each of some products; answers what each was told."""
    seller, operator = make.seller(), make.operator()
    outlet = make.outlet(operator_id=operator.id)
    make.agreement(outlet, seller)
    manager = make.member(Role.BUYER_MANAGER, operator_id=operator.id)
    maker = make.member(Role.SELLER_OWNER, seller_id=seller.id)
    units: list[Race] = []
    for number, acts in enumerate([["program"], ["hand"], *races]):
        product = make.product(seller)
        shelf = (outlet.id, seller.id, product.id)
        delivered = Movement(f"D{number}", MovementKind.DELIVERY, *shelf, 1, date(2026, 11, 20))
        post_movements(actor=SYSTEM, movements=[delivered])
        note = None
        if "return" in acts:
            lines = [TakenLine(product.id, 1, ReturnReason.SLOW)]
            note = make_return(actor=manager, draft=ReturnDraft(outlet.id, seller.id, lines)).id
        units.append(Race(product.sku, product.id, acts, note))
    assert manager.user_id is not None
    assert maker.user_id is not None
    orders = Orders(
        outlet.id, outlet.outlet_ref, seller.id, seller.seller_ref, operator.id, manager.user_id,
        maker.user_id,
    )  # fmt: skip
    alone, wanted = units[:2], units[2:]
    for unit in alone:  # what they ask is compiled once, before they are forked
        told(orders, unit, 0)

    def acts_of(_app: Flask, number: int, together: Barrier) -> Sequence[Act]:
        return [partial(told, orders, unit, number, together) for unit in wanted]

    return rush_of(app, folder, PROCESSES, acts_of)


def taken_of(answers: list[dict[str, Any]]) -> dict[str, int]:
    """How many units of each product were promised to somebody."""
    found: Counter[str] = Counter()
    for answer in answers:
        found[answer["sku"]] += answer["taken"]
    return dict(found)


def left() -> set[int]:
    """What the shelves hold afterwards."""
    db.session.rollback()
    return set(db.session.scalars(select(ShelfBalance.on_hand)))


@pytest.mark.corrupts
def test_control_sixteen_processes_that_read_decide_and_write_sell_it_sixteen_times(
    app: Flask, tmp_path: Path
) -> None:
    answers = rush(app, tmp_path, [["naive"]])
    assert list(taken_of(answers).values()) == [PROCESSES]
    assert left() == {0}


@pytest.mark.proof
def test_the_last_unit_goes_to_one_of_sixteen_processes(app: Flask, tmp_path: Path) -> None:
    """All by a program, or by a program, by hand and as a return at once."""
    races = [["program"], ["program", "hand", "return"]] * RACES
    answers = rush(app, tmp_path, races)
    assert len(answers) == PROCESSES * len(races)
    assert list(taken_of(answers).values()) == [1] * len(races)
    assert left() == {0}
    gone = select(func.sum(StockMovement.change)).where(StockMovement.change < 0)
    assert db.session.scalar(gone) == -len(races) - 2
    said = sum(1 for answer in answers if answer["act"] != "return")
    sold = sum(answer["taken"] for answer in answers if answer["act"] != "return")
    assert db.session.scalar(select(func.sum(Difference.quantity))) == said - sold
    refused = {answer.get("refused") for answer in answers if answer["act"] == "return"}
    assert refused <= {None, "below_zero", "return_fetched"}
