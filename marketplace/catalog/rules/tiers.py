"""Wholesale prices by quantity: they must fall as the quantity rises."""

from __future__ import annotations

from collections.abc import Sequence

from ...i18n import _
from ...money import format_rupiah, format_whole
from ..values import TierValues

MAX_TIERS = 6


def sorted_tiers(tiers: Sequence[TierValues]) -> tuple[TierValues, ...]:
    """The smallest quantity first."""
    return tuple(sorted(tiers, key=lambda tier: tier.min_quantity))


def check_tiers(price_rupiah: int, min_order: int, tiers: Sequence[TierValues]) -> dict[str, str]:
    """A sentence for each wrong field, as 'tiers-0-price_rupiah'; `tiers` rise by quantity."""
    wrong: dict[str, str] = {}
    least, price = max(min_order, 1), price_rupiah
    taken: set[int] = set()
    for row, tier in enumerate(tiers):
        quantity = f"tiers-{row}-min_quantity"
        if tier.min_quantity in taken:
            wrong[quantity] = _(
                "Jumlah %(count)s sudah ada di baris lain.", count=format_whole(tier.min_quantity)
            )
        elif tier.min_quantity < 2 or tier.min_quantity < least:
            wrong[quantity] = _(
                "Harga grosir mulai dari %(least)s, sesuai pesanan terkecil.",
                least=format_whole(max(least, 2)),
            )
        if tier.price_rupiah < 1:
            wrong[f"tiers-{row}-price_rupiah"] = _("Tulis harga untuk jumlah ini.")
        elif price and tier.price_rupiah >= price:
            wrong[f"tiers-{row}-price_rupiah"] = _(
                "Makin banyak harus makin murah: tulis kurang dari %(price)s.", price=format_rupiah(price)
            )
        taken.add(tier.min_quantity)
        price = tier.price_rupiah or price
    return wrong


def price_for(price_rupiah: int, tiers: Sequence[TierValues], quantity: int) -> int:
    """What one unit costs when this many are ordered."""
    fitting = [tier.price_rupiah for tier in tiers if tier.min_quantity <= quantity]
    return min([price_rupiah, *fitting])
