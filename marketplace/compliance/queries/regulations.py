"""Reading regulations, for the editor and for counting."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

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


@dataclass(frozen=True)
class Law:
    """Every regulation and size limit of every time: read once by a page that asks of many days."""

    regulations: dict[int, Regulation]
    rules: tuple[Rule, ...]
    parameters: Sequence[legal.LegalParameter]

    def rules_on(self, day: date) -> list[Rule]:
        """The regulations in force on a day."""
        return [rule for rule in self.rules if rule.valid_from <= day < rule.valid_to]

    def size_limits_on(self, day: date) -> SizeLimits:
        """As the function of this name. Raises RuleBroken where no such number is recorded."""
        return _limits_among(self.parameters, day)


def every_law() -> Law:
    """All of it."""
    rows = db.session.scalars(_regulations()).all()
    rules = tuple(rule_of(row) for row in rows)
    return Law({row.id: row for row in rows}, rules, db.session.scalars(_parameters()).all())


@functools.cache
def _regulations() -> Any:
    return select(Regulation)


@functools.cache
def _parameters() -> Any:
    parameter = legal.LegalParameter
    return select(parameter).where(parameter.key.in_((SALES_KEY, CAPITAL_KEY))).order_by(parameter.valid_from)


def size_limits_on(day: date) -> SizeLimits:
    """Up to what size a business is an MSME on a day; before the first recorded law, as that law says."""
    return _limits_among(db.session.scalars(_parameters()).all(), day)


def _limits_among(rows: Sequence[legal.LegalParameter], day: date) -> SizeLimits:
    return numbers_of({key: _value(rows, key, day) for key in (SALES_KEY, CAPITAL_KEY)})


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
