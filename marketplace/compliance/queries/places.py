"""Which outlets are asked about: those open on a day, in a region, of an operator."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    String,
    bindparam,
    false,
    func,
    or_,
    select,
    true,
)
from sqlalchemy.orm import Session

from ...db import db, is_postgres
from ...organizations.models import Operator, Outlet, OutletFacts
from ...permissions import Actor
from ...regions.models import Region

DISTRICT_LENGTH = len("33.72.01")


@dataclass(frozen=True)
class Scope:
    """Whose outlets: under a region code ('' for the country), and perhaps of one operator."""

    region: str = ""
    operator_id: int | None = None


class Place(NamedTuple):
    """An outlet that is open on the day, with what counting reads of it."""

    outlet_id: int
    outlet_ref: str
    name: str
    operator_id: int
    operator_ref: str
    operator_name: str
    kind: str
    region_code: str
    opened_on: date
    closed_on: date | None


def scope_of(actor: Actor) -> Scope | None:
    """What an actor may see of the standing of outlets; None: nothing."""
    if actor.operator_id is not None:
        return Scope(operator_id=actor.operator_id)
    return Scope(region=actor.region) if actor.is_office else None


def lies_in(column: Any, region: str) -> ColumnElement[bool]:
    """The column's region code lies under a region, by whole levels."""
    if not region:
        return true()
    return or_(column == region, column.startswith(region + ".", autoescape=True))


def is_one_of(session: Session, column: Any, ids: Collection[int]) -> ColumnElement[bool]:
    """The column is one of many ids, sent as one value: no limit on their number, one plan."""
    if not ids:
        return false()
    on_postgres = is_postgres(session)
    kind: Any = ARRAY(BigInteger) if on_postgres else String
    return _is_in(column, bindparam(None, one_value(ids, on_postgres), type_=kind, unique=True), on_postgres)


def is_one_of_named(column: Any, name: str, on_postgres: bool) -> ColumnElement[bool]:
    """The same for a statement that is built once: `name` is the parameter that one_value is given to."""
    kind: Any = ARRAY(BigInteger) if on_postgres else String
    return _is_in(column, bindparam(name, type_=kind), on_postgres)


def one_value(ids: Collection[int], on_postgres: bool) -> list[int] | str:
    """Many ids as one parameter."""
    return sorted(ids) if on_postgres else str(sorted(ids))


def _is_in(column: Any, ids: Any, on_postgres: bool) -> ColumnElement[bool]:
    if on_postgres:
        return column.in_(select(func.unnest(ids).column_valued("wanted")))
    return column.in_(select(func.json_each(ids).table_valued("value").c.value))


def current_on(facts: Any, day: date | ColumnElement[date]) -> ColumnElement[bool]:
    """The dated facts as they are known now, for a day."""
    return facts.superseded_at.is_(None) & (facts.valid_from <= day) & (facts.valid_to > day)


def open_on(day: date) -> ColumnElement[bool]:
    """The outlet's facts hold on the day and it is open: the closing day is the first without it."""
    return (
        current_on(OutletFacts, day)
        & (OutletFacts.opened_on <= day)
        & or_(OutletFacts.closed_on.is_(None), OutletFacts.closed_on > day)
    )


def places_open_on(day: date, scope: Scope, outlet_ids: Collection[int] | None = None) -> list[Place]:
    """The outlets open on a day, in order of outlet_ref by code point."""
    query = _places().where(open_on(day), lies_in(OutletFacts.region_code, scope.region))
    if scope.operator_id is not None:
        query = query.where(OutletFacts.operator_id == scope.operator_id)
    if outlet_ids is not None:
        query = query.where(is_one_of(db.session(), Outlet.id, outlet_ids))
    return sorted((Place(*row) for row in db.session.execute(query)), key=lambda place: place.outlet_ref)


def place_on(day: date, scope: Scope, outlet_id: int) -> Place | None:
    """One outlet as it is or was on a day, open or not; None when it lies outside the scope."""
    query = _places().where(
        current_on(OutletFacts, day), Outlet.id == outlet_id, lies_in(OutletFacts.region_code, scope.region)
    )
    if scope.operator_id is not None:
        query = query.where(OutletFacts.operator_id == scope.operator_id)
    row = db.session.execute(query).one_or_none()
    return Place(*row) if row else None


def segments_of(outlet_id: int) -> list[OutletFacts]:
    """What counting reads of one outlet, as it is known now, day by day."""
    query = select(OutletFacts).where(OutletFacts.outlet_id == outlet_id, OutletFacts.superseded_at.is_(None))
    return list(db.session.scalars(query))


def _places() -> Any:
    return (
        select(
            Outlet.id,
            Outlet.outlet_ref,
            Outlet.name,
            Operator.id,
            Operator.operator_ref,
            Operator.name,
            OutletFacts.kind,
            OutletFacts.region_code,
            OutletFacts.opened_on,
            OutletFacts.closed_on,
        )
        .join(OutletFacts, OutletFacts.outlet_id == Outlet.id)
        .join(Operator, Operator.id == OutletFacts.operator_id)
    )


def outlet_id_of(outlet_ref: str) -> int | None:
    """The outlet's id by the city's own reference."""
    return db.session.scalar(select(Outlet.id).where(Outlet.outlet_ref == outlet_ref))


def district_of(code: str) -> str:
    """The district part of a village's (or district's) code; a shorter code is its own."""
    return code[:DISTRICT_LENGTH]


def region_names(codes: Iterable[str]) -> dict[str, str]:
    """The names of some places by code."""
    wanted = sorted(set(codes))
    names: dict[str, str] = {}
    for part in _parts(wanted, 5_000):
        names |= dict(db.session.execute(select(Region.code, Region.name).where(Region.code.in_(part))).all())
    return names


def region_exists(code: str) -> bool:
    """Whether a code is a known place."""
    return db.session.get(Region, code) is not None


def _parts(values: list[str], size: int) -> Iterator[list[str]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]
