"""What happens when a deadline passes and nobody has acted: once a minute, order by order.

Each order is its own short transaction under its own lock, read anew: a click that came first stands, and
running twice, or in two processes, does nothing twice.
"""

from __future__ import annotations

from collections.abc import Callable

import structlog
from sqlalchemy import Select, select

from ... import clock
from ...db import db, retry_on_conflict, unit_of_work
from ...permissions import SYSTEM
from ..models import Order, OrderState
from ..rules.states import OrderSide, OrderVerb
from .answering import EXPIRED_WORDS, expire
from .claims import holds_open, lapse, overdue_claims
from .moving import lock_order, move
from .receiving import deem_received

log = structlog.get_logger()
BATCH = 200
Find = Callable[[int], Select[int]]


def pass_deadlines() -> int:
    """Move every order and claim whose time is over; answers how many moved. Safe to run twice."""
    moved = act_on_each(_overdue(*EXPIRED_WORDS), expire)
    moved += act_on_each(_overdue(OrderState.SHIPPED), deem_received)
    moved += act_on_each(overdue_claims, lapse)
    return moved + act_on_each(_overdue(OrderState.SETTLED), close)


def _overdue(*states: OrderState) -> Find:
    """Finds orders in these states whose deadline has passed."""

    def find(after: int) -> Select[int]:
        return (
            select(Order.id)
            .where(Order.state.in_([state.value for state in states]), Order.due_at < clock.now())
            .where(Order.id > after)
            .order_by(Order.id)
        )

    return find


def act_on_each(find: Find, act: Callable[[int], bool]) -> int:
    """Act on all that is found, in order of id; one that fails is written to the log and stops no other."""
    moved, after = 0, 0
    while True:
        found = list(db.session.scalars(find(after).limit(BATCH)))
        db.session.rollback()
        if not found:
            return moved
        after = found[-1]
        for key in found:
            try:
                moved += act(key)
            except Exception:
                log.exception("deadline not passed", act=act.__name__, key=key)


@retry_on_conflict
def close(order_id: int) -> bool:
    """Close a settled order whose days for claims are over; False while a claim is open or days are left."""
    with unit_of_work() as session:
        order = lock_order(session, order_id)
        if order.state != OrderState.SETTLED or order.due_at is None or order.due_at >= clock.now():
            return False
        if session.scalar(select(holds_open(order.id, clock.now()))):
            return False
        move(session, SYSTEM, order, OrderVerb.CLOSE, side=OrderSide.SYSTEM)
        return True
