"""The form of a checkout: where to, and for each seller when, how and by which payment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import TypeVar

from ...i18n import _
from ...typed import read_day, read_id, read_whole
from ..models import PaymentPlan, ShippingKind
from ..queries.buyers import Destination
from ..queries.cart import Basket, BasketPart
from ..rules.buying import usual_shipping
from ..rules.drafts import CheckoutDraft, LineDraft, SellerDraft

Choice = TypeVar("Choice", bound=StrEnum)
COMMON = ("outlet_id", "recipient", "phone", "address")
WINDOW_DAYS = 3
"""So many days the form offers beyond the earliest."""
ADDRESS = "address"
"""The choice of an address instead of an outlet."""


@dataclass
class CheckoutForm:
    """All that stands on the form, as it was typed."""

    key: str
    basket: Basket
    destinations: Sequence[Destination]
    values: Mapping[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    def value(self, name: str, default: str = "") -> str:
        """What was typed into a field; what it begins with when nothing was."""
        return self.values.get(name, default)

    def shipping(self, part: BasketPart) -> str:
        """The way that is chosen for a seller's goods."""
        place = self.value(f"outlet_id-{part.maker.id}") or self.to
        has_destination = place != ADDRESS or bool(self.value("address").strip())
        usual = usual_shipping(part.shippings, has_destination=has_destination)
        return self.value(f"shipping_kind-{part.maker.id}") or (usual.value if usual else "")

    def plan(self, part: BasketPart) -> str:
        """The payment that is chosen for them."""
        plans = part.plans
        return self.value(f"payment_plan-{part.maker.id}") or (plans[0].value if plans else "")

    def deliver_from(self, part: BasketPart) -> str:
        """The first day on which they are wanted."""
        return self.value(f"deliver_from-{part.maker.id}", part.earliest.isoformat())

    def deliver_to(self, part: BasketPart) -> str:
        """The last one."""
        last = part.earliest + timedelta(days=WINDOW_DAYS)
        return self.value(f"deliver_to-{part.maker.id}", last.isoformat())

    @property
    def to(self) -> str:
        """Where everything goes that names no place of its own: an outlet's id, or an address."""
        first = str(self.destinations[0].id) if self.destinations else ADDRESS
        return self.value("to", first)

    @property
    def all_errors(self) -> list[tuple[str, str]]:
        """What is to be mended: the id of a field and its sentence."""
        return list(self.errors.items())

    def take(self, fields: Mapping[str, str]) -> None:
        """Show the services' sentences at their places; what is said of the way there stands once."""
        for name, sentence in fields.items():
            kind = name.rpartition("-")[0]
            is_own = kind == "outlet_id" and self.value(name)
            place = "to" if kind == "outlet_id" and not is_own else kind
            self.errors.setdefault(name if is_own or kind not in COMMON else place, sentence)

    def hidden(self) -> list[tuple[str, str]]:
        """Every field as it was sent, to be sent again from the page that asks for the last yes."""
        skip = {"csrf_token", "review", "place", "edit"}
        return [
            (name, value)
            for name, value in self.values.items()
            if name not in skip and not name.startswith("shipping_seen-")
        ]


def draft_of(form: CheckoutForm) -> CheckoutDraft | None:
    """What was typed as the services take it; None when something cannot be read (the form says what)."""
    parts = [part for each in form.basket.parts if (part := _part(form, each)) is not None]
    return None if form.errors else CheckoutDraft(form.key, parts)


def _part(form: CheckoutForm, part: BasketPart) -> SellerDraft | None:
    seller_id = part.maker.id
    first, last = read_day(form.deliver_from(part)), read_day(form.deliver_to(part))
    kind, plan = _read(ShippingKind, form.shipping(part)), _read(PaymentPlan, form.plan(part))
    wrong = {
        "deliver_from": _("Tulis tanggal, misalnya 1 Desember 2026.") if first is None else "",
        "deliver_to": _("Tulis tanggal, misalnya 1 Desember 2026.") if last is None else "",
        "shipping_kind": _("Pilih cara kirim.") if kind is None else "",
        "payment_plan": _("Pilih cara bayar.") if plan is None else "",
    }
    form.errors.update({f"{name}-{seller_id}": sentence for name, sentence in wrong.items() if sentence})
    if first is None or last is None or kind is None or plan is None:
        return None
    to = form.value(f"outlet_id-{seller_id}") or form.to
    is_outlet = to != ADDRESS
    return SellerDraft(
        seller_id=seller_id,
        lines=[
            LineDraft(line.offer.product_id, line.quantity, line.seen_price_rupiah, line.card_text)
            for line in part.lines
        ],
        deliver_from=first,
        deliver_to=last,
        shipping_kind=kind,
        payment_plan=plan,
        outlet_id=read_id(to) if is_outlet else None,
        recipient=form.value("recipient"),
        phone=form.value("phone"),
        address="" if is_outlet else form.value("address"),
        note=form.value(f"note-{seller_id}"),
        procurement_ref=form.value("procurement_ref"),
        seen_shipping_rupiah=read_whole(form.value(f"shipping_seen-{seller_id}")),
    )


def _read(values: type[Choice], text: str) -> Choice | None:
    return values(text) if text in set(values) else None
