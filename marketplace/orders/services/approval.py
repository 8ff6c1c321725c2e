"""What somebody may not order alone: a manager's yes or no to a whole checkout, and the limits above which
one is asked for."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from ... import audit, clock
from ...db import retry_on_conflict, unit_of_work
from ...errors import InvalidInput, NotFound, RuleBroken
from ...i18n import _, format_day, format_moment
from ...organizations.models import Membership, Operator
from ...organizations.services.purchasing import buyer_of
from ...permissions import Actor, Permission
from ..models import ApprovalLimit, Checkout, Order, OrderState
from ..rules.buying import EVERYBODY, MAX_ORDER_RUPIAH
from ..rules.states import OrderSide, OrderVerb
from .agreed import confirm_agreed
from .moving import move
from .placing import take_order_numbers
from .reservations import release


@retry_on_conflict
def approve(*, actor: Actor, checkout_id: int) -> Checkout:
    """Say yes to a checkout: its orders get their numbers and go to their sellers.

    Raises NotFound for a stranger's, RuleBroken when it was decided already or its days have passed.
    """
    actor.require(Permission.ORDER_APPROVE)
    with unit_of_work() as session:
        checkout, orders = _lock(session, actor, checkout_id)
        _refuse_late(orders)
        _decide(checkout, actor, is_approved=True)
        numbers = take_order_numbers(session, checkout.operator_id, len(orders))
        for order, number in zip(orders, numbers, strict=True):
            order.number, order.placed_at = number, clock.now()
            move(session, actor, order, OrderVerb.APPROVE, side=OrderSide.BUYER)
        confirm_agreed(session, orders)
        return checkout


@retry_on_conflict
def refuse(*, actor: Actor, checkout_id: int, reason: str) -> Checkout:
    """Say no to a checkout, with the reason: what was promised for it is free again.

    Raises NotFound for a stranger's, RuleBroken when it was decided already, InvalidInput without a reason.
    """
    actor.require(Permission.ORDER_APPROVE)
    with unit_of_work() as session:
        checkout, orders = _lock(session, actor, checkout_id)
        for order in orders:
            step = move(session, actor, order, OrderVerb.REFUSE, side=OrderSide.BUYER, reason=reason)
            checkout.decision_reason = step.reason
        release(session, [order.id for order in orders])
        _decide(checkout, actor, is_approved=False)
        return checkout


def _lock(session: Session, actor: Actor, checkout_id: int) -> tuple[Checkout, list[Order]]:
    """A checkout of the actor's buyer and those of its orders that wait, locked in one order."""
    checkout = session.get(Checkout, checkout_id, with_for_update=True, populate_existing=True)
    if checkout is None or actor.buyer_id is None or checkout.operator_id != actor.buyer_id:
        raise no_checkout()
    if checkout.decided_at is not None:
        raise RuleBroken(
            _(
                "Belanja ini sudah diputuskan oleh %(name)s, %(moment)s.",
                name=checkout.decider_name,
                moment=format_moment(checkout.decided_at),
            ),
            code="checkout_decided",
        )
    query = select(Order).where(
        Order.checkout_id == checkout.id, Order.state == OrderState.AWAITING_APPROVAL.value
    )
    locked = query.order_by(Order.id).with_for_update().execution_options(populate_existing=True)
    orders = list(session.scalars(locked))
    if not orders:
        raise RuleBroken(_("Tidak ada lagi yang menunggu persetujuan di belanja ini."), code="nothing_waits")
    return checkout, orders


def no_checkout() -> NotFound:
    """What a stranger hears, and whoever asks for what is not there."""
    return NotFound(_("Belanja ini tidak ada, atau bukan untuk akun Anda."))


def _refuse_late(orders: list[Order]) -> None:
    late = [order.deliver_to for order in orders if order.deliver_to < clock.today()]
    if late:
        raise RuleBroken(
            _(
                "Hari kirimnya sudah lewat, %(day)s. Tolak belanja ini, lalu minta diajukan lagi.",
                day=format_day(min(late)),
            ),
            code="days_passed",
        )


def _decide(checkout: Checkout, actor: Actor, *, is_approved: bool) -> None:
    checkout.is_approved = is_approved
    checkout.decided_at, checkout.decided_by = clock.now(), actor.user_id
    checkout.decider_name = actor.name


# --- limits ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Limit:
    """Up to how much one person (or EVERYBODY else) may order alone; None: no limit of their own."""

    user_id: int
    limit_rupiah: int | None


@retry_on_conflict
def set_limits(*, actor: Actor, limits: list[Limit]) -> None:
    """Write the limits of a buyer's people. Raises InvalidInput, by 'limit-USER_ID', for what cannot be."""
    actor.require(Permission.ORDER_APPROVE)
    wrong = {
        f"limit-{limit.user_id}": _("Tulis jumlah rupiah dengan angka, misalnya 25.000.000.")
        for limit in limits
        if limit.limit_rupiah is not None and not 0 <= limit.limit_rupiah <= MAX_ORDER_RUPIAH
    }
    if wrong:
        raise InvalidInput(next(iter(wrong.values())), wrong)
    with unit_of_work() as session:
        operator_id = buyer_of(session, actor)
        operator = session.get_one(Operator, operator_id, with_for_update=True)
        people = _people(session, actor) | {EVERYBODY}
        before = _limits(session, operator_id)
        after = {**before, **{limit.user_id: limit.limit_rupiah for limit in limits}}
        after = {user_id: most for user_id, most in after.items() if most is not None and user_id in people}
        if after == before:
            return
        session.execute(delete(ApprovalLimit).where(ApprovalLimit.operator_id == operator_id))
        session.add_all(
            ApprovalLimit(
                operator_id=operator_id,
                user_id=user_id,
                limit_rupiah=most,
                changed_at=clock.now(),
                changed_by=actor.user_id,
            )
            for user_id, most in sorted(after.items())
        )
        audit.record(
            session,
            actor,
            "operator.limits",
            operator,
            before={str(user_id): most for user_id, most in before.items()},
            after={str(user_id): most for user_id, most in after.items()},
            region=operator.region_code or "",
        )


def _people(session: Session, actor: Actor) -> set[int]:
    """Those who act for the same retailer or office."""
    own = (
        Membership.operator_id == actor.operator_id
        if actor.operator_id is not None
        else Membership.office_id == actor.office_id
    )
    return set(session.scalars(select(Membership.user_id).where(own)))


def _limits(session: Session, operator_id: int) -> dict[int, int]:
    query = select(ApprovalLimit.user_id, ApprovalLimit.limit_rupiah)
    rows = session.execute(query.where(ApprovalLimit.operator_id == operator_id))
    return dict(rows.all())
