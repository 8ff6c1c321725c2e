"""What was done to a seller or outlet, by whom and why, from the audit log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from ... import clock
from ...audit import AuditEvent
from ...db import db
from ...i18n import N_, _, format_day_short

LIMIT = 30
WORDS: dict[str, Any] = {
    "seller.registered": N_("Didaftarkan"),
    "seller.submitted": N_("Diajukan untuk verifikasi"),
    "seller.verified": N_("Diverifikasi"),
    "seller.rejected": N_("Dikembalikan"),
    "seller.revoked": N_("Verifikasi dicabut"),
    "seller.updated": N_("Data usaha diubah"),
    "seller.coaching": N_("Pembinaan diubah"),
    "seller.closed": N_("Dicatat tutup"),
    "seller.reopened": N_("Dibuka kembali"),
    "seller.owner_changed": N_("Ganti pemilik"),
    "seller.size_changed": N_("Modal dan penjualan diubah"),
    "seller.moved": N_("Pindah tempat"),
    "seller.affiliation_changed": N_("Afiliasi diubah"),
    "seller.claimed": N_("Diklaim pemilik"),
    "seller.claim_approved": N_("Klaim diterima"),
    "seller.claim_rejected": N_("Klaim ditolak"),
    "seller.merged": N_("Digabung"),
    "seller.unmerged": N_("Dipisahkan dari gabungan"),
    "seller.kept_apart": N_("Dicatat berbeda dari catatan lain"),
    "seller.personal_revealed": N_("Data pribadi dibuka"),
    "outlet.added": N_("Ditambahkan"),
    "outlet.updated": N_("Data toko diubah"),
    "outlet.kind_changed": N_("Jenis diubah"),
    "outlet.operator_changed": N_("Ganti perusahaan pengelola"),
    "outlet.moved": N_("Pindah tempat"),
    "outlet.closed": N_("Dicatat tutup"),
    "outlet.reopened": N_("Dibuka kembali"),
}
ICONS = {
    "verified": "patch-check",
    "rejected": "arrow-return-left",
    "revoked": "slash-circle",
    "merged": "link-45deg",
    "personal_revealed": "eye",
    "closed": "dash-circle",
    "registered": "person-plus",
    "added": "plus-lg",
}


@dataclass(frozen=True)
class Act:
    """One act, ready for a timeline."""

    on: date
    when: str
    what: str
    proof: str
    icon: str
    kind: str = ""
    url: str = ""


def acts_on(subject_kind: str, subject_id: int) -> list[Act]:
    """The latest acts on one thing, newest first."""
    query = (
        select(AuditEvent)
        .where(AuditEvent.subject_kind == subject_kind, AuditEvent.subject_id == subject_id)
        .order_by(AuditEvent.id.desc())
        .limit(LIMIT)
    )
    return [_act(event) for event in db.session.scalars(query)]


def _act(event: AuditEvent) -> Act:
    on = clock.wib_day(event.recorded_at)
    what = str(WORDS.get(event.action, event.action))
    first = (event.changes or {}).get("after", {}).get("valid_from")
    if first:
        what = _(
            "%(what)s, berlaku mulai %(day)s", what=what, day=format_day_short(date.fromisoformat(first))
        )
    proof = ". ".join(part for part in (event.actor_name, event.reason) if part)
    verb = event.action.partition(".")[2]
    return Act(on, format_day_short(on), what, proof, ICONS.get(verb, "clock-history"))
