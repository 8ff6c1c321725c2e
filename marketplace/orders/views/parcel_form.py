"""The form of a parcel's content: rows that are found, added and taken out again without a script."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from ...catalog.models import Product
from ...i18n import _
from ...money import format_whole
from ...texts import lines, one_line
from ...typed import read_day, read_id, read_whole
from ..queries import parcel_pages as reads
from ..rules.parcels import MAX_COMPONENTS
from ..services.parcels import ComponentDraft, ParcelDraft

DAYS = ("order_from", "order_until", "season_from", "season_to")


@dataclass
class Row:
    """One component as it was typed."""

    product_id: int
    found: reads.Findable | None
    quantity: str = "1"
    share: str = ""


@dataclass
class ParcelForm:
    """All that stands on the page."""

    product: Product
    rows: list[Row] = field(default_factory=list)
    takes_card: bool = True
    days: dict[str, str] = field(default_factory=dict)
    note: str = ""
    q: str = ""
    results: list[reads.Findable] = field(default_factory=list)
    is_sent_off: bool = False
    has_searched: bool = False
    errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def kept(cls, product: Product) -> ParcelForm:
        """The page as the parcel was written last."""
        parcel, components = reads.latest_of(product.id)
        known = reads.named([one.product_id for one in components])
        rows = [
            Row(one.product_id, known.get(one.product_id), str(one.quantity), format_whole(one.share_rupiah))
            for one in components
        ]
        if parcel is None:
            return cls(product, rows)
        days = {name: _written(getattr(parcel, name)) for name in DAYS}
        return cls(product, rows, parcel.takes_card, days)

    @classmethod
    def sent(cls, product: Product, form: Mapping[str, str]) -> ParcelForm:
        """The page as it came back, with what its button asked for done."""
        ids = [read_id(form.get(f"product-{place}")) for place in range(MAX_COMPONENTS + 1)]
        known = reads.named([one for one in ids if one])
        rows = [
            Row(
                product_id,
                known.get(product_id),
                one_line(form.get(f"quantity-{place}"))[:20],
                one_line(form.get(f"share-{place}"))[:20],
            )
            for place, product_id in enumerate(ids)
            if product_id and form.get("remove") != str(place)
        ]
        page = cls(
            product,
            rows,
            form.get("takes_card") == "1",
            {name: one_line(form.get(name))[:10] for name in DAYS},
            note=lines(form.get("note"))[:1000],
            q=one_line(form.get("q"))[:200],
            is_sent_off=form.get("act") == "propose",
        )
        page._act(form)
        return page

    def _act(self, form: Mapping[str, str]) -> None:
        """Add what was chosen, or look for what was typed."""
        chosen = read_id(form.get("add"))
        if chosen and len(self.rows) < MAX_COMPONENTS and chosen not in {row.product_id for row in self.rows}:
            found = reads.named([chosen]).get(chosen)
            if found is not None:
                self.rows.append(Row(chosen, found, "1", format_whole(found.price_rupiah)))
                self.q = ""
        if form.get("act") == "find" and self.q:
            self.has_searched = True
            taken = [self.product.id, *(row.product_id for row in self.rows)]
            self.results = reads.findable(self.q, self.product.seller_id, taken)

    @property
    def shared_rupiah(self) -> int:
        """What the makers get together, as far as it can be read."""
        return sum(read_whole(row.share) or 0 for row in self.rows)

    @property
    def left_rupiah(self) -> int:
        """What is left of the price for the one who puts the parcel together."""
        return self.product.price_rupiah - self.shared_rupiah

    def draft(self) -> ParcelDraft | None:
        """What was typed, as the service takes it; None when something cannot be read."""
        components = []
        for place, row in enumerate(self.rows):
            quantity, share = read_whole(row.quantity), read_whole(row.share)
            if quantity is None:
                self.errors[f"component-{place}"] = _("Tulis jumlahnya dengan angka.")
            elif share is None:
                self.errors[f"component-{place}"] = _(
                    "Tulis bagian pembuatnya dalam rupiah, misalnya 45.000."
                )
            else:
                components.append(ComponentDraft(row.product_id, quantity, share))
        days = {name: read_day(self.days.get(name, "")) for name in DAYS}
        for name, day in days.items():
            if self.days.get(name) and day is None:
                self.errors[name] = _("Tulis tanggal, misalnya 1 Desember 2026.")
        if self.errors:
            return None
        return ParcelDraft(self.product.id, components, self.takes_card, **days, note=self.note)


def _written(day: date | None) -> str:
    return day.isoformat() if day else ""
