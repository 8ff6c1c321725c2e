"""From a file's header to its cells: which column of the file is which column of the kind."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from ..i18n import _
from ..tabular import BadTable, Cell, unguard
from .kinds import Column, Kind, Row
from .values import MAX_REF, BadValue, fold, is_empty, shown

MAX_PREFIX = 32
LONGEST_REMEMBERED, MOST_REMEMBERED = 32, 5_000
PLAIN = (str, int, float, date, Decimal)


@dataclass(frozen=True)
class Choices:
    """What a person decided about a file: a prefix for references, columns by hand, fixed values.

    `mapping` gives for a column of the kind the header in the file that holds it ('' for none);
    `constants` a value for every row.
    """

    prefix: str = ""
    mapping: Mapping[str, str] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Problem:
    """Why a row cannot be read."""

    column: str
    value: str
    sentence: str


@dataclass(frozen=True)
class Source:
    """Where the cells of one column come from."""

    column: Column
    index: int | None
    constant: str
    read_before: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    def remember(self, cell: Cell, value: Any) -> None:
        """Days, kinds and references stand in a file again and again: read them once.

        Only plain values of short texts, and no more of them than fit a pocket.
        """
        if self.column.is_masked or not isinstance(cell, str) or len(cell) > LONGEST_REMEMBERED:
            return
        if isinstance(value, PLAIN):
            if len(self.read_before) >= MOST_REMEMBERED:
                self.read_before.clear()
            self.read_before[cell] = value


class Layout:
    """How the rows of one file are read."""

    def __init__(self, kind: Kind, header: Sequence[str], choices: Choices | None = None) -> None:
        """Raises BadTable when a required column is missing or a column is there twice."""
        self.kind, self.header = kind, list(header)
        self.choices = choices or Choices()
        _check_prefix(self.choices.prefix)
        recognised = recognise(kind, header)
        self.sources: list[Source] = []
        for column in kind.columns:
            index = self._index_of(column, recognised)
            constant = self.choices.constants.get(column.name, "").strip()
            if index is not None or constant:
                self.sources.append(Source(column, index, constant))
        self._check_required()
        used = {source.index for source in self.sources}
        self.unknown = [name for at, name in enumerate(self.header) if at not in used and name.strip()]

    def _index_of(self, column: Column, recognised: Mapping[str, list[int]]) -> int | None:
        chosen = self.choices.mapping.get(column.name)
        if chosen is not None:
            return self.header.index(chosen) if chosen in self.header and chosen else None
        found = recognised.get(column.name, [])
        if len(found) > 1:
            raise BadTable(
                _(
                    "Kolom %(column)s ada dua kali: “%(first)s” dan “%(second)s”. Hapus salah satunya.",
                    column=column.name,
                    first=self.header[found[0]][:80],
                    second=self.header[found[1]][:80],
                ),
                code="column_twice",
            )
        return found[0] if found else None

    def _check_required(self) -> None:
        present = {source.column.name for source in self.sources}
        missing = [c.name for c in self.kind.columns if c.required and c.name not in present]
        if missing:
            raise BadTable(
                _(
                    "Kolom wajib tidak ada: %(columns)s. Tambahkan kolom itu di baris judul; contohnya "
                    "ada di formulir kosong.",
                    columns=", ".join(self.kind.called(c) for c in self.kind.columns if c.name in missing),
                ),
                code="missing_columns",
                missing=missing,
            )

    def warnings(self) -> list[str]:
        """What is odd about the header."""
        return [
            _("Kolom “%(name)s” tidak dikenal dan dilewati.", name=name.strip()[:80]) for name in self.unknown
        ]

    def read(self, line: int, cells: Sequence[Cell]) -> Row | list[Problem]:
        """A row with its values, or all that is wrong with it."""
        values: dict[str, Any] = {}
        problems: list[Problem] = []
        masked: list[str] = []
        count = len(cells)
        for source in self.sources:
            column = source.column
            cell = cells[source.index] if source.index is not None and source.index < count else None
            if isinstance(cell, str) and cell in source.read_before:
                values[column.name] = source.read_before[cell]
                continue
            if is_empty(cell) and source.constant:
                cell = source.constant
            if is_empty(cell):
                values[column.name] = None
                if column.required:
                    problems.append(Problem(column.name, "", _("Wajib diisi.")))
                continue
            if column.is_masked and isinstance(cell, str) and "*" in cell:
                masked.append(column.name)
                continue
            try:
                value = column.read(cell)
                if column.is_ref and self.choices.prefix:
                    value = self._prefixed(value)
            except BadValue as error:
                problems.append(Problem(column.name, shown(cell)[:300], error.sentence))
                continue
            values[column.name] = value
            source.remember(cell, value)
        if count > len(self.header) and any(not is_empty(cell) for cell in cells[len(self.header) :]):
            extra = next(cell for cell in cells[len(self.header) :] if not is_empty(cell))
            sentence = _(
                "Baris ini punya lebih banyak sel daripada judul kolomnya. Periksa tanda pemisahnya."
            )
            problems.append(Problem("", shown(extra)[:300], sentence))
        if not problems and self.kind.check is not None:
            for name, sentence in self.kind.check(values).items():
                problems.append(Problem(name, self.value_shown(name, cells), sentence))
        return problems or Row(line, values, tuple(masked))

    def read_constant(self, source: Source) -> str:
        """What is wrong with a value that stands for every row; empty when nothing is."""
        try:
            source.column.read(source.constant)
        except BadValue as error:
            return f"{source.column.name}: {error.sentence}"
        return ""

    def _prefixed(self, value: str) -> str:
        text = self.choices.prefix + value
        if len(text) > MAX_REF:
            raise BadValue(
                _("Dengan awalan “%(prefix)s” menjadi lebih dari 64 karakter.", prefix=self.choices.prefix)
            )
        return text

    def value_shown(self, name: str, cells: Sequence[Cell]) -> str:
        """What stood in the file for a column, to show to people."""
        for source in self.sources:
            if source.column.name == name:
                if (
                    source.index is not None
                    and source.index < len(cells)
                    and not is_empty(cells[source.index])
                ):
                    return shown(cells[source.index])[:300]
                return source.constant
        return ""


def _check_prefix(prefix: str) -> None:
    if len(prefix) > MAX_PREFIX or any(not c.isprintable() or c.isspace() for c in prefix):
        raise BadTable(
            _("Awalan paling banyak %(limit)d karakter, tanpa spasi.", limit=MAX_PREFIX), code="bad_prefix"
        )


def recognise(kind: Kind, header: Sequence[str]) -> dict[str, list[int]]:
    """Where each column of the kind stands in a header, by its name or a synonym."""
    table = {fold(name): column.name for column in kind.columns for name in column.synonyms}
    table |= {fold(column.name): column.name for column in kind.columns}
    found: dict[str, list[int]] = {}
    for index, name in enumerate(header):
        column_name = table.get(fold(unguard(name.strip())[:300]))
        if column_name is not None:
            found.setdefault(column_name, []).append(index)
    return {column: _best(column, indexes, header) for column, indexes in found.items()}


def _best(column: str, indexes: list[int], header: Sequence[str]) -> list[int]:
    """The column's own name wins over its synonyms."""
    exact = [index for index in indexes if fold(header[index]) == column]
    return exact or indexes


def headers_hash(header: Sequence[str]) -> str:
    """What files with the same columns have in common, whatever their order."""
    return hashlib.sha256(json.dumps(sorted({fold(name) for name in header})).encode()).hexdigest()
