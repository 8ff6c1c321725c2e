"""The web's side of signing in: which person makes this request.

A browser shows a cookie whose session holds a random token; a program shows a bearer token. Organizations
turns the person into the actor, because it knows the memberships.
"""

from __future__ import annotations

from datetime import timedelta

from flask import Flask, current_app, g, has_request_context, request, session
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user

from .. import api, clock
from ..permissions import forget_actor
from ..problems import wants_json
from . import queries, rules, services
from .queries import SignedIn

TOUCH_AFTER = timedelta(minutes=30)
KEPT_AT_SIGN_IN = ("lang",)

login_manager = LoginManager()
login_manager.session_protection = None


class Visitor(UserMixin):
    """What Flask-Login keeps of a signed-in person: the token, never the user's number."""

    def __init__(self, token: str, signed_in: SignedIn) -> None:
        self.token = token
        self.signed_in = signed_in

    def get_id(self) -> str:
        """What the cookie session holds."""
        return self.token


def init_app(app: Flask) -> None:
    """Let Flask-Login find the person by the token in the session."""
    login_manager.init_app(app, add_context_processor=False)


@login_manager.user_loader
def _load(token: str) -> Visitor | None:
    found = queries.signed_in_by(token)
    if found is None:
        return None
    if found.sign_in and found.seen_at and clock.now() - found.seen_at > TOUCH_AFTER:
        services.touch(found.sign_in)
    return Visitor(token, found)


def signed_in() -> SignedIn | None:
    """The person who makes this request; None when nobody is signed in.

    Raises SignInNeeded when a program shows a token that is not good.
    """
    if not has_request_context():
        return None
    if wants_json():
        return _by_bearer_token()
    return current_user.signed_in if current_user.is_authenticated else None


def _by_bearer_token() -> SignedIn | None:
    token = api.bearer_token()
    if token is None:
        return None
    found = queries.token_owner(token)
    if found is None:
        raise api.bad_token()
    if found.token_id and (found.seen_at is None or clock.now() - found.seen_at > TOUCH_AFTER):
        services.touch_token(found.token_id)
    return found


def start(token: str, *, remember: bool) -> None:
    """Put a new sign-in into the browser. Everything an earlier visitor left in the session goes."""
    kept = {key: session[key] for key in KEPT_AT_SIGN_IN if key in session}
    session.clear()
    session.update(kept)
    session.permanent = remember
    found = queries.signed_in_by(token)
    assert found is not None
    login_user(Visitor(token, found))
    forget_actor()


def end() -> None:
    """Sign this browser out: the row goes, and what the cookie holds is worth nothing any more."""
    found = signed_in()
    if found is not None and found.sign_in:
        services.end_sign_in(user_id=found.user_id, sign_in=found.sign_in)
    logout_user()
    kept = {key: session[key] for key in KEPT_AT_SIGN_IN if key in session}
    session.clear()
    session.update(kept)
    g.pop("_login_user", None)
    forget_actor()


def lifetime(*, remember: bool) -> timedelta:
    """How long a sign-in lasts after its last use."""
    return timedelta(days=current_app.config["SESSION_DAYS"]) if remember else rules.SHORT_SESSION


def device() -> str:
    """This browser in a few words, for the list of devices."""
    agent = request.user_agent.string
    systems = {"Android": "Android", "iPhone": "iPhone", "iPad": "iPad", "Windows": "Windows"}
    systems |= {"CrOS": "ChromeOS", "Mac OS X": "Mac", "Linux": "Linux"}
    browsers = {"Edg": "Edge", "OPR": "Opera", "SamsungBrowser": "Samsung Internet", "Firefox": "Firefox"}
    browsers |= {"CriOS": "Chrome", "Chrome": "Chrome", "Safari": "Safari"}
    system = next((name for mark, name in systems.items() if mark in agent), "")
    browser = next((name for mark, name in browsers.items() if mark in agent), "")
    return ", ".join(part for part in (browser, system) if part)
