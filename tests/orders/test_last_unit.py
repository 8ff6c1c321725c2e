"""The last unit, ordered by sixteen buyers at once: promised to one. The control promises it to all."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from functools import partial
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from marketplace.db import db
from marketplace.orders.models import Order, ReadyStock, Reservation
from marketplace.permissions import Role
from tests import factories as make
from tests.orders.rush import naively, ordered
from tests.orders.support import buyable
from tests.support.rushing import Act
from tests.support.rushing import rush as rush_of

PROCESSES = 16
ROUNDS = 200 if "ETALASE_PROOF" in os.environ else 4


def rush(app: Flask, folder: Path, rounds: int, *, is_naive: bool = False) -> list[dict[str, Any]]:
    """Sixteen buyers race for one unit of each of some products; answers what each was told."""
    seller = make.seller()
    buyers = []
    for _number in range(PROCESSES):
        operator = make.operator()
        person = make.member(Role.BUYER_MANAGER, operator_id=operator.id)
        assert person.user_id is not None
        buyers.append((operator.id, person.user_id))
    products = [buyable(seller, ready=1).id for _round in range(rounds)]
    seller_id = seller.id
    if not is_naive:  # one beside them, so that what they ask is compiled once, before they are forked
        ordered(seller_id, buyable(seller, ready=1).id, *buyers[0])

    def acts_of(_app: Flask, number: int, together: Barrier) -> Sequence[Act]:
        if is_naive:
            return [partial(naively, product, together) for product in products]
        return [partial(ordered, seller_id, product, *buyers[number]) for product in products]

    return rush_of(app, folder, PROCESSES, acts_of)


@pytest.mark.corrupts
def test_control_sixteen_buyers_who_read_decide_and_write_are_all_promised_it(
    app: Flask, tmp_path: Path
) -> None:
    answers = rush(app, tmp_path, 1, is_naive=True)
    assert len([one for one in answers if "checkout" in one]) == PROCESSES
    assert db.session.scalar(select(ReadyStock.reserved)) == 1


@pytest.mark.proof
def test_the_last_unit_is_promised_to_one_of_sixteen_buyers(app: Flask, tmp_path: Path) -> None:
    answers = rush(app, tmp_path, ROUNDS)
    assert len(answers) == PROCESSES * ROUNDS
    winners = Counter(one["product"] for one in answers if "checkout" in one)
    assert list(winners.values()) == [1] * ROUNDS
    refused = {one["refused"] for one in answers if "refused" in one}
    assert refused <= {"not_enough", "cart_changed"}, "sold out under the lock, or seen before it"
    held = select(func.count(), func.sum(Reservation.quantity))
    assert db.session.execute(held).one() == (ROUNDS + 1, ROUNDS + 1)
    assert db.session.scalar(select(func.count()).select_from(Order)) == ROUNDS + 1
    assert set(db.session.execute(select(ReadyStock.on_hand, ReadyStock.reserved)).all()) == {(1, 1)}
