"""One real week of a gift wholesaler, 16,985 lines as they stand, sent through the API into the ledger.

The lines hold cancellations and write-offs (negative quantities), free goods (price zero), blank fields and
codes that are no goods (postage, discounts, bank charges). Every line must be accounted for.
"""

from __future__ import annotations

import csv
import gzip
import re
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from marketplace import audits, clock
from marketplace.catalog.models import Product
from marketplace.catalog.services.readiness import keep_readiness
from marketplace.db import db, unit_of_work
from marketplace.importing import kind_named
from marketplace.importing.direct import staged_file
from marketplace.importing.layout import Choices
from marketplace.permissions import SYSTEM, Role
from marketplace.stock.models import ShelfBalance, StockMovement
from tests import factories
from tests.support.signing import bearer, forget_request

LINES = 16_985
PER_REPORT = 5_000
RUPIAH_PER_POUND = 20_000
GOODS = re.compile(r"\d{5}[A-Za-z]*")


@dataclass(frozen=True)
class Week:
    """The lines as the till would send them, and what its shop needs to exist."""

    lines: list[dict[str, Any]]
    skus: list[str]
    sold: Counter[str]


def read_week(folder: Path) -> Week:
    """The week's lines in the order of the file; the catalogue is every code of goods that has a name."""
    with gzip.open(
        folder / "retail-week" / "retail_week.csv.gz", "rt", encoding="utf-8-sig", newline=""
    ) as file:
        rows = list(csv.DictReader(file))
    lines: list[dict[str, Any]] = [
        {
            "line_ref": f"{row['InvoiceNo']}-{number}",
            "occurred_on": row["InvoiceDate"][:10],
            "seller_ref": "GIFT",
            "sku": row["StockCode"],
            "quantity": int(row["Quantity"]),
            "unit_price_rupiah": int(Decimal(row["UnitPrice"]) * RUPIAH_PER_POUND),
        }
        for number, row in enumerate(rows, start=1)
    ]
    named = {row["StockCode"] for row in rows if row["Description"].strip()}
    skus = sorted(code for code in named if GOODS.fullmatch(code))
    sold: Counter[str] = Counter()
    for line in lines:
        if line["quantity"] > 0:
            sold[line["sku"]] += line["quantity"]
    return Week(lines, skus, sold)


@pytest.mark.shared
@pytest.mark.proof
def test_a_real_week_of_sales_is_accounted_for_to_the_line(
    app: Flask, client: FlaskClient, shared_data: Path, tmp_path: Path
) -> None:
    week = read_week(shared_data)
    assert len(week.lines) == LINES
    headers = open_shop(week)
    deliver(week, tmp_path)
    answers = [send(client, headers, week, start) for start in range(0, LINES, PER_REPORT)]

    accepted = sum(answer["accepted"] for answer in answers)
    refused = Counter(line["code"] for answer in answers for line in answer["refused"])
    differences = [line for answer in answers for line in answer["differences"]]
    sent = {line["line_ref"]: line["quantity"] for line in week.lines}
    whole = [line for line in differences if line["quantity"] == sent[line["line_ref"]]]
    assert refused == REFUSED
    assert (accepted, len(whole), len(differences)) == (ACCEPTED, WHOLE_DIFFERENCES, DIFFERENCES)
    assert accepted + len(whole) + refused.total() == LINES

    in_file = sum(
        q for ref, q in sent.items() if ref not in {r["line_ref"] for a in answers for r in a["refused"]}
    )
    on_shelves = db.session.execute(select(func.sum(ShelfBalance.on_hand))).scalar_one()
    sold = -moved("sale")
    delivered = moved("delivery")
    assert sold == in_file - sum(line["quantity"] for line in differences)
    assert on_shelves == delivered - sold
    db.session.rollback()

    assert [send(client, headers, week, start) for start in range(0, LINES, PER_REPORT)] == answers
    assert list(app.extensions[audits.EXTENSION]["stock"]()) == []


# Cancelled and written-off lines have negative quantities; codes that are no goods are in no catalogue.
REFUSED = Counter({"invalid_quantity": 228, "unknown_product": 66})
ACCEPTED, WHOLE_DIFFERENCES, DIFFERENCES = 14_638, 2_053, 2_963


def moved(kind: str) -> int:
    """By how much all movements of a kind changed the shelves."""
    query = select(func.sum(StockMovement.change)).where(StockMovement.kind == kind)
    return int(db.session.execute(query).scalar_one())


def open_shop(week: Week) -> dict[str, str]:
    """The wholesaler with its catalogue, and one store that sells it; answers its program's headers."""
    seller = factories.seller("GIFT")
    operator = factories.operator()
    factories.outlet("STORE", operator_id=operator.id)
    category = factories.category("Hadiah")
    moment = clock.now()
    with unit_of_work() as session:
        session.add_all(
            Product(
                seller_id=seller.id, sku=sku, name=f"Hadiah {sku}", category_id=category.id, price_rupiah=1,
                created_at=moment, updated_at=moment,
            )
            for sku in week.skus
        )  # fmt: skip
        session.flush()
        keep_readiness(session, session.scalars(select(Product.id)).all())
    return bearer(factories.member(Role.BUYER_STAFF, operator_id=operator.id))


def deliver(week: Week, folder: Path) -> None:
    """Before the week each shelf is filled with nine tenths of what will be sold: the rest must differ."""
    path = folder / "deliveries.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(["movement_ref", "occurred_on", "kind", "outlet_ref", "seller_ref", "sku", "quantity"])
        for sku in week.skus:
            if quantity := -(-week.sold[sku] * 9 // 10):
                out.writerow([f"D-{sku}", "2010-11-30", "delivery", "STORE", "GIFT", sku, quantity])
    kind = kind_named("movements")
    assert kind is not None
    with staged_file(kind=kind, path=path, choices=Choices(), actor=SYSTEM) as file:
        for _counts in file.put_in():
            pass
        assert file.counts.refused == 0


def send(client: FlaskClient, headers: dict[str, str], week: Week, start: int) -> dict[str, Any]:
    """One report of up to 5,000 lines."""
    forget_request()
    body = {"outlet_ref": "STORE", "lines": week.lines[start : start + PER_REPORT]}
    answer = client.post("/api/v1/sales", json=body, headers={**headers, "Idempotency-Key": f"week-{start}"})
    assert answer.status_code == 200, answer.json
    return dict(answer.json or {})
