"""Payers that object at their bank: the money is set aside, and comes back or is gone.

What is lost reverses the payments that it was: the documents are owed again.
"""

from __future__ import annotations

from collections import defaultdict

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ... import audit, clock, signals
from ...i18n import _, speaking
from ...permissions import SYSTEM
from ..models import (
    AccountKind,
    Charge,
    ChargeDispute,
    ChargeItem,
    ChargeState,
    ItemOutcome,
    Payable,
    Payment,
    PaymentAllocation,
    PaymentState,
    Refund,
    RefundState,
)
from ..providers import ToldDispute
from ..rules.charging import share_out
from .capturing import RUPIAH, Outcome, bear_fee, flag, items_of, lock_charge, pay_item
from .journal import Account, Step, enter, reverse_step
from .returning import follow

Items = list[tuple[ChargeItem, Payable]]


def apply_dispute_told(session: Session, told: ToldDispute) -> tuple[int | None, Outcome]:
    """Apply what is told of a dispute, in whatever order: the charge that it is of, and what came of it."""
    query = select(Charge.id).where(Charge.intent_ref == told.intent_ref)
    charge_id = session.scalar(query) if told.intent_ref else None
    if charge_id is None:
        return None, Outcome.NOT_OURS
    charge = lock_charge(session, charge_id)
    row = session.scalars(select(ChargeDispute).filter_by(provider_ref=told.provider_ref)).one_or_none()
    if row is None:
        items = items_of(session, charge)
        left = min(sum(_weights(items).values()), charge.captured_rupiah - _taken(session, charge))
        amount = told.amount_rupiah or 0
        if charge.state != ChargeState.PAID or told.currency != RUPIAH or not 0 < amount <= left:
            return charge_id, flag(session, charge, "dispute")
        row = _begin(session, charge, items, told, amount)
    elif row.state != "open":
        return charge_id, Outcome.UNCHANGED
    elif told.amount_rupiah != row.amount_rupiah:
        return charge_id, flag(session, charge, "dispute")
    row.answer_by = told.answer_by or row.answer_by
    if told.state != "open":
        _decide(session, charge, row, told)
    return charge_id, Outcome.APPLIED


def _taken(session: Session, charge: Charge) -> int:
    """What payers' banks took of a charge, or have set aside."""
    query = select(func.coalesce(func.sum(ChargeDispute.amount_rupiah), 0)).where(
        ChargeDispute.charge_id == charge.id, ChargeDispute.state != "won"
    )
    return int(session.scalar(query) or 0)


def _weights(items: Items) -> dict[int, int]:
    """What of a charge can still be taken back: of what was paid; where nothing was, of what came."""
    paid = [(item, payable) for item, payable in items if item.outcome == ItemOutcome.PAID]
    weights = {payable.id: item.amount_rupiah - item.lost_rupiah for item, payable in paid or items}
    return {key: weight for key, weight in weights.items() if weight}


def _begin(session: Session, charge: Charge, items: Items, told: ToldDispute, amount: int) -> ChargeDispute:
    shares = share_out(amount, _weights(items))
    row = ChargeDispute(
        charge_id=charge.id,
        provider_ref=told.provider_ref,
        amount_rupiah=amount,
        shares={str(key): share for key, share in shares.items()},
        reason=told.reason,
        state="open",
        answer_by=told.answer_by,
        opened_at=told.opened_at,
    )
    session.add(row)
    session.flush()
    lines: dict[Account, int] = defaultdict(int)
    for _item, payable in items:
        share = shares.get(payable.id, 0)
        lines[Account(charge.operator_id, payable.seller_id, AccountKind.DISPUTED)] += share
        lines[Account(charge.operator_id, payable.seller_id, AccountKind.HELD)] -= share
    step = Step(f"dispute:{row.id}:opened", "disputed", "charge", charge.id, clock.today(), lines)
    enter(session, [step], recorded_at=clock.now(), recorded_by=None)
    audit.record(session, SYSTEM, "dispute.opened", charge, after={"amount_rupiah": amount})
    return row


def _decide(session: Session, charge: Charge, row: ChargeDispute, told: ToldDispute) -> None:
    row.state, row.ended_at = told.state, clock.now()
    if told.state == "won":
        reverse_step(
            session,
            f"dispute:{row.id}:opened",
            new_ref=f"dispute:{row.id}:won",
            kind="decided",
            occurred_on=clock.today(),
            recorded_at=clock.now(),
            recorded_by=None,
        )
    else:
        _lose(session, charge, row)
    if told.fee_rupiah:
        row.fee_rupiah = told.fee_rupiah
        bear_fee(session, charge, told.fee_rupiah, f"dispute:{row.id}:fee")
    audit.record(session, SYSTEM, f"dispute.{row.state}", charge, after={"amount_rupiah": row.amount_rupiah})


def _lose(session: Session, charge: Charge, row: ChargeDispute) -> None:
    charge.lost_rupiah += row.amount_rupiah
    lines: dict[Account, int] = defaultdict(int)
    reversed_: list[tuple[Payable, Payment]] = []
    for item, payable in items_of(session, charge):
        share = row.shares.get(str(payable.id), 0)
        if not share:
            continue
        if item.outcome == ItemOutcome.PAID:
            item.lost_rupiah += share
            reversed_.append((payable, _reverse(session, charge, row, payable, share)))
            against = AccountKind.OWED
        else:
            _shrink_refund(session, charge, item, share)
            against = AccountKind.REFUNDS
        lines[Account(charge.operator_id, payable.seller_id, AccountKind.DISPUTED)] -= share
        lines[Account(charge.operator_id, payable.seller_id, against)] += share
    session.flush()
    step = Step(f"dispute:{row.id}:lost", "decided", "charge", charge.id, clock.today(), lines)
    enter(session, [step], recorded_at=clock.now(), recorded_by=None)
    for payable, payment in reversed_:
        follow(session, SYSTEM, [payable], payment)
        signals.payment_changed.send(session, payment=payment, act="charged_back", actor=SYSTEM)


def _reverse(session: Session, charge: Charge, row: ChargeDispute, payable: Payable, share: int) -> Payment:
    """Reverse the payment of a document; what the bank left of it is a payment of its own."""
    query = (
        select(Payment)
        .join(PaymentAllocation, PaymentAllocation.payment_id == Payment.id)
        .where(
            PaymentAllocation.payable_id == payable.id,
            Payment.idempotency_key.startswith(f"{charge.reference}:"),
            Payment.state == PaymentState.CONFIRMED.value,
        )
    )
    payment = session.scalars(query.with_for_update(of=Payment)).one()
    with speaking("id"):  # kept for both parties
        payment.answer_reason = _("Bank pembayar menarik uangnya kembali.")
    payment.state, payment.answered_at = PaymentState.REVERSED.value, clock.now()
    payable.confirmed_rupiah -= payment.amount_rupiah
    payable.paid_rupiah -= payment.amount_rupiah
    session.flush()
    left = payment.amount_rupiah - share
    if left:
        pay_item(session, charge, payable, left, again=f":{row.id}")
    audit.record(session, SYSTEM, "payment.charged_back", payment, after={"amount_rupiah": share})
    return payment


def _shrink_refund(session: Session, charge: Charge, item: ChargeItem, share: int) -> None:
    """The bank gave back what we were to give back: it does not go twice, unless it is gone already."""
    query = select(Refund).where(Refund.ref == f"charge:{charge.id}:{item.payable_id}")
    refund = session.scalars(query.with_for_update()).one()
    if refund.state not in {RefundState.DUE, RefundState.FAILED}:
        item.lost_rupiah += share
    elif refund.amount_rupiah > share:
        refund.amount_rupiah -= share
    else:
        refund.state = RefundState.DROPPED.value
        signals.refund_changed.send(session, refund=refund, act="dropped", actor=SYSTEM)
