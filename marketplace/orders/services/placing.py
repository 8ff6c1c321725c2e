"""Writing the orders of a checkout: everything at its price, its units promised, in as few statements as
there are tables."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from ... import audit, clock, documents
from ...bulk import Change, Rows, next_ids_of, write_rows
from ...db import is_postgres
from ...permissions import Actor
from ..models import Checkout, Order, OrderState
from ..rules.buying import Offer, advance_of, due_days_of, is_pre_order, wanted_of
from ..rules.drafts import CheckoutDraft, SellerDraft
from ..rules.reserving import Wanted, week_of
from ..rules.splitting import Part, Split, split_advance
from ..rules.terms import ACCEPT_DAYS, CLAIM_DAYS, Terms
from .moving import PLACE, first_steps, state_due_at, tell_of_first
from .reservations import reserve
from .writing import adopt, rows_of

LINE_COLUMNS = (
    "id", "order_id", "position", "product_id", "name", "sku", "unit", "quantity", "unit_price_rupiah",
    "amount_rupiah", "is_parcel", "card_text", "sent", "accepted", "billed",
)  # fmt: skip
ORDERED_SQLITE = """DELETE FROM cart_lines WHERE (operator_id, user_id, product_id) IN
    (SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]')
        FROM json_each(?))"""
ORDERED_POSTGRES = """DELETE FROM cart_lines USING jsonb_array_elements(%s) AS ordered(value)
    WHERE operator_id = (value ->> 0)::bigint AND user_id = (value ->> 1)::bigint
        AND product_id = (value ->> 2)::bigint"""
SHARE_COLUMNS = ("order_id", "seller_id", "amount_rupiah", "advance_rupiah", "billed_rupiah")


@dataclass(frozen=True, slots=True)
class PricedLine:
    """Units of one product at the price that they are ordered at."""

    offer: Offer
    quantity: int
    unit_price_rupiah: int
    card_text: str = ""

    @property
    def amount_rupiah(self) -> int:
        """What they cost."""
        return self.quantity * self.unit_price_rupiah

    @property
    def parts(self) -> Sequence[Part]:
        """Whose the price of one is; empty: all the order's seller's."""
        return self.offer.content.parts if self.offer.content else ()


@dataclass(frozen=True, slots=True)
class PricedPart:
    """What one seller gets an order for, and what it comes to; `quote_id`, `standing_id`: what it is from.

    `makes_rest`: the seller said that it makes what is not at hand.
    """

    draft: SellerDraft
    lines: Sequence[PricedLine]
    terms: Terms
    split: Split
    region_code: str
    quote_id: int | None = None
    standing_id: int | None = None
    makes_rest: bool = False

    @property
    def is_pre_order(self) -> bool:
        """Whether something in it is made only now."""
        return is_pre_order([line.offer for line in self.lines], clock.today())

    @property
    def advance_rupiah(self) -> int:
        """What is due before packing."""
        return advance_of(self.draft.payment_plan, self.split.total_rupiah, self.terms)


def write_checkout(
    session: Session,
    actor: Actor,
    operator_id: int,
    draft: CheckoutDraft,
    parts: Sequence[PricedPart],
    *,
    needs_approval: bool,
) -> Checkout | None:
    """Write a checkout with its orders, promise their units, empty the cart of them.

    None when the same key was used by another unit of work meanwhile: nothing was written then. Locks the
    operator's numbers first, then stock by product. Raises NotEnough.
    """
    checkout = _begin(session, actor, operator_id, draft, parts, needs_approval=needs_approval)
    if checkout is None:
        return None
    numbers = [None] * len(parts) if needs_approval else take_order_numbers(session, operator_id, len(parts))
    connection, lines = session.connection(), sum(len(part.lines) for part in parts)
    ids = next_ids_of(connection, {"orders": len(parts), "order_lines": lines, "order_steps": len(parts)})
    orders = [
        _order(actor, checkout, part, order_id=order_id, number=number)
        for part, order_id, number in zip(parts, ids["orders"], numbers, strict=True)
    ]
    steps = first_steps(actor, orders, ids["order_steps"])
    of_lines, of_parcels, wanted = _lines(parts, orders, ids["order_lines"])
    promises, taken = reserve(session, wanted)
    write_rows(
        connection,
        rows_of(connection, orders),
        of_lines,
        of_parcels,
        promises,
        _shares(parts, orders),
        rows_of(connection, steps),
        _recorded(connection, actor, parts, orders),
        taken,
        _out_of_cart(actor, operator_id, parts),
    )
    adopt(session, [*orders, *steps])
    tell_of_first(session, actor, orders, steps)
    return checkout


def _recorded(
    connection: Connection, actor: Actor, parts: Sequence[PricedPart], orders: Sequence[Order]
) -> Rows:
    return audit.rows_of(
        connection,
        actor,
        f"order.{PLACE}",
        orders,
        after={"state": orders[0].state},
        regions=[part.region_code for part in parts],
    )


def take_order_numbers(session: Session, operator_id: int, count: int) -> list[str | None]:
    """The next numbers of an operator's orders in this year, without gaps."""
    year = clock.today().year
    series = f"order:{operator_id}:{year}"
    first = documents.take_numbers(session, {series: count}).get(series, 0)
    return [f"PO/{year}/{number:04d}" for number in range(first, first + count)]


def _begin(
    session: Session,
    actor: Actor,
    operator_id: int,
    draft: CheckoutDraft,
    parts: Sequence[PricedPart],
    *,
    needs_approval: bool,
) -> Checkout | None:
    row = {
        "operator_id": operator_id,
        "client_key": draft.client_key,
        "content_hash": draft.content_hash,
        "order_count": len(parts),
        "total_rupiah": sum(part.split.total_rupiah for part in parts),
        "needs_approval": needs_approval,
        "made_at": clock.now(),
        "made_by": actor.user_id,
        "maker_name": actor.name,
        "decider_name": "",
        "decision_reason": "",
    }
    made = session.connection().execute(_new_checkout(is_postgres(session)), row).scalar()
    if made is None:
        return None
    checkout = Checkout(id=made, is_approved=None, decided_at=None, decided_by=None, **row)
    adopt(session, [checkout])
    return checkout


@functools.cache
def _new_checkout(on_postgres: bool) -> Any:
    table: Any = Checkout.__table__
    new = postgresql.insert(table) if on_postgres else sqlite.insert(table)
    return new.on_conflict_do_nothing().returning(table.c.id)


def _order(actor: Actor, checkout: Checkout, part: PricedPart, *, order_id: int, number: str | None) -> Order:
    draft, split = part.draft, part.split
    state = OrderState.AWAITING_APPROVAL if checkout.needs_approval else OrderState.PLACED
    order = Order(
        id=order_id,
        order_ref=documents.new_code(),
        number=number,
        checkout_id=checkout.id,
        operator_id=checkout.operator_id,
        seller_id=draft.seller_id,
        state=state.value,
        outlet_id=draft.outlet_id,
        recipient=draft.recipient,
        phone=draft.phone,
        address=draft.address,
        deliver_from=draft.deliver_from,
        deliver_to=draft.deliver_to,
        shipping_kind=draft.shipping_kind.value,
        payment_plan=draft.payment_plan.value,
        due_days=due_days_of(draft.payment_plan, part.terms),
        accept_days=ACCEPT_DAYS,
        claim_days=CLAIM_DAYS,
        is_pre_order=part.is_pre_order,
        goods_rupiah=split.goods_rupiah,
        shipping_rupiah=split.shipping_rupiah,
        tax_rupiah=split.tax_rupiah,
        total_rupiah=split.total_rupiah,
        advance_rupiah=part.advance_rupiah,
        quote_id=part.quote_id,
        standing_id=part.standing_id,
        procurement_ref=draft.procurement_ref,
        note=draft.note,
        placed_at=None if checkout.needs_approval else checkout.made_at,
        created_at=checkout.made_at,
        created_by=actor.user_id,
    )
    order.due_at = state_due_at(order, part.terms.answer_days)
    return order


def _lines(
    parts: Sequence[PricedPart], orders: Sequence[Order], line_ids: Sequence[int]
) -> tuple[Rows, Rows, list[Wanted]]:
    """The lines of all orders, which of them bought which version of a parcel, and what is to be promised."""
    ids = iter(line_ids)
    rows: list[Sequence[Any]] = []
    versions: list[Sequence[Any]] = []
    wanted: list[Wanted] = []
    for part, order in zip(parts, orders, strict=True):
        for position, line in enumerate(part.lines, start=1):
            offer, line_id = line.offer, next(ids)
            rows.append(
                (
                    line_id, order.id, position, offer.product_id, offer.name, offer.sku, offer.unit,
                    line.quantity, line.unit_price_rupiah, line.amount_rupiah, offer.content is not None,
                    line.card_text, 0, 0, 0,
                )
            )  # fmt: skip
            if offer.content:
                versions.append((line_id, offer.content.version_id))
            week = week_of(part.draft.deliver_from)
            wanted += wanted_of(offer, line_id, line.quantity, week, makes_rest=part.makes_rest)
    bought = Rows("order_line_parcels", ("order_line_id", "version_id"), versions)
    return Rows("order_lines", LINE_COLUMNS, rows), bought, wanted


def _shares(parts: Sequence[PricedPart], orders: Sequence[Order]) -> Rows:
    """What of each order is whose, the advance among them in proportion."""
    rows: list[Sequence[Any]] = []
    for part, order in zip(parts, orders, strict=True):
        amounts = [share.amount_rupiah for share in part.split.shares]
        advances = split_advance(part.advance_rupiah, amounts)
        rows += [
            (order.id, share.seller_id, share.amount_rupiah, advance, 0)
            for share, advance in zip(part.split.shares, advances, strict=True)
        ]
    return Rows("order_shares", SHARE_COLUMNS, rows)


def _out_of_cart(actor: Actor, operator_id: int, parts: Sequence[PricedPart]) -> Change:
    """What was ordered out of the cart is no longer in that of whoever ordered it."""
    rows: list[Sequence[Any]] = [
        (operator_id, actor.user_id, line.offer.product_id)
        for part in parts
        if part.quote_id is None and part.standing_id is None
        for line in part.lines
    ]
    return Change(ORDERED_SQLITE, ORDERED_POSTGRES, rows if actor.user_id is not None else [])
