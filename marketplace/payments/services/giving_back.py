"""Refunds through the provider that carried the money: asked once by their own key, told in any order.

A refund by the seller's hand has no charge, and is none of this module's business.
"""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ... import audit, clock, signals
from ...db import retry_on_conflict, unit_of_work
from ...errors import InvalidInput, NotFound, RuleBroken
from ...i18n import _
from ...permissions import SYSTEM, Actor, Permission
from ...texts import lines
from ..models import AccountKind, Charge, ChargeState, ProviderCall, Refund, RefundState
from ..providers import ProviderRefused, RefundAsked, ToldRefund, provider
from .capturing import MAX_REASON, RUPIAH, Outcome, flag, lock_charge
from .journal import Account, Step, enter, reverse_step


def send_refund(refund_id: int) -> None:
    """Ask the provider to give back what is due of a charge. Outside a unit of work.

    A refund that was sent, or is not due, is left alone. Raises ProviderSilent.
    """
    if _begin(refund_id):
        ask_back(refund_id)


@retry_on_conflict
def _begin(refund_id: int) -> bool:
    """The question, committed before it is asked."""
    with unit_of_work() as session:
        refund = _lock_refund(session, refund_id)
        if refund is None or refund.state != RefundState.DUE:
            return False
        charge = session.get_one(Charge, refund.charge_id)
        if (
            charge.state != ChargeState.PAID
            or charge.intent_ref is None
            or charge.provider != provider().name
        ):
            return False
        asked_before = select(func.count()).where(ProviderCall.refund_id == refund.id)
        number = (session.scalar(asked_before) or 0) + 1
        key = f"{charge.reference}-refund-{refund.id}" + (f"-{number}" if number > 1 else "")
        asked = RefundAsked(key, charge.intent_ref, refund.amount_rupiah)
        session.add(
            ProviderCall(
                provider=charge.provider,
                idempotency_key=key,
                what="refund",
                charge_id=charge.id,
                refund_id=refund.id,
                state="started",
                asked=asked.as_json(),
                started_at=clock.now(),
            )
        )
        refund.state, refund.sent_at = RefundState.SENT.value, clock.now()
        refund.provider_ref, refund.failure = None, ""
        session.flush()
        audit.record(session, SYSTEM, "refund.sent", refund, after={"amount_rupiah": refund.amount_rupiah})
        signals.refund_changed.send(session, refund=refund, act="sent", actor=SYSTEM)
        return True


def _lock_refund(session: Session, refund_id: int) -> Refund | None:
    """A refund of a charge under its charge's lock and its own; None for one by hand."""
    charge_id = session.scalar(select(Refund.charge_id).where(Refund.id == refund_id))
    if charge_id is None:
        return None
    lock_charge(session, charge_id)
    return session.get_one(Refund, refund_id, with_for_update=True, populate_existing=True)


def _latest_call(session: Session, refund_id: int) -> ProviderCall | None:
    query = select(ProviderCall).where(ProviderCall.refund_id == refund_id).order_by(ProviderCall.id.desc())
    return session.scalars(query.limit(1)).first()


def ask_back(refund_id: int) -> None:
    """Ask for a refund whose question was written: first whether the provider has it already.

    Outside a unit of work. Raises ProviderSilent; what the provider refuses has failed.
    """
    with unit_of_work() as session:
        call = _latest_call(session, refund_id)
    if call is None or call.state == "refused":
        return
    asked, carrier = RefundAsked.from_json(call.asked), provider()
    try:
        told = carrier.find_refund(asked) or carrier.give_back(asked, key=call.idempotency_key)
    except ProviderRefused as error:
        _refuse(refund_id, call.id, error)
        return
    _answer(refund_id, call.id, told)


@retry_on_conflict
def _answer(refund_id: int, call_id: int, told: ToldRefund) -> None:
    with unit_of_work() as session:
        refund = _lock_refund(session, refund_id)
        assert refund is not None
        call = session.get_one(ProviderCall, call_id)
        _close(call, "answered", {"provider_ref": told.provider_ref, "state": told.state.value})
        apply_refund(session, refund, told)


@retry_on_conflict
def _refuse(refund_id: int, call_id: int, error: ProviderRefused) -> None:
    with unit_of_work() as session:
        refund = _lock_refund(session, refund_id)
        assert refund is not None
        call = session.get_one(ProviderCall, call_id)
        _close(call, "refused", {"refused": error.details.get("provider_code", "")})
        if refund.state == RefundState.SENT:
            _fail(session, refund, str(error.details.get("provider_code", "")))


def _close(call: ProviderCall, state: str, answer: dict[str, str]) -> None:
    """Keep what came of a call; asked again, the latest answer counts."""
    if call.state != "refused":
        call.state, call.ended_at, call.answer = state, clock.now(), answer


def apply_refund_told(session: Session, told: ToldRefund) -> tuple[int | None, Outcome]:
    """Apply what is told of a refund: the charge that it is of, and what came of it.

    One that we never asked for flags its charge: somebody gave money back past us.
    """
    call = session.scalars(
        select(ProviderCall).where(
            ProviderCall.idempotency_key == told.reference, ProviderCall.what == "refund"
        )
    ).one_or_none()
    if call is None or call.refund_id is None:
        return _foreign(session, told)
    refund = _lock_refund(session, call.refund_id)
    assert refund is not None
    latest = _latest_call(session, refund.id)
    if latest is None or latest.id != call.id:
        return call.charge_id, Outcome.UNCHANGED
    _close(call, "answered", {"provider_ref": told.provider_ref, "state": told.state.value})
    return call.charge_id, apply_refund(session, refund, told)


def _foreign(session: Session, told: ToldRefund) -> tuple[int | None, Outcome]:
    query = select(Charge.id).where(Charge.intent_ref == told.intent_ref)
    charge_id = session.scalar(query) if told.intent_ref else None
    if charge_id is None:
        return None, Outcome.NOT_OURS
    return charge_id, flag(session, lock_charge(session, charge_id), "refund")


def apply_refund(session: Session, refund: Refund, told: ToldRefund) -> Outcome:
    """Apply what is told of a refund under its charge's lock. Failed is its last word, and so is that people
    gave the money back by another way."""
    assert refund.charge_id is not None
    charge = session.get_one(Charge, refund.charge_id)
    if (told.amount_rupiah, told.currency) != (refund.amount_rupiah, RUPIAH):
        return flag(session, charge, "refund")
    if refund.state == RefundState.FAILED or refund.done_by is not None:
        return Outcome.UNCHANGED
    if refund.state == told.state == RefundState.DONE:
        return Outcome.UNCHANGED
    refund.provider_ref = told.provider_ref
    if told.state is RefundState.DONE:
        _finish(session, SYSTEM, charge, refund, _step_ref(session, refund))
    elif told.state is RefundState.FAILED:
        if refund.state == RefundState.DONE:
            _undo(session, charge, refund)
        _fail(session, refund, told.failure)
    else:
        return Outcome.UNCHANGED
    return Outcome.APPLIED


def _step_ref(session: Session, refund: Refund) -> str:
    call = _latest_call(session, refund.id)
    return f"refund:{refund.id}:refunded:{call.id if call else 0}"


def _finish(
    session: Session, actor: Actor, charge: Charge, refund: Refund, ref: str, reason: str = ""
) -> None:
    refund.state, refund.done_at, refund.done_by = RefundState.DONE.value, clock.now(), actor.user_id
    charge.refunded_rupiah += refund.amount_rupiah
    session.flush()
    entry = {
        Account(refund.operator_id, refund.seller_id, AccountKind.REFUNDS): refund.amount_rupiah,
        Account(refund.operator_id, refund.seller_id, AccountKind.HELD): -refund.amount_rupiah,
    }
    step = Step(ref, "refunded", "refund", refund.id, clock.today(), entry)
    enter(session, [step], recorded_at=clock.now(), recorded_by=actor.user_id)
    told = {"amount_rupiah": refund.amount_rupiah}
    audit.record(session, actor, "refund.done", refund, after=told, reason=reason)
    signals.refund_changed.send(session, refund=refund, act="done", actor=actor)


def _undo(session: Session, charge: Charge, refund: Refund) -> None:
    """It was done, and came back: the buyer's bank did not take it."""
    charge.refunded_rupiah -= refund.amount_rupiah
    ref = _step_ref(session, refund)
    reverse_step(
        session,
        ref,
        new_ref=f"{ref}:back",
        kind="reversed",
        occurred_on=clock.today(),
        recorded_at=clock.now(),
        recorded_by=None,
    )


def _fail(session: Session, refund: Refund, why: str) -> None:
    refund.state, refund.done_at, refund.failure = RefundState.FAILED.value, None, why
    session.flush()
    audit.record(session, SYSTEM, "refund.failed", refund, after={"failure": why})
    signals.refund_changed.send(session, refund=refund, act="denied", actor=SYSTEM)


@retry_on_conflict
def try_again(*, actor: Actor, refund_id: int) -> Refund:
    """The platform's people let a refund that failed be asked once more, by a key of its own.

    Raises NotFound for one by hand, RuleBroken for one that has not failed.
    """
    actor.require(Permission.PLATFORM_MANAGE)
    with unit_of_work() as session:
        refund = _lock_failed(session, refund_id)
        refund.state = RefundState.DUE.value
        audit.record(session, actor, "refund.again", refund, after={"amount_rupiah": refund.amount_rupiah})
        return refund


@retry_on_conflict
def give_back_otherwise(*, actor: Actor, refund_id: int, reason: str) -> Refund:
    """The platform's people gave back by another way what the provider could not, and say how.

    The provider is asked no more; what it holds for the seller is less by that much.

    Raises NotFound for one by hand, RuleBroken for one that has not failed, InvalidInput without a word.
    """
    actor.require(Permission.PLATFORM_MANAGE)
    reason = lines(reason)[:MAX_REASON]
    if not reason:
        sentence = _("Tulis cara mengembalikannya, misalnya transfer bank dan nomor buktinya.")
        raise InvalidInput(sentence, fields={"reason": sentence})
    with unit_of_work() as session:
        refund = _lock_failed(session, refund_id)
        charge = session.get_one(Charge, refund.charge_id)
        _finish(session, actor, charge, refund, f"refund:{refund.id}:otherwise", reason)
        return refund


def _lock_failed(session: Session, refund_id: int) -> Refund:
    refund = _lock_refund(session, refund_id)
    if refund is None:
        raise NotFound(_("Pengembalian ini tidak ada, atau tidak lewat penyedia pembayaran."))
    if refund.state != RefundState.FAILED:
        raise RuleBroken(_("Pengembalian ini tidak gagal. Tidak ada yang perlu dicoba lagi."))
    return refund
