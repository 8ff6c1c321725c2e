"""One's own account: data, password, devices, tokens."""

from __future__ import annotations

import re

import pytest

from marketplace.accounts import passwords, queries, services
from marketplace.accounts.models import ApiToken, User
from marketplace.db import db, unit_of_work
from marketplace.errors import InvalidInput
from marketplace.permissions import Actor
from tests import factories
from tests.support.signing import sign_in

NEW = "empat kata yang baru"


@pytest.fixture
def me(client, person):
    return sign_in(client, person)


def form(**changes):
    data = {"name": "Siti Contoh", "phone": "081234567890", "email": "siti@contoh.example", "locale": "id"}
    return {**data, **changes}


def fresh(person) -> User:
    db.session.expire_all()
    return db.session.get_one(User, person.id)


def test_a_person_changes_name_and_language_without_the_password(me, person):
    assert me.post("/account/edit", data=form(name="Siti Baru", locale="en")).status_code == 302
    assert (fresh(person).name, fresh(person).locale) == ("Siti Baru", "en")
    assert 'lang="en"' in me.get("/account").get_data(as_text=True)


def test_a_new_address_needs_the_password_and_the_old_address_hears_of_it(me, person, letters):
    change = form(email="baru@contoh.example")
    assert me.post("/account/edit", data=change).status_code == 422
    assert fresh(person).email == "siti@contoh.example"
    assert me.post("/account/edit", data={**change, "password": "tiga kata lewat"}).status_code == 302
    assert fresh(person).email == "baru@contoh.example"
    assert letters.last()["To"] == "siti@contoh.example"


def test_an_address_of_somebody_else_is_refused_beside_its_field(me, person):
    factories.user(email="lain@contoh.example")
    answer = me.post("/account/edit", data=form(email="lain@contoh.example", password="tiga kata lewat"))
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'id="email-e"' in page
    assert 'href="#email"' in page
    assert "lain@contoh.example" in page


def test_nobody_can_be_left_without_phone_and_address(me, person):
    answer = me.post("/account/edit", data=form(email="", phone="", password="tiga kata lewat"))
    assert answer.status_code == 422
    assert fresh(person).phone == "+6281234567890"


def test_changing_the_password_needs_the_current_one_and_ends_other_devices(me, app, person):
    other = sign_in(app.test_client(), person)
    wrong = me.post("/account/password", data={"current": "bukan ini", "password": NEW})
    assert wrong.status_code == 422
    right = me.post("/account/password", data={"current": "tiga kata lewat", "password": NEW})
    assert right.status_code == 302
    assert me.get("/account").status_code == 200
    assert other.get("/account").status_code == 302
    assert passwords.is_right(fresh(person).password_hash, NEW)


def test_a_person_signs_all_other_devices_out(me, app, person):
    other = sign_in(app.test_client(), person)
    assert "Keluarkan semua perangkat lain" in me.get("/account").get_data(as_text=True)
    me.post("/account/devices/end")
    assert other.get("/account").status_code == 302
    assert me.get("/account").status_code == 200


def test_a_token_is_shown_once_and_kept_only_hashed(me, app, person):
    page = me.post("/account/tokens/new", data={"name": "Kasir"}).get_data(as_text=True)
    token = re.findall(r"etl_[\w-]{43}", page)[0]
    assert token not in me.get("/account").get_data(as_text=True)
    assert token not in str([vars(row) for row in db.session.scalars(db.select(ApiToken))])
    found = queries.token_owner(token)
    assert found is not None
    assert found.user_id == person.id


def test_a_token_is_revoked_by_its_owner_only(me, app, person):
    stranger = factories.user()
    services.create_token(actor=Actor(stranger.id, stranger.name), user_id=stranger.id, name="punya orang")
    theirs = queries.tokens(stranger.id)[0].id
    assert me.get(f"/account/tokens/{theirs}/revoke").status_code == 404
    assert me.post(f"/account/tokens/{theirs}/revoke").status_code == 404
    me.post("/account/tokens/new", data={"name": "Kasir"})
    mine = queries.tokens(person.id)[0].id
    assert "Kasir" in me.get(f"/account/tokens/{mine}/revoke").get_data(as_text=True)
    assert me.post(f"/account/tokens/{mine}/revoke").status_code == 302
    assert queries.tokens(person.id) == []
    assert len(queries.tokens(stranger.id)) == 1


def test_the_form_keeps_what_was_typed_and_escapes_it(me):
    answer = me.post("/account/edit", data=form(name="<script>alert(1)</script>", phone="bukan nomor"))
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_one_number_registered_twice_is_refused_in_words(person):
    with pytest.raises(InvalidInput) as refused:
        services.create_user(name="Lain", phone="+62 812-3456-7890", password="kata yang lain")
    assert "phone" in refused.value.fields


def test_two_registrations_of_one_number_at_once_leave_one_user(app, person, monkeypatch):
    """The second one passes the check before the first is there; the database decides."""
    monkeypatch.setattr("marketplace.accounts.services.users._refuse_taken", lambda *_a, **_k: None)
    with pytest.raises(InvalidInput):
        services.create_user(name="Lain", phone="081234567890", password="kata yang lain")
    assert db.session.scalar(db.select(db.func.count()).select_from(User)) == 1


def test_a_password_is_hashed_anew_when_the_parameters_change(client, person, monkeypatch):
    from argon2 import PasswordHasher  # noqa: PLC0415

    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    with unit_of_work() as session:
        session.get_one(User, person.id).password_hash = weak.hash("tiga kata lewat")
    client.post("/sign-in", data={"who": "081234567890", "password": "tiga kata lewat"})
    assert not passwords.is_outdated(fresh(person).password_hash or "")
