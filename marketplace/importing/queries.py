"""Reads of imports: the runs that an actor may see, and the mapping chosen for such files before."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, false, func, or_, select

from ..db import db
from ..errors import NotFound
from ..i18n import _
from ..permissions import Actor, Permission
from .layout import headers_hash
from .models import ImportMapping, ImportRun


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """SQL criterion: an office sees the imports of its own region, a seller and a retailer their own."""
    if actor.seller_id is not None and actor.can(Permission.PRODUCT_EDIT):
        return ImportRun.seller_id == actor.seller_id
    if actor.operator_id is not None and actor.can(Permission.SALES_REPORT):
        return ImportRun.operator_id == actor.operator_id
    if not (actor.is_office and actor.can(Permission.DATA_IMPORT)):
        return false()
    offices = and_(ImportRun.seller_id.is_(None), ImportRun.operator_id.is_(None))
    if actor.region == "":
        return offices
    low, high = actor.region + ".", actor.region + "/"
    within = or_(ImportRun.region == actor.region, (ImportRun.region >= low) & (ImportRun.region < high))
    return and_(offices, within)


def run_for(actor: Actor, run_id: int) -> ImportRun:
    """One import. Raises NotFound when there is none or it is another region's."""
    query = select(ImportRun).where(ImportRun.id == run_id, visible_to(actor))
    run = db.session.scalar(query.execution_options(populate_existing=True))
    if run is None:
        raise NotFound(_("Impor ini tidak ada, atau bukan milik wilayah Anda."))
    return run


def runs_for(
    actor: Actor, *, kind: str = "", status: str = "", offset: int = 0, limit: int = 25
) -> list[ImportRun]:
    """Imports, the newest first."""
    query = select(ImportRun).where(visible_to(actor), *_filters(kind, status))
    rows: Sequence[ImportRun] = db.session.scalars(
        query.order_by(ImportRun.id.desc()).offset(offset).limit(limit)
    ).all()
    return list(rows)


def count_runs(actor: Actor, *, kind: str = "", status: str = "") -> int:
    """How many imports there are."""
    query = select(func.count()).select_from(ImportRun).where(visible_to(actor), *_filters(kind, status))
    return int(db.session.scalar(query) or 0)


def _filters(kind: str, status: str) -> list[ColumnElement[bool]]:
    chosen = [ImportRun.kind == kind] if kind else []
    return [*chosen, ImportRun.status == status] if status else chosen


def remembered(actor: Actor, kind: str, header: Sequence[str]) -> ImportMapping | None:
    """How files with these columns were mapped last time in this region."""
    return db.session.get(ImportMapping, (kind, desk_of(actor), headers_hash(header)))


def desk_of(actor: Actor) -> str:
    """Whose choices are remembered: a region's, one seller's, or one retailer's for all its outlets."""
    if actor.operator_id is not None:
        return f"o{actor.operator_id}"
    return f"s{actor.seller_id}" if actor.seller_id is not None else actor.region
