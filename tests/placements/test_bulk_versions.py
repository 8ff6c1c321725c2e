"""Agreements that come by the hundred: each has its terms, and a changed file changes none of the past."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from marketplace.db import db, unit_of_work
from marketplace.permissions import SYSTEM
from marketplace.placements import queries
from marketplace.placements.models import Agreement, AgreementVersion, Basis
from marketplace.placements.rules import Span, Terms, span_among, terms_among
from marketplace.placements.services import write_agreements
from tests import factories as make

TODAY = date(2026, 11, 22)
DAY = timedelta(days=1)


def write(made: list[dict[str, Any]], changed: list[dict[str, Any]] | None = None) -> None:
    with unit_of_work() as session:
        write_agreements(session, made=made, changed=changed or [], evidence={}, actor=SYSTEM)


def row(place: Any, maker: Any, ref: str, **values: Any) -> dict[str, Any]:
    defaults = {"outlet_id": place.id, "seller_id": maker.id, "basis": "consignment"}
    return {"agreement_ref": ref, "starts_on": TODAY - 90 * DAY, **defaults, **values}


def versions() -> list[AgreementVersion]:
    query = select(AgreementVersion).order_by(AgreementVersion.agreement_id, AgreementVersion.number)
    return list(db.session.scalars(query))


def test_every_agreement_of_a_file_has_its_version_1(app):
    place, makers = make.outlet(), [make.seller() for _n in range(3)]
    percent: list[dict[str, Any]] = [
        {"commission_percent": Decimal("12.5"), "settlement_days": 30},
        {"ends_on": TODAY},
        {"basis": "outright"},
    ]
    write([row(place, maker, f"P{n}", **percent[n]) for n, maker in enumerate(makers)])
    said = [
        (one.number, one.state, one.basis, one.commission_basis, one.commission_percent, one.due_days)
        for one in versions()
    ]
    assert said == [
        (1, "accepted", "consignment", "percent_of_retail", Decimal("12.5"), 30),
        (1, "accepted", "consignment", "none", None, 14),
        (1, "accepted", "outright", "none", None, 14),
    ]
    assert {one.valid_from for one in versions()} == {TODAY - 90 * DAY}


def test_a_file_that_changes_terms_adds_a_version_from_today(app):
    place, maker = make.outlet(), make.seller()
    write([row(place, maker, "P1", commission_percent=Decimal(20))])
    agreement = db.session.query(Agreement).one()
    write([], [{"id": agreement.id, "commission_percent": Decimal(25)}])
    first, second = versions()
    assert (first.commission_percent, second.commission_percent) == (Decimal(20), Decimal(25))
    assert second.valid_from == TODAY
    for day, percent in ((TODAY - DAY, 20), (TODAY, 25)):
        terms = queries.terms_on(None, agreement.id, day)
        assert terms is not None
        assert terms.commission_percent == percent
    write([], [{"id": agreement.id, "terminated_on": TODAY + DAY}])
    assert len(versions()) == 2, "an early end changes no terms"


def test_what_a_file_does_not_say_stays_with_its_annex(app):
    place, maker = make.outlet(), make.seller()
    product = make.product(maker)
    agreement = make.agreement(
        place,
        maker,
        terms={"commission_basis": "fixed_per_unit", "commission_rupiah": 2_000, "loss_borne_by": "seller"},
        annex={product.id: (18_000, None)},
    )
    write([], [{"id": agreement.id, "ends_on": TODAY + DAY}])
    _first, second = versions()
    assert (second.commission_basis, second.commission_rupiah) == ("fixed_per_unit", 2_000)
    assert second.loss_borne_by == "seller"
    assert queries.annex_prices(None, [second.id])[second.id, product.id].retail_rupiah == 18_000
    write([], [{"id": agreement.id, "commission_percent": Decimal(15)}])
    third = versions()[-1]
    assert (third.commission_basis, third.commission_rupiah) == ("percent_of_retail", None)


def test_an_agreement_on_a_day_is_the_one_in_force_else_the_latest_before(app):
    place, maker = make.outlet(), make.seller()
    old = make.agreement(place, maker, starts_on=TODAY - 99 * DAY, ends_on=TODAY - 50 * DAY)
    new = make.agreement(place, maker, starts_on=TODAY - 9 * DAY)
    days = {TODAY - 100 * DAY: None, TODAY - 60 * DAY: old.id, TODAY - 20 * DAY: old.id, TODAY: new.id}
    for day, expected in days.items():
        assert queries.agreement_for(place.id, maker.id, day) == expected
    many = queries.agreements_for(None, [(place.id, maker.id, day) for day in days])
    assert many == {(place.id, maker.id, day): found for day, found in days.items() if found}


SOME_DAYS = st.integers(0, 60).map(lambda n: TODAY + timedelta(n))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(SOME_DAYS, st.booleans()), min_size=1, max_size=6), SOME_DAYS)
def test_sql_and_the_rule_find_the_same_version(app, told, day):
    place, maker = make.outlet(), make.seller()
    agreement = make.agreement(place, maker, starts_on=told[0][0])
    for valid_from, is_accepted in told[1:]:
        make.version(
            agreement, {"valid_from": valid_from, "state": "accepted" if is_accepted else "declined"}
        )
    terms = queries.terms_on(None, agreement.id, day)
    assert terms is not None
    assert db.session.scalar(select(queries.version_id_on(agreement.id, day))) == terms.version_id
    asked = [(agreement.id, day), (agreement.id, day + DAY)]
    assert queries.terms_on_days(None, asked)[asked[0]] == terms


@given(st.lists(SOME_DAYS, max_size=6), SOME_DAYS)
def test_the_terms_of_a_day_are_the_latest_begun_else_the_first(days, day):
    made = [
        Terms(1, number, number, Basis.CONSIGNMENT, valid_from, valid_from)
        for number, valid_from in enumerate(days, start=1)
    ]
    found = terms_among(made, day)
    if not made:
        assert found is None
        return
    assert found is not None
    begun = [one for one in made if one.valid_from <= day]
    assert found in (begun or made[:1])
    assert all((one.valid_from, one.number) <= (found.valid_from, found.number) for one in begun)


@given(st.lists(st.tuples(SOME_DAYS, st.none() | SOME_DAYS), max_size=5), SOME_DAYS)
def test_a_span_that_holds_the_day_wins_over_one_that_is_over(spans, day):
    made = [
        Span(number, first, last if last is None or last >= first else first)
        for number, (first, last) in enumerate(spans, start=1)
    ]
    found = span_among(made, day)
    holding = [one for one in made if one.starts_on <= day and (one.ends_on is None or day <= one.ends_on)]
    if holding:
        assert found in holding
    elif found is not None:
        assert found.starts_on <= day
    else:
        assert all(one.starts_on > day for one in made)
