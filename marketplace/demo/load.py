"""Loads the demo city the way a real city moves in: its spreadsheets through the import, then its people."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path

import structlog
from sqlalchemy import select

from .. import clock
from ..accounts.models import User
from ..compliance import services as compliance
from ..db import db, unit_of_work
from ..importing import kind_named
from ..importing.direct import staged_file
from ..importing.layout import Choices
from ..organizations.models import Office, Seller
from ..permissions import SYSTEM
from ..tabular import write_csv
from . import (
    bank,
    city,
    curation,
    goods,
    interest,
    listing,
    money,
    orders,
    people,
    photos,
    programs,
    selling,
    tables,
    terms,
    year,
)

log = structlog.get_logger()
REGION = "33.72"


class State(StrEnum):
    """What a database holds."""

    EMPTY = "empty"
    BEGUN = "begun"
    """The demo city, cut short while it was loaded; loading it again finishes it."""
    FULL = "full"
    """The whole demo city, or a real one."""


def state() -> State:
    """What the database holds now."""
    session = db.session()
    offices = list(session.scalars(select(Office.name)))
    has_sellers = session.scalar(select(Seller.id).limit(1)) is not None
    has_people = session.scalar(select(User.id).limit(1)) is not None
    session.rollback()
    if not offices and not has_sellers:
        return State.EMPTY
    return State.BEGUN if offices == [people.OFFICE_NAME] and not has_people else State.FULL


def load(told: Callable[[str], None]) -> None:
    """Make the whole city in an empty database, or finish one that was begun; `told` hears of each step.

    The same day gives the same city. What an earlier, broken off attempt put in is found unchanged.
    """
    today = clock.today()
    town = city.read(today)
    lived = year.live_through(town, today)
    office = people.found_office(REGION)
    compliance.adopt(REGION, actor=SYSTEM)
    for table in tables.tables(town, lived, today):
        told(f"{table.kind}: {_put_in(table)}")
    with unit_of_work() as session:
        cast = people.enrol(session, office)
        people.fill_desks(session, cast, today)
        terms.fill(session, cast, today)
        curation.fill(session, cast, today)
        listing.fill(session, cast, today)
        interest.fill(session, cast, today)
        goods.fill(session, cast, today)
        selling.fill(session, cast, today)
        money.fill(session, cast, today)
        orders.fill(session, cast, today)
    told(f"programs: {programs.fill(cast, today)}")
    told(f"bank: {bank.send_statement(cast, today)}")
    told(f"photos: {photos.fill()}")
    compliance.keep_standing_days()
    told("done")


def _put_in(table: tables.Table) -> int:
    """Write the table as CSV and import it; raises when a single row is refused."""
    kind = kind_named(table.kind)
    assert kind is not None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{table.kind}.csv"
        with path.open("w", encoding="utf-8", newline="") as stream:
            write_csv(stream, list(table.columns), table.rows)
        with staged_file(kind=kind, path=path, choices=Choices(), actor=SYSTEM) as importing:
            for _counts in importing.put_in():
                pass
            if importing.counts.refused:
                first = list(importing.stage.refused(3))
                raise RuntimeError(f"the demo city's {table.kind} were refused: {first}")
            return importing.counts.done
