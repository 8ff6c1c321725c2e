"""The form of lots that leave a shelf: for return notes and for destruction minutes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ...i18n import _
from ...money import format_whole
from ...texts import one_line
from ..models import ReturnReason
from ..queries.returnable import OnShelf
from ..rules.returns import DESTROYABLE, Advice
from ..services.return_lines import TakenLine
from .delivery_form import read_whole
from .row_form import RowForm


@dataclass
class LotRow:
    """One lot as it stands on the form."""

    lot: OnShelf
    quantity: str = ""
    reason: str = ""
    error: str = ""


@dataclass
class LotForm(RowForm):
    """All that stands on the form, as it was typed."""

    rows: list[LotRow]
    reasons: Sequence[ReturnReason]
    values: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    def lines(self) -> list[TakenLine] | None:
        """What was typed as the services take it; None when something cannot be read (it says what)."""
        found = [line for place, row in enumerate(self.rows) if (line := self._line(place, row)) is not None]
        return None if self.all_errors else found

    def _line(self, place: int, row: LotRow) -> TakenLine | None:
        if row.quantity in {"", "0"}:
            return None
        quantity = read_whole(row.quantity)
        if quantity is None or quantity < 1:
            row.error = _("Tulis jumlah dengan angka bulat, paling sedikit 1.")
        elif row.reason not in self.reasons:
            row.error = _("Pilih alasannya.")
        if row.error or quantity is None:
            return None
        held = row.lot.holding
        reason = ReturnReason(row.reason)
        return TakenLine(
            held.product_id, quantity, reason, held.lot_code, held.expires_on, field=f"row-{place}"
        )


def suggested_form(
    lots: Sequence[OnShelf], *, spoiled_only: bool = False, values: Mapping[str, str] | None = None
) -> LotForm:
    """The form to begin with: what should go is filled in already."""
    reasons = list(DESTROYABLE) if spoiled_only else list(ReturnReason)
    rows = []
    for lot in lots:
        advice = lot.advice
        goes = advice.advice is Advice.RETURN and advice.reason in reasons
        reason = advice.reason.value if goes and advice.reason else ""
        rows.append(LotRow(lot, format_whole(min(advice.units, lot.free)) if goes else "", reason))
    return LotForm(rows, reasons, dict(values or {}))


def typed_form(lots: Sequence[OnShelf], values: Mapping[str, str], *, spoiled_only: bool = False) -> LotForm:
    """The form as it was sent. A row is known by its lot, so that a shelf that changed mixes nothing up."""
    reasons = list(DESTROYABLE) if spoiled_only else list(ReturnReason)
    typed = {}
    for place in range(len(values)):
        name = values.get(f"lot-{place}")
        if name is None:
            break
        quantity = one_line(values.get(f"quantity-{place}"))[:30]
        typed[name] = (quantity, values.get(f"reason-{place}", "")[:20])
    rows = [LotRow(lot, *typed.pop(lot_name(lot), ("", ""))) for lot in lots]
    form = LotForm(rows, reasons, dict(values))
    if any(quantity not in {"", "0"} for quantity, _reason in typed.values()):
        form.errors["lines"] = _("Isi rak berubah sejak halaman ini dibuka. Periksa lagi jumlahnya.")
    return form


def lot_name(lot: OnShelf) -> str:
    """What a row of the form is called."""
    held = lot.holding
    return f"{held.product_id}|{held.expires_on or ''}|{held.lot_code}"
