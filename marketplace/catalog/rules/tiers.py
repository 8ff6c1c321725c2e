"""Wholesale prices by quantity: they must fall as the quantity rises."""

from __future__ import annotations

from collections.abc import Sequence

from ...i18n import _
from ...money import format_rupiah, format_whole
from ..values import TierValues

MAX_TIERS = 6


def check_tiers(price_rupiah: int, min_order: int, tiers: Sequence[TierValues]) -> dict[str, str]:
    """A sentence for each wrong field, as 'tiers-0-price_rupiah'."""
    wrong: dict[str, str] = {}
    least, above, price = max(min_order, 2), 0, price_rupiah
    for row, tier in enumerate(tiers):
        quantity = f"tiers-{row}-min_quantity"
        if tier.min_quantity <= above:
            wrong[quantity] = _(
                "Tulis lebih dari %(count)s, jumlah di baris di atasnya.", count=format_whole(above)
            )
        elif tier.min_quantity < least:
            wrong[quantity] = _(
                "Harga grosir mulai dari %(least)s, sesuai pesanan terkecil.", least=format_whole(least)
            )
        if tier.price_rupiah < 1:
            wrong[f"tiers-{row}-price_rupiah"] = _("Tulis harga untuk jumlah ini.")
        elif price and tier.price_rupiah >= price:
            wrong[f"tiers-{row}-price_rupiah"] = _(
                "Makin banyak harus makin murah: tulis kurang dari %(price)s.", price=format_rupiah(price)
            )
        above = max(above, tier.min_quantity)
        price = tier.price_rupiah or price
    return wrong


def price_for(price_rupiah: int, tiers: Sequence[TierValues], quantity: int) -> int:
    """What one unit costs when this many are ordered."""
    fitting = [tier.price_rupiah for tier in tiers if tier.min_quantity <= quantity]
    return min([price_rupiah, *fitting])
