"""What tests of payments by hand share."""

from __future__ import annotations

import itertools
import re
from datetime import date
from io import BytesIO

from PIL import Image
from sqlalchemy import select

from marketplace.db import db, unit_of_work
from marketplace.payments.models import JournalAccount, Payable, PaymentMethod, Refund
from marketplace.payments.rules import NewPayment, PaymentVerb
from marketplace.payments.services import (
    AdvanceAsked,
    Billed,
    Credited,
    answer_payment,
    ask_advance,
    bill,
    credit,
    record_payment,
    withdraw_advance,
)
from marketplace.permissions import SYSTEM, Role
from tests import factories as make

TODAY = date(2026, 11, 22)
_keys = itertools.count(1)
_shares = itertools.count(7)


class Pair:
    """A buyer, a seller, and one share of an order between them."""

    def __init__(self, maker=None, operator=None) -> None:
        self.maker, self.operator = maker or make.seller(), operator or make.operator()
        self.seller = make.member(Role.SELLER_OWNER, seller_id=self.maker.id)
        self.buyer = make.member(Role.BUYER_MANAGER, operator_id=self.operator.id)
        self.share = next(_shares)

    def ask(self, amount):
        with unit_of_work() as session:
            asked = AdvanceAsked(self.share, "PO/2026/0001", self.operator.id, self.maker.id, amount, TODAY)
            ask_advance(session, asked, actor=SYSTEM)

    def withdraw(self):
        with unit_of_work() as session:
            return withdraw_advance(session, self.share, reason="Batal", actor=SYSTEM)

    def bill(self, total, tax=0, due_on=TODAY):
        with unit_of_work() as session:
            number = f"NT-{self.share}"
            said = Billed(self.share, number, self.operator.id, self.maker.id, total, tax, due_on)
            return bill(session, said, actor=SYSTEM)

    def credit(self, total, tax=0, number=1):
        with unit_of_work() as session:
            note = Credited(self.share, number, total, tax, "Pecah")
            return credit(session, note, actor=SYSTEM)

    def payables(self):
        db.session.rollback()
        query = select(Payable).where(Payable.document_id == self.share).order_by(Payable.id)
        return {row.kind: row for row in db.session.scalars(query)}

    def pay(self, kind, amount, confirm=False, method=PaymentMethod.CASH, **more):
        payable = self.payables()[kind]
        proof = more.pop("proof", None)
        said = NewPayment((payable.id,), amount, method, more.pop("on", TODAY), f"k{next(_keys)}", **more)
        row = record_payment(actor=self.buyer, payment=said, proof=proof)
        if confirm:
            self.answer(row, PaymentVerb.CONFIRM)
        return row

    def answer(self, row, verb):
        actor = self.buyer if verb is PaymentVerb.TAKE_BACK else self.seller
        return answer_payment(actor=actor, payment_id=row.id, verb=verb, reason="Sebab")

    def refunds(self):
        return [(row.state, row.amount_rupiah) for row in self.refund_rows()]

    def refund_rows(self):
        db.session.rollback()
        query = select(Refund).where(Refund.operator_id == self.operator.id).order_by(Refund.id)
        return list(db.session.scalars(query))

    def balances(self):
        db.session.rollback()
        query = select(JournalAccount.kind, JournalAccount.balance_rupiah).where(
            JournalAccount.operator_id == self.operator.id
        )
        return {kind: amount for kind, amount in db.session.execute(query) if amount}


def photo() -> bytes:
    """A small picture, as proof."""
    picture = BytesIO()
    Image.new("RGB", (60, 40), "white").save(picture, "JPEG")
    return picture.getvalue()


def page_of(client, path):
    """A page that must be there."""
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    return answer.get_data(as_text=True)


def text_of(html):
    """A page's words."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def key_in(html):
    """The key of the form on a page."""
    found = re.search(r'name="key"[^>]*value="([^"]+)"', html)
    assert found is not None
    return found[1]
