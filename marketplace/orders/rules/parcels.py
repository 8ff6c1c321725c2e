"""What a parcel is: its components, whose they are, how many can be made, and when it is sold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from ...i18n import _, format_day
from ...money import format_rupiah
from .reserving import Wanted
from .shipping import Packed
from .splitting import Part

MAX_COMPONENTS = 30
MAX_PER_PARCEL = 1000


@dataclass(frozen=True, slots=True)
class Component:
    """Units of one product in a parcel, with what is known of it today.

    `ready` is what may still be promised of the units at hand, None for what is made to order; `capacity`
    is what its maker can make in a week, None: as many as asked. `share_rupiah` is for all units together.
    """

    product_id: int
    seller_id: int
    name: str
    unit: str
    quantity: int
    share_rupiah: int
    seller_name: str = ""
    is_sold: bool = True
    ready: int | None = None
    capacity: int | None = None
    lead_days: int = 0
    shelf_life_days: int | None = None


@dataclass(frozen=True, slots=True)
class Content:
    """The accepted version of a parcel; `version_id` 0 when its makers have not agreed to any.

    `own_capacity` is how many its assembler can put together in a week, None: as many as asked.
    """

    product_id: int
    seller_id: int
    name: str = ""
    own_capacity: int | None = None
    version_id: int = 0
    price_rupiah: int = 0
    least_rupiah: int = 0
    assembly_rupiah: int = 0
    components: Sequence[Component] = ()
    takes_card: bool = True
    order_from: date | None = None
    order_until: date | None = None
    season_from: date | None = None
    season_to: date | None = None

    @property
    def parts(self) -> list[Part]:
        """What of one parcel's price is whose: the assembler's work first, then each component."""
        own = Part(self.seller_id, self.assembly_rupiah)
        return [own, *(Part(one.seller_id, one.share_rupiah) for one in self.components)]

    @property
    def ready(self) -> int | None:
        """How many parcels the components at hand allow; None when all are made to order."""
        possible = [one.ready // one.quantity for one in self.components if one.ready is not None]
        return min(possible) if possible else None

    @property
    def is_counted(self) -> bool:
        """Whether all that is in it is taken out of stock, so that nothing has to be made."""
        return all(one.ready is not None for one in self.components)

    @property
    def capacity(self) -> int | None:
        """How many parcels a week can be filled with what is made, and put together; None: as many as asked.

        What is taken out of ready stock is not made: it limits no week."""
        made = [one for one in self.components if one.ready is None]
        possible = [one.capacity // one.quantity for one in made if one.capacity is not None]
        possible += [self.own_capacity] if self.own_capacity is not None else []
        return min(possible) if possible else None

    @property
    def possible(self) -> int | None:
        """How many parcels one order can be for; None when nothing that is counted limits it."""
        limits = [count for count in (self.ready, self.capacity) if count is not None]
        return min(limits) if limits else None

    @property
    def lead_days(self) -> int:
        """Days until the slowest component is there, where it has to be made."""
        return max((one.lead_days for one in self.components), default=0)

    @property
    def shelf_life_days(self) -> int | None:
        """The parcel keeps as long as what keeps least in it."""
        lives = [one.shelf_life_days for one in self.components if one.shelf_life_days is not None]
        return min(lives) if lives else None

    def wanted(
        self, order_line_id: int, quantity: int, week: date, *, makes_rest: bool = False
    ) -> list[Wanted]:
        """What an order line of so many parcels wants of every component, and of its assembler's week.

        `makes_rest` is the assembler's word, and holds for its own components alone.
        """
        wanted = [
            Wanted(
                order_line_id, one.product_id, one.name, quantity * one.quantity, week, one.capacity,
                makes_rest and one.seller_id == self.seller_id,
            )
            for one in self.components
        ]  # fmt: skip
        if self.own_capacity is not None:
            wanted.append(
                Wanted(order_line_id, self.product_id, self.name, quantity, week, self.own_capacity)
            )
        return wanted

    def not_sold(self, today: date, least_price_rupiah: int) -> str:
        """Why the parcel cannot be ordered today at its lowest price; empty when it can."""
        if not self.version_id:
            return _("Isi parsel ini belum disetujui semua pembuatnya.")
        if least_price_rupiah < self.least_rupiah:
            return _(
                "Harga parsel ini turun di bawah %(price)s yang disetujui pembuat isinya. Penjual perlu "
                "meminta persetujuan lagi.",
                price=format_rupiah(self.least_rupiah),
            )
        if self.order_from is not None and today < self.order_from:
            return _("Parsel ini bisa dipesan mulai %(day)s.", day=format_day(self.order_from))
        if self.order_until is not None and today > self.order_until:
            return _("Pemesanan parsel ini ditutup %(day)s.", day=format_day(self.order_until))
        gone = [one.name for one in self.components if not one.is_sold]
        if gone:
            return _("%(names)s, isi parsel ini, sedang tidak dijual.", names=", ".join(gone))
        return ""

    def wrong_days(self, first: date, last: date) -> str:
        """Why it cannot be delivered in these days; empty when it can."""
        if self.season_from is not None and first < self.season_from:
            return _("Parsel ini dikirim mulai %(day)s.", day=format_day(self.season_from))
        if self.season_to is not None and last > self.season_to:
            return _("Parsel ini dikirim paling lambat %(day)s.", day=format_day(self.season_to))
        return ""


def latest_expiry(life_days: int | None, packed_on: date) -> date | None:
    """The latest day that can stand on a parcel packed on a day, by what keeps least in it."""
    return packed_on + timedelta(days=life_days) if life_days is not None else None


def first_expiry(
    inside: Sequence[Component], known: Mapping[int, date | None], packed_on: date
) -> date | None:
    """When the first thing in a parcel packed on a day expires, by the days that are known, by product, and
    by how long each keeps; None where nothing tells."""
    days = [known.get(one.product_id) for one in inside]
    days += [latest_expiry(one.shelf_life_days, packed_on) for one in inside]
    return min((day for day in days if day is not None), default=None)


def wrong_with_expiry(
    packed: Sequence[Packed], lives: Mapping[int, int | None], packed_on: date
) -> dict[str, str]:
    """A sentence for each parcel on a delivery note that would outlast what is in it, or says no day.

    `lives` are the days that the shortest-lived component keeps, by order line; other lines are left out.
    """
    wrong: dict[str, str] = {}
    for one in packed:
        latest = latest_expiry(lives.get(one.order_line_id), packed_on)
        if latest is not None and (one.expires_on is None or one.expires_on > latest):
            sentence = _(
                "Tulis kedaluwarsa paling lambat %(day)s, mengikuti isi parsel yang paling cepat.",
                day=format_day(latest),
            )
            wrong.setdefault(one.field, sentence)
    return wrong
