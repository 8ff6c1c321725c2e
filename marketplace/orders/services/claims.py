"""Claims on goods that were taken in: made with photos, answered by the seller, decided by the office."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Exists, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from ... import audit, clock, signals
from ...catalog import proofs
from ...db import retry_on_conflict, unit_of_work
from ...errors import InvalidInput, NotFound, RuleBroken
from ...i18n import _, format_day, format_number
from ...permissions import SYSTEM, Actor, Permission
from ...texts import lines as clean_lines
from ...texts import one_line
from ..models import ClaimKind, ClaimPhoto, ClaimState, Order, OrderClaim, OrderLine
from ..rules.claims import (
    CLAIM_ACTS,
    CLAIMABLE,
    MAX_BODY,
    ClaimSide,
    ClaimVerb,
    answer_until,
    claim_until,
    may_refer,
    refer_until,
    require_claim,
    wrong_with_claim,
)
from ..rules.states import OrderSide
from .crediting import credit_claim
from .lines import shipment_of
from .moving import lock_as, lock_order, region_of, side_of

LIVE = (ClaimState.OPEN.value, ClaimState.REFERRED.value)


@dataclass(frozen=True)
class ClaimDraft:
    """A claim as the buyer writes it. The same form sent twice (its `client_key`) is one claim."""

    order_line_id: int
    kind: ClaimKind
    quantity: int
    body: str
    client_key: str


def no_claim() -> NotFound:
    """What a stranger hears, and whoever asks for what is not there."""
    return NotFound(_("Klaim ini tidak ada, atau bukan untuk akun Anda."))


def make_claim(*, actor: Actor, order_id: int, draft: ClaimDraft, photos: Sequence[bytes] = ()) -> OrderClaim:
    """The buyer objects to units of one line, within the days that both saw; the seller is asked.

    Raises NotFound for anyone but the buyer, RuleBroken too early or too late, InvalidInput by field.
    """
    actor.require(Permission.ORDER_RECEIVE)
    kept: list[proofs.Kept] = []
    try:
        for photo in photos:
            try:
                kept.append(proofs.keep(photo))
            except InvalidInput as error:
                raise InvalidInput(error.message, {"photos": error.message}) from error
        claim, is_new = _make(actor, order_id, draft, kept)
    except BaseException:
        _forget(kept)
        raise
    if not is_new:
        _forget(kept)
    return claim


def _forget(kept: Sequence[proofs.Kept]) -> None:
    for one in kept:
        proofs.forget(one)


@retry_on_conflict
def _make(
    actor: Actor, order_id: int, draft: ClaimDraft, kept: Sequence[proofs.Kept]
) -> tuple[OrderClaim, bool]:
    with unit_of_work() as session:
        order = lock_as(session, actor, order_id, OrderSide.BUYER)
        key = one_line(draft.client_key)[:64]
        known = session.scalars(
            select(OrderClaim).where(OrderClaim.order_id == order.id, OrderClaim.client_key == key)
        ).one_or_none()
        if known is not None:
            return known, False
        _require_in_time(session, order)
        line = session.get(OrderLine, draft.order_line_id)
        if line is None or line.order_id != order.id:
            raise no_claim()
        body = clean_lines(draft.body)[:MAX_BODY]
        wrong = wrong_with_claim(
            draft.kind,
            draft.quantity,
            body,
            len(kept),
            billed=line.billed,
            claimed=claimed_of(session, line.id),
            unit_price_rupiah=line.unit_price_rupiah,
        )
        if wrong:
            raise InvalidInput(next(iter(wrong.values())), wrong)
        claim = OrderClaim(
            order_id=order.id,
            order_line_id=line.id,
            client_key=key,
            kind=draft.kind.value,
            quantity=draft.quantity,
            body=body,
            state=ClaimState.OPEN.value,
            due_at=answer_until(clock.today()),
            made_at=clock.now(),
            made_by=actor.user_id,
            maker_name=actor.name,
        )
        session.add(claim)
        session.flush()
        session.add_all(ClaimPhoto(claim_id=claim.id, storage_key=one.key, kind=one.kind) for one in kept)
        session.flush()
        _tell(session, actor, order, claim, "make", "")
        return claim, True


def _require_in_time(session: Session, order: Order) -> None:
    if order.state not in CLAIMABLE:
        raise RuleBroken(
            _("Klaim diajukan sesudah barang diterima dan sebelum pesanan selesai."), code="claim_out_of_turn"
        )
    received_on = shipment_of(session, order.id).received_on
    assert received_on is not None
    until = claim_until(received_on, order.claim_days)
    if clock.now() > until:
        raise RuleBroken(
            _(
                "Batas klaim pesanan ini %(day)s. Hubungi penjual bila masih ada yang kurang.",
                day=format_day(clock.wib_day(until)),
            ),
            code="claim_too_late",
            until=until.isoformat(),
        )


def claimed_of(session: Session, order_line_id: int) -> int:
    """Units of a line that are claimed and not refused: granted ones, and those that wait."""
    units = func.sum(OrderClaim.granted).filter(OrderClaim.state == ClaimState.ACCEPTED.value)
    waiting = func.sum(OrderClaim.quantity).filter(OrderClaim.state.in_(LIVE))
    query = select(func.coalesce(units, 0) + func.coalesce(waiting, 0)).where(
        OrderClaim.order_line_id == order_line_id
    )
    return int(session.scalar(query) or 0)


@retry_on_conflict
def accept_claim(*, actor: Actor, claim_id: int, granted: int, answer: str = "") -> OrderClaim:
    """The seller agrees, for all units or for some; a credit note takes them off the invoice."""
    with unit_of_work() as session:
        order, claim = _lock(session, actor, claim_id, ClaimVerb.ACCEPT, ClaimSide.SELLER)
        if not 1 <= granted <= claim.quantity:
            raise _bad_count(1, claim.quantity)
        return _grant(session, actor, order, claim, ClaimVerb.ACCEPT, granted, answer)


@retry_on_conflict
def reject_claim(*, actor: Actor, claim_id: int, reason: str) -> OrderClaim:
    """The seller does not agree, and says why; the buyer may take it to the office."""
    with unit_of_work() as session:
        order, claim = _lock(session, actor, claim_id, ClaimVerb.REJECT, ClaimSide.SELLER)
        claim.due_at = refer_until(clock.today())
        return _answer(session, actor, order, claim, ClaimVerb.REJECT, ClaimState.REJECTED, reason)


@retry_on_conflict
def refer_claim(*, actor: Actor, claim_id: int) -> OrderClaim:
    """The buyer takes the seller's no to the office."""
    with unit_of_work() as session:
        order, claim = _lock(session, actor, claim_id, ClaimVerb.REFER, ClaimSide.BUYER)
        if not may_refer(claim.due_at, clock.now()):
            raise RuleBroken(_("Klaim ini sudah diputuskan. Keputusan itu tetap."), code="claim_final")
        line = session.get_one(OrderLine, claim.order_line_id)
        if claimed_of(session, line.id) + claim.quantity > line.billed:
            raise RuleBroken(
                _("Barang yang sama sudah diklaim lagi sesudah ini. Tarik dulu klaim yang itu."),
                code="claimed_already",
            )
        claim.state, claim.due_at = ClaimState.REFERRED.value, None
        session.flush()
        _tell(session, actor, order, claim, ClaimVerb.REFER, "")
        return claim


@retry_on_conflict
def decide_claim(*, actor: Actor, claim_id: int, granted: int, reason: str) -> OrderClaim:
    """The office decides a referred claim for so many units (none: it is refused), for good, and says why.

    An office does not decide about what it bought itself.
    """
    with unit_of_work() as session:
        order, claim = _lock(session, actor, claim_id, ClaimVerb.DECIDE, ClaimSide.OFFICE)
        if actor.buyer_id is not None and actor.buyer_id == order.operator_id:
            raise RuleBroken(
                _("Dinas Anda sendiri pembelinya. Minta pengelola sistem atau Dinas lain memutuskan."),
                code="claim_of_own",
            )
        if not 0 <= granted <= claim.quantity:
            raise _bad_count(0, claim.quantity)
        if granted:
            return _grant(session, actor, order, claim, ClaimVerb.DECIDE, granted, reason)
        claim.due_at = None
        return _answer(session, actor, order, claim, ClaimVerb.DECIDE, ClaimState.REJECTED, reason)


@retry_on_conflict
def withdraw_claim(*, actor: Actor, claim_id: int) -> OrderClaim:
    """The buyer takes the claim back before it is decided."""
    with unit_of_work() as session:
        order, claim = _lock(session, actor, claim_id, ClaimVerb.WITHDRAW, ClaimSide.BUYER)
        claim.due_at = None
        return _answer(session, actor, order, claim, ClaimVerb.WITHDRAW, ClaimState.WITHDRAWN, "")


@retry_on_conflict
def lapse(claim_id: int) -> bool:
    """The seller did not answer in time: the claim goes to the office. False when it is not overdue."""
    with unit_of_work() as session:
        order_id = session.scalar(select(OrderClaim.order_id).where(OrderClaim.id == claim_id))
        if order_id is None:
            return False
        order = lock_order(session, order_id)
        claim = session.get_one(OrderClaim, claim_id, with_for_update=True, populate_existing=True)
        if claim.state != ClaimState.OPEN or claim.due_at is None or claim.due_at >= clock.now():
            return False
        claim.state, claim.due_at = ClaimState.REFERRED.value, None
        session.flush()
        _tell(session, SYSTEM, order, claim, ClaimVerb.LAPSE, "")
        return True


def overdue_claims(after: int) -> Select[int]:
    """Claims that their seller should have answered, in order of id."""
    return (
        select(OrderClaim.id)
        .where(OrderClaim.state == ClaimState.OPEN.value, OrderClaim.due_at < clock.now())
        .where(OrderClaim.id > after)
        .order_by(OrderClaim.id)
    )


def holds_open(order_id: int, now: datetime) -> Exists:
    """SQL: an order has a claim that is not decided for good, so it is not closed yet."""
    may_go_on = and_(OrderClaim.state == ClaimState.REJECTED.value, OrderClaim.due_at >= now)
    return exists().where(OrderClaim.order_id == order_id, or_(OrderClaim.state.in_(LIVE), may_go_on))


def _lock(
    session: Session, actor: Actor, claim_id: int, verb: ClaimVerb, side: ClaimSide
) -> tuple[Order, OrderClaim]:
    """The order, then its claim, for an act of one side. NotFound for others, RuleBroken out of turn."""
    order_id = session.scalar(select(OrderClaim.order_id).where(OrderClaim.id == claim_id))
    if order_id is None:
        raise no_claim()
    order = lock_order(session, order_id)
    if not _is_of(session, actor, order, side):
        raise no_claim()
    claim = session.get_one(OrderClaim, claim_id, with_for_update=True, populate_existing=True)
    act = require_claim(verb, ClaimState(claim.state), side)
    if act.permission is not None:
        actor.require(act.permission)
    return order, claim


def _is_of(session: Session, actor: Actor, order: Order, side: ClaimSide) -> bool:
    if side is ClaimSide.OFFICE:
        return actor.sees_region(region_of(session, order.seller_id))
    return side_of(session, actor, order) == side.value


def _grant(
    session: Session,
    actor: Actor,
    order: Order,
    claim: OrderClaim,
    verb: ClaimVerb,
    granted: int,
    answer: str,
) -> OrderClaim:
    claim.granted, claim.due_at = granted, None
    _answer(session, actor, order, claim, verb, ClaimState.ACCEPTED, answer)
    credit_claim(session, actor, order, claim)
    return claim


def _answer(
    session: Session,
    actor: Actor,
    order: Order,
    claim: OrderClaim,
    verb: ClaimVerb,
    state: ClaimState,
    answer: str,
) -> OrderClaim:
    act = CLAIM_ACTS[verb]
    answer = clean_lines(answer)[:MAX_BODY]
    if act.needs_reason and not answer:
        sentence = _("Tulis alasannya, supaya pihak lain tahu apa yang terjadi.")
        raise InvalidInput(sentence, {"answer": sentence})
    claim.state = state.value
    if act.side is ClaimSide.SELLER:
        claim.answer, claim.answered_at = answer, clock.now()
        claim.answered_by, claim.answerer_name = actor.user_id, actor.name
    else:
        claim.decision, claim.decided_at = answer, clock.now()
        claim.decided_by, claim.decider_name = actor.user_id, actor.name
    session.flush()
    _tell(session, actor, order, claim, verb, answer)
    return claim


def _tell(session: Session, actor: Actor, order: Order, claim: OrderClaim, verb: str, reason: str) -> None:
    audit.record(
        session,
        actor,
        f"claim.{verb}",
        claim,
        after={"state": claim.state, "quantity": claim.quantity, "granted": claim.granted},
        reason=reason,
        region=region_of(session, order.seller_id),
    )
    signals.claim_moved.send(session, claim=claim, verb=str(verb), order=order, actor=actor)


def _bad_count(least: int, most: int) -> InvalidInput:
    sentence = _(
        "Tulis angka bulat dari %(least)s sampai %(most)s.",
        least=format_number(least),
        most=format_number(most),
    )
    return InvalidInput(sentence, {"granted": sentence})
