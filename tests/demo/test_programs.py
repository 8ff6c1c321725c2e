"""A program in the demo city that was told of orders, and fell silent."""

from __future__ import annotations

from sqlalchemy import select

from marketplace.db import db
from marketplace.organizations.models import Operator
from marketplace.webhooks.models import WebhookDelivery, WebhookEndpoint
from marketplace.webhooks.rules.schedule import MAX_TRIES


def test_a_buyer_s_program_was_told_of_orders_until_it_fell_silent_and_nothing_is_sent_there(city):
    [row] = db.session.scalars(select(WebhookEndpoint))
    assert db.session.get_one(Operator, row.operator_id).operator_ref == "RUKUN"
    assert (row.stop_reason, row.is_on) == ("failing", False)
    sent = db.session.scalars(select(WebhookDelivery).order_by(WebhookDelivery.id)).all()
    assert [one.state for one in sent] == ["delivered"] * (len(sent) - 1) + ["failed"]
    assert len(sent) > 3
    assert (sent[1].tries, sent[-1].tries) == (2, MAX_TRIES)
