"""The form of a delivery note: a row for each product, and empty ones for a second lot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from ... import clock
from ...i18n import _
from ...money import MAX_RUPIAH, TooLarge, format_whole, parse_whole
from ...texts import one_line
from ..models import DeliveryLine
from ..queries.deliveries import MOST_CHOICES, Good
from ..services.delivery_lines import DeliveryDraft, NewLine
from .row_form import RowForm

EXTRA_ROWS = 2
MOST_ROWS = 200


@dataclass
class Row:
    """One row as it stands on the form; `good` is fixed, or chosen in the row."""

    good: Good | None
    product_id: int | None = None
    quantity: str = ""
    lot: str = ""
    expires_on: str = ""
    error: str = ""


@dataclass
class DeliveryForm(RowForm):
    """All that stands on the form, as it was typed."""

    goods: Sequence[Good]
    rows: list[Row]
    deliver_on: str = ""
    vehicle: str = ""
    driver: str = ""
    note: str = ""
    key: str = ""
    errors: dict[str, str] = field(default_factory=dict)

    def add_rows(self) -> None:
        """Make room for more lots."""
        self.rows += [Row(None) for _turn in range(EXTRA_ROWS) if len(self.rows) < MOST_ROWS]


def empty_form(goods: Sequence[Good], key: str, starts_on: date) -> DeliveryForm:
    """A form to begin with: every product of the agreement, as far as they are few; today or at its start."""
    shown = goods if len(goods) <= MOST_CHOICES else ()
    rows = [Row(good, good.id) for good in shown]
    form = DeliveryForm(goods, rows, deliver_on=max(clock.today(), starts_on).isoformat(), key=key)
    form.add_rows()
    return form


def filled_form(goods: Sequence[Good], lines: Sequence[DeliveryLine], head: Any) -> DeliveryForm:
    """The form of a draft: its lines, then the products that it does not name yet."""
    by_id = {good.id: good for good in goods}
    rows = [
        Row(
            by_id.get(line.product_id),
            line.product_id,
            format_whole(line.quantity),
            line.lot_code,
            line.expires_on.isoformat() if line.expires_on else "",
        )
        for line in lines
    ]
    named = {line.product_id for line in lines}
    if len(goods) <= MOST_CHOICES:
        rows += [Row(good, good.id) for good in goods if good.id not in named]
    form = DeliveryForm(
        goods, rows, head.deliver_on.isoformat(), head.vehicle, head.driver, head.note, key=""
    )
    form.add_rows()
    return form


def typed_form(goods: Sequence[Good], values: Mapping[str, str]) -> DeliveryForm:
    """The form as it was sent."""
    by_id = {good.id: good for good in goods}
    rows = []
    for place in range(MOST_ROWS):
        if f"quantity-{place}" not in values:
            break
        chosen = values.get(f"product-{place}", "")
        product_id = int(chosen) if chosen.isdecimal() and len(chosen) < 19 else None
        is_fixed = values.get(f"fixed-{place}") == "1"
        rows.append(
            Row(
                by_id.get(product_id) if is_fixed and product_id else None,
                product_id,
                one_line(values[f"quantity-{place}"])[:30],
                one_line(values.get(f"lot-{place}"))[:80],
                one_line(values.get(f"expires_on-{place}"))[:10],
            )
        )
    return DeliveryForm(
        goods,
        rows,
        deliver_on=values.get("deliver_on", ""),
        vehicle=values.get("vehicle", ""),
        driver=values.get("driver", ""),
        note=values.get("note", ""),
        key=values.get("key", ""),
    )


def draft_of(form: DeliveryForm, agreement_id: int) -> DeliveryDraft | None:
    """What was typed as the services take it; None when something cannot be read (it says what)."""
    lines = [line for place, row in enumerate(form.rows) if (line := _line(place, row)) is not None]
    deliver_on = read_day(form.deliver_on)
    if deliver_on is None:
        form.errors["deliver_on"] = _("Tulis tanggal, misalnya 1 Desember 2026.")
    if form.errors or any(row.error for row in form.rows) or deliver_on is None:
        return None
    return DeliveryDraft(
        agreement_id=agreement_id,
        deliver_on=deliver_on,
        lines=lines,
        vehicle=form.vehicle,
        driver=form.driver,
        note=form.note,
        client_key=form.key,
    )


def _line(place: int, row: Row) -> NewLine | None:
    """A row that says something; None for one left empty, or with what is wrong noted on it."""
    if not row.quantity:
        if row.good is None and row.product_id:
            row.error = _("Isi jumlahnya.")
        return None
    quantity = read_whole(row.quantity)
    expires_on = read_day(row.expires_on) if row.expires_on else None
    if quantity is None or quantity < 1:
        row.error = _("Tulis jumlah dengan angka bulat, paling sedikit 1.")
    elif row.product_id is None:
        row.error = _("Pilih produknya.")
    elif row.expires_on and expires_on is None:
        row.error = _("Tulis tanggal kedaluwarsa, misalnya 1 Desember 2026.")
    if row.error or quantity is None or row.product_id is None:
        return None
    return NewLine(row.product_id, quantity, row.lot, expires_on, field=f"row-{place}")


def read_whole(text: str) -> int | None:
    """A whole number as people type it; None when it is none. What is too large is the largest."""
    try:
        return parse_whole(text) if text.isascii() else None
    except TooLarge:
        return MAX_RUPIAH
    except ValueError:
        return None


def read_day(text: str) -> date | None:
    """A day as a date field sends it; None when it is none."""
    try:
        return date.fromisoformat(text.strip()[:10])
    except ValueError:
        return None
