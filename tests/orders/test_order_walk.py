"""Orders against a model: whatever both parties do, in whatever order, states, units and rupiah agree."""

from __future__ import annotations

import os

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.orders.walking import OrderWalk

IS_PROOF = "ETALASE_PROOF" in os.environ
ROUNDS = 100 if IS_PROOF else 3


@pytest.mark.proof
def test_orders_agree_with_the_model(app: Flask) -> None:
    run_state_machine_as_test(
        OrderWalk,
        settings=settings(
            max_examples=ROUNDS,
            stateful_step_count=40 if IS_PROOF else 25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            derandomize=not IS_PROOF,
            phases=[Phase.explicit, Phase.reuse, Phase.generate],
        ),
    )
