"""A process that posts to one shelf, for tests of races and of sudden death.

Every reference that was acknowledged is appended to a log outside the database, at once.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime
from multiprocessing.synchronize import Event

from flask import Flask

from marketplace import clock
from marketplace.errors import RuleBroken
from marketplace.permissions import SYSTEM
from marketplace.stock.models import MovementKind
from marketplace.stock.rules import Movement
from marketplace.stock.services import post_movements

NOON = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Orders:
    """What a till has to do."""

    shelf: tuple[int, int, int]
    name: str
    threads: int
    postings: int
    log: str
    pattern: tuple[tuple[str, int], ...] = (("sale", 1),)


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


def run(orders: Orders, ready: Event, go: Event, app: Flask) -> None:
    """Wait for the start signal, then let all threads work."""
    log = os.open(orders.log, os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    ready.set()
    go.wait()
    with ThreadPoolExecutor(orders.threads) as threads:
        for done in [threads.submit(work, app, orders, number, log) for number in range(orders.threads)]:
            done.result()  # a thread that died fails its till
