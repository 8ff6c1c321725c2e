"""Dated facts: every day has one answer, and what was known before is never rewritten."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from marketplace import clock
from marketplace.clock import FIRST_DAY, LAST_DAY
from marketplace.db import db, unit_of_work
from marketplace.errors import InvalidInput
from marketplace.organizations import versions
from marketplace.organizations.models import OutletFacts, SellerFacts
from marketplace.permissions import SYSTEM
from tests import factories as make

DAY_ONE = date(2026, 1, 1)
MOMENT = datetime(2026, 6, 1, 3, 0, tzinfo=UTC)

changes = st.lists(
    st.tuples(
        st.integers(0, 30),
        st.one_of(st.none(), st.integers(1, 31)),
        st.integers(0, 3),
        st.integers(0, 2),
    ),
    min_size=1,
    max_size=8,
)


def sales_on(facts: list[SellerFacts], day: date) -> list[int | None]:
    return [row.annual_sales_rupiah for row in facts if row.valid_from <= day < row.valid_to]


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(changes)
def test_current_rows_partition_all_days_and_the_past_is_never_rewritten(app: Flask, steps: list) -> None:
    with clock.frozen(MOMENT):
        seller = make.seller(annual_sales_rupiah=None)
    days = [DAY_ONE + timedelta(n) for n in range(-1, 33)]
    expected: dict[date, int | None] = dict.fromkeys(days)
    moment, remembered = MOMENT, []
    for first, length, sales, pause in steps:
        moment += timedelta(seconds=pause)
        valid_from = DAY_ONE + timedelta(first)
        valid_to = LAST_DAY if length is None else valid_from + timedelta(length)
        with clock.frozen(moment), unit_of_work() as session:
            versions.change_facts(
                session,
                SellerFacts,
                seller.id,
                valid_from=valid_from,
                valid_to=valid_to,
                changes={"annual_sales_rupiah": sales},
                actor=SYSTEM,
                reason="",
            )
        for day in days:
            if valid_from <= day < valid_to:
                expected[day] = sales
        remembered.append((moment, dict(expected)))

    rows = versions.segments(db.session(), SellerFacts, seller.id)
    assert rows[0].valid_from == FIRST_DAY
    assert rows[-1].valid_to == LAST_DAY
    assert all(a.valid_to == b.valid_from for a, b in pairwise(rows))
    assert {day: sales_on(rows, day) for day in days} == {day: [value] for day, value in expected.items()}

    last_at = dict(remembered)  # of several changes at one moment, the last is what was known then
    for known_at, answers in last_at.items():
        then = versions.segments_known(db.session(), SellerFacts, seller.id, known_at)
        assert {day: sales_on(then, day) for day in days} == {day: [v] for day, v in answers.items()}


def test_a_change_from_a_day_on_leaves_the_days_before_it(app: Flask) -> None:
    outlet = make.outlet(kind="minimarket")
    with unit_of_work() as session:
        carrying = versions.change_facts(
            session,
            OutletFacts,
            outlet.id,
            valid_from=date(2026, 3, 1),
            changes={"kind": "supermarket"},
            actor=SYSTEM,
            reason="Diperluas",
        )
    assert [(row.valid_from, row.valid_to, row.reason) for row in carrying] == [
        (date(2026, 3, 1), LAST_DAY, "Diperluas")
    ]
    before = versions.one_on(db.session(), OutletFacts, outlet.id, date(2026, 2, 28))
    after = versions.one_on(db.session(), OutletFacts, outlet.id, date(2026, 3, 1))
    assert before
    assert after
    assert (before.kind, after.kind) == ("minimarket", "supermarket")


def test_yesterday_it_was_known_otherwise(app: Flask) -> None:
    yesterday = clock.now() - timedelta(days=1)
    with clock.frozen(yesterday):
        seller = make.seller(annual_sales_rupiah=1)
    with unit_of_work() as session:
        versions.change_last_many(session, SellerFacts, {seller.id: {"annual_sales_rupiah": 2}}, actor=SYSTEM)
    day = date(2026, 1, 1)
    now = versions.one_on(db.session(), SellerFacts, seller.id, day)
    then = versions.known_on(db.session(), SellerFacts, seller.id, day, clock.wib_day(yesterday))
    assert now
    assert then
    assert (now.annual_sales_rupiah, then.annual_sales_rupiah) == (2, 1)
    assert len(versions.every_version(db.session(), SellerFacts, seller.id)) == 2


def test_a_change_that_changes_nothing_records_nothing(app: Flask) -> None:
    seller = make.seller(capital_rupiah=5)
    with unit_of_work() as session:
        none = versions.change_facts(
            session,
            SellerFacts,
            seller.id,
            valid_from=date(2026, 1, 1),
            changes={"capital_rupiah": 5},
            actor=SYSTEM,
            reason="",
        )
        nobody = versions.change_last_many(
            session, SellerFacts, {seller.id: {"capital_rupiah": 5}}, actor=SYSTEM
        )
    assert none == []
    assert nobody == {}
    assert len(versions.every_version(db.session(), SellerFacts, seller.id)) == 1


def test_an_undated_correction_applies_to_the_last_segment_only(app: Flask) -> None:
    seller = make.seller(capital_rupiah=1)
    with unit_of_work() as session:
        versions.change_facts(
            session,
            SellerFacts,
            seller.id,
            valid_from=date(2026, 5, 1),
            changes={"capital_rupiah": 2},
            actor=SYSTEM,
            reason="",
        )
    with unit_of_work() as session:
        first_days = versions.change_last_many(
            session, SellerFacts, {seller.id: {"capital_rupiah": 3}}, actor=SYSTEM
        )
    rows = versions.segments(db.session(), SellerFacts, seller.id)
    assert first_days == {seller.id: date(2026, 5, 1)}
    assert [row.capital_rupiah for row in rows] == [1, 3]


def test_days_in_the_wrong_order_are_refused(app: Flask) -> None:
    seller = make.seller()
    with pytest.raises(InvalidInput), unit_of_work() as session:
        versions.change_facts(
            session,
            SellerFacts,
            seller.id,
            valid_from=date(2026, 5, 2),
            valid_to=date(2026, 5, 2),
            changes={"capital_rupiah": 2},
            actor=SYSTEM,
            reason="",
        )


def test_the_last_day_of_all_belongs_to_the_open_end(app: Flask) -> None:
    seller = make.seller(capital_rupiah=9)
    found = versions.many_on(db.session(), SellerFacts, [seller.id], LAST_DAY)
    assert found[seller.id].capital_rupiah == 9
