"""What every outlet is found to be on a day: kept answers where they are good, counted anew where not."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import func, select

from ...db import db
from ...organizations.models import Operator, Outlet
from ..models import EvidenceChange, Standing, StandingDay
from ..rules import Binding, shortfall_of, status_of
from .counting import assign_rules, counts_on
from .places import Place, Scope, district_of, lies_in, places_open_on, region_names
from .regulations import rules_on


class OutletStanding(NamedTuple):
    """One outlet on one day: how many sellers it carries, how many it must, and what that makes it."""

    outlet_id: int
    outlet_ref: str
    name: str
    operator_id: int
    operator_ref: str
    operator_name: str
    kind: str
    region_code: str
    opened_on: date
    regulation_id: int | None
    binding: str | None
    required: int | None
    counted: int
    status: str
    village: str = ""
    district: str = ""

    @property
    def district_code(self) -> str:
        """The Kemendagri code of its district."""
        return district_of(self.region_code)

    @property
    def shortfall(self) -> int:
        """How many sellers are missing, 0 where none is required."""
        return shortfall_of(self.required, self.counted) or 0

    @property
    def is_duty(self) -> bool:
        """Whether the regulation obliges (and is not a target)."""
        return self.binding == Binding.MANDATORY

    @property
    def place(self) -> str:
        """Village and district in words."""
        return ", ".join(dict.fromkeys(name for name in (self.village, self.district) if name))


REGION_AT = OutletStanding._fields.index("region_code")
NAMED_FROM = len(OutletStanding._fields) - 2
"""What follows are the names of village and district."""


def standings(day: date, scope: Scope) -> list[OutletStanding]:
    """Every outlet open on the day, in order of outlet_ref; never older than the evidence.

    Changes are read first, kept rows after: whatever is taken over in between is then newer, not lost.
    """
    changed = changed_on([day])[day]
    kept = _kept(day, scope)
    if kept is None:
        return with_names(evaluate(day, scope))
    good = [row for row in kept if row.outlet_id not in changed] if changed else kept
    anew = evaluate(day, scope, changed) if changed else []
    return sorted(with_names([*good, *anew]), key=lambda row: row.outlet_ref)


def standing_of(day: date, outlet_id: int) -> OutletStanding | None:
    """One outlet counted now; None when it is not open on the day."""
    return next(iter(with_names(evaluate(day, Scope(), [outlet_id]))), None)


def evaluate(day: date, scope: Scope, outlet_ids: Collection[int] | None = None) -> list[OutletStanding]:
    """Count now, from the evidence alone."""
    places = places_open_on(day, scope, outlet_ids)
    holding = assign_rules(places, rules_on(day), day)
    counts = counts_on(day, holding)
    return [
        _standing(place, holding[place.outlet_id], counts.get(place.outlet_id, 0), day) for place in places
    ]


def _standing(place: Place, rule: Any, counted: int, day: date) -> OutletStanding:
    return OutletStanding(
        outlet_id=place.outlet_id,
        outlet_ref=place.outlet_ref,
        name=place.name,
        operator_id=place.operator_id,
        operator_ref=place.operator_ref,
        operator_name=place.operator_name,
        kind=place.kind,
        region_code=place.region_code,
        opened_on=place.opened_on,
        regulation_id=rule.id if rule else None,
        binding=rule.binding if rule else None,
        required=rule.min_sellers if rule else None,
        counted=counted,
        status=status_of(rule, counted, place.opened_on, day).value,
    )


def changed_on(days: Collection[date]) -> dict[date, set[int]]:
    """Outlets whose evidence for a day changed since their standings were kept, for each of these days."""
    query = (
        select(EvidenceChange.outlet_id, func.min(EvidenceChange.from_day))
        .where(EvidenceChange.from_day <= max(days))
        .group_by(EvidenceChange.outlet_id)
    )
    rows = db.session.execute(query).all()
    return {day: {outlet_id for outlet_id, first in rows if first <= day} for day in days}


def _kept(day: date, scope: Scope) -> list[Any] | None:
    """A day's kept rows, without places' names, in one statement, hence one moment; None when not kept."""
    mine = lies_in(Standing.region_code, scope.region)
    if scope.operator_id is not None:
        mine &= Standing.operator_id == scope.operator_id
    query = (
        select(
            Standing.outlet_id,
            Outlet.outlet_ref,
            Outlet.name,
            Standing.operator_id,
            Operator.operator_ref,
            Operator.name,
            Standing.kind,
            Standing.region_code,
            Standing.opened_on,
            Standing.regulation_id,
            Standing.binding,
            Standing.required,
            Standing.counted,
            Standing.status,
        )
        .select_from(StandingDay)
        .outerjoin(Standing, (Standing.day == StandingDay.day) & mine)
        .outerjoin(Outlet, Outlet.id == Standing.outlet_id)
        .outerjoin(Operator, Operator.id == Standing.operator_id)
        .where(StandingDay.day == day)
    )
    rows: Sequence[Any] = db.session.execute(query).all()
    if not rows:
        return None
    return [row for row in rows if row[0] is not None]


def is_kept(day: date) -> bool:
    """Whether a day's standings are kept."""
    return db.session.get(StandingDay, day) is not None


def kept_days() -> list[date]:
    """The days whose standings are kept, oldest first."""
    return list(db.session.scalars(select(StandingDay.day).order_by(StandingDay.day)))


def with_names(rows: Iterable[tuple[Any, ...]]) -> list[OutletStanding]:
    """Rows in the order of OutletStanding, with the names of village and district."""
    rows = list(rows)
    codes = {row[REGION_AT] for row in rows}
    names = region_names(codes | {district_of(code) for code in codes})
    places = {code: (names.get(code, ""), names.get(district_of(code), "")) for code in codes}
    return [OutletStanding._make((*row[:NAMED_FROM], *places[row[REGION_AT]])) for row in rows]
