"""The place of a category: what its address stands for, and what lies in it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from ... import clock
from ...db import db
from .. import rules
from ..models import Category
from .search import Search, in_category, public_products


@dataclass(frozen=True)
class ChildCategory:
    """A category under the one that is looked at, with the live products in it and below."""

    name: str
    url: str
    count: int
    picture_url: str


@dataclass(frozen=True)
class CategoryPage:
    """What a category's page shows besides its products. Several paths may share one address."""

    path: str
    name: str
    paths: tuple[str, ...]
    steps: list[tuple[str, str]]
    children: list[ChildCategory]


def category_page(slug: str) -> CategoryPage | None:
    """The category that an address stands for; None for an unknown one."""
    rows = db.session.execute(select(Category.path, Category.picture_form).order_by(Category.id)).all()
    paths = tuple(row.path for row in rows if rules.category_slug(row.path) == slug)
    if not paths:
        return None
    forms = {row.path: row.picture_form for row in rows}
    _path, name, _parent = rules.category_names(paths[0])[-1]
    return CategoryPage(
        path=paths[0],
        name=name,
        paths=paths,
        steps=category_steps(paths[0])[:-1],
        children=_children(paths, forms),
    )


def category_steps(path: str) -> list[tuple[str, str]]:
    """Name and address of each category on the way down to a path."""
    return [(name, rules.category_address(step)) for step, name, _parent in rules.category_names(path)]


def _children(paths: tuple[str, ...], forms: dict[str, str | None]) -> list[ChildCategory]:
    counts: dict[str, int] = {}
    for parent in paths:
        query = public_products((Category.path, func.count()), Search(), clock.today())
        query = query.where(in_category(parent), Category.path != parent).group_by(Category.path)
        for path, count in db.session.execute(query):
            child = " / ".join(path.split(" / ")[: parent.count(" / ") + 2])
            counts[child] = counts.get(child, 0) + count
    return [
        ChildCategory(
            path.rsplit(" / ", 1)[-1],
            rules.category_address(path),
            counts[path],
            rules.picture_path(path, forms.get(path)),
        )
        for path in sorted(counts, key=str.casefold)
    ]
