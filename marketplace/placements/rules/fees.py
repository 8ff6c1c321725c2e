"""What a store may charge besides its commission, and what the law is reported to say of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from ...errors import RuleBroken
from ...i18n import N_, _
from ...money import format_rupiah
from ...organizations.rules import SIZE_LABELS, SizeClass
from .terms import Fee

EXEMPT = "trade.listing_fee.micro_small_exempt"
CAP = "trade.listing_fee.{kind}_max_rupiah"


class FeeKind(StrEnum):
    """What a fee is for."""

    LISTING = "listing"
    PROMOTION = "promotion"
    LOGISTICS = "logistics"
    OTHER = "other"


FEE_LABELS = {
    FeeKind.LISTING: N_("Biaya pencatatan barang (listing fee)"),
    FeeKind.PROMOTION: N_("Biaya promosi"),
    FeeKind.LOGISTICS: N_("Biaya kirim atau gudang"),
    FeeKind.OTHER: N_("Biaya lain"),
}


@dataclass(frozen=True)
class Law:
    """A number of the law on a day, and where it stands."""

    value: int
    citation: str
    is_verified: bool

    @property
    def source(self) -> str:
        """The citation, saying so when the text was not read."""
        if self.is_verified or "belum diperiksa" in self.citation:
            return self.citation
        return _("%(citation)s (naskah belum diperiksa)", citation=self.citation)


def exemption(size: SizeClass, laws: Mapping[str, Law]) -> Law | None:
    """What forbids to ask a seller of this size for a listing fee; None where nothing does."""
    law = laws.get(EXEMPT)
    return law if law is not None and law.value and size in {SizeClass.MICRO, SizeClass.SMALL} else None


def require_lawful_fees(
    fees: Iterable[Fee], *, seller: str, size: SizeClass, outlet_kind: str, laws: Mapping[str, Law]
) -> None:
    """Refuse a listing fee asked of a micro or small seller, or one above the cap; RuleBroken says why."""
    listing = [fee for fee in fees if fee.kind == FeeKind.LISTING]
    exempt, cap = exemption(size, laws), laws.get(CAP.format(kind=outlet_kind))
    if listing and exempt is not None:
        raise RuleBroken(
            _(
                "Biaya pencatatan barang (listing fee) tidak boleh diminta dari usaha mikro dan kecil. "
                "%(seller)s hari ini tergolong usaha %(size)s. Hapus biaya itu. Dasar: %(law)s.",
                seller=seller,
                size=str(SIZE_LABELS[size]).lower(),
                law=exempt.source,
            ),
            code="listing_fee_exempt",
            size=size.value,
            citation=exempt.citation,
        )
    if cap is not None and any(fee.rupiah > cap.value for fee in listing):
        raise RuleBroken(
            _(
                "Biaya pencatatan barang paling banyak %(most)s untuk tiap barang di tiap toko. "
                "Turunkan biayanya. Dasar: %(law)s.",
                most=format_rupiah(cap.value),
                law=cap.source,
            ),
            code="listing_fee_cap",
            most=cap.value,
            citation=cap.citation,
        )
