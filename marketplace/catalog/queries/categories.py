"""The place of a category: what its address stands for, and what lies in it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from ...db import db
from .. import rules
from ..models import Category
from .filters import category_facet
from .matching import matches
from .search import Search


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
    """The categories one step below that hold something, with what lies in them and below."""
    counts = {value.value: value.count for value in category_facet(matches(Search()))}
    above = tuple(path + " / " for path in paths)
    depths = {path.count(" / ") + 1 for path in paths}
    counts = {
        path: count
        for path, count in counts.items()
        if path.startswith(above) and path.count(" / ") in depths
    }
    return [
        ChildCategory(
            path.rsplit(" / ", 1)[-1],
            rules.category_address(path),
            counts[path],
            rules.picture_path(path, forms.get(path)),
        )
        for path in sorted(counts, key=str.casefold)
    ]
