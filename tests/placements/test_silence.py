"""A store that tells nothing is reminded once, then everybody concerned sees that it is silent."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from flask import Flask

from marketplace import clock, mailing, outbox
from marketplace.accounts.models import User
from marketplace.db import db
from marketplace.permissions import Role
from marketplace.placements.models import ReportSilence
from marketplace.placements.queries.reporting import silent_outlets
from marketplace.placements.services.silence import remind_silent_outlets
from marketplace.stock.models import MovementKind
from marketplace.stock.rules import Movement
from marketplace.stock.services import post_movements
from tests import factories as make
from tests.conftest import A_SUNDAY
from tests.placements.store import TODAY, Store, open_store


@pytest.fixture
def store(app: Flask) -> Store:
    """A store that agreed on the 1st to report every seven days, and has told nothing."""
    opened = open_store()
    opened.deliver(10, date(2026, 11, 2))
    return opened


def test_a_silent_store_is_reminded_once(store: Store) -> None:
    assert remind_silent_outlets() == 1
    assert remind_silent_outlets() == 0
    row = db.session.query(ReportSilence).one()
    assert (row.outlet_id, row.since, row.cycle_days) == (store.outlet.id, date(2026, 11, 1), 7)


def test_it_is_shown_from_the_day_after_the_reminder(store: Store) -> None:
    remind_silent_outlets()
    officer = make.officer()
    stranger = make.member(Role.SELLER_OWNER, seller_id=make.seller().id)
    assert silent_outlets(store.maker) == []
    with clock.frozen(A_SUNDAY + timedelta(days=1)):
        for reader in (store.maker, store.buyer, officer):
            (found,) = silent_outlets(reader)
            assert (found.outlet_id, found.since, found.silent_days) == (
                store.outlet.id, date(2026, 11, 1), 15,
            )  # fmt: skip
        assert silent_outlets(stranger) == []


def test_a_report_ends_the_silence_and_the_next_one_is_reminded_anew(store: Store) -> None:
    remind_silent_outlets()
    store.report(0)
    with clock.frozen(A_SUNDAY + timedelta(days=1)):
        assert silent_outlets(store.maker) == []
    with clock.frozen(A_SUNDAY + timedelta(days=20)):
        assert remind_silent_outlets() == 1
    assert db.session.query(ReportSilence).count() == 2


def test_a_report_of_older_days_does_not_end_it(store: Store) -> None:
    store.report(1, day=date(2026, 11, 5))
    assert remind_silent_outlets() == 1
    assert db.session.query(ReportSilence).one().since == date(2026, 11, 6)


def test_within_the_cycle_nobody_is_reminded(store: Store) -> None:
    store.report(1, day=TODAY - timedelta(days=8))
    assert remind_silent_outlets() == 0


def test_an_agreed_longer_cycle_is_respected(app: Flask) -> None:
    store = open_store({"report_cycle_days": 30})
    assert remind_silent_outlets() == 0
    assert silent_outlets(store.maker) == []


def test_sales_that_the_office_imported_are_no_silence(store: Store) -> None:
    post_movements(
        actor=make.officer(),
        movements=[
            Movement("S-1", MovementKind.SALE, store.outlet.id, store.seller.id, store.product.id, 1, TODAY,
                     cause_kind="import")
        ],
    )  # fmt: skip
    assert remind_silent_outlets() == 0


def test_the_mail_goes_to_those_who_answer_for_the_store(app: Flask, store: Store) -> None:
    sent = app.extensions[mailing.EXTENSION].sent
    remind_silent_outlets()
    outbox.drain()
    manager = db.session.get_one(User, store.buyer.user_id)
    assert [message["To"] for message in sent] == [manager.email]
    assert f"/sales/new?outlet_id={store.outlet.id}" in sent[0].get_content()
