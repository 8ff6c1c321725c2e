"""Retailers and their outlets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, func, or_, select

from ... import clock
from ...db import db
from ...errors import NotFound
from ...i18n import _
from ...permissions import Actor
from ...regions import queries as regions
from .. import rules, versions
from ..models import OfficeBuyer, Operator, Outlet, OutletFacts, OutletKind
from .scope import like, operators_visible_to, outlets_visible_to
from .slices import SIZE, Slice, cut


@dataclass(frozen=True)
class OutletRow:
    """One outlet with its facts of a day."""

    id: int
    outlet_ref: str
    name: str
    kind: OutletKind
    region_code: str
    place: str
    operator_id: int
    operator_name: str
    opened_on: date
    closed_on: date | None

    @property
    def kind_label(self) -> str:
        """The kind in words."""
        return str(rules.KIND_LABELS[self.kind])


@dataclass(frozen=True)
class OperatorRow:
    """One retailer with the number of its open outlets."""

    id: int
    operator_ref: str
    name: str
    status: str
    outlets: int


def outlets(
    actor: Actor, *, q: str = "", kind: str = "", operator_id: int | None = None
) -> Sequence[OutletRow]:
    """The outlets that the actor may see today, by name."""
    day = clock.today()
    query = (
        select(
            Outlet.id,
            Outlet.outlet_ref,
            Outlet.name,
            OutletFacts.kind,
            OutletFacts.region_code,
            OutletFacts.operator_id,
            Operator.name.label("operator_name"),
            OutletFacts.opened_on,
            OutletFacts.closed_on,
        )
        .join(OutletFacts, and_(OutletFacts.outlet_id == Outlet.id, versions.facts_on(OutletFacts, day)))
        .join(Operator, Operator.id == OutletFacts.operator_id)
        .where(outlets_visible_to(actor))
        .order_by(func.lower(Outlet.name), Outlet.id)
    )
    if q:
        query = query.where(or_(like(Outlet.name, q), like(Outlet.outlet_ref, q), like(Operator.name, q)))
    if kind:
        query = query.where(OutletFacts.kind == kind)
    if operator_id is not None:
        query = query.where(OutletFacts.operator_id == operator_id)
    rows = db.session.execute(query).all()
    places = regions.full_names({row.region_code for row in rows})
    return [
        OutletRow(
            id=row.id,
            outlet_ref=row.outlet_ref,
            name=row.name,
            kind=OutletKind(row.kind),
            region_code=row.region_code,
            place=places.get(row.region_code, row.region_code),
            operator_id=row.operator_id,
            operator_name=row.operator_name,
            opened_on=row.opened_on,
            closed_on=row.closed_on,
        )
        for row in rows
    ]


def outlet(actor: Actor, outlet_id: int) -> tuple[Outlet, OutletFacts]:
    """An outlet that the actor may see, with today's facts. Raises NotFound for a stranger's."""
    row = db.session.execute(
        select(Outlet, OutletFacts)
        .join(
            OutletFacts,
            and_(OutletFacts.outlet_id == Outlet.id, versions.facts_on(OutletFacts, clock.today())),
        )
        .where(Outlet.id == outlet_id, outlets_visible_to(actor))
    ).first()
    if row is None:
        raise NotFound(_("Toko ini tidak ada, atau bukan untuk akun Anda."))
    place, facts = row
    return place, facts


IS_RETAILER = Operator.id.not_in(select(OfficeBuyer.operator_id))
"""SQL criterion: it runs outlets; an office that buys has an operator for its own orders alone."""


def operators(actor: Actor, q: str, number: int) -> Slice[OperatorRow]:
    """One page of the retailers that the actor may see, by name."""
    day = clock.today()
    count = (
        select(func.count())
        .where(
            OutletFacts.operator_id == Operator.id,
            versions.facts_on(OutletFacts, day),
            or_(OutletFacts.closed_on.is_(None), OutletFacts.closed_on > day),
        )
        .scalar_subquery()
    )
    query = select(Operator.id, Operator.operator_ref, Operator.name, Operator.status, count)
    query = query.where(operators_visible_to(actor), IS_RETAILER)
    if q:
        query = query.where(or_(like(Operator.name, q), like(Operator.operator_ref, q)))
    query = query.order_by(func.lower(Operator.name), Operator.id)
    rows, number, total = cut(query, number)
    return Slice([OperatorRow(*row) for row in rows], number, total, SIZE)


def operator(actor: Actor, operator_id: int) -> Operator:
    """A retailer that the actor may see. Raises NotFound."""
    found = db.session.scalar(select(Operator).where(Operator.id == operator_id, operators_visible_to(actor)))
    if found is None:
        raise NotFound(_("Perusahaan ini tidak ada, atau bukan untuk akun Anda."))
    return found


def operator_choices(actor: Actor) -> list[tuple[int, str]]:
    """The retailers that the actor may choose from, by name."""
    query = select(Operator.id, Operator.name).where(
        operators_visible_to(actor), IS_RETAILER, Operator.status == "verified"
    )
    return list(db.session.execute(query.order_by(func.lower(Operator.name))))


def operator_names(ids: set[int]) -> dict[int, str]:
    """Names of retailers by id."""
    if not ids:
        return {}
    return dict(db.session.execute(select(Operator.id, Operator.name).where(Operator.id.in_(ids))).all())


def place_names(codes: set[str]) -> dict[str, str]:
    """Villages with their districts in words, by code."""
    return regions.full_names(codes)


def outlet_segments(outlet_id: int) -> Sequence[OutletFacts]:
    """What is known now about all days of an outlet, in their order."""
    return versions.segments(db.session(), OutletFacts, outlet_id)
