"""Terms in words: one line for each, the same on a page, side by side and on paper."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from ..i18n import N_, _, format_day, format_number
from ..money import format_rupiah
from .models import Basis, Bearer, CommissionBasis, SettlementCycle
from .rules import Terms
from .rules.fees import FEE_LABELS, FeeKind

BASES = {Basis.CONSIGNMENT: N_("Titip jual"), Basis.OUTRIGHT: N_("Beli putus")}
BEARERS = {Bearer.OUTLET: N_("Toko"), Bearer.SELLER: N_("UMKM")}
COMMISSIONS = {
    CommissionBasis.PERCENT_OF_RETAIL: N_("Persen dari harga jual"),
    CommissionBasis.FIXED_PER_UNIT: N_("Rupiah tiap satuan"),
    CommissionBasis.NET_PRICE: N_("Harga bersih untuk UMKM"),
    CommissionBasis.NONE: N_("Tanpa komisi"),
}
CYCLES = {
    SettlementCycle.WEEKLY: N_("Tiap minggu"),
    SettlementCycle.TWICE_MONTHLY: N_("Dua kali sebulan (tanggal 1–15, lalu sisanya)"),
    SettlementCycle.MONTHLY: N_("Tiap bulan"),
}


@dataclass(frozen=True)
class Line:
    """One term: a stable key, what it is called, what was agreed."""

    key: str
    label: str
    text: str


def percent_words(percent: Decimal) -> str:
    """12.50 as 12,5%."""
    return f"{percent.normalize():f}%".replace(".", ",")


def commission_words(terms: Terms) -> str:
    """What the store keeps of a sale."""
    if terms.basis is Basis.OUTRIGHT:
        return _("Toko membeli putus dengan harga di lampiran")
    if terms.commission_basis is CommissionBasis.PERCENT_OF_RETAIL and terms.commission_percent is not None:
        return _("%(percent)s dari harga jual", percent=percent_words(terms.commission_percent))
    if terms.commission_basis is CommissionBasis.FIXED_PER_UNIT:
        return _("%(rupiah)s tiap satuan terjual", rupiah=format_rupiah(terms.commission_rupiah or 0))
    if terms.commission_basis is CommissionBasis.NET_PRICE:
        return _("Selisih harga jual dan harga bersih di lampiran")
    return _("Tanpa komisi")


def term_lines(terms: Terms) -> list[Line]:
    """Every term, in the order in which people ask for them."""
    days = _days
    lines = [
        ("basis", _("Cara jual"), str(BASES[terms.basis])),
        ("commission", _("Bagian toko"), commission_words(terms)),
        ("starts_on", _("Hari pertama"), format_day(terms.starts_on)),
        ("ends_on", _("Hari terakhir"), format_day(terms.ends_on) if terms.ends_on else _("Tanpa batas")),
        ("valid_from", _("Syarat ini berlaku mulai"), format_day(terms.valid_from)),
        ("settlement_cycle", _("Perhitungan penjualan"), str(CYCLES[terms.settlement_cycle])),
        ("due_days", _("Dibayar paling lama"), _due(terms.due_days)),
        ("report_cycle_days", _("Laporan penjualan"), _("Tiap %(days)s", days=days(terms.report_cycle_days))),
        ("loss_borne_by", _("Barang hilang atau rusak ditanggung"), str(BEARERS[terms.loss_borne_by])),
        ("expiry_borne_by", _("Barang kedaluwarsa ditanggung"), str(BEARERS[terms.expiry_borne_by])),
        ("min_life_days", _("Sisa umur simpan saat diantar"), _at_least(terms.min_life_days)),
        ("return_window_days", _("Batas mengembalikan barang"), _window(terms.return_window_days)),
        ("price_notice_days", _("Perubahan harga diberitahukan"), _before(terms.price_notice_days)),
        ("end_notice_days", _("Pengakhiran diberitahukan"), _before(terms.end_notice_days)),
        ("display_place", _("Tempat pajang"), terms.display_place or _("Tidak ditentukan")),
        ("fees", _("Biaya lain dari toko"), fee_words(terms)),
        ("terms", _("Syarat lain"), terms.other_terms or _("Tidak ada")),
    ]
    return [Line(*line) for line in lines]


def _days(count: int) -> str:
    return _("%(count)s hari", count=format_number(count))


def _due(days: int) -> str:
    return (
        _("%(days)s sesudah dokumen tagihan lengkap", days=_days(days))
        if days
        else _("Hari dokumen tagihan lengkap")
    )


def _at_least(days: int | None) -> str:
    return _("Tidak ditentukan") if days is None else _("Paling sedikit %(days)s", days=_days(days))


def _window(days: int | None) -> str:
    return _("Kapan saja") if days is None else _("%(days)s sesudah diantar", days=_days(days))


def _before(days: int) -> str:
    return _("%(days)s sebelumnya", days=_days(days)) if days else _("Boleh hari itu juga")


def fee_words(terms: Terms) -> str:
    """What the store charges besides its share."""
    if not terms.fees:
        return _("Tidak ada")
    return "; ".join(
        f"{fee.label or FEE_LABELS.get(FeeKind(fee.kind), fee.kind)}: {format_rupiah(fee.rupiah)}"
        for fee in terms.fees
    )


@dataclass(frozen=True)
class Pair:
    """One term of two versions, side by side."""

    label: str
    one: str
    other: str

    @property
    def is_changed(self) -> bool:
        """Whether the two differ."""
        return self.one != self.other


def compared(one: Terms, other: Terms) -> list[Pair]:
    """Every term of two versions, side by side."""
    return [
        Pair(first.label, first.text, second.text)
        for first, second in zip(term_lines(one), term_lines(other), strict=True)
    ]
