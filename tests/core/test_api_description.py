"""The whole API keeps its own description: schemathesis asks every operation, as every kind of person."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance
from sqlalchemy import select

from marketplace import clock
from marketplace.db import db
from marketplace.payments.models import Payment
from marketplace.permissions import Actor, Role, declared
from marketplace.webhooks.models import WebhookEndpoint
from tests import factories as make
from tests.orders.made import invoice_of, pay, received
from tests.orders.support import trade_of
from tests.support.signing import bearer

PROOF = bool(os.environ.get("ETALASE_PROOF"))
ROUNDS = 60 if PROOF else 1
OLDER = {"POST /api/v1/sales", "GET /api/v1/compliance"}
"""Outside programs rely on these: to them 409 is a key used for another body, 422 whatever cannot be."""
DATABASES = ["sqlite", *([pytest.param("postgres", marks=pytest.mark.postgres)] if PROOF else [])]


@dataclass
class World:
    """Somebody of each kind, and what of everything there is one of."""

    people: dict[str, Actor]
    named: dict[str, Any]
    line: dict[str, Any]


@pytest.fixture
def world(app) -> World:
    trade = trade_of(ready=50)
    order = received(trade)
    pay(trade, order, amount=1_000, confirms=False)
    waits = trade.order()
    endpoint = make._add(
        WebhookEndpoint(
            operator_id=trade.operator.id,
            url="https://gudang.contoh.id/",
            topics=["order.moved"],
            secret="whk_x",
            tried_at=clock.now(),
            made_at=clock.now(),
        )
    )
    return World(
        {"buyer": trade.buyer, "seller": trade.maker, "office": make.officer(Role.HEAD)},
        {
            "order_ref": waits.order_ref,
            "code": invoice_of(order).code,
            "payment_id": db.session.scalars(select(Payment.id)).one(),
            "endpoint_id": endpoint.id,
            "product_id": trade.product.id,
        },
        {"seller_ref": trade.seller.seller_ref, "sku": trade.product.sku},
    )


def operations(app) -> Iterator[Any]:
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    for found in schema.get_all_operations():
        yield found.ok()  # type: ignore[union-attr]


def ask(operation: Any, headers: dict[str, str], mode: GenerationMode, world: World) -> None:
    """Generate requests of one kind, and check every answer against the description.

    What may be is asked of things that there are, so that it gets as far as the services.
    """

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=ROUNDS,
        deadline=None,
        database=None,
        derandomize=not PROOF,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def one(case):
        case.headers["Accept-Encoding"] = "identity"  # its client does not unpack brotli
        if mode is GenerationMode.POSITIVE:
            known = {name: world.named[name] for name in case.path_parameters if name in world.named}
            case.path_parameters.update(known)
            for line in case.body.get("lines") or [] if isinstance(case.body, dict) else []:
                line.update({name: value for name, value in world.line.items() if name in line})
        excluded = [positive_data_acceptance] if operation.label in OLDER else []
        case.call_and_validate(headers=headers, excluded_checks=excluded)

    try:
        one()
    except Unsatisfiable:
        assert mode is GenerationMode.NEGATIVE, "nothing can be asked of it"  # nothing to be asked wrongly


def who_may(app, world: World, operation: Any) -> list[Actor]:
    """Whom to ask as: one who may do it; for the proof, everybody."""
    people = list(world.people.values())
    if PROOF:
        return people
    path = re.sub(r"{(\w+)}", "1", operation.path)
    endpoint, _values = app.url_map.bind("localhost").match(path, method=operation.method.upper())
    permission = declared(app, endpoint)
    return [next(one for one in people if permission is None or one.can(permission))]


@pytest.mark.proof
@pytest.mark.parametrize("database_url", DATABASES, indirect=True)
def test_every_operation_answers_as_it_is_described(app, world):
    headers = {person.user_id: bearer(person) for person in world.people.values()}
    labels = set()
    for operation in operations(app):
        labels.add(operation.label)
        for person in who_may(app, world, operation):
            for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
                ask(operation, headers[person.user_id], mode, world)
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
