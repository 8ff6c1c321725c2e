"""Reading regulations, for the editor and for counting."""

from __future__ import annotations

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


def size_limits_on(day: date) -> SizeLimits:
    """Up to what size a business is an MSME on a day; before the first recorded law, as that law says."""
    values = legal.values_on(db.session(), day)
    for key in (SALES_KEY, CAPITAL_KEY):
        if key not in values:
            values[key] = _earliest(key)
    return numbers_of(values)


def _earliest(key: str) -> int:
    row = db.session.scalar(
        select(legal.LegalParameter)
        .where(legal.LegalParameter.key == key)
        .order_by(legal.LegalParameter.valid_from)
        .limit(1)
    )
    return row.value if row is not None else legal.value_on(db.session(), key, date.min)


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
