"""What each of the buyers does who order the same last unit at the same moment."""

from __future__ import annotations

from multiprocessing.synchronize import Barrier
from typing import Any

from sqlalchemy import text

from marketplace.db import db
from marketplace.orders.services.checkout import place
from marketplace.permissions import Actor, Role
from tests.orders.support import draft_of, draft_part
from tests.support.rushing import WAIT_S


def ordered(seller_id: int, product_id: int, operator_id: int, user_id: int) -> dict[str, Any]:
    """One buyer orders the unit."""
    buyer = Actor(user_id, "Pembeli", Role.BUYER_MANAGER, operator_id=operator_id)
    draft = draft_of(draft_part(seller_id, [(product_id, 1)]), key=f"rush-{product_id}-{operator_id}")
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
