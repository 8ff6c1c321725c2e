"""What cannot be is refused with a sentence that helps, on screens and by programs, and nothing is kept."""

from __future__ import annotations

import html
import itertools
import re
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from marketplace.db import Base, db
from marketplace.payments.models import Payable
from marketplace.permissions import SYSTEM, Actor, Role
from marketplace.placements.models import DeliveryLine, Difference, Settlement, SettlementLine
from marketplace.placements.services.deliveries import make_delivery, send_delivery
from marketplace.placements.services.delivery_lines import DeliveryDraft, NewLine
from marketplace.placements.services.receiving import receive_delivery
from marketplace.placements.services.settling import settle_until
from marketplace.stock.models import Lot, MovementKind
from marketplace.stock.rules import Movement
from marketplace.stock.services import post_movements
from tests import factories as make
from tests.support.signing import bearer, forget_request, sign_in

TODAY = date(2026, 11, 22)
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)
KEPT_ANYWAY = {"sales_requests", "sales_reports"}
"""A program's report is kept with its answer, so that it may ask again: also when all of it was refused."""
_numbers = itertools.count(1)


@dataclass
class Scene:
    """A store and a maker in the middle of their business, and two strangers who do the same."""

    store: Actor
    maker: Actor
    headers: dict[str, str]
    ids: dict[str, Any]

    def fill(self, value: Any) -> Any:
        """A case's template with the ids of this scene."""
        if isinstance(value, str):
            return value.format(**self.ids)
        if isinstance(value, dict):
            return {self.fill(key): self.fill(one) for key, one in value.items()}
        return [self.fill(one) for one in value] if isinstance(value, list) else value


def business(prefix: str) -> dict[str, Any]:
    """An agreement, a delivery on its way and one received, a settled cycle and a shelf with ten units."""
    seller, operator = make.seller(f"S-{prefix}"), make.operator()
    outlet = make.outlet(f"T-{prefix}", operator_id=operator.id)
    product = make.product(seller, f"P-{prefix}", retail_price_rupiah=20_000)
    never = make.product(seller, f"N-{prefix}")
    terms = {"settlement_cycle": "weekly", "settlement_days": 14}
    agreement = make.agreement(
        outlet, seller, commission_percent=Decimal(10), terms={"settlement_cycle": terms["settlement_cycle"]}
    )
    store = make.member(Role.BUYER_MANAGER, operator_id=operator.id)
    maker = make.member(Role.SELLER_OWNER, seller_id=seller.id)
    shelf, past = (outlet.id, seller.id, product.id), TODAY - timedelta(days=20)
    post_movements(
        actor=SYSTEM,
        movements=[
            Movement(f"{prefix}-d", MovementKind.DELIVERY, *shelf, 15, past, lot="A"),
            Movement(f"{prefix}-s", MovementKind.SALE, *shelf, 5, past, unit_price_rupiah=20_000),
        ],
    )
    settle_until(YESTERDAY, issue=True)
    notes = []
    for _turn in range(2):
        draft = DeliveryDraft(agreement.id, TODAY, [NewLine(product.id, 4, "B", TODAY + timedelta(days=90))])
        made = make_delivery(actor=maker, draft=draft)
        notes.append(send_delivery(actor=maker, delivery_id=made.id).id)
    receive_delivery(actor=store, delivery_id=notes[1])
    lines = select(DeliveryLine.id).where(DeliveryLine.delivery_id == notes[0])
    settlement = db.session.scalars(select(Settlement).where(Settlement.outlet_id == outlet.id)).one()
    settled = select(SettlementLine.movement_id).where(SettlementLine.settlement_id == settlement.id)
    bill = select(Payable.id).where(Payable.document_id == settlement.id)
    lot = select(Lot.id).where(Lot.outlet_id == outlet.id, Lot.code == "A")
    ids = {
        "outlet": outlet.id, "outlet_ref": outlet.outlet_ref, "seller": seller.id, "agreement": agreement.id,
        "seller_ref": seller.seller_ref, "product": product.id, "sku": product.sku, "never": never.id,
        "never_sku": never.sku, "sent": notes[0], "received": notes[1], "settlement": settlement.id,
        "line": db.session.scalars(lines).one(), "row": db.session.scalars(settled).one(),
        "bill": db.session.scalars(bill).one(), "lot": db.session.scalars(lot).one(),
        "store": store, "maker": maker,
    }  # fmt: skip
    db.session.rollback()
    return ids


@pytest.fixture
def scene(app: Flask) -> Scene:
    ours, theirs = business("1"), business("2")
    days = {"today": TODAY.isoformat(), "yesterday": YESTERDAY.isoformat(), "tomorrow": TOMORROW.isoformat()}
    strangers = {f"their_{name}": value for name, value in theirs.items()}
    return Scene(ours["store"], ours["maker"], bearer(ours["store"]), {**ours, **strangers, **days})


@dataclass(frozen=True)
class Case:
    """What somebody sends, and the words that must be in the answer."""

    name: str
    who: str
    path: str
    form: dict[str, str]
    says: str


def send_it(quantity: str = "5", lot: str = "B", expires: str = "", day: str = "{today}") -> dict[str, str]:
    """The form of a delivery note."""
    return {
        "agreement": "{agreement}", "deliver_on": day, "key": "k", "product-0": "{product}", "fixed-0": "1",
        "quantity-0": quantity, "lot-0": lot, "expires_on-0": expires, "send": "1",
    }  # fmt: skip


def found(accepted: str, short: str = "0", damaged: str = "0") -> dict[str, str]:
    """The form of a receipt."""
    return {"accepted-{line}": accepted, "short-{line}": short, "damaged-{line}": damaged}


def sold(quantity: str, last: str = "{today}", **more: str) -> dict[str, str]:
    """The form of a sales report."""
    key = f"kunci{next(_numbers):08d}"
    return {
        "outlet_id": "{outlet}", "first_on": last, "last_on": last, "key": key, "sold-{product}": quantity,
        **more,
    }  # fmt: skip


def counted(number: str) -> dict[str, str]:
    """The form of a count of one lot."""
    return {"outlet_id": "{outlet}", "key": f"kunci{next(_numbers):08d}", "counted-{product}-{lot}": number}


def back(quantity: str, reason: str = "slow") -> dict[str, str]:
    """The form of a return note."""
    return {
        "outlet": "{outlet}", "seller": "{seller}", "key": "r", "lot-0": "{product}||A",
        "quantity-0": quantity, "reason-0": reason,
    }  # fmt: skip


def paid(amount: str, day: str = "{today}", bill: str = "{bill}") -> dict[str, str]:
    """The form of a payment."""
    return {"bills": bill, "key": "p", "amount_rupiah": amount, "method": "cash", "paid_on": day}


HUGE = "99999999999999999999"
WHOLE = "angka bulat"
SCREENS = [
    Case("a delivery of nothing", "maker", "/deliveries/new", send_it("0"), "paling sedikit"),
    Case("a delivery of less than nothing", "maker", "/deliveries/new", send_it("-3"), WHOLE),
    Case("a delivery of half a unit", "maker", "/deliveries/new", send_it("1,5"), WHOLE),
    Case("a delivery beyond all measure", "maker", "/deliveries/new", send_it(HUGE), "Paling banyak"),
    Case(
        "a lot that expired yesterday",
        "maker",
        "/deliveries/new",
        send_it(expires="{yesterday}"),
        "sudah kedaluwarsa 1 hari",
    ),
    Case(
        "a delivery for yesterday",
        "maker",
        "/deliveries/new",
        send_it(day="{yesterday}"),
        "paling awal hari ini",
    ),
    Case(
        "a second receipt",
        "store",
        "/deliveries/{received}/receive",
        {"all": "1"},
        "sudah diterima",
    ),
    Case("less than nothing received", "store", "/deliveries/{sent}/receive", found("-1", "5"), WHOLE),
    Case("half a unit received", "store", "/deliveries/{sent}/receive", found("1,5", "2,5"), WHOLE),
    Case(
        "more received than sent", "store", "/deliveries/{sent}/receive", found("5"), "padahal di surat jalan"
    ),
    Case("less told than sent", "store", "/deliveries/{sent}/receive", found("1"), "Baru 1 dari 4"),
    Case("units beyond all measure received", "store", "/deliveries/{sent}/receive", found(HUGE), WHOLE),
    Case(
        "another's delivery received", "store", "/deliveries/{their_sent}/receive", {"all": "1"}, "tidak ada"
    ),
    Case("a sale of less than nothing", "store", "/sales/new", sold("-2"), WHOLE),
    Case("a sale of half a unit", "store", "/sales/new", sold("2,5"), WHOLE),
    Case("a sale beyond all measure", "store", "/sales/new", sold(HUGE), WHOLE),
    Case(
        "a report of nothing that does not say so", "store", "/sales/new", sold("0"), "Tidak ada yang terjual"
    ),
    Case(
        "a sale in the future", "store", "/sales/new", sold("1", "{tomorrow}"), "paling jauh sampai hari ini"
    ),
    Case(
        "a period that ends before it begins",
        "store",
        "/sales/new",
        sold("1", "{yesterday}", first_on="{today}"),
        "tidak boleh sebelum hari pertama",
    ),
    Case("another's sales", "store", "/sales/new", sold("1", outlet_id="{their_outlet}"), "bukan toko Anda"),
    Case("a count below nothing", "store", "/counts/new", counted("-1"), WHOLE),
    Case("a count of half a unit", "store", "/counts/new", counted("0,5"), WHOLE),
    Case("a count beyond all measure", "store", "/counts/new", counted(HUGE), WHOLE),
    Case("a count of nothing", "store", "/counts/new", counted(""), "Isi sedikitnya satu"),
    Case("a return of less than nothing", "store", "/returns/new", back("-1"), WHOLE),
    Case("a return of half a unit", "store", "/returns/new", back("0,5"), WHOLE),
    Case("a return of more than there is", "store", "/returns/new", back("11"), "hanya ada 10"),
    Case("a return of nothing", "store", "/returns/new", back("0"), "paling sedikit satu barang"),
    Case("a return as expired of what is good", "store", "/returns/new", back("1", "expired"), "alasan lain"),
    Case("a cycle issued twice", "store", "/settlements/{settlement}/issue", {}, "Siklus ini sudah ditutup"),
    Case("another's cycle issued", "store", "/settlements/{their_settlement}/issue", {}, "tidak ada"),
    Case(
        "another's settlement confirmed", "maker", "/settlements/{their_settlement}/confirm", {}, "tidak ada"
    ),
    Case(
        "a claim below nothing",
        "maker",
        "/settlements/{settlement}/lines/{row}",
        {"claimed_rupiah": "-5", "reason": "keliru"},
        "Tulis",
    ),
    Case(
        "a claim that says the same",
        "maker",
        "/settlements/{settlement}/lines/{row}",
        {"claimed_rupiah": "90000", "reason": "keliru"},
        "Itu sama dengan jumlah",
    ),
    Case(
        "a claim without a reason",
        "maker",
        "/settlements/{settlement}/lines/{row}",
        {"claimed_rupiah": "95000", "reason": " "},
        "Tulis apa yang keliru",
    ),
    Case("a payment of nothing", "store", "/payments/new", paid("0"), "Tulis"),
    Case("a payment of less than nothing", "store", "/payments/new", paid("-1"), "Tulis"),
    Case("a payment of half a rupiah", "store", "/payments/new", paid("0,5"), "Tulis"),
    Case(
        "a payment of more than is owed",
        "store",
        "/payments/new",
        paid("90001"),
        "lebih dari yang masih harus",
    ),
    Case("a payment in the future", "store", "/payments/new", paid("5", "{tomorrow}"), "sesudah hari ini"),
    Case(
        "another's bill paid",
        "store",
        "/payments/new",
        paid("5", bill="{their_bill}"),
        "Tagihan ini tidak",
    ),
    Case("another's agreement accepted", "maker", "/agreements/{their_agreement}/accept", {}, "tidak ada"),
    Case(
        "another's agreement ended",
        "maker",
        "/agreements/{their_agreement}/terminate",
        {"terminated_on": "{tomorrow}", "reason": "x"},
        "tidak ada",
    ),
]


def counts(without: set[str] | frozenset[str] = frozenset()) -> dict[str, int]:
    """How many rows each table has."""
    db.session.rollback()
    names = [table.name for table in Base.metadata.sorted_tables if table.name not in without]
    each = ", ".join(f"(SELECT count(*) FROM {name})" for name in names)
    found = db.session.execute(text(f"SELECT {each}")).one()
    db.session.rollback()
    return dict(zip(names, found, strict=True))


def read(answer: Any) -> str:
    """The words of a page, without its markup."""
    page = re.sub(r"<(script|style).*?</\1>", " ", answer.get_data(as_text=True), flags=re.S)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def test_a_screen_says_what_is_wrong_and_writes_nothing(app: Flask, scene: Scene) -> None:
    failed = []
    browsers = {
        "store": sign_in(app.test_client(), scene.store), "maker": sign_in(app.test_client(), scene.maker)
    }  # fmt: skip
    before = counts()
    for case in SCREENS:
        forget_request()
        browser = browsers[case.who]
        answer = browser.post(scene.fill(case.path), data=scene.fill(case.form), follow_redirects=True)
        forget_request()
        said = read(answer)
        if case.says not in said:
            failed.append(f"{case.name}: {answer.status_code} says {said[250:900]!r}")
        if answer.status_code >= 500:
            failed.append(f"{case.name}: {answer.status_code}")
        if (after := counts()) != before:
            changed = {name: after[name] - n for name, n in before.items() if after[name] != n}
            failed.append(f"{case.name}: wrote {changed}")
            before = after
    assert failed == []


def line(**changes: Any) -> dict[str, Any]:
    """A line that nothing speaks against, but for the changes."""
    good = {
        "line_ref": f"L{next(_numbers)}", "occurred_on": "{today}", "seller_ref": "{seller_ref}",
        "sku": "{sku}", "quantity": 1,
    }  # fmt: skip
    return {**good, **changes}


LINES: list[tuple[str, dict[str, Any], str]] = [
    ("nothing", line(quantity=0), "invalid_quantity"),
    ("less than nothing", line(quantity=-3), "invalid_quantity"),
    ("beyond all measure", line(quantity=10**18), "invalid_quantity"),
    ("in the future", line(occurred_on="{tomorrow}"), "future_date"),
    ("on no day", line(occurred_on="2026-02-30"), "invalid_date"),
    ("of nobody", line(seller_ref="NOBODY"), "unknown_seller"),
    ("of another's goods", line(sku="{their_sku}"), "unknown_product"),
    ("at less than nothing", line(unit_price_rupiah=-1), "invalid_price"),
    (
        "taking back what was not sold",
        {"line_ref": "R", "occurred_on": "{today}", "reverses": "X"},
        "unknown_line",
    ),
]
BODIES: list[tuple[str, dict[str, Any], int]] = [
    ("half a unit", {"outlet_ref": "{outlet_ref}", "lines": [line(quantity=1.5)]}, 422),
    ("a number in words", {"outlet_ref": "{outlet_ref}", "lines": [line(quantity="dua")]}, 422),
    ("another's outlet", {"outlet_ref": "{their_outlet_ref}", "lines": [line()]}, 404),
    ("no outlet", {"lines": [line()]}, 422),
    ("days in the wrong order", {
        "outlet_ref": "{outlet_ref}", "lines": [], "first_on": "{today}", "last_on": "{yesterday}"
    }, 422),
]  # fmt: skip


def test_a_program_is_told_what_is_wrong_with_each_line_and_nothing_is_sold(app: Flask, scene: Scene) -> None:
    client, failed = app.test_client(), []

    def post(body: dict[str, Any]) -> Any:
        forget_request()
        headers = {**scene.headers, "Idempotency-Key": f"bad-{next(_numbers)}"}
        return client.post("/api/v1/sales", json=scene.fill(body), headers=headers)

    for name, bad, code in LINES:
        before = counts(KEPT_ANYWAY)
        answer = post({"outlet_ref": "{outlet_ref}", "lines": [bad]})
        refused = answer.json["refused"]
        if [one["code"] for one in refused] != [code] or not refused[0]["message"]:
            failed.append(f"{name}: {answer.json}")
        if counts(KEPT_ANYWAY) != before:
            failed.append(f"{name}: something was written")
    for name, body, status in BODIES:
        before = counts()
        answer = post(body)
        if answer.status_code != status or not answer.json.get("detail"):
            failed.append(f"{name}: {answer.status_code} {answer.json}")
        if counts() != before:
            failed.append(f"{name}: something was written")
    assert failed == []


def test_a_sale_of_goods_never_delivered_is_a_difference_of_the_whole_line(app: Flask, scene: Scene) -> None:
    before = counts()
    body = {"outlet_ref": "{outlet_ref}", "lines": [line(sku="{never_sku}", quantity=7)]}
    headers = {**scene.headers, "Idempotency-Key": "never"}
    forget_request()
    answer = app.test_client().post("/api/v1/sales", json=scene.fill(body), headers=headers).get_json()
    assert answer["accepted"] == 0
    assert [one["quantity"] for one in answer["differences"]] == [7]
    after = counts()
    assert {name for name in after if after[name] != before[name]} == {
        "differences", "sale_lines", "sales_reports", "sales_requests",
    }  # fmt: skip
    assert db.session.scalars(select(Difference.quantity)).all() == [7]
