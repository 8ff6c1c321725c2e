"""Sixteen buyers who order the same last unit at the same moment.

python -m tests.orders.rush ORDERS.json
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from functools import partial
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

from sqlalchemy import text

from marketplace import create_app
from marketplace.db import db
from marketplace.orders.services.checkout import place
from marketplace.permissions import Actor, Role
from tests.orders.support import draft_of, draft_part
from tests.support.rushing import WAIT_S, race, rush


@dataclass(frozen=True)
class Rush:
    """Where, who (the n-th process orders for the n-th operator), and the products, one unit of each."""

    database_url: str
    folder: str
    log: str
    buyers: list[tuple[int, int]]
    seller_id: int
    products: list[int]
    is_naive: bool = False


def ordered(orders: Rush, product_id: int, number: int) -> dict[str, Any]:
    """One buyer orders the unit."""
    operator_id, user_id = orders.buyers[number]
    buyer = Actor(user_id, f"Pembeli {number}", Role.BUYER_MANAGER, operator_id=operator_id)
    draft = draft_of(draft_part(orders.seller_id, [(product_id, 1)]), key=f"rush-{product_id}-{number}")
    made = place(actor=buyer, draft=draft)
    return {"product": product_id, "checkout": made.id}


def naively(product_id: int, all_have_read: Barrier) -> dict[str, Any]:
    """What a shop without the lock would do: read, decide, write."""
    with db.engine.connect() as connection:
        query = text("SELECT on_hand - reserved FROM ready_stocks WHERE product_id = :product")
        free = connection.execute(query, {"product": product_id}).scalar_one()
        connection.rollback()
        all_have_read.wait(WAIT_S)
        if free < 1:
            return {"refused": "not_enough"}
        write = text("UPDATE ready_stocks SET reserved = :held WHERE product_id = :product")
        with connection.execution_options(etalase_write=True).begin():
            connection.execute(write, {"held": 2 - free, "product": product_id})
        return {"product": product_id, "checkout": 0}


def main(path: str) -> int:
    """Load once, fork, wait for all; 0 when all ended well."""
    orders = Rush(**json.loads(Path(path).read_text()))
    app = create_app(
        TESTING=True, DATA_DIR=orders.folder, DATABASE_URL=orders.database_url, MAIL_URL="memory:"
    )

    def run(number: int, together: Barrier) -> None:
        acts = [
            partial(naively, product_id, together)
            if orders.is_naive
            else partial(ordered, orders, product_id, number)
            for product_id in orders.products
        ]
        race(orders.log, together, acts)

    return rush(app, len(orders.buyers), run)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
