"""How old debts are, and how long money takes from the sale to the seller: of one store or of all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import BigInteger, ColumnElement, and_, case, false, func, literal, or_, select, true

from ... import clock
from ...db import db
from ...organizations.models import Operator, SellerFacts
from ...organizations.queries import of_seller
from ...organizations.versions import facts_on
from ...payments.models import Payable, Payment, PaymentAllocation, PaymentState
from ...payments.queries.dues import DueAges, ages_among
from ...payments.rules.ageing import age_of
from ...permissions import Actor, Permission
from ...regions.queries import within
from ...texts import one_line
from ..models import Settlement, SettlementState
from ..rules.money import DAY_ZERO
from .settlements import of_settlement, settlements_visible_to

YEAR = timedelta(days=365)


def bills_visible_to(actor: Actor) -> ColumnElement[bool]:
    """SQL: bills an actor may see, of settlements and of orders. The query outer-joins Settlement.

    An advance is no bill: nobody is late with what is asked for before packing.
    """
    return or_(
        and_(Payable.kind == "settlement", settlements_visible_to(actor)),
        and_(Payable.kind == "invoice", _invoices_visible_to(actor)),
    )


def _invoices_visible_to(actor: Actor) -> ColumnElement[bool]:
    """A buyer's own, a seller's own and its merged ones', an office's sellers'; nothing for others."""
    if not actor.can(Permission.SETTLEMENT_VIEW):
        return false()
    if actor.is_office:
        here = select(SellerFacts.seller_id).where(
            within(SellerFacts.region_code, actor.region), facts_on(SellerFacts, clock.today())
        )
        return true() if actor.region == "" else Payable.seller_id.in_(here)
    if actor.operator_id is not None:
        return Payable.operator_id == actor.operator_id
    if actor.seller_id is not None:
        return of_seller(Payable.seller_id, actor.seller_id)
    return false()


def ages_of(actor: Actor) -> DueAges:
    """How old the actor's open bills are, from the day their papers were complete."""
    left = Payable.amount_rupiah - Payable.paid_rupiah
    query = (
        select(Payable.papers_complete_on, Payable.due_on, func.sum(left))
        .outerjoin(Settlement, of_settlement())
        .where(bills_visible_to(actor), left > 0)
        .group_by(Payable.papers_complete_on, Payable.due_on)
    )
    return ages_among([(since, due, int(rupiah)) for since, due, rupiah in db.session.execute(query)])


# --- days from sale to money -------------------------------------------------------------------------------


@dataclass(frozen=True)
class DaysToMoney:
    """How long a store's money takes: the mean days from a sale to the seller's word that it came.

    Weighted by rupiah, over the payments confirmed in the last year; None while there is none. A partial
    payment counts with its share of the settlement's mean day of sale.
    """

    operator_id: int
    days: float | None
    confirmed_rupiah: int
    open_rupiah: int
    overdue_rupiah: int

    @property
    def whole_days(self) -> int | None:
        """The mean, rounded."""
        return None if self.days is None else round(self.days)


def days_to_money(operator_id: int) -> DaysToMoney:
    """How long a store's money takes, for whoever thinks of signing with it."""
    return days_to_money_of([operator_id])[operator_id]


def days_to_money_of(operator_ids: Sequence[int]) -> dict[int, DaysToMoney]:
    """The same for many stores at once."""
    weighed = _weighed(operator_ids)
    owed = _owed(operator_ids)
    found = {}
    for operator_id in operator_ids:
        rupiah, days = weighed.get(operator_id, (0, None))
        open_, overdue = owed.get(operator_id, (0, 0))
        found[operator_id] = DaysToMoney(operator_id, days, rupiah, open_, overdue)
    return found


def _weighed(operator_ids: Sequence[int]) -> dict[int, tuple[int, float | None]]:
    query = (
        select(
            Settlement.operator_id, Settlement.weight, Settlement.net_rupiah, Payment.confirmed_on,
            func.sum(PaymentAllocation.amount_rupiah),
        )
        .join(Payable, of_settlement())
        .join(PaymentAllocation, PaymentAllocation.payable_id == Payable.id)
        .join(Payment, Payment.id == PaymentAllocation.payment_id)
        .where(
            Settlement.operator_id.in_(operator_ids),
            Settlement.net_rupiah > 0,
            Payment.state == PaymentState.CONFIRMED.value,
            Payment.confirmed_on > clock.today() - YEAR,
        )
        .group_by(Settlement.operator_id, Settlement.id, Settlement.weight, Settlement.net_rupiah,
                  Payment.confirmed_on)
    )  # fmt: skip
    sums: dict[int, list[float]] = {}
    for operator_id, weight, net, confirmed_on, share in db.session.execute(query):
        assert confirmed_on is not None
        sold_on = weight / net + DAY_ZERO
        kept = sums.setdefault(operator_id, [0, 0.0])
        kept[0] += int(share)
        kept[1] += int(share) * (confirmed_on.toordinal() - sold_on)
    return {key: (int(rupiah), days / rupiah if rupiah else None) for key, (rupiah, days) in sums.items()}


def _owed(operator_ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    left = Payable.amount_rupiah - Payable.paid_rupiah
    query = (
        select(
            Payable.operator_id,
            func.sum(left),
            func.sum(case((Payable.due_on < clock.today(), left), else_=0)),
        )
        .where(Payable.operator_id.in_(operator_ids), left > 0, Payable.kind != "advance")
        .group_by(Payable.operator_id)
    )
    return {key: (int(open_), int(overdue)) for key, open_, overdue in db.session.execute(query)}


@dataclass(frozen=True)
class Payer:
    """A store as the office sees it: how old what it owes is, and how long its money takes."""

    operator_id: int
    name: str
    outlets: int
    sellers: int
    ages: tuple[int, int, int, int]
    overdue_rupiah: int
    days: float | None
    confirmed_rupiah: int

    @property
    def open_rupiah(self) -> int:
        """All that it owes."""
        return sum(self.ages)


PAYER_SORTS = ("name", "-name", "days", "-days", "open", "-open", "overdue", "-overdue")


def payers(actor: Actor, *, q: str = "", sort: str = "") -> list[Payer]:
    """Who pays makers of the office's region: stores that have settled anything, and buyers with invoices of
    orders; the slowest and the latest first."""
    ages, overdue = _ages_by_operator(actor)
    settled = (
        select(
            Settlement.operator_id.label("operator_id"),
            Settlement.outlet_id.label("outlet_id"),
            Settlement.seller_id.label("seller_id"),
        )
        .where(settlements_visible_to(actor), Settlement.state != SettlementState.DRAFT.value)
        .distinct()
    )
    ordered = (
        select(Payable.operator_id, literal(None).cast(BigInteger), Payable.seller_id)
        .where(Payable.kind == "invoice", _invoices_visible_to(actor))
        .distinct()
    )
    pairs = settled.union(ordered).subquery()
    query = (
        select(
            Operator.id,
            Operator.name,
            func.count(pairs.c.outlet_id.distinct()),
            func.count(pairs.c.seller_id.distinct()),
        )
        .join(pairs, pairs.c.operator_id == Operator.id)
        .group_by(Operator.id, Operator.name)
    )
    for word in one_line(q).split()[:8]:
        query = query.where(Operator.name.icontains(word, autoescape=True))
    rows = db.session.execute(query).all()
    days = days_to_money_of([row[0] for row in rows])
    found = [
        Payer(key, name, outlets, sellers, ages.get(key, (0, 0, 0, 0)), overdue.get(key, 0), days[key].days,
              days[key].confirmed_rupiah)
        for key, name, outlets, sellers in rows
    ]  # fmt: skip
    return _sorted(found, sort)


def _ages_by_operator(actor: Actor) -> tuple[dict[int, tuple[int, int, int, int]], dict[int, int]]:
    left = Payable.amount_rupiah - Payable.paid_rupiah
    query = (
        select(Payable.operator_id, Payable.papers_complete_on, Payable.due_on, func.sum(left))
        .outerjoin(Settlement, of_settlement())
        .where(bills_visible_to(actor), left > 0)
        .group_by(Payable.operator_id, Payable.papers_complete_on, Payable.due_on)
    )
    ages: dict[int, list[int]] = {}
    overdue: dict[int, int] = {}
    day = clock.today()
    for operator_id, complete_on, due_on, open_ in db.session.execute(query):
        ages.setdefault(operator_id, [0, 0, 0, 0])[age_of((day - complete_on).days)] += int(open_)
        if due_on < day:
            overdue[operator_id] = overdue.get(operator_id, 0) + int(open_)
    return {key: (one[0], one[1], one[2], one[3]) for key, one in ages.items()}, overdue


def _sorted(found: list[Payer], sort: str) -> list[Payer]:
    keys = {
        "name": lambda one: one.name,
        "days": lambda one: -1.0 if one.days is None else one.days,
        "open": lambda one: one.open_rupiah,
        "overdue": lambda one: one.overdue_rupiah,
    }
    key = keys.get(sort.lstrip("-"))
    if key is None:
        return sorted(found, key=lambda one: (-one.overdue_rupiah, -(one.days or 0), one.name))
    return sorted(found, key=key, reverse=sort.startswith("-"))
