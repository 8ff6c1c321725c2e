"""The forms of sales reports as they stand on a page: what was typed stays, also when it was wrong."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from ... import clock
from ...i18n import _
from ...money import MAX_RUPIAH, TooLarge, parse_whole
from ...texts import lines, one_line
from ..queries.sales import ShelfItem
from ..services.corrections import Correction
from ..services.reports import HandReport, Sold

MAX_REASON = 1000


def new_key() -> str:
    """A key for one sending of one page."""
    return secrets.token_hex(12)


def read_day(written: str) -> date | None:
    """A day as an input of type date sends it; None for anything else."""
    try:
        return date.fromisoformat(one_line(written)[:10])
    except ValueError:
        return None


def read_number(written: str) -> int | None:
    """A whole number, of units or of rupiah, as people type it; None for anything else.

    One that is too large for the ledger is the largest, which every service refuses by its own limit.
    """
    try:
        return parse_whole(written)
    except TooLarge:
        return MAX_RUPIAH
    except ValueError:
        return None


@dataclass
class SoldRow:
    """One product on the form."""

    item: ShelfItem
    sold: str = ""
    price: str = ""
    error: str = ""

    @property
    def name(self) -> str:
        """The name of its input."""
        return f"sold-{self.item.product_id}"


@dataclass
class ReportForm:
    """All that stands on the page of a report by hand."""

    rows: list[SoldRow]
    first_on: str
    last_on: str
    key: str
    is_zero: bool = False
    errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def fresh(cls, items: Sequence[ShelfItem], first_on: date) -> ReportForm:
        """An empty page: from the first day that is not reported until today."""
        today = clock.today()
        first = min(first_on, today)
        return cls([SoldRow(item) for item in items], first.isoformat(), today.isoformat(), new_key())

    @classmethod
    def sent(cls, items: Sequence[ShelfItem], form: Mapping[str, str]) -> ReportForm:
        """The page as it came back."""
        rows = [
            SoldRow(
                item,
                one_line(form.get(f"sold-{item.product_id}"))[:20],
                one_line(form.get(f"price-{item.product_id}"))[:20],
            )
            for item in items
        ]
        first, last = one_line(form.get("first_on"))[:10], one_line(form.get("last_on"))[:10]
        return cls(rows, first or last, last, one_line(form.get("key"))[:64], form.get("nothing") == "1")

    def report(self, outlet_id: int) -> HandReport | None:
        """What was typed, as the service takes it; None when something cannot be read."""
        first, last = read_day(self.first_on), read_day(self.last_on)
        if first is None:
            self.errors["first_on"] = _("Tulis tanggal, misalnya 1 Desember 2026.")
        if last is None:
            self.errors["last_on"] = _("Tulis tanggal, misalnya 1 Desember 2026.")
        sold = [one for row in self.rows if (one := self._sold(row)) is not None]
        if first is None or last is None or self.wrong_rows:
            return None
        return HandReport(outlet_id, self.key, first, last, tuple(sold), self.is_zero)

    @staticmethod
    def _sold(row: SoldRow) -> Sold | None:
        """What one row says; nothing typed and zero are nothing sold."""
        if not row.sold:
            if row.price:
                row.error = _("Isi jumlahnya juga, atau kosongkan harganya.")
            return None
        quantity = read_number(row.sold)
        price = read_number(row.price) if row.price else None
        if quantity is None:
            row.error = _("Tulis jumlah dengan angka bulat, misalnya 12.")
        elif row.price and price is None:
            row.error = _("Tulis harga dengan angka, misalnya 15.000.")
        elif quantity != 0:
            return Sold(row.item.product_id, quantity, price)
        return None

    @property
    def wrong_rows(self) -> list[SoldRow]:
        """Rows with something to mend."""
        return [row for row in self.rows if row.error]

    @property
    def all_errors(self) -> list[tuple[str, str]]:
        """What is to be mended: the id of a field and its sentence."""
        named = [(name, sentence) for name, sentence in self.errors.items()]
        return named + [(row.name, f"{row.item.name}: {row.error}") for row in self.wrong_rows]

    def take(self, fields: Mapping[str, str]) -> None:
        """Show the service's sentences at their places."""
        rows = {row.name: row for row in self.rows}
        rows |= {f"price-{row.item.product_id}": row for row in self.rows}
        for name, sentence in fields.items():
            if name in rows:
                rows[name].error = sentence
            else:
                self.errors[name] = sentence


@dataclass
class CorrectionForm:
    """The page that corrects one line."""

    quantity: str
    price: str = ""
    reason: str = ""
    key: str = ""
    errors: dict[str, str] = field(default_factory=dict)

    @classmethod
    def sent(cls, form: Mapping[str, str]) -> CorrectionForm:
        """The page as it came back."""
        return cls(
            one_line(form.get("quantity"))[:20],
            one_line(form.get("price"))[:20],
            lines(form.get("reason"))[:MAX_REASON],
            one_line(form.get("key"))[:64],
        )

    def correction(self, report_id: int, line_ref: str) -> Correction | None:
        """What was typed, as the service takes it; None when something cannot be read."""
        quantity = read_number(self.quantity)
        price = read_number(self.price) if self.price else None
        if quantity is None:
            self.errors["quantity"] = _("Tulis jumlah dengan angka bulat, misalnya 12.")
        if self.price and price is None:
            self.errors["price"] = _("Tulis harga dengan angka, misalnya 15.000.")
        if quantity is None or self.errors:
            return None
        return Correction(report_id, line_ref, quantity, price, self.reason, self.key)
