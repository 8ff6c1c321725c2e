"""What the worker asks the provider each minute: whatever was broken off, is undecided, or is due.

Each thing may be done twice without harm. One to which the provider does not answer, or not so that it can be
read, keeps no other waiting; when it is silent again and again the rest waits for the next minute.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import structlog
from sqlalchemy import Select, and_, func, or_, select

from ... import clock
from ...db import db, retry_on_conflict, unit_of_work
from ..models import Charge, ChargeState, ProviderCall, Refund, RefundState
from ..providers import ProviderRefused, ProviderSilent, provider
from .capturing import enter_fee, lock_charge
from .charges import ask_for, give_up, look_at
from .giving_back import ask_back, send_refund

BROKEN_OFF = timedelta(seconds=60)
"""A call takes at most a third of this; whoever began it is gone."""
UNDECIDED = timedelta(minutes=10)
FEE_UNKNOWN = timedelta(minutes=1)
FEE_LOST = timedelta(days=30)
REFUND_ON_ITS_WAY = timedelta(hours=1)
SILENT_FOR_GOOD = timedelta(hours=1)
AT_A_TIME = 50
MOST_SILENT = 3
"""After so many the provider is taken to be out of reach."""
log = structlog.get_logger()


def sweep() -> None:
    """Ask the provider all that is to be asked now."""
    if not provider().is_open:
        return
    silent = 0
    for find, ask in (
        (_broken_off, _again),
        (_undecided, partial(_quietly, look_at)),
        (_without_fee, partial(_quietly, learn_fee)),
        (_due, send_refund),
        (_on_their_way, ask_back),
    ):
        for key in find():
            try:
                ask(key)
            except ProviderSilent:
                silent += 1
                log.warning("the payment provider is silent", key=key)
                if silent == MOST_SILENT:
                    return


def _again(charge_id: int) -> None:
    try:
        ask_for(charge_id)
    except ProviderRefused:
        pass  # the charge has ended, and says why
    except ProviderSilent:
        charge = db.session.get_one(Charge, charge_id)
        if charge.expires_at + SILENT_FOR_GOOD > clock.now():
            raise
        give_up(charge_id)


def _quietly(ask: Callable[[int], object], charge_id: int) -> None:
    """What the provider refuses to tell of one charge does not keep the others waiting."""
    try:
        ask(charge_id)
    except ProviderRefused:
        log.warning("the payment provider does not know a charge", charge=charge_id)
        _looked(charge_id)


@retry_on_conflict
def _looked(charge_id: int) -> None:
    with unit_of_work() as session:
        lock_charge(session, charge_id).looked_at = clock.now()


def learn_fee(charge_id: int) -> None:
    """Ask what the provider kept of a paid charge, and enter it. Outside a unit of work."""
    charge = db.session.get_one(Charge, charge_id)
    fee = provider().fee_of(charge.intent_ref) if charge.intent_ref else None
    _keep_fee(charge_id, fee)


@retry_on_conflict
def _keep_fee(charge_id: int, fee: int | None) -> None:
    with unit_of_work() as session:
        charge = lock_charge(session, charge_id)
        charge.looked_at = clock.now()
        if fee is not None:
            enter_fee(session, charge, fee)


def _ids(query: Select[Any]) -> list[int]:
    db.session.rollback()
    found = list(db.session.scalars(query.limit(AT_A_TIME)))
    db.session.rollback()
    return found


def _broken_off() -> list[int]:
    """Charges whose question was never answered."""
    return _ids(
        select(ProviderCall.charge_id)
        .where(
            ProviderCall.what == "charge",
            ProviderCall.state == "started",
            ProviderCall.started_at <= clock.now() - BROKEN_OFF,
        )
        .order_by(ProviderCall.id)
    )


def _undecided() -> list[int]:
    return _ids(
        select(Charge.id)
        .where(
            Charge.state.in_((ChargeState.OPEN.value, ChargeState.PENDING.value)),
            Charge.looked_at <= clock.now() - UNDECIDED,
        )
        .order_by(Charge.looked_at)
    )


def _without_fee() -> list[int]:
    now = clock.now()
    return _ids(
        select(Charge.id)
        .where(
            Charge.state == ChargeState.PAID.value,
            Charge.fee_known_at.is_(None),
            Charge.looked_at <= now - FEE_UNKNOWN,
            Charge.paid_at > now - FEE_LOST,
        )
        .order_by(Charge.looked_at)
    )


def _due() -> list[int]:
    return _ids(
        select(Refund.id)
        .join(Charge, Charge.id == Refund.charge_id)
        .where(Refund.state == RefundState.DUE.value, Charge.provider == provider().name)
        .order_by(Refund.id)
    )


def _on_their_way() -> list[int]:
    """Refunds whose latest question was broken off, or that the provider has not finished."""
    now = clock.now()
    latest = select(func.max(ProviderCall.id)).where(ProviderCall.refund_id == Refund.id).correlate(Refund)
    return _ids(
        select(Refund.id)
        .join(ProviderCall, ProviderCall.id == latest.scalar_subquery())
        .where(
            Refund.state == RefundState.SENT.value,
            or_(
                and_(ProviderCall.state == "started", ProviderCall.started_at <= now - BROKEN_OFF),
                and_(ProviderCall.state == "answered", ProviderCall.ended_at <= now - REFUND_ON_ITS_WAY),
            ),
        )
        .order_by(ProviderCall.id)
    )
