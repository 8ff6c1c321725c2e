"""Dated facts: what is known of a seller or outlet for each day, and what was known before.

Rows of a model with `superseded_at` empty are current: for one owner they follow each other from the
first day to the last without gap or overlap. A change never edits a row's facts; it supersedes the
rows it touches and inserts the pieces that replace them. So both questions have an answer: how it was on
a day, and how we thought on another day that it was.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Date, and_, bindparam, insert, or_, select, update
from sqlalchemy.orm import Session

from .. import clock
from ..clock import FIRST_DAY, LAST_DAY
from ..errors import InvalidInput
from ..i18n import _
from ..permissions import Actor
from .models import Outlet, OutletFacts, Seller, SellerFacts

Facts = TypeVar("Facts", SellerFacts, OutletFacts)
SLICE = 900
BOOKKEEPING = {"id", "valid_from", "valid_to", "reason", "recorded_at", "recorded_by", "superseded_at"}
_OWNERS: dict[type[Any], tuple[str, type[Any]]] = {
    SellerFacts: ("seller_id", Seller),
    OutletFacts: ("outlet_id", Outlet),
}


def owner_column(model: type[Facts]) -> Any:
    """The column that says whose facts these are."""
    return getattr(model, _OWNERS[model][0])


@cache
def fact_names(model: type[Any]) -> tuple[str, ...]:
    """The columns that counting reads: everything but the owner and the bookkeeping."""
    skip = BOOKKEEPING | {_OWNERS[model][0]}
    return tuple(column.name for column in model.__table__.columns if column.name not in skip)


def values_of(row: Facts) -> dict[str, Any]:
    """The facts of a row, without owner and bookkeeping."""
    return {name: getattr(row, name) for name in fact_names(type(row))}


# --- criteria ----------------------------------------------------------------------------------------------


def is_current(model: type[Facts]) -> ColumnElement[bool]:
    """SQL criterion: what is known now."""
    return model.superseded_at.is_(None)


def facts_on(model: type[Facts], day: date) -> ColumnElement[bool]:
    """SQL criterion: what is known now about a day. At most one row for each owner."""
    return and_(model.superseded_at.is_(None), _covers(model, day))


def facts_today(model: type[Facts]) -> ColumnElement[bool]:
    """The same for the day on which the statement runs, so that it can be built once."""
    today = bindparam("today", type_=Date, callable_=clock.today)
    return and_(model.superseded_at.is_(None), model.valid_from <= today, model.valid_to > today)


def facts_known(model: type[Facts], day: date, moment: datetime) -> ColumnElement[bool]:
    """SQL criterion: what was known at a moment about a day. At most one row for each owner."""
    return and_(was_known(model, moment), _covers(model, day))


def was_known(model: type[Facts], moment: datetime) -> ColumnElement[bool]:
    """SQL criterion: what was known at a moment, about every day."""
    later = or_(model.superseded_at.is_(None), model.superseded_at > moment)
    return and_(model.recorded_at <= moment, later)


def end_of(day: date) -> datetime:
    """The last moment of a WIB day: 'as known on' a day means at its end."""
    return datetime.combine(day, time.max, tzinfo=clock.WIB)


def _covers(model: type[Facts], day: date) -> ColumnElement[bool]:
    # The last day itself has no day after it, and belongs to the open end.
    day = min(day, LAST_DAY - timedelta(days=1))
    return and_(model.valid_from <= day, model.valid_to > day)


# --- reads -------------------------------------------------------------------------------------------------


def one_on(session: Session, model: type[Facts], owner_id: int, day: date) -> Facts | None:
    """What is known now about one owner and day."""
    return session.scalar(select(model).where(owner_column(model) == owner_id, facts_on(model, day)))


def many_on(session: Session, model: type[Facts], owner_ids: Iterable[int], day: date) -> dict[int, Facts]:
    """What is known now about a day, for many owners, by owner."""
    owner = owner_column(model)
    found: dict[int, Facts] = {}
    for ids in _slices(owner_ids):
        rows = session.scalars(select(model).where(owner.in_(ids), facts_on(model, day)))
        found.update({getattr(row, owner.key): row for row in rows})
    return found


def known_on(session: Session, model: type[Facts], owner_id: int, day: date, known: date) -> Facts | None:
    """What was known at the end of the day `known` about one owner on `day`."""
    criterion = facts_known(model, day, end_of(known))
    return session.scalar(select(model).where(owner_column(model) == owner_id, criterion))


def segments(session: Session, model: type[Facts], owner_id: int) -> list[Facts]:
    """What is known now about all days of one owner, in their order."""
    query = select(model).where(owner_column(model) == owner_id, is_current(model))
    return list(session.scalars(query.order_by(model.valid_from)))


def segments_known(session: Session, model: type[Facts], owner_id: int, moment: datetime) -> list[Facts]:
    """What was known at a moment about all days of one owner, in their order."""
    query = select(model).where(owner_column(model) == owner_id, was_known(model, moment))
    return list(session.scalars(query.order_by(model.valid_from)))


def every_version(session: Session, model: type[Facts], owner_id: int) -> list[Facts]:
    """Every row ever recorded of one owner, newest first."""
    query = select(model).where(owner_column(model) == owner_id)
    return list(session.scalars(query.order_by(model.recorded_at.desc(), model.id.desc())))


def last_segments(session: Session, model: type[Facts], owner_ids: Iterable[int]) -> dict[int, Facts]:
    """The current row that reaches to the last day, for many owners: what an import's change applies to."""
    owner = owner_column(model)
    found: dict[int, Facts] = {}
    for ids in _slices(owner_ids):
        query = select(model).where(owner.in_(ids), is_current(model), model.valid_to == LAST_DAY)
        query = query.execution_options(populate_existing=True)
        found.update({getattr(row, owner.key): row for row in session.scalars(query)})
    return found


# --- writes ------------------------------------------------------------------------------------------------


def start_facts(
    session: Session, model: type[Facts], owner_id: int, *, facts: Mapping[str, Any], actor: Actor
) -> Facts:
    """Record the first facts of a new owner, for all days."""
    row = model(
        **{owner_column(model).key: owner_id},
        **facts,
        valid_from=FIRST_DAY,
        valid_to=LAST_DAY,
        recorded_at=clock.now(),
        recorded_by=actor.user_id,
    )
    session.add(row)
    session.flush()
    return row


def start_many(
    session: Session, model: type[Facts], rows: Sequence[Mapping[str, Any]], *, actor: Actor
) -> None:
    """Record the first facts of many new owners at once; each row holds its owner's id and its facts."""
    if not rows:
        return
    common = {
        "valid_from": FIRST_DAY,
        "valid_to": LAST_DAY,
        "reason": "",
        "recorded_at": clock.now(),
        "recorded_by": actor.user_id,
        "superseded_at": None,
    }
    blank = dict.fromkeys(fact_names(model))
    session.execute(insert(model), [{**blank, **row, **common} for row in rows])


def change_facts(
    session: Session,
    model: type[Facts],
    owner_id: int,
    *,
    valid_from: date,
    changes: Mapping[str, Any],
    actor: Actor,
    reason: str,
    valid_to: date = LAST_DAY,
) -> list[Facts]:
    """From `valid_from` until before `valid_to` the facts are as in `changes`; other days stay as they are.

    Locks the owner, supersedes the current rows that change and inserts their pieces. Returns the new
    rows that carry the change, in order of their days; none when every day already says the same. The
    caller tells the signals from `valid_from` on. Raises InvalidInput for days in the wrong order.
    """
    if valid_from >= valid_to:
        raise InvalidInput(_("Tanggal mulai harus sebelum tanggal akhir."))
    unknown = set(changes) - set(fact_names(model))
    if unknown:
        raise ValueError(f"not facts of {model.__name__}: {sorted(unknown)}")
    lock_owner(session, model, owner_id)
    touched = _overlapping(session, model, owner_id, valid_from, valid_to, changes)
    moment = _moment_after(touched)
    pieces = [(row, piece) for row in touched for piece in _pieces(row, valid_from, valid_to)]
    _supersede(session, model, [row.id for row in touched], moment)
    carrying: list[Facts] = []
    for row, (first, end, is_inside) in pieces:
        piece = _copy(row, first, end, moment)
        if is_inside:
            _apply(piece, changes, actor, reason)
            carrying.append(piece)
        session.add(piece)
    session.flush()
    return carrying


def change_last_many(
    session: Session,
    model: type[Facts],
    changes: Mapping[int, Mapping[str, Any]],
    *,
    actor: Actor,
    reason: str = "",
) -> dict[int, date]:
    """Correct the undated facts of many owners at once, as an import does.

    Each owner's change applies to its last segment: to all days while no dated change was made. Returns
    the first day affected by owner; owners whose facts already say the same are absent.
    """
    lock_owners(session, model, changes)
    last = last_segments(session, model, changes)
    moment = _moment_after(last.values())
    rows: list[int] = []
    fresh: list[dict[str, Any]] = []
    first_days: dict[int, date] = {}
    for owner_id, row in last.items():
        if all(getattr(row, name) == value for name, value in changes[owner_id].items()):
            continue
        rows.append(row.id)
        first_days[owner_id] = row.valid_from
        fresh.append(
            {
                owner_column(model).key: owner_id,
                "valid_from": row.valid_from,
                "valid_to": row.valid_to,
                "reason": reason,
                "recorded_at": moment,
                "recorded_by": actor.user_id,
                "superseded_at": None,
                **values_of(row),
                **changes[owner_id],
            }
        )
    _supersede(session, model, rows, moment)
    if fresh:
        session.execute(insert(model), fresh)
    return first_days


def lock_owner(session: Session, model: type[Facts], owner_id: int) -> None:
    """Make every other change of this owner's facts wait until this unit of work ends."""
    lock_owners(session, model, [owner_id])


def lock_owners(session: Session, model: type[Facts], owner_ids: Iterable[int]) -> None:
    """Lock many owners, in the order of their ids."""
    owner = _OWNERS[model][1]
    for ids in _slices(owner_ids):
        query = select(owner.id).where(owner.id.in_(ids)).order_by(owner.id).with_for_update()
        session.execute(query).all()


def _overlapping(
    session: Session,
    model: type[Facts],
    owner_id: int,
    valid_from: date,
    valid_to: date,
    changes: Mapping[str, Any],
) -> list[Facts]:
    """The current rows that a change touches: those that share a day with it and say something else."""
    query = select(model).where(
        owner_column(model) == owner_id,
        is_current(model),
        model.valid_from < valid_to,
        model.valid_to > valid_from,
    )
    rows = session.scalars(query.order_by(model.valid_from).execution_options(populate_existing=True))
    return [row for row in rows if any(getattr(row, name) != value for name, value in changes.items())]


def _pieces(row: Facts, first: date, end: date) -> Iterator[tuple[date, date, bool]]:
    """The days of a row before, inside and after a change: (first, end, is inside); no empty ones."""
    inside_from, inside_to = max(row.valid_from, first), min(row.valid_to, end)
    if row.valid_from < inside_from:
        yield row.valid_from, inside_from, False
    yield inside_from, inside_to, True
    if inside_to < row.valid_to:
        yield inside_to, row.valid_to, False


def _copy(row: Facts, first: date, end: date, moment: datetime) -> Facts:
    owner = owner_column(type(row)).key
    return type(row)(
        **{owner: getattr(row, owner)},
        **values_of(row),
        valid_from=first,
        valid_to=end,
        reason=row.reason,
        recorded_at=moment,
        recorded_by=row.recorded_by,
    )


def _apply(row: Facts, changes: Mapping[str, Any], actor: Actor, reason: str) -> None:
    for name, value in changes.items():
        setattr(row, name, value)
    row.reason = reason
    row.recorded_by = actor.user_id


def _supersede(session: Session, model: type[Facts], ids: Iterable[int], moment: datetime) -> None:
    for some in _slices(ids):
        session.execute(update(model).where(model.id.in_(some)).values(superseded_at=moment))


def _moment_after(rows: Iterable[Facts]) -> datetime:
    """Now, but never before what it supersedes, whatever the clocks of two machines say."""
    return max([clock.now(), *(row.recorded_at for row in rows)])


def _slices(ids: Iterable[int]) -> Iterator[Collection[int]]:
    wanted = sorted(set(ids))
    for start in range(0, len(wanted), SLICE):
        yield wanted[start : start + SLICE]
