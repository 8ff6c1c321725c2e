"""The list of outlets with its filters, for the office."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from .dashboard import default_comparison
from .places import Scope
from .standings import OutletStanding, standings

SORTS: dict[str, Callable[[OutletStanding], Any]] = {
    "shortfall": lambda row: row.shortfall,
    "name": lambda row: row.name.casefold(),
    "counted": lambda row: row.counted,
    "district": lambda row: (row.district, row.village),
    "status": lambda row: row.status,
}


@dataclass(frozen=True)
class OutletFilter:
    """What a list is narrowed to; sort is a key of SORTS, with '-' downwards."""

    q: str = ""
    district: str = ""
    village: str = ""
    """Its code: a village may have its district's name."""
    kind: str = ""
    status: str = ""
    binding: str = ""
    operator_id: int | None = None
    sort: str = "-shortfall"


@dataclass(frozen=True)
class OutletRow:
    """One outlet of the list, and how it stood on the earlier day."""

    standing: OutletStanding
    before: OutletStanding | None


def outlet_list(
    day: date,
    scope: Scope,
    wanted: OutletFilter,
    page: int = 1,
    size: int = 25,
    compared_with: date | None = None,
) -> tuple[list[OutletRow], int]:
    """One page of the outlets that match, and how many match."""
    earlier = compared_with or default_comparison(day)
    return page_of(standings(day, scope), standings(earlier, scope), wanted, page, size)


def page_of(
    now: Iterable[OutletStanding],
    before: Iterable[OutletStanding],
    wanted: OutletFilter,
    page: int = 1,
    size: int = 25,
) -> tuple[list[OutletRow], int]:
    """The same from standings that were read already."""
    rows = narrowed(now, wanted)
    was = {row.outlet_id: row for row in before}
    return [OutletRow(row, was.get(row.outlet_id)) for row in rows[(page - 1) * size : page * size]], len(
        rows
    )


def matching(day: date, scope: Scope, wanted: OutletFilter) -> list[OutletStanding]:
    """Every outlet that matches, sorted; equal ones by name."""
    return narrowed(standings(day, scope), wanted)


def narrowed(standing: Iterable[OutletStanding], wanted: OutletFilter) -> list[OutletStanding]:
    """Those that match, sorted; equal ones by name."""
    rows = [row for row in standing if _matches(row, wanted)]
    rows.sort(key=lambda row: (row.name.casefold(), row.outlet_ref))
    key = SORTS.get(wanted.sort.lstrip("-"))
    if key is not None:
        rows.sort(key=key, reverse=wanted.sort.startswith("-"))
    return rows


def _matches(row: OutletStanding, wanted: OutletFilter) -> bool:
    text = wanted.q.strip().casefold()
    return (
        (not wanted.district or row.district_code == wanted.district)
        and (not wanted.village or row.region_code == wanted.village)
        and (not wanted.kind or row.kind == wanted.kind)
        and (not wanted.status or row.status == wanted.status)
        and (not wanted.binding or row.binding == wanted.binding)
        and (wanted.operator_id is None or row.operator_id == wanted.operator_id)
        and (not text or any(text in each.casefold() for each in _texts(row)))
    )


def _texts(row: OutletStanding) -> tuple[str, ...]:
    return row.name, row.outlet_ref, row.operator_name, row.village, row.district


def districts_of(rows: list[OutletStanding]) -> list[tuple[str, str]]:
    """The districts that occur, as (code, name) by name."""
    found = {row.district_code: row.district or row.district_code for row in rows}
    return sorted(found.items(), key=lambda item: item[1])
