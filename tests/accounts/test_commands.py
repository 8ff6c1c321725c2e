"""Commands about people."""

from __future__ import annotations

from datetime import timedelta

from marketplace import clock
from marketplace.accounts import queries
from marketplace.accounts.jobs import sweep
from marketplace.accounts.models import OneTimeCode, SignIn
from marketplace.accounts.services import issue_code
from marketplace.db import db
from tests import factories
from tests.support.signing import sign_in


def test_the_token_is_the_last_word(app, person):
    result = app.test_cli_runner().invoke(args=["tokens", "create", "--email", "Siti@contoh.example"])
    assert result.exit_code == 0, result.output
    found = queries.token_owner(result.stdout.split()[-1])
    assert found is not None
    assert found.user_id == person.id


def test_a_token_for_nobody_is_refused_in_words(app):
    result = app.test_cli_runner().invoke(args=["tokens", "create", "--email", "siapa@contoh.example"])
    assert result.exit_code == 1
    assert "users create" in result.output


def test_a_token_gives_its_users_rights_in_the_api(app, client):
    factories.user(email="x@contoh.example")
    token = (
        app.test_cli_runner()
        .invoke(args=["tokens", "create", "--email", "x@contoh.example"])
        .stdout.split()[-1]
    )
    answer = client.get("/api/v1/openapi.json", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200


def test_at_night_ended_sign_ins_and_old_codes_are_forgotten(app, client, person):
    sign_in(client, person)
    issue_code(actor=factories.officer(), user_id=person.id)
    sweep()
    assert db.session.query(SignIn).count() == 1
    assert db.session.query(OneTimeCode).count() == 1
    with clock.frozen(clock.now() + timedelta(days=31)):
        sweep()
        assert db.session.query(SignIn).count() == 0
        assert db.session.query(OneTimeCode).count() == 0
