"""What the filters of a search would find, and the tree of categories."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import case, func, select

from ... import clock
from ...db import db
from ...organizations.models import Seller, SellerFacts
from ...regions import queries as regions
from .. import rules
from ..models import Category
from .search import Search, carries, public_products

DISTRICT_LENGTH = 8
"""A district's code in characters: 33.72.05."""


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


def facets(search: Search) -> dict[str, list[FacetValue]]:
    """For each filter the values that would find something, counted as if that filter were off."""
    return {
        "category": category_facet(search),
        "district": _district_facet(search),
        "certificate": _certificate_facet(search),
    }


def category_facet(search: Search) -> list[FacetValue]:
    """Every category that would find something, its parents too."""
    day = clock.today()
    query = public_products((Category.path, func.count()), search, day, without="category").group_by(
        Category.path
    )
    counts: dict[str, int] = {}
    for path, count in db.session.execute(query):
        for step, _name, _parent in rules.category_names(path):
            counts[step] = counts.get(step, 0) + count
    return [FacetValue(path, path, counts[path]) for path in sorted(counts, key=str.casefold)]


def _district_facet(search: Search) -> list[FacetValue]:
    day = clock.today()
    district = func.substr(SellerFacts.region_code, 1, DISTRICT_LENGTH)
    query = public_products((district, func.count()), search, day, without="district").group_by(district)
    counts: dict[str, int] = dict(db.session.execute(query).all())
    names = regions.names(counts)
    order = sorted(counts, key=lambda code: (-counts[code], code))
    return [FacetValue(code, names.get(code, code), counts[code]) for code in order]


def _certificate_facet(search: Search) -> list[FacetValue]:
    day = clock.today()
    columns = [func.coalesce(func.sum(case((carries(paper, day), 1), else_=0)), 0) for paper in rules.Paper]
    row = db.session.execute(public_products(columns, search, day, without="certificate")).one()
    labels = {rules.Paper.PIRT: "P-IRT", rules.Paper.HALAL: "Halal", rules.Paper.BPOM: "BPOM"}
    return [
        FacetValue(paper.value, labels[paper], int(count))
        for paper, count in zip(rules.Paper, row, strict=True)
        if count
    ]


def labels_of(search: Search) -> dict[str, str]:
    """The values of a search's filters in words, as far as they have other words."""
    labels = {
        rules.Paper.PIRT.value: "P-IRT",
        rules.Paper.HALAL.value: "Halal",
        rules.Paper.BPOM.value: "BPOM",
    }
    labels |= regions.names(search.districts)
    if search.seller_ref:
        name = db.session.scalar(select(Seller.name).where(Seller.seller_ref == search.seller_ref))
        labels[search.seller_ref] = name or search.seller_ref
    return labels


def category_tree() -> list[CategoryNode]:
    """The categories that hold live products, with counts of what lies in them and below."""
    found = {value.value: value for value in category_facet(Search())}
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
