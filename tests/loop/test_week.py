"""One real week of a gift wholesaler through the whole loop: delivered, sold, cancelled, settled, paid.

Each of its 16,985 lines ends in exactly one way, and its rupiah are found again in the settlements. A line
with a negative quantity cancels: where the sale was told in the same week it is taken back (and what remains
of it told anew); where it was not, the line is refused with its sentence.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from marketplace import clock
from marketplace.catalog.models import Product
from marketplace.db import db
from marketplace.organizations.models import Outlet, OutletFacts, Seller
from marketplace.payments.models import Payable, PaymentMethod
from marketplace.payments.rules import NewPayment, PaymentVerb
from marketplace.payments.services import answer_payment, record_payment
from marketplace.permissions import Actor, Role
from marketplace.placements.models import Settlement, SettlementLine
from marketplace.placements.services.deliveries import make_delivery, send_delivery
from marketplace.placements.services.delivery_lines import MAX_LINES, DeliveryDraft, NewLine
from marketplace.placements.services.receiving import receive_delivery
from marketplace.placements.services.settled import confirm_settlement
from marketplace.placements.services.settling import settle_until
from marketplace.stock.models import ShelfBalance, StockMovement
from tests import factories as make
from tests.stock.test_retail_week import LINES, PER_REPORT, Week, open_shop, read_week, send

PERCENT = Decimal("17.5")
BEFORE, AFTER, SETTLED = date(2010, 11, 30), date(2010, 12, 8), date(2010, 12, 12)


def at_noon(day: date) -> Any:
    """That day, at noon."""
    return clock.frozen(datetime(day.year, day.month, day.day, 5, tzinfo=UTC))


@dataclass
class Told:
    """The week as it is told to the program, and what each line of the file became in it."""

    lines: list[dict[str, Any]] = field(default_factory=list)
    cancels: dict[str, str] = field(default_factory=dict)
    """The line that takes back, by the line of the file that cancels."""


def tell(week: Week) -> Told:
    """Every line as it stands, but for cancellations of what was told before: those take back."""
    told, standing = Told(), defaultdict(list)
    for line in week.lines:
        quantity = line["quantity"]
        if quantity > 0:
            told.lines.append(line)
            standing[line["sku"]].append(line)
            continue
        sale = next((one for one in reversed(standing[line["sku"]]) if one["quantity"] >= -quantity), None)
        if sale is None or quantity == 0 or sale["occurred_on"] > line["occurred_on"]:
            told.lines.append(line)
            continue
        standing[line["sku"]].remove(sale)
        ref, day = f"{line['line_ref']}-B", line["occurred_on"]
        back = {"line_ref": ref, "occurred_on": day, "reverses": sale["line_ref"]}
        told.lines.append(back)
        told.cancels[line["line_ref"]] = back["line_ref"]
        if rest := sale["quantity"] + quantity:
            anew = {**sale, "line_ref": f"{line['line_ref']}-R", "quantity": rest}
            told.lines.append(anew)
            standing[line["sku"]].append(anew)
    return told


@dataclass
class Parties:
    """The people of both sides."""

    store: Actor
    maker: Actor
    agreement_id: int


def agree() -> Parties:
    """The wholesaler and the store agree on a share of 17.5 percent, settled weekly."""
    outlet, seller = db.session.scalars(select(Outlet)).one(), db.session.scalars(select(Seller)).one()
    agreement = make.agreement(
        outlet,
        seller,
        starts_on=date(2010, 1, 1),
        commission_percent=PERCENT,
        terms={"settlement_cycle": "weekly"},
    )
    operator_id = outlet_operator(outlet.id)
    return Parties(
        make.member(Role.BUYER_MANAGER, operator_id=operator_id),
        make.member(Role.SELLER_OWNER, seller_id=seller.id),
        agreement.id,
    )


def outlet_operator(outlet_id: int) -> int:
    """Who runs it."""
    return db.session.scalars(select(OutletFacts.operator_id).filter_by(outlet_id=outlet_id)).one()


def deliver(week: Week, parties: Parties) -> int:
    """Nine tenths of what will be sold, on as many delivery notes as it takes; answers the units."""
    ids = dict(db.session.execute(select(Product.sku, Product.id)).all())
    lines = [NewLine(ids[sku], -(-week.sold[sku] * 9 // 10)) for sku in week.skus if week.sold[sku]]
    for start in range(0, len(lines), MAX_LINES):
        draft = DeliveryDraft(parties.agreement_id, BEFORE, lines[start : start + MAX_LINES])
        made = make_delivery(actor=parties.maker, draft=draft)
        send_delivery(actor=parties.maker, delivery_id=made.id)
        receive_delivery(actor=parties.store, delivery_id=made.id)
    return sum(line.quantity for line in lines)


@pytest.mark.shared
@pytest.mark.proof
def test_a_real_week_goes_through_the_loop_and_every_line_is_explained(
    app: Flask, client: FlaskClient, shared_data: Path
) -> None:
    week = read_week(shared_data)
    told = tell(week)
    with at_noon(BEFORE):
        headers = open_shop(week)
        parties = agree()
        delivered = deliver(week, parties)
    with at_noon(AFTER):
        sent = Week(told.lines, week.skus, week.sold)
        answers = [send(client, headers, sent, start) for start in range(0, len(told.lines), PER_REPORT)]
        again = [send(client, headers, sent, start) for start in range(0, len(told.lines), PER_REPORT)]
    assert again == answers
    missing = {one["line_ref"]: one["quantity"] for answer in answers for one in answer["differences"]}
    refused = {one["line_ref"]: one for answer in answers for one in answer["refused"]}
    assert all(one["message"] for one in refused.values())
    fates = explain(week, told, missing, refused)
    assert fates.total() == LINES
    assert fates == FATES
    with at_noon(date(2010, 12, 13)):
        settle_until(SETTLED, issue=True)
        compare(told, missing, refused, delivered)
        pay_everything(parties)


def explain(
    week: Week, told: Told, missing: dict[str, int], refused: dict[str, dict[str, Any]]
) -> Counter[str]:
    """What became of each line of the file, each in one way."""
    backs = [line for line in told.lines if "reverses" in line and line["line_ref"] not in refused]
    taken_back = {line["reverses"] for line in backs}
    fates: Counter[str] = Counter()
    for line in week.lines:
        ref = line["line_ref"]
        if ref in told.cancels:
            back = refused.get(told.cancels[ref])
            fates[f"refused: {back['code']}" if back else "cancels"] += 1
        elif ref in refused:
            fates[f"refused: {refused[ref]['code']}"] += 1
        elif missing.get(ref) == line["quantity"]:
            fates["difference of the whole"] += 1
        elif ref in taken_back:
            fates["sold and taken back"] += 1
        else:
            fates["sold in part, the rest a difference" if ref in missing else "sold and settled"] += 1
    return fates


FATES = Counter(
    {
        "sold and settled": 13_732,
        "sold in part, the rest a difference": 875,
        "difference of the whole": 1_972,
        "sold and taken back": 112,
        "cancels": 113,
        # Cancels what was sold before this week, or writes goods off.
        "refused: invalid_quantity": 102,
        # Postage, discounts, bank charges: no goods.
        "refused: unknown_product": 66,
        # Cancels a sale of which nothing could be taken, or one that was refused itself.
        "refused: nothing_to_reverse": 8,
        "refused: unknown_line": 5,
    }
)


def share_of(paid: int) -> int:
    """The store's share of what was paid, rounded half up."""
    return int((Decimal(paid) * PERCENT / 100).quantize(Decimal(1), ROUND_HALF_UP))


def compare(told: Told, missing: dict[str, int], refused: dict[str, dict[str, Any]], delivered: int) -> None:
    """Units and rupiah by plain Python are those of the ledger and of the settlements."""
    sales = {
        line["line_ref"]: (line["quantity"] - missing.get(line["line_ref"], 0), line["unit_price_rupiah"])
        for line in told.lines
        if "reverses" not in line and line["line_ref"] not in refused
    }
    backs = [
        line["reverses"] for line in told.lines if "reverses" in line and line["line_ref"] not in refused
    ]
    units = sum(units for units, _price in sales.values()) - sum(sales[ref][0] for ref in backs)
    assert db.session.scalar(select(func.sum(ShelfBalance.on_hand))) == delivered - units
    gross = {ref: units * price for ref, (units, price) in sales.items()}
    share = {ref: share_of(paid) for ref, paid in gross.items()}
    stands = Counter(sales.keys())
    stands.subtract(backs)
    assert set(stands.values()) <= {0, 1}
    settlements = db.session.scalars(select(Settlement).order_by(Settlement.last_day)).all()
    assert [(row.first_day, row.last_day) for row in settlements] == [
        (date(2010, 11, 29), date(2010, 12, 5)),
        (date(2010, 12, 6), date(2010, 12, 12)),
    ]
    assert sum(row.gross_rupiah for row in settlements) == sum(gross[ref] * n for ref, n in stands.items())
    assert sum(row.commission_rupiah for row in settlements) == sum(
        share[ref] * n for ref, n in stands.items()
    )
    rows = select(func.count()).where(StockMovement.kind == "sale")
    assert db.session.scalar(select(func.count()).select_from(SettlementLine)) == db.session.scalar(rows)
    assert db.session.scalar(rows) == sum(units > 0 for units, _price in sales.values()) + len(backs)


def pay_everything(parties: Parties) -> None:
    """The maker confirms, the store pays in two parts, the maker says that it came: nothing is owed."""
    for row in db.session.scalars(select(Settlement)).all():
        confirm_settlement(actor=parties.maker, settlement_id=row.id)
    bills = {row.id: row.amount_rupiah for row in db.session.scalars(select(Payable))}
    first = min(bills.values()) // 2
    for number, amount in enumerate((first, sum(bills.values()) - first)):
        asked = NewPayment(tuple(bills), amount, PaymentMethod.CASH, clock.today(), f"bayar-{number}")
        made = record_payment(actor=parties.store, payment=asked)
        answer_payment(actor=parties.maker, payment_id=made.id, verb=PaymentVerb.CONFIRM)
    confirmed = {row.id: row.confirmed_rupiah for row in db.session.scalars(select(Payable))}
    assert confirmed == bills
