"""Programs that order, answer and pay in tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import func, select

from marketplace.db import db
from marketplace.permissions import Actor
from tests.orders.support import Trade
from tests.support.signing import bearer

Ask = Callable[..., tuple[int, Any]]


def asking(client: FlaskClient) -> Ask:
    """`ask(actor, method, path, body)`: a program of this person asks; answers status and body."""
    headers: dict[Any, dict[str, str]] = {}

    def send(actor: Actor, method: str, path: str, body: Any = None, **more: str) -> tuple[int, Any]:
        if actor.user_id not in headers:
            headers[actor.user_id] = bearer(actor)
        answer = client.open(
            f"/api/v1{path}", method=method, json=body, headers={**headers[actor.user_id], **more}
        )
        return answer.status_code, answer.get_json()

    return send


def basket(trade: Trade, quantity: int = 10, **more: Any) -> dict[str, Any]:
    """What a program orders of a trade's product for its outlet: fetched, paid at the door."""
    line = {"seller_ref": trade.seller.seller_ref, "sku": trade.product.sku, "quantity": quantity}
    line |= {key: more.pop(key) for key in ("unit_price_rupiah",) if key in more}
    return {"lines": [line], "outlet_ref": trade.outlet.outlet_ref, "shipping": "pickup",
            "payment": "on_delivery", **more}  # fmt: skip


def count_of(model: type) -> int:
    """How many rows there are."""
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def key(text: str) -> dict[str, str]:
    """The header that makes a request one."""
    return {"Idempotency-Key": text}
