"""Money that goes back by the seller's own hand: sent with its proof, and said by the buyer to have come."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from ... import audit, clock, signals
from ...catalog import proofs
from ...db import after_commit, retry_on_conflict, unit_of_work
from ...errors import InvalidInput, NotFound, RuleBroken
from ...i18n import _
from ...permissions import Actor
from ...texts import lines
from ..models import AccountKind, Payable, PaymentMethod, Refund, RefundState
from ..rules.returning import RefundVerb, require_refund_act
from .journal import Account, Step, enter
from .payments import MAX_REASON, is_seller

BY_HAND = (PaymentMethod.BANK_TRANSFER, PaymentMethod.CASH)
ACT_WORDS = {RefundVerb.SEND: "sent", RefundVerb.CONFIRM: "done", RefundVerb.DENY: "denied"}


def no_refund() -> NotFound:
    """What a stranger hears, and whoever asks for what is not there."""
    return NotFound(_("Uang kembali ini tidak ada, atau bukan untuk akun Anda."))


def send_refund(*, actor: Actor, refund_id: int, method: PaymentMethod, proof: bytes | None = None) -> Refund:
    """The seller says that it sent the money back, with the proof of a transfer; the buyer is asked.

    Raises InvalidInput for a way that cannot be or a transfer without proof, NotFound for a stranger,
    RuleBroken out of turn.
    """
    if method not in BY_HAND:
        sentence = _("Pilih transfer bank atau tunai.")
        raise InvalidInput(sentence, fields={"method": sentence})
    if method is PaymentMethod.BANK_TRANSFER and not proof:
        sentence = _("Lampirkan bukti transfer: foto, tangkapan layar, atau PDF.")
        raise InvalidInput(sentence, fields={"file": sentence})
    kept = proofs.keep(proof) if proof else None
    try:
        return _send(actor, refund_id, method, kept)
    except BaseException:
        proofs.forget(kept)
        raise


@retry_on_conflict
def _send(actor: Actor, refund_id: int, method: PaymentMethod, kept: proofs.Kept | None) -> Refund:
    with unit_of_work() as session:
        row = _hold(session, actor, refund_id, RefundVerb.SEND)
        _forget_proof(session, row)
        row.state, row.method = RefundState.SENT.value, method.value
        row.proof_key, row.proof_kind = (kept.key, kept.kind) if kept else (None, None)
        row.sent_at, row.sent_by, row.failure = clock.now(), actor.user_id, ""
        _told(session, actor, row, RefundVerb.SEND)
        return row


def _forget_proof(session: Session, row: Refund) -> None:
    """Sent again, it has a proof of its own: the one that the buyer found wanting is kept no longer."""
    if row.proof_key is not None:
        old = proofs.Kept(row.proof_key, row.proof_kind or "", 0)
        after_commit(session, lambda: proofs.forget(old))


@retry_on_conflict
def answer_refund(*, actor: Actor, refund_id: int, verb: RefundVerb, reason: str = "") -> Refund:
    """The buyer says that the money came back, or with a reason that it did not. Confirmed again it stays so.

    Raises NotFound for a stranger, InvalidInput for a denial without a reason, RuleBroken out of turn.
    """
    with unit_of_work() as session:
        row = _hold(session, actor, refund_id, verb)
        if row.state == RefundState.DONE:
            return row
        reason = lines(reason)[:MAX_REASON]
        if verb is RefundVerb.DENY:
            if not reason:
                sentence = _("Tulis alasannya, supaya pihak lain tahu apa yang perlu diperiksa.")
                raise InvalidInput(sentence, fields={"reason": sentence})
            row.state, row.failure = RefundState.DUE.value, reason
        else:
            row.state, row.done_at, row.done_by = RefundState.DONE.value, clock.now(), actor.user_id
            _enter(session, actor, row)
        _told(session, actor, row, verb, reason)
        return row


def _hold(session: Session, actor: Actor, refund_id: int, verb: RefundVerb) -> Refund:
    """The refund under its locks, for a party that may do this with it now."""
    payable_id = session.scalar(select(Refund.payable_id).where(Refund.id == refund_id))
    if payable_id is not None:
        session.get(Payable, payable_id, with_for_update=True, populate_existing=True)
    row = session.get(Refund, refund_id, with_for_update=True, populate_existing=True)
    if row is None or row.charge_id is not None:
        raise no_refund()
    by_seller = is_seller(session, actor, row.seller_id)
    if not by_seller and (actor.buyer_id is None or actor.buyer_id != row.operator_id):
        raise no_refund()
    if verb is RefundVerb.CONFIRM and row.state == RefundState.DONE and not by_seller:
        return row
    act = require_refund_act(verb, row.state)
    actor.require(act.permission)
    if by_seller != act.is_of_seller:
        raise RuleBroken(_("Ini bagian pihak lain, bukan bagian Anda."), code="refund_not_yours")
    return row


def _enter(session: Session, actor: Actor, row: Refund) -> None:
    lines = {
        Account(row.operator_id, row.seller_id, AccountKind.REFUNDS): row.amount_rupiah,
        Account(row.operator_id, row.seller_id, AccountKind.RECEIVED): -row.amount_rupiah,
    }
    step = Step(f"refund:{row.id}:done", "refunded", "refund", row.id, clock.today(), lines)
    enter(session, [step], recorded_at=clock.now(), recorded_by=actor.user_id)


def _told(session: Session, actor: Actor, row: Refund, verb: RefundVerb, reason: str = "") -> None:
    told = {"state": row.state, "amount_rupiah": row.amount_rupiah, "method": row.method}
    audit.record(session, actor, f"refund.{verb.value}", row, after=told, reason=reason)
    signals.refund_changed.send(session, refund=row, act=ACT_WORDS[verb], actor=actor)
