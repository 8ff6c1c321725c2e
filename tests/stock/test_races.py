"""Many at once, and sudden death: the last unit is sold once, and what was acknowledged stays."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from multiprocessing.context import ForkProcess
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from marketplace import audits, clock
from marketplace.db import db
from marketplace.errors import RuleBroken
from marketplace.permissions import SYSTEM, Role
from marketplace.stock.models import StockMovement
from marketplace.stock.rules import Movement
from marketplace.stock.rules.sales import Line
from marketplace.stock.services import post_movements, record_sales
from tests import factories
from tests.stock.conftest import Shop
from tests.stock.till import NOON, Orders
from tests.stock.till import run as run_till
from tests.support.forking import FORKED, ended, fork

IS_PROOF = "ETALASE_PROOF" in os.environ
RACES = 20 if IS_PROOF else 2
KILLS = 40 if IS_PROOF else 2


def at_once(app: Flask, work: Callable[[int], Any], threads: int) -> list[Any]:
    """Run work(n) in n threads that start together; answers results and exceptions."""
    gate, results = threading.Barrier(threads), [None] * threads

    def run(number: int) -> None:
        with app.app_context(), clock.frozen(NOON):
            gate.wait()
            try:
                results[number] = work(number)
            except Exception as error:  # noqa: BLE001 - an answer to look at
                results[number] = error  # type: ignore[call-overload]
            finally:
                db.session.remove()

    started = [threading.Thread(target=run, args=(number,)) for number in range(threads)]
    for thread in started:
        thread.start()
    for thread in started:
        thread.join()
    return results


@pytest.mark.corrupts
def test_control_read_decide_write_sells_the_last_unit_twice(app: Flask, shop: Shop) -> None:
    """Without the lock two sellers read the same balance: this is what the ledger must not do."""
    shop.post("delivery", 1, 1)
    db.session.rollback()
    both_have_read = threading.Barrier(2)

    def naive(_number: int) -> bool:
        with db.engine.connect() as connection:
            on_hand = connection.execute(text("SELECT on_hand FROM shelf_balances")).scalar_one()
            connection.rollback()
            both_have_read.wait()
            if on_hand < 1:
                return False
            with connection.execution_options(etalase_write=True).begin():
                connection.execute(text("UPDATE shelf_balances SET on_hand = :left"), {"left": on_hand - 1})
            return True

    assert at_once(app, naive, 2) == [True, True]


def sell(sales: Sequence[Movement], number: int) -> Any:
    """Post the n-th of some movements."""
    return post_movements(actor=SYSTEM, movements=[sales[number]])


@pytest.mark.proof
def test_the_last_unit_is_sold_exactly_once_by_many_threads(app: Flask, shop: Shop) -> None:
    for race in range(RACES):
        sales = [shop.movement("sale", 2, 1, ref=f"s{race}-{number}") for number in range(8)]
        shop.post("delivery", 1, 1)
        db.session.rollback()
        answers = at_once(app, partial(sell, sales), 8)
        assert sum(not isinstance(answer, RuleBroken) for answer in answers) == 1, answers
        assert shop.on_hand() == 0
    assert no_difference(app)


@pytest.mark.proof
def test_many_processes_sell_exactly_what_there_is(app: Flask, shop: Shop, tmp_path: Path) -> None:
    shop.post("delivery", 1, 40)
    db.session.rollback()
    with tills(app, shop, tmp_path, count=2, threads=4, postings=30) as started:
        for till in started:
            till.go.set()
        assert ended(till.process for till in started) == [0, 0]
    assert len(acknowledged(tmp_path)) == 40
    assert shop.on_hand() == 0
    assert no_difference(app)


@pytest.mark.proof
def test_the_same_reference_from_many_threads_is_recorded_once(app: Flask, shop: Shop) -> None:
    movement = shop.movement("delivery", 1, 5, ref="once")
    db.session.rollback()
    answers = at_once(app, lambda _n: post_movements(actor=SYSTEM, movements=[movement])[0], 8)
    assert sorted(answer.is_new for answer in answers) == [False] * 7 + [True]
    assert shop.on_hand() == 5


@pytest.mark.proof
def test_one_reference_on_two_shelves_at_once_is_taken_by_one(app: Flask, shop: Shop) -> None:
    other = factories.product(shop.seller)
    pair = [
        shop.movement("delivery", 1, 5, ref="r"),
        shop.movement("delivery", 1, 5, ref="r", product_id=other.id),
    ]
    db.session.rollback()
    answers = at_once(app, lambda n: post_movements(actor=SYSTEM, movements=[pair[n % 2]]), 8)
    refused = [answer for answer in answers if isinstance(answer, Exception)]
    assert {getattr(error, "code", repr(error)) for error in refused} == {"conflict"}
    assert len(refused) == 4
    assert no_difference(app)


@pytest.mark.proof
def test_the_same_report_sent_by_many_at_once_is_taken_once(app: Flask, shop: Shop) -> None:
    operator = factories.operator()
    shop.outlet = factories.outlet("T-1", operator_id=operator.id)
    actor = factories.member(Role.BUYER_STAFF, operator_id=operator.id)
    shop.post("delivery", 1, 100)
    seller_ref, sku = shop.seller.seller_ref, shop.product.sku
    lines = [Line(f"k{n}", "2026-11-02", seller_ref, sku, 2, 15_000) for n in range(5)]
    db.session.rollback()

    def send(number: int) -> dict[str, Any]:
        # Half of them repeat one key, the others bring the same lines under keys of their own.
        key = "same" if number % 2 else f"own-{number}"
        return record_sales(actor=actor, idempotency_key=key, outlet_ref="T-1", lines=lines)

    answers = at_once(app, send, 8)
    assert answers == [{"accepted": 5, "differences": [], "refused": []}] * 8
    assert shop.on_hand() == 90
    assert no_difference(app)


@pytest.mark.proof
def test_what_was_acknowledged_survives_kill_9_and_nothing_is_doubled(
    app: Flask, shop: Shop, tmp_path: Path
) -> None:
    pattern = (("delivery", 7), ("sale", 3), ("sale", 4), ("found", 1), ("loss", 1))
    db.session.rollback()
    chance = random.Random(7)
    with tills(app, shop, tmp_path, count=KILLS, threads=3, postings=2_000, pattern=pattern) as started:
        for till in started:
            till.go.set()
            time.sleep(chance.uniform(0.2, 0.8))
            till.process.kill()
            assert ended([till.process]) == [-signal.SIGKILL]
    told = acknowledged(tmp_path)
    assert len(told) > KILLS
    rows = db.session.execute(
        select(StockMovement.movement_ref, func.count()).group_by(StockMovement.movement_ref)
    )
    recorded = {row[0]: row[1] for row in rows}
    db.session.rollback()
    assert told <= recorded.keys()
    assert set(recorded.values()) == {1}
    assert no_difference(app)


def no_difference(app: Flask) -> bool:
    """Whether the audit agrees."""
    db.session.rollback()
    found = list(app.extensions[audits.EXTENSION]["stock"]())
    assert found == []
    return True


@dataclass
class Till:
    """A process, and its start signal."""

    process: ForkProcess
    go: Event


@contextmanager
def tills(app: Flask, shop: Shop, folder: Path, *, count: int, **orders: Any) -> Iterator[list[Till]]:
    """Processes that wait for the start signal; none of them outlives the block."""
    shelf = (shop.outlet.id, shop.seller.id, shop.product.id)
    started = []
    try:
        for number in range(count):
            name = f"till{number}"
            told = Orders(shelf, name, log=str(folder / f"{name}.log"), **orders)
            ready, go = FORKED.Event(), FORKED.Event()
            started.append(Till(fork(app, partial(run_till, told, ready, go)), go))
            assert ready.wait(60)
        yield started
    finally:
        for till in started:
            till.process.kill()
            till.process.join()


def acknowledged(folder: Path) -> set[str]:
    """Every reference that some till was told is recorded."""
    return {ref for log in folder.glob("*.log") for ref in log.read_text().splitlines()}
