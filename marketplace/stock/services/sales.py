"""Requests that report sales: known by their key, safe to repeat, one of an outlet after the other."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ... import clock
from ...db import db, insert_into, is_postgres, retry_on_conflict, unit_of_work
from ...errors import Conflict, InvalidInput, NotFound
from ...i18n import _
from ...organizations.models import Outlet
from ...permissions import Actor
from .. import queries
from ..hooks import sales_registry
from ..models import SalesRequest
from ..rules import is_storable
from ..rules.sales import Line
from .sales_report import Report, Sales

MAX_KEY = 200
TRIES = 4


def record_sales(
    *,
    actor: Actor,
    idempotency_key: str,
    outlet_ref: str,
    lines: Sequence[Line],
    first_on: date | None = None,
    last_on: date | None = None,
) -> dict[str, Any]:
    """Take a report of an outlet's sales and answer what was accepted, what differs, what was refused.

    The key with the same content gets its first answer again; with other content it is a Conflict. One
    transaction: after a crash either all of it is there, with its answer, or nothing.
    """
    _check_key(idempotency_key)
    outlet_id = queries.outlet_for(actor, outlet_ref)
    if outlet_id is None:
        raise NotFound(_("Toko dengan kode ini tidak ada, atau bukan toko Anda."), code="unknown_outlet")
    _check_period(first_on, last_on)
    return take_sales(
        actor=actor, idempotency_key=idempotency_key, sales=Sales(outlet_id, lines, first_on, last_on)
    )


def take_sales(*, actor: Actor, idempotency_key: str, sales: Sales) -> dict[str, Any]:
    """The same for an outlet that the caller has found the actor may report for.

    Inside a unit of work it joins it, and whoever began the unit repeats it when a writer was faster.
    """
    _check_key(idempotency_key)
    if actor.user_id is None:
        raise NotFound(_("Toko dengan kode ini tidak ada, atau bukan toko Anda."), code="unknown_outlet")
    for _attempt in range(TRIES - 1):
        try:
            return _record(actor.user_id, idempotency_key, sales)
        except IntegrityError:  # another request was faster with the same line: read it and decide anew
            if db.session().info.get("in_unit"):
                raise
            db.session.rollback()
    return _record(actor.user_id, idempotency_key, sales)


def _check_key(key: str) -> None:
    """Raise InvalidInput for a request without a usable key."""
    if not key or len(key) > MAX_KEY or not is_storable(key):
        raise InvalidInput(
            _("Kirim kepala Idempotency-Key: kode unik untuk laporan ini, paling banyak 200 karakter."),
            {"Idempotency-Key": _("Wajib diisi.")},
        )


def _check_period(first_on: date | None, last_on: date | None) -> None:
    """Raise InvalidInput for days that no report can cover."""
    if first_on is None and last_on is None:
        return
    if first_on is None or last_on is None or first_on > last_on:
        sentence = _("Isi first_on dan last_on, hari pertama dan terakhir yang dilaporkan.")
        raise InvalidInput(sentence, {"first_on": sentence})
    if last_on > clock.today():
        sentence = _("Hari terakhir yang dilaporkan belum tiba.")
        raise InvalidInput(sentence, {"last_on": sentence})


@contextmanager
def _without_collecting() -> Iterator[None]:
    """Let the garbage of a large report wait for its end: none of it is cyclic, and looking costs a fifth."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@retry_on_conflict
def _record(user_id: int, key: str, sales: Sales) -> dict[str, Any]:
    with unit_of_work() as session, _without_collecting():
        if is_postgres(session):
            # One report of an outlet after the other; keys that merely refer to the outlet do not wait.
            locked = select(Outlet.id).where(Outlet.id == sales.outlet_id)
            session.execute(locked.with_for_update(key_share=True))
        earlier = _claim_key(session, user_id, key, sales.body_hash)
        if earlier is not None:
            if earlier.body_hash != sales.body_hash:
                raise Conflict(
                    _("Idempotency-Key ini sudah dipakai untuk laporan lain. Pakai kode baru."),
                    code="idempotency_key_reused",
                )
            return earlier.answer
        registry, report_id = sales_registry(), sales.report_id
        if report_id is None and registry is not None:
            report_id = registry.open(session, outlet_id=sales.outlet_id, user_id=user_id, key=key)
        answer = Report(session, user_id, sales, report_id, registry).take()
        session.execute(
            update(SalesRequest)
            .where(SalesRequest.user_id == user_id, SalesRequest.idempotency_key == key)
            .values(answer=answer)
        )
        return answer


def _claim_key(session: Session, user_id: int, key: str, body_hash: str) -> SalesRequest | None:
    """Make the key ours, or find who used it before. Who comes second waits here for the first's commit."""
    claim = insert_into(session, SalesRequest).values(
        user_id=user_id,
        idempotency_key=key,
        body_hash=body_hash,
        answer={},
        recorded_at=clock.now(),
    )
    claimed = session.execute(claim.on_conflict_do_nothing().returning(SalesRequest.user_id)).first()
    return None if claimed else session.get_one(SalesRequest, (user_id, key))
