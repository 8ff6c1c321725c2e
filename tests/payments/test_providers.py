"""Which provider carries money is a setting; without its key nobody does, and nothing else changes."""

from __future__ import annotations

import pytest
from flask import Flask

from marketplace import config
from marketplace.errors import RuleBroken
from marketplace.payments.models import ChargeState
from marketplace.payments.providers import (
    EXTENSION,
    PROVIDERS,
    Asked,
    AskedLine,
    Forged,
    RefundAsked,
    init_app,
)
from marketplace.payments.providers.manual import Manual
from marketplace.payments.rules.charging import next_state, share_out, spread_payout
from tests.conftest import A_SUNDAY


def app_with(folder, **settings):
    """An app that has a provider and nothing else."""
    app = Flask(__name__)
    app.config.update(config.load({"DATA_DIR": str(folder)}, **settings))
    init_app(app)
    return app


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ({}, "manual"),
        ({"PAYMENT_PROVIDER": "stripe"}, "manual"),
        ({"PAYMENT_PROVIDER": "manual", "STRIPE_SECRET_KEY": "sk_test_x"}, "manual"),
        ({"PAYMENT_PROVIDER": "stripe", "STRIPE_SECRET_KEY": "sk_test_x"}, "stripe"),
    ],
)
def test_the_provider_is_the_one_that_the_settings_name_and_have_a_key_for(tmp_path, settings, name):
    carrier = app_with(tmp_path, **settings).extensions[EXTENSION]
    assert (carrier.name, carrier.is_open) == (name, name == "stripe")


def test_a_provider_that_nobody_knows_is_refused_at_the_start(tmp_path):
    with pytest.raises(ValueError, match="paypal is not known here; there is manual, stripe"):
        app_with(tmp_path, PAYMENT_PROVIDER="paypal")
    assert list(PROVIDERS) == ["manual", "stripe"]


def test_manual_carries_nothing(app):
    nobody, asked = Manual(), Asked("r", (AskedLine("Bu Sri", 5),), "", "", A_SUNDAY)
    for ask in (
        lambda: nobody.check(10_000),
        lambda: nobody.ask(asked, key="k"),
        lambda: nobody.look("x"),
        lambda: nobody.stop("x"),
        lambda: nobody.give_back(RefundAsked("r", "i", 1), key="k"),
    ):
        with pytest.raises(RuleBroken, match="belum diaktifkan"):
            ask()
    with pytest.raises(Forged):
        nobody.read_event(b"{}", {}, A_SUNDAY)
    assert nobody.fee_of("x") is None
    assert nobody.find_refund(RefundAsked("r", "i", 1)) is None


def test_a_question_is_kept_word_for_word():
    asked = Asked("r", (AskedLine("Bu Sri", 5), AskedLine("Pak Budi", 7)), "a", "b", A_SUNDAY)
    assert Asked.from_json(asked.as_json()) == asked
    assert asked.amount_rupiah == 12


def test_a_charge_only_goes_forward_but_money_that_came_has_come():
    states = ["started", "open", "pending", "expired", "failed", "paid"]
    forward = {
        now: [told for told in states if next_state(ChargeState(now), ChargeState(told)) != now]
        for now in states
    }
    assert forward == {
        "started": ["open", "pending", "expired", "failed", "paid"],
        "open": ["pending", "expired", "failed", "paid"],
        "pending": ["expired", "failed", "paid"],
        "expired": ["paid"],
        "failed": ["paid"],
        "paid": [],
    }


def test_what_is_shared_out_comes_to_the_whole():
    assert share_out(100, {7: 1, 3: 1, 5: 1}) == {3: 34, 5: 33, 7: 33}
    assert share_out(1, {1: 1, 2: 1}) == {1: 1}


def test_a_payout_begins_with_what_went_back_beyond_what_came():
    assert spread_payout(80, [(1, 100), (2, -20)]) == {2: -20, 1: 100}
    assert spread_payout(50, [(1, 30), (2, 40), (3, 5)]) == {1: 30, 2: 20}
