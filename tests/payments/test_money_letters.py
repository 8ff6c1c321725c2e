"""Both sides hear once of money that a provider brought, and of money that goes back; whatever is retried."""

from __future__ import annotations

from collections import Counter

import pytest

from marketplace import mailing, outbox
from marketplace.accounts.models import User
from marketplace.db import db, unit_of_work
from marketplace.organizations.models import OfficeBuyer
from marketplace.payments.models import PaymentMethod, Refund
from marketplace.payments.rules.returning import RefundVerb
from marketplace.payments.services.charges import look_at
from marketplace.payments.services.refunds import answer_refund, send_refund
from marketplace.payments.services.sweeping import sweep
from marketplace.permissions import Role
from tests import factories as make
from tests.payments.online import Buyer
from tests.payments.support import Pair


@pytest.fixture
def post(app):
    """The subjects that somebody was sent since it was last asked, with how often."""

    def read(*actors) -> list[Counter[str]]:
        outbox.drain()
        sent = app.extensions[mailing.EXTENSION].sent
        found = [Counter(one["Subject"] for one in sent if one["To"] == _address(actor)) for actor in actors]
        sent.clear()
        return found

    return read


def _address(actor) -> str:
    return str(db.session.get_one(User, actor.user_id).email)


def test_what_a_provider_captured_is_told_once_however_often_it_is_told(stripe, post):
    buyer = Buyer(stripe)
    charge = buyer.start()
    event = stripe.pay(charge.provider_ref)
    for _turn in range(3):
        buyer.tell(event)
        look_at(charge.id)
        sweep()
    first, second = buyer.pairs
    to_first, to_second, to_buyer = post(first.seller, second.seller, buyer.actor)
    name, one, other = first.operator.name, first.maker.name, second.maker.name
    assert to_first == {f"{name} sudah membayar Rp100.000": 1}
    assert to_second == {f"{name} sudah membayar Rp55.000": 1}
    assert to_buyer == {
        f"Pembayaran Rp100.000 kepada {one} sudah masuk": 1,
        f"Pembayaran Rp55.000 kepada {other} sudah masuk": 1,
    }


def test_what_goes_back_through_a_provider_is_told_when_it_is_due_and_when_it_is_done(stripe, post):
    buyer = Buyer(stripe, 100_000)
    buyer.paid()
    (pair,) = buyer.pairs
    post(pair.seller, buyer.actor)
    pair.withdraw()
    for _turn in range(3):
        sweep()
    to_seller, to_buyer = post(pair.seller, buyer.actor)
    assert to_seller == {
        f"Rp100.000 harus kembali kepada {pair.operator.name}": 1,
        f"Rp100.000 sudah kembali kepada {pair.operator.name}": 1,
    }
    assert to_buyer == {
        f"Rp100.000 dari {pair.maker.name} akan kembali kepada Anda": 1,
        f"Rp100.000 dari {pair.maker.name} sudah kembali kepada Anda": 1,
    }


def test_what_goes_back_by_hand_is_told_once_though_it_was_denied_and_confirmed_twice(app, post):
    pair = Pair()
    pair.ask(80_000)
    pair.pay("advance", 80_000, confirm=True)
    post()
    pair.withdraw()
    outbox.drain()
    letters = {one["To"]: one.get_content() for one in app.extensions[mailing.EXTENSION].sent}
    assert "lalu catat di Etalase bahwa sudah dikirim." in letters[_address(pair.seller)]
    assert "Alasan: Batal" in letters[_address(pair.buyer)]
    assert [sum(found.values()) for found in post(pair.seller, pair.buyer)] == [1, 1]
    refund_id = db.session.query(Refund.id).scalar()
    send_refund(actor=pair.seller, refund_id=refund_id, method=PaymentMethod.CASH)
    answer_refund(actor=pair.buyer, refund_id=refund_id, verb=RefundVerb.DENY, reason="Belum ada.")
    send_refund(actor=pair.seller, refund_id=refund_id, method=PaymentMethod.CASH)
    for _turn in range(2):
        answer_refund(actor=pair.buyer, refund_id=refund_id, verb=RefundVerb.CONFIRM)
    to_seller, to_buyer = post(pair.seller, pair.buyer)
    assert to_seller == {f"Rp80.000 sudah kembali kepada {pair.operator.name}": 1}
    assert to_buyer == {f"Rp80.000 dari {pair.maker.name} sudah kembali kepada Anda": 1}


def test_the_head_of_an_office_hears_of_what_the_office_paid(stripe, post):
    buyer = Buyer(stripe, 100_000)
    head, officer = make.officer(Role.HEAD), make.officer()
    with unit_of_work() as session:
        session.add(OfficeBuyer(office_id=head.office_id, operator_id=buyer.pairs[0].operator.id))
    buyer.paid()
    to_head, to_officer = post(head, officer)
    assert sum(to_head.values()) == 1
    assert not to_officer
