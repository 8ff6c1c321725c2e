"""Payments: the store says it paid, the seller says whether it came. Nothing is paid twice."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ... import audit, clock, signals
from ...catalog import proofs
from ...db import retry_on_conflict, unit_of_work
from ...errors import Conflict, InvalidInput, NotFound, RuleBroken
from ...i18n import _
from ...organizations.models import Seller
from ...permissions import Actor, Permission
from ...texts import lines
from ..models import AccountKind, BankLine, Payable, Payment, PaymentAllocation, PaymentMethod, PaymentState
from ..rules import NewPayment, PaymentVerb, check_payment, require_act, spread
from .journal import Account, Step, enter, reverse_step
from .returning import follow

MAX_REASON = 2000
ORDER_KINDS = frozenset({"advance", "invoice"})
ALL_KINDS = ORDER_KINDS | {"settlement"}


def no_payment() -> NotFound:
    """What a stranger hears, and whoever asks for what is not there."""
    return NotFound(_("Pembayaran ini tidak ada, atau bukan untuk akun Anda."))


def record_payment(*, actor: Actor, payment: NewPayment, proof: bytes | None = None) -> Payment:
    """The store reports a payment, with the proof of a transfer; the seller is asked to confirm it.

    The same key with the same content answers the first payment again. Raises InvalidInput for values that
    cannot be, NotFound for a document that is not the actor's to pay, RuleBroken for more than is owed,
    Conflict for a key that was used for something else.
    """
    actor.require(Permission.PAYMENT_RECORD)
    check_payment(payment, clock.today(), has_proof=bool(proof))
    kept = proofs.keep(proof) if proof else None
    try:
        row, is_new = _record(actor, payment, kept)
    except BaseException:
        proofs.forget(kept)
        raise
    if not is_new:
        proofs.forget(kept)
    return row


def pay_at_door(*, actor: Actor, payment: NewPayment) -> Payment:
    """Whoever takes an order's goods in says that it gave cash for them; the seller is asked to confirm it.

    Raises as record_payment does, and NotFound for a bill that is no order's.
    """
    actor.require(Permission.ORDER_RECEIVE)
    said = replace(payment, method=PaymentMethod.CASH)
    check_payment(said, clock.today(), has_proof=False)
    return _record(actor, said, None, ORDER_KINDS)[0]


@retry_on_conflict
def _record(
    actor: Actor, payment: NewPayment, kept: proofs.Kept | None, kinds: Collection[str] = ALL_KINDS
) -> tuple[Payment, bool]:
    with unit_of_work() as session:
        payables = _lock_payables(session, actor, payment.payable_ids)
        if any(payable.kind not in kinds for payable in payables):
            raise NotFound(_("Tagihan ini tidak ada, atau bukan untuk akun Anda."))
        known = session.scalars(
            select(Payment).filter_by(idempotency_key=payment.idempotency_key)
        ).one_or_none()
        if known is not None:
            return _same(known, payment), False
        row = _write(session, actor, payment, payables, kept)
        signals.payment_changed.send(session, payment=row, act="recorded", actor=actor)
        return row, True


def _write(
    session: Session,
    actor: Actor,
    payment: NewPayment,
    payables: Sequence[Payable],
    kept: proofs.Kept | None = None,
) -> Payment:
    """A reported payment of locked documents, spread over them in their order."""
    shares = spread(payment.amount_rupiah, [one.open_rupiah for one in payables])
    first = payables[0]
    row = Payment(
        idempotency_key=payment.idempotency_key,
        content_hash=payment.content_hash,
        operator_id=first.operator_id,
        seller_id=first.seller_id,
        method=PaymentMethod(payment.method).value,
        provider="",
        amount_rupiah=payment.amount_rupiah,
        paid_on=payment.paid_on,
        reference=payment.reference,
        proof_key=kept.key if kept else None,
        proof_kind=kept.kind if kept else None,
        proof_bytes=kept.size if kept else None,
        state=PaymentState.REPORTED.value,
        recorded_at=clock.now(),
        recorded_by=actor.user_id,
        answer_reason="",
    )
    session.add(row)
    try:
        session.flush()
    except IntegrityError as error:
        raise _used_key() from error
    for payable, share in zip(payables, shares, strict=True):
        if share:
            payable.paid_rupiah += share
            session.add(PaymentAllocation(payment_id=row.id, payable_id=payable.id, amount_rupiah=share))
    _enter(session, actor, row, "paid", {AccountKind.TRANSIT: 1, AccountKind.OWED: -1})
    audit.record(session, actor, "payment.recorded", row, after=_told(row))
    return row


@retry_on_conflict
def take_payment(*, actor: Actor, payment: NewPayment) -> Payment:
    """The seller says that money came which nobody reported: recorded and confirmed at once.

    The same key with the same content answers the first payment again. Raises InvalidInput for values that
    cannot be, NotFound for a document that is not the actor's to be paid, RuleBroken for more than is owed.
    """
    actor.require(Permission.PAYMENT_CONFIRM)
    check_payment(payment, clock.today(), has_proof=True)
    with unit_of_work() as session:
        payables = _lock_payables(session, actor, payment.payable_ids, for_seller=True)
        known = session.scalars(
            select(Payment).filter_by(idempotency_key=payment.idempotency_key)
        ).one_or_none()
        if known is not None:
            return _same(known, payment)
        row = _write(session, actor, payment, payables)
        _answer(session, actor, row, PaymentVerb.CONFIRM, "")
        return row


def _lock_payables(
    session: Session, actor: Actor, payable_ids: Sequence[int], *, for_seller: bool = False
) -> list[Payable]:
    """The documents to pay, locked in order of id, answered in the order asked; all of one pair.

    They are the actor's to pay, or (`for_seller`) to be paid.
    """
    wanted = list(dict.fromkeys(payable_ids))
    query = select(Payable).where(Payable.id.in_(wanted)).order_by(Payable.id)
    found = {
        row.id: row
        for row in session.scalars(query.with_for_update().execution_options(populate_existing=True))
        if (
            is_seller(session, actor, row.seller_id)
            if for_seller
            else actor.buyer_id is not None and row.operator_id == actor.buyer_id
        )
    }
    if not wanted or len(found) < len(wanted):
        raise NotFound(_("Tagihan ini tidak ada, atau bukan untuk akun Anda."))
    if len({(row.operator_id, row.seller_id) for row in found.values()}) > 1:
        raise InvalidInput(_("Satu pembayaran untuk satu usaha. Pilih tagihan dari usaha yang sama."))
    return [found[key] for key in wanted]


def _same(known: Payment, payment: NewPayment) -> Payment:
    """What was recorded under this key before; the same bills, which are the actor's, are in its content."""
    if known.content_hash != payment.content_hash:
        raise _used_key()
    return known


def _used_key() -> Conflict:
    return Conflict(
        _("Formulir ini sudah dipakai untuk pembayaran lain. Muat ulang halamannya, lalu isi lagi."),
        code="idempotency_key_used",
    )


@retry_on_conflict
def answer_payment(*, actor: Actor, payment_id: int, verb: PaymentVerb, reason: str = "") -> Payment:
    """The seller confirms or denies that money came, or the payment is taken back, with its reason.

    Confirmed again it stays confirmed. Raises NotFound for a stranger, RuleBroken out of turn.
    """
    with unit_of_work() as session:
        row = _lock_payment(session, payment_id)
        by_seller = is_seller(session, actor, row.seller_id)
        is_operator = actor.buyer_id is not None and actor.buyer_id == row.operator_id
        if not (by_seller or is_operator):
            raise no_payment()
        if verb is PaymentVerb.CONFIRM and row.state == PaymentState.CONFIRMED and by_seller:
            actor.require(Permission.PAYMENT_CONFIRM)
            return row
        if row.method == PaymentMethod.PROVIDER:
            raise RuleBroken(
                _("Pembayaran ini dibawa penyedia pembayaran, jadi tidak dikonfirmasi dengan tangan."),
                code="payment_by_provider",
            )
        act = require_act(verb, row.state)
        actor.require(act.permission)
        if by_seller != act.is_of_seller:
            raise RuleBroken(_("Ini bagian pihak lain, bukan bagian Anda."), code="payment_not_yours")
        reason = lines(reason)[:MAX_REASON]
        if verb is not PaymentVerb.CONFIRM and not reason:
            sentence = _("Tulis alasannya, supaya pihak lain tahu apa yang perlu diperiksa.")
            raise InvalidInput(sentence, fields={"reason": sentence})
        _answer(session, actor, row, verb, reason)
        return row


def _answer(session: Session, actor: Actor, row: Payment, verb: PaymentVerb, reason: str) -> None:
    """What an answer that may be given does to a locked payment and to what it pays."""
    before = row.state
    row.state = require_act(verb, before).target.value
    if verb is PaymentVerb.CONFIRM:
        row.confirmed_on = clock.today()
    row.answered_at, row.answered_by, row.answer_reason = clock.now(), actor.user_id, reason
    _settle(session, actor, row, verb)
    audit.record(
        session,
        actor,
        f"payment.{verb.value}",
        row,
        before={"state": before},
        after=_told(row),
        reason=reason,
    )
    signals.payment_changed.send(session, payment=row, act=verb.value, actor=actor)


def _lock_payment(session: Session, payment_id: int) -> Payment:
    """The documents it pays, then the payment itself: the order in which a new payment takes them."""
    query = (
        select(Payable)
        .join(PaymentAllocation, PaymentAllocation.payable_id == Payable.id)
        .where(PaymentAllocation.payment_id == payment_id)
        .order_by(Payable.id)
    )
    session.scalars(query.with_for_update(of=Payable).execution_options(populate_existing=True)).all()
    row = session.get(Payment, payment_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise no_payment()
    return row


def is_seller(session: Session, actor: Actor, seller_id: int) -> bool:
    """Whether an actor acts for a seller, or for the one that it was merged into."""
    if actor.seller_id is None:
        return False
    if actor.seller_id == seller_id:
        return True
    return session.scalar(select(Seller.merged_into_id).where(Seller.id == seller_id)) == actor.seller_id


def _settle(session: Session, actor: Actor, row: Payment, verb: PaymentVerb) -> None:
    """What an answer does to the documents and to the journal."""
    shares = session.execute(
        select(Payable, PaymentAllocation.amount_rupiah)
        .join(PaymentAllocation, PaymentAllocation.payable_id == Payable.id)
        .where(PaymentAllocation.payment_id == row.id)
        .order_by(Payable.id)
    ).all()
    for payable, share in shares:
        if verb is PaymentVerb.CONFIRM:
            payable.confirmed_rupiah += share
            continue
        if verb is PaymentVerb.REVERSE:
            payable.confirmed_rupiah -= share
        payable.paid_rupiah -= share
    if verb is PaymentVerb.CONFIRM:
        _enter(session, actor, row, "confirmed", {AccountKind.RECEIVED: 1, AccountKind.TRANSIT: -1})
    else:
        if verb is PaymentVerb.REVERSE:
            _reverse(session, actor, row, "confirmed", "reversed")
            _free_line(session, row)
        _reverse(session, actor, row, "paid", "denied" if verb is PaymentVerb.DENY else "reversed")
    follow(session, actor, [payable for payable, _share in shares], row)


def _free_line(session: Session, row: Payment) -> None:
    """The line of a bank statement that was this payment waits again."""
    freed = {"payment_id": None, "matched_at": None, "matched_by": None}
    session.execute(update(BankLine).where(BankLine.payment_id == row.id).values(freed))


def _enter(session: Session, actor: Actor, row: Payment, kind: str, signs: dict[AccountKind, int]) -> None:
    lines = {
        Account(row.operator_id, row.seller_id, account): sign * row.amount_rupiah
        for account, sign in signs.items()
    }
    step = Step(f"payment:{row.id}:{kind}", kind, "payment", row.id, clock.today(), lines)
    enter(session, [step], recorded_at=clock.now(), recorded_by=actor.user_id)


def _reverse(session: Session, actor: Actor, row: Payment, what: str, kind: str) -> None:
    reverse_step(
        session,
        f"payment:{row.id}:{what}",
        new_ref=f"payment:{row.id}:{what}:{kind}",
        kind=kind,
        occurred_on=clock.today(),
        recorded_at=clock.now(),
        recorded_by=actor.user_id,
    )


def _told(row: Payment) -> dict[str, object]:
    return {
        "state": row.state,
        "amount_rupiah": row.amount_rupiah,
        "method": row.method,
        "paid_on": row.paid_on,
    }
