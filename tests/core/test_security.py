"""The guard rails around every page."""

from __future__ import annotations

import re

import pytest
from flask import request
from werkzeug.routing import AnyConverter, IntegerConverter, Rule

from marketplace import create_app, security
from marketplace.permissions import Role
from tests import factories
from tests.support.signing import sign_in

PAGES = ["/", "/sign-in", "/healthz", "/nothing/here", "/api/v1/openapi.json", "/api/v1/nothing", "/account"]


@pytest.mark.parametrize("path", PAGES)
def test_every_answer_carries_the_guard_rails(client, path):
    answer = client.get(path)
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe-inline" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["X-Request-Id"]


def test_the_nonce_is_new_each_time_and_is_the_pages_own(client):
    seen = set()
    for _visit in range(3):
        answer = client.get("/sign-in")
        (nonce,) = re.findall(r"'nonce-([\w-]+)'", answer.headers["Content-Security-Policy"])
        scripts = re.findall(r"<script[^>]*>", answer.get_data(as_text=True))
        assert scripts
        assert all(f'nonce="{nonce}"' in script for script in scripts)
        seen.add(nonce)
    assert len(seen) == 3


def test_pages_of_signed_in_people_are_kept_by_nobody(client):
    assert client.get("/sign-in").headers["Cache-Control"] == "no-cache"
    sign_in(client, factories.officer())
    assert client.get("/account").headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "[::2]"]
)
def test_an_unknown_host_is_refused(client, host):
    answer = client.get("/sign-in", headers={"Host": host})
    assert answer.status_code == 400
    assert "evil" not in answer.get_data(as_text=True)


@pytest.mark.parametrize("host", ["localhost", "localhost:9999", "127.0.0.1:1234", "[::1]:8000", "LOCALHOST"])
def test_loopback_is_always_served(client, host):
    assert client.get("/healthz", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["etalase.example", "Second.Example:8080", "www.public.example", "127.0.0.1"]
)
def test_named_hosts_are_served_besides_loopback(tmp_path, host):
    app = create_app(
        TESTING=True,
        DATA_DIR=str(tmp_path),
        TRUSTED_HOSTS=["etalase.example", "second.example"],
        PUBLIC_URL="https://www.public.example",
    )
    assert app.test_client().get("/healthz", headers={"Host": host}).status_code == 200
    assert app.test_client().get("/healthz", headers={"Host": "other.example"}).status_code == 400


def test_a_visitors_address_is_believed_only_from_as_many_proxies_as_there_are(tmp_path):
    addresses = {}
    for count in (0, 1):
        app = create_app(TESTING=True, DATA_DIR=str(tmp_path), PROXIES=count)
        app.after_request(
            lambda answer, count=count: addresses.update({count: request.remote_addr}) or answer
        )
        app.test_client().get("/healthz", headers={"X-Forwarded-For": "6.6.6.6, 203.0.113.7"})
    assert addresses == {0: "127.0.0.1", 1: "203.0.113.7"}


def test_a_form_without_its_csrf_token_is_refused_in_words(app, client):
    app.config["WTF_CSRF_ENABLED"] = True
    answer = client.post("/sign-in", data={"who": "a@contoh.example", "password": "tiga kata lewat"})
    assert answer.status_code == 400
    assert "Muat ulang" in answer.get_data(as_text=True)


SIGNED_THEMSELVES = {"provider_events.receive"}
"""What comes in there is believed by its own signature alone; tests/payments sends forged ones."""


def test_every_address_that_writes_needs_a_csrf_token_or_a_bearer_token(app, client):
    """Whoever is signed in: a form on another site must not be able to do anything in their name."""
    app.config["WTF_CSRF_ENABLED"] = True
    sign_in(client, factories.member(Role.ADMIN))
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) & {"POST", "PUT", "PATCH", "DELETE"}):
            answer = client.open(path_of(rule), method=method)
            expected = 401 if rule.rule.startswith("/api/") else 400
            if rule.endpoint in SIGNED_THEMSELVES:
                expected = 404  # there is no such provider
            assert answer.status_code == expected, f"{method} {rule.rule}"


def path_of(rule: Rule) -> str:
    """An address of the rule, with a number or word nobody has."""
    values: dict[str, int | str] = {}
    for name, converter in rule._converters.items():
        if isinstance(converter, AnyConverter):
            values[name] = min(converter.items)
        else:
            values[name] = 10**9 if isinstance(converter, IntegerConverter) else "tiada"
    _host, path = rule.build(values, append_unknown=False) or ("", "")
    return path


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(client):
    cookie = client.get("/sign-in").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_over_https_cookies_and_browsers_stay_on_https(app):
    app.config["SESSION_COOKIE_SECURE"] = True
    answer = app.test_client().get("/sign-in", base_url="https://localhost")
    assert "Secure" in answer.headers["Set-Cookie"]
    assert "max-age=31536000" in answer.headers["Strict-Transport-Security"]


ATTACKS = [
    "//evil.example", "/\\evil.example", "\\\\evil.example", "/\t/evil.example", "/\n/evil.example",
    "https:evil.example", "https://evil.example", "javascript:alert(1)", "///evil.example", "/\x00/evil",
    " /account", "evil", "", None, "http:///evil.example", "/\u2028/evil.example\t", "/ /evil.example",
]  # fmt: skip


@pytest.mark.parametrize("target", ATTACKS)
def test_a_redirect_never_leads_to_another_site(app, target):
    assert security.safe_next(target, "/home") == "/home"


@pytest.mark.parametrize(
    "target", ["/", "/account", "/office?as_of=2026-11-22#rows", "/products/7-keripik?page=2"]
)
def test_a_path_on_this_site_is_followed(app, target):
    assert security.safe_next(target, "/home") == target


def test_a_body_beyond_the_limit_of_forms_is_refused(client, monkeypatch):
    monkeypatch.setattr(security, "FORM_BYTES", 1000)
    answer = client.post("/sign-in", data={"who": "a" * 2000, "password": "b"})
    assert answer.status_code == 413
    assert "melebihi batas" in answer.get_data(as_text=True)


def test_a_view_that_takes_tables_takes_more(app, client, monkeypatch):
    monkeypatch.setattr(security, "FORM_BYTES", 1000)
    security.large_upload(app.view_functions["accounts.sign_in_post"])
    try:
        assert client.post("/sign-in", data={"who": "a" * 2000, "password": "b"}).status_code == 422
    finally:
        del app.view_functions["accounts.sign_in_post"].__dict__["etalase_large_upload"]
