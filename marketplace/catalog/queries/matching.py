"""Which products a search finds: text by the index, everything else by the columns."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from sqlalchemy import select

from ... import clock
from ...backends.search import Group, Hits
from ...db import db
from ...organizations.models import Seller
from ...permissions import within
from ...texts import one_line
from .. import rules
from ..models import Category, Product
from ..rules import ranking
from .columns import KINDS, Array, Columns, Places
from .engine import Engine, engine
from .search import Search, known_paper, public_products, region_codes
from .wording import Wording, wording

KEPT = 12
ENOUGH, COMMON, COMMON_TIMES = 10, 20, 5
Excluded = Mapping[str, Collection[int]]
"""For each extra filter that this person may use: the products that it takes away."""


@dataclass(frozen=True)
class Matches:
    """What the words of a search find, and for each filter which of it passes.

    `places` are places in the columns; `scores` and every mask run along with them.
    """

    columns: Columns
    places: Places
    scores: Array | None
    masks: dict[str, Array]
    corrected: str = ""
    is_partial: bool = False

    def passing(self, *, without: str = "") -> Places:
        """The places that pass every filter but one."""
        kept = None
        for name, mask in self.masks.items():
            if name != without:
                kept = mask if kept is None else kept & mask
        return self.places if kept is None else self.places[kept]

    @cached_property
    def found(self) -> Places:
        """The places that pass every filter."""
        return self.passing()

    @cached_property
    def total(self) -> int:
        """How many there are."""
        return len(self.found)

    @cached_property
    def sellers(self) -> int:
        """Of how many sellers."""
        return len(np.unique(self.columns.seller[self.found]))

    @cached_property
    def fair_order(self) -> Places:
        """All that was found, the best first, with sellers taking turns among equals."""
        columns, found = self.columns, self.found
        if self.scores is None and len(found) == len(columns):
            return columns.browsing
        worth = columns.quality[found]
        if self.scores is None:
            score, grade = worth, ranking.browsing_grade(worth)
        else:
            kept = self.scores[np.searchsorted(self.places, found)]
            score = ranking.asked_score(kept, worth)
            grade = ranking.asked_grade(score)
        order = ranking.in_fair_order(grade, score, columns.seller[found], columns.turn[found])
        return found[order]


_kept: OrderedDict[tuple[Any, ...], Matches] = OrderedDict()
"""The last answers: a page asks for its list, its counts and its filters. Keys carry the versions."""


def matches(search: Search, excluded: Excluded | None = None) -> Matches:
    """What a search finds now."""
    kept = engine()
    columns = kept.columns()
    plain = replace(search, sort="relevance")
    extras = tuple(sorted((name, len(ids), hash(frozenset(ids))) for name, ids in (excluded or {}).items()))
    indexed = kept.index.version() if one_line(search.q) else None
    key = (id(kept), columns.version, columns.day, indexed, plain, extras)
    found = _kept.get(key)
    if found is None or found.columns is not columns:
        found = _matches(kept, columns, indexed, plain, excluded or {})
        _kept[key] = found
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
    return found


def forget_answers() -> None:
    """Answer everything anew."""
    _kept.clear()


def _matches(
    kept: Engine, columns: Columns, indexed: int | None, search: Search, excluded: Excluded
) -> Matches:
    places, scores, said, is_partial = _worded(kept, columns, indexed, search.q)
    masks = {
        name: mask
        for name, mask in (
            ("category", _category_mask(columns, places, search)),
            ("district", _district_mask(columns, places, search)),
            ("certificate", _certificate_mask(columns, places, search)),
            ("seller", _seller_mask(columns, places, search)),
            ("price", _price_mask(columns, places, search)),
            ("capacity", _capacity_mask(columns, places, search)),
            ("lead", _lead_mask(columns, places, search)),
            ("consignment", columns.consignment[places] if search.consignment else None),
        )
        if mask is not None
    }
    for name in search.extras:
        if name in excluded:
            masks[name] = outside(columns, places, excluded[name])
    return Matches(columns, places, scores, masks, said.corrected, is_partial)


def _worded(
    kept: Engine, columns: Columns, indexed: int | None, q: str
) -> tuple[Places, Array | None, Wording, bool]:
    """What the words find, in ascending places."""
    every = np.arange(len(columns), dtype=np.int64)
    if not one_line(q):
        return every, None, Wording(), False
    if indexed is None:  # it is being made: until then the plain way
        ids = np.array(db.session.scalars(public_products((Product.id,), Search(q=q), clock.today())).all())
        hits, said, is_partial = Hits(ids.astype(np.int64), np.ones(len(ids), np.float32)), Wording(), False
    else:
        said = wording(q, kept.synonyms(columns.version), kept.spelling(indexed))
        hits, is_partial = _asked(kept, said.groups)
    places = columns.places_of(hits.ids)
    public = places >= 0
    places, scores = places[public], hits.scores[public]
    order = np.argsort(places)
    return places[order], scores[order], said, is_partial


def _asked(kept: Engine, groups: Sequence[Group]) -> tuple[Hits, bool]:
    """All words together; where that is (next to) nothing, also as many of them as possible.

    A few products that hold a rare word are what was meant; a few that hold several common words at once
    are found by chance, and what holds most of the words follows after them.
    """
    hits = kept.index.find(groups)
    if len(hits) >= ENOUGH or (len(hits) and not _are_common(kept, groups, len(hits))):
        return hits, False
    for needed in range(len(groups) - 1, (len(groups) - 1) // 2, -1):
        more = kept.index.find(groups, at_least=needed)
        if len(more) > len(hits):
            return _followed_by(hits, more), True
    return hits, False


def _are_common(kept: Engine, groups: Sequence[Group], together: int) -> bool:
    speller = kept.speller
    least = min(max((speller.count(term) for term in group.terms), default=0) for group in groups)
    return least >= max(COMMON, COMMON_TIMES * together)


def _followed_by(hits: Hits, more: Hits) -> Hits:
    """The first, and below all of them what the second has besides."""
    if not len(hits):
        return more
    other = ~np.isin(more.ids, hits.ids)
    scale = hits.scores.min() * 0.5 / max(float(more.scores.max()), 1e-9)
    return Hits(
        np.concatenate([hits.ids, more.ids[other]]),
        np.concatenate([hits.scores, (more.scores[other] * scale).astype(np.float32)]),
    )


def _category_mask(columns: Columns, places: Places, search: Search) -> Array | None:
    if not search.categories:
        return None
    wanted = [rules.tidy_path(path) for path in search.categories]
    ids = [
        number
        for number, path in category_names().items()
        if any(path == one or path.startswith(one + " / ") for one in wanted)
    ]
    return np.isin(columns.category[places], np.array(ids, np.int64))


def _district_mask(columns: Columns, places: Places, search: Search) -> Array | None:
    if not search.districts:
        return None
    codes = region_codes(search.districts)
    inside = np.array([any(within(code, prefix) for prefix in codes) for code in columns.regions], bool)
    return inside[columns.region[places]] if len(places) else np.empty(0, bool)


def _certificate_mask(columns: Columns, places: Places, search: Search) -> Array | None:
    if not search.certificates:
        return None
    wanted = sum(1 << KINDS.index(known_paper(paper)) for paper in set(search.certificates))
    return np.asarray((columns.papers[places] & wanted) == wanted)


def _seller_mask(columns: Columns, places: Places, search: Search) -> Array | None:
    wanted = []
    if search.seller_id is not None:
        wanted.append(search.seller_id)
    if search.seller_ref:
        wanted.append(db.session.scalar(select(Seller.id).where(Seller.seller_ref == search.seller_ref)) or 0)
    if not wanted:
        return None
    if len(set(wanted)) > 1:
        return np.zeros(len(places), bool)
    return np.asarray(columns.seller[places] == wanted[0])


def _price_mask(columns: Columns, places: Places, search: Search) -> Array | None:
    if search.min_price is None and search.max_price is None:
        return None
    price = columns.price[places]
    least = 0 if search.min_price is None else search.min_price
    most = np.iinfo(np.int64).max if search.max_price is None else search.max_price
    return np.asarray((price >= least) & (price <= most))


def _capacity_mask(columns: Columns, places: Places, search: Search) -> Array | None:
    if search.min_capacity is None:
        return None
    return np.asarray(columns.capacity[places] >= max(search.min_capacity, 1))


def _lead_mask(columns: Columns, places: Places, search: Search) -> Array | None:
    if search.max_lead_days is None:
        return None
    return np.asarray(columns.lead[places] <= search.max_lead_days)


def outside(columns: Columns, places: Places, ids: Collection[int]) -> Array:
    """Which of these places hold none of these products."""
    if not ids:
        return np.ones(len(places), bool)
    return ~np.isin(columns.ids[places], np.fromiter(ids, np.int64, len(ids)))


def category_names() -> dict[int, str]:
    """The path of every category, by id."""
    return dict(db.session.execute(_CATEGORY_NAMES).all())


_CATEGORY_NAMES = select(Category.id, Category.path)
