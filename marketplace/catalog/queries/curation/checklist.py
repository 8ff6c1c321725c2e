"""What the office looks at before a product goes live, and its numbers."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from ....db import db
from ....i18n import language
from ...models import Category, Criterion, CriterionScope, CurationSettings
from ...rules import curation as rules


def criteria_for(session: Session, category_id: int | None) -> tuple[list[rules.Wish], int]:
    """The criteria for a product of this category, and how many of the others it needs."""
    is_food = bool(session.scalar(select(Category.is_food).where(Category.id == category_id)))
    settings = session.get_one(CurationSettings, 1)
    scope = CriterionScope.FOOD if is_food else CriterionScope.NON_FOOD
    rows = session.scalars(
        select(Criterion)
        .where(Criterion.is_active, Criterion.scope.in_((CriterionScope.ALL, scope)))
        .order_by(Criterion.is_essential.desc(), Criterion.position, Criterion.id)
    )
    wishes = [rules.Wish(row.id, in_words(row), row.is_essential) for row in rows]
    needed = settings.others_food if is_food else settings.others_non_food
    return wishes, min(needed, sum(not wish.is_essential for wish in wishes))


def in_words(criterion: Criterion) -> str:
    """A criterion in the reader's language; in Indonesian where it has no other."""
    return criterion.label_en if language() == "en" and criterion.label_en else criterion.label


def criteria() -> Sequence[Criterion]:
    """Every criterion, active ones first, in order."""
    query = select(Criterion).order_by(Criterion.is_active.desc(), Criterion.position, Criterion.id)
    return db.session.scalars(query).all()


def settings() -> CurationSettings:
    """The office's numbers."""
    return db.session().get_one(CurationSettings, 1)
