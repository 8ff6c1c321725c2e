"""What may be promised: units at hand that nobody else was promised, and what a maker can make in a week."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from ...errors import RuleBroken
from ...i18n import _, format_number


@dataclass(frozen=True, slots=True)
class Wanted:
    """Units of one product that an order line wants by a week (its Monday).

    `capacity` is what its maker can make in a week, None: as many as asked.
    """

    order_line_id: int
    product_id: int
    name: str
    quantity: int
    week: date
    capacity: int | None


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
