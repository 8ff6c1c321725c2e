"""What one process keeps for searching: the index's door, columns of the catalogue, known words.

Everything here follows the database: each question first asks for the number of the last commit that
changed the catalogue, and takes in what was marked since.
"""

from __future__ import annotations

import threading
from datetime import date

from flask import Flask, current_app
from sqlalchemy import func, select

from ... import clock
from ...backends.search import SearchIndex
from ...backends.search import search_index as choose
from ...backends.search.spelling import Speller
from ...db import db
from ..models import SearchVersion, Synonym
from .columns import Columns, load, with_changes

EXTENSION = "etalase_search"
Synonyms = dict[str, tuple[str, ...]]


class Engine:
    """The searching state of one app in one process."""

    def __init__(self, index: SearchIndex) -> None:
        self.index = index
        self.speller = Speller()
        self._guard = threading.Lock()
        self._learned: int | None = None
        self._columns: Columns | None = None
        self._synonyms: tuple[int, Synonyms] = (-1, {})

    def columns(self) -> Columns:
        """The catalogue as the database has it now."""
        version, day = current_version(), clock.today()
        found = self._columns
        if found is not None and (found.version, found.day) == (version, day):
            return found
        with self._guard:
            self._columns = self._brought_up(self._columns, version, day)
            return self._columns

    @staticmethod
    def _brought_up(known: Columns | None, version: int, day: date) -> Columns:
        if known is not None and known.day == day and known.version <= version:
            return known if known.version == version else with_changes(known, version)
        return load(version, day)

    def synonyms(self, version: int) -> Synonyms:
        """Every word that has others beside it, with those."""
        if self._synonyms[0] != version:
            found: dict[str, dict[str, None]] = {}
            for words in db.session.scalars(select(Synonym.words).order_by(Synonym.id)):
                group = words.split()
                for word in group:
                    found.setdefault(word, {}).update(
                        dict.fromkeys(other for other in group if other != word)
                    )
            self._synonyms = (version, {word: tuple(kept) for word, kept in found.items()})
        return self._synonyms[1]

    def spelling(self, version: int | None = None) -> Speller:
        """What knows the index's words; with a version it looks again only when that is another one."""
        with self._guard:
            if version is None or version != self._learned:
                self.speller.learn(self.index.vocabulary())
                self._learned = version
            return self.speller


def init_app(app: Flask) -> None:
    """Give the app its engine. Raises ValueError for a SEARCH_URL that means nothing."""
    is_postgres = app.config["SQLALCHEMY_DATABASE_URI"].startswith("postgresql")
    index = choose(app.config["SEARCH_URL"], app.config["DATA_DIR"], is_postgres=is_postgres)
    app.extensions[EXTENSION] = Engine(index)


def engine() -> Engine:
    """This app's engine."""
    found: Engine = current_app.extensions[EXTENSION]
    return found


def search_index() -> SearchIndex:
    """This app's index."""
    return engine().index


def current_version() -> int:
    """The number of the last commit that changed the catalogue; 0 before the first."""
    return int(db.session.scalar(select(func.max(SearchVersion.version))) or 0)
