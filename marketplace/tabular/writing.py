"""Writing tables: CSV whose text no spreadsheet takes for a formula, XLSX with typed cells."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

import xlsxwriter

from .. import clock

_DANGEROUS = re.compile(r"'*[=+\-@\t\r]")
_GUARDED = re.compile(r"'+[=+\-@\t\r]")
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
MAX_CELL = 32_767
MAX_ROWS = 1_048_575


def guard(text: str) -> str:
    """Text that a spreadsheet would take for a formula gets a quote before it; so does what already looks
    guarded, so that `unguard` gives back every text."""
    return "'" + text if _DANGEROUS.match(text) else text


def unguard(text: str) -> str:
    """Text without the guard quote."""
    return text[1:] if text[:1] == "'" and _GUARDED.match(text) else text


def plain(value: Any) -> str:
    """A value as CSV text: days as 2026-11-22, numbers with a point, lists joined with ';'."""
    if value is None:
        return ""
    if isinstance(value, str):
        return guard(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return (
            value.astimezone(clock.WIB).strftime("%Y-%m-%d %H:%M:%S")
            if value.tzinfo
            else value.isoformat(" ")
        )
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value.normalize():f}" if value else "0"
    if isinstance(value, list | tuple | set | frozenset):
        return ";".join(plain(part) for part in value)
    return str(value)


def write_csv(stream: IO[str], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Write a table as CSV (commas, CRLF) to an open text stream; answers the number of rows."""
    writer = csv.writer(stream)
    writer.writerow([guard(str(column)) for column in columns])
    count = 0
    for row in rows:
        writer.writerow([plain(value) for value in row])
        count += 1
    return count


def csv_lines(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """The same as text in pieces, for streaming."""
    piece = _Piece()
    writer = csv.writer(piece)
    writer.writerow([guard(str(column)) for column in columns])
    for row in rows:
        writer.writerow([plain(value) for value in row])
        if piece.size > 32_768:
            yield piece.take()
    yield piece.take()


class _Piece:
    """A stream that gives away what was written to it."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.size = 0

    def write(self, text: str) -> int:
        self.parts.append(text)
        self.size += len(text)
        return len(text)

    def take(self) -> str:
        text = "".join(self.parts)
        self.parts, self.size = [], 0
        return text


def write_xlsx(
    path: Path,
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    sheet: str = "Data",
    extra_sheets: Sequence[tuple[str, Sequence[str], Iterable[Sequence[Any]]]] = (),
) -> int:
    """Write a workbook: numbers as numbers, days as days, text as text (never a formula or a link).

    A row beyond what one sheet holds goes on in a second sheet. Answers the number of rows of the table.
    """
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(str(path), {**options, "default_date_format": "yyyy-mm-dd"})
    try:
        styles = _styles(book)
        count = _write_sheets(book, styles, sheet, columns, rows)
        for name, names, lines in extra_sheets:
            _write_sheets(book, styles, name, names, lines)
    finally:
        book.close()
    return count


def _styles(book: Any) -> dict[str, Any]:
    return {
        "header": book.add_format({"bold": True, "bg_color": "#EFE6D6", "border": 1, "text_wrap": True}),
        "day": book.add_format({"num_format": "yyyy-mm-dd"}),
        "moment": book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
        "text": book.add_format({"num_format": "@"}),
    }


def _write_sheets(
    book: Any, styles: dict[str, Any], name: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> int:
    sheet, at, count, part = _new_sheet(book, styles, name, columns), 1, 0, 1
    for row in rows:
        if at > MAX_ROWS:
            part += 1
            sheet, at = _new_sheet(book, styles, f"{name} {part}", columns), 1
        for index, value in enumerate(row):
            _write_cell(sheet, at, index, value, styles)
        at += 1
        count += 1
    return count


def _new_sheet(book: Any, styles: dict[str, Any], name: str, columns: Sequence[str]) -> Any:
    sheet = book.add_worksheet(name)
    sheet.freeze_panes(1, 0)
    for index, column in enumerate(columns):
        sheet.set_column(index, index, min(max(len(str(column)) + 2, 14), 40))
        sheet.write_string(0, index, str(column), styles["header"])
    return sheet


def _write_cell(sheet: Any, row: int, column: int, value: Any, styles: dict[str, Any]) -> None:
    if value is None or value == "":
        return
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, int) and abs(value) >= 10**15:
        sheet.write_string(row, column, str(value), styles["text"])
    elif isinstance(value, int | float | Decimal):
        sheet.write_number(row, column, value)
    elif isinstance(value, datetime):
        local = value.astimezone(clock.WIB).replace(tzinfo=None) if value.tzinfo else value
        sheet.write_datetime(row, column, local, styles["moment"])
    elif isinstance(value, date):
        if value.year >= 1900:
            sheet.write_datetime(row, column, value, styles["day"])
        else:
            sheet.write_string(row, column, value.isoformat(), styles["text"])
    else:
        text = value if isinstance(value, str) else plain(value)
        if _GUARDED.match(text):
            text = "'" + text  # a reader takes one quote off whatever looks guarded
        sheet.write_string(row, column, _UNWRITABLE.sub("\ufffd", text)[:MAX_CELL], styles["text"])
