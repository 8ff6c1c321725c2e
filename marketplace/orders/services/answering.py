"""What is said to an order before its goods leave: yes, no, at what shipping, and that it is off."""

from __future__ import annotations

from sqlalchemy.orm import Session

from ... import clock
from ...db import retry_on_conflict, unit_of_work
from ...errors import InvalidInput, RuleBroken
from ...i18n import N_, _, speaking
from ...money import format_rupiah
from ...permissions import SYSTEM, Actor
from ..models import Order, OrderState, PaymentPlan, ShippingKind
from ..queries.buyers import allowance_of
from ..rules.splitting import split_advance
from ..rules.states import OrderSide, OrderVerb, require_cancel, require_order
from . import owing, reservations
from .checkout import must_wait
from .moving import lock_as, lock_order, move
from .sums import split_of_ordered

MOST_SHIPPING = 1_000_000_000
"""Rupiah that shipping of one order may cost."""
EXPIRED_WORDS = {
    OrderState.AWAITING_APPROVAL: N_("Belanja ini tidak disetujui siapa pun sampai batas waktu."),
    OrderState.PLACED: N_("Penjual tidak menjawab sampai batas waktu."),
    OrderState.QUOTED: N_("Pembeli tidak menjawab ongkos kirim sampai batas waktu."),
    OrderState.AWAITING_PAYMENT: N_("Tidak dibayar sampai batas waktu."),
}


@retry_on_conflict
def confirm(*, actor: Actor, order_id: int) -> Order:
    """The seller takes the order. Where something is paid first, it is asked for now.

    Raises NotFound for a stranger, RuleBroken out of turn or while shipping is still to be quoted.
    """
    with unit_of_work() as session:
        order = lock_as(session, actor, order_id, OrderSide.SELLER)
        require_order(OrderVerb.CONFIRM, OrderState(order.state), OrderSide.SELLER)
        if order.shipping_kind == ShippingKind.QUOTED:
            raise RuleBroken(
                _("Pembeli menunggu ongkos kirim dari Anda. Tawarkan ongkosnya; nol juga boleh."),
                code="shipping_not_quoted",
            )
        return agree_to(session, actor, order, OrderVerb.CONFIRM, OrderSide.SELLER)


@retry_on_conflict
def quote_shipping(*, actor: Actor, order_id: int, shipping_rupiah: int) -> Order:
    """The seller says what shipping costs; the order's total, tax and shares follow, and the buyer is asked.

    Raises InvalidInput for a price that cannot be, RuleBroken where shipping was agreed already.
    """
    if not 0 <= shipping_rupiah <= MOST_SHIPPING:
        sentence = _("Tulis ongkos kirim dari Rp0 sampai %(most)s.", most=format_rupiah(MOST_SHIPPING))
        raise InvalidInput(sentence, {"shipping_rupiah": sentence})
    with unit_of_work() as session:
        order = lock_as(session, actor, order_id, OrderSide.SELLER)
        require_order(OrderVerb.QUOTE_SHIPPING, OrderState(order.state), OrderSide.SELLER)
        if order.shipping_kind != ShippingKind.QUOTED:
            raise RuleBroken(
                _("Ongkos kirim pesanan ini sudah disepakati saat dipesan."), code="shipping_agreed"
            )
        _price_anew(session, order, shipping_rupiah)
        move(session, actor, order, OrderVerb.QUOTE_SHIPPING, side=OrderSide.SELLER)
        return order


def _price_anew(session: Session, order: Order, shipping_rupiah: int) -> None:
    split = split_of_ordered(session, order, shipping_rupiah)
    order.shipping_rupiah, order.tax_rupiah = shipping_rupiah, split.tax_rupiah
    order.total_rupiah = split.total_rupiah
    if order.payment_plan == PaymentPlan.BEFORE:
        order.advance_rupiah = split.total_rupiah
    shares = owing.shares_of(session, order.id)
    by_seller = {one.seller_id: one.amount_rupiah for one in split.shares}
    amounts = [by_seller.get(share.seller_id, 0) for share in shares]
    advances = split_advance(order.advance_rupiah, amounts)
    for share, amount, advance in zip(shares, amounts, advances, strict=True):
        share.amount_rupiah, share.advance_rupiah = amount, advance
    session.flush()


@retry_on_conflict
def agree(*, actor: Actor, order_id: int) -> Order:
    """The buyer agrees to the quoted shipping; from then on it is as if the seller had said yes.

    Raises RuleBroken where the total is now above what this person may order without a manager.
    """
    with unit_of_work() as session:
        order = lock_as(session, actor, order_id, OrderSide.BUYER)
        if must_wait(session, actor, order.operator_id, order.total_rupiah, but=order.id):
            raise _over_limit(actor, order)
        return agree_to(session, actor, order, OrderVerb.AGREE, OrderSide.BUYER)


def _over_limit(actor: Actor, order: Order) -> RuleBroken:
    limit, alone = allowance_of(order.operator_id, actor.user_id, but=order.id)
    sentence = _(
        "Dengan ongkos kirim, pesanan ini menjadi %(total)s. Batas belanja Anda %(limit)s: minta "
        "manajer yang menyetujui.",
        total=format_rupiah(order.total_rupiah),
        limit=format_rupiah(limit or 0),
    )
    if alone:
        sentence += " " + _(
            "Dalam 7 hari ini Anda sudah memesan %(alone)s sendiri.", alone=format_rupiah(alone)
        )
    return RuleBroken(sentence, code="over_limit")


def agree_to(
    session: Session, actor: Actor, order: Order, verb: OrderVerb, side: OrderSide, reason: str = ""
) -> Order:
    """Both have said yes to a locked order: what is due first is asked for now, else it can be packed."""
    target = OrderState.AWAITING_PAYMENT if order.advance_rupiah else None
    move(session, actor, order, verb, side=side, target=target, reason=reason)
    if target is not None:
        owing.ask_advances(session, actor, order)
    return order


@retry_on_conflict
def decline(*, actor: Actor, order_id: int, reason: str) -> Order:
    """The seller does not take the order, and says why; its units are free again."""
    with unit_of_work() as session:
        order = lock_as(session, actor, order_id, OrderSide.SELLER)
        move(session, actor, order, OrderVerb.DECLINE, side=OrderSide.SELLER, reason=reason)
        reservations.release(session, [order.id])
        return order


@retry_on_conflict
def cancel(*, actor: Actor, order_id: int, reason: str) -> Order:
    """The buyer steps back before packing, or when packed goods are late; units are free again, what was paid
    goes back."""
    with unit_of_work() as session:
        order = lock_as(session, actor, order_id, OrderSide.BUYER)
        require_cancel(OrderState(order.state), order.due_at, clock.now())
        return _call_off(session, actor, order, OrderVerb.CANCEL, OrderSide.BUYER, reason)


@retry_on_conflict
def call_off(*, actor: Actor, order_id: int, reason: str) -> Order:
    """The seller steps back before the goods leave; units are free again, what was paid goes back."""
    with unit_of_work() as session:
        order = lock_as(session, actor, order_id, OrderSide.SELLER)
        return _call_off(session, actor, order, OrderVerb.CALL_OFF, OrderSide.SELLER, reason)


def _call_off(
    session: Session, actor: Actor, order: Order, verb: OrderVerb, side: OrderSide, reason: str
) -> Order:
    step = move(session, actor, order, verb, side=side, reason=reason)
    reservations.release(session, [order.id])
    owing.take_back_advances(session, actor, order, step.reason)
    return order


@retry_on_conflict
def expire(order_id: int) -> bool:
    """End an order whose deadline passed unanswered or unpaid; False when it is not overdue (any more).

    What is reported as paid waits for the seller's word, however late that comes.
    """
    with unit_of_work() as session:
        order = lock_order(session, order_id)
        state = OrderState(order.state)
        if state not in EXPIRED_WORDS or order.due_at is None or order.due_at >= clock.now():
            return False
        if state is OrderState.AWAITING_PAYMENT and owing.is_being_paid(session, order.id):
            return False
        with speaking("id"):
            reason = str(EXPIRED_WORDS[state])
        move(session, SYSTEM, order, OrderVerb.EXPIRE, side=OrderSide.SYSTEM, reason=reason)
        reservations.release(session, [order.id])
        owing.take_back_advances(session, SYSTEM, order, reason)
        return True
