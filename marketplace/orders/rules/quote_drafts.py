"""What one side would agree to, as it is written: and what in it cannot be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from ...catalog.rules import check_price
from ...i18n import _, format_day, format_number
from ...money import format_rupiah
from ..models import PaymentPlan
from . import buying

MAX_VALID_DAYS = 60
ASK_DAYS = 7
"""Days in which a seller may answer what it is asked, unless the goods are wanted earlier."""
MAX_NOTE = 2000


@dataclass(frozen=True, slots=True)
class QuotedLine:
    """Units of one product at a price that one side would agree to; none of them leaves it out."""

    product_id: int
    quantity: int
    unit_price_rupiah: int


@dataclass(frozen=True, slots=True)
class QuotedTerms:
    """All that one side would agree to. It may be answered for `valid_days`, until delivery begins.

    `makes_rest`: the seller makes what is not at hand; a buyer cannot say so.
    """

    lines: Sequence[QuotedLine]
    deliver_from: date
    deliver_to: date
    payment_plan: PaymentPlan
    shipping_rupiah: int = 0
    due_days: int = 0
    advance_percent: int = 0
    valid_days: int = 7
    makes_rest: bool = False
    note: str = ""


def ask_until(today: date, deliver_from: date) -> date:
    """Until when a seller may answer what it is asked today."""
    return min(today + timedelta(days=ASK_DAYS), deliver_from)


def wrong_terms(terms: QuotedTerms, today: date) -> dict[str, str]:
    """A sentence for each field that cannot be; `price-ID` and `quantity-ID` name a product's."""
    wrong = buying.wrong_days(terms.deliver_from, terms.deliver_to, earliest=today, today=today)
    for line in terms.lines:
        if not 0 <= line.quantity <= buying.MAX_UNITS:
            wrong[f"quantity-{line.product_id}"] = _(
                "Tulis angka bulat dari 0 sampai %(most)s.", most=format_number(buying.MAX_UNITS)
            )
        elif line.quantity and not (price := check_price(line.unit_price_rupiah)).ok:
            wrong[f"price-{line.product_id}"] = price.sentence
    if not any(line.quantity for line in terms.lines):
        wrong["lines"] = _("Sisakan paling sedikit satu barang.")
    if not 0 <= terms.shipping_rupiah <= buying.MAX_ORDER_RUPIAH:
        wrong["shipping_rupiah"] = _("Tulis ongkos kirim dengan angka; nol bila tidak ada.")
    wrong |= _wrong_payment(terms)
    if not 1 <= terms.valid_days <= MAX_VALID_DAYS:
        wrong["valid_days"] = _("Tulis 1 sampai %(most)s hari.", most=MAX_VALID_DAYS)
    elif today + timedelta(days=terms.valid_days) > terms.deliver_from and "deliver_from" not in wrong:
        wrong["valid_days"] = _(
            "Harus terjawab sebelum barang dikirim: paling lama sampai %(day)s.",
            day=format_day(terms.deliver_from),
        )
    goods = sum(line.quantity * line.unit_price_rupiah for line in terms.lines)
    if not wrong and goods + terms.shipping_rupiah > buying.MAX_ORDER_RUPIAH:
        wrong["lines"] = _(
            "Nilainya terlalu besar, paling banyak %(most)s. Periksa jumlah dan harganya.",
            most=format_rupiah(buying.MAX_ORDER_RUPIAH),
        )
    return wrong


def _wrong_payment(terms: QuotedTerms) -> dict[str, str]:
    if terms.payment_plan is PaymentPlan.LATER and not 1 <= terms.due_days <= 366:
        return {"due_days": _("Tulis tempo bayarnya, 1 sampai 366 hari.")}
    if terms.payment_plan is PaymentPlan.ADVANCE and not 1 <= terms.advance_percent <= 99:
        return {"advance_percent": _("Tulis uang mukanya, 1 sampai 99 persen.")}
    return {}


def due_days_kept(terms: QuotedTerms) -> int:
    """The days that count: none but where the buyer pays later."""
    return terms.due_days if terms.payment_plan is PaymentPlan.LATER else 0


def advance_kept(terms: QuotedTerms) -> int:
    """The percentage that counts: none but where there is an advance."""
    return terms.advance_percent if terms.payment_plan is PaymentPlan.ADVANCE else 0


def valid_until(terms: QuotedTerms, today: date) -> date:
    """The last day on which it may be answered."""
    return today + timedelta(days=terms.valid_days)
