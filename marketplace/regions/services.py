"""Writes of places: the office of a whole country brings its own table up to date."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from ..db import insert_into
from . import queries
from .models import Region
from .rules import level_of, parent_of


def name_places(session: Session, names: Mapping[str, str]) -> None:
    """Add places by code, or give known ones another name, within the caller's unit of work."""
    rows = [
        {"code": code, "name": name, "level": int(level_of(code)), "parent_code": parent_of(code)}
        for code, name in names.items()
    ]
    if not rows:
        return
    statement = insert_into(session, Region)
    session.execute(
        statement.on_conflict_do_update(index_elements=["code"], set_={"name": statement.excluded.name}), rows
    )
    queries.forget_names()
