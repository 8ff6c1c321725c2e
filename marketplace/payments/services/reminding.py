"""Reminders: whoever pays hears of bills that are due soon or late, all of one payer in one mail."""

from __future__ import annotations

from collections.abc import Sequence

import structlog
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from ... import clock, mailing
from ...accounts.models import User
from ...db import db, retry_on_conflict, unit_of_work
from ...organizations.models import Membership, OfficeBuyer, Operator, Seller
from ...permissions import ROLE_PERMISSIONS, Permission
from ..models import Payable
from ..rules.ageing import REMIND_BEFORE, is_reminder_due

log = structlog.get_logger()
KINDS = ("settlement", "invoice")
"""Of an advance its order reminds: nobody is late with it, the order ends."""
LISTED = 10


def remind_of_bills() -> None:
    """Write to every payer that is due a reminder. Run twice a day it writes once."""
    query = select(Payable.operator_id).where(
        Payable.kind.in_(KINDS),
        Payable.amount_rupiah > Payable.paid_rupiah,
        Payable.due_on <= clock.today() + REMIND_BEFORE,
        or_(Payable.reminded_on.is_(None), Payable.reminded_on < clock.today()),
    )
    operators = sorted(set(db.session.scalars(query)))
    db.session.rollback()
    for operator_id in operators:
        try:
            remind_payer(operator_id)
        except Exception:
            log.exception("payer not reminded", operator=operator_id)


@retry_on_conflict
def remind_payer(operator_id: int) -> int:
    """Write to one payer about those of its bills that are due a reminder; answers how many they are."""
    day = clock.today()
    with unit_of_work() as session:
        query = (
            select(Payable)
            .where(
                Payable.operator_id == operator_id,
                Payable.kind.in_(KINDS),
                Payable.amount_rupiah > Payable.paid_rupiah,
                Payable.due_on <= day + REMIND_BEFORE,
            )
            .order_by(Payable.id)
        )
        rows = session.scalars(query.with_for_update().execution_options(populate_existing=True)).all()
        due = [row for row in rows if is_reminder_due(row.due_on, row.reminded_on, day)]
        if not due:
            return 0
        _write(session, operator_id, sorted(due, key=lambda row: (row.due_on, row.id)))
        for row in due:
            row.reminded_on = day
        return len(due)


def _write(session: Session, operator_id: int, due: Sequence[Payable]) -> None:
    names = dict(
        session.execute(
            select(Seller.id, Seller.name).where(Seller.id.in_({row.seller_id for row in due}))
        ).all()
    )
    bills = [
        {
            "number": row.number,
            "seller": names[row.seller_id],
            "rupiah": row.open_rupiah,
            "due_on": row.due_on.isoformat(),
        }
        for row in due[:LISTED]
    ]
    operator = session.get_one(Operator, operator_id).name
    for name, email, locale in _people(session, operator_id):
        mailing.send(
            session,
            to=email,
            template="bills_due",
            locale=locale,
            name=name,
            operator=operator,
            count=len(due),
            rupiah=sum(row.open_rupiah for row in due),
            late=sum(row.due_on < clock.today() for row in due),
            bills=bills,
            more=max(len(due) - LISTED, 0),
            url=mailing.address("/payments/dues"),
        )


def _people(session: Session, operator_id: int) -> list[tuple[str, str, str]]:
    """Who may pay for an operator, or for the office that buys through it: name, e-mail, language."""
    roles = [role.value for role, held in ROLE_PERMISSIONS.items() if Permission.PAYMENT_RECORD in held]
    offices = select(OfficeBuyer.office_id).where(OfficeBuyer.operator_id == operator_id)
    query = (
        select(User.name, User.email, User.locale)
        .join(Membership, Membership.user_id == User.id)
        .where(
            or_(Membership.operator_id == operator_id, Membership.office_id.in_(offices)),
            Membership.role.in_(roles),
            Membership.is_active,
            User.is_active,
            User.email.is_not(None),
        )
        .order_by(User.id)
    )
    found = {email: (name, email or "", locale) for name, email, locale in session.execute(query)}
    return list(found.values())
