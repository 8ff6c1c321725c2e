"""What the public may compare with a report that it holds in its hands."""

from __future__ import annotations

from ..documents import Verified
from ..i18n import _, format_day
from ..marks import time_moment
from .models import IssuedReport
from .queries.reports import corrections_of, hash_of_frozen, report_to_verify


def verified(code: str) -> Verified | None:
    """The issued report of a code (or of the hash of its inputs), with its figures and hash."""
    row = report_to_verify(code)
    if row is None:
        return None
    return Verified(
        heading=_("Laporan ini asli"),
        lead=_(
            "%(office)s menerbitkannya dengan nomor %(number)s untuk keadaan %(day)s.",
            office=row.office_name,
            number=row.number,
            day=format_day(row.as_of),
        ),
        facts=_facts(row),
        is_whole=hash_of_frozen(row) == row.rows_hash,
        notes=[
            ("grace", _("Sudah dikoreksi. Laporan %(number)s menggantikannya.", number=later.number))
            for later in corrections_of(row.id)
        ],
        partial="compliance/_verified.html",
        context={"summary": row.summary},
    )


def _facts(row: IssuedReport) -> list[tuple[str, object]]:
    signed = f"{row.signed_by_name}, {row.signed_by_title}" if row.signed_by_name else None
    return [
        (_("Nomor"), row.number),
        (_("Kantor"), row.office_name),
        (_("Wilayah"), row.region_code),
        (_("Keadaan per"), format_day(row.as_of)),
        (_("Diterbitkan"), time_moment(row.issued_at)),
        (_("Penanda tangan"), signed),
        (_("Sidik data"), row.inputs_hash),
    ]
