"""What must go back to a buyer, as rows: made when a document shrinks, and kept true to what really came."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from ... import audit, clock, signals
from ...permissions import Actor
from ..models import (
    AccountKind,
    ChargeItem,
    ItemOutcome,
    Payable,
    Payment,
    Refund,
    RefundState,
)
from .journal import Account, Step, enter

UNSENT = (RefundState.WAITING.value, RefundState.DUE.value, RefundState.FAILED.value)


def returned(session: Session, payable: Payable) -> int:
    """What of a document's money goes back or went back, whatever its way."""
    query = select(func.coalesce(func.sum(Refund.amount_rupiah), 0)).where(
        Refund.payable_id == payable.id, Refund.state != RefundState.DROPPED.value
    )
    return int(session.scalar(query) or 0)


def return_money(
    session: Session, actor: Actor, payable: Payable, amount: int, *, ref: str, reason: str
) -> None:
    """Write down that part of what a locked document was paid goes back.

    What a provider carried goes back through its charge (`charge_id` is set), the rest by the seller's hand;
    by hand it waits until the seller has confirmed what it is to give back.
    """
    for charge_id, room in _room_of_charges(session, payable):
        part = min(amount, room)
        if part:
            amount -= part
            _write(session, actor, payable, part, f"{ref}:{payable.id}:{charge_id}", reason, charge_id)
    if amount:
        _write(session, actor, payable, amount, f"{ref}:{payable.id}", reason, None)
        confirm_due(session, actor, [payable])


def _write(
    session: Session,
    actor: Actor,
    payable: Payable,
    amount: int,
    ref: str,
    reason: str,
    charge_id: int | None,
) -> None:
    row = Refund(
        ref=ref,
        operator_id=payable.operator_id,
        seller_id=payable.seller_id,
        payable_id=payable.id,
        charge_id=charge_id,
        amount_rupiah=amount,
        reason=reason,
        state=(RefundState.WAITING if charge_id is None else RefundState.DUE).value,
        failure="",
        created_at=clock.now(),
        created_by=actor.user_id,
    )
    session.add(row)
    session.flush()
    audit.record(session, actor, "refund.owed", row, after={"amount_rupiah": amount}, reason=reason)
    if charge_id is not None:
        signals.refund_changed.send(session, refund=row, act="due", actor=actor)


def _room_of_charges(session: Session, payable: Payable) -> list[tuple[int, int]]:
    """Charges that brought money for a document, and how much of it has not gone back."""
    gone = (
        select(func.coalesce(func.sum(Refund.amount_rupiah), 0))
        .where(
            Refund.charge_id == ChargeItem.charge_id,
            Refund.payable_id == ChargeItem.payable_id,
            Refund.state != RefundState.DROPPED.value,
        )
        .scalar_subquery()
    )
    query = (
        select(ChargeItem.charge_id, ChargeItem.amount_rupiah - ChargeItem.lost_rupiah, gone)
        .where(ChargeItem.payable_id == payable.id, ChargeItem.outcome == ItemOutcome.PAID.value)
        .order_by(ChargeItem.charge_id)
    )
    return [(charge, max(amount - int(back), 0)) for charge, amount, back in session.execute(query)]


def confirm_due(session: Session, actor: Actor, payables: Sequence[Payable]) -> None:
    """What waits falls due as far as money that came by hand covers it, the oldest first of each document."""
    by_hand = _by_hand(session, [payable.id for payable in payables])
    for payable in payables:
        rows = by_hand[payable.id]
        if any(row.state == RefundState.WAITING for row in rows):
            _confirm(session, actor, payable, rows)


def _confirm(session: Session, actor: Actor, payable: Payable, rows: Sequence[Refund]) -> None:
    carried = session.scalar(
        select(func.coalesce(func.sum(ChargeItem.amount_rupiah - ChargeItem.lost_rupiah), 0)).where(
            ChargeItem.payable_id == payable.id, ChargeItem.outcome == ItemOutcome.PAID.value
        )
    )
    free = payable.confirmed_rupiah - int(carried or 0)
    free -= sum(row.amount_rupiah for row in rows if row.state != RefundState.WAITING)
    for row in rows:
        if row.state == RefundState.WAITING and row.amount_rupiah <= free:
            free -= row.amount_rupiah
            row.state = RefundState.DUE.value
            session.flush()
            signals.refund_changed.send(session, refund=row, act="due", actor=actor)


def _by_hand(session: Session, payable_ids: Collection[int]) -> dict[int | None, list[Refund]]:
    """The refunds by hand of each locked document, locked, the oldest first."""
    query = (
        select(Refund)
        .where(
            Refund.payable_id.in_(payable_ids),
            Refund.charge_id.is_(None),
            Refund.state != RefundState.DROPPED.value,
        )
        .order_by(Refund.payable_id, Refund.id)
    )
    found = defaultdict[int | None, list[Refund]](list)
    for row in session.scalars(query.with_for_update().execution_options(populate_existing=True)):
        found[row.payable_id].append(row)
    return found


def follow(session: Session, actor: Actor, payables: Sequence[Payable], payment: Payment) -> None:
    """After a payment was answered, or a bank took it back: what never came, or is gone, is not given back,
    what came can be.

    A document that is open again while money of it is to go back shrinks by that much instead.
    """
    session.flush()
    for payable in payables:
        if payable.open_rupiah:
            _drop(session, actor, payable, payment)
    confirm_due(session, actor, payables)


def _unsent(session: Session, payable: Payable) -> Sequence[Refund]:
    """What nobody has sent of a locked document's refunds, locked, what is nearest to nothing first: by hand,
    and of charges that a payer's bank took back, where asking for it again gives nothing."""
    lost = select(ChargeItem.charge_id).where(ChargeItem.payable_id == payable.id, ChargeItem.lost_rupiah > 0)
    query = (
        select(Refund)
        .where(
            Refund.payable_id == payable.id,
            Refund.state.in_(UNSENT),
            or_(Refund.charge_id.is_(None), Refund.charge_id.in_(lost)),
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return sorted(
        session.scalars(query),
        key=lambda row: (row.charge_id is None, row.state != RefundState.WAITING, -row.id),
    )


def _drop(session: Session, actor: Actor, payable: Payable, payment: Payment) -> None:
    steps = []
    for row in _unsent(session, payable):
        part = min(payable.open_rupiah, row.amount_rupiah)
        if not part:
            break
        payable.amount_rupiah -= part
        if part == row.amount_rupiah:
            row.state = RefundState.DROPPED.value
        else:
            row.amount_rupiah -= part
        lines = {
            Account(row.operator_id, payable.seller_id, AccountKind.OWED): -part,
            Account(row.operator_id, payable.seller_id, AccountKind.REFUNDS): part,
        }
        ref = f"refund:{row.id}:dropped:{payment.id}"
        steps.append(Step(ref, "withdrawn", "refund", row.id, clock.today(), lines))
        audit.record(session, actor, "refund.dropped", row, after={"amount_rupiah": part})
        signals.refund_changed.send(session, refund=row, act="dropped", actor=actor)
    if steps:
        enter(session, steps, recorded_at=clock.now(), recorded_by=actor.user_id)
