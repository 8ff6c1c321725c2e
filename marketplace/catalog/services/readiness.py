"""Keeps how ready each product is, whenever something that buyers look at has changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from ... import signals
from ...db import unit_of_work
from .. import rules
from ..models import Product
from ..queries.readiness import SLICE, facts_of

BATCH = 1000


def keep_readiness(session: Session, product_ids: Sequence[int]) -> list[int]:
    """Write the readiness of some products where it changed, and say of which. Call it in a unit of work."""
    session.flush()
    ids = sorted(set(product_ids))
    kept: dict[int, int] = {}
    for start in range(0, len(ids), SLICE):
        query = select(Product.id, Product.readiness).where(Product.id.in_(ids[start : start + SLICE]))
        kept.update(dict(session.execute(query).all()))
    changed = [
        {"id": product_id, "readiness": score}
        for product_id, facts in facts_of(session, ids).items()
        if (score := rules.score(rules.checklist(facts))) != kept.get(product_id)
    ]
    if changed:
        session.execute(update(Product), changed)
    return [row["id"] for row in changed]


def mend_readiness() -> None:
    """Follow what no product's change tells, such as a number of the law that changed overnight."""
    last = 0
    while True:
        with unit_of_work() as session:
            query = select(Product.id).where(Product.id > last).order_by(Product.id).limit(BATCH)
            ids = list(session.scalars(query))
            mended = keep_readiness(session, ids)
            if mended:
                signals.product_changed.send(session, product_ids=mended)
        if not ids:
            return
        last = ids[-1]


def listen() -> None:
    """Hear of every change of a product's public face."""
    signals.product_changed.connect(_hear)


def _hear(session: Session, product_ids: Sequence[int], **_more: Any) -> None:
    keep_readiness(session, product_ids)
