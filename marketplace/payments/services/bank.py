"""Lines of a bank statement matched with payments: one line, one payment; set aside what is none."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from ... import audit, clock
from ...db import retry_on_conflict, unit_of_work
from ...errors import Conflict, InvalidInput, NotFound, RuleBroken
from ...i18n import _
from ...money import format_rupiah
from ...permissions import Actor, Permission
from ..models import BankLine, Payment, PaymentMethod, PaymentState
from ..queries.bank import matching_of
from ..rules import MAX_TEXT, NewPayment, PaymentVerb
from .payments import answer_payment, is_seller, no_payment, take_payment


def no_line() -> NotFound:
    """What a stranger hears, and whoever asks for what is not there."""
    return NotFound(_("Baris mutasi ini tidak ada, atau bukan milik usaha Anda."))


@retry_on_conflict
def match_payment(*, actor: Actor, line_id: int, payment_id: int) -> BankLine:
    """The line is this reported payment: the payment is confirmed. Said again it stays so.

    Raises NotFound for a stranger, RuleBroken for another amount, for a line or a payment that is matched
    already, or a payment that was denied or taken back.
    """
    with unit_of_work() as session:
        line = _hold(session, actor, line_id)
        payment = session.get(Payment, payment_id)
        if payment is None or not is_seller(session, actor, payment.seller_id):
            raise no_payment()
        if line.payment_id == payment_id:
            return line
        _require_free(line)
        if payment.amount_rupiah != line.amount_rupiah:
            raise RuleBroken(
                _(
                    "Jumlahnya berbeda: di mutasi %(line)s, di pembayaran %(payment)s.",
                    line=format_rupiah(line.amount_rupiah),
                    payment=format_rupiah(payment.amount_rupiah),
                ),
                code="amount_differs",
            )
        answer_payment(actor=actor, payment_id=payment_id, verb=PaymentVerb.CONFIRM)
        _require_unmatched(session, payment_id)  # the payment is locked by now
        return _match(session, actor, line, payment_id)


@retry_on_conflict
def match_bills(*, actor: Actor, line_id: int, payable_ids: Sequence[int]) -> BankLine:
    """The line pays these bills, which nobody reported: the payment is recorded and confirmed at once.

    Raises NotFound for a stranger, RuleBroken for more than the bills ask or a line that is matched already.
    """
    with unit_of_work() as session:
        line = _hold(session, actor, line_id)
        _require_free(line)
        said = NewPayment(
            payable_ids=tuple(payable_ids),
            amount_rupiah=line.amount_rupiah,
            method=PaymentMethod.BANK_TRANSFER,
            paid_on=min(line.booked_on, clock.today()),
            idempotency_key=f"bank-line:{line.id}:{len(_earlier(session, line.id))}",
            reference=(line.reference or line.description)[:MAX_TEXT],
        )
        return _match(session, actor, line, take_payment(actor=actor, payment=said).id)


def match_sure(*, actor: Actor) -> int:
    """Match every line whose payment is sure, each in a unit of its own; answers how many were.

    What changed meanwhile, or is too long ago, is left for the seller to look at.
    """
    actor.require(Permission.PAYMENT_CONFIRM)
    done = 0
    for one in matching_of(actor).sure:
        try:
            if one.candidate.payment_id is not None:
                match_payment(actor=actor, line_id=one.line_id, payment_id=one.candidate.payment_id)
            else:
                match_bills(actor=actor, line_id=one.line_id, payable_ids=one.candidate.payable_ids)
        except (InvalidInput, RuleBroken, Conflict, NotFound):
            continue
        done += 1
    return done


def _earlier(session: Session, line_id: int) -> Sequence[int]:
    """Payments that the line was before and that were reversed since."""
    query = select(Payment.id).where(Payment.idempotency_key.startswith(f"bank-line:{line_id}:"))
    return session.scalars(query).all()


@retry_on_conflict
def set_aside(*, actor: Actor, line_id: int, is_aside: bool) -> BankLine:
    """The line is no payment of a bill here, or is one after all. RuleBroken for a matched one."""
    with unit_of_work() as session:
        line = _hold(session, actor, line_id)
        if is_aside:
            _require_free(line)
        line.is_set_aside = is_aside
        return line


def _hold(session: Session, actor: Actor, line_id: int) -> BankLine:
    """The line under its lock; whatever pays or answers with it is locked after it."""
    actor.require(Permission.PAYMENT_CONFIRM)
    line = session.get(BankLine, line_id, with_for_update=True, populate_existing=True)
    if line is None or not is_seller(session, actor, line.seller_id):
        raise no_line()
    return line


def _require_free(line: BankLine) -> None:
    if line.payment_id is not None:
        raise RuleBroken(_("Baris ini sudah dicocokkan dengan pembayaran lain."), code="line_matched")


def _require_unmatched(session: Session, payment_id: int) -> None:
    if session.scalar(select(BankLine.id).where(BankLine.payment_id == payment_id)) is not None:
        raise RuleBroken(_("Pembayaran ini sudah dicocokkan dengan baris lain."), code="payment_matched")


def _match(session: Session, actor: Actor, line: BankLine, payment_id: int) -> BankLine:
    payment = session.get_one(Payment, payment_id)
    if payment.state != PaymentState.CONFIRMED:
        raise Conflict(_("Pembayaran ini baru saja berubah. Muat ulang halamannya."))
    line.payment_id, line.is_set_aside = payment_id, False
    line.matched_at, line.matched_by = clock.now(), actor.user_id
    session.flush()
    audit.record(session, actor, "payment.matched", payment, after={"bank_line": line.id})
    return line
