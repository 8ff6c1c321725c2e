"""Size classes of a business: annual sales decide where known, else capital, else it is micro."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from ...i18n import N_


class SizeClass(StrEnum):
    """How large a business is; LARGE is beyond medium and no MSME."""

    MICRO = "micro"
    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"

    @property
    def is_msme(self) -> bool:
        """Whether a business of this size counts as an MSME."""
        return self is not SizeClass.LARGE


SIZE_LABELS = {
    SizeClass.MICRO: N_("Mikro"),
    SizeClass.SMALL: N_("Kecil"),
    SizeClass.MEDIUM: N_("Menengah"),
    SizeClass.LARGE: N_("Besar, bukan UMKM"),
}
BOUNDED = (SizeClass.MICRO, SizeClass.SMALL, SizeClass.MEDIUM)


@dataclass(frozen=True)
class Thresholds:
    """The largest capital and annual sales, inclusive, of micro, small and medium, in rupiah."""

    capital: tuple[int, int, int]
    sales: tuple[int, int, int]

    @classmethod
    def of(cls, values: Mapping[str, int]) -> Thresholds:
        """From legal numbers by key, such as msme.capital.micro_max_rupiah. Raises KeyError."""

        def three(measure: str) -> tuple[int, int, int]:
            micro, small, medium = (values[f"msme.{measure}.{size}_max_rupiah"] for size in BOUNDED)
            return micro, small, medium

        return cls(three("capital"), three("sales"))


def size_class(capital: int | None, annual_sales: int | None, thresholds: Thresholds) -> SizeClass:
    """The size of a business by annual sales if known, else by capital, else micro (PP 7/2021 art. 35)."""
    amount, bounds = (
        (capital, thresholds.capital) if annual_sales is None else (annual_sales, thresholds.sales)
    )
    if amount is None:
        return SizeClass.MICRO
    for size, largest in zip(BOUNDED, bounds, strict=True):
        if amount <= largest:
            return size
    return SizeClass.LARGE
