"""CSV as cities have it: UTF-8 or Windows-1252; comma, semicolon or tab; quoted line breaks."""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from ..i18n import _
from .base import MAX_COLUMNS, BadTable, Cell, Table, empty_file, is_blank, too_many_columns

BLOCK = 1 << 20
MAX_LINE = 16 << 20
DELIMITERS = ",;\t"
_BROKEN = re.compile("[\udc80-\udcff]")
_GOOD = re.compile("[\u0080-\ud7ff\ue000-\U0010ffff]")
C1_REST = "etalase_c1_rest"


def _keep_undefined(error: UnicodeError) -> tuple[str, int]:
    """Windows-1252 leaves five bytes undefined: read them as the control characters that they are."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("latin-1"), error.end


codecs.register_error(C1_REST, _keep_undefined)


def open_csv(path: Path) -> Table:
    """The table in a CSV file. Raises BadTable."""
    encoding, errors = _encoding(path)
    file = path.open(encoding=encoding, errors=errors, newline="")
    try:
        lines = _Lines(file, path.stat().st_size)
        delimiter = _delimiter(lines)
        records = _records(lines, delimiter)
        header = next(((number, cells) for number, cells in records if not is_blank(cells)), None)
        if header is None:
            raise empty_file()
        names = [str(cell) for cell in header[1]]
        while names and not names[-1].strip():
            names.pop()
        if len(names) > MAX_COLUMNS:
            raise too_many_columns(len(names))
    except BaseException:
        file.close()
        raise
    return Table(names, records, lines.share_read, file.close)


def _encoding(path: Path) -> tuple[str, str]:
    """UTF-8 where it is, else Windows-1252. A UTF-8 file with a few broken bytes stays UTF-8: only the
    cells that hold them are refused, and the others keep their letters."""
    has_bom, good, broken = False, 0, 0
    decoder = codecs.getincrementaldecoder("utf-8")(errors="surrogateescape")
    with path.open("rb") as file:
        has_bom = file.read(3) == codecs.BOM_UTF8
        file.seek(0)
        while block := file.read(BLOCK):
            if block.isascii() and not decoder.getstate()[0]:
                continue
            text = decoder.decode(block)
            good += len(_GOOD.findall(text))
            broken += len(_BROKEN.findall(text))
        broken += len(_BROKEN.findall(decoder.decode(b"", final=True)))
    if has_bom or not broken or broken * 10 < good:
        return "utf-8-sig", "surrogateescape"
    return "cp1252", C1_REST


class _Lines:
    """The file's lines, counted; remembers those of the record that is being read."""

    def __init__(self, file: TextIO, size: int) -> None:
        self.file, self.size = file, max(size, 1)
        self.number = 0
        self.record: list[str] = []
        self._read = 0
        self._pushed: list[str] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._pushed.pop() if self._pushed else self.file.readline(MAX_LINE)
        if not line:
            raise StopIteration
        if len(line) >= MAX_LINE:
            raise BadTable(
                _(
                    "Baris %(line)d terlalu panjang untuk sebuah tabel. Simpan ulang sebagai CSV.",
                    line=self.number + 1,
                )
            )
        self.number += 1
        self._read += len(line)
        self.record.append(line)
        return line

    def push_back(self, line: str) -> None:
        """Give a line back, to be read again."""
        self.number -= 1
        self._read -= len(line)
        self.record.pop()
        self._pushed.append(line)

    def share_read(self) -> float:
        """How much of the file was read, 0 to 1."""
        return min(self._read / self.size, 1.0)


def _delimiter(lines: _Lines) -> str:
    """The separator that stands most often in the header, outside quotes; an Excel 'sep=' line wins."""
    for line in lines:
        text = line.strip("\r\n\ufeff \t") if line.strip() else ""
        if not text:
            continue
        if (stated := re.fullmatch(r"sep=([,;\t|])?", line.strip("\r\n"), re.IGNORECASE)) is not None:
            return stated.group(1) or "\t"
        lines.push_back(line)
        bare = re.sub(r'"[^"]*"', "", line)
        return max(DELIMITERS, key=bare.count)
    raise empty_file()


def _records(lines: _Lines, delimiter: str) -> Iterator[tuple[int, list[Cell]]]:
    """Each record that is not blank, with the number of the line on which it begins."""
    reader = csv.reader(lines, delimiter=delimiter)
    last: list[str] = []
    first = 1
    while True:
        lines.record.clear()
        begun = lines.number + 1
        try:
            cells: list[Cell] = list(next(reader))
        except StopIteration:
            _check_closed(last, delimiter, first)
            return
        except csv.Error as error:
            raise _unclosed(begun) from error
        first, last = begun, list(lines.record) if len(lines.record) > 1 else []
        if not is_blank(cells):
            yield begun, cells


def _check_closed(record: list[str], delimiter: str, first: int) -> None:
    """Raise BadTable when the last record runs to the end of the file because a quote was never closed."""
    if not record:
        return
    try:
        list(csv.reader(record, delimiter=delimiter, strict=True))
    except csv.Error as error:
        if "end of data" in str(error):
            raise _unclosed(first) from error


def _unclosed(line: int) -> BadTable:
    return BadTable(
        _(
            'Tanda kutip (") yang dibuka di baris %(line)d tidak ditutup. Perbaiki, lalu coba lagi.',
            line=line,
        )
    )
