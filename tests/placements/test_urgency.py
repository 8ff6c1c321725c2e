"""What is red, what is soon and what can wait."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from marketplace.placements.rules import urgency
from marketplace.placements.rules.urgency import Urgency

TODAY = date(2026, 11, 22)
SHORT, GRACE, INFO = Urgency.SHORT, Urgency.GRACE, Urgency.INFO


def on(days: int) -> date:
    return TODAY + timedelta(days=days)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (urgency.answer_urgency, {0: SHORT, 1: SHORT, 2: GRACE, 30: GRACE}),
        (urgency.sending_urgency, {-1: SHORT, 0: GRACE, 1: GRACE, 2: INFO}),
        (urgency.arrival_urgency, {-1: SHORT, 0: GRACE, 1: INFO}),
        (urgency.fetching_urgency, {-1: SHORT, 0: GRACE, 2: GRACE, 3: INFO}),
        (urgency.keeping_urgency, {-1: GRACE, 0: INFO}),
        (urgency.debt_urgency, {-1: SHORT, 0: GRACE, 3: GRACE, 4: INFO}),
        (urgency.report_urgency, {-1: SHORT, 0: GRACE, 1: GRACE, 2: None}),
    ],
)
def test_a_day_of_its_own_decides_how_urgent_a_thing_is(rule, expected):
    assert {days: rule(on(days), TODAY) for days in expected} == expected


def test_the_three_warnings_of_expiry_are_three_kinds_and_what_has_expired_is_red():
    days = {-3: SHORT, 0: SHORT, 7: SHORT, 8: GRACE, 14: GRACE, 15: INFO, 30: INFO}
    assert {left: urgency.expiry_urgency(left) for left in days} == days


def test_what_waits_for_a_word_is_urgent_after_a_week():
    assert [urgency.word_urgency(days) for days in (0, 6, 7, 90)] == [GRACE, GRACE, SHORT, SHORT]


def test_a_store_is_urgent_once_it_missed_a_whole_second_cycle():
    assert [urgency.silence_urgency(days, 7) for days in (1, 6, 7)] == [GRACE, GRACE, SHORT]


def test_without_a_day_to_answer_or_to_fetch_a_thing_is_only_soon():
    assert urgency.answer_urgency(None, TODAY) is GRACE
    assert urgency.fetching_urgency(None, TODAY) is GRACE
    assert urgency.keeping_urgency(None, TODAY) is INFO


def test_a_message_is_soon_after_two_days():
    assert [urgency.message_urgency(days) for days in (0, 1, 2)] == [INFO, INFO, GRACE]
