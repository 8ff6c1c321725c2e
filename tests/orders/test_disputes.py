"""An office sees the orders of its region that are in dispute, the oldest first."""

from __future__ import annotations

from datetime import timedelta

import pytest

from marketplace import clock
from marketplace.db import db, unit_of_work
from marketplace.orders.models import ClaimKind, Order, OrderClaim
from marketplace.orders.queries.disputes import DisputeFilter, disputes_of
from marketplace.orders.services.claims import ClaimDraft, make_claim, refer_claim, reject_claim
from marketplace.payments.models import Charge, ChargeDispute, ChargeItem
from tests import factories as make
from tests.orders.made import payables_of, received
from tests.orders.support import Trade, lines_of
from tests.support.signing import sign_in


def claim_on(trade: Trade, order: Order) -> OrderClaim:
    (line,) = lines_of(order)
    draft = ClaimDraft(line.id, ClaimKind.SHORT, 2, "Kurang dua.", f"k-{order.id}")
    return make_claim(actor=trade.buyer, order_id=order.id, draft=draft)


def taken_back(order: Order, rupiah: int) -> None:
    """A payer's bank disputes what was charged for an order."""
    (payable,) = payables_of(order)
    payable_id, operator_id, now = payable.id, order.operator_id, clock.now()
    with unit_of_work() as session:
        charge = Charge(
            reference="c-1", provider="stripe", operator_id=operator_id, amount_rupiah=150_000,
            captured_rupiah=150_000, state="paid", paid_at=now, expires_at=now, looked_at=now, created_at=now,
        )  # fmt: skip
        session.add(charge)
        session.flush()
        session.add(
            ChargeItem(
                charge_id=charge.id,
                payable_id=payable_id,
                amount_rupiah=150_000,
                is_live=False,
                outcome="paid",
            )
        )
        session.add(
            ChargeDispute(
                charge_id=charge.id,
                provider_ref="dp_1",
                amount_rupiah=rupiah,
                reason="product_not_received",
                shares={str(payable_id): rupiah},
                state="open",
                opened_at=now,
            )
        )


@pytest.mark.corrupts  # the charge is written by hand, without its journal
def test_what_waits_what_nobody_answered_and_what_a_bank_takes_back_stand_there(app, trade):
    officer = make.officer()
    referred, overdue, charged = received(trade), received(trade), received(trade)
    claim = claim_on(trade, referred)
    reject_claim(actor=trade.maker, claim_id=claim.id, reason="Lengkap.")
    refer_claim(actor=trade.buyer, claim_id=claim.id)
    claim_on(trade, overdue)
    taken_back(charged, 90_000)
    assert {row.kind for row in disputes_of(officer, DisputeFilter())[0]} == {"referred", "provider"}
    with clock.frozen(clock.now() + timedelta(days=5)):
        db.session.rollback()
        found, counts = disputes_of(officer, DisputeFilter())
        assert {(row.kind, row.order_number, row.rupiah) for row in found} == {
            ("referred", referred.number, 30_000),
            ("overdue", overdue.number, 30_000),
            ("provider", charged.number, 90_000),
        }
        assert counts == {"referred": 1, "overdue": 1, "provider": 1}
        assert disputes_of(make.officer(region_code="35.77"), DisputeFilter()) == ([], {})
        (only,), counts = disputes_of(officer, DisputeFilter(kind="provider"))
        assert only.order_number == charged.number
        assert sum(counts.values()) == 3, "the filter's own words keep their counts"
        assert disputes_of(officer, DisputeFilter(q="tidak ada"))[0] == []
        page = sign_in(app.test_client(), officer).get("/office/order-disputes").text
        assert "3 hal dalam sengketa" in page
        assert f"/claims/{claim.id}" in page
        assert f"/orders/{charged.id}" in page
        text = sign_in(app.test_client(), officer).get("/office/order-disputes?format=csv").text
        assert "age_days" in text


def test_others_see_none_of_it(app, trade):
    claim = claim_on(trade, received(trade))
    reject_claim(actor=trade.maker, claim_id=claim.id, reason="Lengkap.")
    refer_claim(actor=trade.buyer, claim_id=claim.id)
    elsewhere = make.officer(region_code="35.77")
    assert disputes_of(elsewhere, DisputeFilter()) == ([], {})
    assert sign_in(app.test_client(), trade.buyer).get("/office/order-disputes").status_code == 403
    page = sign_in(app.test_client(), elsewhere).get("/office/order-disputes").text
    assert "Tidak ada pesanan dalam sengketa" in page
