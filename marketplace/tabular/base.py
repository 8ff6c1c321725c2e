"""What both formats share: the cell, the table, and the error that refuses a file whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from ..errors import MarketplaceError
from ..i18n import _

Cell = str | int | float | bool | date | datetime | time | timedelta | None
"""What stands in a cell: text as written, or a stored value of a spreadsheet. Empty is '' or None."""

MAX_COLUMNS = 500


class BadTable(MarketplaceError):
    """The file cannot be read as a table; the message is one sentence that says what to do."""

    status = 422
    code = "not_a_table"


@dataclass
class Table:
    """An open table: its header, and its rows as (line or row number, cells). Read it once, then close."""

    header: list[str]
    rows: Iterator[tuple[int, list[Cell]]]
    share_read: Callable[[], float]
    close: Callable[[], None]

    def __enter__(self) -> Table:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def too_many_columns(count: int) -> BadTable:
    """The error for a header that no spreadsheet of ours has."""
    return BadTable(
        _(
            "Berkas ini punya %(count)s kolom; paling banyak %(limit)d. Hapus kolom yang tidak dipakai, lalu "
            "simpan lagi.",
            count=count if count <= 1_000_000 else _("lebih dari 1.000.000"),
            limit=MAX_COLUMNS,
        )
    )


def empty_file() -> BadTable:
    """The error for a file without a header."""
    return BadTable(_("Berkas ini kosong. Baris pertama harus berisi nama kolom."))


def is_blank(cells: list[Cell]) -> bool:
    """Whether a row has nothing in any cell."""
    return not any(cell is not None and (not isinstance(cell, str) or cell.strip()) for cell in cells)
