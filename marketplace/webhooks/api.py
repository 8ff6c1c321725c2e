"""The JSON API of webhooks: one's own addresses, and what was sent to each."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from ..api import blueprint
from ..api_values import ID, Cursor, Limit, one_stretch
from ..permissions import Permission, current_actor, protected
from . import queries, services

api = blueprint("webhooks", tag="Webhooks")


class EndpointOut(BaseModel):
    """An address that is told of events. Its secret is shown once, on the page where it is made."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 3,
                "url": "https://gudang.contoh.id/etalase",
                "topics": ["order.placed", "order.moved"],
                "is_on": True,
                "stop_reason": "",
                "failures": 0,
                "delivered_at": "2026-11-22T05:00:00Z",
            }
        }
    )

    id: int
    url: str
    topics: list[str]
    is_on: bool
    stop_reason: Literal["", "by_hand", "failing", "gone"]
    failures: int = Field(description="Tries that failed in a row.")
    delivered_at: datetime | None


class EndpointsOut(BaseModel):
    """All of them."""

    items: list[EndpointOut]


class DeliveriesQuery(BaseModel):
    """Which of them, and from where on."""

    state: Literal["waiting", "delivered", "failed"] | None = None
    limit: Limit = 50
    cursor: Cursor | None = None


class DeliveryOut(BaseModel):
    """One event for an address; `outcome` and `status` are those of the last try."""

    id: int
    event_ref: str = Field(description="The `id` in the body and in Etalase-Event-Id.")
    event: str
    state: Literal["waiting", "delivered", "failed"]
    attempts: int
    outcome: str | None
    status: int | None
    created_at: datetime
    next_try_at: datetime | None


class DeliveriesOut(BaseModel):
    """One page, newest first."""

    items: list[DeliveryOut]
    next_cursor: int | None


@api.get("/webhooks")
@protected(Permission.WEBHOOK_MANAGE)
@api.output(EndpointsOut)
@api.doc(summary="Addresses of one's organization that are told of events", operation_id="listWebhooks")
def endpoints() -> dict[str, Any]:
    """Every address of one's own organization."""
    names = EndpointOut.model_fields
    rows = queries.endpoints(current_actor())
    return {"items": [{name: getattr(row, name) for name in names} for row in rows]}


@api.get(f"/webhooks/<{ID}:endpoint_id>/deliveries")
@protected(Permission.WEBHOOK_MANAGE)
@api.input(DeliveriesQuery, location="query", arg_name="asked")
@api.output(DeliveriesOut)
@api.doc(summary="What was sent to an address, newest first", operation_id="listWebhookDeliveries")
def deliveries(endpoint_id: int, asked: DeliveriesQuery) -> dict[str, Any]:
    """What was sent to an address; repeat with `cursor` until `next_cursor` is null."""
    row = queries.endpoint(current_actor(), endpoint_id)
    if row is None:
        raise services.no_endpoint()
    found = queries.deliveries(row.id, asked.state or "", size=asked.limit + 1, before=asked.cursor)
    items, cursor = one_stretch(found, asked.limit, lambda one: one.id)
    return {"items": [one._asdict() for one in items], "next_cursor": cursor}
