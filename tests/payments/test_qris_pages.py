"""QRIS as a seller enters it and as a buyer pays by it: claimed paid until somebody says that it came."""

from __future__ import annotations

from datetime import date
from io import BytesIO

import pytest
import segno
from flask import Flask
from PIL import Image
from sqlalchemy import update

from marketplace.db import db, unit_of_work
from marketplace.errors import Conflict, Forbidden, InvalidInput
from marketplace.legal import LegalParameter
from marketplace.payments.models import Payment, SellerQris
from marketplace.payments.reference import QRIS_LIMIT
from marketplace.payments.scanning import text_in_photo
from marketplace.payments.services.qris import release_number, remove_qris, set_qris
from marketplace.permissions import Role
from tests import factories as make
from tests.payments.support import Pair, key_in, page_of, photo, text_of
from tests.payments.test_qris import STATIC, WITH_25_000, built
from tests.support.signing import sign_in


@pytest.fixture
def pair(app: Flask) -> Pair:
    """A bill of 25,000 of a seller that has a code."""
    found = Pair()
    found.bill(25_000)
    set_qris(actor=found.seller, payload=STATIC, is_own=True, version=0)
    return found


def picture_of(*texts):
    sheet = Image.new("L", (900 * len(texts), 900), "white")
    for place, text in enumerate(texts):
        out = BytesIO()
        segno.make(text, error="m").save(out, kind="png", scale=6, border=4)
        sheet.paste(Image.open(out), (900 * place + 20, 20))
    out = BytesIO()
    sheet.save(out, "PNG")
    return out.getvalue()


def test_a_photo_is_read_and_a_photo_without_one_code_is_refused(app):
    assert text_in_photo(picture_of(STATIC)) == STATIC
    for content in (photo(), picture_of(STATIC, "lain"), b"", b"<svg/>", picture_of(STATIC)[:400]):
        with pytest.raises(InvalidInput) as refused:
            text_in_photo(content)
        assert "file" in refused.value.fields


def test_only_the_seller_enters_its_own_code_and_nobody_anothers(pair):
    stranger = Pair()
    with pytest.raises(InvalidInput) as taken:
        set_qris(actor=stranger.seller, payload=STATIC, is_own=True, version=0)
    assert taken.value.details["why"] == "other_seller"
    for actor in (pair.buyer, make.member(Role.SELLER_STAFF, seller_id=pair.maker.id), make.officer()):
        with pytest.raises(Forbidden):
            set_qris(actor=actor, payload=STATIC, is_own=True, version=1)
    with pytest.raises(InvalidInput) as unsaid:
        set_qris(actor=pair.seller, payload=STATIC, is_own=False, version=1)
    assert "is_own" in unsaid.value.fields


def test_the_platform_frees_a_number_for_its_owner(app, pair):
    admin = make.member(Role.ADMIN)
    client, path = sign_in(app.test_client(), admin), "/payments/qris/numbers"
    assert path in page_of(client, "/payments")
    data = {"nmid": "id0000000000001", "reason": "Milik usaha lain"}
    assert "Tidak ada usaha" in client.post(path, data=data | {"nmid": "ID1"}).text
    assert pair.maker.name in client.post(path, data=data, follow_redirects=True).text
    owner = Pair()
    set_qris(actor=owner.seller, payload=STATIC, is_own=True, version=0)
    with pytest.raises(Forbidden):
        release_number(actor=owner.seller, nmid="ID0000000000001", reason="x")
    assert sign_in(app.test_client(), make.officer()).get(path).status_code == 403


def test_two_people_do_not_overwrite_each_others_code(pair):
    with pytest.raises(Conflict):
        set_qris(actor=pair.seller, payload=built({"60": "SOLO"}), is_own=True, version=0)
    assert set_qris(actor=pair.seller, payload=built({"60": "SOLO"}), is_own=True, version=1).version == 2
    with pytest.raises(Conflict):
        remove_qris(actor=pair.seller, version=1)
    remove_qris(actor=pair.seller, version=2)
    remove_qris(actor=pair.seller, version=2)
    db.session.rollback()
    assert db.session.query(SellerQris).count() == 0


def test_a_seller_that_took_another_over_may_use_its_code(app, pair):
    keeper = Pair()
    with unit_of_work() as session:
        session.get_one(make.Seller, pair.maker.id).merged_into_id = keeper.maker.id
    row = set_qris(actor=keeper.seller, payload=STATIC, is_own=True, version=0)
    assert row.seller_id == keeper.maker.id
    buyer = sign_in(app.test_client(), pair.buyer)
    bill = pair.payables()["invoice"]
    assert "KERIPIK TEMPE CONTOH" in page_of(buyer, f"/payments/qris/pay?bills={bill.id}")


def test_a_seller_enters_it_by_photo_and_sees_what_buyers_see(app):
    pair = Pair()
    client = sign_in(app.test_client(), pair.seller)
    assert "Masukkan QRIS" in page_of(client, "/payments/qris")
    refused = client.post("/payments/qris", data={"payload": "halo", "is_own": "y", "version": "0"})
    assert "terpotong atau berubah" in refused.get_data(as_text=True)
    assert "halo" in refused.get_data(as_text=True)
    data = {"file": (BytesIO(picture_of(STATIC)), "qris.png"), "is_own": "y", "version": "0"}
    answer = client.post("/payments/qris", data=data, content_type="multipart/form-data")
    assert answer.status_code == 302
    assert "ID0000000000001" in page_of(client, "/payments/qris")
    assert client.post("/payments/qris/remove", data={"version": "9" * 5000}).status_code == 409
    assert client.post("/payments/qris/remove", data={"version": "1"}).status_code == 302
    assert "Masukkan QRIS" in page_of(client, "/payments/qris")


def test_a_buyer_sees_the_code_with_the_amount_and_its_payment_waits_for_the_seller(app, pair):
    bill = pair.payables()["invoice"]
    client = sign_in(app.test_client(), pair.buyer)
    shown = page_of(client, f"/payments/qris/pay?bills={bill.id}")
    assert "KERIPIK TEMPE CONTOH" in shown
    assert "<svg" in shown
    png = client.get(f"/payments/qris/pay.png?bills={bill.id}").data
    assert text_in_photo(png) == WITH_25_000
    key = key_in(shown)
    said = {"key": key, "bills": str(bill.id), "amount_rupiah": "25000"}
    assert client.post("/payments/qris/pay", data=said).status_code == 302
    assert client.post("/payments/qris/pay", data=said).status_code in {302, 404}
    db.session.rollback()
    payment = db.session.query(Payment).one()
    assert (payment.method, payment.state, payment.amount_rupiah) == ("qris", "reported", 25_000)
    assert pair.balances() == {"transit": 25_000, "sales": -25_000}
    assert "Menunggu konfirmasi penjual" in text_of(page_of(client, f"/payments/{payment.id}"))


def test_no_code_for_more_than_one_transaction_carries_or_than_is_owed(app, pair):
    with unit_of_work() as session:
        session.execute(update(LegalParameter).where(LegalParameter.key == QRIS_LIMIT).values(value=20_000))
    bill = pair.payables()["invoice"]
    client = sign_in(app.test_client(), pair.buyer)
    assert "Bayar Rp20.000 dengan QRIS" in text_of(page_of(client, f"/payments/qris/pay?bills={bill.id}"))
    for amount in (20_001, 25_001):
        shown = page_of(client, f"/payments/qris/pay?bills={bill.id}&amount={amount}")
        assert "tidak bisa dibayar sekali" in shown
        assert '<svg class="qr"' not in shown
    assert client.get(f"/payments/qris/pay.png?bills={bill.id}&amount=25001").status_code == 409
    with unit_of_work() as session:
        session.execute(
            update(LegalParameter).where(LegalParameter.key == QRIS_LIMIT).values(value=10_000_000)
        )


def test_strangers_see_no_code(app, pair):
    bill = pair.payables()["invoice"]
    stranger = sign_in(app.test_client(), Pair().buyer)
    assert stranger.get(f"/payments/qris/pay?bills={bill.id}").status_code == 404
    assert stranger.get(f"/payments/qris/pay.png?bills={bill.id}").status_code == 404
    other = Pair()
    other.bill(1_000)
    owner = sign_in(app.test_client(), other.buyer)
    assert owner.get(f"/payments/qris/pay?bills={other.payables()['invoice'].id}").status_code == 404


def test_the_limit_has_a_day_and_a_source(app):
    row = db.session.query(LegalParameter).filter_by(key=QRIS_LIMIT).one()
    assert (row.value, row.is_verified) == (10_000_000, False)
    assert row.valid_from < date(2026, 1, 1)
    assert "Xendit" in row.citation
