"""Reports of what was spent: a buyer's own; an office's on its region's makers and on its own purchases."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from ...i18n import N_, _, format_month
from ...organizations.models import OutletKind, SellerFacts
from ...organizations.rules import KIND_LABELS, SIZE_LABELS, SizeClass
from ...permissions import Actor
from ...permissions import within as lies_in
from ...regions.queries import names, within
from ..models import Order
from ..rules.spending import SMALLEST_CELL, Cut, Piece, cut, months_between, published
from .spending import (
    ADDRESS,
    NONE,
    OFFICE,
    SHIPPING,
    SMALLER,
    TAX,
    Spent,
    SpentFilter,
    SpentOn,
    matching,
    spent,
    spent_on,
)

BUYERS_CUTS = ("seller", "category", "district", "size", "month")
OFFICES_CUTS = ("district", "size", "buyer_kind", "seller", "month")
CUT_WORDS = {
    "seller": N_("Penjual"),
    "category": N_("Jenis barang"),
    "district": N_("Kecamatan"),
    "size": N_("Ukuran usaha"),
    "month": N_("Bulan"),
    "buyer_kind": N_("Jenis pembeli"),
    "procurement": N_("Nomor pengadaan"),
}


@dataclass(frozen=True)
class Spending:
    """What was spent in some days, whole and cut into parts. Every cut comes to `whole`."""

    first: date
    last: date
    rows: Sequence[Spent]
    cuts: Mapping[str, Cut]

    @property
    def whole(self) -> Cut:
        """All of it: its sums, and its months."""
        return self.cuts["month"]

    @property
    def smaller(self) -> Cut:
        """What of it went to micro and small businesses, by size."""
        rows = [row for row in self.rows if row.size in SMALLER]
        return cut((row.piece(row.size) for row in rows), _size_name)

    @property
    def smaller_share(self) -> float | None:
        """Its share of the whole; None of nothing."""
        return self.smaller.rupiah / self.whole.rupiah if self.whole.rupiah else None

    @property
    def is_whole(self) -> bool:
        """Whether the parts of every cut come to one and the same whole."""
        return all(one.is_whole and one.rupiah == self.whole.rupiah for one in self.cuts.values())


@dataclass(frozen=True)
class LocalSpend(Spending):
    """An office's report: what all buyers spent on its region's makers, and what it bought itself.

    `own` is by number of procurement, and whole: also what it bought of makers from elsewhere.
    """

    region: str
    region_name: str
    own_rows: Sequence[Spent]
    own: Cut
    is_public: bool = False

    @property
    def smaller_share(self) -> float | None:
        """As of any report; not where it would tell of a size that is hidden."""
        if self.is_public and any(part.is_hidden for part in self.cuts["size"].parts):
            return None
        return super().smaller_share

    @property
    def own_local(self) -> Cut:
        """Its own purchases: of its region's makers, and of others."""
        pieces = (
            row.piece("local" if lies_in(row.region_code, self.region) else "other") for row in self.own_rows
        )
        found = cut(pieces, str)
        return published(found) if self.is_public else found

    @property
    def own_local_share(self) -> float | None:
        """What of its own purchases went to its region's makers; None of nothing, or where that is hidden."""
        parts = self.own_local.parts
        if not self.own.rupiah or any(part.is_hidden for part in parts):
            return None
        return sum(part.share for part in parts if part.key == "local")

    @property
    def hides_all(self) -> bool:
        """Whether even the whole is of too few sellers to be published."""
        return self.is_public and 0 < self.whole.sellers < SMALLEST_CELL


def spending_of(actor: Actor, first: date, last: date) -> Spending:
    """What the actor's company or office spent, by the makers whose goods they were."""
    rows = spent(Order.operator_id == (actor.buyer_id or 0), first, last)
    goods = spent_on(Order.operator_id == (actor.buyer_id or 0), first, last)
    cuts = {name: _cut(rows, name) for name in BUYERS_CUTS if name != "category"}
    return Spending(
        first, last, rows, {**cuts, "category": cut((one.piece() for one in goods), _category_name)}
    )


def spending_rows(actor: Actor, first: date, last: date, asked: SpentFilter) -> list[Spent]:
    """The pieces of the actor's own spending that a filter asks for."""
    rows = spent(Order.operator_id == (actor.buyer_id or 0), first, last)
    return matching(rows, asked)


def category_rows(actor: Actor, first: date, last: date, category: str) -> list[SpentOn]:
    """What of the actor's invoices was for one kind of goods."""
    found = spent_on(Order.operator_id == (actor.buyer_id or 0), first, last)
    return [row for row in found if row.category == category]


def local_spend(actor: Actor, first: date, last: date, *, is_public: bool = False) -> LocalSpend:
    """An office's report. `is_public`: without the figures of fewer than five sellers, as it may be shown to
    anybody."""
    rows = spent(within(SellerFacts.region_code, actor.region), first, last)
    own_rows = spent(Order.operator_id == (actor.buyer_id or 0), first, last)
    cuts = {name: _cut(rows, name) for name in OFFICES_CUTS}
    own = _cut(own_rows, "procurement")
    if is_public:
        cuts = {name: published(one) for name, one in cuts.items() if name != "seller"}
        own = published(own)
    return LocalSpend(
        first=first,
        last=last,
        rows=rows,
        cuts=cuts,
        region=actor.region,
        region_name=names([actor.region]).get(actor.region, ""),
        own_rows=own_rows,
        own=own,
        is_public=is_public,
    )


def local_rows(actor: Actor, first: date, last: date, asked: SpentFilter, *, is_own: bool) -> list[Spent]:
    """The pieces of an office's report, or of its own purchases, that a filter asks for."""
    where = (
        Order.operator_id == (actor.buyer_id or 0)
        if is_own
        else within(SellerFacts.region_code, actor.region)
    )
    return matching(spent(where, first, last), asked, region=actor.region)


# --- names -------------------------------------------------------------------------------------------------


def _cut(rows: Sequence[Spent], name: str) -> Cut:
    pieces: Iterable[Piece] = (row.piece(getattr(row, name)) for row in rows)
    return cut(pieces, namer(rows, name))


def namer(rows: Sequence[Spent], name: str) -> Callable[[str], str]:
    """What the parts of a cut are called."""
    if name == "district":
        known = names({row.district for row in rows})
        return lambda key: known.get(key, key)
    if name == "seller":
        sellers = {row.seller: row.seller_name for row in rows}
        return lambda key: sellers.get(key, key)
    plain: dict[str, Callable[[str], str]] = {
        "size": _size_name,
        "month": _month_name,
        "buyer_kind": _buyer_name,
        "procurement": _procurement_name,
        "category": _category_name,
    }
    return plain[name]


def _size_name(key: str) -> str:
    return str(SIZE_LABELS[SizeClass(key)]) if key in set(SizeClass) else key


def _month_name(key: str) -> str:
    try:
        return format_month(date.fromisoformat(f"{key}-01"))
    except ValueError:  # somebody typed it into the address
        return key


def _buyer_name(key: str) -> str:
    if key == OFFICE:
        return _("Kantor pemerintah")
    if key == ADDRESS:
        return _("Ke alamat lain")
    return str(KIND_LABELS[OutletKind(key)]) if key in set(OutletKind) else key


def _procurement_name(key: str) -> str:
    return _("Tanpa nomor pengadaan") if key == NONE else key


def _category_name(key: str) -> str:
    beside = {SHIPPING: _("Ongkos kirim"), TAX: _("PPN"), NONE: _("Tanpa jenis")}
    return beside.get(key, key)


def months_of(found: Spending) -> list[tuple[date, int, int]]:
    """Every month of a report, also without any: its first day, what went to micro and small, the rest."""
    sums: dict[str, list[int]] = {}
    for row in found.rows:
        known = sums.setdefault(row.month, [0, 0])
        known[0 if row.size in SMALLER else 1] += row.rupiah
    days = months_between(found.first, found.last)
    return [(day, *sums.get(f"{day:%Y-%m}", [0, 0])) for day in days]  # type: ignore[misc]
