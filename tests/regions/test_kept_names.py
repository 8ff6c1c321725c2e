"""Names of places are read once a minute, and at once when they change here."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import update

from marketplace.db import unit_of_work
from marketplace.regions import queries, services
from marketplace.regions.models import Region

SOLO = "33.72"


def rename(name: str) -> None:
    """As another process would."""
    with unit_of_work() as session:
        session.execute(update(Region).where(Region.code == SOLO).values(name=name))


def test_a_name_changed_elsewhere_is_read_in_a_minute(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    old = queries.names([SOLO])[SOLO]
    try:
        rename("Sala")
        assert queries.names([SOLO]) == {SOLO: old}
        monkeypatch.setattr(queries.time, "monotonic", lambda: float("inf"))
        assert queries.names([SOLO]) == {SOLO: "Sala"}
    finally:
        rename(old)


def test_a_name_changed_here_is_read_at_once(app: Flask) -> None:
    old = queries.names([SOLO])[SOLO]
    try:
        with unit_of_work() as session:
            services.name_places(session, {SOLO: "Sala"})
        assert queries.names([SOLO]) == {SOLO: "Sala"}
    finally:
        rename(old)


def test_a_place_that_was_unknown_is_found_once_it_is_there(app: Flask) -> None:
    assert queries.names(["33.72.99"]) == {}
    with unit_of_work() as session:
        services.name_places(session, {"33.72.99": "Baru"})
    assert queries.names(["33.72.99"]) == {"33.72.99": "Baru"}
    with unit_of_work() as session:
        session.delete(session.get_one(Region, "33.72.99"))
