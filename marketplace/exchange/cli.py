"""`flask import KIND FILE`, `flask import template KIND`, `flask export KIND`."""

from __future__ import annotations

import csv
import io
import json
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import click
from flask.cli import with_appcontext
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from ..db import db
from ..errors import MarketplaceError
from ..i18n import _
from ..importing import Kind, kind_named, kinds
from ..importing.direct import FileImport, staged_file
from ..importing.files import folder
from ..importing.layout import Choices
from ..importing.stage import RefusedRow
from ..importing.values import shown
from ..permissions import SYSTEM
from ..tabular import write_csv, write_xlsx
from ..tabular.writing import guard
from .forms_of_kinds import write_form_csv, write_form_xlsx

SHOWN = 20
ALL_GOOD, SOME_REFUSED, FILE_REFUSED, INTERRUPTED = 0, 1, 2, 130
FORMATS = click.Choice(["csv", "xlsx"])


def say(sentence: str) -> None:
    """A line for people, on standard error."""
    click.echo(_printable(sentence), err=True)


def _printable(sentence: str) -> str:
    """A file's text on a terminal: no control characters, one line."""
    flat = " ".join(sentence.encode("utf-8", "replace").decode().split())
    return "".join(c if c.isprintable() else "\ufffd" for c in flat)


def find_kind(name: str) -> Kind:
    """The kind by its name; says which there are and ends the command when there is none."""
    kind = kind_named(name)
    if kind is None:
        names = ", ".join(known.name for known in kinds())
        say(_("Jenis “%(name)s” tidak dikenal. Pilih salah satu: %(names)s.", name=name[:40], names=names))
        sys.exit(FILE_REFUSED)
    return kind


class _ImportGroup(click.Group):
    """Every word that is no sub-command is the name of a kind."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The sub-command, or the import of a kind."""
        return super().get_command(ctx, cmd_name) or _kind_command(cmd_name)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The kinds, then the sub-commands."""
        return [*(kind.name for kind in kinds()), *super().list_commands(ctx)]


@click.group("import", cls=_ImportGroup)
def import_command() -> None:
    """Bring a CSV or XLSX file in: `import KIND FILE`, or `import template KIND` for the empty form."""


@import_command.command("template")
@click.argument("kind_name", metavar="KIND")
@click.option("--format", "file_format", type=FORMATS, default="csv", help="csv (default) or xlsx.")
@click.option(
    "--output", type=click.Path(dir_okay=False, path_type=Path), help="File to write; else standard output."
)
@with_appcontext
def template_command(kind_name: str, file_format: str, output: Path | None) -> None:
    """Write the empty form of a kind: header, one example row, in XLSX a guide sheet."""
    kind = find_kind(kind_name)
    if file_format == "csv":
        with _text_output(output) as stream:
            write_form_csv(kind, stream)
    else:
        _xlsx_output(output, lambda path: write_form_xlsx(kind, path))


def _kind_command(kind_name: str) -> click.Command:
    @click.command(kind_name, help=f"Bring a file of {kind_name} in.")
    @click.argument("file", type=click.Path(path_type=Path))
    @click.option("--dry-run", is_flag=True, help="Say what would happen; write nothing.")
    @click.option(
        "--errors", type=click.Path(dir_okay=False, path_type=Path), help="Write the refused rows here."
    )
    @click.option(
        "--format", "answer", type=click.Choice(["text", "json"]), default="text", help="Of the answer."
    )
    @click.option("--prefix", default="", help="Put this before every reference in the file.")
    @with_appcontext
    def command(file: Path, dry_run: bool, errors: Path | None, answer: str, prefix: str) -> None:
        kind = find_kind(kind_name)
        sys.exit(run_import(kind, file, dry=dry_run, errors=errors, answer=answer, prefix=prefix))

    return command


def run_import(kind: Kind, file: Path, *, dry: bool, errors: Path | None, answer: str, prefix: str) -> int:
    """Bring a file in, tell what became of it, and answer the exit status."""
    if not file.is_file():
        return _refuse_file(_("Berkas %(file)s tidak ada.", file=file), answer)
    try:
        with (
            _bar(kind) as told,
            staged_file(
                kind=kind, path=file, choices=Choices(prefix=prefix.strip()), actor=SYSTEM, told=told.reading
            ) as job,
        ):
            for sentence in job.layout.warnings():
                say(sentence)
            with _stops_on_signal(job):
                for counts in job.check() if dry else job.put_in():
                    told.judged(counts.done, job.total)
            told.stop()
            return _tell(job, dry=dry, errors=errors, answer=answer)
    except MarketplaceError as error:
        db.session.rollback()
        return _refuse_file(error.message, answer)
    except KeyboardInterrupt:
        say(_("Dihentikan sebelum ada yang ditulis."))
        return INTERRUPTED


def _refuse_file(sentence: str, answer: str) -> int:
    say(sentence)
    if answer == "json":
        click.echo(json.dumps({"created": 0, "updated": 0, "unchanged": 0, "refused": 0}))
    return FILE_REFUSED


def _tell(job: FileImport, *, dry: bool, errors: Path | None, answer: str) -> int:
    """Say what became of the file; the figures come last."""
    _tell_rows(job)
    if errors is not None:
        with errors.open("w", encoding="utf-8", errors="replace", newline="") as stream:
            write_refused(stream, job.layout.header, job.stage.refused())
    is_over = not job.is_cancelled or job.counts.done == job.total
    if not is_over:
        say(_("Dihentikan. Baris yang sudah masuk tetap tersimpan; jalankan lagi untuk melanjutkan."))
    if dry:
        say(_("Uji coba: tidak ada yang ditulis."))
    figures = job.counts.as_dict()
    sys.stderr.flush()
    if answer == "json":
        click.echo(json.dumps(figures))
    else:
        click.echo(", ".join(f"{name} {count}" for name, count in figures.items()))
    if not is_over:
        return INTERRUPTED
    return SOME_REFUSED if job.counts.refused else ALL_GOOD


def _tell_rows(job: FileImport) -> None:
    for line, column, sentence in job.stage.warnings(SHOWN):
        say(
            _(
                "Baris %(line)d, kolom %(column)s, perlu dicek: %(sentence)s",
                line=line,
                column=column,
                sentence=sentence,
            )
        )
    if job.counts.warned > SHOWN:
        say(_("... dan peringatan pada baris lain; seluruhnya %(count)d baris.", count=job.counts.warned))
    for row in job.stage.refused(SHOWN):
        for problem in row.problems:
            say(
                _(
                    "Baris %(line)d ditolak, kolom %(column)s, isi “%(value)s”: %(sentence)s",
                    line=row.line,
                    column=problem.column or "-",
                    value=problem.value[:80],
                    sentence=problem.sentence,
                )
            )
    if job.counts.refused > SHOWN:
        say(_("... seluruhnya %(count)d baris ditolak; --errors menulis semuanya.", count=job.counts.refused))


def write_refused(stream: IO[str], header: list[str], rows: Iterator[RefusedRow]) -> None:
    """The refused rows as they stood in the file, with what is wrong with each."""
    writer = csv.writer(stream)
    writer.writerow([*(guard(name) for name in header), "error"])
    width = len(header)
    for row in rows:
        cells = [guard(shown(cell)) for cell in row.cells[:width]]
        writer.writerow([*cells, *[""] * (width - len(cells)), guard(row.sentence)])


@contextmanager
def _stops_on_signal(job: FileImport) -> Iterator[None]:
    """Ctrl-C or SIGTERM ends the import after the batch at work."""

    def stop(*_args: Any) -> None:
        job.is_cancelled = True

    is_main = threading.current_thread() is threading.main_thread()
    caught = (signal.SIGINT, signal.SIGTERM) if is_main else ()
    before = {number: signal.signal(number, stop) for number in caught}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class _Silent:
    """No terminal, no bar."""

    def reading(self, share: float, count: int) -> None:
        """While the file is read."""

    def judged(self, done: int, total: int) -> None:
        """While rows go in."""

    def stop(self) -> None:
        """Leave the terminal to the figures."""


class _Bar(_Silent):
    def __init__(self, progress: Progress, name: str) -> None:
        self.progress = progress
        self.task = progress.add_task(_("%(name)s: membaca", name=name), total=None)
        self.name = name

    def reading(self, share: float, count: int) -> None:
        self.progress.update(self.task, completed=count, total=int(count / share) if share else None)

    def judged(self, done: int, total: int) -> None:
        self.progress.update(self.task, description=self.name, completed=done, total=total)

    def stop(self) -> None:
        self.progress.stop()


@contextmanager
def _bar(kind: Kind) -> Iterator[_Silent]:
    """A progress bar on a terminal, on standard error."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _Silent()
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        yield _Bar(progress, str(kind.label))


# --- export -------------------------------------------------------------------------------------------------


@click.command("export")
@click.argument("kind_name", metavar="KIND")
@click.option("--format", "file_format", type=FORMATS, default="csv", help="csv (default) or xlsx.")
@click.option(
    "--output", type=click.Path(dir_okay=False, path_type=Path), help="File to write; else standard output."
)
@click.option("--region", default="", help="Only what lies under this Kemendagri code.")
@with_appcontext
def export_command(kind_name: str, file_format: str, output: Path | None, region: str) -> None:
    """Write everything of a kind to a file that `import` takes back. NIK and NPWP are masked."""
    kind = find_kind(kind_name)
    if kind.export is None:
        say(_("Jenis ini tidak bisa diekspor."))
        sys.exit(FILE_REFUSED)
    rows = kind.export(db.session(), region=region.strip())
    if file_format == "csv":
        with _text_output(output) as stream:
            count = write_csv(stream, kind.column_names, rows)
    else:
        count = _xlsx_output(output, lambda path: write_xlsx(path, kind.column_names, rows))
    say(_("%(count)d baris ditulis.", count=count))


@contextmanager
def _text_output(output: Path | None) -> Iterator[IO[str]]:
    """A UTF-8 text stream to a file or to standard output."""
    if output is not None:
        with output.open("w", encoding="utf-8", errors="replace", newline="") as file:
            yield file
        return
    binary = sys.stdout.buffer
    stream = io.TextIOWrapper(binary, encoding="utf-8", errors="replace", newline="", write_through=True)
    try:
        yield stream
        stream.flush()
    finally:
        stream.detach()


def _xlsx_output(output: Path | None, write: Callable[[Path], Any]) -> Any:
    """Write a workbook to a file, or through a temporary one to standard output."""
    if output is not None:
        return write(output)
    with tempfile.TemporaryDirectory(dir=folder()) as place:
        path = Path(place) / "table.xlsx"
        answer = write(path)
        sys.stdout.buffer.write(path.read_bytes())
    return answer
