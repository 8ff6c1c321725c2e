"""The audit of what a provider carried: silent while all rows agree, and it names what does not."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from marketplace import clock
from marketplace.db import unit_of_work
from marketplace.payments.audit import differences
from marketplace.payments.services.payouts import NewPayout, record_payout
from marketplace.permissions import Role
from tests import factories as make
from tests.payments.online import Buyer
from tests.payments.support import Pair

BROKEN = [
    ("UPDATE refunds SET ref = 'elsewhere'", "nothing says that its money goes back"),
    ("UPDATE charge_items SET amount_rupiah = amount_rupiah - 1 WHERE outcome = 'returned'", "asks for"),
    ("UPDATE charge_items SET outcome = NULL WHERE outcome = 'returned'", "are decided"),
    ("UPDATE charge_items SET lost_rupiah = 7 WHERE outcome = 'paid'", "less 7 lost, payments say"),
    ("UPDATE charges SET refunded_rupiah = refunded_rupiah + 1", "refunded and 0 lost, rows say"),
    ("UPDATE charges SET fee_rupiah = fee_rupiah + 1", "gone; the journal says"),
    ("UPDATE provider_events SET outcome = ''", "nothing says what came of it"),
    ("UPDATE payouts SET amount_rupiah = amount_rupiah + 1", "is of the money of"),
    ("UPDATE journal_accounts SET balance_rupiah = balance_rupiah + 1 WHERE kind = 'held'", "held, rows say"),
]


@pytest.mark.corrupts
def test_each_thing_that_is_kept_of_a_charge_is_computed_again(app, stripe):
    buyer = Buyer(stripe)
    late = Pair(operator=buyer.pairs[0].operator)
    late.ask(20_000)
    charge = buyer.start(*buyer.bills, late.payables()["advance"].id)
    late.withdraw()
    assert buyer.tell(stripe.pay(charge.provider_ref)) == "applied"
    paid_out = NewPayout(buyer.pairs[0].maker.id, 40_000, clock.today(), "BCA 1", "kunci")
    record_payout(actor=make.member(Role.ADMIN), payout=paid_out)
    assert list(differences()) == []
    for statement, words in BROKEN:
        with unit_of_work() as session:
            session.execute(text(statement))
        told = "\n".join(differences())
        assert words in told, (statement, told)
