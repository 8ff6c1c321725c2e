"""What a kind of exchange file is: its columns, the order of its rows, and how a batch of them goes in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from flask import Flask, current_app
from sqlalchemy.orm import Session

from ..permissions import Actor, Permission
from ..tabular import Cell

EXTENSION = "etalase_import_kinds"


class Outcome(StrEnum):
    """What became of a row that was not refused."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


@dataclass(frozen=True)
class Refusal:
    """Why a row did not go in: the column to mend and a sentence on what to write instead."""

    column: str
    sentence: str


Verdict = Outcome | Refusal


@dataclass(frozen=True)
class Column:
    """One column: `read` turns a cell that is not empty into a value or raises BadValue with a sentence.

    `synonyms` are other header names (compared in lower case without spaces around). `warn` may say what is
    odd about a value that is taken all the same. `is_ref`: the file's prefix goes before every value.
    `is_masked`: a value with stars is what an export shows of personal data, and changes nothing.
    `is_usual`: not every row needs it but nearly every file has it, so that people are asked where it stands.
    """

    name: str
    read: Callable[[Cell], Any]
    required: bool = False
    synonyms: tuple[str, ...] = ()
    meaning: Any = ""
    example: str = ""
    is_ref: bool = False
    is_masked: bool = False
    is_usual: bool = False
    warn: Callable[[Any], str] | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One row as read. A column that the file does not have, or whose cell is masked, is absent from
    `values`: what is stored stays. An empty cell is there as None: what is stored is cleared.
    `masked` names the columns whose cell held a mask."""

    line: int
    values: dict[str, Any]
    masked: tuple[str, ...] = ()

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    def get(self, name: str, default: Any = None) -> Any:
        """The value; `default` where the column is absent or the cell empty."""
        value = self.values.get(name)
        return default if value is None else value

    def has(self, name: str) -> bool:
        """Whether the file says something about this column, be it that it is empty."""
        return name in self.values


class Memory(Protocol):
    """What a dry run remembers of the batches it has judged, because it writes nothing: plain JSON values
    by key. In a real run it is empty and forgets everything: the database knows."""

    def get_many(self, keys: Iterable[str]) -> dict[str, Any]:
        """What was remembered under these keys."""

    def put_many(self, values: Mapping[str, Any]) -> None:
        """Remember values by key."""


@dataclass
class Batch:
    """Some rows in the order of the whole file, to be judged one after the other.

    A real batch runs inside a unit of work and writes through `session`; a dry one (`dry`) must come to the
    same verdicts without writing, remembering in `memory` what later batches need to know. `notes` lasts for
    the whole run, real or dry: for what follows from the file alone, such as who was named first.
    """

    session: Session
    rows: list[Row]
    actor: Actor
    dry: bool
    memory: Memory
    notes: Memory
    run_id: int | None = None
    warnings: list[tuple[int, str, str]] = field(default_factory=list)

    def warn(self, row: Row, column: str, sentence: str) -> None:
        """Note something odd about a row that goes in all the same."""
        self.warnings.append((row.line, column, sentence))


class Export(Protocol):
    """Gives the rows of a kind that an actor may see, in the order of its columns."""

    def __call__(self, session: Session, *, region: str) -> Iterator[Sequence[Any]]:
        """Rows under a region code ('' for all), ordered by reference."""


@dataclass(frozen=True)
class Kind:
    """A kind of exchange file.

    `apply` judges and writes a batch and answers a verdict for each row, in order. `order` gives a text by
    which the rows of the whole file are sorted first (then by line); without it they go in file order.
    `check` looks at several columns of a row at once and answers {column: sentence}. `apply` is never given
    a row that could not be read. `for_sellers`, `for_buyers`: a seller's or a retailer's own file, not the
    office's; `home_label` is what its list of files is called. `finished` is told, in the transaction that
    closes a run which has written, and may promise more work.
    """

    name: str
    label: Any
    columns: tuple[Column, ...]
    apply: Callable[[Batch], Sequence[Verdict]]
    order: Callable[[Mapping[str, Any]], str] | None = None
    check: Callable[[Mapping[str, Any]], Mapping[str, str]] | None = None
    export: Export | None = None
    permission: Permission = Permission.DATA_IMPORT
    batch_size: int = 1000
    position: int = 50
    note: Any = ""
    for_sellers: bool = False
    for_buyers: bool = False
    home_label: Any = ""
    finished: Callable[[Session, Any], None] | None = None

    def called(self, column: Column) -> str:
        """What a column is called to whoever sends the file: for an office its name in the exchange files,
        for others what it holds."""
        return str(column.meaning) if self.is_own and column.meaning else column.name

    @property
    def is_own(self) -> bool:
        """Whether it is a seller's or a retailer's own file."""
        return self.for_sellers or self.for_buyers

    def column(self, name: str) -> Column:
        """A column by its name. Raises KeyError."""
        return next(column for column in self.columns if column.name == name)

    @property
    def column_names(self) -> tuple[str, ...]:
        """The names, in order."""
        return tuple(column.name for column in self.columns)


def register_kind(app: Flask, kind: Kind) -> None:
    """Let a kind be imported and exported (an area does, when it is registered)."""
    registry: dict[str, Kind] = app.extensions.setdefault(EXTENSION, {})
    registry[kind.name] = kind


def kinds() -> list[Kind]:
    """Every kind of the office's, in the order in which a city moves in."""
    registry: dict[str, Kind] = current_app.extensions.get(EXTENSION, {})
    offices = (kind for kind in registry.values() if not kind.is_own)
    return sorted(offices, key=lambda kind: kind.position)


def kind_named(name: str) -> Kind | None:
    """A kind by its name."""
    registry: dict[str, Kind] = current_app.extensions.get(EXTENSION, {})
    return registry.get(name)
