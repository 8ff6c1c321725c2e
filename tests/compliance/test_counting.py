"""The set-based SQL answers what the plain rules say, in cities that nobody thought of."""

from __future__ import annotations

import itertools
import os
from datetime import date, timedelta
from typing import Any
from unittest.mock import patch

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from marketplace.compliance.queries import Scope, counting, evaluate, evidence, standings
from marketplace.compliance.queries.outlet_page import counted_anew
from marketplace.compliance.queries.regulations import every_law
from marketplace.compliance.queries.reports import sellers_json
from marketplace.compliance.services import keep_day, recount
from marketplace.db import db
from marketplace.stock.models import MovementKind
from marketplace.stock.rules import Movement
from marketplace.stock.services import post_movements, reverse_movement
from tests import factories
from tests.compliance.cities import TODAY, build, move, movements, plans

numbers = itertools.count(1)
EXAMPLES = 1_000 if os.environ.get("ETALASE_PROOF") else 24
KEPT = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]


@pytest.mark.proof
@pytest.mark.usefixtures("app")
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=KEPT)
@given(plan=plans())
def test_the_database_counts_as_the_rules_do(plan: dict[str, Any]):
    city = build(plan, next(numbers))
    for day in plan["days"]:
        db.session.rollback()
        judged = city.judged_on(day)
        counted = evaluate(day, Scope(), [city.outlet_id])
        with patch.object(counting, "FEW", -1):
            assert evaluate(day, Scope(), [city.outlet_id]) == counted
        found = list(evidence(day, Scope(), [city.outlet_id]))
        if judged is None:
            assert counted == []
            assert found == []
            continue
        assert (counted[0].counted, counted[0].status) == (judged.counted, judged.status)
        assert counted[0].required == judged.required
        assert sellers_json(found[0].finding) == sellers_json(judged)
        assert found[0].finding.status == judged.status
    _holds_for_many_days_at_once(city, plan["days"])


def _holds_for_many_days_at_once(city: Any, days: list[Any]) -> None:
    """The history of an outlet is counted in one statement, and says the same as day by day."""
    points = counted_anew(city.outlet_id, days, every_law())
    for day in days:
        judged = city.judged_on(day)
        expected = (0, "") if judged is None else (judged.counted, judged.status)
        assert (points[day].counted, points[day].status) == expected


@pytest.mark.proof
@pytest.mark.usefixtures("app")
@settings(max_examples=EXAMPLES // 2, deadline=None, suppress_health_check=KEPT)
@given(plan=plans(), later=st.lists(movements, min_size=1, max_size=8))
def test_kept_standings_are_never_older_than_the_evidence(plan: dict[str, Any], later: list[Any]):
    number = next(numbers)
    city = build(plan, number)
    for day in plan["days"]:
        keep_day(day)
    move(city, later, f"L-{number}")
    for _turn in ("with open notes", "counted anew"):
        for day in plan["days"]:
            judged = city.judged_on(day)
            kept = [row for row in standings(day, Scope()) if row.outlet_id == city.outlet_id]
            expected = [] if judged is None else [(judged.counted, judged.status)]
            assert [(row.counted, row.status) for row in kept] == expected
        recount()


def test_a_city_of_no_outlets_has_an_empty_report(app: Flask):
    assert app.name
    assert standings(TODAY, Scope()) == []


def test_a_sale_taken_back_is_evidence_on_the_days_before_only(app: Flask):
    maker, place = factories.seller(), factories.outlet()
    factories.regulation(min_sellers=1)
    factories.agreement(place, maker)
    goods = factories.product(maker)
    first, sold, back = date(2026, 11, 1), date(2026, 11, 2), date(2026, 11, 5)
    keys: dict[str, Any] = {"outlet_id": place.id, "seller_id": maker.id, "product_id": goods.id}
    actor = factories.officer()
    post_movements(
        actor=actor,
        movements=[
            Movement("d", MovementKind.DELIVERY, quantity=3, occurred_on=first, **keys),
            Movement("s", MovementKind.SALE, quantity=3, occurred_on=sold, **keys),
        ],
    )
    reverse_movement("s", occurred_on=back, actor=actor)
    post_movements(
        actor=actor,
        movements=[Movement("r", MovementKind.RETURN, quantity=3, occurred_on=back, **keys)],
    )
    days = [sold, date(2026, 11, 4), back, date(2026, 11, 6)]
    points = counted_anew(place.id, days, every_law())
    assert [points[day].counted for day in days] == [1, 1, 0, 0]
    for day in days:
        assert [row.counted for row in evaluate(day, Scope(), [place.id])] == [points[day].counted]


@pytest.mark.parametrize(("basis", "window"), [("consignment", 30), ("outright", 90)])
def test_evidence_ends_with_the_last_day_of_its_window(app: Flask, basis: str, window: int):
    """All is sold on the day on which it came: from then on only a window tells of it."""
    maker, place, came = factories.seller(), factories.outlet(), date(2026, 8, 1)
    factories.regulation(
        min_sellers=1, counted_bases=[basis], display_window_days=30, outright_window_days=90
    )
    factories.agreement(place, maker, basis=basis)
    keys: dict[str, Any] = {
        "outlet_id": place.id, "seller_id": maker.id, "product_id": factories.product(maker).id,
        "quantity": 3, "occurred_on": came,
    }  # fmt: skip
    post_movements(
        actor=factories.officer(),
        movements=[Movement("d", MovementKind.DELIVERY, **keys), Movement("s", MovementKind.SALE, **keys)],
    )
    days = [came + timedelta(days=window - 1), came + timedelta(days=window)]
    points = counted_anew(place.id, days, every_law())
    assert [points[day].counted for day in days] == [1, 0]
    for day in days:
        assert [row.counted for row in evaluate(day, Scope(), [place.id])] == [points[day].counted]
        with patch.object(counting, "FEW", -1):
            assert [row.counted for row in evaluate(day, Scope(), [place.id])] == [points[day].counted]
        (found,) = evidence(day, Scope(), [place.id])
        assert found.finding.counted == points[day].counted
