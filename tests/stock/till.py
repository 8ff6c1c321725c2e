"""A process that posts to one shelf, for tests of races and of sudden death.

    python -m tests.stock.till SETTINGS.json

Every reference that was acknowledged is appended to a log outside the database, at once.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from flask import Flask

from marketplace import clock, create_app
from marketplace.errors import RuleBroken
from marketplace.permissions import SYSTEM
from marketplace.stock.models import MovementKind
from marketplace.stock.rules import Movement
from marketplace.stock.services import post_movements

NOON = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Orders:
    """What a till has to do."""

    database_url: str
    folder: str
    shelf: tuple[int, int, int]
    name: str
    threads: int
    postings: int
    log: str
    pattern: tuple[tuple[str, int], ...] = (("sale", 1),)
    start_file: str = ""


def movement(orders: Orders, thread: int, number: int) -> Movement:
    """The movement that a thread posts in its n-th turn: the same whenever it is asked."""
    kind, quantity = orders.pattern[number % len(orders.pattern)]
    outlet_id, seller_id, product_id = orders.shelf
    return Movement(
        movement_ref=f"{orders.name}-{thread}-{number}",
        kind=MovementKind(kind),
        outlet_id=outlet_id,
        seller_id=seller_id,
        product_id=product_id,
        quantity=quantity,
        occurred_on=date(2026, 11, 1 + number % 20),
    )


def work(app: Flask, orders: Orders, thread: int, log: int) -> None:
    """Post one after the other; a refusal is an answer too, and is not logged."""
    with app.app_context(), clock.frozen(NOON):
        for number in range(orders.postings):
            asked = movement(orders, thread, number)
            try:
                post_movements(actor=SYSTEM, movements=[asked])
            except RuleBroken:
                continue
            os.write(log, f"{asked.movement_ref}\n".encode())


def run(settings: dict[str, Any]) -> None:
    """Wait for the start signal, then let all threads work."""
    orders = Orders(**{**settings, "shelf": tuple(settings["shelf"])})
    app = create_app(
        TESTING=True, DATA_DIR=orders.folder, DATABASE_URL=orders.database_url, MAIL_URL="memory:"
    )
    log = os.open(orders.log, os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    threads = [
        threading.Thread(target=work, args=(app, orders, number, log)) for number in range(orders.threads)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    run(json.loads(Path(sys.argv[1]).read_text()))
