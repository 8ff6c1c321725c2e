"""Sales reports through the API: 5,000 lines a batch, beside the same rows through the bare driver.

Every maker at the outlet has an agreement with prices, so that each line is compared with its own. The limit
writes the same movements, report lines and balances, one durable commit a batch, and nothing else.
"""

from __future__ import annotations

import random
import statistics
import time
from datetime import date
from typing import Any

from sqlalchemy import insert

from bench.harness import City, Measured, benchmark
from bench.ledger import fill_registry
from marketplace import clock
from marketplace.db import unit_of_work
from marketplace.permissions import SYSTEM, Role
from marketplace.placements.models import Agreement, AgreementVersion, AgreementVersionProduct
from marketplace.stock.models import MovementKind
from marketplace.stock.rules import Movement
from marketplace.stock.services import post_movements
from tests import factories
from tests.support.signing import bearer, forget_request

LINES = 5_000
REPORTS = {"1x": 10, "10x": 40, "60x": 200}
OUTLET, SELLERS, PRODUCTS = 1, 350, 400
PRICE = 15_000
Shelf = tuple[int, int]
"""seller_id, product_id"""
SHELVES: list[Shelf] = [((number - 1) % SELLERS + 1, number) for number in range(1, PRODUCTS + 1)]


@benchmark("sales_api")
def sales_api(city: City) -> Measured:
    """Lines per second of sales reports through the whole stack, from the request's bytes to the answer's."""
    count = REPORTS[city.scale]
    with city.scratch() as scratch:
        prepare(scratch)
        spans, processor_s = send(scratch, count)
    with city.scratch() as scratch:
        prepare(scratch)
        bare_s = write_bare(scratch, count)
    lines = LINES * count
    note = (
        f"{lines:,} lines; a batch {statistics.median(spans):.2f} s, the last ten "
        f"{statistics.median(spans[-10:]):.2f} s; {lines / processor_s:,.0f} per processor second"
    )
    return Measured(lines / sum(spans), lines / bare_s, "per s", note)


def prepare(scratch: City) -> None:
    """An outlet with 350 makers' goods on its shelves and an agreement with each of them."""
    fill_registry(scratch)
    delivered = [
        Movement(
            f"D{product}", MovementKind.DELIVERY, OUTLET, seller, product, 100_000_000, date(2026, 11, 1)
        )
        for seller, product in SHELVES
    ]
    post_movements(actor=SYSTEM, movements=delivered)
    with unit_of_work() as session:
        for seller in range(1, SELLERS + 1):
            common = {"basis": "consignment", "state": "accepted", "starts_on": date(2026, 1, 1)}
            agreement = Agreement(
                agreement_ref=f"B{seller}",
                outlet_id=OUTLET,
                seller_id=seller,
                created_at=clock.now(),
                **common,
            )
            session.add(agreement)
            session.flush()
            version = AgreementVersion(
                agreement_id=agreement.id,
                number=1,
                valid_from=date(2026, 1, 1),
                commission_basis="none",
                created_at=clock.now(),
                **common,
            )
            session.add(version)
            session.flush()
            annex = [
                {"version_id": version.id, "product_id": product, "retail_price_rupiah": PRICE}
                for maker, product in SHELVES
                if maker == seller
            ]
            session.execute(insert(AgreementVersionProduct), annex)


def send(scratch: City, count: int) -> tuple[list[float], float]:
    """Seconds of each report but the first, which loads what the process needs once; and processor time."""
    headers = bearer(factories.member(Role.ADMIN))
    client, spans, used = scratch.app.test_client(), [], 0.0
    for number in range(count + 1):
        body = {"outlet_ref": "T00001", "lines": lines_of(number)}
        forget_request()
        started, busy = time.perf_counter(), time.process_time()
        answer = client.post("/api/v1/sales", json=body, headers={**headers, "Idempotency-Key": str(number)})
        spans.append(time.perf_counter() - started)
        used += time.process_time() - busy if number else 0.0
        if answer.status_code != 200 or (answer.json or {}).get("accepted") != LINES:
            raise RuntimeError(f"the report was answered {answer.status_code}")
    return spans[1:], used


def sold_in(report: int) -> list[tuple[int, int, int]]:
    """(seller, product, quantity) of every line of a report."""
    rng = random.Random(report)
    return [(*rng.choice(SHELVES), rng.randrange(1, 4)) for _number in range(LINES)]


def lines_of(report: int) -> list[dict[str, Any]]:
    """The lines as a till sends them."""
    return [
        {
            "line_ref": f"{report}-{number}", "occurred_on": "2026-11-20", "seller_ref": f"U{seller:06d}",
            "sku": f"SKU-{product:06d}", "quantity": quantity, "unit_price_rupiah": PRICE,
        }
        for number, (seller, product, quantity) in enumerate(sold_in(report))
    ]  # fmt: skip


MOVEMENT = """INSERT INTO stock_movements (movement_ref, part, outlet_id, seller_id, product_id, kind, change,
    unit_price_rupiah, occurred_on, cause_kind, recorded_at) VALUES ({0}, 0, {0}, {0}, {0}, 'sale', {0}, {0},
    '2026-11-20', 'sales_report', '2026-11-22 05:00:00.000000')"""
LINE = """INSERT INTO sale_lines (outlet_id, line_ref, content_hash, movement_ref, seller_id, product_id,
    unit_price_rupiah, occurred_on, accepted, difference, recorded_at) VALUES ({0}, {0}, {0}, {0}, {0}, {0},
    {0}, '2026-11-20', {0}, 0, '2026-11-22 05:00:00.000000')"""
BALANCE = "UPDATE shelf_balances SET on_hand = on_hand - {0} WHERE outlet_id = {0} AND product_id = {0}"
COPIED_MOVEMENT = """COPY stock_movements (movement_ref, part, outlet_id, seller_id, product_id, kind, change,
    unit_price_rupiah, occurred_on, cause_kind, recorded_at) FROM STDIN"""
COPIED_LINE = """COPY sale_lines (outlet_id, line_ref, content_hash, movement_ref, seller_id, product_id,
    unit_price_rupiah, occurred_on, accepted, difference, recorded_at) FROM STDIN"""


def write_bare(scratch: City, count: int) -> float:
    """Seconds for the bare driver to write the same rows, one durable commit for each report."""
    spent = 0.0
    with scratch.raw() as connection:
        for report in range(count + 1):
            sold = sold_in(report)
            units: dict[int, int] = {}
            for _seller, product, quantity in sold:
                units[product] = units.get(product, 0) + quantity
            started = time.perf_counter()
            if scratch.database == "postgres":
                _copy(connection, report, sold, units)
            else:
                _insert(connection, report, sold, units)
            spent += time.perf_counter() - started if report else 0.0
    return spent


def _insert(connection: Any, report: int, sold: list[tuple[int, int, int]], units: dict[int, int]) -> None:
    content = "0" * 64
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany(
        MOVEMENT.format("?"),
        [
            (f"sale:{OUTLET}:{report}-{number}", OUTLET, seller, product, -quantity, PRICE)
            for number, (seller, product, quantity) in enumerate(sold)
        ],
    )
    connection.executemany(
        LINE.format("?"),
        [
            (
                OUTLET, f"{report}-{number}", content, f"sale:{OUTLET}:{report}-{number}", seller, product,
                PRICE, quantity,
            )
            for number, (seller, product, quantity) in enumerate(sold)
        ],
    )  # fmt: skip
    connection.executemany(BALANCE.format("?"), [(n, OUTLET, product) for product, n in units.items()])
    connection.execute("COMMIT")


def _copy(connection: Any, report: int, sold: list[tuple[int, int, int]], units: dict[int, int]) -> None:
    content, day, moment = "0" * 64, "2026-11-20", "2026-11-22 05:00:00+00"
    with connection.transaction():
        cursor = connection.cursor()
        with cursor.copy(COPIED_MOVEMENT) as copy:
            for number, (seller, product, quantity) in enumerate(sold):
                ref = f"sale:{OUTLET}:{report}-{number}"
                copy.write_row(
                    (ref, 0, OUTLET, seller, product, "sale", -quantity, PRICE, day, "sales_report", moment)
                )
        with cursor.copy(COPIED_LINE) as copy:
            for number, (seller, product, quantity) in enumerate(sold):
                ref = f"{report}-{number}"
                copy.write_row(
                    (
                        OUTLET, ref, content, f"sale:{OUTLET}:{ref}", seller, product, PRICE, day, quantity,
                        0, moment,
                    )
                )  # fmt: skip
        cursor.executemany(BALANCE.format("%s"), [(n, OUTLET, product) for product, n in units.items()])
