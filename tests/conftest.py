"""What every test may ask for: an app on SQLite and on PostgreSQL, a browser, a frozen day."""

from __future__ import annotations

import gc
import shutil
import sqlite3
from collections.abc import Callable, Collection, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, request_started
from flask.testing import FlaskClient
from flask_migrate import upgrade
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import Engine, event
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule
from whitenoise import WhiteNoise

from marketplace import audits, clock, create_app
from marketplace.db import db
from tests.support import postgres
from tests.support.signing import forget_request

SHARED = Path(__file__).resolve().parent.parent.parent / "shared"
REFERENCE_TABLES = {
    "regions", "kbli_codes", "legal_parameters", "alembic_version", "curation_criteria", "curation_settings",
    "synonyms",
}  # fmt: skip
_compiled_templates = FileSystemBytecodeCache()
"""Every test has an app of its own; compiling its templates again each time would be most of its time."""
_first_engines: dict[str, Engine] = {}
_compiled_addresses: dict[tuple[Any, ...], Any] = {}
_compile_address = Rule.compile
_static_files: dict[tuple[str, str], Any] = {}
_read_static_file = WhiteNoise.get_static_file
LONG = ("tests/tooling/test_make_run.py", "tests/browser/test_every_page.py", "tests/demo/")
A_SUNDAY = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)


def _compile_once(rule: Rule) -> None:
    """What an address compiles to depends on its text alone: it was four fifths of the time an app took."""
    key = (rule.rule, rule.merge_slashes, rule.host, rule.subdomain, *sorted((rule.defaults or {}).items()))
    if key not in _compiled_addresses:
        _compile_address(rule)
        builders = rule._build.__func__, rule._build_unknown.__func__  # type: ignore[attr-defined]
        _compiled_addresses[key] = rule._parts, rule._trace, rule._converters, set(rule.arguments), builders
    rule._parts, rule._trace, rule._converters, names, builders = _compiled_addresses[key]
    rule.arguments |= names
    rule._build, rule._build_unknown = (builder.__get__(rule, None) for builder in builders)


def _read_once(server: WhiteNoise, path: str, url: str, stat_cache: Any = None) -> Any:
    """A static file as it is served: the same for every app."""
    if (path, url) not in _static_files:
        _static_files[path, url] = _read_static_file(server, path, url, stat_cache)
    return _static_files[path, url]


Rule.compile = _compile_once  # type: ignore[method-assign,assignment]
WhiteNoise.get_static_file = _read_once


def _share_statements(engine: Engine) -> None:
    """Every test has an engine of its own; compiling the same statements for each is a fifth of its time.

    Compiled statements are kept by dialect, so all engines of a database take the first one's.
    """
    first = _first_engines.setdefault(engine.dialect.name, engine)
    if first is engine:
        engine._compiled_cache = LRUCache(20_000)
    engine.dialect, engine._compiled_cache = first.dialect, first._compiled_cache


@event.listens_for(Engine, "connect")
def _do_not_wait_for_the_disk(connection: Any, _record: Any) -> None:
    """Tests of behaviour need no durable commits. What survives a kill is tested in processes of its own."""
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA synchronous=OFF")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest begins first, so that at the end no worker is alone with it."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))


def pytest_collection_finish() -> None:
    """Modules and tests stay until the end: looking through them for garbage is a tenth of a test's time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data; the test is skipped, and says so, where it is absent."""
    if not SHARED.is_dir():
        pytest.skip("the shared data folder is absent: this test needs its real data")
    return SHARED / "data"


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite database to copy."""
    folder = tmp_path_factory.mktemp("template")
    app = create_app(TESTING=True, DATA_DIR=str(folder), DATABASE_URL="")
    with app.app_context():
        upgrade()
        db.session.remove()
        db.engine.dispose()
    return folder / "etalase.sqlite3"


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A migrated, empty PostgreSQL database of this process's own."""

    def migrate(url: str) -> None:
        app = create_app(TESTING=True, DATA_DIR=str(tmp_path_factory.mktemp("pg")), DATABASE_URL=url)
        with app.app_context():
            upgrade()
            db.session.remove()
            db.engine.dispose()

    name = postgres.template(postgres.session_cluster(), "etalase_migrated", migrate)
    with postgres.database(template=name) as url:
        yield url


@pytest.fixture(scope="session")
def empty_postgres(postgres_url: str) -> Iterator[Callable[[Collection[str]], None]]:
    """Empties it but for the tables to keep."""
    with postgres.emptier(postgres_url) as empty:
        yield empty


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database, first SQLite, then PostgreSQL."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "etalase.sqlite3")
        yield f"sqlite:///{tmp_path / 'etalase.sqlite3'}"
    else:
        empty = request.getfixturevalue("empty_postgres")
        yield request.getfixturevalue("postgres_url")
        empty(REFERENCE_TABLES)


@pytest.fixture
def app(request: pytest.FixtureRequest, database_url: str, tmp_path: Path) -> Iterator[Flask]:
    """The app on an empty database, within its context, on Sunday 22 November 2026, 12.00 WIB.

    What a test leaves behind is audited, unless it is marked to have broken something on purpose.
    """
    app = make_app(database_url, tmp_path)
    with (
        app.app_context(),
        clock.frozen(A_SUNDAY),
        request_started.connected_to(lambda _app, **_: forget_request(), app),
    ):
        yield app
        db.session.rollback()
        differences = list(audits.differences())
        db.session.remove()
        db.engine.dispose()
    if "corrupts" not in request.keywords:
        assert not differences


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without a window, signed out."""
    return app.test_client()


def make_app(database_url: str, folder: Path, **overrides: Any) -> Flask:
    """An app for tests: forms need no CSRF token, mail goes to memory."""
    settings: dict[str, Any] = {
        "TESTING": True,
        "DATA_DIR": str(folder),
        "DATABASE_URL": database_url,
        "WTF_CSRF_ENABLED": False,
        "RATELIMIT_ENABLED": False,
        "MAIL_URL": "memory:",
        "PUBLIC_URL": "http://localhost",
    }
    app = create_app(**settings | overrides)
    app.jinja_env.bytecode_cache = _compiled_templates
    with app.app_context():
        _share_statements(db.engine)
    return app
