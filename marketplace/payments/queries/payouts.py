"""What a provider holds for sellers, and what was sent on to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, false, func, or_, select, true

from ...db import db
from ...organizations.models import Operator, Seller
from ...organizations.queries import of_seller
from ...permissions import Actor, Permission
from ...texts import one_line
from ..models import AccountKind, JournalAccount, Payout
from .lists import one_page, ordered
from .payments import PAGE_SIZE, PaymentFilter

HELD_SORTS = ("seller", "-seller", "held", "-held", "paid_out", "-paid_out")
HELD_STATES = ("held", "sent")
"""For whom something is held, and to whom all was sent on."""
_SUMMED = (AccountKind.HELD.value, AccountKind.FEES.value)


class HeldRow(NamedTuple):
    """What is held for a seller, and what it has had."""

    seller_id: int
    seller_name: str
    held_rupiah: int
    fees_rupiah: int
    paid_out_rupiah: int
    last_paid_on: date | None


class HeldOfBuyer(NamedTuple):
    """What is held for a seller of one buyer's money."""

    operator_name: str
    held_rupiah: int


class PayoutRow(NamedTuple):
    """A payout in a seller's list."""

    id: int
    amount_rupiah: int
    paid_on: date
    reference: str
    recorded_at: datetime


@dataclass(frozen=True)
class PayoutPage:
    """All that a seller's page of payouts shows."""

    seller: Seller
    held: list[HeldOfBuyer]
    fees_rupiah: int
    payouts: list[PayoutRow]

    @property
    def held_rupiah(self) -> int:
        """What is held in all."""
        return sum(row.held_rupiah for row in self.held)


def sellers_visible_to(actor: Actor) -> ColumnElement[bool]:
    """All for the platform's people, a seller itself and its merged ones; nothing for others."""
    if actor.can(Permission.PLATFORM_MANAGE):
        return true()
    if actor.seller_id is not None and actor.can(Permission.SETTLEMENT_VIEW):
        return of_seller(Seller.id, actor.seller_id)
    return false()


def _held() -> Any:
    """Sums by seller over all buyers."""
    kind, balance = JournalAccount.kind, JournalAccount.balance_rupiah
    return (
        select(
            JournalAccount.seller_id,
            func.sum(balance).filter(kind == AccountKind.HELD.value).label("held"),
            func.sum(balance).filter(kind == AccountKind.FEES.value).label("fees"),
        )
        .where(kind.in_(_SUMMED))
        .group_by(JournalAccount.seller_id)
        .subquery()
    )


def _sent() -> Any:
    return (
        select(
            Payout.seller_id,
            func.sum(Payout.amount_rupiah).label("sent"),
            func.max(Payout.paid_on).label("last"),
        )
        .group_by(Payout.seller_id)
        .subquery()
    )


def _joined(columns: Sequence[Any], actor: Actor, asked: PaymentFilter, held: Any, sent: Any) -> Select[Any]:
    query = (
        select(*columns)
        .select_from(Seller)
        .join(held, held.c.seller_id == Seller.id)
        .outerjoin(sent, sent.c.seller_id == Seller.id)
        .where(sellers_visible_to(actor))
    )
    for word in one_line(asked.q).split()[:8]:
        query = query.where(or_(Seller.name.icontains(word, autoescape=True), Seller.seller_ref == word))
    if asked.state not in HELD_STATES:
        return query
    return query.where(held.c.held != 0 if asked.state == "held" else held.c.held == 0)


def held_by_seller(
    actor: Actor, asked: PaymentFilter, *, number: int = 1, size: int | None = PAGE_SIZE
) -> list[HeldRow]:
    """One page of sellers for whom something is or was held (size None: all), the most first."""
    held, sent = _held(), _sent()
    paid_out = func.coalesce(sent.c.sent, 0)
    amount = func.coalesce(held.c.held, 0)
    columns = (Seller.id, Seller.name, amount, func.coalesce(held.c.fees, 0), paid_out, sent.c.last)
    keys: dict[str, Any] = {"seller": Seller.name, "held": amount, "paid_out": paid_out}
    query = _joined(columns, actor, asked, held, sent)
    query = ordered(query, asked.sort, keys, (amount.desc(),), Seller.id)
    return [HeldRow(*row) for row in db.session.execute(one_page(query, number, size))]


def count_held(actor: Actor, q: str = "") -> dict[str, int]:
    """For how many sellers something is held, and of how many nothing is any more."""
    held, sent = _held(), _sent()
    is_held = held.c.held != 0
    query = _joined((is_held, func.count()), actor, PaymentFilter(q=q), held, sent).group_by(is_held)
    found = {bool(is_): int(number) for is_, number in db.session.execute(query)}
    return {"held": found.get(True, 0), "sent": found.get(False, 0)}


def payout_page(actor: Actor, seller_id: int) -> PayoutPage | None:
    """What is held for a seller, of whose money, and what it was sent; None for a stranger."""
    seller = db.session.scalars(
        select(Seller).where(Seller.id == seller_id, sellers_visible_to(actor))
    ).one_or_none()
    if seller is None:
        return None
    held = (
        select(Operator.name, JournalAccount.balance_rupiah)
        .join(Operator, Operator.id == JournalAccount.operator_id)
        .where(
            JournalAccount.seller_id == seller_id,
            JournalAccount.kind == AccountKind.HELD.value,
            JournalAccount.balance_rupiah != 0,
        )
        .order_by(JournalAccount.balance_rupiah.desc(), Operator.name)
    )
    fees = select(func.coalesce(func.sum(JournalAccount.balance_rupiah), 0)).where(
        JournalAccount.seller_id == seller_id, JournalAccount.kind == AccountKind.FEES.value
    )
    return PayoutPage(
        seller=seller,
        held=[HeldOfBuyer(*row) for row in db.session.execute(held)],
        fees_rupiah=int(db.session.scalar(fees) or 0),
        payouts=payouts_of(seller_id),
    )


def payouts_of(seller_id: int, *, size: int | None = 100) -> list[PayoutRow]:
    """What a seller was sent, the latest first (size None: all)."""
    query = (
        select(Payout.id, Payout.amount_rupiah, Payout.paid_on, Payout.reference, Payout.recorded_at)
        .where(Payout.seller_id == seller_id)
        .order_by(Payout.id.desc())
    )
    if size is not None:
        query = query.limit(size)
    return [PayoutRow(*row) for row in db.session.execute(query)]
