"""XLSX by stored values: the sheet is read in slices, so that neither size nor lies fill the memory.

An XLSX file is a zip of XML. The sheet's XML is streamed and cut between rows into small workbooks, which
calamine reads one after the other. On the way every limit is checked, and formulas without a stored value.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
import zlib
from collections.abc import Generator, Iterator
from contextlib import ExitStack
from io import BytesIO
from pathlib import Path
from typing import IO
from xml.etree import ElementTree as ET

from python_calamine import CalamineError, CalamineWorkbook

from ..i18n import _
from .base import MAX_COLUMNS, BadTable, Cell, Table, empty_file, is_blank, too_many_columns

BLOCK = 1 << 20
MAX_PART = 256 << 20
"""Most uncompressed bytes of one part that is held in memory (shared strings, styles)."""
MAX_SHEET = 4 << 30
SAFE_SHEET = 64 << 20
MAX_RATIO = 250
MAX_HEAD = 8 << 20
MAX_ROW = 16 << 20
MAX_ROW_CELLS = 2_000
MAX_ROW_NUMBER = 1_048_576
SLICE_ROWS = 20_000
SLICE_CELLS = 600_000
SLICE_BYTES = 16 << 20
_SMALL_PARTS = re.compile(
    r"(\[content_types\]|.*/(workbook|styles|sharedstrings|theme\d*))\.xml|.*\.rels", re.IGNORECASE
)
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
STRICT = "{http://purl.oclc.org/ooxml/spreadsheetml/main}"


def open_xlsx(path: Path) -> Table:
    """The table in the first visible sheet of an XLSX file. Raises BadTable."""
    archive = _open_archive(path)
    closing = ExitStack()
    closing.callback(archive.close)
    try:
        sheet = _first_sheet(archive)
        reader = _SheetReader(archive, *sheet)
        rows = reader.rows()
        closing.callback(rows.close)
        header = next(((number, cells) for number, cells in rows if not is_blank(cells)), None)
        if header is None:
            raise empty_file()
        names = ["" if cell is None else _header_text(cell) for cell in header[1]]
        while names and not names[-1].strip():
            names.pop()
        if len(names) > MAX_COLUMNS:
            raise too_many_columns(len(names))
    except BaseException:
        closing.close()
        raise
    return Table(names, rows, reader.share_read, closing.close)


def _header_text(cell: Cell) -> str:
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


def _not_a_workbook() -> BadTable:
    return BadTable(
        _("Berkas ini bukan XLSX yang utuh. Buka di aplikasi lembar kerja, simpan ulang sebagai .xlsx.")
    )


def _too_big() -> BadTable:
    return BadTable(
        _("Isi berkas ini mengembang jauh melebihi ukurannya dan tidak dibuka. Simpan sebagai CSV.")
    )


def _open_archive(path: Path) -> zipfile.ZipFile:
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise _not_a_workbook() from error
    for entry in archive.infolist():
        if entry.flag_bits & 1:
            raise BadTable(
                _("Berkas ini dikunci dengan kata sandi. Simpan tanpa kata sandi, lalu coba lagi.")
            )
        if entry.file_size > SAFE_SHEET and entry.file_size > MAX_RATIO * max(entry.compress_size, 1):
            raise _too_big()
    return archive


def _read_part(archive: zipfile.ZipFile, name: str, limit: int = MAX_PART) -> bytes:
    """A part whole, never more than the limit, whatever size it states."""
    try:
        with archive.open(name) as file:
            data = file.read(limit + 1)
    except (KeyError, zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError) as error:
        raise _not_a_workbook() from error
    if len(data) > limit:
        raise _too_big()
    return data


def _parse(data: bytes) -> ET.Element:
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise _not_a_workbook()
    try:
        return ET.fromstring(data)  # noqa: S314 - no DTD, so no entities to expand; a bounded size
    except ET.ParseError as error:
        raise _not_a_workbook() from error


def _first_sheet(archive: zipfile.ZipFile) -> tuple[str, str]:
    """Name and part of the first visible worksheet."""
    book = "xl/workbook.xml"
    if book not in archive.namelist():
        raise BadTable(_("Ini arsip ZIP, bukan lembar kerja XLSX. Pilih berkas .xlsx atau .csv."))
    root = _parse(_read_part(archive, book, MAX_HEAD))
    links = {
        link.get("Id", ""): link
        for link in _parse(_read_part(archive, "xl/_rels/workbook.xml.rels", MAX_HEAD))
    }
    sheets = [sheet for space in (MAIN, STRICT) for sheet in root.iter(f"{space}sheet")]
    for sheet in sheets:
        link_id = next((value for key, value in sheet.attrib.items() if key.endswith("}id")), "")
        link = links.get(link_id)
        if sheet.get("state", "visible") != "visible" or link is None:
            continue
        if not link.get("Type", "").endswith("/worksheet"):
            continue
        target = link.get("Target", "")
        part = target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}")
        return sheet.get("name", ""), part
    raise empty_file()


class _SheetReader:
    """Reads one sheet in slices."""

    def __init__(self, archive: zipfile.ZipFile, sheet_name: str, part: str) -> None:
        self.archive, self.sheet_name, self.part = archive, sheet_name, part
        self._size, self._read = 1, 0

    def share_read(self) -> float:
        """How much of the sheet was read, 0 to 1."""
        return min(self._read / self._size, 1.0)

    def rows(self) -> Generator[tuple[int, list[Cell]], None, None]:
        """Each row that is not blank, with its number in the sheet."""
        try:
            self._size = max(self.archive.getinfo(self.part).file_size, 1)
            for head, body in self._slices():
                yield from self._read_slice(head, body)
        except (KeyError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
            raise _not_a_workbook() from error

    def _slices(self) -> Iterator[tuple[bytes, bytes]]:
        """The sheet's XML up to its rows, and some of the rows."""
        with self.archive.open(self.part) as file:
            head, prefix, rest = self._head(file)
            if head:
                for body in _Cutter(prefix).cut(self._blocks(file, rest)):
                    yield head, body + b"</" + prefix + b"sheetData></" + prefix + b"worksheet>"

    def _head(self, file: IO[bytes]) -> tuple[bytes, bytes, bytes]:
        """All before the first row, the XML prefix in use, and what was read beyond; empty without rows."""
        text, found = b"", None
        while found is None:
            block = file.read(BLOCK)
            text += block
            found = re.search(rb"<((?:\w+:)?)sheetData\s*(/?)>", text)
            if found is None and (not block or len(text) > MAX_HEAD):
                raise _not_a_workbook()
        if b"<!DOCTYPE" in text[: found.start()] or b"<!ENTITY" in text[: found.start()]:
            raise _not_a_workbook()
        if found.group(2):
            return b"", b"", b""
        return text[: found.end()], found.group(1), text[found.end() :]

    def _blocks(self, file: IO[bytes], first: bytes) -> Iterator[bytes]:
        yield first
        self._read = len(first)
        while block := file.read(BLOCK):
            self._read += len(block)
            if self._read > MAX_SHEET:
                raise _too_big()
            yield block

    def _read_slice(self, head: bytes, body: bytes) -> Iterator[tuple[int, list[Cell]]]:
        try:
            with CalamineWorkbook.from_filelike(self._small_workbook(head + body)) as book:
                sheet = book.get_sheet_by_name(self.sheet_name)
                if sheet.start is None:
                    return
                lines = sheet.to_python(skip_empty_area=True)
                first, left = sheet.start[0] + 1, sheet.start[1]
        except (CalamineError, ValueError, TypeError, OverflowError) as error:
            raise _not_a_workbook() from error
        pad: list[Cell] = [None] * left
        for index, line in enumerate(lines):
            cells: list[Cell] = [*pad, *line]
            if not is_blank(cells):
                yield first + index, cells

    def _small_workbook(self, sheet: bytes) -> BytesIO:
        """A workbook of this slice alone. Shared parts are read again each time rather than held."""
        data = BytesIO()
        names = [n for n in self.archive.namelist() if _SMALL_PARTS.fullmatch(n) and n != self.part]
        with zipfile.ZipFile(data, "w", zipfile.ZIP_STORED) as small:
            for name in dict.fromkeys(names):
                small.writestr(name, _read_part(self.archive, name))
            small.writestr(self.part, sheet)
        data.seek(0)
        return data


class _Cutter:
    """Cuts a stream of rows into slices that are small in rows, cells and bytes, and checks every row."""

    def __init__(self, prefix: bytes) -> None:
        self.end = b"</" + prefix + b"row>"
        self.stop = b"</" + prefix + b"sheetData>"
        p = re.escape(prefix)
        self.cell_start = b"<" + prefix + b"c"
        self.formula = b"<" + prefix + b"f"
        self.row_number = re.compile(rb"<" + p + rb"row\b[^>]*?\br=\"(\d{1,9})\"")
        self.columns = re.compile(rb"<" + p + rb"c\b[^>]*?\br=\"([A-Za-z]+)")
        self.cell = re.compile(rb"<" + p + rb"c\b([^>]*?)(?:/>|>(.*?)</" + p + rb"c>)", re.DOTALL)
        self.value = re.compile(rb"<" + p + rb"(v|is)\b")
        self.ref = re.compile(rb"\br=\"([A-Za-z]+\d+)\"")
        self.parts: list[bytes] = []
        self.size = self.count = self.first = self.width = 0

    def cut(self, blocks: Iterator[bytes]) -> Iterator[bytes]:
        """Slices of whole rows."""
        rest, done = b"", False
        for block in blocks:
            rest += block
            at = rest.find(self.stop)
            if at >= 0:
                rest, done = rest[:at], True
            last = rest.rfind(self.end)
            if last >= 0:
                whole, rest = rest[: last + len(self.end)], rest[last + len(self.end) :]
                yield from self._take(whole)
            if len(rest) > MAX_ROW:
                raise too_many_columns(MAX_COLUMNS + 1)
            if done:
                break
        if not done:
            raise _not_a_workbook()
        if self.parts:
            yield b"".join(self.parts)

    def _take(self, whole: bytes) -> Iterator[bytes]:
        for piece in whole.split(self.end)[:-1]:
            row = piece + self.end
            number = self._number(piece)
            width = self._width(piece)
            if self.formula in piece:
                self._check_formulas(piece)
            if self.parts and self._is_full(number, width):
                yield b"".join(self.parts)
                self.parts, self.size, self.count, self.width = [], 0, 0, 0
            if not self.parts:
                self.first = number
            self.parts.append(row)
            self.size += len(row)
            self.count += 1
            self.width = max(self.width, width)

    def _is_full(self, number: int, width: int) -> bool:
        span = max(number - self.first, self.count) + 1
        return (
            self.size >= SLICE_BYTES
            or span > SLICE_ROWS
            or number < self.first
            or span * max(self.width, width) > SLICE_CELLS
        )

    def _number(self, piece: bytes) -> int:
        """The number of the last row in a piece (rows without cells may stand before it)."""
        numbers = self.row_number.findall(piece)
        if not numbers:
            return self.first + self.count
        number = int(numbers[-1])
        if not 0 < number <= MAX_ROW_NUMBER:
            raise _not_a_workbook()
        return number

    def _width(self, piece: bytes) -> int:
        """How many columns a row takes, at most."""
        count = piece.count(self.cell_start)
        named = self.columns.findall(piece)
        longest = max(named, key=len, default=b"")
        if count > MAX_ROW_CELLS or len(longest) > 3:
            raise too_many_columns(count if len(longest) <= 3 else 1_000_001)
        width = max(count, _column_index(longest), _column_index(named[-1]) if named else 0)
        if width > MAX_ROW_CELLS:
            raise too_many_columns(width)
        return width

    def _check_formulas(self, piece: bytes) -> None:
        for attributes, content in self.cell.findall(piece):
            if self.formula in content and not self.value.search(content):
                ref = self.ref.search(attributes)
                name = ref.group(1).decode() if ref else "?"
                raise BadTable(
                    _(
                        "Sel %(cell)s berisi rumus tanpa nilai tersimpan. Buka berkasnya, simpan ulang, atau "
                        "ganti rumusnya dengan nilai, lalu coba lagi.",
                        cell=name,
                    )
                )


def _column_index(letters: bytes) -> int:
    index = 0
    for letter in letters.upper():
        index = index * 26 + letter - 64
    return index
