"""`flask audit`: every area recomputes what it keeps from the raw rows and says what differs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import click
import structlog
from flask import Flask, current_app
from flask.cli import with_appcontext
from sqlalchemy import Connection, TextClause, bindparam, exists, literal_column, select, table, text

from . import jobs, outbox
from .db import db

log = structlog.get_logger()
Audit = Callable[[], Iterator[str]]
Checks = Sequence[tuple[str, str]]
"""Queries that find nothing when all is well, each with what is said of a row that it finds."""
EXTENSION = "etalase_audits"


def init_app(app: Flask) -> None:
    """Add the command and the nightly run."""
    app.extensions.setdefault(EXTENSION, {})
    app.cli.add_command(audit_command)
    jobs.nightly(app, audit_nightly)


@dataclass(frozen=True)
class Part:
    """One area's audit, and the tables whose rows its sentences are about."""

    audit: Audit
    of: frozenset[str]

    def __call__(self) -> Iterator[str]:
        """Its sentences."""
        return self.audit()


def register(app: Flask, name: str, audit: Audit, *, of: Iterable[str] = ()) -> None:
    """Add an audit: a generator of one sentence for each difference, reading one consistent snapshot.

    `of`: the tables whose rows its sentences are about. While all of them are empty it is not asked.
    """
    app.extensions.setdefault(EXTENSION, {})[name] = Part(audit, frozenset(of))


@contextmanager
def snapshot() -> Iterator[Connection]:
    """A connection that sees one moment of the database while others go on writing."""
    with db.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection = connection.execution_options(isolation_level="REPEATABLE READ")
        with connection.begin():
            yield connection


def differences() -> Iterator[str]:
    """Every difference every area finds, each with the audit's name in front."""
    parts: dict[str, Part] = current_app.extensions[EXTENSION]
    filled = _filled({name for part in parts.values() for name in part.of})
    for name, part in parts.items():
        if part.of and part.of.isdisjoint(filled):
            continue
        for sentence in part():
            yield f"{name}: {sentence}"


def sentences_of(connection: Connection, checks: Checks, **lists: Sequence[str]) -> Iterator[str]:
    """A sentence for each row that the queries of some checks find.

    `lists`: what the queries name, as IN :holding_states. One statement counts what all of them find: they
    are many, and rarely find anything.
    """
    counts = (f"(SELECT count(*) FROM ({query}) AS q{n})" for n, (query, _) in enumerate(checks))  # noqa: S608 - our own
    found = connection.execute(_statement(f"SELECT {', '.join(counts)}", lists)).one()
    for (query, sentence), count in zip(checks, found, strict=True):
        for row in connection.execute(_statement(query, lists)) if count else ():
            yield sentence.format(*row)


def _statement(query: str, lists: Mapping[str, Sequence[str]]) -> TextClause:
    named = [name for name in lists if f":{name}" in query]
    return text(query).bindparams(*(bindparam(name, lists[name], expanding=True) for name in named))


def _filled(names: Iterable[str]) -> set[str]:
    """Which of some tables have a row."""
    asked = sorted(names)
    found = (exists(select(literal_column("1")).select_from(table(name))) for name in asked)
    with snapshot() as connection:
        row = connection.execute(select(*found)).one()
    return {name for name, is_filled in zip(asked, row, strict=True) if is_filled}


def audit_nightly() -> None:
    """Write what differs to the log, as an error that someone must look at."""
    for sentence in differences():
        log.error("audit difference", difference=sentence)


@click.command("audit")
@with_appcontext
def audit_command() -> None:
    """Recompute balances, standings, reports and indexes from the raw rows and say what differs."""
    count = 0
    for sentence in differences():
        click.echo(sentence)
        count += 1
    waiting = outbox.waiting()
    if waiting:
        click.echo(f"outbox: {waiting} items are still waiting", err=True)
    if count:
        raise SystemExit(1)
    names = ", ".join(current_app.extensions[EXTENSION])
    click.echo(f"audit: all agree ({names})")
