"""`flask audit`: every area recomputes what it keeps from the raw rows and says what differs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click
import structlog
from flask import Flask, current_app
from flask.cli import with_appcontext
from sqlalchemy import Connection

from . import jobs, outbox
from .db import db

log = structlog.get_logger()
Audit = Callable[[], Iterator[str]]
EXTENSION = "etalase_audits"


def init_app(app: Flask) -> None:
    """Add the command and the nightly run."""
    app.extensions.setdefault(EXTENSION, {})
    app.cli.add_command(audit_command)
    jobs.nightly(app, audit_nightly)


def register(app: Flask, name: str, audit: Audit) -> None:
    """Add an audit: a generator of one sentence for each difference, reading one consistent snapshot."""
    app.extensions.setdefault(EXTENSION, {})[name] = audit


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
    for name, audit in current_app.extensions[EXTENSION].items():
        for sentence in audit():
            yield f"{name}: {sentence}"


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
