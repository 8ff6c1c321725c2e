"""What a provider tells of a charge, applied by one function: the return page, the webhook and the worker
call the same. Money that came pays what is still owed and goes back where nothing is owed any more."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from ... import audit, clock, signals
from ...db import retry_on_conflict, unit_of_work
from ...errors import InvalidInput, NotFound
from ...i18n import _, speaking
from ...permissions import SYSTEM, Actor, Permission
from ...texts import lines
from ..models import (
    AccountKind,
    Charge,
    ChargeItem,
    ChargeState,
    ItemOutcome,
    Payable,
    Payment,
    PaymentAllocation,
    PaymentMethod,
    PaymentState,
    Refund,
    RefundState,
)
from ..providers import ToldCharge
from ..rules.charging import next_state, share_out
from .journal import Account, Step, enter

RUPIAH = "idr"
MAX_REASON = 1000


class Outcome(StrEnum):
    """What came of something that a provider told."""

    APPLIED = "applied"
    UNCHANGED = "unchanged"
    MISMATCH = "mismatch"
    """It does not fit: nothing was paid by it, and the charge is flagged for people."""
    NOT_OURS = "not_ours"
    UNKNOWN = "unknown_kind"


def lock_charge(session: Session, charge_id: int) -> Charge:
    """The charge, locked and read anew: before its documents, its refunds and the journal."""
    return session.get_one(Charge, charge_id, with_for_update=True, populate_existing=True)


def apply_told(session: Session, charge: Charge, told: ToldCharge) -> Outcome:
    """Apply what the provider says of a locked charge, once, however often and in whatever order it says it.

    Amount, currency and reference are compared first: what does not fit pays nothing and is flagged.
    """
    charge.looked_at = clock.now()
    flaw = _flaw(charge, told)
    if flaw:
        return flag(session, charge, flaw)
    charge.provider_ref = told.provider_ref
    charge.intent_ref = told.intent_ref or charge.intent_ref
    if told.url and told.state is ChargeState.OPEN:
        charge.url = told.url
    state = next_state(ChargeState(charge.state), told.state)
    if state == charge.state:
        return Outcome.UNCHANGED
    if state is ChargeState.PAID:
        _capture(session, charge)
    else:
        before, charge.state = charge.state, state.value
        charge.failure = told.failure or charge.failure
        if state in {ChargeState.EXPIRED, ChargeState.FAILED}:
            free_items(session, charge)
        audit.record(
            session,
            SYSTEM,
            f"charge.{state.value}",
            charge,
            before={"state": before},
            after={"state": state.value},
        )
    return Outcome.APPLIED


def flag(session: Session, charge: Charge, what: str) -> Outcome:
    """Say that something told of a locked charge does not fit; people of the platform look at it."""
    if charge.flag != what:
        charge.flag = what
        audit.record(session, SYSTEM, "charge.flagged", charge, after={"flag": what})
    return Outcome.MISMATCH


@retry_on_conflict
def take_flag_off(*, actor: Actor, charge_id: int, reason: str) -> Charge:
    """The platform's people say what came of a charge that did not fit. Raises InvalidInput without a word.

    Nothing of the charge changes: what was paid or not stays as it is, and the audit log keeps why.
    """
    actor.require(Permission.PLATFORM_MANAGE)
    reason = lines(reason)[:MAX_REASON]
    if not reason:
        sentence = _("Tulis apa yang Anda temukan, supaya orang lain tidak memeriksanya lagi.")
        raise InvalidInput(sentence, fields={"reason": sentence})
    with unit_of_work() as session:
        charge = session.get(Charge, charge_id, with_for_update=True, populate_existing=True)
        if charge is None:
            raise NotFound(_("Pembayaran online ini tidak ada, atau bukan untuk akun Anda."))
        if charge.flag:
            before, charge.flag = charge.flag, ""
            audit.record(session, actor, "charge.looked_at", charge, before={"flag": before}, reason=reason)
        return charge


def free_items(session: Session, charge: Charge) -> None:
    """Let other charges ask for the documents of this one: it has ended."""
    for item in session.scalars(select(ChargeItem).where(ChargeItem.charge_id == charge.id)):
        item.is_live = False


def _flaw(charge: Charge, told: ToldCharge) -> str:
    if told.reference != charge.reference or charge.provider_ref not in {None, told.provider_ref}:
        return "reference"
    if told.currency != RUPIAH:
        return "currency"
    return "" if told.amount_rupiah == charge.amount_rupiah else "amount"


def items_of(session: Session, charge: Charge) -> list[tuple[ChargeItem, Payable]]:
    """What a locked charge pays, its documents locked in order of id and read anew."""
    session.flush()
    query = (
        select(ChargeItem, Payable)
        .join(Payable, Payable.id == ChargeItem.payable_id)
        .where(ChargeItem.charge_id == charge.id)
        .order_by(Payable.id)
    )
    rows = session.execute(query.with_for_update(of=Payable).execution_options(populate_existing=True))
    return [(item, payable) for item, payable in rows]


def _capture(session: Session, charge: Charge) -> None:
    """Money came: each document is paid as it was asked, or its part goes back whole."""
    items = items_of(session, charge)
    before = charge.state
    charge.state, charge.paid_at = ChargeState.PAID.value, clock.now()
    charge.captured_rupiah, charge.failure = charge.amount_rupiah, ""
    entry: dict[Account, int] = defaultdict(int)
    payments, refunds = [], []
    for item, payable in items:
        item.is_live = False
        entry[Account(charge.operator_id, payable.seller_id, AccountKind.HELD)] += item.amount_rupiah
        if item.amount_rupiah <= payable.open_rupiah:
            item.outcome = ItemOutcome.PAID.value
            payments.append(pay_item(session, charge, payable, item.amount_rupiah))
            against = AccountKind.OWED
        else:
            item.outcome = ItemOutcome.RETURNED.value
            refunds.append(_give_back(session, charge, payable, item.amount_rupiah))
            against = AccountKind.REFUNDS
        entry[Account(charge.operator_id, payable.seller_id, against)] -= item.amount_rupiah
    session.flush()
    step = Step(f"charge:{charge.id}:captured", "captured", "charge", charge.id, clock.today(), entry)
    enter(session, [step], recorded_at=clock.now(), recorded_by=None)
    audit.record(
        session,
        SYSTEM,
        "charge.paid",
        charge,
        before={"state": before},
        after={"amount_rupiah": charge.amount_rupiah},
    )
    for payment in payments:
        signals.payment_changed.send(session, payment=payment, act="captured", actor=SYSTEM)
    for refund in refunds:
        signals.refund_changed.send(session, refund=refund, act="due", actor=SYSTEM)


def pay_item(session: Session, charge: Charge, payable: Payable, amount: int, again: str = "") -> Payment:
    """A confirmed payment of one locked document by a charge. The journal is its caller's."""
    key = f"{charge.reference}:{payable.id}{again}"
    row = Payment(
        idempotency_key=key,
        content_hash=hashlib.sha256(key.encode()).hexdigest(),
        operator_id=charge.operator_id,
        seller_id=payable.seller_id,
        method=PaymentMethod.PROVIDER.value,
        provider=charge.provider,
        provider_ref=f"{charge.intent_ref or charge.provider_ref}:{payable.id}{again}"[-200:],
        amount_rupiah=amount,
        paid_on=clock.today(),
        reference="",
        state=PaymentState.CONFIRMED.value,
        recorded_at=clock.now(),
        recorded_by=charge.created_by,
        confirmed_on=clock.today(),
        answered_at=clock.now(),
        answer_reason="",
    )
    session.add(row)
    session.flush()
    session.add(PaymentAllocation(payment_id=row.id, payable_id=payable.id, amount_rupiah=amount))
    payable.paid_rupiah += amount
    payable.confirmed_rupiah += amount
    session.flush()
    return row


def _give_back(session: Session, charge: Charge, payable: Payable, amount: int) -> Refund:
    """What came for a document that no longer asks for it goes back whole; the document stays as it is."""
    with speaking("id"):  # kept for both parties
        reason = _(
            "Tagihan %(number)s sudah tidak menunggu pembayaran saat uangnya masuk.", number=payable.number
        )
    row = Refund(
        ref=f"charge:{charge.id}:{payable.id}",
        operator_id=charge.operator_id,
        seller_id=payable.seller_id,
        payable_id=None,
        charge_id=charge.id,
        amount_rupiah=amount,
        reason=reason,
        state=RefundState.DUE.value,
        failure="",
        created_at=clock.now(),
    )
    session.add(row)
    session.flush()
    audit.record(session, SYSTEM, "refund.owed", row, after={"amount_rupiah": amount}, reason=reason)
    return row


def enter_fee(session: Session, charge: Charge, fee: int) -> None:
    """What the provider kept of a locked, paid charge, once: each seller bears it by what it was paid."""
    if charge.fee_known_at is not None or charge.state != ChargeState.PAID:
        return
    charge.fee_known_at = clock.now()
    bear_fee(session, charge, fee, f"charge:{charge.id}:fee")


def bear_fee(session: Session, charge: Charge, fee: int, ref: str) -> None:
    """Enter a fee of a locked charge, split over its sellers by largest remainder."""
    if not fee:
        return
    charge.fee_rupiah += fee
    items = items_of(session, charge)
    entry: dict[Account, int] = {}
    for seller_id, share in share_out(fee, _by_seller(items)).items():
        entry[Account(charge.operator_id, seller_id, AccountKind.FEES)] = share
        entry[Account(charge.operator_id, seller_id, AccountKind.HELD)] = -share
    session.flush()
    step = Step(ref, "fee", "charge", charge.id, clock.today(), entry)
    enter(session, [step], recorded_at=clock.now(), recorded_by=None)


def _by_seller(items: Sequence[tuple[ChargeItem, Payable]]) -> dict[int, int]:
    """What each seller was paid; where nobody was, what came for each."""
    found: dict[int, int] = defaultdict(int)
    paid = [pair for pair in items if pair[0].outcome == ItemOutcome.PAID]
    for item, payable in paid or items:
        found[payable.seller_id] += item.amount_rupiah
    return dict(found)
