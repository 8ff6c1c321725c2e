"""The form of an order's delivery note: a row for each line, and more for its other lots."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ...i18n import _
from ...texts import one_line
from ...typed import read_day, read_id, read_whole
from ..models import OrderLine
from ..queries.last_lots import KnownLot
from ..rules.shipping import MAX_LINES, Packed
from ..services.shipping import ShipmentDraft

EXTRA_ROWS = 2
HEAD = ("carrier", "tracking", "driver", "note")


@dataclass
class Row:
    """One row as it stands on the form; `line` is fixed, or chosen in the row."""

    line: OrderLine | None
    line_id: str = ""
    quantity: str = ""
    lot: str = ""
    expires_on: str = ""
    error: str = ""


@dataclass
class ShipForm:
    """All that stands on the form, as it was typed."""

    lines: Sequence[OrderLine]
    rows: list[Row]
    head: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    is_prefilled: bool = False

    def add_rows(self) -> None:
        """Make room for more lots."""
        self.rows += [Row(None) for _turn in range(EXTRA_ROWS) if len(self.rows) < MAX_LINES]

    @property
    def all_errors(self) -> list[tuple[str, str]]:
        """What is to be mended: the id of a field and its sentence."""
        found = list(self.errors.items())
        found += [(f"quantity-{place}", row.error) for place, row in enumerate(self.rows) if row.error]
        return found

    def take(self, fields: Mapping[str, str]) -> None:
        """Show the service's sentences at their places."""
        for name, sentence in fields.items():
            place = name.removeprefix("row-")
            if place.isdecimal() and int(place) < len(self.rows):
                self.rows[int(place)].error = sentence
            else:
                self.errors[name] = sentence


def empty_form(lines: Sequence[OrderLine], known: Mapping[int, KnownLot]) -> ShipForm:
    """A form to begin with: everything that was ordered, in the lots that are known, by line."""
    rows = []
    for line in lines:
        lot = known.get(line.id, KnownLot("", None))
        expires_on = lot.expires_on.isoformat() if lot.expires_on else ""
        rows.append(Row(line, str(line.id), str(line.quantity), lot.code, expires_on))
    return ShipForm(lines, rows, is_prefilled=bool(known))


def typed_form(lines: Sequence[OrderLine], typed: Mapping[str, str]) -> ShipForm:
    """The form as it was sent."""
    known = {str(line.id): line for line in lines}
    rows = []
    for place in range(MAX_LINES):
        if f"quantity-{place}" not in typed:
            break
        line_id = typed.get(f"line-{place}", "")
        rows.append(
            Row(
                known.get(line_id) if f"fixed-{place}" in typed else None,
                line_id,
                one_line(typed.get(f"quantity-{place}"))[:20],
                one_line(typed.get(f"lot-{place}"))[:80],
                one_line(typed.get(f"expires_on-{place}"))[:10],
            )
        )
    return ShipForm(lines, rows, {name: typed.get(name, "")[:2000] for name in HEAD})


def draft_of(form: ShipForm) -> ShipmentDraft | None:
    """What the form says; None, with a sentence at each row, where that cannot be read."""
    packed = []
    for place, row in enumerate(form.rows):
        if not row.quantity or row.quantity == "0":
            continue
        quantity, expires_on = read_whole(row.quantity), read_day(row.expires_on)
        line_id = read_id(row.line_id)
        if not line_id:
            row.error = _("Pilih barangnya.")
        elif quantity is None:
            row.error = _("Tulis jumlah dengan angka bulat, paling sedikit 1.")
        elif row.expires_on and expires_on is None:
            row.error = _("Tulis tanggal kedaluwarsa seperti 31/12/2026.")
        else:
            packed.append(Packed(line_id, quantity, row.lot, expires_on, field=f"row-{place}"))
    if any(row.error for row in form.rows):
        return None
    return ShipmentDraft(packed, **form.head)
