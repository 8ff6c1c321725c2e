"""Regulations are dated: none is edited once in force, and no two hold for one place, kind and day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from marketplace import clock
from marketplace.audit import AuditEvent
from marketplace.compliance import services
from marketplace.compliance.models import Regulation
from marketplace.compliance.queries import Scope, evaluate, size_limits_on
from marketplace.db import db
from marketplace.errors import Conflict, Forbidden, InvalidInput, NotFound, RuleBroken
from marketplace.permissions import SYSTEM, Actor, Role
from tests import factories

TODAY = date(2026, 11, 22)


@pytest.fixture
def head(app: Flask) -> Actor:
    """The head of Surakarta's office."""
    return factories.officer(Role.HEAD)


def add(actor: Actor = SYSTEM, **values: Any) -> Regulation:
    defaults: dict[str, Any] = {
        "regulation_ref": "R-1",
        "region_code": "33.72",
        "outlet_kinds": ["minimarket", "hotel"],
        "min_sellers": 5,
        "valid_from": date(2026, 1, 1),
    }
    return services.add_regulation(actor=actor, **{**defaults, **values})


@pytest.mark.parametrize(
    ("values", "is_refused"),
    [
        ({"valid_from": date(2026, 6, 1)}, True),
        ({"valid_from": date(2025, 1, 1), "valid_to": date(2026, 1, 2)}, True),
        ({"valid_from": date(2025, 1, 1), "valid_to": date(2026, 1, 1)}, False),
        ({"outlet_kinds": ["hotel", "wholesale"]}, True),
        ({"outlet_kinds": ["wholesale"]}, False),
        ({"region_code": "33.72.01"}, False),
        ({"region_code": "33"}, False),
    ],
)
def test_two_regulations_for_one_prefix_kind_and_day_are_refused(
    head: Actor, values: dict[str, Any], is_refused: bool
):
    add()
    if not is_refused:
        assert add(regulation_ref="R-2", **values).id
        return
    with pytest.raises(RuleBroken) as refused:
        add(regulation_ref="R-2", **values)
    assert refused.value.details["regulation_ref"] == "R-1"
    assert db.session.query(Regulation).count() == 1


def test_one_in_force_is_ended_from_tomorrow_on_and_followed(head: Actor):
    row = add(head)
    for day in (TODAY, TODAY - timedelta(days=1), row.valid_from):
        with pytest.raises(InvalidInput):
            services.end_regulation(actor=head, regulation_id=row.id, valid_to=day)
    tomorrow = TODAY + timedelta(days=1)
    services.end_regulation(actor=head, regulation_id=row.id, valid_to=tomorrow, reason="Diganti")
    add(head, regulation_ref="R-2", min_sellers=7, valid_from=tomorrow)
    with pytest.raises(RuleBroken):
        services.end_regulation(actor=head, regulation_id=row.id, valid_to=None)
    event = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "regulation.ended")).one()
    assert (event.reason, event.office_region) == ("Diganti", "33.72")


def test_one_that_is_over_stays_as_it_is(head: Actor):
    row = add(valid_to=date(2026, 6, 1))
    with pytest.raises(RuleBroken):
        services.end_regulation(actor=head, regulation_id=row.id, valid_to=None)


def test_one_to_come_may_still_end_on_any_day_after_it_begins(head: Actor):
    row = add(valid_from=date(2027, 1, 1))
    services.end_regulation(actor=head, regulation_id=row.id, valid_to=date(2027, 2, 1))
    services.end_regulation(actor=head, regulation_id=row.id, valid_to=None)
    assert row.valid_to == clock.LAST_DAY


def test_the_outlet_is_judged_by_the_new_law_from_midnight_on(head: Actor):
    outlet = factories.outlet("T-1")
    add(min_sellers=0, valid_to=TODAY)
    add(regulation_ref="R-2", min_sellers=1, valid_from=TODAY)
    with clock.frozen(datetime(2026, 11, 21, 16, 59, 59, tzinfo=UTC)):
        assert clock.today() == TODAY - timedelta(days=1)
    with clock.frozen(datetime(2026, 11, 21, 17, 0, tzinfo=UTC)):
        assert clock.today() == TODAY
    statuses = [evaluate(day, Scope(), [outlet.id])[0].status for day in (TODAY - timedelta(days=1), TODAY)]
    assert statuses == ["compliant", "short"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("region_code", "33.7"),
        ("region_code", "99.99"),
        ("outlet_kinds", []),
        ("outlet_kinds", ["kiosk"]),
        ("counted_bases", []),
        ("binding", "perhaps"),
        ("min_sellers", -1),
        ("min_sellers", 2**63),
        ("grace_days", -1),
        ("display_window_days", 10**9),
        ("valid_to", date(2025, 1, 1)),
        ("regulation_ref", " "),
    ],
)
def test_nonsense_is_refused_beside_its_field(head: Actor, field: str, value: Any):
    with pytest.raises(InvalidInput) as refused:
        add(head, **{field: value})
    assert field in refused.value.fields


def test_an_office_writes_law_for_its_own_region_only(head: Actor):
    with pytest.raises(InvalidInput):
        add(head, region_code="33.73")
    with pytest.raises(Forbidden):
        add(factories.officer())
    foreign = add(regulation_ref="R-F", region_code="33.73")
    with pytest.raises(NotFound):
        services.end_regulation(actor=head, regulation_id=foreign.id, valid_to=None)
    add(head)
    with pytest.raises(Conflict):
        add(head, valid_from=date(2030, 1, 1), outlet_kinds=["wholesale"])


def test_days_before_the_first_recorded_law_use_its_size_limits(app: Flask):
    assert size_limits_on(date(1990, 1, 1)) == size_limits_on(date(2010, 1, 1))
    assert size_limits_on(TODAY).sales_rupiah == 50_000_000_000
