"""What a standing order does on its days: one order, or a note that says why there is none.

Each day is done under the standing order's lock and has one row: running twice, in two processes or beside
a click does nothing twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from ... import clock
from ...db import retry_on_conflict, unit_of_work
from ...errors import MarketplaceError, RuleBroken
from ...i18n import _, speaking
from ...permissions import Actor
from ..models import (
    Order,
    PaymentPlan,
    RunOutcome,
    ShippingKind,
    StandingLine,
    StandingOrder,
    StandingRun,
    StandingState,
)
from ..queries.offers import Offers, offers_of
from ..queries.people import buyers_person
from ..rules.buying import earliest_day, price_change
from ..rules.drafts import CartChanged, CheckoutDraft, LineDraft, SellerDraft
from ..rules.standing import ANSWER_DAYS, GRACE_DAYS, is_over_bound, rise_sentence, why_not
from .checkout import must_wait, price_parts
from .deadlines import act_on_each
from .placing import write_checkout
from .standing import coming_days, finish, hold_standing, lock_standing, no_standing
from .standing_letters import tell_of_run


def run_due() -> int:
    """Do the day of every standing order whose day has come; answers how many. Safe to run twice."""

    def due(after: int) -> Select[int]:
        query = select(StandingOrder.id).where(
            StandingOrder.state == StandingState.ACTIVE.value,
            StandingOrder.next_on <= clock.today(),
            StandingOrder.id > after,
        )
        return query.order_by(StandingOrder.id)

    return act_on_each(due, run_one)


@retry_on_conflict
def run_one(standing_id: int) -> bool:
    """Do one standing order's next day; False when it has not come (any more)."""
    day = None
    try:
        with unit_of_work() as session:
            standing = lock_standing(session, standing_id)
            _pass_missed(session, standing)
            day = _due_day(standing)
            if day is None:
                return False
            if session.get(StandingRun, (standing.id, day)) is None:
                _do(session, standing, day)
            _go_on(standing, day)
            return True
    except MarketplaceError as error:
        return _note_failure(standing_id, day, error.message)


def _note_failure(standing_id: int, day: date | None, sentence: str) -> bool:
    """The order could not be made, and nothing of it was: say why, once."""
    with unit_of_work() as session:
        standing = lock_standing(session, standing_id)
        _pass_missed(session, standing)  # what was noted of them went with the order that could not be made
        if day is None or _due_day(standing) != day:
            return False
        _note(session, standing, day, RunOutcome.FAILED, sentence)
        _go_on(standing, day)
        return True


def _due_day(standing: StandingOrder) -> date | None:
    is_due = standing.state == StandingState.ACTIVE and standing.next_on is not None
    return standing.next_on if is_due and standing.next_on <= clock.today() else None  # type: ignore[operator]


def _pass_missed(session: Session, standing: StandingOrder) -> None:
    """Days that are too long ago are noted, not ordered for."""
    oldest = clock.today() - timedelta(days=GRACE_DAYS)
    while (day := _due_day(standing)) is not None and day < oldest:
        if session.get(StandingRun, (standing.id, day)) is None:
            with speaking("id"):
                sentence = _("Sistem tidak berjalan pada hari itu. Pesan sekali lewat keranjang bila perlu.")
            _note(session, standing, day, RunOutcome.MISSED, sentence)
        _go_on(standing, day)


def _go_on(standing: StandingOrder, day: date) -> None:
    following = coming_days(standing, day + timedelta(days=1), 1)
    if following:
        standing.next_on = following[0]
    else:
        with speaking("id"):
            finish(standing, _("Hari terakhirnya sudah lewat."))


def _do(session: Session, standing: StandingOrder, day: date) -> None:
    lines = lines_of_standing(session, standing.id)
    offers = offers_of([line.product_id for line in lines])
    with speaking("id"):
        refusals = _refusals(lines, offers)
        dear = _dear(standing, lines, offers)
    if refusals:
        _note(session, standing, day, RunOutcome.FAILED, " ".join(refusals))
    elif dear:
        _note(session, standing, day, RunOutcome.WAITING, " ".join(dear))
    else:
        buyer = buyers_person(session, standing.operator_id, standing.made_by, standing.maker_name)
        with speaking("id"):
            order = _order(session, buyer, standing, day, lines, offers)
        session.add(_run(standing, day, RunOutcome.ORDERED, order_id=order.id))
        session.flush()


def _refusals(lines: Sequence[StandingLine], offers: Offers) -> list[str]:
    """Why goods cannot be ordered today."""
    said = [
        why_not(_name(offers, line), offers.by_product.get(line.product_id), line.quantity, clock.today())
        for line in lines
    ]
    return [sentence for sentence in said if sentence]


def _dear(standing: StandingOrder, lines: Sequence[StandingLine], offers: Offers) -> list[str]:
    """Prices over the bound."""
    most = standing.max_rise_percent
    return [
        rise_sentence(_name(offers, line), line.agreed_price_rupiah, now, most)
        for line in lines
        if is_over_bound(line.agreed_price_rupiah, now := _price(offers, line), most)
    ]


def _name(offers: Offers, line: StandingLine) -> str:
    offer = offers.by_product.get(line.product_id)
    return offer.name if offer else f"#{line.product_id}"


def _price(offers: Offers, line: StandingLine) -> int:
    return offers.by_product[line.product_id].unit_price(line.quantity)


def _order(
    session: Session,
    buyer: Actor,
    standing: StandingOrder,
    day: date,
    lines: Sequence[StandingLine],
    offers: Offers,
) -> Order:
    """The order of a day, at today's prices; above the person's limit it waits. Raises as `place` does."""
    today = clock.today()
    earliest = earliest_day([(offers.by_product[line.product_id], line.quantity) for line in lines], today)
    first = max(max(day, today) + timedelta(days=standing.ahead_days), earliest)
    part = SellerDraft(
        seller_id=standing.seller_id,
        lines=[
            LineDraft(line.product_id, line.quantity, _price(offers, line), line.card_text) for line in lines
        ],
        deliver_from=first,
        deliver_to=first + timedelta(days=standing.window_days),
        shipping_kind=ShippingKind(standing.shipping_kind),
        payment_plan=PaymentPlan(standing.payment_plan),
        outlet_id=standing.outlet_id,
        note=standing.note,
    )
    draft = CheckoutDraft(f"standing:{standing.standing_ref}:{day}", [part])
    parts = [
        replace(found, standing_id=standing.id) for found in price_parts(session, standing.operator_id, draft)
    ]
    total = sum(one.split.total_rupiah for one in parts)
    waits = must_wait(session, buyer, standing.operator_id, total)
    made = write_checkout(session, buyer, standing.operator_id, draft, parts, needs_approval=waits)
    if made is None:
        raise RuleBroken(_("Untuk hari itu sudah ada pesanannya."), code="standing_day_done")
    return session.scalars(select(Order).where(Order.checkout_id == made.id)).one()


def lines_of_standing(session: Session, standing_id: int) -> list[StandingLine]:
    """The goods of a standing order, in order, read anew."""
    query = select(StandingLine).where(StandingLine.standing_id == standing_id)
    ordered = query.order_by(StandingLine.position).execution_options(populate_existing=True)
    return list(session.scalars(ordered))


def _note(session: Session, standing: StandingOrder, day: date, outcome: RunOutcome, sentence: str) -> None:
    run = _run(standing, day, outcome, reason=sentence)
    session.add(run)
    session.flush()
    tell_of_run(session, standing, run)


def _run(
    standing: StandingOrder, day: date, outcome: RunOutcome, *, order_id: int | None = None, reason: str = ""
) -> StandingRun:
    return StandingRun(
        standing_id=standing.id,
        day=day,
        outcome=outcome.value,
        order_id=order_id,
        reason=reason,
        happened_at=clock.now(),
    )


# --- the buyer's yes ---------------------------------------------------------------------------------------


@retry_on_conflict
def agree_to_prices(*, actor: Actor, standing_id: int, day: date, seen: Mapping[int, int]) -> Order:
    """Say yes to the prices of a day that waits: they are agreed to from now on, and the day's order is made.

    `seen` are the unit prices that the buyer was shown, by product. Raises NotFound for a stranger,
    RuleBroken when nothing waits (any more), CartChanged when prices changed again, and as `place` does:
    then nothing changes.
    """
    with unit_of_work() as session:
        standing = hold_standing(session, actor, standing_id, *StandingState)
        run = session.get(StandingRun, (standing.id, day), populate_existing=True)
        if run is None:
            raise no_standing()
        if run.outcome != RunOutcome.WAITING:
            raise RuleBroken(_("Untuk hari itu sudah diputuskan."), code="standing_day_done")
        if day < clock.today() - timedelta(days=ANSWER_DAYS):
            raise RuleBroken(
                _("Hari itu sudah terlalu lama lewat. Lewati saja, lalu pesan lewat keranjang."),
                code="standing_too_late",
            )
        lines = lines_of_standing(session, standing.id)
        offers = offers_of([line.product_id for line in lines])
        refusals = _refusals(lines, offers)
        if refusals:
            raise RuleBroken(" ".join(refusals), code="standing_not_sold")
        _refuse_changed(lines, offers, seen)
        for line in lines:
            line.agreed_price_rupiah = _price(offers, line)
        order = _order(session, actor, standing, day, lines, offers)
        run.outcome, run.order_id = RunOutcome.ORDERED.value, order.id
        run.user_id, run.user_name, run.happened_at = actor.user_id, actor.name, clock.now()
        return order


def _refuse_changed(lines: Sequence[StandingLine], offers: Offers, seen: Mapping[int, int]) -> None:
    changed = {
        line.product_id: f"{_name(offers, line)}: {sentence}"
        for line in lines
        if (sentence := price_change(seen.get(line.product_id, 0), _price(offers, line)))
    }
    if changed:
        raise CartChanged(changed)
