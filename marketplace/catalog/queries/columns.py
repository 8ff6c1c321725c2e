"""The public catalogue as columns in memory: one place per product, by id.

Filtering, counting and sorting 100,000 products takes milliseconds here; a database or an index that is
asked for every count anew takes hundreds. Columns are never changed: a change makes new ones.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy import Select, select

from ...db import db
from ...organizations.models import SellerFacts
from ...texts import searchable
from ..models import CertificateKind, Product, SearchMark
from ..rules import ranking
from .card import is_open, joined
from .certificates import carries

SLICE = 500
MANY_CHANGES = 5_000
NAME_BYTES = 40
KINDS = tuple(kind.value for kind in CertificateKind if kind is not CertificateKind.OTHER)
"""Certificates that one can filter by, in the order of their bits."""
NEVER = np.iinfo(np.int32).max
Array = npt.NDArray[Any]
Places = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Columns:
    """Every product that stands in lists on a day. `region` and `category` are numbers of `regions` and
    `categories`; where a maker said nothing, `lead` is NEVER and `capacity` 0."""

    version: int
    day: date
    ids: Array
    seller: Array
    category: Array
    region: Array
    price: Array
    lead: Array
    capacity: Array
    consignment: Array
    papers: Array
    readiness: Array
    first_live: Array
    name: Array
    regions: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.ids)

    def places_of(self, ids: Array) -> Places:
        """Where these products stand; -1 for those that are not public."""
        if not len(self.ids):
            return np.full(len(ids), -1, np.int64)
        places = np.searchsorted(self.ids, ids).clip(max=len(self.ids) - 1)
        return np.where(self.ids[places] == ids, places, -1)

    @cached_property
    def quality(self) -> Array:
        """How much each product deserves to be seen, without any words: 0 to 1."""
        return ranking.quality(self.readiness, self.first_live, _moment(self.day))

    @cached_property
    def turn(self) -> Array:
        """Whose turn it is today: a number for each seller, dealt anew every day."""
        return ranking.turns(self.seller, self.day)

    @cached_property
    def browsing(self) -> Places:
        """Every product in the order of a catalogue that nobody asked anything."""
        return ranking.in_fair_order(
            ranking.browsing_grade(self.quality), self.quality, self.seller, self.turn
        )


ARRAYS = tuple(one.name for one in fields(Columns) if one.name not in {"version", "day", "regions"})


def load(version: int, day: date) -> Columns:
    """All of it."""
    query = _rows(day).execution_options(yield_per=5_000)
    return _made([tuple(row) for row in db.session.execute(query)], version, day, [])


def with_changes(known: Columns, version: int) -> Columns:
    """What was known, with what was marked since."""
    query = select(SearchMark.product_id).where(SearchMark.version > known.version)
    changed = list(db.session.scalars(query))
    if len(changed) > MANY_CHANGES:
        return load(version, known.day)
    rows: list[tuple[Any, ...]] = []
    for start in range(0, len(changed), SLICE):
        some = _rows(known.day).where(Product.id.in_(changed[start : start + SLICE]))
        rows += (tuple(row) for row in db.session.execute(some))
    if not changed:
        return replace(known, version=version)
    fresh = _made(rows, version, known.day, known.regions)
    stay = ~np.isin(known.ids, np.array(changed, np.int64))
    merged = {name: np.concatenate([getattr(known, name)[stay], getattr(fresh, name)]) for name in ARRAYS}
    order = np.argsort(merged["ids"], kind="stable")
    sorted_columns: dict[str, Any] = {name: column[order] for name, column in merged.items()}
    return replace(fresh, **sorted_columns)


def _rows(day: date) -> Select[Any]:
    columns = (
        Product.id,
        Product.seller_id,
        Product.category_id,
        SellerFacts.region_code,
        Product.price_rupiah,
        Product.lead_time_days,
        Product.capacity_per_week,
        Product.offers_consignment,
        Product.readiness,
        Product.first_live_at,
        Product.name,
        *(carries(kind, day) for kind in KINDS),
    )
    return joined(columns, day).where(Product.is_live, Product.main_id.is_(None), is_open(day))


def _made(rows: list[tuple[Any, ...]], version: int, day: date, regions: list[str]) -> Columns:
    rows.sort(key=lambda row: row[0])
    numbers = {code: number for number, code in enumerate(regions)}
    for row in rows:
        numbers.setdefault(row[3], len(numbers))
    bits = range(len(KINDS))
    return Columns(
        version=version,
        day=day,
        ids=np.array([row[0] for row in rows], np.int64),
        seller=np.array([row[1] for row in rows], np.int64),
        category=np.array([row[2] for row in rows], np.int64),
        region=np.array([numbers[row[3]] for row in rows], np.int32),
        price=np.array([row[4] for row in rows], np.int64),
        lead=np.array([NEVER if row[5] is None else row[5] for row in rows], np.int32),
        capacity=np.array([row[6] or 0 for row in rows], np.int32),
        consignment=np.array([bool(row[7]) for row in rows], bool),
        papers=np.array([sum(bool(row[11 + bit]) << bit for bit in bits) for row in rows], np.uint8),
        readiness=np.array([row[8] for row in rows], np.int16),
        first_live=np.array([row[9].timestamp() if row[9] else 0.0 for row in rows], np.float64),
        name=np.array([_sortable(row[10]) for row in rows], f"S{NAME_BYTES}"),
        regions=list(numbers),
    )


def _sortable(name: str) -> bytes:
    return searchable(name).encode()[:NAME_BYTES]


def _moment(day: date) -> float:
    return datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()
