"""An old order's line, ordered again today: how many, at which price, and what changed since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from ...i18n import _, format_number
from .buying import MAX_UNITS, Offer, price_change


@dataclass(frozen=True, slots=True)
class Again:
    """A line as it was and as it can be ordered now; `quantity` 0 when it cannot. `changes`: sentences."""

    product_id: int
    name: str
    unit: str
    was_quantity: int
    was_price_rupiah: int
    quantity: int
    price_rupiah: int | None
    changes: Sequence[str] = ()
    card_text: str = ""

    @property
    def is_possible(self) -> bool:
        """Whether it goes into the cart."""
        return self.quantity > 0


@dataclass(frozen=True, slots=True)
class Bought:
    """What an old order's line says."""

    product_id: int
    name: str
    unit: str
    quantity: int
    price_rupiah: int
    card_text: str = ""


def again(line: Bought, offer: Offer | None, today: date) -> Again:
    """What of a line can be ordered today: units as near to the old ones as minimum, multiple and stock
    allow."""
    refusal = _not_sold(offer, today)
    if refusal or offer is None:
        return _as(line, 0, None, [refusal])
    changes = []
    quantity = min(line.quantity, MAX_UNITS)
    if quantity < offer.least:
        quantity = offer.least
        changes.append(_("Pesanan paling sedikit kini %(least)s.", least=format_number(offer.least)))
    elif quantity % offer.multiple:
        quantity += offer.multiple - quantity % offer.multiple
        changes.append(
            _(
                "Kini dijual per %(step)s, jadi %(quantity)s.",
                step=format_number(offer.multiple),
                quantity=format_number(quantity),
            )
        )
    if offer.ready is not None and quantity > offer.ready:
        quantity = max(0, offer.ready) // offer.multiple * offer.multiple
        if quantity < offer.least:
            return _as(line, 0, None, [_("Stoknya habis, jadi tidak ikut.")])
        changes.append(_("Stok tinggal %(left)s.", left=format_number(quantity)))
    price = offer.unit_price(quantity)
    changed = price_change(line.price_rupiah, price)
    return _as(line, quantity, price, [*changes, *([changed] if changed else [])])


def _not_sold(offer: Offer | None, today: date) -> str:
    if offer is None or not offer.is_sold:
        return _("Sedang tidak dijual, jadi tidak ikut.")
    return offer.content.not_sold(today, offer.least_price) if offer.content else ""


def _as(line: Bought, quantity: int, price: int | None, changes: Sequence[str]) -> Again:
    return Again(
        product_id=line.product_id,
        name=line.name,
        unit=line.unit,
        was_quantity=line.quantity,
        was_price_rupiah=line.price_rupiah,
        quantity=quantity,
        price_rupiah=price,
        changes=changes,
        card_text=line.card_text,
    )
