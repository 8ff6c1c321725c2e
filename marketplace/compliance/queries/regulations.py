"""Reading regulations, for the editor and for counting."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select

from ... import legal
from ...db import db
from ..models import Regulation
from ..rules import Rule, SizeLimits, Terms, lies_in, numbers_of

SALES_KEY, CAPITAL_KEY = "msme.sales.medium_max_rupiah", "msme.capital.medium_max_rupiah"


def rule_of(row: Regulation) -> Rule:
    """A regulation row as the plain value that the rules take."""
    return Rule(
        regulation_ref=row.regulation_ref,
        region_code=row.region_code,
        outlet_kinds=frozenset(row.outlet_kinds),
        min_sellers=row.min_sellers,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        binding=row.binding,
        grace_days=row.grace_days,
        terms=Terms(frozenset(row.counted_bases), row.display_window_days, row.outright_window_days),
        id=row.id,
    )


def rules_on(day: date) -> list[Rule]:
    """Every regulation in force on a day."""
    rows = db.session.scalars(
        select(Regulation).where(Regulation.valid_from <= day, Regulation.valid_to > day)
    )
    return [rule_of(row) for row in rows]


def every_rule() -> list[Rule]:
    """Every regulation of every time."""
    return [rule_of(row) for row in db.session.scalars(select(Regulation))]


def size_limits_on(day: date) -> SizeLimits:
    """Up to what size a business is an MSME on a day; before the first recorded law, as that law says."""
    return size_limits_of([day])[day]


def size_limits_of(days: Sequence[date]) -> dict[date, SizeLimits]:
    """The same for several days at once. Raises RuleBroken where no such number is recorded."""
    parameter = legal.LegalParameter
    query = (
        select(parameter).where(parameter.key.in_((SALES_KEY, CAPITAL_KEY))).order_by(parameter.valid_from)
    )
    rows = db.session.scalars(query).all()
    return {
        day: numbers_of({key: _value(rows, key, day) for key in (SALES_KEY, CAPITAL_KEY)}) for day in days
    }


def _value(rows: Sequence[legal.LegalParameter], key: str, day: date) -> int:
    known = [row for row in rows if row.key == key]
    for row in known:
        if row.valid_from <= day < row.valid_to:
            return row.value
    return known[0].value if known else legal.value_on(db.session(), key, day)


def regulations_in(region: str) -> list[Regulation]:
    """Every regulation row that concerns places under a region, or that a wider region lays on it."""
    rows = db.session.scalars(select(Regulation)).all()
    concerned = [row for row in rows if lies_in(row.region_code, region) or lies_in(region, row.region_code)]
    return sorted(concerned, key=lambda row: (row.region_code, row.valid_from, row.regulation_ref))


def regulation(regulation_id: int) -> Regulation | None:
    """One regulation row."""
    return db.session.get(Regulation, regulation_id)


def regulation_by_ref(regulation_ref: str) -> Regulation | None:
    """One regulation row by the city's own reference."""
    return db.session.scalar(select(Regulation).where(Regulation.regulation_ref == regulation_ref))
