"""Somebody who buys and somebody who sells to them."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.orders.support import Trade, trade_of


@pytest.fixture
def trade(app: Flask) -> Trade:
    """A kitchen with one product, a store with an outlet, and people at each."""
    return trade_of()
