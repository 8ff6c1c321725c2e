"""The JSON API's frame: who may call, how it refuses, how it describes itself."""

from __future__ import annotations

import pytest
from apiflask import APIBlueprint
from flask import Flask
from pydantic import BaseModel, Field

from marketplace import api
from marketplace.accounts import queries, services
from marketplace.permissions import Actor, Permission, current_actor, protected, public
from tests import factories
from tests.support.signing import bearer, sign_in


class Question(BaseModel):
    limit: int = Field(default=10, ge=1, le=100)


class Line(BaseModel):
    sku: str = Field(min_length=1)
    quantity: int = Field(gt=0)


class Answer(BaseModel):
    said: str


def trial_blueprint() -> APIBlueprint:
    """Two endpoints such as an area writes them."""
    blueprint = api.blueprint("trial", tag="Trial")

    @blueprint.get("/trial")
    @public
    @blueprint.input(Question, location="query")
    @blueprint.output(Answer)
    def read(query_data: Question) -> Answer:
        """Read something."""
        return Answer(said=f"{query_data.limit} for {current_actor().name or 'nobody'}")

    @blueprint.post("/trial/<int:number>")
    @protected(Permission.ACCOUNT_USE)
    @blueprint.input(Line)
    @blueprint.output(Answer)
    def write(number: int, json_data: Line) -> Answer:
        """Write something."""
        return Answer(said=f"{number} {json_data.sku} {json_data.quantity} by {current_actor().name}")

    return blueprint


@pytest.fixture
def app(own_app: Flask) -> Flask:
    """The app with the trial endpoints, and with the CSRF protection that tests switch off elsewhere."""
    own_app.register_blueprint(trial_blueprint())
    own_app.config["WTF_CSRF_ENABLED"] = True
    return own_app


@pytest.fixture
def person(app: Flask) -> Actor:
    return factories.officer()


def problem_of(answer):
    assert answer.mimetype == "application/problem+json", answer.get_data(as_text=True)
    body = answer.get_json()
    assert body["status"] == answer.status_code
    assert body["detail"]
    return body


LINE = {"sku": "A", "quantity": 2}


def test_a_program_with_a_token_has_its_users_rights_and_needs_no_csrf_token(client, person):
    answer = client.post("/api/v1/trial/7", json=LINE, headers=bearer(person))
    assert answer.status_code == 200
    assert answer.get_json() == {"said": f"7 A 2 by {person.name}"}


def test_a_browsers_cookie_counts_for_nothing_in_the_api(client, person):
    sign_in(client, person)
    answer = client.post("/api/v1/trial/7", json=LINE)
    assert answer.status_code == 401
    assert client.get("/api/v1/trial").get_json() == {"said": "10 for nobody"}


def test_without_a_token_the_answer_asks_for_one(client):
    answer = client.post("/api/v1/trial/7", json=LINE)
    assert problem_of(answer)["code"] == "sign_in_needed"
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("header", ["Bearer nonsense", "Bearer ", "Basic dXNlcjpwYXNz", "Bearer \xe9"])
def test_a_token_that_is_not_good_is_refused_even_where_everybody_may_read(client, header):
    assert problem_of(client.get("/api/v1/trial", headers={"Authorization": header}))["code"] == "bad_token"


def test_a_revoked_token_ends_at_once(client, person):
    headers = bearer(person)
    assert client.post("/api/v1/trial/7", json=LINE, headers=headers).status_code == 200
    token = queries.tokens(person.user_id)[0]
    services.revoke_token(actor=person, user_id=person.user_id, token_id=token.id)
    assert client.post("/api/v1/trial/7", json=LINE, headers=headers).status_code == 401


def test_wrong_values_are_named_one_by_one(client, person):
    answer = client.post("/api/v1/trial/7", json={"sku": "", "quantity": 0}, headers=bearer(person))
    assert answer.status_code == 422
    assert set(problem_of(answer)["fields"]) == {"sku", "quantity"}
    answer = client.get("/api/v1/trial?limit=101")
    assert set(problem_of(answer)["fields"]) == {"limit"}


DEEP = b"[" * 100_000 + b"]" * 100_000


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", DEEP, b'{"sku": "A", "quantity": NaN}'])
def test_what_is_not_json_is_a_400(client, person, body):
    headers = {**bearer(person), "Content-Type": "application/json"}
    answer = client.post("/api/v1/trial/7", data=body, headers=headers)
    assert answer.status_code == 400
    problem_of(answer)


@pytest.mark.parametrize("body", [b"null", b"[]", b"3", b'"text"', b'{"sku": "A", "quantity": 1e400}'])
def test_json_of_another_shape_is_a_422(client, person, body):
    headers = {**bearer(person), "Content-Type": "application/json"}
    answer = client.post("/api/v1/trial/7", data=body, headers=headers)
    assert answer.status_code == 422
    problem_of(answer)


def test_a_body_beyond_the_limit_is_a_413(client, person):
    big = {"sku": "A" * (api.MAX_BODY_BYTES + 1), "quantity": 1}
    answer = client.post("/api/v1/trial/7", json=big, headers=bearer(person))
    assert answer.status_code == 413
    problem_of(answer)


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/api/v1/nothing", 404), ("GET", "/api/v2", 404)]
)
def test_an_unknown_address_answers_a_program_in_json(client, method, path, status):
    answer = client.open(path, method=method)
    assert answer.status_code == status
    problem_of(answer)


def test_a_wrong_method_says_which_are_right(client, person):
    answer = client.delete("/api/v1/trial/7", headers=bearer(person))
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]
    problem_of(answer)


def test_the_description_tells_of_tokens_and_refusals(client):
    answer = client.get("/api/v1/openapi.json")
    assert answer.status_code == 200
    spec = answer.get_json()
    assert spec["openapi"].startswith("3.1")
    assert spec["servers"] == [{"url": "http://localhost"}]
    write = spec["paths"]["/api/v1/trial/{number}"]["post"]
    assert write["security"] == [{"bearer": []}]
    assert "application/problem+json" in write["responses"]["422"]["content"]
    assert "401" in write["responses"]
    read = spec["paths"]["/api/v1/trial"]["get"]
    assert {} in read["security"]
    assert read["parameters"][0]["name"] == "limit"
    assert not [path for path in spec["paths"] if not path.startswith("/api/v1/")]
    names = set(spec["components"]["schemas"])
    assert {"Problem", "Line", "Answer"} <= names


def test_every_reference_in_the_description_leads_somewhere(client):
    spec = client.get("/api/v1/openapi.json").get_json()
    for reference in references(spec):
        place = spec
        for step in reference.removeprefix("#/").split("/"):
            place = place[step]


def references(part):
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        for inner in part.values():
            yield from references(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from references(inner)
