"""Reminders: who has to act on an order or a claim hears of it once, in the morning of the last day."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from flask_babel import LazyString
from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from ... import clock, mailing
from ...db import db, insert_into, retry_on_conflict, unit_of_work
from ...i18n import N_
from ..models import ClaimState, DeadlineReminder, Order, OrderClaim, OrderState
from ..rules.paths import checkout_path
from . import owing
from .letters import Find, about, about_claim, buyer, payers
from .recipients import approvers, sellers_people

log = structlog.get_logger()
BEFORE = timedelta(hours=16)
"""So long before a deadline: deadlines end with a day, so this is at eight in the morning."""
BATCH = 200


@dataclass(frozen=True)
class Nearing:
    """What somebody has to do before a deadline, and what happens without it."""

    find: Find
    task: LazyString
    otherwise: LazyString


_S = OrderState
ORDERS: dict[OrderState, Nearing] = {
    _S.AWAITING_APPROVAL: Nearing(
        approvers, N_("setujui atau tolak belanja"), N_("belanjanya gugur dan stoknya dilepas.")
    ),
    _S.PLACED: Nearing(sellers_people, N_("jawab pesanan"), N_("pesanannya gugur.")),
    _S.QUOTED: Nearing(buyer, N_("setujui ongkos kirim"), N_("pesanannya gugur.")),
    _S.AWAITING_PAYMENT: Nearing(payers, N_("bayar pesanan"), N_("pesanannya gugur.")),
    _S.CONFIRMED: Nearing(sellers_people, N_("kirim pesanan"), N_("pembeli menerima barangnya terlambat.")),
    _S.PAID: Nearing(sellers_people, N_("kirim pesanan"), N_("pembeli menerima barangnya terlambat.")),
    _S.PACKED: Nearing(sellers_people, N_("kirim pesanan"), N_("pembeli menerima barangnya terlambat.")),
    _S.SHIPPED: Nearing(buyer, N_("catat penerimaan barang"), N_("barangnya dianggap diterima lengkap.")),
}
CLAIMS: dict[ClaimState, Nearing] = {
    ClaimState.OPEN: Nearing(sellers_people, N_("jawab klaim"), N_("Dinas yang memutuskan.")),
    ClaimState.REJECTED: Nearing(buyer, N_("bawa klaim ke Dinas"), N_("jawaban penjual berlaku.")),
}


def remind_of_deadlines() -> int:
    """Write to everybody whose last day it is and who was not told so; answers how many were reminded of."""
    reminded = _each("order", _nearing("order", Order, list(ORDERS)), _remind_of_order)
    return reminded + _each("claim", _nearing("claim", OrderClaim, list(CLAIMS)), _remind_of_claim)


def _nearing(subject: str, model: Any, states: list[Any]) -> list[int]:
    now = clock.now()
    told = exists().where(
        DeadlineReminder.subject == subject,
        DeadlineReminder.subject_id == model.id,
        DeadlineReminder.due_at == model.due_at,
    )
    query = (
        select(model.id)
        .where(model.state.in_([state.value for state in states]))
        .where(model.due_at > now, model.due_at <= now + BEFORE, ~told)
        .order_by(model.due_at, model.id)
        .limit(BATCH)
    )
    found = list(db.session.scalars(query))
    db.session.rollback()
    return found


def _each(subject: str, ids: list[int], remind: Callable[[int], bool]) -> int:
    """Remind of each; one that fails is written to the log and stops no other."""
    reminded = 0
    for key in ids:
        try:
            reminded += remind(key)
        except Exception:
            log.exception("not reminded", subject=subject, key=key)
    return reminded


@retry_on_conflict
def _remind_of_order(order_id: int) -> bool:
    with unit_of_work() as session:
        order = session.get_one(Order, order_id, with_for_update=True, populate_existing=True)
        nearing = ORDERS.get(OrderState(order.state))
        if (
            nearing is None
            or order.due_at is None
            or not _first_time(session, "order", order_id, order.due_at)
        ):
            return False
        if order.state == _S.AWAITING_PAYMENT and owing.is_being_paid(session, order_id):
            return False
        told = about(session, order)
        if order.state == _S.AWAITING_APPROVAL:
            told["url"] = mailing.address(checkout_path(order.checkout_id))
        _write(session, nearing, order, told)
        return True


@retry_on_conflict
def _remind_of_claim(claim_id: int) -> bool:
    with unit_of_work() as session:
        claim = session.get_one(OrderClaim, claim_id, with_for_update=True, populate_existing=True)
        nearing = CLAIMS.get(ClaimState(claim.state))
        if (
            nearing is None
            or claim.due_at is None
            or not _first_time(session, "claim", claim_id, claim.due_at)
        ):
            return False
        order = session.get_one(Order, claim.order_id)
        _write(session, nearing, order, about_claim(session, order, claim))
        return True


def _first_time(session: Session, subject: str, subject_id: int, due_at: datetime) -> bool:
    """Whether this deadline was not reminded of before; from now on it was."""
    row = {"subject": subject, "subject_id": subject_id, "due_at": due_at, "sent_at": clock.now()}
    statement = insert_into(session, DeadlineReminder).values(**row).on_conflict_do_nothing()
    return session.execute(statement.returning(DeadlineReminder.subject_id)).first() is not None


def _write(session: Session, nearing: Nearing, order: Order, told: dict[str, Any]) -> None:
    for person in nearing.find(session, order):
        mailing.send(
            session,
            to=person.email,
            template="order_reminder",
            locale=person.locale,
            name=person.name,
            task=nearing.task,
            otherwise=nearing.otherwise,
            **{name: told[name] for name in ("number", "buyer", "seller", "rupiah", "due_on", "url")},
        )
