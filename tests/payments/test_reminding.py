"""Payers are reminded before and after the due day, and never twice a day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask

from marketplace import clock, outbox
from marketplace.payments.rules.ageing import age_of, is_reminder_due
from marketplace.payments.services.reminding import remind_of_bills
from marketplace.permissions import Role
from tests import factories as make
from tests.payments.support import Pair

DUE = date(2026, 12, 6)
DAY = timedelta(days=1)


def test_the_days_of_a_reminder():
    assert not is_reminder_due(DUE, None, DUE - 4 * DAY)
    assert is_reminder_due(DUE, None, DUE - 3 * DAY)
    assert not is_reminder_due(DUE, DUE - 3 * DAY, DUE)
    assert is_reminder_due(DUE, DUE - 3 * DAY, DUE + DAY)
    assert not is_reminder_due(DUE, DUE + DAY, DUE + 14 * DAY)
    assert is_reminder_due(DUE, DUE + DAY, DUE + 15 * DAY)
    assert is_reminder_due(DUE, None, DUE + 100 * DAY)


@pytest.mark.parametrize(("days", "age"), [(0, 0), (15, 0), (16, 1), (30, 1), (31, 2), (60, 2), (61, 3)])
def test_the_ages_of_a_debt(days, age):
    assert age_of(days) == age


def mails_on(app: Flask, day: date) -> list[str]:
    """Run the night of a day; answers the mails of it."""
    box = app.extensions["etalase_mail"].sent
    del box[:]
    with clock.frozen(datetime(day.year, day.month, day.day, 18, tzinfo=UTC) - DAY / 2):
        remind_of_bills()
        remind_of_bills()
        while outbox.drain():
            pass
    return [
        f"{mail['To']}: {mail['Subject']}\n{mail.get_content()}"
        for mail in box
        if "jatuh tempo" in mail["Subject"]
    ]


def test_one_mail_names_all_bills_of_a_payer_and_is_written_once(app):
    pair = Pair()
    other = Pair(operator=pair.operator)
    make.member(Role.BUYER_STAFF, operator_id=pair.operator.id)
    pair.ask(9_000)
    pair.bill(20_000, due_on=DUE)
    other.bill(5_000, due_on=DUE)
    assert mails_on(app, DUE - 4 * DAY) == []
    soon = mails_on(app, DUE - 3 * DAY)
    assert len(soon) == 2
    assert "jatuh tempo sebentar lagi" in soon[0]
    assert "Rp16.000" in soon[0]
    assert mails_on(app, DUE) == []
    late = mails_on(app, DUE + DAY)
    assert "2 tagihan lewat jatuh tempo" in late[0]
    pair.pay("invoice", 11_000)
    other.pay("invoice", 5_000)
    assert mails_on(app, DUE + 15 * DAY) == []
