"""The form of a standing order, as it was typed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from ... import clock
from ...i18n import _
from ...typed import read_whole
from ..models import PaymentPlan, ShippingKind, StandingCycle
from ..queries.cart import BasketLine, BasketPart
from ..rules.drafts import LineDraft
from ..rules.standing import StandingDraft
from .quote_forms import DestinationForm


@dataclass
class StandingForm(DestinationForm):
    """What is ordered again and again of one seller. Its fields are quantity-ID, cycle and so on."""

    part: BasketPart | None = None
    key: str = ""

    @property
    def ways(self) -> list[ShippingKind]:
        """How goods may travel at a price that is known beforehand."""
        return [way for way in self.part.shippings if way is not ShippingKind.QUOTED] if self.part else []

    @property
    def plans(self) -> list[PaymentPlan]:
        """How they may be paid."""
        return self.part.plans if self.part else []

    @property
    def first_on(self) -> str:
        """The first day on which it orders: tomorrow at first."""
        return self.value("first_on", (clock.today() + timedelta(days=1)).isoformat())

    def price_now(self, line: BasketLine) -> int:
        """What one costs today, at the units that were typed: it is shown, and seen from now on."""
        typed = read_whole(self.value(f"quantity-{line.offer.product_id}", line.quantity))
        return line.offer.unit_price(max(1, typed or line.quantity))

    def _seen(self, line: BasketLine) -> int:
        return max(0, read_whole(self.value(f"seen-{line.offer.product_id}")) or 0)

    def draft(self) -> StandingDraft | None:
        """What was typed as the services take it; None when something cannot be read."""
        assert self.part is not None
        lines = [
            LineDraft(
                line.offer.product_id,
                quantity,
                self._seen(line),
                line.card_text,
            )
            for line in self.part.lines
            if (quantity := self.whole(f"quantity-{line.offer.product_id}", line.quantity)) != 0
        ]
        first_on, last_on = self.day("first_on", self.first_on), self._last_on()
        numbers = {name: self.whole(name) for name in ("ahead_days", "window_days", "max_rise_percent")}
        cycle = self._cycle()
        way = self.value("shipping_kind", self.ways[0].value if self.ways else "")
        plan = self.plan(self.plans[0] if self.plans else PaymentPlan.BEFORE)
        if self.errors or first_on is None:
            return None
        return StandingDraft(
            client_key=self.key,
            seller_id=self.part.maker.id,
            outlet_id=self.outlet_id or 0,
            lines=lines,
            cycle=cycle,
            first_on=first_on,
            last_on=last_on,
            shipping_kind=ShippingKind(way) if way in set(ShippingKind) else ShippingKind.QUOTED,
            payment_plan=plan,
            note=self.value("note"),
            **numbers,
        )

    def _last_on(self) -> date | None:
        return self.day("last_on") if self.value("last_on").strip() else None

    def _cycle(self) -> StandingCycle:
        typed = self.value("cycle", StandingCycle.WEEKLY.value)
        if typed in set(StandingCycle):
            return StandingCycle(typed)
        self.errors["cycle"] = _("Pilih seberapa sering.")
        return StandingCycle.WEEKLY


FIRST: Mapping[str, str] = {"ahead_days": "3", "window_days": "2", "max_rise_percent": "10"}
"""What stands in the form at first."""
