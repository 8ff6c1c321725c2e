"""The whole API keeps its own description: schemathesis asks every operation, as every kind of person."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode

from marketplace.permissions import Actor, Role, declared
from marketplace.webhooks.models import WebhookEndpoint
from tests import factories as make
from tests.orders.made import received
from tests.orders.support import trade_of
from tests.support.signing import bearer

PROOF = bool(os.environ.get("ETALASE_PROOF"))
ROUNDS = 200 if PROOF else 1
DATABASES = ["sqlite", *([pytest.param("postgres", marks=pytest.mark.postgres)] if PROOF else [])]


@pytest.fixture
def people(app) -> dict[str, Actor]:
    """Somebody of each kind, in a world in which there is one of everything."""
    trade = trade_of(ready=50)
    received(trade)
    make._add(
        WebhookEndpoint(
            operator_id=trade.operator.id,
            url="https://gudang.contoh.id/",
            topics=["order.moved"],
            secret="whk_x",
            tried_at=trade.product.created_at,
            made_at=trade.product.created_at,
        )
    )
    return {"buyer": trade.buyer, "seller": trade.maker, "office": make.officer(Role.HEAD)}


def operations(app) -> Iterator[Any]:
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    for found in schema.get_all_operations():
        yield found.ok()  # type: ignore[union-attr]


def ask(operation: Any, headers: dict[str, str], mode: GenerationMode, rounds: int) -> None:
    """Generate requests of one kind, and check every answer against the description."""

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=rounds,
        deadline=None,
        database=None,
        derandomize=not PROOF,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def one(case):
        case.headers["Accept-Encoding"] = "identity"  # its client does not unpack brotli
        case.call_and_validate(headers=headers)

    try:
        one()
    except Unsatisfiable:
        assert mode is GenerationMode.NEGATIVE, "nothing can be asked of it"  # nothing to be asked wrongly


def who_may(app, people: dict[str, Actor], operation: Any) -> list[Actor]:
    """Whom to ask as: one who may do it; for the proof, everybody."""
    if PROOF:
        return list(people.values())
    path = re.sub(r"{(\w+)}", "1", operation.path)
    endpoint, _values = app.url_map.bind("localhost").match(path, method=operation.method.upper())
    permission = declared(app, endpoint)
    return [next(one for one in people.values() if permission is None or one.can(permission))]


@pytest.mark.proof
@pytest.mark.parametrize("database_url", DATABASES, indirect=True)
def test_every_operation_answers_as_it_is_described(app, people):
    headers = {person.user_id: bearer(person) for person in people.values()}
    labels = set()
    for operation in operations(app):
        labels.add(operation.label)
        for person in who_may(app, people, operation):
            for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
                ask(operation, headers[person.user_id], mode, ROUNDS)
    assert len(labels) > 20
    assert {"POST /api/v1/orders", "POST /api/v1/payments", "GET /api/v1/webhooks"} <= labels


def test_every_operation_says_what_it_is_for_and_every_value_is_named(app, client):
    spec = client.get("/api/v1/openapi.json").get_json()
    names = [op.get("operationId") for path in spec["paths"].values() for op in path.values()]
    assert len(set(names)) == len(names)
    for path, found in spec["paths"].items():
        for method, operation in found.items():
            assert operation["summary"], (method, path)
            if method == "post" and "requestBody" in operation:
                assert operation["requestBody"]["content"]["application/json"]["schema"], (method, path)
