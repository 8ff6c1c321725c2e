"""The tree of categories: grown by whoever names a new one."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from ...db import insert_into
from .. import rules
from ..models import Category


def ensure_category(session: Session, path: str) -> Category:
    """The category of a path such as 'Makanan / Camilan kering', made with its parents where unknown.

    Call it inside a unit of work. Raises ValueError for an empty path.
    """
    steps = rules.category_names(path)
    if not steps[-1][0]:
        raise ValueError("an empty category path")
    found: Category | None = None
    for step, name, _parent in steps:
        known = session.scalar(select(Category).where(Category.path == step))
        found = known or _make_category(session, step, name, found.id if found else None)
    assert found is not None
    return found


def _make_category(session: Session, path: str, name: str, parent_id: int | None) -> Category:
    """One category; when another unit makes the same one first, theirs."""
    values = {
        "path": path,
        "name": name,
        "parent_id": parent_id,
        "picture_form": rules.picture_form(path),
        "is_food": rules.sounds_like_food(path),
    }
    session.execute(
        insert_into(session, Category).values(**values).on_conflict_do_nothing(index_elements=["path"])
    )
    return session.scalars(select(Category).where(Category.path == path)).one()
