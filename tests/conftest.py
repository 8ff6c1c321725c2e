"""What every test may ask for: an app on SQLite and on PostgreSQL, a browser, a frozen day."""

from __future__ import annotations

import gc
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, request_started
from flask.testing import FlaskClient
from flask_migrate import upgrade
from hypothesis import HealthCheck, settings
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import Engine, event
from sqlalchemy.exc import OperationalError
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule
from whitenoise import WhiteNoise

from marketplace import audits, clock, create_app, mailing
from marketplace.catalog.queries import engine
from marketplace.db import db
from tests.support import postgres, sqlite
from tests.support.signing import forget_request

SHARED = Path(__file__).resolve().parent.parent.parent / "shared"
REFERENCE_TABLES = {
    "regions", "kbli_codes", "legal_parameters", "alembic_version", "curation_criteria", "curation_settings",
    "synonyms",
}  # fmt: skip
_compiled_templates = FileSystemBytecodeCache()
"""Every test has an app of its own; compiling its templates again each time would be most of its time."""
_apps: dict[str, tuple[Flask, dict[str, Any], dict[str, Any]]] = {}
"""By the address of their database: what tests share, with the settings and parts that it was made with."""
_first_engines: dict[str, Engine] = {}
_compiled_addresses: dict[tuple[Any, ...], Any] = {}
_compile_address = Rule.compile
_static_files: dict[tuple[str, str], Any] = {}
_read_static_file = WhiteNoise.get_static_file
LONG = ("tests/tooling/test_make_run.py", "tests/browser/test_every_page.py", "tests/demo/")
settings.register_profile("etalase", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("etalase")  # how long something takes says nothing on a machine that others share
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
    name = engine.dialect.name
    if name not in _first_engines:
        try:
            engine.connect().close()  # a dialect learns from its own engine's first connection
        except OperationalError:
            return  # nobody is there
        engine._compiled_cache = LRUCache(20_000)
        _first_engines[name] = engine
    first = _first_engines[name]
    engine.dialect, engine._compiled_cache = first.dialect, first._compiled_cache


@event.listens_for(Engine, "connect")
def _do_not_wait_for_the_disk(connection: Any, _record: Any) -> None:
    """Tests of behaviour need no durable commits. What survives a kill is tested in processes of its own."""
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA synchronous=OFF")


@event.listens_for(Engine, "connect")
def _prepare_soon(connection: Any, _record: Any) -> None:
    """Of thousands of statements each is asked a few times: PostgreSQL's planning was a fifth of a test."""
    if not isinstance(connection, sqlite3.Connection):
        connection.prepare_threshold, connection.prepared_max = 1, 3_000


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
    """A migrated, empty SQLite database to copy, which can be emptied."""
    folder = tmp_path_factory.mktemp("template")
    app = create_app(TESTING=True, DATA_DIR=str(folder), DATABASE_URL="")
    with app.app_context():
        upgrade()
        db.session.remove()
        db.engine.dispose()
    sqlite.let_guards_rest(folder / "etalase.sqlite3")
    return folder / "etalase.sqlite3"


@pytest.fixture(scope="session")
def sqlite_file(app_folder: Path, sqlite_template: Path) -> sqlite.EmptiedFile:
    """The SQLite database of this process's own."""
    return sqlite.EmptiedFile(app_folder, sqlite_template, keep=REFERENCE_TABLES)


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
def empty_postgres(postgres_url: str) -> Iterator[Callable[[], None]]:
    """Empties it but for the reference tables."""
    with postgres.emptier(postgres_url, keep=REFERENCE_TABLES) as empty:
        yield empty


@pytest.fixture(scope="session")
def app_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The DATA_DIR of the apps that tests share, emptied for each test."""
    yield tmp_path_factory.mktemp("data")
    for app, _config, _extensions in _apps.values():
        with app.app_context():
            db.engine.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, app_folder: Path) -> Iterator[str]:
    """An empty database, first SQLite, then PostgreSQL, and an empty DATA_DIR beside it."""
    _empty_folder(app_folder)
    if request.param == "sqlite":
        file = request.getfixturevalue("sqlite_file")
        url = f"sqlite:///{file.path}"
        if file.begin() and url in _apps:
            with _apps[url][0].app_context():
                db.engine.dispose()
        yield url
    else:
        empty = request.getfixturevalue("empty_postgres")
        yield request.getfixturevalue("postgres_url")
        empty()


def _empty_folder(folder: Path) -> None:
    """Remove all but what the shared apps opened: their database, their keys and their queue."""
    for path in folder.iterdir():
        if path.is_dir() and path.name != "keys":
            shutil.rmtree(path)
        elif path.is_file() and not path.name.startswith("queue.") and path.name not in sqlite.NAMES:
            path.unlink()


@pytest.fixture
def app(request: pytest.FixtureRequest, database_url: str, app_folder: Path) -> Iterator[Flask]:
    """The app on an empty database, within its context, on Sunday 22 November 2026, 12.00 WIB.

    Making it is a third of a short test's time, so one app on each database serves all tests of a worker: it
    begins each with the settings and parts that it was made with, an empty mailbox and a new search.
    What a test leaves behind is audited, unless it is marked to have broken something on purpose.
    """
    if database_url not in _apps:
        made = make_app(database_url, app_folder)
        _apps[database_url] = made, dict(made.config), dict(made.extensions)
    app, config, extensions = _apps[database_url]
    for current, first in ((app.config, config), (app.extensions, extensions)):
        current.clear()
        current.update(first)
    mailing.init_app(app)
    engine.init_app(app)
    with _within(app, audited="corrupts" not in request.keywords, kept=True):
        yield app


@pytest.fixture
def own_app(database_url: str, app_folder: Path) -> Iterator[Flask]:
    """The same, made for one test: it may be given addresses of its own."""
    app = make_app(database_url, app_folder)
    with _within(app, audited=True, kept=False):
        yield app


@contextmanager
def _within(app: Flask, *, audited: bool, kept: bool) -> Iterator[None]:
    """The app's context; `kept`: its connections stay for the next test, for they know its statements."""
    with (
        app.app_context(),
        clock.frozen(A_SUNDAY),
        request_started.connected_to(lambda _app, **_: forget_request(), app),
    ):
        yield
        db.session.rollback()
        differences = list(audits.differences()) if audited else []
        db.session.remove()
        if not kept:
            db.engine.dispose()
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
