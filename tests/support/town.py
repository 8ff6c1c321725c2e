"""The demo city for tests: loaded once in a session, copied for whoever changes something in it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import select

from marketplace import clock, create_app
from marketplace.accounts.models import User
from marketplace.db import db
from marketplace.demo import load, people
from tests.support import postgres
from tests.support.server import serving
from tests.support.signing import sign_in

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

NOON = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)
"""Sunday 22 November 2026, 12.00 WIB: the day on which the demo city of the tests is."""

PEOPLE = {
    "seller": "sri@peraga.example",
    "newcomer": "bagus@peraga.example",
    "buyer": "bagas@peraga.example",
    "officer": "petugas@peraga.example",
    "head": "kepala@peraga.example",
    "coach": "pendamping@peraga.example",
    "admin": "admin@peraga.example",
}
PASSWORD = people.PASSWORD
COOKIE = "etalase"


@dataclass(frozen=True)
class Town:
    """A demo city that answers: its app, and the address when it is served."""

    app: Flask
    address: str = ""

    def client(self, who: str | None) -> FlaskClient:
        """A browser without a window, signed in as one of PEOPLE; None is signed out."""
        client = self.app.test_client()
        if who:
            with self.app.test_request_context(), clock.frozen(NOON):
                user = db.session.scalars(select(User).where(User.email == PEOPLE[who])).one()
                sign_in(client, user)
        return client

    def cookie(self, who: str) -> dict[str, Any]:
        """What a real browser carries to be signed in as one of PEOPLE."""
        cookie = self.client(who).get_cookie(COOKIE)
        assert cookie is not None
        return {"name": COOKIE, "value": cookie.value, "url": self.address}

    def ask(self, question: Callable[[], Any]) -> Any:
        """What a function finds in this city's database, on its day."""
        with self.app.app_context(), clock.frozen(NOON):
            try:
                return question()
            finally:
                db.session.remove()


class OnOneDay:
    """The app with the clock standing still: threads of a server do not see a test's frozen clock."""

    def __init__(self, app: Flask, moment: datetime = NOON) -> None:
        self.app, self.moment = app, moment

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        with clock.frozen(self.moment):
            return self.app(environ, start_response)


def make_app(folder: Path, url: str = "", **settings: Any) -> Flask:
    """The app as it runs for people: forms carry their tokens, only mail and limits are tame."""
    app = create_app(
        TESTING=True,
        DATA_DIR=str(folder),
        DATABASE_URL=url,
        RATELIMIT_ENABLED=False,
        MAIL_URL="memory:",
        PUBLIC_URL="http://localhost",
        DEMO=True,
        **settings,
    )
    app.jinja_env.bytecode_cache = FileSystemBytecodeCache()
    return app


def _break_off(step: str) -> None:
    if step.startswith("sellers"):
        raise KeyboardInterrupt


def load_city(app: Flask) -> None:
    """Migrate and fill the app's empty database, in two goes: the first is broken off on the way."""
    with app.app_context(), clock.frozen(NOON):
        upgrade()
        with suppress(KeyboardInterrupt):
            load.load(_break_off)
        broken_off = load.state()
        load.load(lambda _step: None)
        db.session.remove()
        db.engine.dispose()
    if broken_off is not load.State.BEGUN:
        raise RuntimeError(f"a city that was broken off is {broken_off}, not begun")


def copy_of_city(place: Path) -> Path:
    """A copy of the demo city in a new folder, which is answered.

    Nobody opens the city itself: a process that copies a SQLite file gives up its locks on it.
    """
    shutil.copytree(_city_folder(), place)
    return place


def _city_folder() -> Path:
    """The folder of the city, loaded by whoever comes first, for all workers."""
    folder, done = postgres.MEETING / "city", postgres.MEETING / "city.done"
    with postgres.one_worker_at_a_time("city"):
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)
            load_city(make_app(folder))
            done.touch()
    return folder


@contextmanager
def town_in(folder: Path, *, served: bool) -> Iterator[Town]:
    """The city in a folder, answering for as long as the block lasts."""
    app = make_app(folder)
    if served:
        with serving(OnOneDay(app)) as address:
            yield Town(app, address)
    else:
        yield Town(app)
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
