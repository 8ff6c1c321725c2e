"""The index in PostgreSQL's own text search: tsvector, GIN and ts_rank, in a schema of its own.

The terms come in ready, so no dictionary of PostgreSQL touches them, and no extension is needed. The
schema can be dropped at any time: it is made anew from the products.
"""

from __future__ import annotations

import contextlib
import math
import secrets
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import numpy as np
from psycopg.errors import LockNotAvailable
from sqlalchemy import Connection, text
from sqlalchemy.exc import ProgrammingError

from ...db import db
from .base import BOOSTS, NOTHING, Document, Group, Hits, Weight, enough

SCHEMA = "etalase_search"
WRITE_LOCK, REBUILD_LOCK = 7_304_199_521, 7_304_199_522
SLICE = 1_000
SWAP_TRIES = 100
RANKS = "{" + ", ".join(str(BOOSTS[weight]) for weight in reversed(Weight)) + "}"

MAKE = """
CREATE SCHEMA {schema};
CREATE TABLE {schema}.documents (
    id bigint CONSTRAINT pk_documents PRIMARY KEY, stamp bigint NOT NULL, terms tsvector NOT NULL,
    brevity real NOT NULL
);
CREATE TABLE {schema}.words (
    word text CONSTRAINT pk_words PRIMARY KEY, documents integer NOT NULL, changed bigint NOT NULL
);
CREATE TABLE {schema}.state (version bigint NOT NULL, generation text NOT NULL, documents bigint NOT NULL);
"""
FIND = """
SELECT string_agg(int8send(id), ''), string_agg(float4send(CAST(brevity * ({rank}) AS real)), '')
FROM etalase_search.documents WHERE terms @@ CAST(:asked AS tsquery)
"""
RANK = "{right} * ts_rank(CAST(:ranks AS real[]), terms, CAST(:{name} AS tsquery))"


@dataclass(frozen=True)
class _Words:
    """The vocabulary as it was at a version of a generation."""

    generation: str = ""
    version: int = -1
    documents: int = 0
    counts: dict[str, int] = field(default_factory=dict)


class _Writing(threading.local):
    """The connection that holds the right to write, in the thread that has it."""

    connection: Connection | None = None


class PostgresIndex:
    """See SearchIndex."""

    def __init__(self) -> None:
        self._words = _Words()
        self._is_there = False
        self._writing = _Writing()

    # --- reading ---------------------------------------------------------------------------------------

    def version(self) -> int | None:
        """See SearchIndex."""
        state = self._state()
        return None if state is None else state[1]

    def _state(self) -> tuple[str, int, int] | None:
        """Which index serves: its generation, version and number of documents; None while there is none."""
        connection = self._writing.connection or db.session.connection()
        if not self._is_there:
            self._is_there = connection.scalar(text(f"SELECT to_regclass('{SCHEMA}.state')")) is not None
            if not self._is_there:
                return None
        query = f"SELECT generation, version, documents FROM {SCHEMA}.state"  # noqa: S608 - our own name
        try:
            generation, version, documents = connection.execute(text(query)).one()
        except ProgrammingError:  # somebody dropped it
            self._is_there = False
            db.session.rollback()
            return None
        return str(generation), int(version), int(documents)

    def find(self, groups: Sequence[Group], *, at_least: int | None = None) -> Hits:
        """See SearchIndex."""
        if not groups or not self.vocabulary():
            return NOTHING
        rank, asked = self._ranking(groups)
        asked |= {"ranks": RANKS, "asked": _query(enough(groups, at_least))}
        ids, ranks = db.session.execute(text(FIND.format(rank=rank)), asked).one()
        if ids is None:
            return NOTHING
        return Hits(
            np.frombuffer(ids, ">i8").astype(np.int64), np.frombuffer(ranks, ">f4").astype(np.float32)
        )

    def vocabulary(self) -> Mapping[str, int]:
        """See SearchIndex. What changed since the last look is added to what was read before."""
        state = self._state()
        if state is None:
            return {}
        generation, version, documents = state
        known = self._words
        if (known.generation, known.version) == (generation, version):
            return known.counts
        since = known.version if known.generation == generation else -1
        query = f"SELECT word, documents FROM {SCHEMA}.words WHERE changed > :since"  # noqa: S608
        news: dict[str, int] = dict(db.session.execute(text(query), {"since": since}).all())
        counts = known.counts if since >= 0 and not news else {**(known.counts if since >= 0 else {}), **news}
        self._words = _Words(generation, version, documents, counts)
        return counts

    def _ranking(self, groups: Sequence[Group]) -> tuple[str, dict[str, str]]:
        """How to rank, and its parameters. Each group gives a document the best of its terms, and is worth
        more the fewer documents hold its words."""
        counts = self._words.counts
        most = math.log1p(self._words.documents + 1)
        sums: list[str] = []
        asked: dict[str, str] = {}
        for group in groups:
            common = max(counts.get(term, 0) for term in group.terms)
            worth = math.log1p(self._words.documents / (1 + common)) / most
            ranks = []
            for term, right in group.terms.items():
                name = f"q{len(asked)}"
                asked[name] = _quoted(term)
                ranks.append(RANK.format(right=f"{right * worth:.4f}", name=name))
            sums.append(f"GREATEST({', '.join(ranks)})")
        return " + ".join(sums), asked

    def stamps(self) -> dict[int, int]:
        """See SearchIndex."""
        if self.version() is None:
            return {}
        rows = db.session.execute(text(f"SELECT id, stamp FROM {SCHEMA}.documents"))  # noqa: S608
        return dict(rows.all())

    # --- writing ---------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        """See SearchIndex. An advisory lock, so that machines wait for each other too."""
        with _locked(WRITE_LOCK) as connection:
            self._writing.connection = connection
            try:
                yield
            finally:
                self._writing.connection = None

    def put(self, documents: Iterable[Document], *, gone: Iterable[int], version: int) -> None:
        """See SearchIndex."""
        if self.version() is None:
            raise LookupError("there is no index yet")
        with _transaction(self._writing.connection) as cursor:
            cursor.execute(f"DELETE FROM {SCHEMA}.documents WHERE id = ANY(%s)", [list(gone)])  # noqa: S608
            for some in _slices(documents):
                _upsert(cursor, some, version)
            cursor.execute(f"UPDATE {SCHEMA}.state SET version = %s", [version])  # noqa: S608

    def rebuild(self, documents: Iterable[Document], *, version: int) -> None:
        """See SearchIndex."""
        fresh = f"{SCHEMA}_new"
        with _locked(REBUILD_LOCK) as connection:
            with _transaction(connection) as cursor:
                cursor.execute(f"DROP SCHEMA IF EXISTS {fresh} CASCADE")
                cursor.execute(MAKE.format(schema=fresh))
                count = _fill(cursor, fresh, documents, version)
                state = (version, secrets.token_hex(8), count)
                cursor.execute(f"INSERT INTO {fresh}.state VALUES (%s, %s, %s)", state)  # noqa: S608
                cursor.execute(f"CREATE INDEX ix_documents_terms ON {fresh}.documents USING gin (terms)")
                cursor.execute(f"CREATE INDEX ix_words_changed ON {fresh}.words (changed)")
                cursor.execute(f"ANALYZE {fresh}.documents")
            db.session.rollback()  # what this thread has read must not stand in its own way
            self._swap(connection)

    def _swap(self, connection: Connection) -> None:
        """Let the new index serve. Readers that take long are waited for in small bits, so that no others
        pile up behind."""
        for attempt in range(1, SWAP_TRIES + 1):
            try:
                with self.writing(), _transaction(connection) as cursor:
                    cursor.execute("SET LOCAL lock_timeout = '300ms'")
                    cursor.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
                    cursor.execute(f"ALTER SCHEMA {SCHEMA}_new RENAME TO {SCHEMA}")
                    return
            except LockNotAvailable:
                if attempt == SWAP_TRIES:
                    raise
                time.sleep(0.2)


@contextlib.contextmanager
def _locked(key: int) -> Iterator[Connection]:
    """A connection that holds a lock of the whole database; whoever wants it too waits."""
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": key})
        try:
            yield connection
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": key})


@contextlib.contextmanager
def _transaction(connection: Connection | None) -> Iterator[Any]:
    """The driver's own cursor in a transaction: COPY is its matter."""
    assert connection is not None, "call it while writing()"
    driver = connection.connection.driver_connection
    assert driver is not None
    with driver.transaction(), driver.cursor() as cursor:
        yield cursor


def _fill(cursor: Any, schema: str, documents: Iterable[Document], version: int) -> int:
    words: Counter[str] = Counter()
    count = 0
    with cursor.copy(f"COPY {schema}.documents (id, stamp, terms, brevity) FROM STDIN") as copy:
        for document in documents:
            copy.write_row((document.id, document.stamp, _vector(document), document.brevity))
            words.update(_all_terms(document))
            count += 1
    with cursor.copy(f"COPY {schema}.words (word, documents, changed) FROM STDIN") as copy:
        for word, documents_with_it in words.items():
            copy.write_row((word, documents_with_it, version))
    return count


def _slices(documents: Iterable[Document]) -> Iterator[list[Document]]:
    several = iter(documents)
    while some := list(islice(several, SLICE)):
        yield some


def _upsert(cursor: Any, documents: list[Document], version: int) -> None:
    cursor.executemany(
        f"""INSERT INTO {SCHEMA}.documents (id, stamp, terms, brevity) VALUES (%s, %s, %s::tsvector, %s)
            ON CONFLICT (id) DO UPDATE
            SET stamp = excluded.stamp, terms = excluded.terms, brevity = excluded.brevity""",  # noqa: S608
        [(one.id, one.stamp, _vector(one), one.brevity) for one in documents],
    )
    words = Counter(term for document in documents for term in _all_terms(document))
    cursor.executemany(
        f"""INSERT INTO {SCHEMA}.words AS known (word, documents, changed) VALUES (%s, %s, %s)
            ON CONFLICT (word) DO UPDATE
            SET documents = known.documents + excluded.documents, changed = excluded.changed""",  # noqa: S608
        [(word, count, version) for word, count in sorted(words.items())],
    )


def _all_terms(document: Document) -> set[str]:
    """Its words; nobody misspells a number."""
    return {term for terms in document.terms.values() for term in terms if not term.isdigit()}


def _vector(document: Document) -> str:
    """A tsvector as it is written: 'keripik':1A 'tempe':2A."""
    places: dict[str, list[str]] = {}
    place = 0
    for weight, terms in document.terms.items():
        for term in terms:
            place = min(place + 1, 16_383)
            places.setdefault(term, []).append(f"{place}{weight}")
    return " ".join(f"{_quoted(term)}:{','.join(where)}" for term, where in places.items())


def _quoted(term: str) -> str:
    return "'" + term.replace("\\", "\\\\").replace("'", "''") + "'"


def _query(choices: Sequence[Sequence[Group]]) -> str:
    """A tsquery as it is written: ('keripik' | 'kripik') & 'tempe'."""
    every = (
        " & ".join("(" + " | ".join(_quoted(term) for term in group.terms) + ")" for group in choice)
        for choice in choices
    )
    return " | ".join(f"({choice})" for choice in every)
