"""What may be promised: units at hand that nobody else was promised, and what a maker can make in a week."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from ...errors import RuleBroken
from ...i18n import _, format_number


@dataclass(frozen=True, slots=True)
class Wanted:
    """Units of one product that an order line wants by a week (its Monday).

    `capacity` is what its maker can make in a week, None: as many as asked. `makes_rest`: the maker said
    that it makes what is not at hand.
    """

    order_line_id: int
    product_id: int
    name: str
    quantity: int
    week: date
    capacity: int | None
    makes_rest: bool = False


@dataclass(frozen=True, slots=True)
class Lacking:
    """Why units cannot be promised: how many could be, of how many that were asked for."""

    product_id: int
    name: str
    asked: int
    possible: int
    is_capacity: bool

    @property
    def sentence(self) -> str:
        """For the buyer, and for a seller who says yes to a quotation: what is possible."""
        words = {
            "name": self.name,
            "asked": format_number(self.asked),
            "possible": format_number(self.possible),
        }
        if self.is_capacity:
            return _(
                "%(name)s: dapur hanya sanggup %(possible)s lagi untuk minggu itu, diminta %(asked)s. "
                "Kurangi, atau pilih minggu berikutnya.",
                **words,
            )
        if self.possible <= 0:
            return _("%(name)s: stoknya habis. Hapus dari keranjang, atau tanyakan kepada penjual.", **words)
        return _("%(name)s: stok tinggal %(possible)s, diminta %(asked)s.", **words)


def share_out(wanted: Sequence[Wanted], free: Mapping[int, int]) -> tuple[list[int], list[Lacking]]:
    """How many of each come out of what is at hand, first come first served, and what is lacking.

    `free` says how many of each product may be promised; a product that it does not name is made to order.
    What is not at hand is lacking, but where its maker makes the rest; what is lacking is not made either.
    """
    left = dict(free)
    asked: defaultdict[int, int] = defaultdict(int)
    given, short = [], {}
    for one in wanted:
        asked[one.product_id] += one.quantity
        taken = min(left.get(one.product_id, 0), one.quantity)
        if one.product_id in left:
            left[one.product_id] -= taken
            if taken < one.quantity and not one.makes_rest:
                short[one.product_id], taken = one.name, one.quantity
        given.append(taken)
    lacking = [Lacking(key, name, asked[key], free[key], False) for key, name in sorted(short.items())]
    return given, lacking


def to_make(wanted: Sequence[Wanted], given: Sequence[int]) -> dict[tuple[int, date], int]:
    """What has to be made in which week, by product: all that was not given out of what is at hand."""
    units: defaultdict[tuple[int, date], int] = defaultdict(int)
    for one, taken in zip(wanted, given, strict=True):
        if taken < one.quantity:
            units[one.product_id, one.week] += one.quantity - taken
    return dict(units)


def over_capacity(
    wanted: Sequence[Wanted], made: Mapping[tuple[int, date], int], booked: Mapping[tuple[int, date], int]
) -> list[Lacking]:
    """What is more than a maker can make in a week that holds `booked` without it."""
    known = {one.product_id: one for one in wanted}
    lacking = []
    for (product_id, week), units in sorted(made.items()):
        one, before = known[product_id], booked.get((product_id, week), 0)
        if one.capacity is not None and before + units > one.capacity:
            lacking.append(Lacking(product_id, one.name, units, max(0, one.capacity - before), True))
    return lacking


class NotEnough(RuleBroken):
    """Some of what was asked for cannot be promised; nothing was."""

    def __init__(self, lacking: Sequence[Lacking]) -> None:
        super().__init__(
            " ".join(one.sentence for one in lacking),
            code="not_enough",
            lacking=[
                {"product_id": one.product_id, "asked": one.asked, "possible": one.possible}
                for one in lacking
            ],
        )
        self.lacking = lacking


def week_of(day: date) -> date:
    """The Monday of a day's week."""
    return day - timedelta(days=day.weekday())
