"""Money that goes back by hand: sent with its proof, and gone only when the buyer says that it came."""

from __future__ import annotations

from io import BytesIO

import pytest
from flask import Flask

from marketplace.backends.storage import current_storage
from marketplace.db import db
from marketplace.errors import Forbidden, InvalidInput, NotFound, RuleBroken
from marketplace.payments.models import PaymentMethod
from marketplace.payments.rules.returning import RefundVerb
from marketplace.payments.services import answer_refund, send_refund
from marketplace.permissions import Role
from tests import factories as make
from tests.payments.support import Pair, page_of, photo, text_of
from tests.support.signing import sign_in


@pytest.fixture
def pair(app: Flask) -> Pair:
    """An advance of 25,000 was paid, and its order was cancelled."""
    found = Pair()
    found.ask(60_000)
    found.pay("advance", 25_000, confirm=True)
    found.withdraw()
    return found


def send(pair, actor=None, method=PaymentMethod.BANK_TRANSFER, proof=b""):
    return send_refund(
        actor=actor or pair.seller,
        refund_id=pair.refund_rows()[0].id,
        method=method,
        proof=proof if proof != b"" else photo(),
    )


def answer(pair, verb, reason="", actor=None):
    found = pair.refund_rows()[0].id
    return answer_refund(actor=actor or pair.buyer, refund_id=found, verb=verb, reason=reason)


def test_money_has_gone_back_once_the_buyer_says_so(pair):
    send(pair)
    assert pair.balances() == {"received": 25_000, "refunds": -25_000}
    answer(pair, RefundVerb.CONFIRM)
    answer(pair, RefundVerb.CONFIRM)
    assert (pair.balances(), pair.refunds()) == ({}, [("done", 25_000)])


def test_a_buyer_that_got_nothing_says_so_and_the_seller_sends_again(pair):
    send(pair)
    with pytest.raises(InvalidInput):
        answer(pair, RefundVerb.DENY)
    answer(pair, RefundVerb.DENY, "Belum ada di rekening")
    row = pair.refund_rows()[0]
    assert (row.state, row.failure) == ("due", "Belum ada di rekening")
    old = row.proof_key
    assert current_storage().get(old)
    send(pair, method=PaymentMethod.CASH, proof=None)
    with pytest.raises(LookupError):
        current_storage().get(old)
    answer(pair, RefundVerb.CONFIRM)
    assert pair.balances() == {}


def test_a_transfer_wants_its_proof_and_only_cash_and_transfer_go_by_hand(pair):
    with pytest.raises(InvalidInput) as missing:
        send(pair, proof=None)
    assert "file" in missing.value.fields
    with pytest.raises(InvalidInput):
        send(pair, method=PaymentMethod.QRIS)


def test_each_side_does_its_own_part_in_its_turn(pair):
    with pytest.raises(RuleBroken, match="belum dikirim"):
        answer(pair, RefundVerb.CONFIRM)
    with pytest.raises(Forbidden):
        send(pair, actor=pair.buyer)
    with pytest.raises(Forbidden):
        send(pair, actor=make.member(Role.SELLER_STAFF, seller_id=pair.maker.id))
    send(pair)
    with pytest.raises(Forbidden):
        answer(pair, RefundVerb.CONFIRM, actor=pair.seller)
    stranger = Pair()
    for actor in (stranger.buyer, stranger.seller):
        with pytest.raises(NotFound):
            answer(pair, RefundVerb.CONFIRM, actor=actor)


def test_what_waits_cannot_be_sent_yet(app):
    pair = Pair()
    pair.ask(60_000)
    pair.pay("advance", 25_000)
    pair.withdraw()
    with pytest.raises(RuleBroken) as refused:
        send(pair)
    assert refused.value.code == "refund_waiting"


def test_the_two_sides_click_it_through(app, pair):
    key = pair.refund_rows()[0].id
    path = f"/payments/refunds/{key}"
    seller, buyer = sign_in(app.test_client(), pair.seller), sign_in(app.test_client(), pair.buyer)
    assert "1 pembayaran harus Anda kembalikan" in text_of(page_of(seller, "/payments/refunds"))
    refused = seller.post(f"{path}/send", data={"method": "bank_transfer"}).get_data(as_text=True)
    assert "Lampirkan bukti transfer" in refused
    data = {"method": "bank_transfer", "file": (BytesIO(photo()), "bukti.jpg")}
    assert seller.post(f"{path}/send", data=data, content_type="multipart/form-data").status_code == 302
    assert "Menunggu jawaban pembeli" in text_of(page_of(seller, path))
    assert "menunggu jawaban Anda" in text_of(page_of(buyer, "/payments/refunds?state=sent"))
    assert buyer.get(f"{path}/proof").mimetype == "image/jpeg"
    assert "Tulis alasannya" in buyer.post(f"{path}/deny", data={}).get_data(as_text=True)
    assert buyer.post(f"{path}/confirm").status_code == 302
    assert "Sudah kembali" in text_of(page_of(buyer, path))
    assert b"25000" in buyer.get("/payments/refunds?format=csv").data
    stranger = sign_in(app.test_client(), Pair().buyer)
    assert stranger.get(path).status_code == 404
    assert stranger.get(f"{path}/proof").status_code == 404
    assert "Tidak ada uang yang harus kembali" in text_of(page_of(stranger, "/payments/refunds"))
    db.session.rollback()
