"""The audit log on screen: who did what, when and why, for the region an office answers for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from flask import Blueprint, Flask, render_template, request
from sqlalchemy import Select, func, or_, select
from werkzeug.wrappers import Response

from . import web
from .audit import AuditEvent
from .clock import WIB
from .db import db
from .i18n import N_, _
from .permissions import Actor, Permission, current_actor, protected
from .web import NavEntry, Page

blueprint = Blueprint("audit", __name__)

SUBJECT_WORDS = {
    "sellers": N_("UMKM"),
    "operators": N_("Perusahaan ritel"),
    "outlets": N_("Toko"),
    "offices": N_("Dinas"),
    "products": N_("Produk"),
    "agreements": N_("Perjanjian"),
    "regulations": N_("Aturan"),
    "issued_reports": N_("Laporan terbit"),
    "users": N_("Akun"),
    "memberships": N_("Keanggotaan"),
    "invitations": N_("Undangan"),
    "claims": N_("Klaim usaha"),
    "import_runs": N_("Impor"),
}
"""What an event was about, by its table."""


@dataclass(frozen=True)
class AuditFilter:
    """What the URL asks for."""

    q: str = ""
    subject: str = ""
    first_day: date | None = None
    last_day: date | None = None


def init_app(app: Flask) -> None:
    """Add the page and its place in the navigation."""
    app.register_blueprint(blueprint)
    web.register_nav(
        app,
        NavEntry(
            N_("Catatan"), "journal-text", "audit.events", lambda a: a.can(Permission.AUDIT_VIEW), order=90
        ),
    )


def visible_events(actor: Actor, wanted: AuditFilter) -> Select[tuple[AuditEvent]]:
    """Events of the actor's region that fit the filter, newest first."""
    query = select(AuditEvent).order_by(AuditEvent.id.desc())
    if actor.region:
        query = query.where(
            or_(
                AuditEvent.office_region == actor.region,
                AuditEvent.office_region.startswith(actor.region + ".", autoescape=True),
            )
        )
    if wanted.subject:
        query = query.where(AuditEvent.subject_kind == wanted.subject)
    if wanted.q:
        fields = (AuditEvent.actor_name, AuditEvent.subject_name, AuditEvent.action, AuditEvent.reason)
        query = query.where(or_(*(field.icontains(wanted.q, autoescape=True) for field in fields)))
    if wanted.first_day:
        query = query.where(AuditEvent.recorded_at >= _midnight(wanted.first_day))
    if wanted.last_day:
        query = query.where(AuditEvent.recorded_at < _midnight(wanted.last_day + timedelta(days=1)))
    return query


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), WIB)


@blueprint.get("/office/audit")
@protected(Permission.AUDIT_VIEW)
def events() -> str | Response:
    """The log, newest first."""
    wanted = _filter()
    query = visible_events(current_actor(), wanted)
    if request.args.get("format") in {"csv", "xlsx"}:
        from .exchange import table_response  # noqa: PLC0415 - exchange registers pages of its own

        return table_response(request.args["format"], list(COLUMNS), _cells(query), "catatan")
    number = web.page_number()
    total = db.session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    rows = db.session.scalars(query.limit(web.PAGE_SIZE).offset((number - 1) * web.PAGE_SIZE)).all()
    page = Page(rows, number, int(total))
    return render_template(
        "audit/events.html", page=page, wanted=wanted, subjects=SUBJECT_WORDS, changed=changed_fields
    )


def changed_fields(event: AuditEvent) -> list[tuple[str, Any, Any]]:
    """(field, before, after) of each field that the act changed."""
    before, after = event.changes.get("before") or {}, event.changes.get("after") or {}
    names = [*before, *(name for name in after if name not in before)]
    return [
        (name, before.get(name), after.get(name)) for name in names if before.get(name) != after.get(name)
    ]


COLUMNS = ("recorded_at", "actor", "action", "subject_kind", "subject_id", "subject", "reason", "changes")


def _cells(query: Select[tuple[AuditEvent]]) -> Iterator[tuple[Any, ...]]:
    for event in db.session.scalars(query.execution_options(yield_per=500)):
        yield (
            event.recorded_at.astimezone(WIB).isoformat(timespec="seconds"),
            event.actor_name,
            event.action,
            event.subject_kind,
            event.subject_id,
            event.subject_name,
            event.reason,
            json.dumps(event.changes, ensure_ascii=False),
        )


def _filter() -> AuditFilter:
    return AuditFilter(
        q=request.args.get("q", "").strip()[:200],
        subject=request.args.get("subject", "") if request.args.get("subject") in SUBJECT_WORDS else "",
        first_day=_day("from"),
        last_day=_day("to"),
    )


def _day(name: str) -> date | None:
    """A day of the URL; nonsense is no filter."""
    try:
        found = date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None
    return found if date(2000, 1, 1) <= found < date(2200, 1, 1) else None


def subject_word(kind: str) -> str:
    """What an event was about, in words."""
    return str(SUBJECT_WORDS.get(kind, _("Lainnya")))
