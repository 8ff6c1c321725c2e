"""What a seller has to do today, in words: the most urgent first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask import url_for

from ...catalog.queries import ListedProduct, OwnRow, Readiness
from ...catalog.queries.certificates import CertificateRow
from ...catalog.queries.curation import SentBack
from ...catalog.rules import Paper
from ...i18n import _
from ..queries import SellerHome


@dataclass(frozen=True)
class Task:
    """One thing to do, as the macro `tasks` takes it. kind: short, grace or info.

    `draft` opens WhatsApp with words to the other side.
    """

    title: str
    body: str
    icon: str
    kind: str
    url: str = ""
    action: str = ""
    when: str = ""
    draft: str = ""


ORDER = ("short", "grace", "info")


def tasks_of(
    home: SellerHome,
    listed: Sequence[ListedProduct],
    papers: Sequence[CertificateRow],
    came_back: Sequence[SentBack],
    draft: OwnRow | None,
    least_ready: tuple[OwnRow, Readiness] | None,
    day: date,
) -> list[Task]:
    """What a seller's own data asks for: `papers` need a hand, `came_back` from the office's look."""
    tasks = [_mend(one) for one in came_back]
    tasks += [_renew(row) for row in papers]
    told = {row.certificate.product_id for row in papers if row.certificate.kind == Paper.PIRT}
    tasks += [_renew_number(row) for row in listed if row.card.id not in told and _expires(row, day)]
    if not home.is_verified:
        tasks.append(_verify(home))
    if draft is not None:
        tasks.append(_go_on(draft))
    elif not listed:
        tasks.append(_first_product())
    if least_ready is not None:
        tasks.append(_complete(*least_ready))
    lacking = [row for row in listed if row.is_live and row.missing]
    if lacking:
        tasks.append(_papers(lacking))
    return sorted(tasks, key=lambda task: ORDER.index(task.kind))


def _mend(one: SentBack) -> Task:
    return Task(
        title=_("Perbaiki %(product)s", product=one.name)
        if one.kind == "new"
        else _("Perubahan %(product)s belum diterima", product=one.name),
        body=one.reason.replace("\n", " "),
        icon="arrow-return-left",
        kind="grace",
        url=url_for("seller_products.edit", product_id=one.product_id),
        action=_("Perbaiki"),
    )


def _renew(row: CertificateRow) -> Task:
    paper, left = row.certificate, row.days_left
    of = f"{row.title} {row.product_name}".strip()
    if row.standing == "rejected":
        return Task(
            title=_("Perbaiki sertifikat %(paper)s", paper=of),
            body=paper.reason.replace("\n", " "),
            icon="award",
            kind="grace",
            url=url_for("certificates.certificate", certificate_id=paper.id),
            action=_("Perbaiki"),
        )
    if left is not None and left < 0:
        title = _("%(paper)s sudah habis", paper=of)
    elif left == 0:
        title = _("%(paper)s habis hari ini", paper=of)
    else:
        title = _("%(paper)s habis %(left)d hari lagi", paper=of, left=left)
    return Task(
        title=title,
        body=_("Perpanjang, lalu unggah yang baru. Petugas Dinas bisa membantu.")
        if left is None or left >= 0
        else _("Tandanya tidak tampil lagi. Unggah yang baru setelah diperpanjang."),
        icon="award",
        kind="short" if left is not None and left <= 14 else "grace",
        url=url_for("certificates.new", renews=paper.id),
        action=_("Unggah yang baru"),
    )


def _expires(row: ListedProduct, day: date) -> bool:
    """Whether the P-IRT number runs out this year or already has."""
    return row.is_live and any(
        paper.paper is Paper.PIRT and paper.expires_year is not None and paper.expires_year <= day.year
        for paper in row.certificates
    )


def _renew_number(row: ListedProduct) -> Task:
    (year,) = {paper.expires_year for paper in row.certificates if paper.paper is Paper.PIRT}
    return Task(
        title=_("Perpanjang P-IRT %(product)s", product=row.card.name),
        body=_(
            "Menurut nomornya berlaku sampai akhir %(year)d. Petugas Dinas bisa membantu.", year=year or 0
        ),
        icon="award",
        kind="grace",
        url=url_for("certificates.new", kind="pirt", product=row.card.id),
        action=_("Unggah yang baru"),
    )


def _verify(home: SellerHome) -> Task:
    if home.is_waiting:
        return Task(
            title=_("Dinas sedang memeriksa data usaha Anda"),
            body=_("Setelah terverifikasi, Anda dihitung di toko yang memajang barang Anda."),
            icon="hourglass-split",
            kind="info",
        )
    return Task(
        title=_("Minta verifikasi Dinas"),
        body=_(
            "Usaha yang belum terverifikasi belum dihitung di toko mana pun. Hubungi Dinas dengan NIB Anda."
        ),
        icon="patch-check",
        kind="grace",
        url=f"/sellers/{home.seller.id}",
        action=_("Lihat data usaha"),
    )


def _first_product() -> Task:
    return Task(
        title=_("Daftarkan produk pertama Anda"),
        body=_("Nama, jenis dan harga sudah cukup. Toko yang mencari UMKM akan menemukannya."),
        icon="plus-lg",
        kind="grace",
        url=url_for("seller_products.new"),
        action=_("Daftarkan"),
    )


def _go_on(row: OwnRow) -> Task:
    return Task(
        title=_("Lanjutkan draf %(product)s", product=row.name or _("produk tanpa nama")),
        body=_("Belum terlihat toko. Lengkapi, lalu kirim untuk diperiksa."),
        icon="pencil",
        kind="info",
        url=url_for("seller_products.edit", product_id=row.id),
        action=_("Lanjutkan"),
    )


def _complete(row: OwnRow, readiness: Readiness) -> Task:
    first = readiness.missing[0]
    return Task(
        title=_("Lengkapi %(product)s", product=row.name),
        body=_(
            "Siap %(score)d%% untuk toko. %(step)s: %(why)s",
            score=readiness.score,
            step=first.title,
            why=first.why,
        ),
        icon="list-check",
        kind="info",
        url=url_for("seller_products.edit", product_id=row.id, _anchor=first.field),
        action=_("Lengkapi"),
    )


def _papers(lacking: Sequence[ListedProduct]) -> Task:
    names = ", ".join(row.card.name for row in lacking[:2])
    more = len(lacking) - 2
    body = names if more <= 0 else _("%(names)s dan %(count)d lainnya", names=names, count=more)
    return Task(
        title=_("Isi nomor P-IRT atau halal"),
        body=_(
            "%(names)s. Toko menanyakannya untuk makanan dan minuman; petugas Dinas bisa membantu.",
            names=body,
        ),
        icon="award",
        kind="info",
        url=url_for("seller_products.edit", product_id=lacking[0].card.id)
        if len(lacking) == 1
        else url_for("seller_products.products"),
        action=_("Lengkapi"),
    )
