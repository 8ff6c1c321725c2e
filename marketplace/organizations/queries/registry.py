"""The registry of sellers: searched, filtered, counted, page by page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select

from ... import clock
from ...crypto import blind_index
from ...db import db
from ...permissions import Actor
from ...regions import queries as regions
from .. import versions
from ..models import KbliCode, Seller, SellerFacts, Verification
from ..rules import STATE_LABELS, SellerState, SizeClass, clean_number, is_coached_on
from .scope import like, sellers_visible_to
from .sizes import size_case, thresholds_on
from .slices import SIZE, Slice, cut


@dataclass(frozen=True)
class RegistryFilter:
    """What is asked of the registry; empty fields ask nothing."""

    q: str = ""
    district: str = ""
    size: str = ""
    state: str = ""
    coached: str = ""
    kbli: str = ""
    sort: str = "name"


@dataclass(frozen=True)
class RegistryRow:
    """One seller in the list."""

    id: int
    seller_ref: str
    name: str
    owner_name: str
    region_code: str
    place: str
    nib: str | None
    kbli_code: str | None
    size: SizeClass
    state: SellerState
    verified_on: date | None
    is_coached: bool
    phone: str | None = None


@dataclass(frozen=True)
class RegistryCounts:
    """How many sellers there are, always both: registered, and of these coached today; and by state."""

    registered: int
    coached: int
    by_state: dict[SellerState, int]


def state_case(day: date) -> ColumnElement[str]:
    """The registration's state on a day as a text, as rules.state_on decides it."""
    facts = SellerFacts
    open_request = exists().where(Verification.seller_id == Seller.id, Verification.decided_at.is_(None))
    rejected = exists().where(Verification.seller_id == Seller.id, Verification.decision == "rejected")
    verified = and_(facts.verified_on <= day, or_(facts.revoked_on.is_(None), facts.revoked_on > day))
    return case(
        (facts.closed_on <= day, SellerState.CLOSED.value),
        (verified, SellerState.VERIFIED.value),
        (open_request, SellerState.WAITING.value),
        (facts.revoked_on <= day, SellerState.REVOKED.value),
        (rejected, SellerState.REJECTED.value),
        else_=SellerState.UNVERIFIED.value,
    )


def coached_on(day: date) -> ColumnElement[bool]:
    """SQL criterion: the seller is under coaching on a day."""
    return and_(Seller.coached_since <= day, or_(Seller.coached_until.is_(None), Seller.coached_until >= day))


def registry(actor: Actor, wanted: RegistryFilter, number: int, size: int = SIZE) -> Slice[RegistryRow]:
    """One page of the sellers that the actor may see and asked for."""
    rows, number, total = cut(_wanted(actor, wanted), number, size)
    return Slice(_rows(rows), number, total, size)


def registry_rows(actor: Actor, wanted: RegistryFilter) -> Iterator[RegistryRow]:
    """All of them, for an export, a thousand at a time."""
    query = _wanted(actor, wanted).execution_options(yield_per=1000)
    for some in db.session.execute(query).partitions():
        yield from _rows(list(some))


def registry_counts(actor: Actor) -> RegistryCounts:
    """The counts over everything that the actor may see."""
    day = clock.today()
    base = _base(actor, day)
    state = state_case(day)
    by_state = base.with_only_columns(state, func.count(), func.count(case((coached_on(day), 1)))).group_by(
        state
    )
    rows = db.session.execute(by_state).all()
    return RegistryCounts(
        registered=sum(count for _state, count, _coached in rows),
        coached=sum(coached for _state, _count, coached in rows),
        by_state={SellerState(name): count for name, count, _coached in rows},
    )


def business_classes(actor: Actor) -> list[tuple[str, str]]:
    """The KBLI classes in use among the sellers that the actor may see: code and title."""
    query = (
        _base(actor, clock.today())
        .join(KbliCode, and_(KbliCode.code == Seller.kbli_code, KbliCode.version == Seller.kbli_version))
        .with_only_columns(KbliCode.code, KbliCode.title)
        .distinct()
        .order_by(KbliCode.code)
    )
    return [(code, sentence_case(title)) for code, title in db.session.execute(query)]


def _base(actor: Actor, day: date) -> Select[Any]:
    return (
        select(Seller.id)
        .join(SellerFacts, and_(SellerFacts.seller_id == Seller.id, versions.facts_on(SellerFacts, day)))
        .where(Seller.merged_into_id.is_(None), sellers_visible_to(actor))
    )


def _wanted(actor: Actor, wanted: RegistryFilter) -> Any:
    day = clock.today()
    state, size = state_case(day), size_case(thresholds_on(db.session(), day))
    query = _base(actor, day).with_only_columns(
        Seller.id,
        Seller.seller_ref,
        Seller.name,
        Seller.owner_name,
        SellerFacts.region_code,
        Seller.nib,
        Seller.kbli_code,
        size.label("size"),
        state.label("state"),
        SellerFacts.verified_on,
        Seller.coached_since,
        Seller.coached_until,
        Seller.phone,
    )
    if wanted.q:
        query = query.where(_matches(wanted.q))
    if wanted.district:
        query = query.where(regions.within(SellerFacts.region_code, wanted.district))
    if wanted.size:
        query = query.where(size == wanted.size)
    if wanted.state:
        query = query.where(state == wanted.state)
    if wanted.coached:
        is_coached = coached_on(day)
        query = query.where(is_coached if wanted.coached == "yes" else is_coached.is_not(True))
    if wanted.kbli:
        query = query.where(Seller.kbli_code == wanted.kbli)
    return query.order_by(*_order(wanted.sort))


def _matches(text: str) -> ColumnElement[bool]:
    """By name, owner, reference or NIB; a NIK only as a whole, through its blind index."""
    digits = clean_number(text)
    if re.fullmatch(r"[0-9]{16}", digits):
        return SellerFacts.owner_key == blind_index(digits)
    text = text.strip()[:200]
    return or_(
        like(Seller.name, text),
        like(Seller.owner_name, text),
        like(Seller.seller_ref, text),
        Seller.nib == digits,
    )


def _order(sort: str) -> list[Any]:
    columns: dict[str, Any] = {
        "name": func.lower(Seller.name),
        "ref": Seller.seller_ref,
        "place": SellerFacts.region_code,
        "verified": SellerFacts.verified_on,
        "created": Seller.created_at,
    }
    column = columns.get(sort.removeprefix("-"), columns["name"])
    return [column.desc().nulls_last() if sort.startswith("-") else column.asc().nulls_last(), Seller.id]


def _rows(rows: Any) -> list[RegistryRow]:
    day = clock.today()
    places = regions.full_names({row.region_code for row in rows})
    return [
        RegistryRow(
            id=row.id,
            seller_ref=row.seller_ref,
            name=row.name,
            owner_name=row.owner_name,
            region_code=row.region_code,
            place=places.get(row.region_code, row.region_code),
            nib=row.nib,
            kbli_code=row.kbli_code,
            size=SizeClass(row.size),
            state=SellerState(row.state),
            verified_on=row.verified_on,
            is_coached=is_coached_on(day, row.coached_since, row.coached_until),
            phone=row.phone,
        )
        for row in rows
    ]


def sentence_case(title: str) -> str:
    """A title of the regulation, which shouts, in plain writing; its abbreviations stay."""
    words = title.capitalize()
    for short in ("ytdl", "ybdi", "cites", "lpg", "atm", "sppbe", "kkks"):
        words = re.sub(rf"\b{short}\b", short.upper(), words, flags=re.IGNORECASE)
    return words


def state_choices() -> list[tuple[str, str]]:
    """The states that the list may be filtered by, with their words."""
    return [
        (state.value, str(STATE_LABELS[state])) for state in SellerState if state is not SellerState.MERGED
    ]
