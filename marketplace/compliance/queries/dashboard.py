"""The office's first screen: figures of a day beside an earlier one, and what changed in between."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date

from sqlalchemy import func, select

from ...db import db
from ..models import Standing, StandingDay
from ..rules import Binding, Status, month_ends_before
from .changes import Change, changes_between
from .places import Scope, is_one_of, lies_in
from .standings import OutletStanding, changed_outlets, evaluate, standings


@dataclass(frozen=True)
class Group:
    """How a number of outlets stand."""

    outlets: int = 0
    compliant: int = 0
    short: int = 0
    in_grace: int = 0
    missing: int = 0

    @property
    def share(self) -> float | None:
        """Which part of them is compliant, 0 to 1; None where there is none."""
        return self.compliant / self.outlets if self.outlets else None


@dataclass(frozen=True)
class GroupRow:
    """One district or kind: outlets with a duty on the day and before, and those with a target."""

    code: str
    name: str
    group: Group
    before: Group
    target: Group


@dataclass(frozen=True)
class Dashboard:
    """The standing of a region's outlets on a day, beside an earlier day."""

    day: date
    compared_with: date
    duty: Group
    duty_before: Group
    target: Group
    target_before: Group
    unregulated: int
    new_since: int
    by_district: list[GroupRow]
    by_kind: list[GroupRow]
    changes: list[Change]
    now: list[OutletStanding]
    before: list[OutletStanding]


@dataclass(frozen=True)
class TrendPoint:
    """How the outlets with a duty stood at the end of a day."""

    day: date
    compliant: int
    in_grace: int
    short: int
    missing: int


def default_comparison(day: date) -> date:
    """The day that a dashboard compares with: the end of the month before."""
    return next(iter(month_ends_before(day, 1)), day)


def dashboard(day: date, scope: Scope, compared_with: date | None = None) -> Dashboard:
    """Every figure of the first screen."""
    earlier = compared_with or default_comparison(day)
    now, before = standings(day, scope), standings(earlier, scope)
    duty, duty_before = _duties(now), _duties(before)
    return Dashboard(
        day=day,
        compared_with=earlier,
        duty=group_of(duty),
        duty_before=group_of(duty_before),
        target=group_of(_targets(now)),
        target_before=group_of(_targets(before)),
        unregulated=sum(row.status == Status.NOT_APPLICABLE for row in now),
        new_since=sum(row.opened_on > earlier for row in duty),
        by_district=_rows(now, before, lambda row: row.district_code, lambda row: row.district),
        by_kind=_rows(now, before, lambda row: row.kind, lambda row: row.kind),
        changes=changes_between(earlier, before, day, now),
        now=now,
        before=before,
    )


def group_of(rows: Iterable[OutletStanding]) -> Group:
    """Count how these outlets stand."""
    rows = list(rows)
    found = Counter(row.status for row in rows)
    return Group(
        outlets=len(rows),
        compliant=found[Status.COMPLIANT],
        short=found[Status.SHORT],
        in_grace=found[Status.IN_GRACE],
        missing=sum(row.shortfall for row in rows if row.status == Status.SHORT),
    )


def _duties(rows: Iterable[OutletStanding]) -> list[OutletStanding]:
    return [row for row in rows if row.binding == Binding.MANDATORY]


def _targets(rows: Iterable[OutletStanding]) -> list[OutletStanding]:
    return [row for row in rows if row.binding == Binding.TARGET]


def _rows(
    now: Sequence[OutletStanding],
    before: Sequence[OutletStanding],
    code: Callable[[OutletStanding], str],
    name: Callable[[OutletStanding], str],
) -> list[GroupRow]:
    names = {code(row): name(row) for row in (*before, *now)}
    today, earlier = _split(now, code), _split(before, code)
    rows = [
        GroupRow(
            key,
            label or key,
            group_of(_duties(today[key])),
            group_of(_duties(earlier[key])),
            group_of(_targets(today[key])),
        )
        for key, label in names.items()
    ]
    return sorted(rows, key=lambda row: (_rank(row.group.share), row.name))


def _rank(share: float | None) -> float:
    return 2.0 if share is None else share


def _split(
    rows: Iterable[OutletStanding], code: Callable[[OutletStanding], str]
) -> defaultdict[str, list[OutletStanding]]:
    parts: defaultdict[str, list[OutletStanding]] = defaultdict(list)
    for row in rows:
        parts[code(row)].append(row)
    return parts


def trend(day: date, scope: Scope, months: int = 12) -> list[TrendPoint]:
    """How outlets with a duty stood at each month's end, and on the day itself, oldest first."""
    return [_point(each, scope) for each in (*month_ends_before(day, months - 1), day)]


def _point(day: date, scope: Scope) -> TrendPoint:
    """One day, summed up by the database where its standings are kept; changed outlets counted anew."""
    changed = changed_outlets(day)
    kept = _kept_group(day, scope, changed)
    if kept is None:
        anew, kept = evaluate(day, scope), Group()
    else:
        anew = evaluate(day, scope, changed) if changed else []
    group = _sum(kept, group_of(_duties(anew)))
    return TrendPoint(day, group.compliant, group.in_grace, group.short, group.missing)


def _kept_group(day: date, scope: Scope, changed: Collection[int]) -> Group | None:
    mine = lies_in(Standing.region_code, scope.region) & (Standing.binding == Binding.MANDATORY.value)
    if scope.operator_id is not None:
        mine &= Standing.operator_id == scope.operator_id
    if changed:
        mine &= ~is_one_of(db.session(), Standing.outlet_id, changed)
    query = (
        select(
            Standing.status, func.count(Standing.outlet_id), func.sum(Standing.required - Standing.counted)
        )
        .select_from(StandingDay)
        .outerjoin(Standing, (Standing.day == StandingDay.day) & mine)
        .where(StandingDay.day == day)
        .group_by(Standing.status)
    )
    rows = {status: (outlets, missing) for status, outlets, missing in db.session.execute(query)}
    if not rows:
        return None
    found = {status: rows.get(status.value, (0, 0)) for status in Status}
    return Group(
        outlets=sum(outlets for outlets, _missing in found.values()),
        compliant=found[Status.COMPLIANT][0],
        short=found[Status.SHORT][0],
        in_grace=found[Status.IN_GRACE][0],
        missing=int(found[Status.SHORT][1] or 0),
    )


def _sum(one: Group, other: Group) -> Group:
    return Group(*(getattr(one, f.name) + getattr(other, f.name) for f in fields(Group)))
