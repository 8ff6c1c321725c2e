"""Standing orders: the order of the day once, at bounded prices, and a note where there is none."""

from __future__ import annotations

import itertools
from datetime import date, datetime, time

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from marketplace import clock
from marketplace.catalog.models import Product
from marketplace.clock import WIB
from marketplace.db import db, unit_of_work
from marketplace.errors import InvalidInput, MarketplaceError, NotFound, RuleBroken
from marketplace.orders.models import (
    Order,
    OrderState,
    PaymentPlan,
    ShippingKind,
    StandingCycle,
    StandingOrder,
    StandingRun,
)
from marketplace.orders.rules.drafts import CartChanged, LineDraft
from marketplace.orders.rules.standing import (
    StandingDraft,
    cycle_days,
    days_ahead,
    is_over_bound,
)
from marketplace.orders.services import standing as services
from marketplace.orders.services import standing_runs
from marketplace.orders.services.reservations import count_ready
from marketplace.outbox import OutboxItem
from tests.orders.support import DAY, TODAY, limit, lines_of, sells, state_of, trade_of
from tests.support.together import at_once

_keys = itertools.count(1)


def begin(trade, quantity=20, **how):
    """Twenty units a week from tomorrow on, fetched and paid at the door."""
    values = {
        "lines": [LineDraft(trade.product.id, quantity, 15_000)],
        "cycle": StandingCycle.WEEKLY,
        "first_on": TODAY + DAY,
        "last_on": None,
        "shipping_kind": ShippingKind.PICKUP,
        "payment_plan": PaymentPlan.ON_DELIVERY,
        "max_rise_percent": 10,
        **how,
    }
    actor = values.pop("actor", trade.buyer)
    draft = StandingDraft(f"rutin-{next(_keys)}", trade.seller.id, trade.outlet.id, **values)
    return services.begin_standing(actor=actor, draft=draft)


def on(day):
    return clock.frozen(datetime.combine(day, time(8), WIB))


def orders_of(standing):
    db.session.rollback()
    return list(db.session.scalars(select(Order).where(Order.standing_id == standing.id).order_by(Order.id)))


def runs_of(standing):
    db.session.rollback()
    query = select(StandingRun.day, StandingRun.outcome).where(StandingRun.standing_id == standing.id)
    return [tuple(row) for row in db.session.execute(query.order_by(StandingRun.day))]


def now_of(standing):
    db.session.rollback()
    query = select(StandingOrder.state, StandingOrder.next_on).where(StandingOrder.id == standing.id)
    return tuple(db.session.execute(query).one())


def costs(product, price):
    with unit_of_work() as session:
        session.get_one(Product, product.id).price_rupiah = price


# --- days --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cycle", "days"),
    [
        (StandingCycle.WEEKLY, [date(2027, 1, 31), date(2027, 2, 7), date(2027, 2, 14)]),
        (StandingCycle.TWO_WEEKLY, [date(2027, 1, 31), date(2027, 2, 14), date(2027, 2, 28)]),
        (StandingCycle.MONTHLY, [date(2027, 1, 31), date(2027, 2, 28), date(2027, 3, 31)]),
    ],
)
def test_a_cycle_counts_from_its_first_day_and_a_short_month_has_it_on_its_last(cycle, days):
    assert list(itertools.islice(cycle_days(cycle, date(2027, 1, 31)), 3)) == days
    assert days_ahead(cycle, date(2027, 1, 31), days[1], days[1], 5) == [days[1]]


@pytest.mark.parametrize(
    ("now", "is_over"), [(10_000, False), (11_000, False), (11_001, True), (9_000, False)]
)
def test_a_price_may_rise_up_to_the_bound_itself(now, is_over):
    assert is_over_bound(10_000, now, 10) is is_over


# --- the order of the day ----------------------------------------------------------------------------------


def test_the_worker_makes_the_order_of_the_day_once(trade):
    standing = begin(trade)
    assert standing_runs.run_due() == 0
    with on(TODAY + DAY):
        assert (standing_runs.run_due(), standing_runs.run_due()) == (1, 0)
    (order,) = orders_of(standing)
    assert (lines_of(order)[0].quantity, order.total_rupiah, order.outlet_id) == (
        20,
        300_000,
        trade.outlet.id,
    )
    assert (order.deliver_from, order.deliver_to) == (TODAY + 4 * DAY, TODAY + 6 * DAY)
    assert state_of(order) is OrderState.PLACED
    assert now_of(standing) == ("active", TODAY + 8 * DAY)


def test_two_workers_at_once_make_one_order(app, trade):
    standing = begin(trade)
    with on(TODAY + DAY):
        answers = at_once(app, *[lambda: standing_runs.run_one(standing.id) for _turn in range(3)])
    assert sorted(answers) == [False, False, True]
    assert len(orders_of(standing)) == 1


def test_a_day_that_is_skipped_beside_the_worker_is_either_ordered_or_left_out(app, trade):
    standing = begin(trade)
    with on(TODAY + DAY):
        answers = at_once(
            app,
            lambda: standing_runs.run_one(standing.id),
            lambda: services.skip(actor=trade.buyer, standing_id=standing.id, day=TODAY + DAY),
        )
    was_refused = isinstance(answers[1], MarketplaceError)
    assert runs_of(standing) == [(TODAY + DAY, "ordered" if was_refused else "skipped")]
    assert len(orders_of(standing)) == int(was_refused)


def test_above_the_makers_limit_the_order_waits_for_a_manager(trade):
    limit(trade.operator, 100_000)
    standing = begin(trade, actor=trade.staff)
    with on(TODAY + DAY):
        standing_runs.run_due()
    assert state_of(orders_of(standing)[0]) is OrderState.AWAITING_APPROVAL


def test_it_ends_by_itself_after_its_last_day(trade):
    standing = begin(trade, last_on=TODAY + 2 * DAY)
    with on(TODAY + DAY):
        standing_runs.run_due()
    assert now_of(standing) == ("ended", None)
    with on(TODAY + 8 * DAY):
        assert standing_runs.run_due() == 0


def test_days_of_a_worker_that_was_away_are_noted_and_the_last_is_made_up_for(trade):
    standing = begin(trade)
    with on(TODAY + 10 * DAY):
        standing_runs.run_due()
    assert runs_of(standing) == [(TODAY + DAY, "missed"), (TODAY + 8 * DAY, "ordered")]


def test_a_day_that_fails_after_days_that_were_missed_is_tried_once_like_any_other(app):
    standing = begin(trade_of(capacity_per_week=10))
    with on(TODAY + 10 * DAY):
        assert (standing_runs.run_due(), standing_runs.run_due()) == (1, 0)
    assert runs_of(standing) == [(TODAY + DAY, "missed"), (TODAY + 8 * DAY, "failed")]
    assert now_of(standing) == ("active", TODAY + 15 * DAY)


# --- no order ----------------------------------------------------------------------------------------------


def test_a_price_within_the_bound_is_paid_and_one_over_it_waits_for_the_buyers_yes(trade):
    standing = begin(trade)
    costs(trade.product, 16_500)
    with on(TODAY + DAY):
        standing_runs.run_due()
    assert [order.total_rupiah for order in orders_of(standing)] == [330_000]
    costs(trade.product, 16_600)
    with on(TODAY + 8 * DAY):
        standing_runs.run_due()
        assert runs_of(standing)[-1] == (TODAY + 8 * DAY, "waiting")
        run = db.session.get_one(StandingRun, (standing.id, TODAY + 8 * DAY))
        assert "Rp16.600" in run.reason
        wanted = {"actor": trade.buyer, "standing_id": standing.id, "day": TODAY + 8 * DAY}
        with pytest.raises(CartChanged):
            standing_runs.agree_to_prices(**wanted, seen={trade.product.id: 15_000})
        order = standing_runs.agree_to_prices(**wanted, seen={trade.product.id: 16_600})
        assert order.total_rupiah == 332_000
        with pytest.raises(RuleBroken):
            standing_runs.agree_to_prices(**wanted, seen={trade.product.id: 16_600})
    with on(TODAY + 15 * DAY):
        standing_runs.run_due()
    assert runs_of(standing)[-1] == (TODAY + 15 * DAY, "ordered")


def test_what_waits_is_answered_within_a_week(trade):
    standing = begin(trade)
    costs(trade.product, 16_600)
    with on(TODAY + DAY):
        standing_runs.run_due()
    wanted = {"actor": trade.buyer, "standing_id": standing.id, "day": TODAY + DAY}
    with on(TODAY + 9 * DAY), pytest.raises(RuleBroken) as refused:
        standing_runs.agree_to_prices(**wanted, seen={trade.product.id: 16_600})
    assert refused.value.code == "standing_too_late"
    with on(TODAY + 8 * DAY):
        order = standing_runs.agree_to_prices(**wanted, seen={trade.product.id: 16_600})
    assert order.deliver_from == TODAY + 11 * DAY


def test_both_are_told_why_there_is_no_order_and_the_next_day_is_tried_again(trade):
    count_ready(actor=trade.maker, product_id=trade.product.id, on_hand=5)
    standing = begin(trade)
    with on(TODAY + DAY):
        standing_runs.run_due()
        assert standing_runs.run_due() == 0
    assert orders_of(standing) == []
    run = db.session.get_one(StandingRun, (standing.id, TODAY + DAY))
    assert (run.outcome, run.reason) == ("failed", "Keripik tempe: stok tinggal 5, diminta 20.")
    mails = db.session.scalars(select(OutboxItem).where(OutboxItem.kind == "mail.send")).all()
    assert [mail.payload["template"] for mail in mails] == ["standing_note"] * 2
    assert now_of(standing) == ("active", TODAY + 8 * DAY)


def test_a_paused_product_makes_no_order(trade):
    standing = begin(trade)
    with unit_of_work() as session:
        session.get_one(Product, trade.product.id).state = "paused"
    with on(TODAY + DAY):
        standing_runs.run_due()
    assert runs_of(standing) == [(TODAY + DAY, "failed")]


def test_too_little_capacity_leaves_nothing_half_done(app):
    standing = begin(trade_of(capacity_per_week=10))
    with on(TODAY + DAY):
        standing_runs.run_due()
    assert runs_of(standing) == [(TODAY + DAY, "failed")]
    assert orders_of(standing) == []


def test_a_way_that_the_seller_stopped_offering_makes_no_order(trade):
    standing = begin(trade)
    sells(trade.seller, offers_pickup=False, shipping_rupiah=10_000)
    with on(TODAY + DAY):
        standing_runs.run_due()
    assert runs_of(standing) == [(TODAY + DAY, "failed")]


# --- the buyer's hand --------------------------------------------------------------------------------------


def test_one_day_is_skipped_and_taken_back(trade):
    standing = begin(trade)
    day = TODAY + 8 * DAY
    services.skip(actor=trade.buyer, standing_id=standing.id, day=day)
    assert runs_of(standing) == [(day, "skipped")]
    services.unskip(actor=trade.buyer, standing_id=standing.id, day=day)
    assert runs_of(standing) == []
    services.skip(actor=trade.buyer, standing_id=standing.id, day=day)
    for turn in (1, 8, 15):
        with on(TODAY + turn * DAY):
            standing_runs.run_due()
    assert len(orders_of(standing)) == 2
    for day in (TODAY + 9 * DAY, date.max):
        with pytest.raises(RuleBroken):
            services.skip(actor=trade.buyer, standing_id=standing.id, day=day)


def test_nothing_is_ordered_while_it_is_paused_and_days_in_between_are_not_made_up_for(trade):
    standing = begin(trade)
    services.pause(actor=trade.buyer, standing_id=standing.id)
    with on(TODAY + 9 * DAY):
        assert standing_runs.run_due() == 0
        services.resume(actor=trade.buyer, standing_id=standing.id)
        assert now_of(standing) == ("active", TODAY + 15 * DAY)
        with pytest.raises(RuleBroken):
            services.resume(actor=trade.buyer, standing_id=standing.id)


def test_an_ended_one_orders_nothing_and_stays_ended(trade):
    standing = begin(trade)
    services.end(actor=trade.buyer, standing_id=standing.id, reason="Menu berganti")
    with on(TODAY + DAY):
        assert standing_runs.run_one(standing.id) is False
    with pytest.raises(RuleBroken):
        services.pause(actor=trade.buyer, standing_id=standing.id)


def test_a_stranger_and_the_seller_find_nothing_to_change(trade):
    standing = begin(trade)
    for actor in (trade_of().buyer, trade.maker):
        with pytest.raises(NotFound):
            services.pause(actor=actor, standing_id=standing.id)


@pytest.mark.parametrize(
    ("how", "field"),
    [
        ({"quantity": 0}, "quantity-"),
        ({"first_on": TODAY - DAY}, "first_on"),
        ({"last_on": TODAY}, "last_on"),
        ({"ahead_days": 91}, "ahead_days"),
        ({"max_rise_percent": 101}, "max_rise_percent"),
        ({"shipping_kind": ShippingKind.QUOTED}, "shipping_kind"),
        ({"payment_plan": PaymentPlan.LATER}, "payment_plan"),
        ({"lines": []}, "lines"),
    ],
)
def test_what_cannot_be_is_said_at_its_field(trade, how, field):
    with pytest.raises(InvalidInput) as refused:
        begin(trade, **how)
    assert any(name.startswith(field) for name in refused.value.fields)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE standing_runs SET outcome = 'failed'",
        "UPDATE standing_runs SET order_id = NULL",
        "UPDATE standing_orders SET next_on = NULL",
        "UPDATE standing_orders SET state = 'ended'",
        "INSERT INTO standing_runs SELECT * FROM standing_runs",
    ],
)
def test_the_database_refuses_what_no_standing_order_can_be(trade, statement):
    standing = begin(trade)
    with on(TODAY + DAY):
        standing_runs.run_due()
    with pytest.raises(DBAPIError), unit_of_work() as session:
        session.execute(text(statement))
    assert len(orders_of(standing)) == 1
