"""Paying through a provider, as a buyer does it: one charge for several documents of several sellers.

The question to the provider is a row before it is asked, with a key that never changes; no network call is
made inside a unit of work. Whatever breaks in between is asked again with the same key.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ... import audit, clock, mailing
from ...db import db, retry_on_conflict, unit_of_work
from ...errors import InvalidInput, NotFound, RuleBroken
from ...i18n import _, speaking
from ...organizations.models import Seller
from ...permissions import SYSTEM, Actor, Permission
from ..models import Charge, ChargeItem, ChargeState, Payable, ProviderCall
from ..providers import Asked, AskedLine, ProviderRefused, ProviderSilent, ToldCharge, provider
from ..rules.charging import CHARGE_LASTS, MAX_BILLS
from .capturing import apply_told, free_items, lock_charge

UNDECIDED = {ChargeState.OPEN.value, ChargeState.PENDING.value}


def no_charge() -> NotFound:
    """What a stranger hears, and whoever asks for what is not there."""
    return NotFound(_("Pembayaran online ini tidak ada, atau bukan untuk akun Anda."))


def start_charge(*, actor: Actor, payable_ids: Sequence[int]) -> Charge:
    """Ask the provider to carry what is open of these documents; a charge for them that is open goes on.

    Raises NotFound for a document that is not the actor's to pay; RuleBroken for one that is paid, that
    another charge asks for, or an amount that the provider does not carry; ProviderRefused. Where no answer
    comes (ProviderSilent) the charge stays, and is asked again by the worker.
    """
    actor.require(Permission.PAYMENT_RECORD)
    return ask_for(_open(actor, payable_ids))


@retry_on_conflict
def _open(actor: Actor, payable_ids: Sequence[int]) -> int:
    """The charge and its question, committed before anybody is asked."""
    wanted = sorted(set(payable_ids))
    if len(wanted) > MAX_BILLS:
        raise InvalidInput(_("Paling banyak %(most)d tagihan sekali bayar online.", most=MAX_BILLS))
    with unit_of_work() as session:
        payables = _lock_payables(session, actor, wanted)
        known = _live_charge(session, payables)
        if known is not None:
            return known
        for payable in payables:
            if payable.open_rupiah <= 0:
                raise RuleBroken(
                    _("Tagihan %(number)s sudah tidak menunggu pembayaran.", number=payable.number),
                    code="nothing_to_pay",
                )
        return _write(session, actor, payables).id


def _lock_payables(session: Session, actor: Actor, wanted: Sequence[int]) -> list[Payable]:
    query = select(Payable).where(Payable.id.in_(wanted)).order_by(Payable.id)
    rows = session.scalars(query.with_for_update().execution_options(populate_existing=True)).all()
    if not wanted or len(rows) < len(wanted) or any(row.operator_id != actor.buyer_id for row in rows):
        raise NotFound(_("Tagihan ini tidak ada, atau bukan untuk akun Anda."))
    return list(rows)


def _live_charge(session: Session, payables: Sequence[Payable]) -> int | None:
    """The charge that already asks for exactly this; RuleBroken when one asks for something else of it."""
    query = select(ChargeItem.charge_id).where(
        ChargeItem.payable_id.in_([row.id for row in payables]), ChargeItem.is_live
    )
    found = set(session.scalars(query))
    if not found:
        return None
    charge_id = min(found)
    asked = dict(
        session.execute(
            select(ChargeItem.payable_id, ChargeItem.amount_rupiah).where(ChargeItem.charge_id == charge_id)
        ).all()
    )
    if len(found) == 1 and asked == {row.id: row.open_rupiah for row in payables}:
        return charge_id
    raise RuleBroken(
        _("Tagihan ini sedang dibayar online. Lanjutkan pembayaran itu, atau batalkan dulu."),
        code="charge_open",
        charge_id=charge_id,
    )


def _write(session: Session, actor: Actor, payables: Sequence[Payable]) -> Charge:
    carrier, now = provider(), clock.now()
    amount = sum(row.open_rupiah for row in payables)
    carrier.check(amount)
    charge = Charge(
        reference=f"etalase-{secrets.token_hex(12)}",
        provider=carrier.name,
        operator_id=payables[0].operator_id,
        amount_rupiah=amount,
        state=ChargeState.STARTED.value,
        expires_at=(now + CHARGE_LASTS).replace(microsecond=0),
        looked_at=now,
        created_at=now,
        created_by=actor.user_id,
    )
    session.add(charge)
    session.flush()
    for row in payables:
        session.add(ChargeItem(charge_id=charge.id, payable_id=row.id, amount_rupiah=row.open_rupiah))
    session.add(
        ProviderCall(
            provider=carrier.name,
            idempotency_key=charge.reference,
            what="charge",
            charge_id=charge.id,
            state="started",
            asked=_question(session, charge, payables).as_json(),
            started_at=now,
        )
    )
    try:
        session.flush()
    except IntegrityError as error:  # uq_charge_items_live
        raise RuleBroken(_("Tagihan ini sedang dibayar online."), code="charge_open") from error
    audit.record(session, actor, "charge.started", charge, after={"amount_rupiah": amount})
    return charge


def _question(session: Session, charge: Charge, payables: Sequence[Payable]) -> Asked:
    sellers = {row.seller_id for row in payables}
    names = dict(session.execute(select(Seller.id, Seller.name).where(Seller.id.in_(sellers))).all())
    page = mailing.address(f"/payments/online/{charge.id}")
    with speaking("id"):
        lines = tuple(AskedLine(f"{names[row.seller_id]}, {row.number}", row.open_rupiah) for row in payables)
    return Asked(charge.reference, lines, f"{page}/return", f"{page}/cancelled", charge.expires_at)


def ask_for(charge_id: int) -> Charge:
    """Ask the provider for a charge that it may not have heard of; what was answered is not asked again.

    Outside a unit of work. Raises ProviderRefused, after the charge was ended, and ProviderSilent.
    """
    call = _call_of(charge_id)
    if call is None:
        return found_charge(charge_id)
    try:
        told = provider().ask(Asked.from_json(call.asked), key=call.idempotency_key)
    except ProviderRefused as error:
        _refuse(charge_id, call.id, error)
        raise
    return _answer(charge_id, call.id, told)


def _call_of(charge_id: int) -> ProviderCall | None:
    """The call that still waits for its answer; closed where an event brought the answer already."""
    with unit_of_work() as session:
        charge = lock_charge(session, charge_id)
        query = select(ProviderCall).where(
            ProviderCall.charge_id == charge_id,
            ProviderCall.what == "charge",
            ProviderCall.state == "started",
        )
        call = session.scalars(query).one_or_none()
        if call is not None and charge.state != ChargeState.STARTED:
            call.state, call.ended_at = "answered", clock.now()
            return None
        return call


@retry_on_conflict
def _answer(charge_id: int, call_id: int, told: ToldCharge) -> Charge:
    with unit_of_work() as session:
        charge = lock_charge(session, charge_id)
        call = session.get_one(ProviderCall, call_id)
        if call.state == "started":
            call.state, call.ended_at = "answered", clock.now()
            call.answer = {"provider_ref": told.provider_ref, "state": told.state.value}
        apply_told(session, charge, told)
        return charge


@retry_on_conflict
def _refuse(charge_id: int, call_id: int, error: ProviderRefused) -> None:
    with unit_of_work() as session:
        charge = lock_charge(session, charge_id)
        call = session.get_one(ProviderCall, call_id)
        if call.state == "started":
            call.state, call.ended_at = "refused", clock.now()
            call.answer = {"refused": error.details.get("provider_code", "")}
        _end(session, charge, error.message)


@retry_on_conflict
def give_up(charge_id: int) -> None:
    """End a charge of which the provider never said anything, once nobody could pay it any more."""
    with unit_of_work() as session:
        charge = lock_charge(session, charge_id)
        with speaking("id"):
            _end(session, charge, _("Penyedia pembayaran tidak pernah menjawab."))


def _end(session: Session, charge: Charge, why: str) -> None:
    if charge.state != ChargeState.STARTED:
        return
    charge.state, charge.failure = ChargeState.FAILED.value, why
    free_items(session, charge)
    audit.record(session, SYSTEM, "charge.failed", charge, after={"state": charge.state})


def found_charge(charge_id: int) -> Charge:
    """The charge as it is now; outside a unit of work."""
    db.session.rollback()
    return db.session.get_one(Charge, charge_id, populate_existing=True)


def look_at(charge_id: int) -> Charge:
    """Ask the provider what became of a charge, and apply it as an event would be. Outside a unit of work."""
    charge = found_charge(charge_id)
    if charge.state == ChargeState.STARTED:
        return ask_for(charge_id)
    if charge.state not in UNDECIDED or charge.provider_ref is None:
        return charge
    return tell(charge_id, provider().look(charge.provider_ref))


@retry_on_conflict
def tell(charge_id: int, told: ToldCharge) -> Charge:
    """Apply what the provider says of a charge, under the charge's lock."""
    with unit_of_work() as session:
        charge = lock_charge(session, charge_id)
        apply_told(session, charge, told)
        return charge


def own_charge(actor: Actor, charge_id: int) -> Charge:
    """The charge of the actor's own buyer. NotFound for everybody else."""
    charge = db.session.get(Charge, charge_id)
    if charge is None or actor.buyer_id is None or charge.operator_id != actor.buyer_id:
        raise no_charge()
    return charge


def look_at_own(*, actor: Actor, charge_id: int) -> Charge:
    """What became of the actor's charge, asked where it is undecided; as we know it where nobody answers."""
    actor.require(Permission.PAYMENT_RECORD)
    charge = own_charge(actor, charge_id)
    try:
        return look_at(charge_id)
    except (ProviderSilent, ProviderRefused):
        return found_charge(charge.id)


def stop_charge(*, actor: Actor, charge_id: int) -> Charge:
    """Take back a charge that nobody has paid, so that its documents can be paid otherwise.

    One that was paid meanwhile stays paid. Raises RuleBroken when its money is on its way, ProviderSilent.
    """
    actor.require(Permission.PAYMENT_RECORD)
    own_charge(actor, charge_id)
    charge = look_at(charge_id)
    if charge.state == ChargeState.OPEN and charge.provider_ref is not None:
        charge = tell(charge_id, provider().stop(charge.provider_ref))
    if charge.state == ChargeState.PENDING:
        raise RuleBroken(
            _("Uangnya sedang dalam perjalanan. Tunggu kabar dari penyedia pembayaran."),
            code="charge_pending",
        )
    return charge
