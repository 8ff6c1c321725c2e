"""Forgotten passwords: a link by mail, or a code from an officer."""

from __future__ import annotations

from datetime import timedelta

import pytest

from marketplace import clock, outbox
from marketplace.accounts import queries, reach, services
from marketplace.accounts.models import OneTimeCode, SignIn, User
from marketplace.crypto import token_hash
from marketplace.db import db, unit_of_work
from marketplace.errors import InvalidInput
from marketplace.permissions import Role
from tests import factories
from tests.support.signing import sign_in

NEW = "empat kata yang baru"


def ask(client, who: str = "siti@contoh.example"):
    return client.post("/reset", data={"who": who})


def test_the_link_sets_a_new_password_and_signs_in(client, person, letters):
    ask(client)
    link = letters.link()
    assert client.get(link).status_code == 200
    answer = client.post(link, data={"password": NEW})
    assert answer.status_code == 302
    assert client.get("/account").status_code == 200
    client.post("/sign-out")
    assert client.post("/sign-in", data={"who": "081234567890", "password": NEW}).status_code == 302


def test_asking_by_phone_number_sends_the_mail_too(client, person, letters):
    ask(client, "0812 3456 7890")
    assert letters.last()["To"] == "siti@contoh.example"


def test_the_answer_does_not_tell_whether_there_is_an_account(client, person, letters):
    known, unknown, nonsense = ask(client), ask(client, "siapa@contoh.example"), ask(client, "bukan apa-apa")
    pages = {answer.get_data(as_text=True).partition("<main")[2] for answer in (known, unknown, nonsense)}
    assert len(pages) == 1
    assert len(letters.open()) == 1


def test_a_link_works_once(client, person, letters):
    ask(client)
    link = letters.link()
    client.post(link, data={"password": NEW})
    assert client.get(link).status_code == 410
    assert client.post(link, data={"password": "lima kata yang lain"}).status_code == 410


def test_a_link_works_for_an_hour(client, person, letters):
    ask(client)
    link = letters.link()
    with clock.frozen(clock.now() + timedelta(minutes=61)):
        assert client.get(link).status_code == 410
        assert client.post(link, data={"password": NEW}).status_code == 410


def test_using_one_link_ends_all_others(client, person, letters):
    ask(client)
    first = letters.link()
    ask(client)
    second = letters.link()
    assert first != second
    client.post(second, data={"password": NEW})
    assert client.get(first).status_code == 410


def test_a_weak_password_is_refused_and_the_link_still_works(client, person, letters):
    ask(client)
    link = letters.link()
    answer = client.post(link, data={"password": "12345678"})
    assert answer.status_code == 422
    assert "mudah ditebak" in answer.get_data(as_text=True)
    assert client.post(link, data={"password": NEW}).status_code == 302


def test_every_sign_in_ends_after_a_reset(client, app, person, letters):
    thief = sign_in(app.test_client(), person)
    assert thief.get("/account").status_code == 200
    ask(client)
    client.post(letters.link(), data={"password": NEW})
    assert thief.get("/account").status_code == 302


def test_the_owner_hears_that_the_password_was_changed(client, person, letters):
    ask(client)
    client.post(letters.link(), data={"password": NEW})
    assert "diganti" in letters.last()["Subject"]


def test_neither_the_link_nor_the_address_stands_readable_in_the_database(client, person, letters):
    ask(client)
    secret = letters.link().rpartition("/")[2]
    for row in db.session.scalars(db.select(outbox.OutboxItem)):
        assert secret not in str(row.payload)
        assert "siti" not in str(row.payload)
    assert db.session.scalar(db.select(OneTimeCode.code_hash)) == token_hash(secret)


def test_the_link_leads_to_the_public_address_whatever_host_was_asked(client, person, letters):
    client.post("/reset", data={"who": "siti@contoh.example"}, headers={"Host": "127.0.0.1"})
    assert "http://localhost/reset/" in letters.last().get_content()


def test_a_reset_mail_speaks_the_readers_language(client, letters):
    services.create_user(name="Ann", email="ann@contoh.example", password="three words here", locale="en")
    ask(client, "ann@contoh.example")
    letter = letters.last()
    assert letter["To"] == "ann@contoh.example"
    assert "Ann" in letter.get_content()


# --- codes given in person ----------------------------------------------------------------------------------


@pytest.fixture
def officer(app, person, monkeypatch):
    """An officer who may help this one person."""
    monkeypatch.setattr(reach, "_reaches", [lambda _actor, user_id: user_id == person.id])
    return factories.officer()


def shown_code(answer) -> str:
    page = answer.get_data(as_text=True)
    return page.partition('<p class="code mb-2">')[2].partition("<")[0]


def test_an_officers_code_leads_to_a_new_password(client, app, person, officer):
    desk = sign_in(app.test_client(), officer)
    code = shown_code(desk.post(f"/office/people/{person.id}/code"))
    assert len(code.replace(" ", "")) == 8
    assert code not in desk.get(f"/office/people/{person.id}/code").get_data(as_text=True)
    answer = client.post("/sign-in/code", data={"who": "081234567890", "code": code})
    assert answer.status_code == 302
    assert answer.location.startswith("/reset/")
    assert client.post(answer.location, data={"password": NEW}).status_code == 302
    assert client.get("/account").status_code == 200


def test_a_code_works_once_and_ends_an_earlier_one(client, person, officer):
    first = services.issue_code(actor=officer, user_id=person.id)
    second = services.issue_code(actor=officer, user_id=person.id)
    for code, status in ((first, 422), (second, 302), (second, 422)):
        answer = client.post("/sign-in/code", data={"who": "081234567890", "code": code})
        assert answer.status_code == status


def test_a_code_lasts_fifteen_minutes(client, person, officer):
    code = services.issue_code(actor=officer, user_id=person.id)
    with clock.frozen(clock.now() + timedelta(minutes=16)):
        answer = client.post("/sign-in/code", data={"who": "081234567890", "code": code})
        assert answer.status_code == 422


def test_after_five_wrong_tries_even_the_right_code_is_dead(client, person, officer):
    code = services.issue_code(actor=officer, user_id=person.id)
    wrong = f"{(int(code) + 1) % 10**8:08d}"
    for _try in range(5):
        client.post("/sign-in/code", data={"who": "081234567890", "code": wrong})
    answer = client.post("/sign-in/code", data={"who": "081234567890", "code": code})
    assert answer.status_code == 422


def test_a_code_belongs_to_one_person(client, person, officer):
    factories.user(phone="+6281311112222")
    code = services.issue_code(actor=officer, user_id=person.id)
    answer = client.post("/sign-in/code", data={"who": "081311112222", "code": code})
    assert answer.status_code == 422


def test_the_code_is_kept_under_a_key_and_the_issue_is_in_the_audit_log(person, officer):
    code = services.issue_code(actor=officer, user_id=person.id)
    row = db.session.scalars(db.select(OneTimeCode)).one()
    assert code not in row.code_hash
    assert row.issued_by == officer.user_id
    event = db.session.execute(db.text("SELECT action, user_id FROM audit_events ORDER BY id DESC")).first()
    assert event is not None
    assert tuple(event) == ("code.issued", officer.user_id)


def test_an_officer_cannot_help_a_stranger(client, person, officer):
    stranger = factories.user()
    sign_in(client, officer)
    assert client.get(f"/office/people/{stranger.id}/code").status_code == 404
    assert client.post(f"/office/people/{stranger.id}/code").status_code == 404
    assert client.get("/office/people/999999999999999999999999/code").status_code == 404


def test_a_seller_cannot_issue_codes(client, person, officer):
    owner = factories.member(Role.SELLER_OWNER, seller_id=factories.seller().id)
    sign_in(client, owner)
    assert client.get(f"/office/people/{person.id}/code").status_code == 403


def test_a_link_for_a_first_password_works_for_a_user_without_one(client):
    user = factories.user()
    secret = services.make_password_link(user.id, lifetime=timedelta(days=7), issued_by=None)
    assert queries.is_open_link(secret)
    assert client.post(f"/reset/{secret}", data={"password": NEW}).status_code == 302
    with unit_of_work() as session:
        assert session.get_one(User, user.id).password_hash is not None
        assert session.scalar(db.select(db.func.count()).select_from(SignIn)) == 1


def test_two_resets_by_one_link_at_once_leave_one_winner(person):
    secret = services.make_password_link(person.id, lifetime=timedelta(hours=1), issued_by=None)
    services.reset_password(token=secret, password=NEW)
    with pytest.raises(InvalidInput):
        services.reset_password(token=secret, password="yang kedua kalah")
