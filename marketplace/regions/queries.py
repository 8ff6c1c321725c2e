"""Reads of places."""

from __future__ import annotations

import functools
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import current_app
from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import SQLCoreOperations

from ..db import among, db
from .models import Region
from .rules import Level, is_code, level_of, parent_of, prefixes

EXTENSION = "etalase_region_names"
KEPT_SECONDS = 60.0


@dataclass(frozen=True)
class Place:
    """A place as lists and forms need it."""

    code: str
    name: str


@dataclass(frozen=True)
class FoundPlace:
    """A place found by its name, with the places around it in words."""

    code: str
    name: str
    around: str


def within(column: SQLCoreOperations[str] | Any, prefix: str) -> ColumnElement[bool]:
    """SQL criterion: the code lies in the prefix, by whole levels ('' is the whole country)."""
    if prefix == "":
        return column.is_not(None)
    low, high = prefix + ".", prefix + "/"  # '/' follows '.', so this range is served by an index
    return or_(column == prefix, (column >= low) & (column < high))


def region(session: Session, code: str) -> Region | None:
    """A place by its code."""
    return session.get(Region, code)


def exists(session: Session, code: str) -> bool:
    """Whether a code is known."""
    return is_code(code) and session.scalar(select(Region.code).where(Region.code == code)) is not None


def known_codes(session: Session, codes: Iterable[str]) -> set[str]:
    """Those of many codes that are known; asks in slices."""
    wanted = sorted({code for code in codes if is_code(code)})
    found: set[str] = set()
    for start in range(0, len(wanted), 900):
        found.update(session.scalars(select(Region.code).where(Region.code.in_(wanted[start : start + 900]))))
    return found


def children(code: str | None) -> list[Place]:
    """The places directly under one (None: the provinces), by code."""
    query = select(Region.code, Region.name).where(Region.parent_code == code).order_by(Region.code)
    return [Place(*row) for row in db.session.execute(query)]


def villages_by_district(city: str) -> list[tuple[Place, list[Place]]]:
    """The districts of a city, each with its villages, for grouped choices in a form."""
    query = (
        select(Region.code, Region.name, Region.level, Region.parent_code)
        .where(within(Region.code, city), Region.level.in_([Level.DISTRICT, Level.VILLAGE]))
        .order_by(Region.code)
    )
    groups: dict[str, tuple[Place, list[Place]]] = {}
    for code, name, level, parent in db.session.execute(query):
        if level == Level.DISTRICT:
            groups[code] = (Place(code, name), [])
        elif parent in groups:
            groups[parent][1].append(Place(code, name))
    return list(groups.values())


def names(codes: Iterable[str]) -> dict[str, str]:
    """Names by code, for many codes at once; unknown codes are absent.

    Every page names places, and their names hardly ever change: they are read anew once a minute.
    """
    known = _known_names()
    wanted = set(codes)
    missing = sorted(wanted - known.keys())
    for start in range(0, len(missing), 900):
        known.update(dict(db.session.execute(_names(), {"codes": missing[start : start + 900]}).all()))
    return {code: known[code] for code in wanted if code in known}


def _known_names() -> dict[str, str]:
    now = time.monotonic()
    until, known = current_app.extensions.get(EXTENSION, (0.0, {}))
    if until <= now:
        known = {}
        current_app.extensions[EXTENSION] = (now + KEPT_SECONDS, known)
    return known


def forget_names() -> None:
    """Read names anew: some were changed here."""
    current_app.extensions.pop(EXTENSION, None)


@functools.cache
def _names() -> Any:
    return select(Region.code, Region.name).where(among(Region.code, "codes"))


def full_name(code: str) -> str:
    """The place and its district in words: 'Laweyan, Kec. Laweyan' for a village, its name otherwise."""
    return full_names([code]).get(code, code)


def full_names(codes: Iterable[str]) -> dict[str, str]:
    """full_name of many codes, in one question."""
    wanted = set(codes)
    found = names({part for code in wanted for part in prefixes(code)})
    return {code: _in_words(code, found) for code in wanted}


def _in_words(code: str, found: dict[str, str]) -> str:
    name = found.get(code, code)
    if is_code(code) and level_of(code) == Level.VILLAGE:
        return f"{name}, Kec. {found.get(parent_of(code) or '', '')}"
    if is_code(code) and level_of(code) == Level.DISTRICT:
        return f"Kec. {name}"
    return name


def path_of(code: str) -> list[Place]:
    """The province, city, district and village of a code, as far as known."""
    found = names(prefixes(code))
    return [Place(part, found[part]) for part in prefixes(code) if part in found]


def search(text: str, *, under: str = "", limit: int = 20) -> list[FoundPlace]:
    """Places whose name or code begins with a text, cities before districts before villages."""
    bare = " ".join(text.split())[:100]
    if not bare:
        return []
    pattern = _escaped(bare.lower()) + "%"
    query = (
        select(Region.code, Region.name)
        .where(
            within(Region.code, under),
            or_(
                func.lower(Region.name).like(pattern, escape="\\"),
                func.lower(Region.name).like(f"kota {pattern}", escape="\\"),
                func.lower(Region.name).like(f"kabupaten {pattern}", escape="\\"),
                Region.code.like(pattern, escape="\\"),
            ),
        )
        .order_by(Region.level, Region.code)
        .limit(limit)
    )
    rows: Sequence[tuple[str, str]] = db.session.execute(query).all()
    around = names({part for code, _name in rows for part in prefixes(code)})
    return [
        FoundPlace(code, name, ", ".join(around[p] for p in reversed(prefixes(code)[:-1]) if p in around))
        for code, name in rows
    ]


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
