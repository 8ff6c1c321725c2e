"""The size thresholds of a day, and the size class in SQL."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from ... import legal
from ...db import db
from ...legal import LegalParameter
from ..models import SellerFacts
from ..rules import SizeClass, Thresholds


def thresholds_on(session: Session, day: date) -> Thresholds:
    """The thresholds in force on a day; for days before the first law that is recorded, those of that law."""
    values = legal.values_on(session, day)
    try:
        return Thresholds.of(values)
    except KeyError:
        first = select(func.min(LegalParameter.valid_from)).where(LegalParameter.key.startswith("msme."))
        return Thresholds.of(legal.values_on(session, session.scalars(first).one()))


def store_limits_on(day: date) -> Mapping[str, int]:
    """The sales floors of each kind of store in force on a day, by key."""
    values = legal.values_on(db.session(), day)
    return {key: value for key, value in values.items() if key.startswith("store.")}


def size_case(thresholds: Thresholds) -> ColumnElement[str]:
    """The size class of a SellerFacts row as a text, as rules.size_class decides it."""
    amount, bounds = SellerFacts.annual_sales_rupiah, thresholds.sales
    by_sales = _ladder(amount, bounds)
    by_capital = _ladder(SellerFacts.capital_rupiah, thresholds.capital)
    return case(
        (amount.is_not(None), by_sales),
        (SellerFacts.capital_rupiah.is_not(None), by_capital),
        else_=SizeClass.MICRO.value,
    )


def _ladder(amount: Any, bounds: tuple[int, int, int]) -> ColumnElement[str]:
    micro, small, medium = bounds
    return case(
        (amount <= micro, SizeClass.MICRO.value),
        (amount <= small, SizeClass.SMALL.value),
        (amount <= medium, SizeClass.MEDIUM.value),
        else_=SizeClass.LARGE.value,
    )
