"""A table as a download: CSV streamed, XLSX with typed cells."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any

from flask import Response, current_app, stream_with_context

from ..errors import InvalidInput
from ..i18n import _
from ..tabular.writing import csv_lines, write_xlsx
from .headings import Words, in_words

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV_TYPE = "text/csv; charset=utf-8"
BLOCK = 1 << 16


def table_response(
    file_format: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    filename: str,
    words: Words | None = None,
) -> Response:
    """Any list as a file to keep: 'csv' with the names that programs know, 'xlsx' in a reader's words.

    `filename` is without its ending; `words` says what codes of some columns are called.
    """
    if file_format == "xlsx":
        columns, rows = in_words(columns, rows, words or {})
    return exact_response(file_format, columns, rows, filename)


def exact_response(
    file_format: str, columns: Sequence[str], rows: Iterable[Sequence[Any]], filename: str
) -> Response:
    """A table as a file with its columns as they stand, for what an import takes back or a contract names.

    Text that a spreadsheet would take for a formula gets a quote before it. Raises InvalidInput for another
    format.
    """
    if file_format == "csv":
        lines = (piece.encode("utf-8", "replace") for piece in _with_mark(csv_lines(columns, rows)))
        return _download(stream_with_context(lines), CSV_TYPE, f"{filename}.csv")
    if file_format == "xlsx":
        return file_response(f"{filename}.xlsx", lambda path: write_xlsx(path, columns, rows))
    raise InvalidInput(_("Pilih CSV atau XLSX."))


def _with_mark(lines: Iterator[str]) -> Iterator[str]:
    """Excel reads UTF-8 only where a byte order mark says so."""
    yield "\ufeff"
    yield from lines


def file_response(filename: str, write: Callable[[Path], Any]) -> Response:
    """A workbook that `write` makes at a path, as a download."""
    return _download(_written(write), XLSX_TYPE, filename)


def _written(write: Callable[[Path], Any]) -> Iterator[bytes]:
    """Have a nameless file written, then give it away in pieces."""
    folder: Path = current_app.config["DATA_DIR"]
    handle, name = tempfile.mkstemp(suffix=".xlsx", dir=folder)
    os.close(handle)
    path = Path(name)
    try:
        write(path)
        file = path.open("rb")
    finally:
        path.unlink()
    return _pieces(file)


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while block := file.read(BLOCK):
            yield block


def _download(body: Iterable[bytes], mimetype: str, filename: str) -> Response:
    safe = re.sub(r"[^A-Za-z0-9._-]+", "-", filename).strip("-.") or "data"
    answer = Response(body, content_type=mimetype)
    answer.headers["Content-Disposition"] = f'attachment; filename="{safe}"'
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
