"""What the filters of a search would find, and the tree of categories."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from sqlalchemy import select

from ...db import db
from ...i18n import _, format_number
from ...money import format_rupiah
from ...organizations.models import Seller
from ...regions import queries as regions
from .. import rules
from ..models import Category
from ..rules import papers
from .columns import KINDS
from .matching import Excluded, Matches, category_names, matches, outside
from .search import Search

DISTRICT_LENGTH = 8
"""A district's code in characters: 33.72.05."""
PRICE_STEPS = (10_000, 25_000, 50_000, 100_000, 250_000)
CAPACITY_STEPS = (50, 100, 250, 500)
LEAD_STEPS = (2, 3, 7, 14, 30)


@dataclass(frozen=True)
class FacetValue:
    """One value that a filter can take, in words, and how many products have it."""

    value: str
    label: str
    count: int


@dataclass(frozen=True)
class CategoryNode:
    """A category with the live products in it and below."""

    path: str
    name: str
    count: int
    form: str | None
    children: list[CategoryNode] = field(default_factory=list)


def facets(search: Search, found: Matches | None = None) -> dict[str, list[FacetValue]]:
    """For each filter the values that would find something, counted as if that filter were off."""
    found = found or matches(search)
    return {
        "category": category_facet(found),
        "district": _district_facet(found),
        "certificate": _certificate_facet(found),
        "price": _price_facet(found),
        "capacity": _capacity_facet(found, search),
        "lead": _lead_facet(found, search),
        "consignment": _consignment_facet(found),
    }


def extra_counts(found: Matches, excluded: Excluded) -> dict[str, int]:
    """How many products each extra filter would leave, by its name."""
    return {
        name: int(np.count_nonzero(outside(found.columns, found.passing(without=name), ids)))
        for name, ids in excluded.items()
    }


def category_facet(found: Matches) -> list[FacetValue]:
    """Every category that would find something, its parents too."""
    numbers, amounts = np.unique(
        found.columns.category[found.passing(without="category")], return_counts=True
    )
    names = category_names()
    counts: dict[str, int] = {}
    for number, count in zip(numbers.tolist(), amounts.tolist(), strict=True):
        for step, _name, _parent in rules.category_names(names.get(number, "")):
            counts[step] = counts.get(step, 0) + count
    return [FacetValue(path, path, counts[path]) for path in sorted(counts, key=str.casefold) if path]


def _district_facet(found: Matches) -> list[FacetValue]:
    places = found.passing(without="district")
    per_region = np.bincount(found.columns.region[places], minlength=len(found.columns.regions))
    counts: dict[str, int] = {}
    for code, count in zip(found.columns.regions, per_region.tolist(), strict=True):
        if count:
            counts[code[:DISTRICT_LENGTH]] = counts.get(code[:DISTRICT_LENGTH], 0) + count
    names = regions.names(counts)
    order = sorted(counts, key=lambda code: (-counts[code], code))
    return [FacetValue(code, names.get(code, code), counts[code]) for code in order]


def _certificate_facet(found: Matches) -> list[FacetValue]:
    bits = found.columns.papers[found.passing(without="certificate")]
    counts = {kind: int(np.count_nonzero(bits & (1 << bit))) for bit, kind in enumerate(KINDS)}
    return [FacetValue(kind, papers.label(kind), count) for kind, count in counts.items() if count]


def _price_facet(found: Matches) -> list[FacetValue]:
    prices = found.columns.price[found.passing(without="price")]
    edges = [0, *PRICE_STEPS]
    amounts = np.bincount(np.searchsorted(edges, prices, side="right") - 1, minlength=len(edges))
    values = []
    for least, beyond, count in zip(edges, [*PRICE_STEPS, None], amounts.tolist(), strict=True):
        band = f"{least}-{beyond - 1}" if beyond else f"{least}-"
        if count:
            values.append(FacetValue(band, _price_words(least, beyond), count))
    return values


def _price_words(least: int, beyond: int | None) -> str:
    if beyond is None:
        return _("Mulai %(price)s", price=format_rupiah(least))
    if not least:
        return _("Di bawah %(price)s", price=format_rupiah(beyond))
    return _("%(least)s – %(most)s", least=format_rupiah(least), most=format_rupiah(beyond - 1))


def _capacity_facet(found: Matches, search: Search) -> list[FacetValue]:
    capacity = found.columns.capacity[found.passing(without="capacity")]
    counts = {step: int(np.count_nonzero(capacity >= step)) for step in reversed(CAPACITY_STEPS)}
    return [
        FacetValue(str(step), _("%(count)s atau lebih per minggu", count=format_number(step)), counts[step])
        for step in sorted(_telling(counts, search.min_capacity))
    ]


def _lead_facet(found: Matches, search: Search) -> list[FacetValue]:
    lead = found.columns.lead[found.passing(without="lead")]
    counts = {step: int(np.count_nonzero(lead <= step)) for step in LEAD_STEPS}
    return [
        FacetValue(str(step), _("Paling lama %(count)s hari", count=format_number(step)), counts[step])
        for step in _telling(counts, search.max_lead_days)
    ]


def _telling(counts: dict[int, int], chosen: int | None) -> list[int]:
    """The steps, from the strictest on, that find more than the one before, and the one that is chosen."""
    steps, last = [], 0
    for step, count in counts.items():
        if count > last or (step == chosen and count):
            steps.append(step)
            last = count
    return steps


def _consignment_facet(found: Matches) -> list[FacetValue]:
    count = int(np.count_nonzero(found.columns.consignment[found.passing(without="consignment")]))
    return [FacetValue("1", _("Bisa titip jual"), count)] if count else []


def labels_of(search: Search) -> dict[str, str]:
    """The values of a search's filters in words, as far as they have other words."""
    labels = {kind: papers.label(kind) for kind in KINDS}
    labels |= regions.names(search.districts)
    if search.seller_ref:
        name = db.session.scalar(select(Seller.name).where(Seller.seller_ref == search.seller_ref))
        labels[search.seller_ref] = name or search.seller_ref
    return labels


def category_tree() -> list[CategoryNode]:
    """The categories that hold live products, with counts of what lies in them and below."""
    found = {value.value: value for value in category_facet(matches(Search()))}
    forms = dict(db.session.execute(select(Category.path, Category.picture_form)).all())
    nodes: dict[str, CategoryNode] = {}
    for path in sorted(found):
        _path, name, parent = rules.category_names(path)[-1]
        nodes[path] = CategoryNode(path, name, found[path].count, forms.get(path))
        if parent in nodes:
            nodes[parent].children.append(nodes[path])
    return [node for path, node in nodes.items() if " / " not in path]


def category_paths() -> list[str]:
    """Every category there is, for choosing."""
    return list(db.session.scalars(select(Category.path).order_by(Category.path)))
