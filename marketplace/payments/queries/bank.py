"""A seller's bank lines, and what each may be."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, case, false, func, literal, or_, select

from ... import clock
from ...db import db
from ...organizations.models import Operator
from ...organizations.queries import of_seller
from ...permissions import Actor, Permission
from ...texts import one_line
from ..models import BankLine, Payable, Payment, PaymentAllocation, PaymentMethod, PaymentState
from ..rules.matching import Candidate, Line, Proposal, days_of_payment, propose, transfer_code
from .lists import one_page, ordered
from .payments import PAGE_SIZE, PaymentFilter

LINE_STATES = ("sure", "open", "matched", "aside")
LINE_SORTS = ("booked_on", "-booked_on", "amount", "-amount")
MOST_LINES = 2000
"""So many open lines are compared at once, the newest; older ones wait for these."""
METHODS = (PaymentMethod.BANK_TRANSFER.value, PaymentMethod.QRIS.value)


class BankLineRow(NamedTuple):
    """A line in a list."""

    id: int
    booked_on: date
    amount_rupiah: int
    description: str
    reference: str
    payment_id: int | None
    state: str


class Bill(NamedTuple):
    """An open bill that a line may pay."""

    id: int
    number: str
    operator_name: str
    open_rupiah: int
    due_on: date


class Report(NamedTuple):
    """A reported payment that a line may be."""

    id: int
    operator_name: str
    amount_rupiah: int
    method: str
    paid_on: date
    reference: str


@dataclass(frozen=True)
class Matching:
    """What the actor's open lines may be: proposals by line, the payments and bills that they speak of."""

    proposals: Mapping[int, list[Proposal]]
    reports: Mapping[int, Report]
    bills: Mapping[int, Bill]

    @property
    def sure(self) -> list[Proposal]:
        """The one sure proposal of each line that has one."""
        return [rows[0] for rows in self.proposals.values() if rows[0].is_sure]


def lines_of_actor(actor: Actor) -> ColumnElement[bool]:
    """A seller's own lines and those of sellers merged into it; nothing for others."""
    if actor.seller_id is None or not actor.can(Permission.PAYMENT_CONFIRM):
        return false()
    return of_seller(BankLine.seller_id, actor.seller_id)


def _state() -> ColumnElement[str]:
    return case(
        (BankLine.payment_id.is_not(None), literal("matched")),
        (BankLine.is_set_aside, literal("aside")),
        else_=literal("open"),
    )


def _criteria(actor: Actor, q: str) -> list[ColumnElement[bool]]:
    words = one_line(q).split()[:8]
    places = (BankLine.description, BankLine.reference)
    return [
        lines_of_actor(actor),
        *(or_(*(place.icontains(word, autoescape=True) for place in places)) for word in words),
    ]


def bank_lines_of(
    actor: Actor, asked: PaymentFilter, sure: Sequence[int], *, number: int = 1, size: int | None = PAGE_SIZE
) -> list[BankLineRow]:
    """One page of the actor's lines (size None: all), what is to be matched first, the newest first."""
    state = _state()
    query = select(
        BankLine.id, BankLine.booked_on, BankLine.amount_rupiah, BankLine.description, BankLine.reference,
        BankLine.payment_id, state,
    ).where(*_criteria(actor, asked.q))  # fmt: skip
    if asked.state == "sure":
        query = query.where(BankLine.id.in_(sure), state == "open")
    elif asked.state:
        query = query.where(state == asked.state)
    keys: dict[str, Any] = {"booked_on": BankLine.booked_on, "amount": BankLine.amount_rupiah}
    usual = (case((state == "open", 0), else_=1), BankLine.booked_on.desc())
    query = ordered(query, asked.sort, keys, usual, BankLine.id.desc())
    return [BankLineRow(*row) for row in db.session.execute(one_page(query, number, size))]


def count_bank_lines(actor: Actor, sure: Sequence[int], q: str = "") -> dict[str, int]:
    """How many of the actor's lines are what; the sure ones are open ones too."""
    state = _state().label("state")
    inner = select(state).where(*_criteria(actor, q)).subquery()
    grouped = select(inner.c.state, func.count()).group_by(inner.c.state)
    found = {str(name): int(count) for name, count in db.session.execute(grouped)}
    among = select(func.count()).where(*_criteria(actor, q), BankLine.id.in_(sure))
    count = int(db.session.scalar(among) or 0) if sure else 0
    return {"sure": count, **found} if count else found


def line_of(actor: Actor, line_id: int) -> BankLineRow | None:
    """One of the actor's lines; None for a stranger."""
    query = select(
        BankLine.id, BankLine.booked_on, BankLine.amount_rupiah, BankLine.description, BankLine.reference,
        BankLine.payment_id, _state(),
    ).where(BankLine.id == line_id, lines_of_actor(actor))  # fmt: skip
    row = db.session.execute(query).one_or_none()
    return BankLineRow(*row) if row else None


def matching_of(actor: Actor) -> Matching:
    """What the actor's open lines may be."""
    query = (
        select(BankLine.id, BankLine.booked_on, BankLine.amount_rupiah, BankLine.description,
               BankLine.reference)
        .where(lines_of_actor(actor), BankLine.payment_id.is_(None), ~BankLine.is_set_aside)
        .order_by(BankLine.booked_on.desc(), BankLine.id.desc())
        .limit(MOST_LINES)
    )  # fmt: skip
    lines = [
        Line(key, day, amount, f"{text} {reference}")
        for key, day, amount, text, reference in db.session.execute(query)
    ]
    if not lines:
        return Matching({}, {}, {})
    reports, candidates = _reports(actor)
    bills, more = _bills(actor)
    return Matching(propose(lines, [*candidates, *more]), reports, bills)


def _reports(actor: Actor) -> tuple[dict[int, Report], list[Candidate]]:
    """Payments that wait for the seller's word, with the codes and numbers of what they pay."""
    query = (
        select(Payment, Operator.name, Payable.id, Payable.number)
        .join(Operator, Operator.id == Payment.operator_id)
        .join(PaymentAllocation, PaymentAllocation.payment_id == Payment.id)
        .join(Payable, Payable.id == PaymentAllocation.payable_id)
        .where(
            of_seller(Payment.seller_id, actor.seller_id or -1),
            Payment.state == PaymentState.REPORTED.value,
            Payment.method.in_(METHODS),
        )
        .order_by(Payment.id)
    )
    reports: dict[int, Report] = {}
    days: dict[int, tuple[date, date]] = {}
    paid: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for row, operator, payable_id, number in db.session.execute(query):
        reports[row.id] = Report(row.id, operator, row.amount_rupiah, row.method, row.paid_on, row.reference)
        days[row.id] = days_of_payment(row.paid_on)
        paid[row.id].append((payable_id, number))
    candidates = [
        Candidate(
            key, (), one.amount_rupiah, *days[key],
            codes=tuple(transfer_code(payable_id) for payable_id, _number in paid[key]),
            numbers=tuple(number for _id, number in paid[key]),
            reference=one.reference,
        )
        for key, one in reports.items()
    ]  # fmt: skip
    return reports, candidates


def _bills(actor: Actor) -> tuple[dict[int, Bill], list[Candidate]]:
    """Open bills, each by itself and all of one buyer together."""
    left = Payable.amount_rupiah - Payable.paid_rupiah
    query = (
        select(Payable.id, Payable.number, Operator.name, left, Payable.due_on, Payable.operator_id,
               Payable.papers_complete_on, Payable.seller_id)
        .join(Operator, Operator.id == Payable.operator_id)
        .where(of_seller(Payable.seller_id, actor.seller_id or -1), left > 0)
        .order_by(Payable.due_on, Payable.id)
        .limit(MOST_LINES)
    )  # fmt: skip
    bills: dict[int, Bill] = {}
    candidates: list[Candidate] = []
    of_pair: dict[tuple[int, int], list[tuple[int, int, date]]] = defaultdict(list)
    for key, number, operator, open_, due_on, operator_id, since, seller_id in db.session.execute(query):
        bills[key] = Bill(key, number, operator, open_, due_on)
        first, last = days_of_payment(since)[0], clock.today() + (days_of_payment(since)[1] - since)
        candidates.append(
            Candidate(None, (key,), open_, first, last, codes=(transfer_code(key),), numbers=(number,))
        )
        of_pair[operator_id, seller_id].append((key, open_, first))
    for owed in of_pair.values():
        if len(owed) > 1:
            keys = tuple(key for key, _open, _first in owed)
            total, first = sum(one[1] for one in owed), max(one[2] for one in owed)
            candidates.append(Candidate(
                None, keys, total, first, clock.today() + (days_of_payment(first)[1] - first),
                codes=tuple(transfer_code(key) for key in keys),
            ))  # fmt: skip
    return bills, candidates


def bills_for_line(actor: Actor, line: BankLineRow) -> list[Bill]:
    """Open bills that a line's amount fits into, for choosing by hand: the nearest amount first."""
    left = Payable.amount_rupiah - Payable.paid_rupiah
    query = (
        select(Payable.id, Payable.number, Operator.name, left, Payable.due_on)
        .join(Operator, Operator.id == Payable.operator_id)
        .where(of_seller(Payable.seller_id, actor.seller_id or -1), left >= line.amount_rupiah)
        .order_by(left, Payable.due_on, Payable.id)
        .limit(50)
    )
    return [Bill(*row) for row in db.session.execute(query)]
