"""Many processes that want the same unit at the same moment, for tests of races.

    python -m tests.loop.rush ORDERS.json

One process loads the marketplace and forks; the children wait for each other before each race, so that all
of them act at once. What each was answered goes to a log, a line each.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import text

from marketplace import clock, create_app
from marketplace.db import db
from marketplace.errors import MarketplaceError
from marketplace.permissions import Actor, Role
from marketplace.placements.services.reports import HandReport, Sold, report_by_hand
from marketplace.placements.services.returns import fetch_return
from marketplace.stock.rules.sales import Line
from marketplace.stock.services import record_sales
from tests.stock.till import NOON

WAIT_S = 60


@dataclass(frozen=True)
class Race:
    """One product whose last unit everybody wants, the n-th process by the n-th of `acts`."""

    sku: str
    product_id: int
    acts: list[str]
    return_id: int | None = None


@dataclass(frozen=True)
class Orders:
    """Where, who, what."""

    database_url: str
    folder: str
    log: str
    processes: int
    outlet_id: int
    outlet_ref: str
    seller_id: int
    seller_ref: str
    operator_id: int
    user_id: int
    maker_id: int
    races: list[Race]


def by_program(orders: Orders, race: Race, number: int) -> int:
    """The till's program reports a sale; answers units taken."""
    name = f"{race.sku}-{number}"
    answer = record_sales(
        actor=Actor(orders.user_id, "Kasir", Role.BUYER_MANAGER, operator_id=orders.operator_id),
        idempotency_key=name,
        outlet_ref=orders.outlet_ref,
        lines=[Line(name, clock.today().isoformat(), orders.seller_ref, race.sku, 1)],
    )
    return int(answer["accepted"])


def by_hand(orders: Orders, race: Race, number: int) -> int:
    """Somebody types the same sale."""
    day = clock.today()
    report = report_by_hand(
        actor=Actor(orders.user_id, "Wati", Role.BUYER_MANAGER, operator_id=orders.operator_id),
        report=HandReport(
            orders.outlet_id, f"kunci-{race.product_id}-{number}", day, day, (Sold(race.product_id, 1),)
        ),
    )
    return report.units


def fetched(orders: Orders, race: Race, number: int) -> int:
    """The maker fetches it back."""
    assert race.return_id is not None
    maker = Actor(orders.maker_id, "Pembuat", Role.SELLER_OWNER, seller_id=orders.seller_id)
    fetch_return(actor=maker, return_id=race.return_id)
    return 1


ACTS: dict[str, Callable[[Orders, Race, int], int]] = {
    "program": by_program,
    "hand": by_hand,
    "return": fetched,
}


def naively(race: Race, all_have_read: Barrier) -> int:
    """What a till without the ledger would do: read, decide, write."""
    with db.engine.connect() as connection:
        query = text("SELECT on_hand FROM shelf_balances WHERE product_id = :product")
        on_hand = connection.execute(query, {"product": race.product_id}).scalar_one()
        connection.rollback()
        all_have_read.wait(WAIT_S)
        if on_hand < 1:
            return 0
        write = text("UPDATE shelf_balances SET on_hand = :left WHERE product_id = :product")
        with connection.execution_options(etalase_write=True).begin():
            connection.execute(write, {"left": on_hand - 1, "product": race.product_id})
        return 1


def run(app: Flask, orders: Orders, number: int, together: Barrier) -> None:
    """One process: every race in turn."""
    log = os.open(orders.log, os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    with app.app_context(), clock.frozen(NOON):
        db.engine.dispose(close=False)  # what the parent opened is the parent's
        for race in orders.races:
            act = race.acts[number % len(race.acts)]
            db.session.connection()
            db.session.rollback()
            together.wait(WAIT_S)
            told: dict[str, Any] = {"sku": race.sku, "act": act, "taken": 0}
            try:
                told["taken"] = naively(race, together) if act == "naive" else ACTS[act](orders, race, number)
            except MarketplaceError as error:
                told["refused"] = error.code
            os.write(log, (json.dumps(told) + "\n").encode())


def main(path: str) -> int:
    """Load once, fork, wait for all; 0 when all ended well."""
    said = json.loads(Path(path).read_text())
    orders = Orders(**{**said, "races": [Race(**race) for race in said["races"]]})
    app = create_app(
        TESTING=True, DATA_DIR=orders.folder, DATABASE_URL=orders.database_url, MAIL_URL="memory:"
    )
    forked = multiprocessing.get_context("fork")
    together = forked.Barrier(orders.processes)
    children = [
        forked.Process(target=run, args=(app, orders, number, together)) for number in range(orders.processes)
    ]
    for child in children:
        child.start()
    for child in children:
        child.join()
    return max(abs(child.exitcode or 0) for child in children)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
