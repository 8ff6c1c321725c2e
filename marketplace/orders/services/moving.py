"""How every order moves: under its lock, by the table, with a step that says who, when and why."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ... import audit, clock, signals
from ...errors import InvalidInput, NotFound
from ...i18n import _
from ...organizations.models import Seller, SellerFacts
from ...organizations.versions import facts_on
from ...permissions import SYSTEM, Actor
from ...texts import lines as clean_lines
from ..models import Order, OrderState, OrderStep, SellingTerms
from ..rules.deadlines import due_at
from ..rules.states import OrderAct, OrderSide, OrderVerb, require_order
from ..rules.terms import DEFAULTS

MAX_REASON = 1000
PLACE = "place"
"""The verb of an order's first step."""


def no_order() -> NotFound:
    """What a stranger hears, and whoever asks for what is not there."""
    return NotFound(_("Pesanan ini tidak ada, atau bukan untuk akun Anda."))


def lock_order(session: Session, order_id: int) -> Order:
    """The order, locked and read anew; NotFound when there is none."""
    order = session.get(Order, order_id, with_for_update=True, populate_existing=True)
    if order is None:
        raise no_order()
    return order


def side_of(session: Session, actor: Actor, order: Order) -> OrderSide | None:
    """Whose side an actor is on; None for everybody else, an office that looks on among them."""
    if actor.buyer_id is not None and actor.buyer_id == order.operator_id:
        return OrderSide.BUYER
    if actor.seller_id is not None:
        kept = session.scalar(select(Seller.merged_into_id).where(Seller.id == order.seller_id))
        if actor.seller_id in {order.seller_id, kept}:
            return OrderSide.SELLER
    return None


def lock_as(session: Session, actor: Actor, order_id: int, side: OrderSide) -> Order:
    """The order under its lock, for an act of one side. NotFound for everybody else."""
    order = lock_order(session, order_id)
    if side_of(session, actor, order) is not side:
        raise no_order()
    return order


def first_steps(actor: Actor, orders: Sequence[Order], step_ids: Sequence[int]) -> list[OrderStep]:
    """The first steps of new orders, into the state that they have, for whoever writes all of it together and
    then tells of them."""
    steps = [_new_step(actor, order, PLACE, None, OrderSide.BUYER, "", position=1) for order in orders]
    for step, step_id in zip(steps, step_ids, strict=True):
        step.id = step_id
    return steps


def tell_of_first(
    session: Session, actor: Actor, orders: Sequence[Order], steps: Sequence[OrderStep]
) -> None:
    """Say that orders began, once they and their steps are written."""
    for order, step in zip(orders, steps, strict=True):
        signals.order_moved.send(session, order=order, step=step, actor=actor)


def move(
    session: Session,
    actor: Actor,
    order: Order,
    verb: OrderVerb,
    *,
    side: OrderSide,
    reason: str = "",
    target: OrderState | None = None,
) -> OrderStep:
    """Move a locked order. `target` is where it leads instead of the table's own state.

    Raises RuleBroken out of turn, Forbidden without the permission, InvalidInput where a reason is missing.
    """
    act = require_order(verb, OrderState(order.state), side)
    if act.permission is not None:
        actor.require(act.permission)
    reason = checked_reason(act, reason)
    before, order.state = order.state, (target or act.target).value
    return _step(session, actor, order, verb.value, before, side, reason)


def checked_reason(act: OrderAct, reason: str) -> str:
    """The reason as it is kept; InvalidInput where one is needed."""
    reason = clean_lines(reason)[:MAX_REASON]
    if act.needs_reason and not reason:
        sentence = _("Tulis alasannya, supaya pihak lain tahu apa yang terjadi.")
        raise InvalidInput(sentence, fields={"reason": sentence})
    return reason


def _step(
    session: Session, actor: Actor, order: Order, verb: str, before: str, side: OrderSide, reason: str
) -> OrderStep:
    order.due_at = state_due_at(order, answer_days_of(session, order.seller_id))
    session.flush()
    latest = select(func.coalesce(func.max(OrderStep.position), 0)).where(OrderStep.order_id == order.id)
    position = (session.scalar(latest) or 0) + 1
    step = _new_step(actor, order, verb, before, side, reason, position=position)
    session.add(step)
    session.flush()
    _record(session, actor, order, step, region_of(session, order.seller_id))
    signals.order_moved.send(session, order=order, step=step, actor=actor)
    return step


def state_due_at(order: Order, answer_days: int) -> datetime | None:
    """Until when an order may stay in the state that it enters now."""
    return due_at(
        OrderState(order.state),
        clock.today(),
        answer_days=answer_days,
        accept_days=order.accept_days,
        claim_days=order.claim_days,
        deliver_to=order.deliver_to,
    )


def _new_step(
    actor: Actor, order: Order, verb: str, before: str | None, side: OrderSide, reason: str, *, position: int
) -> OrderStep:
    return OrderStep(
        order_id=order.id,
        position=position,
        verb=verb,
        from_state=before,
        to_state=order.state,
        side=side.value,
        user_id=actor.user_id,
        user_name="" if actor == SYSTEM else actor.name,
        reason=reason,
        happened_at=clock.now(),
    )


def _record(session: Session, actor: Actor, order: Order, step: OrderStep, region: str) -> None:
    audit.record(
        session,
        actor,
        f"order.{step.verb}",
        order,
        before={"state": step.from_state},
        after={"state": step.to_state},
        reason=step.reason,
        region=region,
    )


def region_of(session: Session, seller_id: int) -> str:
    """Where a seller is now: the offices above it may look at its orders."""
    query = select(SellerFacts.region_code).where(
        SellerFacts.seller_id == seller_id, facts_on(SellerFacts, clock.today())
    )
    return session.scalar(query) or ""


def answer_days_of(session: Session, seller_id: int) -> int:
    """Days that a seller has to answer an order."""
    days = session.scalar(select(SellingTerms.answer_days).where(SellingTerms.seller_id == seller_id))
    return days or DEFAULTS.answer_days
