"""The office's first screen: figures of a day beside an earlier one, and what changed in between."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date

from sqlalchemy import func, select

from ...db import db
from ..models import Standing, StandingDay
from ..rules import Binding, Status, month_ends_before
from .changes import Change, changes_between
from .places import Scope, is_one_of, lies_in
from .standings import OutletStanding, changed_on, evaluate, standings


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
    """How outlets with a duty stood at each month's end, and on the day itself, oldest first.

    The database sums up what is kept, all days at once; outlets whose evidence changed are counted anew.
    """
    days = [*month_ends_before(day, months - 1), day]
    changed = changed_on(days)
    kept = _kept_groups([each for each in days if not changed[each]], scope)
    for each in days:
        if changed[each]:
            kept |= _kept_groups([each], scope, changed[each])
    return [_point(each, scope, kept.get(each), changed[each]) for each in days]


def _point(day: date, scope: Scope, kept: Group | None, changed: Collection[int]) -> TrendPoint:
    if kept is None:
        anew, kept = evaluate(day, scope), Group()
    else:
        anew = evaluate(day, scope, changed) if changed else []
    group = _sum(kept, group_of(_duties(anew)))
    return TrendPoint(day, group.compliant, group.in_grace, group.short, group.missing)


def _kept_groups(days: Collection[date], scope: Scope, without: Collection[int] = ()) -> dict[date, Group]:
    """The outlets with a duty on each of these days that is kept, but those to leave out."""
    mine = lies_in(Standing.region_code, scope.region) & (Standing.binding == Binding.MANDATORY.value)
    if scope.operator_id is not None:
        mine &= Standing.operator_id == scope.operator_id
    if without:
        mine &= ~is_one_of(db.session(), Standing.outlet_id, without)
    missing = func.sum(Standing.required - Standing.counted)
    query = (
        select(StandingDay.day, Standing.status, func.count(Standing.day), missing)
        .outerjoin(Standing, (Standing.day == StandingDay.day) & mine)
        .where(StandingDay.day.in_(days))
        .group_by(StandingDay.day, Standing.status)
    )
    found: defaultdict[date, dict[str | None, tuple[int, int]]] = defaultdict(dict)
    for day, status, outlets, units in db.session.execute(query):
        found[day][status] = (outlets, int(units or 0))
    return {day: _group_of_totals(totals) for day, totals in found.items()}


def _group_of_totals(totals: Mapping[str | None, tuple[int, int]]) -> Group:
    by_status = {status: totals.get(status.value, (0, 0)) for status in Status}
    return Group(
        outlets=sum(outlets for outlets, _missing in by_status.values()),
        compliant=by_status[Status.COMPLIANT][0],
        short=by_status[Status.SHORT][0],
        in_grace=by_status[Status.IN_GRACE][0],
        missing=by_status[Status.SHORT][1],
    )


def _sum(one: Group, other: Group) -> Group:
    return Group(*(getattr(one, f.name) + getattr(other, f.name) for f in fields(Group)))
