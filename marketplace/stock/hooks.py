"""Where a higher area keeps a registry of sales reports, without stock knowing what it keeps."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from flask import Flask, current_app
from sqlalchemy.orm import Session

EXTENSION = "etalase_sales_registry"


@dataclass(frozen=True, slots=True)
class TakenLine:
    """A line that was taken now, wholly, in part or not at all (then it is a difference as a whole).

    A line that takes another back has `reverses` and neither seller nor product. `is_again`: it was a
    difference as a whole when it was told before.
    """

    line_ref: str
    occurred_on: date
    reverses: str | None
    seller_id: int | None
    product_id: int | None
    unit_price_rupiah: int | None
    accepted: int
    difference: int
    is_again: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """What a request told of an outlet's sales: the lines taken now, how many there were and were refused."""

    outlet_id: int
    user_id: int
    taken: Sequence[TakenLine]
    asked_count: int
    refused_count: int
    first_on: date | None = None
    last_on: date | None = None


@dataclass(frozen=True, slots=True)
class LineWarning:
    """Something odd about a line that was taken all the same."""

    line_ref: str
    code: str
    message: str


class SalesRegistry(Protocol):
    """Keeps a row for each report, inside the unit that writes its lines."""

    def open(self, session: Session, *, outlet_id: int, user_id: int, key: str) -> int:
        """A new report of an outlet; answers its id, which the ledger's rows will name as their cause."""

    def settled(self, session: Session, outlet_id: int, line_refs: Collection[str]) -> set[str]:
        """Those of an outlet's lines whose difference the parties settled: they are closed for good."""

    def close(self, session: Session, report_id: int, told: Told) -> Sequence[LineWarning]:
        """Add what a request told to a report; answers what is odd about some of its lines."""


def register_sales_registry(app: Flask, registry: SalesRegistry) -> None:
    """Say who keeps the reports."""
    app.extensions[EXTENSION] = registry


def sales_registry() -> SalesRegistry | None:
    """Who keeps the reports; None in an app without placements."""
    registry: SalesRegistry | None = current_app.extensions.get(EXTENSION)
    return registry
