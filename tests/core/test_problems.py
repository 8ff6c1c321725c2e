"""One renderer of errors: a page for people, a fragment for htmx, problem details for programs."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import text

from marketplace.db import db
from marketplace.errors import Conflict, Forbidden, InvalidInput, NotFound, RuleBroken, TooMany
from marketplace.permissions import public
from tests import factories
from tests.support.signing import sign_in

ERRORS = [
    (NotFound("Toko ini tidak ada."), 404),
    (Forbidden("Bukan untuk Anda."), 403),
    (Conflict("Sudah ada."), 409),
    (RuleBroken("Kurang dua.", shortfall=2, citation="Perda 5/2011"), 409),
    (InvalidInput("Periksa isian.", {"name": "Tulis nama."}), 422),
    (TooMany("Tunggu.", retry_after_s=61), 429),
]


@pytest.fixture
def app(own_app: Flask) -> Flask:
    """The app with addresses that fail in every way there is."""

    def failing(error: Exception):
        @public
        def view() -> str:
            raise error

        return view

    for number, (error, _status) in enumerate(ERRORS):
        own_app.add_url_rule(f"/fails/{number}", f"fails{number}", failing(error))
        own_app.add_url_rule(f"/api/v1/fails/{number}", f"api_fails{number}", failing(error))
    for path in ("/crash", "/api/v1/crash"):
        own_app.add_url_rule(path, path, failing(ZeroDivisionError("secret detail")))
    return own_app


@pytest.mark.parametrize("number", range(len(ERRORS)))
def test_a_person_sees_a_page_that_says_what_to_do(client, number):
    error, status = ERRORS[number]
    answer = client.get(f"/fails/{number}")
    page = answer.get_data(as_text=True)
    assert answer.status_code == status
    assert "<!doctype html>" in page
    assert error.message in page


@pytest.mark.parametrize("number", range(len(ERRORS)))
def test_htmx_gets_a_fragment(client, number):
    error, status = ERRORS[number]
    answer = client.get(f"/fails/{number}", headers={"HX-Request": "true"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == status
    assert "<html" not in page
    assert 'role="alert"' in page
    assert error.message in page


@pytest.mark.parametrize("number", range(len(ERRORS)))
def test_a_program_gets_problem_details_with_the_numbers(client, number):
    error, status = ERRORS[number]
    answer = client.get(f"/api/v1/fails/{number}")
    body = answer.get_json()
    assert answer.mimetype == "application/problem+json"
    assert (answer.status_code, body["status"], body["detail"]) == (status, status, error.message)
    assert body["code"] == error.code
    assert all(body[name] == value for name, value in error.details.items())
    assert body.get("fields", {}) == getattr(error, "fields", {})


def test_who_tried_too_often_hears_when_to_come_back(client):
    assert client.get("/fails/5").headers["Retry-After"] == "61"


@pytest.mark.parametrize("path", ["/crash", "/api/v1/crash"])
def test_a_crash_tells_the_visitor_nothing_of_its_cause_but_a_number_to_name(client, path):
    answer = client.get(path)
    body = answer.get_data(as_text=True)
    assert answer.status_code == 500
    assert "secret detail" not in body
    assert "ZeroDivisionError" not in body
    assert answer.headers["X-Request-Id"] in body


def test_the_page_of_a_crash_comes_up_even_when_the_database_does_not(app, client, monkeypatch):
    sign_in(client, factories.officer())

    def away(*_args: object, **_more: object) -> None:
        raise ConnectionError("the database is away")

    monkeypatch.setattr("marketplace.accounts.queries.signed_in_by", away)
    answer = client.get("/account")
    assert answer.status_code == 500
    assert "Ada yang rusak di pihak kami" in answer.get_data(as_text=True)


def test_a_failed_request_leaves_no_open_transaction(client):
    db.session.execute(text("SELECT 1"))
    client.get("/fails/0")
    assert not db.session().in_transaction()


def test_an_unknown_address_is_a_page_that_leads_home(client):
    answer = client.get("/tidak/ada")
    assert answer.status_code == 404
    assert "Ke beranda" in answer.get_data(as_text=True)


def test_a_wrong_method_names_the_right_ones(client):
    answer = client.put("/sign-in")
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


def test_a_signed_out_post_is_told_to_sign_in_and_not_led_to_a_page_that_would_lose_the_form(client):
    answer = client.post("/account/edit", data={"name": "x"})
    assert answer.status_code == 401
    assert "Masuk" in answer.get_data(as_text=True)
