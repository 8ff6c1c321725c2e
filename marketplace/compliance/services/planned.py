"""Rewriting a regulation that is not in force yet: until its first day no outlet was counted by it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from ... import audit, clock
from ...errors import RuleBroken
from ...i18n import _, format_day
from ...permissions import Actor, Permission
from ..models import Regulation
from .regulations import refuse_overlap
from .standings import alone, forget_days


def rewrite_planned(
    session: Session, *, actor: Actor, regulation_id: int, values: Mapping[str, Any]
) -> Regulation:
    """Change any column of a regulation before its first day, within the caller's unit of work.

    Raises RuleBroken once it is in force, or where another holds on the same days.
    """
    actor.require(Permission.REGULATION_EDIT)
    alone(session)
    row = session.get_one(Regulation, regulation_id, with_for_update=True, populate_existing=True)
    if row.valid_from <= clock.today():
        raise RuleBroken(
            _("Aturan ini berlaku sejak %(day)s dan tidak dapat diubah.", day=format_day(row.valid_from)),
            code="regulation_in_force",
        )
    before = {name: getattr(row, name) for name in values}
    first, last = row.valid_from, row.valid_to
    for name, value in values.items():
        setattr(row, name, value)
    refuse_overlap(session, row)
    forget_days(session, min(first, row.valid_from), max(last, row.valid_to))
    audit.record(
        session, actor, "regulation.rewritten", row, before=before, after=dict(values), region=row.region_code
    )
    return row
