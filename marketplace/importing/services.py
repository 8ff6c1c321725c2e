"""Writes of imports: taking a file in, checking it, putting it in step by step, cancelling, cleaning up.

A run is worked on in short steps, each claimed in the database, so that no two workers are ever on one
run, a worker that dies loses nothing, and other queued work has its turn in between.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import IO, Any

import structlog
from flask import current_app
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from .. import audit, clock, outbox
from ..db import db, insert_into, unit_of_work
from ..errors import Conflict, Forbidden, MarketplaceError
from ..i18n import _
from ..permissions import Actor, Role
from ..tabular import BadTable, open_table
from .engine import Counts, Importer
from .kinds import Kind, kind_named
from .layout import Choices, Layout, headers_hash
from .models import ImportMapping, ImportRun
from .queries import run_for
from .stage import START, Stage

log = structlog.get_logger()
WORK = "import.work"
STEP_S = 8.0
"""A step of work is about this long; then the next one is queued."""
DEAD_AFTER = timedelta(seconds=60)
KEEP_FILES = timedelta(days=7)
DEAD_COMMAND = timedelta(days=1)
"""A command that did not speak for so long was killed; its stage goes too."""
BLOCK = 1 << 20
ACTIVE = ("checking", "running")


def folder() -> Path:
    """Where uploads and stages are kept, readable by nobody else."""
    path: Path = current_app.config["DATA_DIR"] / "imports"
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


def file_of(run: ImportRun) -> Path:
    """The uploaded file."""
    return folder() / f"{run.stored_name}.data"


def stage_of(run: ImportRun) -> Path:
    """The stage of its rows."""
    return folder() / f"{run.stored_name}.stage"


def header_of(run: ImportRun) -> list[str]:
    """The header of the uploaded file. Raises BadTable when the file is gone."""
    if not file_of(run).exists():
        raise BadTable(_("Berkasnya sudah dihapus. Unggah lagi."))
    with open_table(file_of(run), current_app.config["IMPORT_MAX_BYTES"]) as table:
        return table.header


def kind_of(run: ImportRun) -> Kind:
    """The kind of a run. Raises Conflict when the product no longer knows it."""
    kind = kind_named(run.kind)
    if kind is None:
        raise Conflict(_("Jenis berkas ini tidak dikenal lagi."))
    return kind


def require_kind(actor: Actor, name: str) -> Kind:
    """A kind that this actor may import. Raises Conflict for an unknown one, Forbidden for another's."""
    kind = kind_named(name)
    if kind is None:
        raise Conflict(_("Pilih jenis datanya."))
    actor.require(kind.permission)
    if not actor.is_office:
        raise Forbidden(_("Hanya Dinas yang boleh memasukkan berkas."))
    return kind


# --- a file comes in ----------------------------------------------------------------------------------------


def take_upload(*, kind: str, file_name: str, content: IO[bytes], prefix: str, actor: Actor) -> ImportRun:
    """Keep an upload and look at its header. Raises BadTable, and keeps nothing, when it is no table."""
    known = require_kind(actor, kind)
    stored_name = secrets.token_hex(16)
    path = folder() / f"{stored_name}.data"
    try:
        size, digest = _save(content, path, current_app.config["IMPORT_MAX_BYTES"])
        _look_at(path, known, prefix)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return start_run(
        kind=kind,
        file_name=file_name,
        stored_name=stored_name,
        size=size,
        digest=digest,
        choices=Choices(prefix=prefix),
        actor=actor,
        status="uploaded",
    )


def _look_at(path: Path, kind: Kind, prefix: str) -> None:
    """Raise BadTable for a file that no choice of columns could mend."""
    with open_table(path, current_app.config["IMPORT_MAX_BYTES"]) as table:
        header = table.header
    try:
        Layout(kind, header, Choices(prefix=prefix))
    except BadTable as error:
        if error.code not in {"missing_columns", "column_twice"}:
            raise


def _save(content: IO[bytes], path: Path, limit: int) -> tuple[int, str]:
    """Write a stream to a file, no more than the limit and one byte; answers size and SHA-256."""
    size, digest = 0, hashlib.sha256()
    path.touch(mode=0o600)
    with path.open("wb") as file:
        while size <= limit and (block := content.read(BLOCK)):
            size += len(block)
            digest.update(block)
            file.write(block)
    return size, digest.hexdigest()


def start_run(
    *,
    kind: str,
    file_name: str,
    actor: Actor,
    status: str,
    stored_name: str = "",
    size: int = 0,
    digest: str = "",
    choices: Choices | None = None,
    total: int = 0,
) -> ImportRun:
    """Record that a file is on its way in."""
    choices, now = choices or Choices(), clock.now()
    with unit_of_work() as session:
        run = ImportRun(
            kind=kind,
            file_name=file_name[-300:],
            stored_name=stored_name,
            file_hash=digest,
            file_bytes=size,
            prefix=choices.prefix,
            mapping=dict(choices.mapping),
            constants=dict(choices.constants),
            user_id=actor.user_id,
            actor_name=actor.name,
            actor_role=(actor.role or Role.OFFICER).value,
            office_id=actor.office_id,
            region=actor.region,
            status=status,
            total=total,
            created_at=now,
            started_at=now if status == "running" else None,
        )
        session.add(run)
        session.flush()
    return run


def choose_columns(
    *, run_id: int, mapping: Mapping[str, str], constants: Mapping[str, str], prefix: str, actor: Actor
) -> ImportRun:
    """Say which column is which, remember it for the next such file, and have the file checked.

    Raises BadTable when a required column is still missing.
    """
    run = run_for(actor, run_id)
    kind = require_kind(actor, run.kind)
    choices = Choices(prefix, dict(mapping), {name: text for name, text in constants.items() if text.strip()})
    header = header_of(run)
    Layout(kind, header, choices)
    with unit_of_work() as session:
        run = _locked(session, run_id)
        if run.status not in {"uploaded", "checked"}:
            raise Conflict(_("Impor ini sudah berjalan. Buka halamannya untuk melihat kemajuannya."))
        run.prefix, run.mapping, run.constants = prefix, dict(choices.mapping), dict(choices.constants)
        run.status, run.failure = "checking", ""
        _start_over(run)
        _remember(session, actor, kind.name, header, choices)
        outbox.enqueue(session, WORK, {"run_id": run.id})
    stage_of(run).unlink(missing_ok=True)
    return run


def _remember(session: Session, actor: Actor, kind: str, header: Sequence[str], choices: Choices) -> None:
    values = {
        "mapping": dict(choices.mapping),
        "constants": dict(choices.constants),
        "chosen_at": clock.now(),
    }
    statement = insert_into(session, ImportMapping).values(
        kind=kind, region=actor.region, headers_hash=headers_hash(header), **values
    )
    session.execute(
        statement.on_conflict_do_update(index_elements=["kind", "region", "headers_hash"], set_=values)
    )


def confirm(*, run_id: int, actor: Actor) -> ImportRun:
    """Have a checked file put in. Confirming twice changes nothing."""
    require_kind(actor, run_for(actor, run_id).kind)
    with unit_of_work() as session:
        run = _locked(session, run_id)
        if run.status in {"running", "done"}:
            return run
        if run.status != "checked":
            raise Conflict(_("Berkas ini belum selesai diperiksa."))
        run.status, run.started_at = "running", clock.now()
        _start_over(run)
        outbox.enqueue(session, WORK, {"run_id": run.id})
    return run


def cancel(*, run_id: int, actor: Actor) -> ImportRun:
    """Stop an import: at once when nothing runs, else after the batch at work; what went in stays."""
    run_for(actor, run_id)
    with unit_of_work() as session:
        run = _locked(session, run_id)
        if run.status in {"uploaded", "checked"}:
            run.status, run.finished_at = "cancelled", clock.now()
        elif run.status in ACTIVE:
            run.is_cancel_asked = True
            outbox.enqueue(session, WORK, {"run_id": run.id})
    return run


def revive(*, run_id: int, actor: Actor) -> None:
    """Queue a run anew whose worker seems to have died; harmless when it lives."""
    run = run_for(actor, run_id)
    if run.status in ACTIVE and run.heartbeat_at and clock.now() - run.heartbeat_at > DEAD_AFTER:
        with unit_of_work() as session:
            run = _locked(session, run_id)
            run.heartbeat_at = clock.now() - DEAD_AFTER
            run.runner = ""
            outbox.enqueue(session, WORK, {"run_id": run_id})


def _start_over(run: ImportRun) -> None:
    run.place = START
    run.done = run.created = run.updated = run.unchanged = run.refused = run.warned = 0
    run.is_cancel_asked, run.runner, run.heartbeat_at = False, "", None


def _locked(session: Session, run_id: int) -> ImportRun:
    query = select(ImportRun).where(ImportRun.id == run_id).with_for_update()
    return session.scalars(query.execution_options(populate_existing=True)).one()


# --- the worker ---------------------------------------------------------------------------------------------


class _TakenOver(Exception):
    """Another worker holds this run now."""


@dataclass
class _Claim:
    """One worker's hold on a run, and what it saw of it last."""

    run_id: int
    runner: str
    is_cancelled: bool = False

    def touch(self, session: Session) -> ImportRun:
        """The run under its lock, with a fresh heartbeat. Raises _TakenOver when it is no longer ours."""
        run = _locked(session, self.run_id)
        if run.runner != self.runner:
            raise _TakenOver
        run.heartbeat_at = clock.now()
        self.is_cancelled = run.is_cancel_asked
        return run


def work_on(payload: Mapping[str, Any]) -> None:
    """A step of work on a run, as the outbox asks for it. Safe to run twice and at the same time."""
    claim = _claim(int(payload["run_id"]))
    if claim is None:
        return
    run = db.session.get_one(ImportRun, claim.run_id)
    try:
        _work(run, claim)
    except _TakenOver:
        db.session.rollback()
    except MarketplaceError as error:
        db.session.rollback()
        _finish(claim, "failed", failure=error.message)
    except BaseException:
        db.session.rollback()
        _let_go(claim)
        raise


def _claim(run_id: int) -> _Claim | None:
    """Take a run to work on; None when there is nothing to do or another worker is on it."""
    now = clock.now()
    with unit_of_work() as session:
        run = _locked(session, run_id)
        alive = run.heartbeat_at is not None and now - run.heartbeat_at < DEAD_AFTER
        if run.status not in ACTIVE or (run.runner and alive):
            return None
        if run.runner and run.status == "checking":
            _start_over(run)  # the dead worker's stage may remember rows that were not counted
            stage_of(run).unlink(missing_ok=True)
        run.runner, run.heartbeat_at = secrets.token_hex(8), now
        return _Claim(run.id, run.runner, run.is_cancel_asked)


def _work(run: ImportRun, claim: _Claim) -> None:
    if claim.is_cancelled:
        _finish(claim, "cancelled")
        return
    actor = _actor_of(run)
    kind = kind_of(run)
    with _open_stage(run, kind, claim) as (layout, stage):
        if run.place == START:
            stage.forget()
            with unit_of_work() as session:
                claim.touch(session).total = stage.total()
        importer = Importer(kind, layout, stage, actor, run_id=run.id)
        is_over = _step(run, importer, claim)
    _end_step(run, claim, is_over=is_over)


def _end_step(run: ImportRun, claim: _Claim, *, is_over: bool) -> None:
    """After a step: cancelled on the way, over, or to be gone on with."""
    if claim.is_cancelled:
        _finish(claim, "cancelled")
    elif is_over:
        _finish(claim, "checked" if run.status == "checking" else "done")
    else:
        _let_go(claim, go_on=True)


def _step(run: ImportRun, importer: Importer, claim: _Claim) -> bool:
    """Judge or put in rows for some seconds; whether all are done."""
    until = time.monotonic() + STEP_S
    place = run.place

    def go_on() -> bool:
        return time.monotonic() < until and not claim.is_cancelled

    def on_batch(session: Session, reached: int, counts: Counts) -> None:
        _advance(claim.touch(session), reached, counts)

    if run.status == "running":
        for reached, _counts in importer.put_in(place, go_on, on_batch):
            place = reached
    else:
        for reached, counts in importer.check(place, go_on):
            place = reached
            with unit_of_work() as session:
                on_batch(session, place, counts)
    return not importer.stage.after(place, 1)


def _advance(run: ImportRun, place: int, counts: Counts) -> None:
    run.place = place
    run.done += counts.done
    for name in ("created", "updated", "unchanged", "refused", "warned"):
        setattr(run, name, getattr(run, name) + getattr(counts, name))


@contextmanager
def _open_stage(run: ImportRun, kind: Kind, claim: _Claim) -> Iterator[tuple[Layout, Stage]]:
    """The run's stage, filled from its file when it is not there yet."""
    choices = Choices(run.prefix, run.mapping, run.constants)
    header_of(run)
    with open_table(file_of(run), current_app.config["IMPORT_MAX_BYTES"]) as table:
        layout = Layout(kind, table.header, choices)
        path = stage_of(run)
        stage = Stage(path) if path.exists() else Stage.fill(path, table, layout, _heart(claim))
    with stage:
        yield layout, stage


def _heart(claim: _Claim) -> Any:
    """A listener that keeps the heartbeat young while a file is staged."""
    last = time.monotonic()

    def told(_share: float, _count: int) -> None:
        nonlocal last
        if time.monotonic() - last > 5:
            last = time.monotonic()
            with unit_of_work() as session:
                claim.touch(session)

    return told


def _let_go(claim: _Claim, *, go_on: bool = False) -> None:
    """Leave the run to the next step."""
    with unit_of_work() as session:
        run = _locked(session, claim.run_id)
        if run.runner != claim.runner:
            return
        run.runner = ""
        if go_on:
            outbox.enqueue(session, WORK, {"run_id": run.id})


def _finish(claim: _Claim, status: str, failure: str = "") -> None:
    with unit_of_work() as session:
        run = _locked(session, claim.run_id)
        if run.runner == claim.runner:
            close_run(session, run, status, failure=failure)


def close_run(session: Session, run: ImportRun, status: str, *, failure: str = "") -> None:
    """Record how a run ended, with one line in the audit log when it could write."""
    was_writing = run.status == "running"
    run.status, run.runner, run.failure = status, "", failure
    if status != "checked":
        run.finished_at = clock.now()
    if was_writing:
        figures = {"kind": run.kind, "file": run.file_name, "hash": run.file_hash, "status": status}
        counts = Counts(run.created, run.updated, run.unchanged, run.refused).as_dict()
        audit.record(
            session, _actor_of(run), "import.finished", run, after={**figures, **counts}, region=run.region
        )


def _actor_of(run: ImportRun) -> Actor:
    """Who uploaded the file, with the rights and the region of that moment."""
    return Actor(
        user_id=run.user_id,
        name=run.actor_name,
        role=Role(run.actor_role),
        office_id=run.office_id,
        region=run.region,
    )


def clean_up() -> None:
    """Delete files after some days; a run that still waited for an answer is over then. Safe to run twice."""
    limit = clock.now() - KEEP_FILES
    with unit_of_work() as session:
        session.execute(
            update(ImportRun)
            .where(ImportRun.status.in_(["uploaded", "checked"]), ImportRun.created_at < limit)
            .values(status="cancelled", finished_at=clock.now())
        )
        names = session.scalars(
            select(ImportRun.stored_name).where(
                ImportRun.status.not_in(ACTIVE), ImportRun.created_at >= limit, ImportRun.stored_name != ""
            )
        ).all()
        busy = session.scalars(select(ImportRun.stored_name).where(ImportRun.status.in_(ACTIVE))).all()
        session.execute(
            update(ImportRun)
            .where(
                ImportRun.status == "running",
                ImportRun.stored_name == "",
                ImportRun.heartbeat_at < clock.now() - DEAD_COMMAND,
            )
            .values(status="cancelled", finished_at=clock.now())
        )
    kept = {*names, *busy}
    for path in folder().glob("*.*"):
        age = clock.now().timestamp() - path.stat().st_mtime
        if path.name.split(".")[0] not in kept and age > DEAD_COMMAND.total_seconds():
            path.unlink(missing_ok=True)
