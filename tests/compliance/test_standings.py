"""Kept standings: nothing that changes is ever lost, whoever counts at the same moment."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError

from marketplace import clock
from marketplace.clock import LAST_DAY
from marketplace.compliance import services
from marketplace.compliance.models import EvidenceChange, Standing, StandingDay
from marketplace.compliance.queries import Scope, evaluate, standings
from marketplace.compliance.services import standings as service
from marketplace.db import db, unit_of_work
from marketplace.organizations import services as organizations
from marketplace.permissions import SYSTEM
from marketplace.placements.models import Agreement
from marketplace.signals import evidence_changed
from tests import factories
from tests.compliance.test_reports import deliver

TODAY = date(2026, 11, 22)
CAREFUL = [
    pytest.param(True, id="product"),
    pytest.param(False, id="control", marks=pytest.mark.corrupts),
]


@pytest.fixture
def outlet(app: Flask) -> Any:
    """One outlet that needs two sellers, and carries none yet."""
    factories.regulation(min_sellers=2)
    return factories.outlet("T-1")


def add_seller(outlet: Any, ref: str) -> None:
    """One more counted seller, with the notes that services write."""
    maker = factories.seller(ref)
    factories.agreement(outlet, maker)
    deliver(outlet, factories.product(maker), f"M-{ref}")


def figures(day: date = TODAY) -> list[tuple[int, str]]:
    db.session.rollback()
    return [(row.counted, row.status) for row in standings(day, Scope())]


def notes() -> int:
    return db.session.scalar(select(func.count()).select_from(EvidenceChange)) or 0


def test_today_and_thirteen_month_ends_are_kept_and_older_days_dropped(outlet: Any):
    days = services.keep_standing_days()
    assert (days[0], days[-2], days[-1], len(days)) == (date(2025, 10, 31), date(2026, 10, 31), TODAY, 14)
    assert services.keep_standing_days() == []
    with clock.frozen(datetime(2026, 12, 1, 5, 0, tzinfo=UTC)):
        assert services.keep_standing_days() == [date(2026, 11, 30), date(2026, 12, 1)]
    kept = list(db.session.scalars(select(StandingDay.day).order_by(StandingDay.day)))
    assert kept[0] == date(2025, 11, 30)
    assert TODAY not in kept


def test_a_change_is_seen_at_once_and_its_note_is_used_up_later(outlet: Any):
    services.keep_standing_days()
    assert figures() == [(0, "short")]
    add_seller(outlet, "U-1")
    assert notes() > 0
    assert figures() == [(1, "short")]
    assert services.recount() > 0
    assert (notes(), figures()) == (0, [(1, "short")])
    add_seller(outlet, "U-2")
    assert figures() == [(2, "compliant")]


def test_outlets_that_a_file_brings_are_counted_on_every_kept_day_since_they_opened(outlet: Any):
    services.keep_standing_days()
    facts = {"operator_id": factories.operator().id, "kind": "minimarket", "region_code": "33.72.04.1010"}
    opened = {"N-1": date(2019, 1, 1), "N-2": date(2026, 11, 1)}
    rows = [
        organizations.BulkRow(ref, {"name": ref, "address": ""}, {**facts, "opened_on": day})
        for ref, day in opened.items()
    ]
    with unit_of_work() as session:
        organizations.upsert_outlets(session, rows, actor=SYSTEM)
    for recounted in (False, True):
        if recounted:
            services.recount()
        listed = {
            day: [row.outlet_ref for row in standings(day, Scope())] for day in (date(2026, 10, 31), TODAY)
        }
        assert listed == {date(2026, 10, 31): ["N-1", "T-1"], TODAY: ["N-1", "N-2", "T-1"]}, recounted


@pytest.mark.corrupts
def test_what_was_kept_wrongly_is_counted_anew_on_demand(app: Flask, outlet: Any):
    services.keep_standing_days()
    with unit_of_work() as session:
        session.execute(delete(Standing))  # a fault lost them: no note tells of it
    runner = app.test_cli_runner()
    runner.invoke(args=["compliance", "recount"])
    assert figures() == []
    assert "14" in runner.invoke(args=["compliance", "recount", "--anew"]).output
    assert figures() == [(0, "short")]


@pytest.mark.corrupts
def test_a_change_of_a_later_day_leaves_earlier_days_alone(outlet: Any):
    services.keep_standing_days()
    services.recount()
    with unit_of_work() as session:
        evidence_changed.send(session, outlets=[(outlet.id, TODAY)])
        session.execute(delete(Standing).where(Standing.day == date(2026, 10, 31)))
    services.recount()
    assert db.session.scalar(select(func.count()).where(Standing.day == date(2026, 10, 31))) == 0


def test_a_new_regulation_drops_the_days_it_speaks_of(outlet: Any):
    services.keep_standing_days()
    services.add_regulation(
        actor=SYSTEM,
        regulation_ref="R-district",
        region_code="33.72.04",
        outlet_kinds=["minimarket"],
        min_sellers=0,
        valid_from=date(2026, 11, 1),
    )
    kept = set(db.session.scalars(select(StandingDay.day)))
    assert TODAY not in kept
    assert date(2026, 10, 31) in kept
    assert figures() == [(0, "compliant")]
    assert figures(date(2026, 10, 31)) == [(0, "short")]


def test_notes_of_a_unit_that_failed_are_gone_with_it(outlet: Any):
    before = notes()
    with pytest.raises(ValueError, match="on purpose"):
        fail_after_noting(outlet)
    assert notes() == before


def fail_after_noting(outlet: Any) -> None:
    with unit_of_work() as session:
        evidence_changed.send(session, outlets=[(outlet.id, LAST_DAY)])
        raise ValueError("on purpose")


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
@pytest.mark.parametrize("is_careful", CAREFUL)
def test_a_change_committed_while_others_count_is_never_lost(
    app: Flask, outlet: Any, is_careful: bool, monkeypatch: pytest.MonkeyPatch
):
    """Between reading the notes and deleting them another writer commits. The control deletes every note of
    the outlet, not exactly those it read, and leaves a stale answer behind."""
    add_seller(outlet, "U-1")
    services.keep_standing_days()
    agreement = db.session.scalars(select(Agreement)).one()
    with unit_of_work() as session:
        evidence_changed.send(session, outlets=[(outlet.id, TODAY)])

    def end_the_agreement() -> None:
        with unit_of_work() as session:
            session.get_one(Agreement, agreement.id).terminated_on = TODAY
            evidence_changed.send(session, outlets=[(outlet.id, TODAY)])

    real = service.evaluate

    def counted_then_overtaken(day: date, *rest: Any) -> Any:
        rows = real(day, *rest)
        if day == TODAY and not overtaken:
            in_another_thread(app, end_the_agreement)
            overtaken.append(day)
        return rows

    overtaken: list[date] = []
    monkeypatch.setattr(service, "evaluate", counted_then_overtaken)
    if not is_careful:
        monkeypatch.setattr(service, "_forget", forget_every_note)
    service._recount_some()
    assert overtaken
    true = [(row.counted, row.status) for row in evaluate(TODAY, Scope())]
    assert true == [(0, "short")]
    assert (figures() == true) is is_careful


def forget_every_note(session: Any, read: Any) -> None:
    """What a careless counter would do."""
    outlets = [outlet_id for _id, outlet_id, _day in read]
    session.execute(delete(EvidenceChange).where(EvidenceChange.outlet_id.in_(outlets)))


def in_another_thread(app: Flask, work: Callable[[], None]) -> None:
    """Run to the end in a thread with a session of its own."""
    failed: list[BaseException] = []

    def run() -> None:
        with app.app_context(), clock.frozen(datetime(2026, 11, 22, 5, 0, tzinfo=UTC)):
            try:
                work()
            except BaseException as error:  # noqa: BLE001 - shown to the test
                failed.append(error)
            finally:
                db.session.remove()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(timeout=60)
    assert not thread.is_alive()
    assert failed == []


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
@pytest.mark.parametrize("is_careful", CAREFUL)
def test_two_counters_take_turns(app: Flask, outlet: Any, is_careful: bool, monkeypatch: pytest.MonkeyPatch):
    """One counter pauses after it has counted a new outlet; its evidence changes, and a second counter
    starts. The control has no lock: the second overtakes the first, which then fails on the newer row."""
    services.keep_day(TODAY)
    add_seller(outlet, "U-1")
    with unit_of_work() as session:
        session.execute(delete(Standing))
    if not is_careful:
        monkeypatch.setattr(service, "alone", lambda session: None)
    agreement = db.session.scalars(select(Agreement)).one()
    real, turn = service.evaluate, threading.local()
    seconds: list[threading.Thread] = []

    def change_and_count() -> None:
        turn.is_second = True
        with unit_of_work() as session:
            session.get_one(Agreement, agreement.id).terminated_on = TODAY
            evidence_changed.send(session, outlets=[(outlet.id, TODAY)])
        service._recount_some()

    def pause(day: date, *rest: Any) -> Any:
        rows = real(day, *rest)
        if not seconds and not getattr(turn, "is_second", False):
            second = threading.Thread(target=in_another_thread, args=(app, change_and_count))
            seconds.append(second)
            second.start()
            # In the product the second waits for the first, so waiting for it would never end.
            second.join(timeout=2 if is_careful else 60)
        return rows

    monkeypatch.setattr(service, "evaluate", pause)
    if is_careful:
        service._recount_some()
    else:
        with pytest.raises(IntegrityError):
            service._recount_some()
    seconds[0].join(timeout=60)
    assert not seconds[0].is_alive()
    assert figures() == [(0, "short")]
