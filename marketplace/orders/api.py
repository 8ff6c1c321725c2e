"""The JSON API of orders: ordering, both parties' acts, invoices. The same services as the pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..api import blueprint
from ..api_values import KeyHeader, ReasonIn, judged, one_stretch
from ..errors import Conflict
from ..i18n import _
from ..mailing import address
from ..permissions import Permission, current_actor, protected
from ..texts import one_line
from . import schemas as shape
from .queries import programs
from .queries.order_page import OrderPage, order_page
from .queries.programs import Asked, InvoiceHead, OrderHead
from .rules.shipping import Packed, Taken
from .services import answering, receiving, shipping
from .services.moving import no_order
from .services.programs import WantedLine, WantedOrder, place_by_program
from .services.shipping import ShipmentDraft

api = blueprint("orders", tag="Orders")


@api.get("/orders")
@protected(Permission.ORDER_VIEW)
@api.input(shape.OrdersQuery, location="query", arg_name="asked")
@api.output(shape.OrderList)
@api.doc(summary="One's own orders, newest first", operation_id="listOrders")
def orders(asked: shape.OrdersQuery) -> dict[str, Any]:
    """Orders that one's organization sells, buys or looks after; repeat with `cursor` until it is null."""
    wanted = Asked(
        limit=asked.limit + 1,
        before=asked.cursor,
        state=asked.state.value if asked.state else "",
        moved_since=asked.moved_since,
    )
    found = programs.order_heads(current_actor(), wanted)
    items, cursor = one_stretch(found, asked.limit, lambda head: head.order.id)
    return {"items": [_item(head) for head in items], "next_cursor": cursor}


@api.get("/orders/<order_ref>")
@protected(Permission.ORDER_VIEW)
@api.output(shape.OrderOut)
@api.doc(summary="One order", operation_id="readOrder")
def order(order_ref: str) -> dict[str, Any]:
    """An order with its lines, steps, delivery note and what is asked for it."""
    return _read(order_ref)


@api.post("/orders")
@protected(Permission.ORDER_PLACE)
@api.input(KeyHeader, location="headers", arg_name="header")
@api.input(shape.CheckoutIn, arg_name="asked")
@api.output(shape.CheckoutOut)
@api.doc(summary="Order goods of one or several sellers", operation_id="placeOrders")
def place(header: KeyHeader, asked: shape.CheckoutIn) -> dict[str, Any]:
    """Order everything or nothing: units are promised, prices frozen, an order for each seller."""
    with judged():
        made = place_by_program(actor=current_actor(), key=header.idempotency_key, wanted=_wanted(asked))
    return {
        "checkout_id": made.id,
        "needs_approval": made.needs_approval,
        "total_rupiah": made.total_rupiah,
        "orders": [
            {"order_ref": order_ref, "seller_ref": seller_ref, "url": _url(order_ref)}
            for order_ref, seller_ref in programs.refs_of_orders(made.id)
        ],
    }


def _wanted(asked: shape.CheckoutIn) -> WantedOrder:
    lines = [
        WantedLine(
            one_line(line.seller_ref),
            one_line(line.sku),
            line.quantity,
            line.unit_price_rupiah,
            line.card_text,
        )
        for line in asked.lines
    ]
    return WantedOrder(
        lines=lines,
        said=asked.model_dump_json(ensure_ascii=True),
        outlet_ref=asked.outlet_ref,
        recipient=asked.recipient,
        phone=asked.phone,
        address=asked.address,
        deliver_from=asked.deliver_from,
        deliver_to=asked.deliver_to,
        shipping_kind=asked.shipping,
        payment_plan=asked.payment,
        note=asked.note,
        procurement_ref=asked.procurement_ref,
    )


# --- the seller's acts ----------------------------------------------------------------------------------


@api.post("/orders/<order_ref>/confirm")
@protected(Permission.ORDER_ANSWER)
@api.output(shape.OrderOut)
@api.doc(summary="The seller takes the order", operation_id="confirmOrder")
def confirm(order_ref: str) -> dict[str, Any]:
    """Take an order; where something is paid first, it is asked for now."""
    return _act(order_ref, answering.confirm)


@api.post("/orders/<order_ref>/quote-shipping")
@protected(Permission.ORDER_ANSWER)
@api.input(shape.ShippingIn, arg_name="asked")
@api.output(shape.OrderOut)
@api.doc(summary="The seller says what shipping costs", operation_id="quoteShipping")
def quote_shipping(order_ref: str, asked: shape.ShippingIn) -> dict[str, Any]:
    """Quote the shipping of an order that asks for it; the buyer agrees or cancels."""
    return _act(order_ref, answering.quote_shipping, shipping_rupiah=asked.shipping_rupiah)


@api.post("/orders/<order_ref>/decline")
@protected(Permission.ORDER_ANSWER)
@api.input(ReasonIn, arg_name="asked")
@api.output(shape.OrderOut)
@api.doc(summary="The seller does not take the order", operation_id="declineOrder")
def decline(order_ref: str, asked: ReasonIn) -> dict[str, Any]:
    """Decline an order with a reason; its units are free again."""
    return _act(order_ref, answering.decline, reason=asked.reason)


@api.post("/orders/<order_ref>/ship")
@protected(Permission.ORDER_FULFIL)
@api.input(shape.ShipIn, arg_name="asked")
@api.output(shape.OrderOut)
@api.doc(summary="The seller sends the goods", operation_id="shipOrder")
def ship(order_ref: str, asked: shape.ShipIn) -> dict[str, Any]:
    """Send the goods with a delivery note; what is not on it is not billed."""
    _head, page = _found(order_ref)
    ids = {row.line.position: row.line.id for row in page.lines}
    if asked.lines is None:
        packed = [Packed(row.line.id, row.line.quantity) for row in page.lines]
    else:
        packed = [
            Packed(ids.get(one.line, 0), one.quantity, one.lot, one.expires_on, f"lines.{number}")
            for number, one in enumerate(asked.lines)
        ]
    draft = ShipmentDraft(packed, asked.carrier, asked.tracking, asked.driver, asked.note)
    return _act(order_ref, shipping.ship, draft=draft)


@api.post("/orders/<order_ref>/call-off")
@protected(Permission.ORDER_ANSWER)
@api.input(ReasonIn, arg_name="asked")
@api.output(shape.OrderOut)
@api.doc(summary="The seller steps back", operation_id="callOffOrder")
def call_off(order_ref: str, asked: ReasonIn) -> dict[str, Any]:
    """Step back before the goods leave; what was paid goes back."""
    return _act(order_ref, answering.call_off, reason=asked.reason)


# --- the buyer's acts -----------------------------------------------------------------------------------


@api.post("/orders/<order_ref>/agree")
@protected(Permission.ORDER_PLACE)
@api.output(shape.OrderOut)
@api.doc(summary="The buyer agrees to the quoted shipping", operation_id="agreeToShipping")
def agree(order_ref: str) -> dict[str, Any]:
    """Agree to what the seller asks for shipping."""
    return _act(order_ref, answering.agree)


@api.post("/orders/<order_ref>/receive")
@protected(Permission.ORDER_RECEIVE)
@api.input(shape.ReceiveIn, arg_name="asked")
@api.output(shape.OrderOut)
@api.doc(summary="The buyer takes the goods in", operation_id="receiveOrder")
def receive(order_ref: str, asked: shape.ReceiveIn) -> dict[str, Any]:
    """Take the goods in, once, with what was short or damaged; the invoice follows at once."""
    counted = None
    if asked.lines is not None:
        _head, page = _found(order_ref)
        ids = {part.position: part.id for row in page.lines for part in row.parts}
        counted = {ids.get(one.note_line, 0): Taken(one.accepted, one.damaged) for one in asked.lines}
        if 0 in counted or len(counted) < len(asked.lines):
            sentence = _("Sebut setiap baris surat jalan satu kali, dengan nomornya.")
            raise Conflict(sentence, code="unknown_line", fields={"lines": sentence})
    return _act(order_ref, receiving.receive, counted=counted, received_on=asked.received_on, note=asked.note)


@api.post("/orders/<order_ref>/cancel")
@protected(Permission.ORDER_PLACE)
@api.input(ReasonIn, arg_name="asked")
@api.output(shape.OrderOut)
@api.doc(summary="The buyer steps back", operation_id="cancelOrder")
def cancel(order_ref: str, asked: ReasonIn) -> dict[str, Any]:
    """Step back before packing; what was paid goes back."""
    return _act(order_ref, answering.cancel, reason=asked.reason)


def _act(order_ref: str, service: Callable[..., Any], **values: Any) -> dict[str, Any]:
    """Do something with an order, and answer it as it is then."""
    actor = current_actor()
    head = programs.order_head(actor, order_ref)
    if head is None:
        raise no_order()
    with judged():
        service(actor=actor, order_id=head.order.id, **values)
    return _read(order_ref)


# --- invoices -------------------------------------------------------------------------------------------


@api.get("/invoices")
@protected(Permission.ORDER_VIEW)
@api.input(shape.PageQuery, location="query", arg_name="asked")
@api.output(shape.InvoiceList)
@api.doc(summary="Invoices of one's own orders, newest first", operation_id="listInvoices")
def invoices(asked: shape.PageQuery) -> dict[str, Any]:
    """What orders came to; repeat with `cursor` until it is null."""
    found = programs.invoice_heads(current_actor(), Asked(limit=asked.limit + 1, before=asked.cursor))
    items, cursor = one_stretch(found, asked.limit, lambda head: head.invoice.id)
    return {"items": [_invoice(head) for head in items], "next_cursor": cursor}


@api.get("/invoices/<code>")
@protected(Permission.ORDER_VIEW)
@api.output(shape.InvoiceOut)
@api.doc(summary="One invoice", operation_id="readInvoice")
def invoice(code: str) -> dict[str, Any]:
    """An invoice with its lines, its tax and the credit notes that take off it."""
    found = programs.invoice_read(current_actor(), code)
    if found is None:
        raise no_order()
    row = found.head.invoice
    return {
        **_invoice(found.head),
        "tax_base_rupiah": row.tax_base_rupiah,
        "tax_percent": float(row.tax_percent) if row.tax_percent is not None else None,
        "lines": [{"sku": sku, **_fields(line, shape.InvoiceLineOut, "sku")} for line, sku in found.lines],
        "credit_notes": [_fields(note, shape.CreditNoteOut) for note in found.credits],
    }


# --- as programs read it --------------------------------------------------------------------------------


def _fields(row: Any, model: Any, *but: str) -> dict[str, Any]:
    return {name: getattr(row, name) for name in model.model_fields if name not in but}


def _url(order_ref: str) -> str:
    return address(f"/api/v1/orders/{order_ref}")


def _item(head: OrderHead) -> dict[str, Any]:
    refs = {
        "seller_ref": head.seller_ref,
        "operator_ref": head.operator_ref,
        "outlet_ref": head.outlet_ref,
        "url": _url(head.order.order_ref),
    }
    return refs | _fields(head.order, shape.OrderItem, *refs)


def _invoice(head: InvoiceHead) -> dict[str, Any]:
    refs = {
        "order_ref": head.order_ref,
        "seller_ref": head.seller_ref,
        "operator_ref": head.operator_ref,
    }
    return refs | _fields(head.invoice, shape.InvoiceItem, *refs)


def _found(order_ref: str) -> tuple[OrderHead, OrderPage]:
    head = programs.order_head(current_actor(), order_ref)
    page = order_page(current_actor(), head.order.id) if head else None
    if head is None or page is None:
        raise no_order()
    return head, page


def _read(order_ref: str) -> dict[str, Any]:
    head, page = _found(order_ref)
    plain = (
        "goods_rupiah", "shipping_rupiah", "tax_rupiah", "advance_rupiah", "shipping_kind", "payment_plan",
        "due_days",
    )  # fmt: skip
    parties = ("recipient", "phone", "address", "note", "procurement_ref")
    return {
        **_item(head),
        **{name: getattr(page.order, name) for name in plain},
        **{name: getattr(page.order, name) if page.side else "" for name in parties},
        "side": page.side,
        "acts": page.verbs,
        "lines": [
            {"line": row.line.position, **_fields(row.line, shape.OrderLineOut, "line")} for row in page.lines
        ],
        "steps": [
            {"step": step.position, **_fields(step, shape.OrderStepOut, "step")} for step in page.steps
        ],
        "shipment": _shipment(page),
        "invoice_code": page.invoice.code if page.invoice else None,
        "payables": [
            {"payable_id": debt.payable.id, **_fields(debt.payable, shape.OrderPayableOut, "payable_id")}
            for debt in page.debts
        ],
    }


def _shipment(page: OrderPage) -> dict[str, Any] | None:
    if page.shipment is None:
        return None
    parts = [
        {
            "note_line": part.position,
            "line": row.line.position,
            "lot": part.lot_code,
            **_fields(part, shape.ShipmentLineOut, "note_line", "line", "lot"),
        }
        for row in page.lines
        for part in row.parts
    ]
    head = _fields(page.shipment, shape.ShipmentOut, "lines")
    return {**head, "lines": sorted(parts, key=lambda part: part["note_line"])}
