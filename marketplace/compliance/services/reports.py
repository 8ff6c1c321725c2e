"""Issuing reports: counted once, numbered, frozen for ever."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ... import audit, clock, documents
from ...db import db, retry_on_conflict, unit_of_work
from ...errors import InvalidInput, NotFound
from ...i18n import _
from ...organizations.models import Office
from ...permissions import Actor, Permission, within
from ...texts import lines as clean_lines
from ..models import IssuedReport
from ..queries.places import region_exists
from ..queries.reports import freeze, issued_report, measure, regulation_rows, summarize

NOTE_LIMIT = 2_000


@retry_on_conflict
def issue_report(
    actor: Actor, *, as_of: date, region: str, note: str = "", corrects: int | None = None
) -> IssuedReport:
    """Count a region on a day and freeze the answer under the office's next number.

    `corrects` is the id of the report that this one corrects. Raises Forbidden, InvalidInput and NotFound.
    """
    actor.require(Permission.REPORT_ISSUE)
    _check(actor, as_of, region, note)
    measured = measure(as_of, region)
    rows_json, rows_hash = freeze(measured.content)
    with unit_of_work() as session:
        office = _office_for(session, actor, region)
        former = _former(actor, corrects, region)
        issued_at = clock.now()
        year = clock.wib_day(issued_at).year
        number = documents.next_number(session, f"compliance-report:{office.id}:{year}")
        report = IssuedReport(
            number=f"LKU/{office.region_code}/{year}/{number:04d}",
            verify_code=documents.new_code(),
            office_id=office.id,
            office_name=office.name,
            region_code=region,
            as_of=as_of,
            issued_at=issued_at,
            issued_by=actor.user_id,
            signed_by_name=office.head_name,
            signed_by_title=office.head_title or _("Kepala"),
            note=clean_lines(note),
            corrects_id=former.id if former else None,
            inputs_hash=measured.inputs_hash,
            regulations=regulation_rows(as_of, region),
            summary=summarize(measured.content["outlets"]),
            rows_json=rows_json,
            rows_hash=rows_hash,
        )
        session.add(report)
        session.flush()
        audit.record(
            session,
            actor,
            "report.issued",
            report,
            after={"number": report.number, "as_of": as_of, "region_code": region, "rows_hash": rows_hash},
            reason=clean_lines(note),
            region=region,
        )
    return report


def preview_report(actor: Actor, *, as_of: date, region: str) -> dict[str, Any]:
    """What issue_report would freeze, without writing: summary, hash, office. Raises as issue_report does."""
    actor.require(Permission.REPORT_ISSUE)
    _check(actor, as_of, region, "")
    measured = measure(as_of, region)
    return {
        "summary": summarize(measured.content["outlets"]),
        "inputs_hash": measured.inputs_hash,
        "office": _office_for(db.session(), actor, region),
        "region_name": measured.content["region_name"],
    }


def _check(actor: Actor, as_of: date, region: str, note: str) -> None:
    if as_of > clock.today():
        _refuse("as_of", _("Laporan hanya dapat diterbitkan untuk hari ini atau hari yang sudah lewat."))
    if not region_exists(region) or not within(region, actor.region):
        _refuse("region", _("Wilayah ini tidak dikenal atau di luar wilayah kantor Anda."))
    if len(note) > NOTE_LIMIT:
        _refuse("note", _("Catatan paling banyak 2.000 huruf."))


def _refuse(name: str, sentence: str) -> None:
    raise InvalidInput(sentence, fields={name: sentence})


def _office_for(session: Session, actor: Actor, region: str) -> Office:
    """The actor's own office; for a platform admin the nearest one that sees the region."""
    if actor.office_id is not None:
        return session.get_one(Office, actor.office_id)
    offices = [office for office in session.scalars(select(Office)) if within(region, office.region_code)]
    if not offices:
        _refuse("region", _("Belum ada kantor dinas yang membawahi wilayah ini."))
    return max(offices, key=lambda office: len(office.region_code))


def _former(actor: Actor, report_id: int | None, region: str) -> IssuedReport | None:
    if report_id is None:
        return None
    former = issued_report(report_id, actor)
    if former is None or former.region_code != region:
        raise NotFound(_("Laporan yang dikoreksi tidak ditemukan."))
    return former
