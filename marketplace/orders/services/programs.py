"""Ordering by program: goods and places named by reference, what is left open filled as the pages fill it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from ... import clock
from ...db import db
from ...errors import InvalidInput, NotFound, RuleBroken
from ...i18n import _
from ...permissions import Actor, Permission
from ...texts import one_line
from ..models import Checkout, PaymentPlan, ShippingKind
from ..queries.offers import Offers, offers_of
from ..queries.programs import outlet_id_of, products_named
from ..rules import buying
from ..rules.drafts import CartChanged, CheckoutDraft, LineDraft, SellerDraft
from ..rules.reserving import NotEnough
from ..rules.terms import DEFAULTS
from .checkout import place, placed_before

USUAL_WINDOW = timedelta(days=7)
"""From the first to the last day of delivery where a program names none."""


@dataclass(frozen=True)
class WantedLine:
    """Units of one product; `unit_price_rupiah` is what the program expects one to cost, None: anything."""

    seller_ref: str
    sku: str
    quantity: int
    unit_price_rupiah: int | None = None
    card_text: str = ""


@dataclass(frozen=True)
class WantedOrder:
    """What a program orders. What is None is filled: the earliest days, the seller's first ways to send and
    to be paid. `said` is the request as it came, by which it is known again."""

    lines: Sequence[WantedLine]
    said: str
    outlet_ref: str | None = None
    recipient: str = ""
    phone: str = ""
    address: str = ""
    deliver_from: date | None = None
    deliver_to: date | None = None
    shipping_kind: ShippingKind | None = None
    payment_plan: PaymentPlan | None = None
    note: str = ""
    procurement_ref: str = ""


def place_by_program(*, actor: Actor, key: str, wanted: WantedOrder) -> Checkout:
    """Order what a program wants, as `checkout.place` does. The same key with the same words is one checkout.

    Raises NotFound for goods or an outlet that there are not, Conflict for a key that was used for something
    else, and what `place` raises, its fields and lines by reference.
    """
    actor.require(Permission.ORDER_PLACE)
    draft = CheckoutDraft(client_key=f"api:{key}", parts=(), said=wanted.said)
    if actor.buyer_id is not None:
        known = placed_before(db.session(), actor.buyer_id, draft)
        if known is not None:
            return known
    found = _found(wanted.lines)
    outlet_id = _outlet(wanted.outlet_ref)
    offers = offers_of([product_id for _seller_id, product_id in found.values()])
    parts = _parts(wanted, found, outlet_id, offers)
    try:
        return place(actor=actor, draft=replace(draft, parts=parts))
    except (InvalidInput, CartChanged, NotEnough) as refusal:
        raise _by_reference(refusal, found) from refusal


Found = Mapping[tuple[str, str], tuple[int, int]]


def _found(lines: Sequence[WantedLine]) -> Found:
    found = products_named({(line.seller_ref, line.sku) for line in lines})
    missing = {
        f"lines.{number}.sku": _("Produk ini tidak ada, atau sedang tidak dijual.")
        for number, line in enumerate(lines)
        if (line.seller_ref, line.sku) not in found
    }
    if missing:
        raise NotFound(next(iter(missing.values())), code="unknown_product", fields=missing)
    return found


def _outlet(outlet_ref: str | None) -> int | None:
    if outlet_ref is None:
        return None
    outlet_id = outlet_id_of(one_line(outlet_ref))
    if outlet_id is None:
        raise NotFound(_("Toko dengan kode ini tidak ada, atau bukan toko Anda."), code="unknown_outlet")
    return outlet_id


def _parts(wanted: WantedOrder, found: Found, outlet_id: int | None, offers: Offers) -> list[SellerDraft]:
    by_seller: dict[int, list[LineDraft]] = {}
    for line in wanted.lines:
        seller_id, product_id = found[line.seller_ref, line.sku]
        offer = offers.by_product.get(product_id)
        price = line.unit_price_rupiah
        if price is None:
            price = offer.unit_price(line.quantity) if offer else 0
        made = LineDraft(product_id, line.quantity, price, line.card_text)
        by_seller.setdefault(seller_id, []).append(made)
    return [_part(wanted, seller_id, lines, outlet_id, offers) for seller_id, lines in by_seller.items()]


def _part(
    wanted: WantedOrder,
    seller_id: int,
    lines: Sequence[LineDraft],
    outlet_id: int | None,
    offers: Offers,
) -> SellerDraft:
    terms = offers.makers[seller_id].terms if seller_id in offers.makers else DEFAULTS
    goods = [
        (offers.by_product[line.product_id], line.quantity)
        for line in lines
        if line.product_id in offers.by_product
    ]
    first = wanted.deliver_from or buying.earliest_day(goods, clock.today())
    ways = buying.shippings_of(terms)
    pre_order = buying.is_pre_order([offer for offer, _count in goods], clock.today())
    plans = buying.plans_of(terms, is_pre_order=pre_order)
    return SellerDraft(
        seller_id=seller_id,
        lines=lines,
        deliver_from=first,
        deliver_to=wanted.deliver_to or min(first, date.max - USUAL_WINDOW) + USUAL_WINDOW,
        shipping_kind=wanted.shipping_kind or next(iter(ways), ShippingKind.PICKUP),
        payment_plan=wanted.payment_plan or next(iter(plans), PaymentPlan.BEFORE),
        outlet_id=outlet_id,
        recipient=wanted.recipient,
        phone=wanted.phone,
        address=wanted.address,
        note=wanted.note,
        procurement_ref=wanted.procurement_ref,
    )


def _by_reference(refusal: InvalidInput | CartChanged | NotEnough, found: Found) -> Exception:
    """A refusal that names sellers and products as the program named them."""
    sellers = {seller_id: ref for (ref, _sku), (seller_id, _product_id) in found.items()}
    goods = {
        product_id: {"seller_ref": ref, "sku": sku} for (ref, sku), (_seller, product_id) in found.items()
    }
    if isinstance(refusal, InvalidInput):
        fields = {_renamed(name, sellers): sentence for name, sentence in refusal.fields.items()}
        return InvalidInput(refusal.message, fields, code=refusal.code)
    details: dict[str, Any] = {}
    for name, rows in refusal.details.items():
        details[name] = [
            {key: value for key, value in row.items() if key not in {"product_id", "seller_id"}}
            | goods.get(row.get("product_id"), {})
            | ({"seller_ref": sellers[row["seller_id"]]} if row.get("seller_id") in sellers else {})
            for row in rows
        ]
    return RuleBroken(refusal.message, code=refusal.code, **details)


def _renamed(name: str, sellers: Mapping[int, str]) -> str:
    field, _dash, number = name.rpartition("-")
    return f"{field}-{sellers[int(number)]}" if number.isdecimal() and int(number) in sellers else name
