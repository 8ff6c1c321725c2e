"""What the tests of files share: writing small files, running the commands, the worker at hand."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from marketplace import outbox


@dataclass
class Ran:
    """What a command left behind."""

    status: int
    stdout: str
    stderr: str

    @property
    def counts(self) -> dict[str, int]:
        """The four figures of an import that was asked for JSON."""
        figures: dict[str, int] = json.loads(self.stdout)
        return figures


Command = Callable[..., Ran]


@pytest.fixture
def command(app: Flask) -> Command:
    """Run a flask command."""

    def run(*args: Any) -> Ran:
        result = app.test_cli_runner().invoke(args=[str(arg) for arg in args])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Ran(result.exit_code, result.stdout, result.stderr)

    return run


@pytest.fixture
def bring_in(command: Command, tmp_path: Path) -> Callable[..., Ran]:
    """Import rows (the first is the header) as a CSV file and get the counts as JSON."""

    def run(kind: str, rows: Sequence[Sequence[Any]], *options: Any) -> Ran:
        path = write_rows(tmp_path / f"{kind}.csv", rows)
        return command("import", kind, path, "--format", "json", *options)

    return run


@pytest.fixture
def work(app: Flask) -> Callable[[], None]:
    """Let the worker do all that waits."""

    def run() -> None:
        while outbox.drain():
            pass

    return run


def write_rows(path: Path, rows: Iterable[Sequence[Any]], delimiter: str = ",") -> Path:
    """Rows as a CSV file."""
    path.write_text(csv_text(rows, delimiter), encoding="utf-8", newline="")
    return path


def csv_text(rows: Iterable[Sequence[Any]], delimiter: str = ",") -> str:
    """Rows as CSV."""
    stream = io.StringIO()
    csv.writer(stream, delimiter=delimiter).writerows(rows)
    return stream.getvalue()
