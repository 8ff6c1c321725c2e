"""Whole batches of sellers, retailers and outlets at once, for imports and generated cities.

Every function is called inside a unit of work, judges its rows in their order and says of each what became
of it. A row names only the columns that its file has: what it does not name stays as it is stored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from typing import Any, TypeVar

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from ... import clock
from ...permissions import Actor
from .. import versions
from ..models import Operator, Outlet, OutletFacts, Seller, SellerFacts
from ..versions import SLICE
from . import common
from .registration import owner_key

CREATED, UPDATED, UNCHANGED = "created", "updated", "unchanged"
Model = TypeVar("Model", Seller, Operator, Outlet)
Ref = TypeVar("Ref", str, int)


@dataclass(frozen=True)
class BulkRow:
    """One row: its reference, the columns of its card and the dated facts that it names."""

    ref: str
    card: Mapping[str, Any] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)


def upsert_sellers(session: Session, rows: Sequence[BulkRow], *, actor: Actor) -> list[str]:
    """Sellers by seller_ref: 'created', 'updated' or 'unchanged' for each row.

    Facts may hold region_code (needed for a new one), owner_nik, capital_rupiah, annual_sales_rupiah,
    verified_on, revoked_on, closed_on, affiliated_operator_ref. owner_key follows from owner_nik, but for
    a record that was merged into another, which keeps that one's.
    """
    known = _load(session, Seller, Seller.seller_ref, [row.ref for row in rows])
    blanks = {"owner_name": "", "kbli_version": "2020", "is_phone_public": False, "address": "", "story": ""}
    blanks |= {"bank_name": ""}
    outcomes, fresh = _write_cards(session, Seller, "seller_ref", rows, known, blanks)
    new_ids = {seller.id for ref, seller in known.items() if ref in fresh}
    _write_facts(session, SellerFacts, rows, known, new_ids, outcomes, actor, _with_owner_key)
    _let_followers_follow(session, known.values(), actor)
    return outcomes


def _let_followers_follow(session: Session, kept: Iterable[Seller], actor: Actor) -> None:
    """Records merged into one of these sellers count as of its owner, whoever that is now."""
    followers: dict[int, int] = {}
    for some in _slices(seller.id for seller in kept):
        query = select(Seller.id, Seller.merged_into_id).where(Seller.merged_into_id.in_(some))
        followers.update(dict(session.execute(query).all()))  # type: ignore[arg-type]
    if followers:
        owners = versions.last_segments(session, SellerFacts, followers.values())
        keys = {one: {"owner_key": owners[owner].owner_key} for one, owner in followers.items()}
        for one, day in versions.change_last_many(session, SellerFacts, keys, actor=actor).items():
            common.tell_seller(session, [one], day)


def _with_owner_key(owner: Any, facts: Mapping[str, Any]) -> dict[str, Any]:
    if "owner_nik" not in facts or owner.merged_into_id is not None:
        return dict(facts)
    return {**facts, "owner_key": owner_key(owner.id, facts["owner_nik"])}


def upsert_operators(session: Session, names: Mapping[str, str]) -> dict[str, int]:
    """Retailers by operator_ref with their names: new ones made, other names taken over. Ids by reference."""
    known = _load(session, Operator, Operator.operator_ref, names)
    rows = [BulkRow(ref, {"name": name}) for ref, name in names.items()]
    blanks = {"status": "verified", "address": ""}
    _write_cards(session, Operator, "operator_ref", rows, known, blanks)
    return {ref: operator.id for ref, operator in known.items()}


def upsert_outlets(session: Session, rows: Sequence[BulkRow], *, actor: Actor) -> list[str]:
    """Outlets by outlet_ref: 'created', 'updated' or 'unchanged' for each row.

    Facts hold operator_id, kind, region_code, opened_on, closed_on.
    """
    known = _load(session, Outlet, Outlet.outlet_ref, [row.ref for row in rows])
    outcomes, fresh = _write_cards(session, Outlet, "outlet_ref", rows, known, {"address": ""})
    new_ids = {outlet.id for ref, outlet in known.items() if ref in fresh}
    _write_facts(
        session, OutletFacts, rows, known, new_ids, outcomes, actor, lambda _owner, facts: dict(facts)
    )
    return outcomes


def regions_of_sellers(session: Session, refs: Iterable[str]) -> dict[str, str]:
    """Today's village of the sellers that are known, by reference."""
    return _regions(session, SellerFacts, Seller.seller_ref, Seller.id, SellerFacts.seller_id, refs)


def regions_of_outlets(session: Session, refs: Iterable[str]) -> dict[str, str]:
    """Today's village of the outlets that are known, by reference."""
    return _regions(session, OutletFacts, Outlet.outlet_ref, Outlet.id, OutletFacts.outlet_id, refs)


def _regions(
    session: Session, model: Any, ref: Any, owner_id: Any, fact_owner: Any, refs: Iterable[str]
) -> dict[str, str]:
    found: dict[str, str] = {}
    for some in _slices(refs):
        query = select(ref, model.region_code).join(model, fact_owner == owner_id)
        query = query.where(ref.in_(some), versions.facts_on(model, clock.today()))
        found.update(dict(session.execute(query).all()))
    return found


def _load(session: Session, model: type[Model], ref: Any, refs: Iterable[str]) -> dict[str, Model]:
    found: dict[str, Model] = {}
    for some in _slices(refs):
        query = select(model).where(ref.in_(some)).order_by(model.id).with_for_update()
        rows = session.scalars(query.execution_options(populate_existing=True))
        found.update({getattr(row, ref.key): row for row in rows})
    return found


def _slices(refs: Iterable[Ref]) -> Iterable[list[Ref]]:
    wanted = sorted(set(refs))
    return [wanted[start : start + SLICE] for start in range(0, len(wanted), SLICE)]


def _write_cards(
    session: Session,
    model: type[Model],
    ref_name: str,
    rows: Sequence[BulkRow],
    known: dict[str, Model],
    blanks: Mapping[str, Any],
) -> tuple[list[str], set[str]]:
    """Insert the new rows' cards and change the others'; `known` then holds all. Outcomes, new references."""
    names = [column.name for column in model.__table__.columns if column.name not in {"id", "created_at"}]
    blank = {**dict.fromkeys(names), **blanks}
    now = clock.now()
    outcomes: list[str] = []
    cards: dict[str, dict[str, Any]] = {}
    changed: dict[int, dict[str, Any]] = {}
    for row in rows:
        if row.ref in cards:
            outcomes.append(_merge(cards[row.ref], row.card))
        elif row.ref not in known:
            cards[row.ref] = {**blank, "created_at": now, **row.card, ref_name: row.ref}
            outcomes.append(CREATED)
        else:
            owner = known[row.ref]
            current = changed.get(owner.id, {})
            news = {
                name: value
                for name, value in row.card.items()
                if current.get(name, getattr(owner, name)) != value
            }
            if news:
                changed.setdefault(owner.id, {"id": owner.id}).update(news)
            outcomes.append(UPDATED if news else UNCHANGED)
    if cards:
        made = session.scalars(insert(model).returning(model), list(cards.values()))
        known.update({getattr(row, ref_name): row for row in made})
    for _names, group in groupby(sorted(changed.values(), key=sorted), key=sorted):
        session.execute(update(model), list(group))
    return outcomes, set(cards)


def _merge(card: dict[str, Any], news: Mapping[str, Any]) -> str:
    """A second row with the reference of a new one: it changes what is about to be written."""
    if all(card.get(name) == value for name, value in news.items()):
        return UNCHANGED
    card.update(news)
    return UPDATED


def _write_facts(
    session: Session,
    model: Any,
    rows: Sequence[BulkRow],
    known: Mapping[str, Any],
    new_ids: set[int],
    outcomes: list[str],
    actor: Actor,
    complete: Callable[[Any, Mapping[str, Any]], dict[str, Any]],
) -> None:
    """Start the facts of new owners, correct those of others, and mend `outcomes` where facts changed."""
    owner_name = versions.owner_column(model).key
    first: dict[int, dict[str, Any]] = {}
    last = versions.last_segments(session, model, {known[row.ref].id for row in rows} - new_ids)
    before = {owner_id: versions.values_of(row) for owner_id, row in last.items()}
    after = {owner_id: dict(values) for owner_id, values in before.items()}
    for index, row in enumerate(rows):
        owner = known[row.ref]
        facts = complete(owner, row.facts)
        if owner.id in new_ids and owner.id not in first:
            if model is SellerFacts:
                facts.setdefault("owner_key", owner_key(owner.id, None))
            first[owner.id] = {owner_name: owner.id, **facts}
            continue
        target = first[owner.id] if owner.id in new_ids else after[owner.id]
        if any(target.get(name) != value for name, value in facts.items()):
            target.update(facts)
            outcomes[index] = UPDATED if outcomes[index] == UNCHANGED else outcomes[index]
    versions.start_many(session, model, list(first.values()), actor=actor)
    if model is OutletFacts:  # a new seller has no agreement yet; a new outlet counts, and is short, at once
        common.tell_outlets(session, {outlet_id: facts["opened_on"] for outlet_id, facts in first.items()})
    changes = {owner_id: values for owner_id, values in after.items() if values != before[owner_id]}
    first_days = versions.change_last_many(session, model, changes, actor=actor)
    _tell(session, model, before, changes, first_days)


def _tell(
    session: Session,
    model: Any,
    before: Mapping[int, Mapping[str, Any]],
    changes: Mapping[int, Mapping[str, Any]],
    first_days: Mapping[int, date],
) -> None:
    """Say from which day on what counting reads changed: self-dated facts count from their own days."""
    by_day: dict[date, list[int]] = {}
    for owner_id, first in first_days.items():
        day = max(first, first_effect(before[owner_id], changes[owner_id], first))
        by_day.setdefault(day, []).append(owner_id)
    for day, ids in sorted(by_day.items()):
        if model is SellerFacts:
            common.tell_seller(session, ids, day)
        else:
            common.tell_outlets(session, dict.fromkeys(ids, day))


def first_effect(before: Mapping[str, Any], after: Mapping[str, Any], first: date) -> date:
    """The first day on which two states of facts differ: that of the self-dated facts, else `first`."""
    changed = {name for name in after if after[name] != before.get(name)}
    dated = {"verified_on", "revoked_on", "closed_on", "opened_on"}
    if not changed or changed - dated:
        return first
    days = [day for name in changed for day in (before.get(name), after[name]) if day is not None]
    return min(days, default=first)
