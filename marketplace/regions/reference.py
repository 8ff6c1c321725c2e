"""The country's places as shipped with the product (data/README.md names the act)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Connection

from .. import bulk
from .rules import level_of, parent_of

FILE = Path(__file__).parent / "data" / "regions_2025.csv.gz"
COLUMNS = ("code", "name", "level", "parent_code", "population", "area_km2")


def rows() -> Iterator[tuple[str, str, int, str | None, int | None, str | None]]:
    """Every place in the order of its code: 91,599 rows as COLUMNS."""
    for row in bulk.read_reference(FILE):
        code = row["code"]
        population = int(row["population"]) if row["population"] else None
        yield code, row["name"], level_of(code), parent_of(code), population, row["area_km2"] or None


def load(connection: Connection) -> None:
    """Fill the empty table of regions."""
    bulk.copy_rows(connection, "regions", COLUMNS, rows())
