"""What may be bought, at which price and how: quantities, days, ways to travel and to pay."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from ...catalog.rules.tiers import price_for
from ...catalog.values import TierValues
from ...i18n import N_, _, format_day, format_number
from ...money import format_rupiah, percent_of
from ..models import PaymentPlan, ShippingKind
from .parcels import Content
from .reserving import Wanted
from .terms import Terms

MAX_UNITS = 1_000_000
"""So many units of one product go into one order."""
MAX_ORDER_RUPIAH = 10**15
"""No order is worth more; beyond it somebody mistyped."""
EVERYBODY = 0
"""The user id under which the limit of everybody without one of their own stands."""
MAX_WINDOW_DAYS = 31
FARTHEST_DAYS = 366
"""How far ahead goods may be ordered."""

PLAN_WORDS = {
    PaymentPlan.BEFORE: N_("Bayar dulu, sebelum dikemas"),
    PaymentPlan.ADVANCE: N_("Uang muka dulu, sisanya setelah diterima"),
    PaymentPlan.ON_DELIVERY: N_("Bayar di tempat, saat barang diterima"),
    PaymentPlan.LATER: N_("Bayar belakangan, dengan tempo"),
}
SHIPPING_WORDS = {
    ShippingKind.SELLER_RATE: N_("Diantar penjual"),
    ShippingKind.PICKUP: N_("Diambil sendiri"),
    ShippingKind.QUOTED: N_("Dikirim, ongkosnya ditawarkan penjual"),
}


class Trouble(StrEnum):
    """Why a line of a cart cannot be ordered as it is."""

    NOT_SOLD = "not_sold"
    SOLD_OUT = "sold_out"
    TOO_MANY = "too_many"
    TOO_FEW = "too_few"
    NOT_A_MULTIPLE = "not_a_multiple"


@dataclass(frozen=True, slots=True)
class Offer:
    """What a product is sold as at this moment.

    `is_sold`: it is live and its seller open. `ready` is what may still be promised of the units at hand,
    None for what is made to order; `capacity` is what can be made in a week, None: as many as asked.
    `content` is what is in a parcel.
    """

    product_id: int
    seller_id: int
    name: str
    sku: str
    unit: str
    price_rupiah: int
    tiers: Sequence[TierValues] = ()
    min_order: int = 1
    multiple: int = 1
    lead_days: int = 0
    capacity: int | None = None
    ready: int | None = None
    is_made_to_order: bool = False
    is_sold: bool = True
    content: Content | None = None

    @property
    def least(self) -> int:
        """The fewest units that can be ordered."""
        return least_quantity(self.min_order, self.multiple)

    def unit_price(self, quantity: int) -> int:
        """What one unit costs when this many are ordered."""
        return price_for(self.price_rupiah, self.tiers, quantity)

    @property
    def least_price(self) -> int:
        """What one unit costs at most units."""
        return min([self.price_rupiah, *(tier.price_rupiah for tier in self.tiers)])


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong with a line, in one word and in a sentence that says what to do."""

    trouble: Trouble
    sentence: str


# --- quantities --------------------------------------------------------------------------------------------


def least_quantity(min_order: int, multiple: int) -> int:
    """The smallest multiple that reaches the minimum."""
    return -(-min_order // multiple) * multiple


def wrong_with(offer: Offer, quantity: int, today: date) -> Wrong | None:
    """Why so many units cannot be ordered today; None when they can."""
    if not offer.is_sold:
        return Wrong(Trouble.NOT_SOLD, _("Sedang tidak dijual. Hapus dari keranjang."))
    refusal = offer.content.not_sold(today, offer.least_price) if offer.content else ""
    if refusal:
        return Wrong(Trouble.NOT_SOLD, refusal)
    if quantity > MAX_UNITS:
        sentence = _("Paling banyak %(most)s dalam satu pesanan.", most=format_number(MAX_UNITS))
        return Wrong(Trouble.TOO_MANY, sentence)
    if quantity < offer.least:
        return Wrong(Trouble.TOO_FEW, _("Pesan paling sedikit %(least)s.", least=format_number(offer.least)))
    if quantity % offer.multiple:
        return Wrong(Trouble.NOT_A_MULTIPLE, _multiple_sentence(offer, quantity))
    if offer.ready is not None and quantity > offer.ready:
        return Wrong(Trouble.SOLD_OUT, _stock_sentence(offer))
    is_made = offer.ready is None or offer.content is not None  # of parcels, what of them is made
    if is_made and offer.capacity is not None and quantity > offer.capacity:
        return Wrong(Trouble.TOO_MANY, _capacity_sentence(offer))
    return None


def _multiple_sentence(offer: Offer, quantity: int) -> str:
    below = quantity // offer.multiple * offer.multiple
    return _(
        "Dijual per %(step)s. Pesan %(below)s atau %(above)s.",
        step=format_number(offer.multiple),
        below=format_number(below),
        above=format_number(below + offer.multiple),
    )


def _stock_sentence(offer: Offer) -> str:
    possible = (offer.ready or 0) // offer.multiple * offer.multiple
    if possible < offer.least:
        return _("Stoknya habis. Hapus dari keranjang, atau tanyakan kepada penjual.")
    return _("Stok tinggal %(possible)s. Kurangi jumlahnya.", possible=format_number(possible))


def _capacity_sentence(offer: Offer) -> str:
    possible = (offer.capacity or 0) // offer.multiple * offer.multiple
    if possible < offer.least:
        return _("Kini terlalu banyak untuk seminggu di dapur. Tanyakan kepada penjual.")
    return _(
        "Dapur sanggup %(possible)s seminggu. Kurangi, atau bagi menjadi pesanan untuk beberapa minggu.",
        possible=format_number(possible),
    )


def price_change(seen_rupiah: int, now_rupiah: int) -> str:
    """A sentence on a price that is no longer what the buyer saw; empty when it is."""
    if seen_rupiah == now_rupiah:
        return ""
    words = {"seen": format_rupiah(seen_rupiah), "now": format_rupiah(now_rupiah)}
    if now_rupiah > seen_rupiah:
        return _("Harga naik dari %(seen)s menjadi %(now)s.", **words)
    return _("Harga turun dari %(seen)s menjadi %(now)s.", **words)


def wanted_of(
    offer: Offer, line_id: int, quantity: int, week: date, *, makes_rest: bool = False
) -> list[Wanted]:
    """The units that an order line asks for: its product's own, or those of what is in a parcel."""
    if offer.content is not None:
        return offer.content.wanted(line_id, quantity, week, makes_rest=makes_rest)
    return [Wanted(line_id, offer.product_id, offer.name, quantity, week, offer.capacity, makes_rest)]


# --- days --------------------------------------------------------------------------------------------------


def ready_on(offer: Offer, quantity: int, today: date) -> date:
    """The first day on which so many can be there: what is at hand needs no time, the rest its lead time, and
    nothing comes before its season. A parcel waits for what of it has to be made."""
    content = offer.content
    at_hand = offer.ready is not None and quantity <= offer.ready and (content is None or content.is_counted)
    day = today if at_hand else today + timedelta(days=offer.lead_days)
    season = content.season_from if content else None
    return max(day, season) if season else day


def earliest_day(wanted: Sequence[tuple[Offer, int]], today: date) -> date:
    """The first day on which all can be there."""
    return max((ready_on(offer, quantity, today) for offer, quantity in wanted), default=today)


def wrong_days(first: date, last: date, *, earliest: date, today: date) -> dict[str, str]:
    """A sentence for each wrong end of the days in which goods are wanted."""
    if first < earliest:
        if first < today or earliest == today:
            return {"deliver_from": _("Paling awal %(day)s.", day=format_day(earliest))}
        sentence = _("Barang ini perlu waktu untuk dibuat: paling awal %(day)s.", day=format_day(earliest))
        return {"deliver_from": sentence}
    if (first - today).days > FARTHEST_DAYS:
        return {"deliver_from": _("Paling jauh setahun ke depan.")}
    if last < first:
        return {"deliver_to": _("Tulis hari yang sama atau sesudah %(day)s.", day=format_day(first))}
    if (last - first).days > MAX_WINDOW_DAYS:
        return {"deliver_to": _("Rentang harinya paling panjang %(count)d hari.", count=MAX_WINDOW_DAYS)}
    return {}


# --- ways to travel and to pay -----------------------------------------------------------------------------


def shippings_of(terms: Terms) -> list[ShippingKind]:
    """How goods of a seller may travel, the surest price first."""
    kinds = []
    if terms.delivers and terms.shipping_rupiah is not None:
        kinds.append(ShippingKind.SELLER_RATE)
    if terms.offers_pickup:
        kinds.append(ShippingKind.PICKUP)
    if terms.delivers and terms.quotes_shipping:
        kinds.append(ShippingKind.QUOTED)
    return kinds


def usual_shipping(kinds: Sequence[ShippingKind], *, has_destination: bool) -> ShippingKind | None:
    """The way that a form begins with: brought, where a place to bring it to is given or there is no choice.

    None where fetching and a way whose price is not known yet are both offered and no place is given.
    """
    if len(kinds) < 2 or kinds[0] is not ShippingKind.PICKUP:
        return kinds[0] if kinds else None
    return next(kind for kind in kinds if kind is not ShippingKind.PICKUP) if has_destination else None


def shipping_cost(terms: Terms, kind: ShippingKind, goods_rupiah: int) -> int:
    """What the way costs now; a price that is to be quoted is not known yet, and nothing."""
    if kind is not ShippingKind.SELLER_RATE or terms.shipping_rupiah is None:
        return 0
    if terms.free_from_rupiah is not None and goods_rupiah >= terms.free_from_rupiah:
        return 0
    return terms.shipping_rupiah


def plans_of(terms: Terms, *, is_pre_order: bool) -> list[PaymentPlan]:
    """How an order may be paid. Where a seller asks an advance for what is made to order, not afterwards."""
    if is_pre_order and terms.advance_percent > 0:
        return [PaymentPlan.ADVANCE, *([PaymentPlan.BEFORE] if terms.takes_before else [])]
    plans = []
    if terms.takes_before:
        plans.append(PaymentPlan.BEFORE)
    if terms.takes_on_delivery:
        plans.append(PaymentPlan.ON_DELIVERY)
    if terms.due_days > 0:
        plans.append(PaymentPlan.LATER)
    return plans


def advance_of(plan: PaymentPlan, total_rupiah: int, terms: Terms) -> int:
    """What of a total is due before packing begins."""
    if plan is PaymentPlan.BEFORE:
        return total_rupiah
    if plan is PaymentPlan.ADVANCE:
        return min(percent_of(total_rupiah, Decimal(terms.advance_percent)), total_rupiah)
    return 0


def due_days_of(plan: PaymentPlan, terms: Terms) -> int:
    """Days after the invoice in which the rest is due; none but where the seller lets the buyer pay later."""
    return terms.due_days if plan is PaymentPlan.LATER else 0


def is_pre_order(offers: Sequence[Offer], today: date) -> bool:
    """Whether something in it is ordered before it is there: made only once it is ordered, with none of it at
    hand, or for a season that has not come."""
    return any(
        (offer.is_made_to_order and offer.ready is None) or _is_before_season(offer, today)
        for offer in offers
    )


def _is_before_season(offer: Offer, today: date) -> bool:
    season = offer.content.season_from if offer.content else None
    return season is not None and today < season


ALONE_DAYS = 7
"""What somebody ordered without a manager in so many days, today among them, counts towards their limit: a
large order that is split into small ones is asked about all the same."""


def counted_since(day: date) -> date:
    """The first day of which orders count towards the limit of a day."""
    return day - timedelta(days=ALONE_DAYS - 1)


def needs_approval(total_rupiah: int, limit_rupiah: int | None, alone_rupiah: int) -> bool:
    """Whether a manager has to say yes to somebody with this limit (None: without one), who ordered
    `alone_rupiah` without a manager in the days that count."""
    return limit_rupiah is not None and alone_rupiah + total_rupiah > limit_rupiah
