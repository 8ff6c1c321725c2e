"""Signing in and out: by phone or e-mail, with a password, on a device that can be signed out from afar."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from marketplace import clock
from marketplace.accounts.models import SignIn, User
from marketplace.db import db, unit_of_work
from tests import factories
from tests.support.signing import sign_in

PASSWORD = "tiga kata lewat"
TOKEN = re.compile(r'(?<=name="csrf_token" value=")[^"]+')


def main_of(answer) -> str:
    """The page without its head and its form's token, which differ each time."""
    return TOKEN.sub("", answer.get_data(as_text=True).partition("<main")[2])


def post(client: FlaskClient, who: str, password: str = PASSWORD, **more: str):
    return client.post("/sign-in", data={"who": who, "password": password, "remember": "y", **more})


@pytest.mark.parametrize(
    "who",
    ["siti@contoh.example", " SITI@contoh.EXAMPLE ", "081234567890", "+62 812 3456 7890", "6281234567890"],
)
def test_a_person_signs_in_by_mail_or_phone_however_it_is_written(client, person, who):
    answer = post(client, who)
    assert answer.status_code == 302
    assert client.get("/account").status_code == 200


def test_a_wrong_password_and_an_unknown_person_get_the_same_answer(client, person):
    wrong = post(client, "081234567890", "bukan ini kata")
    unknown = post(client, "089999999999", "bukan ini kata")
    assert wrong.status_code == unknown.status_code == 422
    assert "tidak cocok" in main_of(wrong)
    assert main_of(wrong).replace("081234567890", "") == main_of(unknown).replace("089999999999", "")


def test_signed_out_people_are_led_to_the_door_and_back(client, person):
    answer = client.get("/account?tab=1")
    assert answer.status_code == 302
    assert answer.location == "/sign-in?next=/account?tab%3D1"
    answer = client.post(answer.location, data={"who": "081234567890", "password": PASSWORD})
    assert answer.location == "/account?tab=1"


@pytest.mark.parametrize(
    "evil", ["//evil.example", "/\\evil.example", "https:evil.example", "/\t/evil.example"]
)
def test_next_never_leads_to_another_site(client, person, evil):
    answer = client.post(
        "/sign-in", query_string={"next": evil}, data={"who": "081234567890", "password": PASSWORD}
    )
    assert answer.status_code == 302
    assert "evil" not in answer.location


def test_each_sign_in_has_a_new_token_and_the_old_session_is_worth_nothing(client, person):
    with client.session_transaction() as browser:
        browser["_user_id"] = "planted"
        browser["note"] = "left by a stranger"
    post(client, "081234567890")
    with client.session_transaction() as browser:
        first = browser["_user_id"]
        assert first != "planted"
        assert "note" not in browser
    client.post("/sign-out")
    post(client, "081234567890")
    with client.session_transaction() as browser:
        assert browser["_user_id"] != first


def test_the_database_holds_the_token_only_hashed(client, person):
    post(client, "081234567890")
    with client.session_transaction() as browser:
        token = browser["_user_id"]
    kept = db.session.scalars(db.select(SignIn.token_hash)).all()
    assert len(kept) == 1
    assert token not in kept


def test_signing_out_ends_the_session_on_the_server_too(client, person, app):
    post(client, "081234567890")
    with client.session_transaction() as browser:
        stolen = dict(browser)
    client.post("/sign-out")
    thief = app.test_client()
    with thief.session_transaction() as browser:
        browser.update(stolen)
    assert thief.get("/account").status_code == 302


def test_a_sign_in_lasts_thirty_days_from_its_last_use(client, person):
    post(client, "081234567890")
    start = clock.now()
    for days, expected in ((29, 200), (58, 200), (89, 302)):
        with clock.frozen(start + timedelta(days=days)):
            assert client.get("/account").status_code == expected


def test_a_sign_in_on_a_borrowed_phone_ends_the_same_day(client, person):
    client.post("/sign-in", data={"who": "081234567890", "password": PASSWORD})
    with client.session_transaction() as browser:
        assert not browser.permanent
    with clock.frozen(clock.now() + timedelta(hours=13)):
        assert client.get("/account").status_code == 302


def test_a_user_who_was_switched_off_is_out_at_once(client, person):
    post(client, "081234567890")
    with unit_of_work() as session:
        session.get_one(User, person.id).is_active = False
    assert client.get("/account").status_code == 302
    assert post(client, "081234567890").status_code == 422


def test_a_user_without_a_password_cannot_sign_in_with_an_empty_one(client):
    factories.user(email="tanpa@contoh.example")
    assert post(client, "tanpa@contoh.example", "apa saja ini").status_code == 422
    assert post(client, "tanpa@contoh.example", "").status_code == 422


def test_tests_can_sign_an_actor_in(client):
    actor = factories.officer()
    assert sign_in(client, actor).get("/account").status_code == 200
