"""An outlet's day: everything of the loop that waits there, and how many things wait at each outlet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any, NamedTuple

from sqlalchemy import and_, exists, func, select

from ... import clock
from ...db import db
from ...payments.models import Payable
from ...permissions import Actor, Permission
from ...stock.models import ShelfBalance
from ..hooks import more_work
from ..models import (
    Agreement,
    AgreementState,
    Delivery,
    DeliveryState,
    Difference,
    DifferenceState,
    ReturnNote,
    ReturnState,
    Settlement,
    SettlementState,
)
from ..rules import urgency
from .counts import CountDue, counts_due
from .deliveries import DeliveryFilter, DeliveryRow, deliveries_of
from .differences import DifferenceFilter, DifferenceRow, differences_of
from .goods import GoodsFilter, GoodsRow, goods
from .lots import holdings
from .messages import LastWord
from .reporting import WorkedOutlet, outlet_of, outlets_worked_by
from .returns import ReturnFilter, ReturnRow, returns_of
from .settlements import SettlementFilter, SettlementRow, Status, settlements_of
from .sides import papers_visible_to
from .waiting import (
    Offer,
    ReportDue,
    count_messages,
    count_offers,
    messages_waiting,
    offers_to_answer,
    reports_due,
)

SHOWN = 5
"""So many of each kind stand on the board; the rest is one tap away."""
SOON_DAYS = 14
OWED = (Status.OVERDUE, Status.ISSUED, Status.DISPUTED, Status.TO_PAY)


class Owed(NamedTuple):
    """What the open bills of an outlet come to: of settlements, and of what else was bought for it."""

    settled_rupiah: int
    ordered_rupiah: int
    bills: int

    @property
    def rupiah(self) -> int:
        """All together."""
        return self.settled_rupiah + self.ordered_rupiah


@dataclass(frozen=True)
class OutletBoard:
    """All that waits at one outlet, as far as its person may see to it."""

    outlet: WorkedOutlet
    waiting: int
    deliveries: list[DeliveryRow] = field(default_factory=list)
    report: ReportDue | None = None
    count: CountDue | None = None
    expiring: list[GoodsRow] = field(default_factory=list)
    returns: list[ReturnRow] = field(default_factory=list)
    differences: list[DifferenceRow] = field(default_factory=list)
    drafts: list[SettlementRow] = field(default_factory=list)
    bills: list[SettlementRow] = field(default_factory=list)
    owed: Owed | None = None
    offers: list[Offer] = field(default_factory=list)
    messages: list[LastWord] = field(default_factory=list)


def outlet_board(actor: Actor, outlet_id: int) -> OutletBoard | None:
    """The board of an outlet that the actor works for; None for a stranger."""
    outlet = outlet_of(actor, outlet_id)
    if outlet is None or actor.operator_id is None:
        return None
    can = actor.can
    differing = DifferenceFilter(state=DifferenceState.OPEN.value, outlet_id=outlet_id)
    return OutletBoard(
        outlet=outlet,
        waiting=waiting_by_outlet(actor, [outlet_id])[outlet_id],
        deliveries=deliveries_of(
            actor,
            DeliveryFilter(state=DeliveryState.SENT.value, sort="deliver_on", outlet_id=outlet_id),
            size=SHOWN,
        )
        if can(Permission.DELIVERY_RECEIVE)
        else [],
        report=reports_due([outlet_id]).get(outlet_id) if can(Permission.SALES_REPORT) else None,
        count=next((one for one in counts_due(actor) if one.outlet_id == outlet_id), None)
        if can(Permission.COUNT_RECORD)
        else None,
        expiring=_expiring_at(actor, outlet_id) if can(Permission.RETURN_MAKE) else [],
        returns=returns_of(
            actor, ReturnFilter(state=ReturnState.WAITING.value, outlet_id=outlet_id), size=SHOWN
        )
        if can(Permission.RETURN_MAKE)
        else [],
        differences=differences_of(actor, differing, size=SHOWN) if can(Permission.DIFFERENCE_SETTLE) else [],
        drafts=_money_at(actor, outlet_id, (Status.DRAFT,)) if can(Permission.SETTLEMENT_ISSUE) else [],
        bills=_money_at(actor, outlet_id, OWED) if can(Permission.PAYMENT_RECORD) else [],
        owed=_owed_at(actor, outlet_id) if can(Permission.PAYMENT_RECORD) else None,
        offers=offers_to_answer(actor, outlet_id=outlet_id),
        messages=messages_waiting(actor, outlet_id=outlet_id),
    )


def has_partners(outlet_id: int) -> bool:
    """Whether any maker ever agreed with this outlet, so that goods and reports can be waited for."""
    agreed = exists().where(
        Agreement.outlet_id == outlet_id, Agreement.state == AgreementState.ACCEPTED.value
    )
    return bool(db.session.scalar(select(agreed)))


def _money_at(actor: Actor, outlet_id: int, statuses: Sequence[str]) -> list[SettlementRow]:
    """Settlements of some statuses that ask for something, the earliest due first."""
    found = [
        row
        for status in statuses
        for row in settlements_of(
            actor, SettlementFilter(outlet_id=outlet_id, status=status, sort="due_on"), size=SHOWN
        )
        if status == Status.DRAFT or row.open_rupiah > 0
    ]
    return sorted(found, key=lambda row: (row.due_on or row.last_day, row.id))[:SHOWN]


def _owed_at(actor: Actor, outlet_id: int) -> Owed | None:
    query = (
        select(func.sum(Payable.amount_rupiah - Payable.paid_rupiah), func.count())
        .select_from(Settlement)
        .join(Payable, and_(Payable.kind == "settlement", Payable.document_id == Settlement.id))
        .where(
            Settlement.outlet_id == outlet_id,
            Settlement.operator_id == actor.operator_id,
            Payable.paid_rupiah < Payable.amount_rupiah,
        )
    )
    rupiah, bills = db.session.execute(query).one()
    more = [work.owed_at(actor, outlet_id) for work in more_work()]
    owed = Owed(
        int(rupiah or 0), sum(one for one, _bills in more), bills + sum(count for _one, count in more)
    )
    return owed if owed.bills else None


def _expiring_at(actor: Actor, outlet_id: int) -> list[GoodsRow]:
    """Lots that have expired or will within 30 days, the first on top, with what to do with each."""
    found: list[GoodsRow] = []
    for life in ("expired", "near"):
        if len(found) < SHOWN:
            asked = GoodsFilter(outlet_id=outlet_id, life=life)
            found += goods(actor, asked, size=SHOWN - len(found))
    return found


# --- how many things wait ----------------------------------------------------------------------------------


def waiting_by_outlet(actor: Actor, outlet_ids: Sequence[int] | None = None) -> Counter[int]:
    """How many things that are urgent or soon wait at each of the actor's outlets.

    The same things as on the boards, without those that can wait. A fixed number of questions.
    """
    if actor.operator_id is None:
        return Counter()
    if outlet_ids is None:
        outlet_ids = [one.id for one in outlets_worked_by(actor)]
    found: Counter[int] = Counter()
    can = actor.can
    for permission, model, criteria in _documents(actor):
        if can(permission):
            found += _counted(actor, model, criteria)
    found += Counter(_bills_soon(actor)) if can(Permission.PAYMENT_RECORD) else Counter()
    found += Counter(_lots_soon(actor)) if can(Permission.RETURN_MAKE) else Counter()
    found += Counter(count_offers(actor)) if can(Permission.AGREEMENT_ANSWER) else Counter()
    found += Counter(count_messages(actor, until=_day_start(urgency.MESSAGE_DAYS - 1)))
    found += _reports_and_counts(actor, outlet_ids)
    for work in more_work():
        found += work.by_outlet(actor)
    return Counter({outlet_id: found[outlet_id] for outlet_id in outlet_ids})


def _day_start(days_ago: int) -> datetime:
    """The first moment of a day."""
    return datetime.combine(clock.today() - timedelta(days=days_ago), time(), clock.WIB)


def _documents(actor: Actor) -> list[tuple[Permission, Any, list[Any]]]:
    today = clock.today()
    return [
        (
            Permission.DELIVERY_RECEIVE,
            Delivery,
            [Delivery.state == DeliveryState.SENT.value, Delivery.deliver_on <= today],
        ),
        (
            Permission.RETURN_MAKE,
            ReturnNote,
            [ReturnNote.state == ReturnState.WAITING.value, ReturnNote.fetch_by < today],
        ),
        (
            Permission.DIFFERENCE_SETTLE,
            Difference,
            [Difference.state == DifferenceState.OPEN.value, Difference.referred_at.is_(None)],
        ),
        (Permission.SETTLEMENT_ISSUE, Settlement, [Settlement.state == SettlementState.DRAFT.value]),
    ]


def _counted(actor: Actor, model: Any, criteria: list[Any]) -> Counter[int]:
    visible = papers_visible_to(actor, model.outlet_id, model.seller_id)
    query = select(model.outlet_id, func.count()).where(visible, *criteria).group_by(model.outlet_id)
    return Counter(dict(db.session.execute(query).all()))


def _bills_soon(actor: Actor) -> dict[int, int]:
    query = (
        select(Settlement.outlet_id, func.count())
        .join(Payable, and_(Payable.kind == "settlement", Payable.document_id == Settlement.id))
        .where(
            Settlement.operator_id == actor.operator_id,
            Payable.paid_rupiah < Payable.amount_rupiah,
            Payable.due_on <= clock.today() + timedelta(days=urgency.PAY_SOON_DAYS),
        )
        .group_by(Settlement.outlet_id)
    )
    return dict(db.session.execute(query).all())


def _lots_soon(actor: Actor) -> dict[int, int]:
    visible = papers_visible_to(actor, ShelfBalance.outlet_id, ShelfBalance.seller_id)
    held = holdings(and_(visible, ShelfBalance.on_hand > 0))
    query = (
        select(held.c.outlet_id, func.count())
        .where(held.c.expires_on <= clock.today() + timedelta(days=SOON_DAYS))
        .group_by(held.c.outlet_id)
    )
    return dict(db.session.execute(query).all())


def _reports_and_counts(actor: Actor, outlet_ids: Sequence[int]) -> Counter[int]:
    today = clock.today()
    found: Counter[int] = Counter()
    if actor.can(Permission.SALES_REPORT):
        for outlet_id, due in reports_due(outlet_ids).items():
            found[outlet_id] += urgency.report_urgency(due.due_on, today) is not None
    if actor.can(Permission.COUNT_RECORD):
        found += Counter(due.outlet_id for due in counts_due(actor))
    return found
