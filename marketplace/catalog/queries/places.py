"""Where a product is made: a village, found by what people write."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app

from ...regions import queries as regions
from ...regions.finder import letters
from ...regions.queries import FoundPlace
from ...regions.rules import Level, level_of

LEAST = 2
"""The whole country is searched only for names longer than this."""
SAME_NAME = 60
"""So many places are looked at that begin with the same name."""


@dataclass(frozen=True)
class NamedPlace:
    """A place as it is written in the field: 'Mojosongo, Jebres, Kota Surakarta'."""

    code: str
    label: str


def places_starting(text: str, *, limit: int = 8) -> list[NamedPlace]:
    """Villages whose name begins so, those of the city first."""
    name = text.split(",", maxsplit=1)[0]
    found = regions.search(name, under=_city(), limit=limit)
    if len(found) < limit and len(name) > LEAST:
        found += [place for place in regions.search(name, limit=SAME_NAME) if place not in found]
    return [_named(place) for place in found if level_of(place.code) == Level.VILLAGE][:limit]


def places_named(text: str) -> list[NamedPlace]:
    """The villages that a text can mean: the city's alone when the name says no more."""
    name, *around = [part.strip() for part in text.split(",") if part.strip()] or [""]
    here, everywhere = (regions.search(name, under=under, limit=SAME_NAME) for under in (_city(), ""))
    for found in (here, everywhere):
        fitting = [place for place in found if _fits(place, name, around)]
        if fitting:
            return [_named(place) for place in fitting]
    return []


def place_label(code: str) -> str:
    """A stored place as it is written in the field."""
    steps = regions.path_of(code)
    return ", ".join(step.name for step in reversed(steps[1:])) if len(steps) > 1 else code


def _city() -> str:
    city: str = current_app.config["CITY_REGION"]
    return city


def _fits(place: FoundPlace, name: str, around: list[str]) -> bool:
    if level_of(place.code) != Level.VILLAGE:
        return False
    if place.code == name:
        return True
    nearby = {_bare(part) for part in place.around.split(", ")}
    return letters(place.name) == letters(name) and all(_bare(part) in nearby for part in around)


def _bare(name: str) -> str:
    """'Kota Surakarta' and 'Kab. Sragen' by their proper names."""
    text = letters(name)
    for title in ("kota", "kabupaten", "kab"):
        text = text.removeprefix(title)
    return text


def _named(place: FoundPlace) -> NamedPlace:
    return NamedPlace(place.code, ", ".join([place.name, *place.around.split(", ")[:2]]))
