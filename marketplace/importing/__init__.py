"""The import engine: what a kind of file is, how its cells are read, and how its rows go in.

An area describes its kinds in `imports.py` and registers them with `register_kind`; the engine stages a file,
reads its cells, orders its rows over the whole file and hands them over in batches, one transaction each.
"""

from __future__ import annotations

from flask import Flask

from .. import jobs, outbox
from . import files, services, values, worker
from .book import Book
from .kinds import (
    Batch,
    Column,
    Kind,
    Memory,
    Outcome,
    Refusal,
    Row,
    Verdict,
    kind_named,
    kinds,
    register_kind,
)
from .models import ImportMapping, ImportRun

__all__ = [
    "Batch",
    "Book",
    "Column",
    "ImportMapping",
    "ImportRun",
    "Kind",
    "Memory",
    "Outcome",
    "Refusal",
    "Row",
    "Verdict",
    "files",
    "kind_named",
    "kinds",
    "register_kind",
    "values",
]


def init_app(app: Flask) -> None:
    """Register the work that uploads make and the nightly cleaning; the kinds come from the areas."""
    outbox.handles(services.WORK)(worker.work_on)
    jobs.nightly(app, services.clean_up)
