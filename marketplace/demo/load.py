"""Loads the demo city the way a real city moves in: its spreadsheets through the import, then its people."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import structlog
from sqlalchemy import select

from .. import clock
from ..compliance import services as compliance
from ..db import db
from ..importing import kind_named
from ..importing.direct import staged_file
from ..importing.layout import Choices
from ..organizations.models import Office, Seller
from ..permissions import SYSTEM
from ..tabular import write_csv
from . import city, people, tables, year

log = structlog.get_logger()
REGION = "33.72"


def is_loaded() -> bool:
    """Whether the database has organizations already."""
    session = db.session()
    known = session.scalar(select(Office.id).limit(1)) or session.scalar(select(Seller.id).limit(1))
    session.rollback()
    return known is not None


def load(told: Callable[[str], None]) -> None:
    """Make the whole city in an empty database; `told` hears of each step."""
    today = clock.today()
    town = city.read(today)
    lived = year.live_through(town, today)
    office = people.found_office(REGION)
    compliance.adopt(REGION, actor=SYSTEM)
    for table in tables.tables(town, lived, today):
        told(f"{table.kind}: {_put_in(table)}")
    cast = people.enrol(db.session(), office)
    people.fill_desks(db.session(), cast, today)
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
                first = [f"{row.line}: {row.problems}" for row in importing.stage.refused_rows()][:3]
                raise RuntimeError(f"the demo city's {table.kind} were refused: {first}")
            return importing.counts.created
