"""Above a limit a manager decides; what waits keeps its units, and what is refused gives them back."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest

from marketplace import clock
from marketplace.audit import AuditEvent
from marketplace.db import db
from marketplace.errors import Forbidden, InvalidInput, NotFound, RuleBroken
from marketplace.orders.models import ApprovalLimit, Checkout, OrderState
from marketplace.orders.queries.checkouts import (
    ApprovalFilter,
    approvals_of,
    checkout_page,
    count_approvals,
)
from marketplace.orders.services.answering import agree, cancel, quote_shipping
from marketplace.orders.services.approval import Limit, approve, refuse, set_limits
from marketplace.orders.services.checkout import place, waits_for_approval
from marketplace.permissions import Actor, Role
from tests import factories as make
from tests.orders.support import (
    DAY,
    buyable,
    draft_of,
    draft_part,
    limit,
    orders_of,
    reservations_of,
    state_of,
    steps_of,
    stock_of,
    trade_of,
)
from tests.support.signing import sign_in
from tests.support.together import at_once


@pytest.fixture
def trade(app):
    """A pair whose product lies ready, and whose staff may spend Rp100.000 alone."""
    pair = trade_of(ready=50)
    limit(pair.operator, 100_000)
    return pair


def asked(trade, quantity=10) -> Checkout:
    """A member of the staff has ordered above the limit, of two sellers."""
    other = buyable(make.seller(), ready=5)
    parts = [
        draft_part(trade.seller.id, [(trade.product.id, quantity)], outlet_id=trade.outlet.id),
        draft_part(other.seller_id, [(other.id, 1)], outlet_id=trade.outlet.id),
    ]
    return place(actor=trade.staff, draft=draft_of(*parts))


def test_above_the_limit_orders_wait_with_their_units_and_without_a_number(trade):
    checkout = asked(trade, 6)  # each of its two orders alone would be within it
    assert checkout.needs_approval
    for order in orders_of(checkout):
        assert (order.state, order.number, order.placed_at) == ("awaiting_approval", None, None)
    assert stock_of(trade.product) == (50, 6)


def test_at_the_limit_nobody_is_asked_and_managers_have_none(trade):
    assert trade.order(6, actor=trade.staff).state == OrderState.PLACED
    assert trade.order(40, actor=trade.buyer).state == OrderState.PLACED


@pytest.mark.parametrize(("own", "state"), [(200_000, "placed"), (50_000, "awaiting_approval")])
def test_a_limit_of_ones_own_comes_before_everybodys(trade, own, state):
    limit(trade.operator, own, trade.staff.user_id)
    assert trade.order(8, actor=trade.staff).state == state


def test_a_yes_sends_all_of_it_with_numbers_in_one_row(trade):
    trade.order(1)
    checkout = approve(actor=trade.buyer, checkout_id=asked(trade).id)
    assert (checkout.is_approved, checkout.decider_name) == (True, trade.buyer.name)
    first, second = orders_of(checkout)
    assert (first.number, second.number) == ("PO/2026/0002", "PO/2026/0003")
    assert steps_of(first) == [("place", "awaiting_approval"), ("approve", "placed")]
    assert first.placed_at == clock.now()
    assert stock_of(trade.product) == (50, 11)


def test_a_no_needs_a_reason_and_frees_the_units(trade):
    checkout_id = asked(trade).id
    with pytest.raises(InvalidInput):
        refuse(actor=trade.buyer, checkout_id=checkout_id, reason=" ")
    assert stock_of(trade.product) == (50, 10)
    checkout = refuse(actor=trade.buyer, checkout_id=checkout_id, reason="Anggaran habis")
    assert (checkout.is_approved, checkout.decision_reason) == (False, "Anggaran habis")
    for order in orders_of(checkout):
        assert (state_of(order), order.number) == (OrderState.REFUSED, None)
        assert {row.state for row in reservations_of(order)} == {"released"}
    assert stock_of(trade.product) == (50, 0)


def test_whoever_may_not_approve_does_not_decide_not_even_on_their_own(trade):
    checkout = asked(trade)
    for act in (partial(approve), partial(refuse, reason="tidak")):
        with pytest.raises(Forbidden):
            act(actor=trade.staff, checkout_id=checkout.id)
        with pytest.raises(NotFound):
            act(
                actor=make.member(Role.BUYER_MANAGER, operator_id=make.operator().id), checkout_id=checkout.id
            )
        with pytest.raises(NotFound):
            act(actor=trade.buyer, checkout_id=999)


def test_what_was_decided_is_not_decided_again(trade):
    checkout = approve(actor=trade.buyer, checkout_id=asked(trade).id)
    for act in (partial(approve), partial(refuse, reason="tidak")):
        with pytest.raises(RuleBroken, match="sudah diputuskan oleh"):
            act(actor=trade.buyer, checkout_id=checkout.id)


def test_a_yes_after_the_days_have_passed_is_refused(trade):
    checkout = asked(trade)
    with clock.frozen(clock.now() + timedelta(days=9)), pytest.raises(RuleBroken) as refused:
        approve(actor=trade.buyer, checkout_id=checkout.id)
    assert refused.value.code == "days_passed"


def test_of_a_yes_and_a_no_at_once_one_holds(app, trade):
    for _turn in range(2):
        checkout = asked(trade, 10)
        yes = partial(approve, actor=trade.buyer, checkout_id=checkout.id)
        no = partial(refuse, actor=trade.buyer, checkout_id=checkout.id, reason="tidak")
        answers = at_once(app, yes, no, yes, no)
        assert sum(isinstance(answer, RuleBroken) for answer in answers) == 3
        states = {order.state for order in orders_of(checkout)}
        assert states in ({"placed"}, {"refused"})


def test_the_list_shows_what_waits_first_and_to_its_own_people_alone(trade):
    done = approve(actor=trade.buyer, checkout_id=asked(trade, 8).id)
    waiting = asked(trade, 7)
    rows = approvals_of(trade.buyer, ApprovalFilter())
    assert [(row.id, row.state) for row in rows] == [(waiting.id, "waiting"), (done.id, "approved")]
    assert [row.id for row in approvals_of(trade.buyer, ApprovalFilter(state="approved"))] == [done.id]
    assert len(approvals_of(trade.buyer, ApprovalFilter(q="dapur contoh"))) == 2
    assert approvals_of(trade.buyer, ApprovalFilter(q="tidak ada")) == []
    assert count_approvals(trade.buyer) == {"waiting": 1, "approved": 1}
    stranger = make.member(Role.BUYER_MANAGER, operator_id=make.operator().id)
    assert approvals_of(stranger, ApprovalFilter()) == []
    assert checkout_page(stranger, waiting.id) is None


def test_a_head_approves_what_the_office_buys(trade):
    officer, head = make.officer(), make.officer(Role.HEAD)
    address = {"recipient": "Bu Ratna", "phone": "0812 3456 7890", "address": "Jl. Slamet Riyadi 1"}
    part = draft_part(trade.seller.id, [(trade.product.id, 5)], **address)
    operator_id = orders_of(place(actor=officer, draft=draft_of(part)))[0].operator_id
    officer, head = (Actor(**{**who.__dict__, "purchasing_id": operator_id}) for who in (officer, head))
    set_limits(actor=head, limits=[Limit(0, 50_000)])
    checkout = place(actor=officer, draft=draft_of(part))
    with pytest.raises(Forbidden):
        approve(actor=officer, checkout_id=checkout.id)
    approve(actor=head, checkout_id=checkout.id)
    assert orders_of(checkout)[0].state == "placed"


# --- what is split -----------------------------------------------------------------------------------------


def test_a_large_order_in_small_ones_is_asked_about_all_the_same(trade):
    first = trade.order(5, actor=trade.staff)
    assert first.state == OrderState.PLACED
    waiting = trade.order(2, actor=trade.staff)
    assert waiting.state == OrderState.AWAITING_APPROVAL
    page = checkout_page(trade.buyer, waiting.checkout_id)
    assert page is not None
    assert page.alone_rupiah == 75_000
    approve(actor=trade.buyer, checkout_id=waiting.checkout_id)
    assert trade.order(1, actor=trade.staff).state == OrderState.PLACED, "what a manager approved counts not"
    assert trade.order(1, actor=trade.staff).state == OrderState.AWAITING_APPROVAL
    other = make.member(Role.BUYER_STAFF, operator_id=trade.operator.id)
    assert trade.order(6, actor=other).state == OrderState.PLACED, "nor what somebody else ordered"
    assert waits_for_approval(actor=trade.staff, total_rupiah=10_001)
    assert not waits_for_approval(actor=trade.staff, total_rupiah=10_000)
    assert not waits_for_approval(actor=trade.buyer, total_rupiah=10**9)


def test_what_ended_without_goods_and_what_is_a_week_old_counts_no_more(trade):
    first = trade.order(6, actor=trade.staff)
    cancel(actor=trade.staff, order_id=first.id, reason="Salah")
    assert trade.order(6, actor=trade.staff).state == OrderState.PLACED
    for days, waits in ((6, True), (7, False)):
        with clock.frozen(clock.now() + timedelta(days=days)):
            assert waits_for_approval(actor=trade.staff, total_rupiah=100_000) is waits


def test_of_several_orders_at_once_that_are_too_much_together_one_is_placed_alone(app, trade):
    makers = [buyable(make.seller()) for _turn in range(4)]
    drafts = [draft_of(draft_part(one.seller_id, [(one.id, 6)], outlet_id=trade.outlet.id)) for one in makers]
    made = at_once(app, *(partial(place, actor=trade.staff, draft=draft) for draft in drafts))
    assert sorted(one.needs_approval for one in made) == [False, True, True, True]


def test_shipping_that_brings_a_split_order_above_the_limit_is_for_a_manager(trade):
    trade.order(2, actor=trade.staff)
    order = trade.order(4, actor=trade.staff, shipping_kind="quoted")
    quote_shipping(actor=trade.maker, order_id=order.id, shipping_rupiah=10_001)
    with pytest.raises(RuleBroken, match=r"sudah memesan Rp30\.000 sendiri"):
        agree(actor=trade.staff, order_id=order.id)
    agree(actor=trade.buyer, order_id=order.id)


def test_the_pages_say_who_ordered_how_much_alone(client, trade):
    trade.order(5, actor=trade.staff)
    sign_in(client, trade.buyer)
    page = client.get("/approvals").get_data(as_text=True)
    assert trade.staff.name in page
    assert "Rp75.000 dari Rp100.000" in page
    assert "Memesan sendiri dalam 7 hari ini: Rp75.000." in client.get("/approvals/limits").get_data(
        as_text=True
    )
    sign_in(client, trade.staff)
    assert "Rp75.000" not in client.get("/approvals").get_data(as_text=True)


# --- limits ------------------------------------------------------------------------------------------------


def limits(trade):
    return {row.user_id: row.limit_rupiah for row in db.session.query(ApprovalLimit)}


def test_limits_are_written_taken_away_and_recorded(trade):
    set_limits(actor=trade.buyer, limits=[Limit(0, None), Limit(trade.staff.user_id, 250_000)])
    assert limits(trade) == {trade.staff.user_id: 250_000}
    event = db.session.query(AuditEvent).filter_by(action="operator.limits").one()
    assert event.changes["before"] == {"0": 100_000}
    assert trade.order(30, actor=trade.buyer).state == "placed"


def test_a_limit_of_a_stranger_is_not_kept_and_a_wrong_one_is_refused(trade):
    stranger = make.member(Role.BUYER_STAFF, operator_id=make.operator().id)
    assert stranger.user_id is not None
    set_limits(actor=trade.buyer, limits=[Limit(stranger.user_id, 5)])
    assert limits(trade) == {0: 100_000}
    for wrong in (-1, 10**15 + 1):
        with pytest.raises(InvalidInput) as refused:
            set_limits(actor=trade.buyer, limits=[Limit(0, wrong)])
        assert set(refused.value.fields) == {"limit-0"}
    with pytest.raises(Forbidden):
        set_limits(actor=trade.staff, limits=[Limit(0, None)])


def test_nothing_waits_for_a_yes_longer_than_three_days(trade):
    checkout = asked(trade)
    due = {clock.wib_day(order.due_at) for order in orders_of(checkout) if order.due_at}
    assert due == {clock.today() + 3 * DAY}
