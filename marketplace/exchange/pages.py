"""What the pages of an import show: where each column comes from, how far a run is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from flask import current_app

from ..crypto import mask
from ..i18n import N_
from ..importing import Column, ImportRun, Kind, files, kinds, queries, services
from ..importing.layout import Choices, Layout, recognise
from ..importing.stage import RefusedRow, Stage
from ..importing.values import is_empty, shown
from ..permissions import Actor
from ..tabular import BadTable, open_table

PREVIEW_ROWS = 5
LISTED = 50
STATUS_WORDS: dict[str, tuple[Any, str, str]] = {
    "uploaded": (N_("Menunggu Anda"), "info", "hourglass-split"),
    "checking": (N_("Sedang diperiksa"), "info", "arrow-repeat"),
    "checked": (N_("Menunggu persetujuan"), "grace", "hourglass-split"),
    "running": (N_("Sedang dimasukkan"), "info", "arrow-repeat"),
    "done": (N_("Selesai"), "ok", "check-circle-fill"),
    "cancelled": (N_("Dibatalkan"), "", "dash-circle"),
    "failed": (N_("Gagal"), "short", "x-circle-fill"),
}
"""Status of a run: words, colour of the chip, icon."""


@dataclass(frozen=True)
class ColumnChoice:
    """One column of the kind on the page of columns: where it comes from and what stands there."""

    column: Column
    header: str
    constant: str
    samples: list[str]
    problem: str = ""

    @property
    def is_given(self) -> bool:
        """Whether the file or a constant fills it."""
        return bool(self.header or self.constant)


@dataclass(frozen=True)
class Preview:
    """The first rows of an uploaded file and the choice for every column."""

    header: list[str]
    rows: list[list[str]]
    columns: list[ColumnChoice]
    ignored: list[str]

    @property
    def required(self) -> list[ColumnChoice]:
        """The columns that every row needs."""
        return [choice for choice in self.columns if choice.column.required]

    @property
    def optional(self) -> list[ColumnChoice]:
        """The others that the file fills, or that nearly every file has under some name."""
        return [
            choice
            for choice in self.columns
            if not choice.column.required and (choice.is_given or choice.column.is_usual)
        ]

    @property
    def absent(self) -> list[ColumnChoice]:
        """The others that the file does not have."""
        return [
            choice for choice in self.columns if not choice.column.required and choice not in self.optional
        ]

    @property
    def missing(self) -> list[str]:
        """Required columns that nothing fills yet."""
        return [choice.column.name for choice in self.required if not choice.is_given]


def kinds_for(actor: Actor) -> list[Kind]:
    """The kinds that this actor may import."""
    return [kind for kind in kinds() if actor.can(kind.permission)]


def preview_of(run: ImportRun, kind: Kind, choices: Choices) -> Preview:
    """The first rows of a run's file, read with these choices. Raises BadTable."""
    with open_table(files.file_of(run), current_app.config["IMPORT_MAX_BYTES"]) as table:
        header = table.header
        rows = [[shown(cell) for cell in cells] for _line, cells in islice(table.rows, PREVIEW_ROWS)]
    rows = _masked(kind, header, rows, choices)
    columns = [_choice(kind, column, header, rows, choices) for column in kind.columns]
    used = {choice.header for choice in columns}
    ignored = [name for name in header if name.strip() and name not in used]
    return Preview(header, rows, columns, ignored)


def _masked(kind: Kind, header: Sequence[str], rows: list[list[str]], choices: Choices) -> list[list[str]]:
    """The rows with personal numbers masked, as on every page."""
    hidden: set[int] = set()
    for column in kind.columns:
        if column.is_masked:
            chosen = choices.mapping.get(column.name)
            hidden.update(recognise(kind, header).get(column.name, []))
            hidden.update(index for index, name in enumerate(header) if chosen and name == chosen)
    return [[mask(cell) if index in hidden else cell for index, cell in enumerate(row)] for row in rows]


def _choice(
    kind: Kind, column: Column, header: Sequence[str], rows: list[list[str]], choices: Choices
) -> ColumnChoice:
    name = choices.mapping.get(column.name)
    if name is None:
        found = recognise(kind, header).get(column.name, [])
        name = header[found[0]] if found else ""
    constant = choices.constants.get(column.name, "")
    index = header.index(name) if name in header else None
    samples = [
        row[index][:60] for row in rows if index is not None and index < len(row) and not is_empty(row[index])
    ]
    return ColumnChoice(column, name if index is not None else "", constant, samples[:3])


def choices_of(run: ImportRun, remembered: Any) -> Choices:
    """What was chosen for this run, else for such a file before."""
    if run.mapping or run.constants or remembered is None:
        return Choices(run.prefix, run.mapping, run.constants)
    return Choices(run.prefix, remembered.mapping, remembered.constants)


def choices_sent(kind: Kind, form: Mapping[str, str]) -> Choices:
    """What the page of columns sent."""
    mapping = {column.name: form.get(f"map-{column.name}", "") for column in kind.columns}
    constants = {
        column.name: form.get(f"const-{column.name}", "").strip()[:10_000] for column in kind.columns
    }
    kept = {name: text for name, text in constants.items() if text}
    return Choices(form.get("prefix", "").strip(), mapping, kept)


def header_problems(kind: Kind, header: Sequence[str], choices: Choices) -> str:
    """Why a file cannot be read with these choices, in a sentence; empty when it can."""
    try:
        layout = Layout(kind, header, choices)
    except BadTable as error:
        return error.message
    for source in layout.sources:
        if source.constant:
            row = layout.read_constant(source)
            if row:
                return row
    return ""


def refused_rows(run: ImportRun, limit: int = LISTED) -> list[RefusedRow]:
    """The first refused rows of a run, while its files are kept."""
    path = files.stage_of(run)
    if not run.stored_name or not path.exists():
        return []
    hidden = {column.name for column in services.kind_of(run).columns if column.is_masked}
    with Stage(path) as stage:
        return [_hide(row, hidden) for row in stage.refused(limit)]


def _hide(row: RefusedRow, hidden: set[str]) -> RefusedRow:
    """The row with personal numbers masked in what is shown of it."""
    problems = [replace(p, value=mask(p.value)) if p.column in hidden else p for p in row.problems]
    return replace(row, problems=problems)


def warnings_of(run: ImportRun, limit: int = LISTED) -> list[tuple[int, str, str]]:
    """The first oddities of a run, while its files are kept."""
    path = files.stage_of(run)
    if not run.stored_name or not path.exists():
        return []
    with Stage(path) as stage:
        return stage.warnings(limit)


def run_context(run: ImportRun) -> dict[str, Any]:
    """What the page of a run shows."""
    return {
        "run": run,
        "kind": services.kind_of(run),
        "words": STATUS_WORDS,
        "refused": refused_rows(run),
        "warnings": warnings_of(run),
        "has_files": bool(run.stored_name) and files.stage_of(run).exists(),
    }


def columns_context(run: ImportRun, actor: Actor, sent: Choices | None, problem: str) -> dict[str, Any]:
    """What the page of columns shows: as just sent, else as chosen before, else as recognised."""
    kind = services.require_kind(actor, run.kind)
    header = files.header_of(run)
    choices = sent or choices_of(run, queries.remembered(actor, run.kind, header))
    return {
        "run": run,
        "kind": kind,
        "preview": preview_of(run, kind, choices),
        "choices": choices,
        "problem": problem,
        "is_remembered": sent is None and not run.mapping and bool(choices.mapping),
    }
