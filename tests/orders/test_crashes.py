"""The process dies at each commit of an order's life: nothing is lost, doubled or half done."""

from __future__ import annotations

import os
from collections import Counter
from itertools import product

import pytest
from flask import Flask
from sqlalchemy import func, select

from marketplace.db import db
from marketplace.orders.models import Checkout, Invoice, Order, OrderState
from marketplace.payments.models import JournalLine, Payment, PaymentState, Refund
from marketplace.stock.models import StockMovement
from tests.orders.crash import Crashes, lives
from tests.orders.support import stock_of, trade_of

IS_PROOF = "ETALASE_PROOF" in os.environ
MOMENTS = ("before_commit", "after_commit")
DEATHS = list(product(range(1, 16), MOMENTS)) if IS_PROOF else [(2, MOMENTS[0]), (7, MOMENTS[1])]
PATHS = {"through": 12, "door": 10, "cancelled": 7}
"""Commits in the life of an order on each path, at least: dying at a later one is not dying."""


@pytest.mark.proof
def test_an_order_goes_on_wherever_its_process_died(app: Flask) -> None:
    trade = trade_of(ready=10_000)
    assert trade.maker.user_id is not None
    assert trade.buyer.user_id is not None
    told = Crashes(
        trade.seller.id, trade.operator.id, trade.outlet.id, trade.product.id, trade.maker.user_id,
        trade.buyer.user_id,
    )  # fmt: skip
    died = {path: lives(app, told, DEATHS, path) for path in PATHS}
    expected = {path: sum(number <= least for number, _moment in DEATHS) for path, least in PATHS.items()}
    assert all(died[path] >= expected[path] for path in PATHS), died
    db.session.rollback()
    each = 1 + len(DEATHS)
    assert Counter(db.session.scalars(select(Order.state))) == {
        OrderState.SETTLED.value: 2 * each, OrderState.CANCELLED.value: each,
    }  # fmt: skip
    assert db.session.scalar(select(func.count()).select_from(Checkout)) == 3 * each
    assert db.session.scalar(select(func.count()).select_from(Invoice)) == 2 * each
    assert set(db.session.scalars(select(Payment.state))) == {PaymentState.CONFIRMED.value}
    assert db.session.scalar(select(func.count()).select_from(Payment)) == 3 * each
    assert set(db.session.scalars(select(Refund.state))) == {"done"}
    assert db.session.scalar(select(func.sum(JournalLine.amount_rupiah))) == 0
    assert stock_of(trade.product) == (10_000 - 4 * 2 * each, 0)
    assert db.session.scalar(select(func.sum(StockMovement.change))) == 0, "what came was taken over"
