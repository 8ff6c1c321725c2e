"""What many processes that want the same unit at the same moment do, for tests of races."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.synchronize import Barrier
from typing import Any

from sqlalchemy import text

from marketplace import clock
from marketplace.db import db
from marketplace.errors import MarketplaceError
from marketplace.permissions import Actor, Role
from marketplace.placements.services.reports import HandReport, Sold, report_by_hand
from marketplace.placements.services.returns import fetch_return
from marketplace.stock.rules.sales import Line
from marketplace.stock.services import record_sales
from tests.support.rushing import WAIT_S


@dataclass(frozen=True)
class Race:
    """One product whose last unit everybody wants, the n-th process by the n-th of `acts`."""

    sku: str
    product_id: int
    acts: list[str]
    return_id: int | None = None


@dataclass(frozen=True)
class Orders:
    """Where and who."""

    outlet_id: int
    outlet_ref: str
    seller_id: int
    seller_ref: str
    operator_id: int
    user_id: int
    maker_id: int


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


def told(orders: Orders, wanted: Race, number: int, together: Barrier | None = None) -> dict[str, Any]:
    """The n-th process does its act; what it was told."""
    act = wanted.acts[number % len(wanted.acts)]
    said = {"sku": wanted.sku, "act": act, "taken": 0}
    try:
        if together is not None and act == "naive":
            taken = naively(wanted, together)
        else:
            taken = ACTS[act](orders, wanted, number)
    except MarketplaceError as error:
        return {**said, "refused": error.code}
    return {**said, "taken": taken}
