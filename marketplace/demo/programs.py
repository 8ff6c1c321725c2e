"""The program of Rukun Mart's warehouse in the demo city: what it was told, and how it fell silent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta

from sqlalchemy import func, select

from .. import clock
from ..db import db, unit_of_work
from ..orders.models import Order, OrderStep
from ..orders.telling import tell_of_order
from ..webhooks import delivering, services
from ..webhooks.rules.addresses import HTTPS, Target
from ..webhooks.rules.schedule import MAX_REST, WAITS, Outcome
from ..webhooks.sending import Answer
from .people import Cast, on

WAREHOUSE = Target("https", "gudang.rukunmart.example", HTTPS, "/etalase")
"""A name that never exists. Its address is off in the end, so that nothing leaves a machine for it."""
BEGAN = timedelta(days=20)
SILENCE = timedelta(hours=27)
"""All tries of one event, with the rests between them."""
TAKEN = Answer(Outcome.DELIVERED, 180, 200, "ok")
BUSY = Answer(Outcome.REFUSED, 95, 503, "sedang dirawat, coba lagi")
GONE_QUIET = Answer(Outcome.TIMEOUT, 10_000)


def fill(cast: Cast, today: date) -> int:
    """Answers to how many orders' steps the program was told, the last of them in vain."""
    began = on(today - BEGAN)
    with clock.frozen(began):
        row, _secret = services.keep_new(cast.bagas, WAREHOUSE, ["order.placed", "order.moved", "claim.*"])
        services.send_test(actor=cast.bagas, endpoint_id=row.id)
        delivering.deliver_by(_answers(TAKEN))
    steps = _last_steps(cast.bagas.operator_id or 0, began.date(), today)
    for number, step in enumerate(steps, start=1):
        with clock.frozen(step.happened_at), unit_of_work() as session:
            tell_of_order(session, order=session.get_one(Order, step.order_id), step=step)
        if number == len(steps):
            _answer(step, [GONE_QUIET] * (len(WAITS) + 1))
        else:
            _answer(step, [BUSY, TAKEN] if number == 1 else [TAKEN])
    return len(steps)


def _last_steps(operator_id: int, first: date, today: date) -> Sequence[OrderStep]:
    """Where the operator's orders of these days stand, as far as a day and more has gone by since."""
    latest = select(func.max(OrderStep.id)).group_by(OrderStep.order_id)
    query = (
        select(OrderStep)
        .join(Order, Order.id == OrderStep.order_id)
        .where(
            OrderStep.id.in_(latest),
            Order.operator_id == operator_id,
            Order.number.is_not(None),
            OrderStep.happened_at >= on(first),
            OrderStep.happened_at < on(today) - SILENCE,
        )
        .order_by(OrderStep.happened_at, OrderStep.id)
    )
    found = db.session.scalars(query).all()
    db.session.rollback()
    return found


def _answer(step: OrderStep, answers: Sequence[Answer]) -> None:
    """Let the program answer one try after the other, each as soon as it may be made."""
    moment = step.happened_at
    for answer, wait in zip(answers, (timedelta(), *WAITS), strict=False):
        moment += wait + MAX_REST if wait else timedelta(seconds=1)
        with clock.frozen(moment):
            delivering.deliver_by(_answers(answer))


def _answers(answer: Answer) -> Callable[[delivering.Job], Answer]:
    return lambda _job: answer
