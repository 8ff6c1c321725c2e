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
from .i18n import N_
from .permissions import Actor, Permission, current_actor, protected
from .web import NavEntry, Page

blueprint = Blueprint("audit", __name__)

SUBJECT_WORDS = {
    "sellers": N_("UMKM"),
    "operators": N_("Perusahaan ritel"),
    "outlets": N_("Toko"),
    "offices": N_("Dinas"),
    "products": N_("Produk"),
    "certificates": N_("Sertifikat"),
    "curation_criteria": N_("Kriteria kurasi"),
    "curation_settings": N_("Angka kurasi"),
    "agreements": N_("Perjanjian"),
    "regulations": N_("Aturan"),
    "issued_reports": N_("Laporan terbit"),
    "users": N_("Akun"),
    "memberships": N_("Keanggotaan"),
    "invitations": N_("Undangan"),
    "claims": N_("Klaim usaha"),
    "import_runs": N_("Impor"),
    "shortlists": N_("Daftar"),
    "product_questions": N_("Pertanyaan"),
    "sample_requests": N_("Permintaan contoh"),
    "fee_reports": N_("Laporan biaya"),
    "webhook_endpoints": N_("Alamat webhook"),
    "quotes": N_("Penawaran"),
    "standing_orders": N_("Pesanan rutin"),
}
"""What an event was about, by its table."""


ACTION_WORDS = {
    "agreement.accepted": N_("Menyetujui perjanjian"),
    "agreement.change_declined": N_("Menolak perubahan perjanjian"),
    "agreement.change_proposed": N_("Mengusulkan perubahan perjanjian"),
    "agreement.change_withdrawn": N_("Menarik usulan perubahan"),
    "agreement.changed": N_("Menyetujui perubahan perjanjian"),
    "agreement.countered": N_("Menawar balik"),
    "agreement.declined": N_("Menolak tawaran"),
    "agreement.proposed": N_("Menawarkan perjanjian"),
    "agreement.replacement_approved": N_("Mengizinkan penggantian UMKM"),
    "agreement.replacement_asked": N_("Meminta izin mengganti UMKM"),
    "agreement.replacement_declined": N_("Menolak penggantian UMKM"),
    "agreement.replacement_withdrawn": N_("Menarik permintaan penggantian"),
    "agreement.resumed": N_("Melanjutkan perjanjian"),
    "agreement.suspended": N_("Menangguhkan perjanjian"),
    "agreement.terminated": N_("Mengakhiri perjanjian"),
    "agreement.withdrawn": N_("Menarik tawaran"),
    "certificate.changed": N_("Memperbaiki sertifikat"),
    "certificate.rejected": N_("Menolak sertifikat"),
    "certificate.submitted": N_("Mengajukan sertifikat"),
    "certificate.verified": N_("Menerima sertifikat"),
    "certificate.withdrawn": N_("Mengambil sertifikat"),
    "code.issued": N_("Memberi kode masuk"),
    "criterion.saved": N_("Menyimpan kriteria kurasi"),
    "curation.numbers_changed": N_("Mengubah angka kurasi"),
    "import.finished": N_("Mengimpor berkas"),
    "import.undo_asked": N_("Membatalkan impor"),
    "list.deleted": N_("Menghapus daftar"),
    "list.made": N_("Membuat daftar"),
    "list.renamed": N_("Mengganti nama daftar"),
    "member.granted": N_("Memberi peran"),
    "member.invitation_revoked": N_("Membatalkan undangan"),
    "member.invited": N_("Mengundang orang"),
    "member.joined": N_("Bergabung"),
    "member.removed": N_("Mengeluarkan orang"),
    "member.role_changed": N_("Mengganti peran"),
    "office.created": N_("Membuat kantor Dinas"),
    "operator.limits": N_("Mengubah batas belanja"),
    "operator.registered": N_("Mendaftarkan perusahaan"),
    "operator.rejected": N_("Menolak perusahaan"),
    "operator.verified": N_("Memverifikasi perusahaan"),
    "order.agree": N_("Menyetujui ongkos kirim"),
    "order.approve": N_("Menyetujui belanja"),
    "order.call_off": N_("Membatalkan pesanan dari penjual"),
    "order.cancel": N_("Membatalkan pesanan"),
    "order.close": N_("Menyelesaikan pesanan"),
    "order.confirm": N_("Menerima pesanan"),
    "order.decline": N_("Menolak pesanan"),
    "order.deem_received": N_("Menganggap barang diterima"),
    "order.expire": N_("Mengakhiri pesanan yang lewat batas"),
    "order.invoice": N_("Menagih pesanan"),
    "order.pack": N_("Mengemas pesanan"),
    "order.pay": N_("Mencatat pesanan sudah dibayar"),
    "order.place": N_("Memesan"),
    "order.quote_shipping": N_("Menawarkan ongkos kirim"),
    "order.receive": N_("Menerima barang pesanan"),
    "order.refuse": N_("Tidak menyetujui belanja"),
    "order.reopen": N_("Membuka lagi tagihan pesanan"),
    "order.settle": N_("Melunasi pesanan"),
    "order.ship": N_("Mengirim pesanan"),
    "order.unpay": N_("Mencabut pembayaran pesanan"),
    "outlet.added": N_("Menambah toko"),
    "outlet.closed": N_("Mencatat toko tutup"),
    "outlet.kind_changed": N_("Mengganti jenis toko"),
    "outlet.moved": N_("Memindahkan toko"),
    "outlet.operator_changed": N_("Mengganti pengelola toko"),
    "outlet.reopened": N_("Mencatat toko buka lagi"),
    "outlet.updated": N_("Mengubah keterangan toko"),
    "product.approved": N_("Menyetujui produk"),
    "product.change_submitted": N_("Mengajukan perubahan produk"),
    "product.changed": N_("Mengubah produk"),
    "product.created": N_("Menambah produk"),
    "product.deleted": N_("Menghapus draf"),
    "product.duplicated": N_("Menyalin produk"),
    "product.paused": N_("Menghentikan produk sementara"),
    "product.photo_added": N_("Menambah foto produk"),
    "product.photo_described": N_("Menulis keterangan foto"),
    "product.photo_removed": N_("Menghapus foto produk"),
    "product.photo_restored": N_("Mengembalikan foto produk"),
    "product.photos_ordered": N_("Mengurutkan foto produk"),
    "product.resumed": N_("Menayangkan produk lagi"),
    "product.sent_back": N_("Mengembalikan produk"),
    "product.submitted": N_("Mengajukan produk"),
    "product.variants_changed": N_("Mengubah varian"),
    "product.withdrawn": N_("Menarik pengajuan produk"),
    "question.answered": N_("Menjawab pertanyaan"),
    "question.asked": N_("Bertanya tentang produk"),
    "question.hidden": N_("Menyembunyikan jawaban"),
    "question.shown": N_("Menampilkan jawaban"),
    "quote.accepted": N_("Menyetujui penawaran"),
    "quote.asked": N_("Meminta penawaran"),
    "quote.countered": N_("Menawar balik penawaran"),
    "quote.declined": N_("Menolak penawaran"),
    "quote.expired": N_("Mengakhiri penawaran yang lewat batas"),
    "quote.offered": N_("Menulis penawaran"),
    "quote.withdrawn": N_("Menarik penawaran"),
    "regulation.added": N_("Menambah aturan"),
    "regulation.ended": N_("Mengakhiri aturan"),
    "regulation.rewritten": N_("Menulis ulang aturan yang belum berlaku"),
    "report.issued": N_("Menerbitkan laporan"),
    "sample.approved": N_("Menyetujui permintaan contoh"),
    "sample.declined": N_("Menolak permintaan contoh"),
    "sample.received": N_("Menerima contoh"),
    "sample.requested": N_("Meminta contoh"),
    "sample.shipped": N_("Mengirim contoh"),
    "sample.withdrawn": N_("Membatalkan permintaan contoh"),
    "seller.affiliation_changed": N_("Mengubah afiliasi"),
    "seller.claim_approved": N_("Menerima klaim pemilik"),
    "seller.claim_rejected": N_("Menolak klaim pemilik"),
    "seller.claimed": N_("Mengaku sebagai pemilik"),
    "seller.closed": N_("Mencatat usaha tutup"),
    "seller.coaching": N_("Mencatat pembinaan"),
    "seller.kept_apart": N_("Memastikan bukan usaha yang sama"),
    "seller.merged": N_("Menggabungkan catatan ganda"),
    "seller.moved": N_("Memindahkan tempat usaha"),
    "seller.owner_changed": N_("Mengganti pemilik"),
    "seller.personal_revealed": N_("Membuka data pribadi"),
    "seller.registered": N_("Mendaftarkan usaha"),
    "seller.rejected": N_("Mengembalikan pendaftaran"),
    "seller.reopened": N_("Mencatat usaha buka lagi"),
    "seller.revoked": N_("Mencabut verifikasi"),
    "seller.selling_terms": N_("Mengubah cara jual"),
    "seller.size_changed": N_("Mencatat modal dan penjualan"),
    "seller.submitted": N_("Meminta verifikasi"),
    "seller.unmerged": N_("Memisahkan lagi catatan"),
    "seller.updated": N_("Mengubah keterangan usaha"),
    "seller.verified": N_("Memverifikasi usaha"),
    "standing.begun": N_("Memulai pesanan rutin"),
    "standing.ended": N_("Mengakhiri pesanan rutin"),
    "standing.paused": N_("Menjeda pesanan rutin"),
    "standing.resumed": N_("Melanjutkan pesanan rutin"),
    "standing.skipped": N_("Melewati satu hari pesanan rutin"),
    "standing.unskipped": N_("Memesan lagi pada hari yang dilewati"),
    "synonyms.deleted": N_("Menghapus kelompok kata"),
    "synonyms.saved": N_("Menyimpan kelompok kata"),
    "token.created": N_("Membuat token API"),
    "token.revoked": N_("Mencabut token API"),
    "user.created": N_("Membuat akun"),
    "user.password_changed": N_("Mengganti kata sandi"),
    "user.password_reset": N_("Menyetel ulang kata sandi"),
    "user.signed_out_everywhere": N_("Keluar dari semua perangkat"),
    "user.updated": N_("Mengubah akun"),
    "webhook.changed": N_("Mengubah alamat webhook"),
    "webhook.made": N_("Mendaftarkan alamat webhook"),
    "webhook.removed": N_("Menghapus alamat webhook"),
    "webhook.rotated": N_("Mengganti kunci webhook"),
    "webhook.switched_off": N_("Mematikan alamat webhook"),
    "webhook.switched_on": N_("Menyalakan alamat webhook"),
}
"""What was done, in words. An act that is not listed shows its code."""


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


def visible_events(actor: Actor, wanted: AuditFilter) -> Select[AuditEvent]:
    """Events of the actor's region that fit the filter, newest first."""
    query = select(AuditEvent).order_by(AuditEvent.recorded_at.desc(), AuditEvent.id.desc())
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
        "audit/events.html",
        page=page,
        wanted=wanted,
        subjects=SUBJECT_WORDS,
        actions=ACTION_WORDS,
        changed=changed_fields,
    )


def changed_fields(event: AuditEvent) -> list[tuple[str, Any, Any]]:
    """(field, before, after) of each field that the act changed."""
    before, after = event.changes.get("before") or {}, event.changes.get("after") or {}
    names = [*before, *(name for name in after if name not in before)]
    return [
        (name, before.get(name), after.get(name)) for name in names if before.get(name) != after.get(name)
    ]


COLUMNS = ("recorded_at", "actor", "action", "subject_kind", "subject_id", "subject", "reason", "changes")


def _cells(query: Select[AuditEvent]) -> Iterator[tuple[Any, ...]]:
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
