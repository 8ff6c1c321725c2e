"""What of a quotation is at hand and what would have to be made, as it stands at this moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from ...db import db
from ...i18n import _, format_number
from ..models import CapacityWeek, QuoteLine, QuoteVersion
from ..rules.buying import Offer, wanted_of
from ..rules.reserving import Lacking, Wanted, over_capacity, share_out, to_make, week_of
from ..rules.states import OrderSide
from .offers import Offers, offers_of


@dataclass(frozen=True)
class Short:
    """A line of which not all is at hand: so many are ready, the rest has to be made."""

    product_id: int
    name: str
    unit: str
    ready: int
    rest: int


@dataclass(frozen=True)
class Supply:
    """What could be promised now: `ready` units at hand by product, None for what is made to order; `short`
    the lines of which not all is at hand; `lacking` why the whole could not be.

    `makes_rest`: reckoned as if its seller made what is not at hand.
    """

    ready: Mapping[int, int | None]
    short: Sequence[Short]
    lacking: Sequence[Lacking]
    makes_rest: bool

    @property
    def wrong(self) -> dict[str, str]:
        """A sentence for each field of an offer that its seller could not keep today."""
        short = {one.product_id: one for one in self.short}
        wrong = {}
        for one in self.lacking:
            line = short.get(one.product_id)
            if line is not None and not one.is_capacity and not self.makes_rest:
                wrong[f"quantity-{one.product_id}"] = _(
                    "Siap %(ready)s. Centang bahwa sisanya Anda buat, kurangi jumlahnya, atau tambah dulu "
                    "stok siap kirim.",
                    ready=format_number(line.ready),
                )
            else:
                field = f"quantity-{one.product_id}" if one.product_id in self.ready else "lines"
                wrong.setdefault(field, one.sentence)
        return wrong


def supply_of(offers: Offers, units: Sequence[tuple[int, int]], first: date, *, makes_rest: bool) -> Supply:
    """What of these units by product could be promised now, for delivery from a day on; nothing is locked."""
    found = [(offers.by_product[key], quantity) for key, quantity in units if key in offers.by_product]
    week = week_of(first)
    wanted = [
        one for offer, quantity in found for one in wanted_of(offer, 0, quantity, week, makes_rest=makes_rest)
    ]
    given, lacking = share_out(wanted, _free(found))
    made = to_make(wanted, given)
    return Supply(
        {offer.product_id: offer.ready for offer, _quantity in found},
        [
            Short(offer.product_id, offer.name, offer.unit, offer.ready, quantity - offer.ready)
            for offer, quantity in found
            if offer.ready is not None and quantity > offer.ready
        ],
        [*lacking, *over_capacity(wanted, made, _booked(wanted, week))],
        makes_rest,
    )


def _free(found: Sequence[tuple[Offer, int]]) -> dict[int, int]:
    """Units at hand that may be promised, of every product and of what is in parcels."""
    free = {offer.product_id: offer.ready for offer, _quantity in found if offer.content is None}
    parts = [one for offer, _quantity in found if offer.content for one in offer.content.components]
    free |= {one.product_id: one.ready for one in parts}
    return {key: ready for key, ready in free.items() if ready is not None}


def _booked(wanted: Sequence[Wanted], week: date) -> dict[tuple[int, date], int]:
    query = select(CapacityWeek.product_id, CapacityWeek.booked).where(
        CapacityWeek.week == week, CapacityWeek.product_id.in_({one.product_id for one in wanted})
    )
    return {(product_id, week): booked for product_id, booked in db.session.execute(query)}


def supply_of_version(version: QuoteVersion, lines: Sequence[QuoteLine]) -> Supply:
    """The same of a version on the table; of a buyer's version as if its seller made the rest."""
    units = [(line.product_id, line.quantity) for line in lines]
    makes_rest = version.makes_rest or version.side == OrderSide.BUYER
    offers = offers_of([product_id for product_id, _quantity in units])
    return supply_of(offers, units, version.deliver_from, makes_rest=makes_rest)
