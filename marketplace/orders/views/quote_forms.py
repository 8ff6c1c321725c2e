"""The forms of quotations: what is asked, and what one side would agree to, as they were typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from ... import clock
from ...i18n import _
from ...money import format_whole
from ...typed import read_day, read_id, read_whole
from ..models import PaymentPlan, QuoteLine, ShippingKind
from ..queries.buyers import Destination
from ..queries.cart import BasketPart
from ..queries.quotes import QuotePage
from ..rules.drafts import LineDraft, SellerDraft
from ..rules.quote_drafts import QuotedLine, QuotedTerms
from ..rules.terms import Terms
from .checkout_form import ADDRESS

VALID_DAYS = 7
LATER_DAYS = 14
WAYS = (ShippingKind.SELLER_RATE, ShippingKind.PICKUP)


@dataclass
class TypedForm:
    """Fields by name, as they were sent or as they begin, and the sentences about them."""

    values: Mapping[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    def value(self, name: str, default: object = "") -> str:
        """What was typed into a field; what it begins with when nothing was."""
        return self.values.get(name, str(default))

    @property
    def all_errors(self) -> list[tuple[str, str]]:
        """What is to be mended: the id of a field and its sentence."""
        return list(self.errors.items())

    def whole(self, name: str, default: object = "") -> int:
        """A whole number; -1 and a sentence for what is none."""
        found = read_whole(self.value(name, default))
        if found is None:
            self.errors[name] = _("Tulis angka bulat, misalnya 24.")
        return -1 if found is None else found

    def day(self, name: str, default: object = "") -> date | None:
        """A day; None and a sentence for what is none."""
        found = read_day(self.value(name, default))
        if found is None:
            self.errors[name] = _("Tulis tanggal, misalnya 1 Desember 2026.")
        return found

    def plan(self, default: PaymentPlan) -> PaymentPlan:
        """A way to pay; the first one and a sentence for what is none."""
        typed = self.value("payment_plan", default.value)
        if typed in set(PaymentPlan):
            return PaymentPlan(typed)
        self.errors["payment_plan"] = _("Pilih cara bayar.")
        return default


@dataclass
class DestinationForm(TypedForm):
    """A form that asks where goods of one seller go."""

    destinations: Sequence[Destination] = ()

    @property
    def to(self) -> str:
        """Where they go: an outlet's id, or an address."""
        return self.value("to", self.destinations[0].id if self.destinations else ADDRESS)

    @property
    def outlet_id(self) -> int | None:
        """The outlet that is named; 0, which is nobody's, for nonsense, None for an address."""
        return None if self.to == ADDRESS else read_id(self.to)

    def take(self, fields: Mapping[str, str]) -> None:
        """Show the services' sentences at their places."""
        for name, sentence in fields.items():
            self.errors.setdefault("to" if name == "outlet_id" else name, sentence)


@dataclass
class AskForm(DestinationForm):
    """What is asked of one seller. Its fields are quantity-ID, to, deliver_from and so on."""

    part: BasketPart | None = None

    @property
    def first(self) -> date:
        """The first day that stands in the form at first: a week ahead, or when it can be there."""
        soonest = self.part.earliest if self.part else clock.today()
        return max(soonest, clock.today() + timedelta(days=7))

    @property
    def last(self) -> date:
        """The last one that stands in the form at first."""
        return self.first + timedelta(days=3)

    def draft(self) -> SellerDraft | None:
        """What was typed as the services take it; None when something cannot be read."""
        assert self.part is not None
        lines = [
            LineDraft(line.offer.product_id, quantity, line.unit_price_rupiah, line.card_text)
            for line in self.part.lines
            if (quantity := self.whole(f"quantity-{line.offer.product_id}", line.quantity)) != 0
        ]
        first, last = self.day("deliver_from"), self.day("deliver_to")
        way = self.value("shipping_kind", ShippingKind.SELLER_RATE.value)
        plan = self.plan(PaymentPlan.BEFORE)
        if self.errors or first is None or last is None:
            return None
        return SellerDraft(
            seller_id=self.part.maker.id,
            lines=lines,
            deliver_from=first,
            deliver_to=last,
            shipping_kind=ShippingKind(way) if way in set(ShippingKind) else ShippingKind.QUOTED,
            payment_plan=plan,
            outlet_id=self.outlet_id,
            recipient=self.value("recipient"),
            phone=self.value("phone"),
            address="" if self.outlet_id is not None else self.value("address"),
            note=self.value("note"),
            procurement_ref=self.value("procurement_ref"),
        )


@dataclass
class AnswerForm(TypedForm):
    """What one side would agree to, beginning with the version on the table."""

    page: QuotePage | None = None
    terms: Terms = field(default_factory=Terms)

    def begin(self) -> None:
        """Fill the fields from the version on the table; a request is answered from the catalogue."""
        page = self.page
        assert page is not None
        row, today = page.latest.row, clock.today()
        first = max(row.deliver_from, today)
        valid = min(VALID_DAYS, max(1, (first - today).days))
        is_asked = row.total_rupiah is None
        self.values = {
            "version": str(row.number),
            "deliver_from": first.isoformat(),
            "deliver_to": max(row.deliver_to, first).isoformat(),
            "shipping_rupiah": format_whole(self._shipping() if is_asked else row.shipping_rupiah or 0),
            "payment_plan": row.payment_plan,
            "due_days": str(row.due_days or self.terms.due_days or LATER_DAYS),
            "advance_percent": str(row.advance_percent or self.terms.advance_percent or 50),
            "valid_days": str(valid),
            "makes_rest": "1" if row.makes_rest else "",
            **{name: value for line in page.asked.lines for name, value in self._line(line)},
        }

    def _shipping(self) -> int:
        return self.terms.shipping_rupiah or 0

    def _line(self, asked: QuoteLine) -> list[tuple[str, str]]:
        """Units and price of a product on the table; none of it where it was left out."""
        assert self.page is not None
        found = {line.product_id: line for line in self.page.latest.lines}.get(asked.product_id)
        price = asked.list_price_rupiah
        if found is not None and found.unit_price_rupiah is not None:
            price = found.unit_price_rupiah
        return [
            (f"quantity-{asked.product_id}", format_whole(found.quantity if found else 0)),
            (f"price-{asked.product_id}", format_whole(price)),
        ]

    @property
    def version(self) -> int:
        """The number of the version that is answered; 0, which is none, for nonsense."""
        return read_whole(self.value("version")) or 0

    def draft(self) -> QuotedTerms | None:
        """What was typed as the services take it; None when something cannot be read."""
        assert self.page is not None
        lines = [
            QuotedLine(
                line.product_id,
                self.whole(f"quantity-{line.product_id}", 0),
                self.whole(f"price-{line.product_id}", 0),
            )
            for line in self.page.asked.lines
        ]
        first, last = self.day("deliver_from"), self.day("deliver_to")
        plan = self.plan(PaymentPlan(self.page.latest.row.payment_plan))
        is_brought = self.page.quote.shipping_kind != ShippingKind.PICKUP
        shipping = self.whole("shipping_rupiah", 0) if is_brought else 0
        due_days = self.whole("due_days") if plan is PaymentPlan.LATER else 0
        advance = self.whole("advance_percent") if plan is PaymentPlan.ADVANCE else 0
        valid_days = self.whole("valid_days")
        if self.errors or first is None or last is None:
            return None
        return QuotedTerms(
            lines=lines,
            deliver_from=first,
            deliver_to=last,
            payment_plan=plan,
            shipping_rupiah=shipping,
            due_days=due_days,
            advance_percent=advance,
            valid_days=valid_days,
            makes_rest=bool(self.value("makes_rest")),
            note=self.value("note"),
        )
