"""Trying passwords is slowed down, for each account and for each address."""

from __future__ import annotations

import pytest
from flask import Flask

from marketplace import clock, throttle
from marketplace.db import db
from marketplace.errors import TooMany
from tests.conftest import A_SUNDAY, make_app


@pytest.fixture
def app(sqlite_template, tmp_path):
    """The app with its limits on. Limits do not depend on the database."""
    (tmp_path / "etalase.sqlite3").write_bytes(sqlite_template.read_bytes())
    made = make_app(f"sqlite:///{tmp_path / 'etalase.sqlite3'}", tmp_path, RATELIMIT_ENABLED=True)
    with made.app_context(), clock.frozen(A_SUNDAY):
        yield made
        db.session.remove()
        db.engine.dispose()


def attempt(client, who: str, password: str = "salah sekali", path: str = "/sign-in", **environ: str):
    data = {"who": who, "password": password, "code": "12345678"}
    return client.post(path, data=data, environ_base={"REMOTE_ADDR": "203.0.113.1", **environ})


def test_after_ten_failures_an_account_waits_whatever_the_address_and_the_spelling(client, person, password):
    for number in range(10):
        answer = attempt(client, "081234567890", REMOTE_ADDR=f"203.0.113.{number}")
        assert answer.status_code == 422
    answer = attempt(client, "+62 812 3456 7890", password, REMOTE_ADDR="198.51.100.9")
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert "menit" in answer.get_data(as_text=True)


def test_signing_in_rightly_never_uses_the_tries_up(client, person, password):
    for _time in range(15):
        assert attempt(client, "081234567890", password).status_code == 302
        client.post("/sign-out")


def test_one_address_cannot_try_a_list_of_accounts(client, app, monkeypatch):
    monkeypatch.setattr("marketplace.accounts.views.door.PER_ADDRESS", "6 per 15 minutes")
    answers = [attempt(client, f"08123456{number:04d}").status_code for number in range(8)]
    assert answers == [422] * 6 + [429] * 2
    assert attempt(client, "081234561111", REMOTE_ADDR="198.51.100.9").status_code == 422


def test_codes_are_limited_too(client, person):
    for _time in range(10):
        attempt(client, "081234567890", path="/sign-in/code")
    assert attempt(client, "081234567890", path="/sign-in/code").status_code == 429


def test_asking_for_reset_mails_is_limited_for_accounts_that_exist_and_that_do_not(client, person):
    for who in ("siti@contoh.example", "siapa@contoh.example"):
        answers = [attempt(client, who, path="/reset").status_code for _time in range(6)]
        assert answers == [200] * 5 + [429]


def test_the_counters_hold_no_names(app: Flask):
    throttle.count("sign-in", "account siti@contoh.example", "10 per 15 minutes")
    storage = app.extensions[throttle.EXTENSION].limiter.storage
    assert "siti" not in str(vars(storage))


def test_a_limit_says_when_to_come_back(app):
    throttle.check_and_count("trial", "key", "1 per 1 minute")
    with pytest.raises(TooMany) as refused:
        throttle.check_and_count("trial", "key", "1 per 1 minute")
    assert 0 < refused.value.details["retry_after_s"] <= 61
    throttle.check_and_count("trial", "other key", "1 per 1 minute")
    throttle.check_and_count("other trial", "key", "1 per 1 minute")


def test_signing_in_again_does_not_end_other_devices(client, app, person, password):
    other = app.test_client()
    attempt(other, "081234567890", password)
    attempt(client, "081234567890", password)
    assert other.get("/account").status_code == 200
