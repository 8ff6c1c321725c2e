"""The whole loop against a model: whatever two people do, in whatever order, units and rupiah agree."""

from __future__ import annotations

import os

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from marketplace import audits
from tests.loop.machine import Loop

IS_PROOF = "ETALASE_PROOF" in os.environ
ROUNDS = 300 if IS_PROOF else 3


@pytest.mark.proof
def test_the_loop_agrees_with_the_model(app: Flask) -> None:
    run_state_machine_as_test(
        Loop,
        settings=settings(
            max_examples=ROUNDS,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            derandomize=not IS_PROOF,
        ),
    )
    assert list(audits.differences()) == []
