"""On which days an agreement holds, who may do what with it, and what can be expected of a shelf."""

from __future__ import annotations

import itertools
from contextlib import nullcontext
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.errors import RuleBroken
from marketplace.permissions import Permission
from marketplace.placements.rules import (
    ACTS,
    Condition,
    Course,
    Days,
    Side,
    Verb,
    allowed_verbs,
    days_in_force,
    in_force,
    outlook,
    overlaps,
    require,
    state_on,
)
from marketplace.placements.rules.shelf import Level

FIRST = date(2026, 11, 1)
DAYS = st.dates(FIRST, FIRST + timedelta(days=40))
PAUSES = st.lists(
    st.tuples(DAYS, st.integers(1, 10)).map(lambda p: Days(p[0], p[0] + timedelta(p[1]))), max_size=3
)


@st.composite
def courses(draw):
    starts_on = draw(DAYS)
    return Course(
        state=draw(st.sampled_from(["proposed", "accepted", "declined", "withdrawn"])),
        starts_on=starts_on,
        ends_on=draw(st.none() | DAYS.filter(lambda day: day >= starts_on)),
        terminated_on=draw(st.none() | DAYS),
        reply_by=draw(st.none() | DAYS),
        suspensions=draw(PAUSES),
    )


@given(courses(), DAYS)
def test_in_force_is_the_sentence_of_the_contract(agreement, day):
    said = (
        agreement.state == "accepted"
        and agreement.starts_on <= day
        and (agreement.ends_on is None or day <= agreement.ends_on)
        and (agreement.terminated_on is None or day < agreement.terminated_on)
        and not any(pause.first <= day < pause.end for pause in agreement.suspensions)
    )
    assert in_force(agreement, day) is said
    assert (state_on(agreement, day) is Condition.IN_FORCE) is said


@given(courses(), DAYS)
def test_silence_never_becomes_a_yes(agreement, day):
    if agreement.state == "proposed":
        assert state_on(agreement, day) in (Condition.PROPOSED, Condition.LAPSED)
        assert not in_force(agreement, day)


@given(courses(), DAYS, DAYS)
def test_what_has_ended_never_comes_back(agreement, day, other):
    early, late = sorted([day, other])
    if state_on(agreement, early) is Condition.ENDED:
        assert state_on(agreement, late) is Condition.ENDED


@given(DAYS, st.none() | DAYS, st.none() | DAYS, DAYS, st.none() | DAYS, st.none() | DAYS)
def test_two_agreements_overlap_exactly_when_some_day_lies_in_both(s1, e1, t1, s2, e2, t2):
    one, other = days_in_force(s1, e1, t1), days_in_force(s2, e2, t2)
    window = [FIRST + timedelta(days=n) for n in range(60)]
    assert overlaps(one, other) == any(one.holds(day) and other.holds(day) for day in window)
    assert overlaps(one, other) == overlaps(other, one)


def test_the_last_day_is_in_and_the_day_of_termination_is_out():
    ends = Course("accepted", FIRST, ends_on=FIRST)
    assert in_force(ends, FIRST)
    assert state_on(ends, FIRST + timedelta(1)) is Condition.ENDED
    cut = Course("accepted", FIRST, terminated_on=FIRST + timedelta(3))
    assert in_force(cut, FIRST + timedelta(2))
    assert state_on(cut, FIRST + timedelta(3)) is Condition.ENDED


def test_an_open_agreement_holds_on_the_last_day_of_the_calendar():
    open_end = days_in_force(FIRST, None, None)
    assert not overlaps(open_end, Days(date(1, 1, 1), FIRST))
    assert days_in_force(FIRST, date(9999, 12, 31), None) == open_end


@pytest.mark.parametrize(("verb", "condition", "side"), list(itertools.product(Verb, Condition, Side)))
def test_an_act_is_allowed_exactly_where_the_table_says_so(verb, condition, side):
    act = next(act for act in ACTS if act.verb is verb)
    turns = {"asked": side is Side.SELLER, "proposer": side is Side.OUTLET, "either": True}
    may = condition in act.sources and turns[act.who.value]
    with nullcontext() if may else pytest.raises(RuleBroken):
        require(verb, condition=condition, side=side, proposed_by=Side.OUTLET)
    shown = allowed_verbs(
        condition=condition,
        side=side,
        proposed_by=Side.OUTLET,
        permissions=Permission,
        has_pause=verb is Verb.RESUME,
    )
    assert (verb in shown) is may


def test_an_onlooker_and_a_role_without_the_permission_are_offered_nothing():
    for side, permissions in ((None, list(Permission)), (Side.SELLER, [Permission.AGREEMENT_VIEW])):
        shown = allowed_verbs(
            condition=Condition.PROPOSED, side=side, proposed_by=Side.OUTLET, permissions=permissions
        )
        assert shown == []


def test_nobody_answers_for_a_proposal_that_came_from_no_side():
    with pytest.raises(RuleBroken):
        require(Verb.ACCEPT, condition=Condition.PROPOSED, side=Side.SELLER, proposed_by=None)


@pytest.mark.parametrize(
    ("on_hand", "sold", "level", "days"),
    [(0, 5, Level.OUT, 0), (8, 21, Level.SOON, 2), (46, 18, Level.ENOUGH, 17), (5, 0, Level.QUIET, None)],
)
def test_a_shelf_lasts_as_long_as_its_pace_says(on_hand, sold, level, days):
    look = outlook(on_hand, sold)
    assert (look.level, look.days) == (level, days)
