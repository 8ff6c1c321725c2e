"""The life of an order as a table: exactly its lines are allowed, for every state, verb and side."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from marketplace.errors import RuleBroken
from marketplace.orders.models import OrderState
from marketplace.orders.rules.states import (
    FINAL,
    HOLDS_STOCK,
    ORDER_ACTS,
    ORDER_WORDS,
    OrderSide,
    OrderVerb,
    order_verbs,
    require_order,
)
from marketplace.permissions import Permission

S = OrderState
ALLOWED = {
    ("approve", "buyer"): {S.AWAITING_APPROVAL: S.PLACED},
    ("refuse", "buyer"): {S.AWAITING_APPROVAL: S.REFUSED},
    ("confirm", "seller"): {S.PLACED: S.CONFIRMED},
    ("quote_shipping", "seller"): {S.PLACED: S.QUOTED},
    ("agree", "buyer"): {S.QUOTED: S.CONFIRMED},
    ("decline", "seller"): {S.PLACED: S.DECLINED},
    ("expire", "system"): dict.fromkeys(
        (S.AWAITING_APPROVAL, S.PLACED, S.QUOTED, S.AWAITING_PAYMENT), S.EXPIRED
    ),
    ("pay", "system"): {S.AWAITING_PAYMENT: S.PAID},
    ("unpay", "system"): {S.PAID: S.AWAITING_PAYMENT},
    ("pack", "seller"): dict.fromkeys((S.CONFIRMED, S.PAID), S.PACKED),
    ("ship", "seller"): dict.fromkeys((S.CONFIRMED, S.PAID, S.PACKED), S.SHIPPED),
    ("receive", "buyer"): {S.SHIPPED: S.RECEIVED},
    ("deem_received", "system"): {S.SHIPPED: S.RECEIVED},
    ("invoice", "system"): {S.RECEIVED: S.INVOICED},
    ("settle", "system"): {S.INVOICED: S.SETTLED},
    ("reopen", "system"): {S.SETTLED: S.INVOICED},
    ("close", "system"): {S.SETTLED: S.CLOSED},
    ("cancel", "buyer"): dict.fromkeys(
        (S.AWAITING_APPROVAL, S.PLACED, S.QUOTED, S.AWAITING_PAYMENT, S.CONFIRMED, S.PAID, S.PACKED),
        S.CANCELLED,
    ),
    ("call_off", "seller"): dict.fromkeys(
        (S.QUOTED, S.AWAITING_PAYMENT, S.CONFIRMED, S.PAID, S.PACKED), S.CANCELLED
    ),
}
"""Written down a second time, by hand, so that a change of the table is a change of two places."""


def test_exactly_the_lines_of_the_table_are_allowed():
    for verb, side, state in itertools.product(OrderVerb, OrderSide, OrderState):
        allowed = ALLOWED.get((verb.value, side.value), {})
        if state in allowed:
            assert require_order(verb, state, side).target is allowed[state]
        else:
            with pytest.raises(RuleBroken) as refused:
                require_order(verb, state, side)
            assert refused.value.message, (verb, side, state)


def test_nothing_follows_the_end_and_everything_before_it_ends():
    sources = {state for act in ORDER_ACTS for state in act.sources}
    assert set(OrderState) - sources == FINAL
    for first in OrderState:
        seen, waiting = {first}, [first]
        while waiting:
            state = waiting.pop()
            targets = {act.target for act in ORDER_ACTS if state in act.sources}
            if state in {S.PLACED, S.QUOTED}:
                targets.add(S.AWAITING_PAYMENT)
            waiting += targets - seen
            seen |= targets
        assert seen & FINAL, first


def test_units_are_promised_from_the_order_to_the_shipment():
    ended = {S.REFUSED, S.DECLINED, S.EXPIRED, S.CANCELLED}
    sent = {S.SHIPPED, S.RECEIVED, S.INVOICED, S.SETTLED, S.CLOSED}
    assert set(OrderState) == HOLDS_STOCK | ended | sent
    for act in ORDER_ACTS:
        if act.target in ended:
            assert act.sources <= HOLDS_STOCK


def test_every_state_has_words_and_every_persons_verb_a_label():
    assert set(ORDER_WORDS) == set(OrderState)
    for act in ORDER_ACTS:
        is_persons = act.side is not OrderSide.SYSTEM
        assert bool(str(act.label)) is is_persons
        assert (act.permission is not None) is is_persons


def test_a_party_is_offered_what_it_may_do():
    staff, noon = {Permission.ORDER_FULFIL}, datetime(2026, 11, 22, 5, tzinfo=UTC)
    offered = partial(order_verbs, due_at=noon, now=noon)
    assert offered(S.CONFIRMED, OrderSide.SELLER, staff) == [OrderVerb.PACK, OrderVerb.SHIP]
    assert offered(S.PLACED, OrderSide.SELLER, staff) == []
    assert offered(S.PLACED, None, set(Permission)) == []
    assert offered(S.PACKED, OrderSide.BUYER, set(Permission)) == []
    late = partial(offered, now=noon + timedelta(seconds=1))
    assert late(S.PACKED, OrderSide.BUYER, set(Permission)) == [OrderVerb.CANCEL]
