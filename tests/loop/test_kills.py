"""Server and worker are killed under load, again and again: nothing acknowledged is lost, nothing doubled."""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from marketplace import clock, config, jobs, outbox
from marketplace.db import db, unit_of_work
from marketplace.organizations.models import Outlet
from marketplace.payments.models import Payable, Payment, PaymentAllocation
from marketplace.permissions import SYSTEM, Actor, Role
from marketplace.placements.models import Delivery, DeliveryLine, DeliveryState
from marketplace.placements.services.deliveries import make_delivery, send_delivery
from marketplace.placements.services.delivery_lines import DeliveryDraft, NewLine
from marketplace.placements.services.settling import settle_until
from marketplace.stock.models import MovementKind, SaleLine, StockMovement
from marketplace.stock.rules import Movement
from marketplace.stock.services import post_movements
from tests import factories as make
from tests.conftest import make_app
from tests.loop.load import Orders
from tests.support.signing import bearer, sign_in
from tools.run import answers, services_for

ROOT = Path(__file__).resolve().parent.parent.parent
IS_PROOF = "ETALASE_PROOF" in os.environ
ROUNDS = 50 if IS_PROOF else 1
BACK_WITHIN_S = 10 if IS_PROOF else 30
"""Proofs have the machine to themselves; among the other tests two more processes keep it busy."""
PATIENCE_S = 60
MAKERS = 3
ON_SHELF = 900_000
VICTIMS = ("both", "both", "server", "worker", "main")
"""Who is killed: server and worker at once, one of the two, or the server's first process alone."""


@dataclass
class City:
    """A store with three makers' goods, deliveries on their way to it, and bills that it owes."""

    outlet: Outlet
    goods: list[tuple[str, str]]
    staff: Actor
    manager: Actor
    deliveries: list[int]
    bills: list[int]


def open_city(deliveries: int) -> City:
    """Everything the load needs, made by the services of everyday."""
    operator = make.operator(name="Rukun Mart")
    outlet = make.outlet(name="Rukun Mart Nusukan", operator_id=operator.id)
    today, goods, notes = clock.today(), [], []
    past = today - timedelta(days=21)
    for number in range(MAKERS):
        seller = make.seller(name=f"Dapur {number}")
        product = make.product(seller, retail_price_rupiah=20_000)
        agreement = make.agreement(
            outlet,
            seller,
            commission_percent=Decimal(10),
            terms={"settlement_cycle": "weekly"},
            annex={product.id: (20_000, None)},
        )
        shelf = (outlet.id, seller.id, product.id)
        post_movements(
            actor=SYSTEM,
            movements=[
                Movement(f"D{number}", MovementKind.DELIVERY, *shelf, ON_SHELF, past),
                Movement(f"S{number}", MovementKind.SALE, *shelf, 1_000, past, unit_price_rupiah=20_000),
            ],
        )
        maker = make.member(Role.SELLER_OWNER, seller_id=seller.id)
        for place in range(deliveries // MAKERS):
            lines = [NewLine(product.id, 1 + place % 7, f"L{place % 5}", today + timedelta(days=90))]
            made = make_delivery(actor=maker, draft=DeliveryDraft(agreement.id, today, lines))
            notes.append(send_delivery(actor=maker, delivery_id=made.id).id)
        goods.append((seller.seller_ref, product.sku))
    settle_until(today - timedelta(days=1), issue=True)
    return City(
        outlet,
        goods,
        make.member(Role.BUYER_STAFF, operator_id=operator.id),
        make.member(Role.BUYER_MANAGER, operator_id=operator.id),
        notes,
        list(db.session.scalars(select(Payable.id))),
    )


class Marketplace:
    """Server and worker as `make run` starts them, to be killed and started again."""

    def __init__(self, folder: Path, database_url: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.environment = {
            "DATA_DIR": str(folder),
            "DATABASE_URL": database_url,
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
            "PUBLIC_URL": f"http://127.0.0.1:{self.port}",
            "LOG_LEVEL": "ERROR",
            "MAIL_URL": "file:",
        }
        settings = config.load({**os.environ, **self.environment})
        self.server, self.worker = services_for(settings)
        self.services = [self.server, self.worker]
        for service in self.services:
            service.environment = {**service.environment, **self.environment}

    @property
    def answers(self) -> bool:
        """Whether it can do its work: the server answers and so does its database."""
        return answers(f"http://127.0.0.1:{self.port}/readyz")

    def kill(self, victim: str) -> None:
        """kill -9, without a word before."""
        for service in self.services:
            if service.process is None or victim not in {"both", "main", service.name}:
                continue
            if victim == "main":
                if service is self.server:
                    service.process.kill()
            else:
                os.killpg(service.process.pid, signal.SIGKILL)
            if victim != "main" or service is self.server:
                service.process.wait()

    def come_back(self) -> float:
        """Let the supervisor start again whatever is gone; seconds until it answers."""
        began = time.monotonic()
        for service in self.services:
            service.pause = 1.0
        while True:
            for service in self.services:
                service.keep_running()
            if all(service.process for service in self.services) and self.answers:
                return time.monotonic() - began
            assert time.monotonic() - began < PATIENCE_S, "it does not come back"
            time.sleep(0.1)

    def end(self) -> None:
        """End what was started here, by its process group, and nothing else."""
        for service in self.services:
            if service.process is not None:
                with suppress(ProcessLookupError):
                    os.killpg(service.process.pid, signal.SIGKILL)
                service.process.wait()


@contextmanager
def loaded(orders: Orders, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The load in a process of its own; told to stop at the end of the block, and waited for."""
    told = folder / "orders.json"
    told.write_text(json.dumps(asdict(orders)))
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.loop.load", str(told)], cwd=ROOT, start_new_session=True
    )
    try:
        yield process
        Path(orders.stop).touch()
        assert process.wait(timeout=PATIENCE_S) == 0
    finally:
        process.kill()
        process.wait()


@pytest.mark.proof
def test_nothing_is_lost_or_doubled_when_server_and_worker_are_killed(
    database_url: str, tmp_path: Path
) -> None:
    data, chance = tmp_path / "data", random.Random(20261122)
    app = make_app(database_url, data)
    with app.app_context():
        city = open_city(600 if IS_PROOF else 60)
        market = Marketplace(data, database_url)
        orders = orders_for(app, city, market.port, tmp_path)
        db.session.remove()
        db.engine.dispose()
    back: list[float] = []
    try:
        market.come_back()
        with loaded(orders, tmp_path):
            for number in range(ROUNDS):
                wait_for_work(Path(orders.log))
                time.sleep(chance.uniform(0, 2.5))
                market.kill(VICTIMS[number % len(VICTIMS)])
                back.append(market.come_back())
            time.sleep(1)
        wait_for_the_outbox(app)
    finally:
        market.end()
    acknowledged = [json.loads(line) for line in Path(orders.log).read_text().splitlines()]
    report = figures(acknowledged, back)
    (tmp_path / "figures.json").write_text(report)
    print(report)  # noqa: T201 - shown by pytest -s and when the test fails
    with app.app_context():
        compare_sales(city, [one for one in acknowledged if one["kind"] == "sales"])
        compare_receipts([one for one in acknowledged if one["kind"] == "received"])
        compare_payments([one for one in acknowledged if one["kind"] == "paid"])
        audit = app.test_cli_runner().invoke(args=["audit"])
        assert audit.exit_code == 0, audit.output
        db.session.remove()
        db.engine.dispose()
    assert [one for one in acknowledged if one["kind"] == "failed"] == []
    assert max(back) < BACK_WITHIN_S


def orders_for(app: Flask, city: City, port: int, folder: Path) -> Orders:
    """What the load is told: keys of the store's program, and the cookie of its manager."""
    token = bearer(city.staff)["Authorization"].removeprefix("Bearer ")
    client = sign_in(app.test_client(), city.manager)
    cookie = client.get_cookie("etalase")
    assert cookie is not None
    return Orders(
        port=port,
        log=str(folder / "acknowledged.jsonl"),
        stop=str(folder / "stop"),
        bearer=token,
        cookie=cookie.value,
        outlet_ref=city.outlet.outlet_ref,
        goods=city.goods,
        day=clock.today().isoformat(),
        deliveries=city.deliveries,
        bills=city.bills,
        seed=random.Random().randrange(10**6),
    )


def wait_for_work(log: Path) -> None:
    """Until something more was acknowledged, so that no kill finds the marketplace idle."""
    before, deadline = size_of(log), time.monotonic() + PATIENCE_S
    while size_of(log) == before:
        assert time.monotonic() < deadline, "the load does not go on"
        time.sleep(0.02)


def size_of(log: Path) -> int:
    """Bytes acknowledged so far."""
    return log.stat().st_size if log.exists() else 0


def wait_for_the_outbox(app: Flask) -> None:
    """The worker that was started again does what was promised before.

    What a killed one had in hand is leased to it for some minutes more; here they pass at once.
    """
    deadline = time.monotonic() + PATIENCE_S
    with app.app_context():
        with unit_of_work() as session:
            session.execute(update(outbox.OutboxItem).values(leased_until=None))
        app.extensions[jobs.EXTENSION].wake()
        while outbox.waiting():
            db.session.rollback()
            assert time.monotonic() < deadline, "promised work is left undone"
            time.sleep(0.2)
        db.session.remove()


def compare_sales(city: City, acknowledged: list[dict[str, Any]]) -> None:
    """Every line of every acknowledged report is there once, with what was answered; and nothing else."""
    accepted: Counter[str] = Counter()
    answered: dict[str, str] = {}
    for one in acknowledged:
        assert one["status"] == 200, one
        assert answered.setdefault(one["key"], one["answer"]) == one["answer"]
    lines = {line["line_ref"]: line for one in acknowledged for line in one["lines"]}
    refused = {line["line_ref"] for text in answered.values() for line in json.loads(text)["refused"]}
    kept = {row.line_ref: row for row in db.session.scalars(select(SaleLine))}
    assert kept.keys() == lines.keys() - refused
    sums = moved_by_ref()
    for ref, line in lines.items():
        if ref in refused:
            continue
        row = kept[ref]
        rows, change = sums[row.movement_ref]
        if "reverses" in line:
            back = kept[line["reverses"]]
            assert change == back.accepted == -sums[back.movement_ref][1]
            accepted[back.line_ref] += 1
        else:
            assert (rows >= 1, change) == (True, -line["quantity"])
    assert max(accepted.values(), default=0) <= 1


def moved_by_ref() -> dict[str, tuple[int, int]]:
    """Rows and units of each movement."""
    query = select(StockMovement.movement_ref, func.count(), func.sum(StockMovement.change))
    return {ref: (n, int(sum_)) for ref, n, sum_ in db.session.execute(query.group_by("movement_ref"))}


def compare_receipts(acknowledged: list[dict[str, Any]]) -> None:
    """What was received is on the shelf once; what was not is not."""
    told = {one["delivery"] for one in acknowledged}
    assert {one["status"] for one in acknowledged} <= {302}
    rows = db.session.scalars(select(Delivery))
    received = {row.id for row in rows if row.state == DeliveryState.RECEIVED}
    assert told == received
    written = select(func.sum(DeliveryLine.quantity)).where(DeliveryLine.delivery_id.in_(received))
    units = select(func.sum(StockMovement.change)).where(StockMovement.cause_kind == "delivery")
    assert db.session.scalar(units) == db.session.scalar(written)


def compare_payments(acknowledged: list[dict[str, Any]]) -> None:
    """Each acknowledged payment was entered once, for its bill and its rupiah; and no other was."""
    paid = {
        f"form:{one['key']}": (one["bill"], one["amount"]) for one in acknowledged if one["status"] == 302
    }
    assert {one["status"] for one in acknowledged} <= {302}
    query = select(
        Payment.idempotency_key, PaymentAllocation.payable_id, PaymentAllocation.amount_rupiah
    ).join(PaymentAllocation, PaymentAllocation.payment_id == Payment.id)
    rows = db.session.execute(query).all()
    assert len(rows) == len(paid)
    assert {key: (bill, amount) for key, bill, amount in rows} == paid
    total = db.session.scalar(select(func.sum(Payable.paid_rupiah)))
    assert total == sum(amount for _bill, amount in paid.values())


def figures(acknowledged: list[dict[str, Any]], back: list[float]) -> str:
    """How much was acknowledged, and how long it took to come back."""
    kinds = Counter(one["kind"] for one in acknowledged)
    return json.dumps(
        {
            "kills": len(back),
            "acknowledged": kinds,
            "back_s": {"longest": round(max(back), 2), "mean": round(sum(back) / len(back), 2)},
        }
    )
