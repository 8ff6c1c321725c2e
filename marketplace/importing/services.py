"""Writes of imports: taking a file in, choosing its columns, confirming, cancelling, cleaning up."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import IO

from flask import current_app
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from .. import audit, clock, outbox
from ..db import insert_into, unit_of_work
from ..errors import Conflict, Forbidden
from ..i18n import _
from ..permissions import Actor, Role
from ..tabular import BadTable, open_table
from .engine import Counts
from .files import folder, header_of, save_upload, stage_of
from .kinds import Kind, kind_named
from .layout import Choices, Layout, headers_hash
from .models import ImportMapping, ImportRun
from .queries import desk_of, run_for
from .stage import START

WORK = "import.work"
DEAD_AFTER = timedelta(seconds=60)
KEEP_FILES = timedelta(days=7)
DEAD_COMMAND = timedelta(days=1)
"""A command that did not speak for so long was killed; its stage goes too."""
ACTIVE = ("checking", "running")


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
    if kind.for_sellers and actor.seller_id is None:
        raise Forbidden(_("Berkas ini untuk penjual, tentang produknya sendiri."))
    if kind.for_buyers and actor.operator_id is None:
        raise Forbidden(_("Berkas ini untuk toko, tentang penjualannya sendiri."))
    if not kind.is_own and not actor.is_office:
        raise Forbidden(_("Hanya Dinas yang boleh memasukkan berkas."))
    return kind


# --- a file comes in ----------------------------------------------------------------------------------------


def take_upload(*, kind: str, file_name: str, content: IO[bytes], prefix: str, actor: Actor) -> ImportRun:
    """Keep an upload and look at its header. Raises BadTable, and keeps nothing, when it is no table."""
    known = require_kind(actor, kind)
    stored_name = secrets.token_hex(16)
    path = folder() / f"{stored_name}.data"
    try:
        size, digest = save_upload(content, path, current_app.config["IMPORT_MAX_BYTES"])
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
            seller_id=actor.seller_id,
            operator_id=actor.operator_id,
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
        run = locked(session, run_id)
        if run.status not in {"uploaded", "checked"}:
            raise Conflict(_("Impor ini sudah berjalan. Buka halamannya untuk melihat kemajuannya."))
        run.prefix, run.mapping, run.constants = prefix, dict(choices.mapping), dict(choices.constants)
        run.status, run.failure = "checking", ""
        start_over(run)
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
        kind=kind, region=desk_of(actor), headers_hash=headers_hash(header), **values
    )
    session.execute(
        statement.on_conflict_do_update(index_elements=["kind", "region", "headers_hash"], set_=values)
    )


def confirm(*, run_id: int, actor: Actor) -> ImportRun:
    """Have a checked file put in. Confirming twice changes nothing."""
    require_kind(actor, run_for(actor, run_id).kind)
    with unit_of_work() as session:
        run = locked(session, run_id)
        if run.status in {"running", "done"}:
            return run
        if run.status != "checked":
            raise Conflict(_("Berkas ini belum selesai diperiksa."))
        run.status, run.started_at = "running", clock.now()
        start_over(run)
        outbox.enqueue(session, WORK, {"run_id": run.id})
    return run


def cancel(*, run_id: int, actor: Actor) -> ImportRun:
    """Stop an import: at once when nothing runs, else after the batch at work; what went in stays."""
    run_for(actor, run_id)
    with unit_of_work() as session:
        run = locked(session, run_id)
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
            run = locked(session, run_id)
            run.heartbeat_at = clock.now() - DEAD_AFTER
            run.runner = ""
            outbox.enqueue(session, WORK, {"run_id": run_id})


def start_over(run: ImportRun) -> None:
    """Forget how far a run was."""
    run.place = START
    run.done = run.created = run.updated = run.unchanged = run.refused = run.warned = 0
    run.is_cancel_asked, run.runner, run.heartbeat_at = False, "", None


def locked(session: Session, run_id: int) -> ImportRun:
    """A run under its lock, read anew."""
    query = select(ImportRun).where(ImportRun.id == run_id).with_for_update()
    return session.scalars(query.execution_options(populate_existing=True)).one()


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
            session, actor_of(run), "import.finished", run, after={**figures, **counts}, region=run.region
        )
        finished = kind_of(run).finished
        if finished is not None:
            finished(session, run)


def actor_of(run: ImportRun) -> Actor:
    """Who uploaded the file, with the rights and the region of that moment."""
    return Actor(
        user_id=run.user_id,
        name=run.actor_name,
        role=Role(run.actor_role),
        office_id=run.office_id,
        seller_id=run.seller_id,
        operator_id=run.operator_id,
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
