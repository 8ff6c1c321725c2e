"""Records that may be one business: the same NIK, the same phone, or much the same name in one village."""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations

from sqlalchemy import and_, select

from ... import clock
from ...db import db
from ...i18n import N_
from ...permissions import Actor
from ...regions import queries as regions
from ...texts import searchable
from .. import versions
from ..models import DistinctSellers, Seller, SellerFacts, SellerMerge
from .scope import sellers_visible_to
from .slices import SIZE, Slice

LARGEST_GROUP = 12
"""A phone or NIK that more records share is a placeholder in somebody's file, not an owner."""
COMMON_WORDS = frozenset(
    "cv ud pt usaha toko warung bu ibu bpk pak bapak mbak mas batik solo umkm dan".split()
)


class Likeness(StrEnum):
    """Why two records may be one."""

    NIK = "nik"
    PHONE = "phone"
    NAME = "name"


LIKENESS_LABELS = {
    Likeness.NIK: N_("NIK sama"),
    Likeness.PHONE: N_("Nomor HP sama"),
    Likeness.NAME: N_("Nama mirip, satu kelurahan"),
}


@dataclass(frozen=True)
class Record:
    """One of the two, as the list shows it."""

    id: int
    seller_ref: str
    name: str
    owner_name: str
    place: str


@dataclass(frozen=True)
class Pair:
    """Two records and why they may be one; `one` is the older."""

    one: Record
    other: Record
    likenesses: tuple[Likeness, ...]


def possible_duplicates(actor: Actor, number: int = 1) -> Slice[Pair]:
    """The pairs that nobody has decided yet, those with most in common first."""
    rows = db.session.execute(
        select(
            Seller.id,
            Seller.seller_ref,
            Seller.name,
            Seller.owner_name,
            Seller.phone,
            SellerFacts.owner_key,
            SellerFacts.region_code,
        )
        .join(
            SellerFacts,
            and_(SellerFacts.seller_id == Seller.id, versions.facts_on(SellerFacts, clock.today())),
        )
        .where(Seller.merged_into_id.is_(None), sellers_visible_to(actor))
        .order_by(Seller.id)
    ).all()
    found: dict[tuple[int, int], set[Likeness]] = defaultdict(set)
    for likeness, keyed in (
        (Likeness.NIK, ((row.owner_key, row.id) for row in rows)),
        (Likeness.PHONE, ((row.phone, row.id) for row in rows if row.phone)),
        (Likeness.NAME, (((row.region_code, name_key(row.name)), row.id) for row in rows)),
    ):
        for pair in _pairs(keyed):
            found[pair].add(likeness)
    for pair in _decided():
        found.pop(pair, None)
    order = sorted(found, key=lambda pair: (-len(found[pair]), Likeness.NIK not in found[pair], pair))
    page = order[(number - 1) * SIZE : number * SIZE]
    wanted = {one for pair in page for one in pair}
    shown = [row for row in rows if row.id in wanted]
    places = regions.full_names({row.region_code for row in shown})
    records = {
        row.id: Record(row.id, row.seller_ref, row.name, row.owner_name, places.get(row.region_code, ""))
        for row in shown
    }
    items = [Pair(records[a], records[b], tuple(sorted(found[a, b]))) for a, b in page]
    return Slice(items, number, len(order), SIZE)


@functools.lru_cache(maxsize=65_536)
def name_key(name: str) -> str:
    """A name without the words that every second business has, its letters undoubled, its words in order."""
    words = [_undouble(word) for word in searchable(name).split() if word not in COMMON_WORDS]
    return " ".join(sorted(words)) or searchable(name)


def _undouble(word: str) -> str:
    return "".join(letter for i, letter in enumerate(word) if i == 0 or letter != word[i - 1])


def _pairs(keyed: Iterable[tuple[Hashable, int]]) -> Iterable[tuple[int, int]]:
    groups: dict[Hashable, list[int]] = defaultdict(list)
    for key, one in keyed:
        groups[key].append(one)
    for ids in groups.values():
        if 1 < len(ids) <= LARGEST_GROUP:
            yield from combinations(ids, 2)


def _decided() -> Iterable[tuple[int, int]]:
    return db.session.execute(select(DistinctSellers.one_id, DistinctSellers.other_id))


def merges(actor: Actor) -> list[tuple[SellerMerge, Seller, Seller]]:
    """The merges in the actor's region, newest first: the row, the kept one, the duplicate."""
    query = (
        select(SellerMerge, Seller)
        .join(Seller, Seller.id == SellerMerge.duplicate_id)
        .join(
            SellerFacts,
            and_(SellerFacts.seller_id == Seller.id, versions.facts_on(SellerFacts, clock.today())),
        )
        .where(sellers_visible_to(actor))
        .order_by(SellerMerge.id.desc())
        .limit(50)
    )
    return [
        (merge, db.session.get_one(Seller, merge.kept_id), duplicate)
        for merge, duplicate in db.session.execute(query)
    ]
