"""Rows going in: batch after batch in the order of the whole file, each a transaction that is soon over."""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import structlog
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, StatementError
from sqlalchemy.orm import Session

from ..db import db, is_postgres, retry_on_conflict, unit_of_work
from ..errors import MarketplaceError
from ..i18n import _
from ..permissions import Actor
from .kinds import Batch, Kind, Memory, Outcome, Refusal, Row, Verdict
from .layout import Layout, Problem
from .stage import NoMemory, RefusedRow, Stage, StagedRow

log = structlog.get_logger()

LONG_S, SHORT_S = 0.7, 0.25
"""A batch that holds the database longer than LONG_S is followed by smaller ones, a short one by larger."""
SMALLEST = 50
START_SIZE = 250
TRIES = 3
PAUSE_S = 0.01
"""Between two batches, so that writers of other processes get their turn on SQLite."""


@dataclass
class Counts:
    """What became of the rows so far."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0
    warned: int = 0

    @property
    def done(self) -> int:
        """How many rows were judged."""
        return self.created + self.updated + self.unchanged + self.refused

    def add(self, other: Counts) -> None:
        """Count more rows."""
        for name in ("created", "updated", "unchanged", "refused", "warned"):
            setattr(self, name, getattr(self, name) + getattr(other, name))

    def as_dict(self) -> dict[str, int]:
        """The four figures that every import ends with."""
        return {
            "created": self.created,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "refused": self.refused,
        }


@dataclass
class _Judged:
    """A batch after it was read and judged."""

    rows: list[StagedRow]
    counts: Counts = field(default_factory=Counts)
    refused: list[RefusedRow] = field(default_factory=list)
    warnings: list[tuple[int, str, str]] = field(default_factory=list)


OnBatch = Callable[[Session, int, Counts], None]
"""Told inside the transaction of a real batch: the place reached and what the batch adds to the counts."""


class Importer:
    """Puts the staged rows of one file in, or only says what would become of them."""

    def __init__(
        self, kind: Kind, layout: Layout, stage: Stage, actor: Actor, *, run_id: int | None = None
    ) -> None:
        self.kind, self.layout, self.stage, self.actor, self.run_id = kind, layout, stage, actor, run_id
        self.size = min(START_SIZE, kind.batch_size)

    def check(self, place: int, go_on: Callable[[], bool]) -> Iterator[tuple[int, Counts]]:
        """Judge rows after a place without writing; yields the place reached and the counts of each batch."""
        while go_on():
            rows = self.stage.after(place, self.kind.batch_size)
            if not rows:
                return
            judged = self._judge_dry(rows)
            place = rows[-1].place
            self.stage.settle(rows, judged.refused, judged.warnings)
            yield place, judged.counts

    def put_in(
        self, place: int, go_on: Callable[[], bool], on_batch: OnBatch
    ) -> Iterator[tuple[int, Counts]]:
        """Put rows after a place in, one committed batch after the other."""
        while go_on():
            rows = self.stage.after(place, self.size)
            if not rows:
                return
            counts = Counts()
            for judged in self._put_rows(rows, on_batch):
                counts.add(judged.counts)
            place = rows[-1].place
            yield place, counts
            if not is_postgres():
                time.sleep(PAUSE_S)

    # --- dry ------------------------------------------------------------------------------------------------

    def _judge_dry(self, rows: list[StagedRow]) -> _Judged:
        judged, good = self._read(rows)
        session = db.session()
        try:
            batch = self._batch(session, good, self.stage)
            self._note(judged, batch, self.kind.apply(batch) if good else [])
        finally:
            session.rollback()
        return judged

    # --- for real -------------------------------------------------------------------------------------------

    def _put_rows(self, rows: list[StagedRow], on_batch: OnBatch) -> Iterator[_Judged]:
        """Put rows in together; where the database says no, in halves, until the culprit stands alone."""
        try:
            yield self._put_together(rows, on_batch)
        except (DBAPIError, StatementError) as error:
            if not _is_about_rows(error):
                raise
            if len(rows) == 1:
                yield self._refuse_unfit(rows[0], error, on_batch)
                return
            half = len(rows) // 2
            yield from self._put_rows(rows[:half], on_batch)
            yield from self._put_rows(rows[half:], on_batch)

    def _put_together(self, rows: list[StagedRow], on_batch: OnBatch) -> _Judged:
        """One transaction; tried again when another writer was faster with the same reference."""
        read, good = self._read(rows)
        for attempt in range(1, TRIES + 1):
            try:
                return self._commit(read, good, on_batch)
            except DBAPIError as error:
                if attempt == TRIES or not _is_about_rows(error) or len(rows) == 1:
                    raise
        raise AssertionError("unreachable")

    @retry_on_conflict
    def _commit(self, read: _Judged, good: list[Row], on_batch: OnBatch) -> _Judged:
        judged = replace(
            read, counts=replace(read.counts), refused=[*read.refused], warnings=[*read.warnings]
        )
        with unit_of_work() as session:
            take_turn(session, self.kind.name)
            with self._timed():
                batch = self._batch(session, good, None)
                self._note(judged, batch, self.kind.apply(batch) if good else [])
                on_batch(session, judged.rows[-1].place, judged.counts)
                session.flush()
                self.stage.settle(judged.rows, judged.refused, judged.warnings)
        return judged

    def _refuse_unfit(self, row: StagedRow, error: Exception, on_batch: OnBatch) -> _Judged:
        """A row that the database itself refuses, for a reason that no check foresaw."""
        log.warning("import row refused by the database", kind=self.kind.name, error=type(error).__name__)
        sentence = _("Baris ini tidak bisa disimpan. Periksa semua isinya, lalu coba lagi.")
        judged = _Judged([row], Counts(refused=1))
        judged.refused.append(RefusedRow(row.line, [Problem("", "", sentence)], row.cells))
        with unit_of_work() as session:
            on_batch(session, row.place, judged.counts)
            session.flush()
            self.stage.settle(judged.rows, judged.refused, [])
        return judged

    @contextmanager
    def _timed(self) -> Iterator[None]:
        """Make the next batches smaller or larger by how long this one holds the database."""
        started = time.perf_counter()
        yield
        spent = time.perf_counter() - started
        if spent > LONG_S:
            self.size = max(int(self.size * max(LONG_S / 2 / spent, 0.1)), SMALLEST)
        elif spent < SHORT_S:
            self.size = min(self.size * 2, self.kind.batch_size)

    # --- both -----------------------------------------------------------------------------------------------

    def _read(self, rows: list[StagedRow]) -> tuple[_Judged, list[Row]]:
        judged, good = _Judged(rows), []
        for staged in rows:
            row = self.layout.read(staged.line, staged.cells)
            if isinstance(row, Row):
                good.append(row)
                judged.warnings.extend(self._oddities(row))
            else:
                judged.refused.append(RefusedRow(staged.line, row, staged.cells))
        judged.counts.refused = len(judged.refused)
        return judged, good

    def _oddities(self, row: Row) -> Iterator[tuple[int, str, str]]:
        for source in self.layout.sources:
            warn, value = source.column.warn, row.values.get(source.column.name)
            if warn is not None and value is not None and (sentence := warn(value)):
                yield row.line, source.column.name, sentence

    def _batch(self, session: Session, rows: list[Row], stage: Stage | None) -> Batch:
        memory: Memory = stage or NoMemory()
        return Batch(
            session=session,
            rows=rows,
            actor=self.actor,
            dry=stage is not None,
            memory=memory,
            notes=self.stage,
            run_id=self.run_id,
        )

    def _note(self, judged: _Judged, batch: Batch, verdicts: Sequence[Verdict]) -> None:
        """Count the verdicts, and note the refused rows with what stood in the file."""
        cells = {row.line: row.cells for row in judged.rows}
        for row, verdict in zip(batch.rows, verdicts, strict=True):
            if isinstance(verdict, Refusal):
                judged.counts.refused += 1
                value = self.layout.value_shown(verdict.column, cells[row.line])
                problem = Problem(verdict.column, value, verdict.sentence)
                judged.refused.append(RefusedRow(row.line, [problem], cells[row.line]))
            else:
                _count(judged.counts, verdict)
        judged.warnings.extend(batch.warnings)
        refused_lines = {row.line for row in judged.refused}
        judged.warnings = [warning for warning in judged.warnings if warning[0] not in refused_lines]
        judged.counts.warned = len({line for line, _name, _sentence in judged.warnings})


def _count(counts: Counts, outcome: Outcome) -> None:
    setattr(counts, outcome.value, getattr(counts, outcome.value) + 1)


def take_turn(session: Session, kind_name: str) -> None:
    """Let batches of one kind go in one after the other, also from several processes (SQLite always does)."""
    if is_postgres(session):
        number = zlib.crc32(f"import {kind_name}".encode()) - 2**31
        session.execute(text("SELECT pg_advisory_xact_lock(7203, :number)"), {"number": number})


def _is_about_rows(error: Exception) -> bool:
    """Whether an error comes from the rows (a broken constraint, a value that does not fit), not from the
    connection or from a conflict that passes."""
    if isinstance(error, MarketplaceError):
        return False
    if not isinstance(error, DBAPIError):
        return True
    state = getattr(error.orig, "sqlstate", None)
    if state is not None:
        return str(state)[:2] in {"22", "23"}
    return type(error.orig).__name__ in {"IntegrityError", "DataError", "OverflowError", "InterfaceError"}
