"""Signing people in within tests, without the form."""

from __future__ import annotations

from datetime import timedelta

from flask import g
from flask.testing import FlaskClient

from marketplace.accounts import services
from marketplace.accounts.models import User
from marketplace.db import unit_of_work
from marketplace.permissions import Actor

REMEMBERED = ("actor", "_login_user", "csrf_token", "csrf_valid", "csp_nonce", "_flask_babel", "language")


def sign_in(client: FlaskClient, actor: Actor | User) -> FlaskClient:
    """Sign an actor of `factories.member` (or a user) in to this browser; returns the browser."""
    with unit_of_work() as session:
        user = session.get_one(User, actor.user_id if isinstance(actor, Actor) else actor.id)
        token = services.start_sign_in(session, user, device="test", lifetime=timedelta(days=30))
    with client.session_transaction() as browser:
        browser.clear()
        browser.permanent = True
        browser["_user_id"] = token
        browser["_fresh"] = True
    forget_request()
    return client


def sign_out(client: FlaskClient) -> FlaskClient:
    """Make this browser forget everything, as if its cookies were cleared."""
    with client.session_transaction() as browser:
        browser.clear()
    forget_request()
    return client


def bearer(actor: Actor | User) -> dict[str, str]:
    """The headers of a program that has this person's rights."""
    user_id = actor.user_id if isinstance(actor, Actor) else actor.id
    assert user_id is not None
    asker = actor if isinstance(actor, Actor) else Actor(actor.id, actor.name)
    return {"Authorization": "Bearer " + services.create_token(actor=asker, user_id=user_id, name="test")}


def forget_request() -> None:
    """Empty `g`: within a test's app context all requests share it, while in life each has its own."""
    for name in REMEMBERED:
        g.pop(name, None)


__all__ = ["bearer", "forget_request", "sign_in", "sign_out"]
