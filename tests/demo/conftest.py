"""The demo city on each database: loading takes half a minute, so a session loads it once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from marketplace import clock
from marketplace.db import db
from tests.support import postgres
from tests.support.town import NOON, copy_of_city, load_city, make_app


@pytest.fixture(scope="session", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def city_app(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The app with the loaded demo city, on each database."""
    folder: Path = tmp_path_factory.mktemp("city")
    if request.param == "sqlite":
        yield make_app(copy_of_city(folder / "sqlite"))
        return
    cluster = postgres.session_cluster()
    name = postgres.template(cluster, "etalase_city", lambda url: load_city(make_app(folder, url)))
    with postgres.database(template=name) as url:
        yield make_app(folder, url)


@pytest.fixture
def city(city_app: Flask) -> Iterator[Flask]:
    """Within the loaded city, on its day. Nothing may be changed in it."""
    with city_app.app_context(), clock.frozen(NOON):
        yield city_app
        db.session.remove()
        db.engine.dispose()
