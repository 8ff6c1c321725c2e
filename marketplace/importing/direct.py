"""A file put in directly, as the command line does: staged, judged and written while the caller watches."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import clock
from ..db import unit_of_work
from ..permissions import Actor
from ..tabular import open_table
from .engine import Counts, Importer
from .files import folder
from .kinds import Kind
from .layout import Choices, Layout
from .models import ImportRun
from .services import close_run, start_run
from .stage import START, Stage

Told = Callable[[float, int], None]


@dataclass
class FileImport:
    """A staged file on its way in."""

    kind: Kind
    path: Path
    layout: Layout
    stage: Stage
    actor: Actor
    total: int
    counts: Counts = field(default_factory=Counts)
    is_cancelled: bool = False

    def check(self) -> Iterator[Counts]:
        """Judge every row and write nothing; yields the counts so far."""
        importer = Importer(self.kind, self.layout, self.stage, self.actor)
        for _place, counts in importer.check(START, self._goes_on):
            self.counts.add(counts)
            yield self.counts

    def put_in(self) -> Iterator[Counts]:
        """Put every row in, batch by batch; yields the counts so far. Stops after `is_cancelled` is set."""
        run = start_run(
            kind=self.kind.name,
            file_name=self.path.name,
            digest=file_hash(self.path),
            size=self.path.stat().st_size,
            choices=self.layout.choices,
            actor=self.actor,
            status="running",
            total=self.total,
        )
        importer = Importer(self.kind, self.layout, self.stage, self.actor, run_id=run.id)
        status = "cancelled"
        try:
            for _place, counts in importer.put_in(START, self._goes_on, _recorder(run.id)):
                self.counts.add(counts)
                yield self.counts
            status = "cancelled" if self.is_cancelled and self.counts.done < self.total else "done"
        except BaseException:
            status = "failed"
            raise
        finally:
            with unit_of_work() as session:
                close_run(session, _read(session, run.id), status)

    def _goes_on(self) -> bool:
        return not self.is_cancelled


def _read(session: Session, run_id: int) -> ImportRun:
    query = select(ImportRun).where(ImportRun.id == run_id).execution_options(populate_existing=True)
    return session.scalars(query).one()


def _recorder(run_id: int) -> Callable[[Session, int, Counts], None]:
    def record(session: Session, place: int, counts: Counts) -> None:
        run = _read(session, run_id)
        run.heartbeat_at = clock.now()
        run.place = place
        run.done += counts.done
        for name in ("created", "updated", "unchanged", "refused", "warned"):
            setattr(run, name, getattr(run, name) + getattr(counts, name))

    return record


@contextmanager
def staged_file(
    *, kind: Kind, path: Path, choices: Choices, actor: Actor, told: Told | None = None
) -> Iterator[FileImport]:
    """A file staged and ready to be judged; its stage is gone afterwards. Raises BadTable."""
    with open_table(path, current_app.config["IMPORT_MAX_BYTES"]) as table:
        layout = Layout(kind, table.header, choices)
        place = folder() / f"cli-{secrets.token_hex(8)}.stage"
        stage = Stage.fill(place, table, layout, told or _silent)
    try:
        with stage:
            yield FileImport(kind, path, layout, stage, actor, stage.total())
    finally:
        place.unlink(missing_ok=True)


def _silent(_share: float, _count: int) -> None:
    """Nobody watches."""


def file_hash(path: Path) -> str:
    """SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
