"""Two people settle or pay one thing at once. The control shows that naive code pays twice."""

from __future__ import annotations

import threading
from datetime import date
from functools import partial

import pytest
from sqlalchemy import func, select

from marketplace.db import db, unit_of_work
from marketplace.errors import Conflict, MarketplaceError
from marketplace.payments.models import JournalTransaction, Payable, Payment, PaymentMethod
from marketplace.payments.rules import NewPayment, PaymentVerb
from marketplace.payments.services import answer_payment, record_payment
from marketplace.permissions import Role
from marketplace.placements.models import Settlement, SettlementLine
from marketplace.placements.services.settled import confirm_settlement, dispute_line
from marketplace.placements.services.settling import issue_settlement, settle_until
from tests import factories as make
from tests.placements.test_settlements import TODAY, shop_with
from tests.support.together import at_once

OCTOBER = date(2026, 10, 31)


@pytest.fixture
def shop(app):
    found = shop_with()
    found.move("S1", "sale", 10, date(2026, 10, 12), 10_000)
    return found


def entries(kind):
    return db.session.scalar(select(func.count()).where(JournalTransaction.kind == kind))


def test_of_two_issues_of_one_cycle_at_once_one_happens(app, shop):
    draft = shop.draft().id
    act = partial(issue_settlement, actor=shop.buyer, settlement_id=draft)
    answers = at_once(app, act, act, act)
    assert sum(isinstance(answer, MarketplaceError) for answer in answers) == 2
    assert db.session.scalar(select(func.count()).select_from(SettlementLine)) == 1
    assert entries("issued") == 1
    assert db.session.scalars(select(Settlement.number)).all() == ["PS-2026-00001"]


def test_a_run_and_an_issue_at_once_settle_each_row_once(app, shop):
    draft = shop.draft().id
    answers = at_once(
        app,
        partial(issue_settlement, actor=shop.buyer, settlement_id=draft),
        partial(settle_until, OCTOBER, issue=True),
        partial(settle_until, OCTOBER, issue=True),
    )
    assert not any(
        isinstance(answer, Exception) and not isinstance(answer, MarketplaceError) for answer in answers
    )
    assert db.session.scalar(select(func.count()).select_from(SettlementLine)) == 1
    assert entries("issued") == 1


def payment_of(debt, amount, key):
    return NewPayment((debt.id,), amount, PaymentMethod.CASH, TODAY, key)


def test_of_two_payments_of_the_whole_at_once_one_is_taken(app, shop):
    debt = shop.payable(shop.issued())
    answers = at_once(
        app,
        *(
            partial(record_payment, actor=shop.buyer, payment=payment_of(debt, 80_000, key))
            for key in ("a", "b", "c")
        ),
    )
    assert sum(isinstance(answer, MarketplaceError) for answer in answers) == 2
    assert db.session.get_one(Payable, debt.id).paid_rupiah == 80_000


def test_one_payment_sent_twice_at_once_is_one(app, shop):
    debt = shop.payable(shop.issued())
    act = partial(record_payment, actor=shop.buyer, payment=payment_of(debt, 30_000, "same"))
    answers = at_once(app, act, act, act)
    assert {answer.id for answer in answers} == {answers[0].id}
    assert db.session.get_one(Payable, debt.id).paid_rupiah == 30_000
    assert entries("paid") == 1


def test_one_key_for_two_bills_at_once_pays_one(app, shop):
    shop.move("S0", "sale", 1, date(2026, 9, 12), 10_000)
    settle_until(OCTOBER, issue=True)
    first, second = db.session.scalars(select(Payable).order_by(Payable.id)).all()
    answers = at_once(
        app,
        partial(record_payment, actor=shop.buyer, payment=payment_of(first, 5_000, "same")),
        partial(record_payment, actor=shop.buyer, payment=payment_of(second, 5_000, "same")),
    )
    assert sum(isinstance(answer, Conflict) for answer in answers) == 1
    assert db.session.scalar(select(func.sum(Payable.paid_rupiah))) == 5_000


def test_confirming_twice_and_denying_at_once_does_one_of_them(app, shop):
    row = shop.issued()
    made = shop.pay(row, 80_000)
    confirm = partial(answer_payment, actor=shop.maker, payment_id=made.id, verb=PaymentVerb.CONFIRM)
    deny = partial(
        answer_payment, actor=shop.maker, payment_id=made.id, verb=PaymentVerb.DENY, reason="tidak"
    )
    at_once(app, confirm, deny, confirm)
    debt, payment = shop.payable(row), db.session.get_one(Payment, made.id)
    if payment.state == "confirmed":
        assert (debt.paid_rupiah, debt.confirmed_rupiah) == (80_000, 80_000)
    else:
        assert (payment.state, debt.paid_rupiah, debt.confirmed_rupiah) == ("denied", 0, 0)
    assert entries("confirmed") + entries("denied") == 1


def test_confirming_and_disputing_and_paying_at_once_leaves_books_that_agree(app, shop):
    row = shop.issued()
    (line,) = shop.lines(row)
    other = make.member(Role.SELLER_OWNER, seller_id=shop.seller.id)
    debt = shop.payable(row)
    at_once(
        app,
        partial(confirm_settlement, actor=other, settlement_id=row.id),
        partial(
            dispute_line, actor=shop.maker, settlement_id=row.id, movement_id=line.movement_id,
            claimed_rupiah=0, reason="x",
        ),
        partial(record_payment, actor=shop.buyer, payment=payment_of(debt, 80_000, "k")),
    )  # fmt: skip
    debt = shop.payable(row)
    assert debt.paid_rupiah <= debt.amount_rupiah


@pytest.mark.corrupts
def test_control_paying_what_was_read_before_the_lock_pays_twice(app, shop):
    debt = shop.payable(shop.issued())
    both_have_read = threading.Barrier(2)

    def naively():
        left = db.session.get_one(Payable, debt.id).open_rupiah
        db.session.rollback()
        both_have_read.wait(timeout=30)
        if left < 80_000:
            return "refused"
        with unit_of_work() as session:
            session.add(
                Payment(
                    idempotency_key=str(threading.get_ident()), content_hash="", operator_id=debt.operator_id,
                    seller_id=debt.seller_id, method="cash", amount_rupiah=80_000, paid_on=TODAY,
                    state="denied", recorded_at=debt.created_at,
                )
            )  # fmt: skip
        return "paid"

    assert at_once(app, naively, naively) == ["paid", "paid"]
