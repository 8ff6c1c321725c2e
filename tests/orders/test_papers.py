"""Papers of orders: what stands on them, who may read them, many at once, the bookkeeper's file."""

from __future__ import annotations

import re
import zipfile
from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO

import pytest
from sqlalchemy import select

from marketplace import clock, documents
from marketplace.db import db
from marketplace.orders.documents.papers import PaperKind
from marketplace.orders.models import Invoice, PaymentReceipt, Shipment
from marketplace.orders.services.approval import approve
from marketplace.orders.services.checkout import place
from marketplace.orders.services.claims import accept_claim
from marketplace.orders.services.tax import say_pkp
from marketplace.payments.models import PaymentMethod
from marketplace.payments.rules import NewPayment, PaymentVerb
from marketplace.payments.services import answer_payment, record_payment
from marketplace.permissions import Role
from tests import factories as make
from tests.orders.made import pay, payables_of, received, shipped
from tests.orders.parcel_support import hamper_of
from tests.orders.support import (
    Trade,
    buyable,
    draft_of,
    draft_part,
    limit,
    orders_of,
    shares_of,
    trade_of,
)
from tests.orders.test_claims import claim_on
from tests.placements.test_settlements import shop_with
from tests.support.signing import sign_in


@pytest.fixture
def plain(monkeypatch):
    """Papers as the HTML that is laid out."""
    monkeypatch.setattr(documents, "pdf", lambda html: html.encode())


def text_of(answer):
    assert answer.status_code == 200, answer.status_code
    html = re.sub(r"<style>.*?</style>", "", answer.get_data(as_text=True), flags=re.S)
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def paper(client, order, kind):
    return text_of(client.get(f"/orders/{order.order_ref}/papers/{kind}.pdf"))


def test_every_paper_of_an_order_of_a_seller_that_is_not_pkp(app, plain, trade):
    order = received(trade, 10, damaged=2)
    payment = pay(trade, order)
    claim = claim_on(trade, order, 1)
    accept_claim(actor=trade.maker, claim_id=claim.id, granted=1, answer="Benar sobek.")
    client = sign_in(app.test_client(), trade.buyer)
    number = order.number
    said = paper(client, order, "order")
    for words in ("Surat pesanan", number, "Rukun Mart", "Dapur Contoh", "Keripik tempe", "Rp150.000"):
        assert words in said, words
    assert "seratus lima puluh ribu rupiah" in said
    note = paper(client, order, "delivery")
    for words in ("Surat jalan", "SJ/2026/0001", "L1", "Pak Joko", "Barang beli putus"):
        assert words in note, words
    bill = paper(client, order, "invoice")
    for words in ("Nota tagihan", "INV/2026/0001", "Rp120.000", "seratus dua puluh ribu rupiah", "tanpa PPN"):
        assert words in bill, words
    assert "bukan faktur pajak" in bill
    assert "DPP" not in bill
    receipt = paper(client, order, "receipt")
    for words in (
        "Kuitansi",
        "KW/2026/0001",
        "seratus dua puluh ribu rupiah",
        "INV/2026/0001",
        number,
        "Tunai",
    ):
        assert words in receipt, words
    assert receipt == text_of(client.get(f"/receipts/{payment.id}.pdf"))
    credit = paper(client, order, "credit")
    for words in ("Nota kredit", "Mengurangi nota tagihan INV/2026/0001", "lima belas ribu rupiah"):
        assert words in credit, words
    assert client.get(f"/orders/{order.order_ref}/papers/card.pdf").status_code == 404
    assert client.get(f"/orders/{order.order_ref}/papers/nonsense.pdf").status_code == 404


def test_a_receipt_names_all_that_was_paid_with_it(app, plain):
    shop = shop_with()
    trade = Trade(
        shop.seller, buyable(shop.seller), shop.operator, shop.outlet, shop.maker, shop.buyer, shop.buyer
    )
    shop.move("S1", "sale", 3, date(2026, 9, 12), 10_000)
    settled = shop.issued()
    bills = [shop.payable(settled), payables_of(received(trade))[0]]
    rupiah = sum(bill.open_rupiah for bill in bills)
    ids = tuple(bill.id for bill in bills)
    said = NewPayment(ids, rupiah, PaymentMethod.CASH, clock.today(), "k1")
    payment = record_payment(actor=trade.buyer, payment=said)
    answer_payment(actor=trade.maker, payment_id=payment.id, verb=PaymentVerb.CONFIRM)
    receipt = text_of(sign_in(app.test_client(), trade.buyer).get(f"/receipts/{payment.id}.pdf"))
    assert f"Nota tagihan {settled.bill_number}, Rp24.000" in receipt
    assert "INV/2026/0001, pesanan PO/2026/0001, Rp150.000" in receipt
    assert "Rp174.000" in receipt


def test_a_pkp_sellers_invoice_names_base_rate_and_rounding(app, plain):
    trade = trade_of(price_rupiah=32)
    say_pkp(actor=trade.maker, is_pkp=True, valid_from=clock.today(), reference="PEM-1")
    order = received(trade, 1)
    bill = paper(sign_in(app.test_client(), trade.maker), order, "invoice")
    for words in (
        "DPP nilai lain 11/12 Rp29",
        "PPN 12 % dari DPP Rp4",
        "Jumlah tagihan Rp36",
        "dibulatkan sekali",
    ):
        assert words in bill, words
    assert "bukan faktur pajak" in bill


def test_a_parcels_papers_say_what_is_in_it_and_whose_the_money_is(app, plain):
    hamper = hamper_of()
    trade = hamper.trade
    order = received(trade, 100)
    assert [share.billed_rupiah for share in shares_of(order)] == [6_000_000, 9_000_000]
    client = sign_in(app.test_client(), trade.maker)
    bill = paper(client, order, "invoice")
    for words in ("2 toples Kue kering nastar, Roti Mekar", "Dibayar kepada", "Roti Mekar Rp9.000.000"):
        assert words in bill, words
    assert "1 kotak Teh melati, Dapur Contoh" in paper(client, order, "delivery")


def test_cards_are_printed_once_for_each_parcel(app, plain):
    hamper = hamper_of()
    trade = hamper.trade
    part = draft_part(trade.seller.id, [(trade.product.id, 3)], outlet_id=trade.outlet.id)
    part = replace(part, lines=[replace(part.lines[0], card_text="Selamat 🎉hari raya 👨‍👩‍👧❤️")])
    (order,) = orders_of(place(actor=trade.buyer, draft=draft_of(part)))
    said = paper(sign_in(app.test_client(), trade.maker), order, "card")
    assert said.count("Selamat hari raya Dari Rukun Mart") == 3


def test_strangers_and_those_who_may_not_see_orders_read_no_paper(app, plain, trade):
    order = received(trade)
    payment = pay(trade, order)
    other = make.member(Role.SELLER_OWNER, seller_id=make.seller().id)
    far = make.officer(region_code="33.74")
    paths = [f"/orders/{order.order_ref}/papers/{kind}.pdf" for kind in PaperKind]
    paths += [f"/receipts/{payment.id}.pdf", f"/orders/papers.pdf?kind=order&order={order.order_ref}"]
    for actor in (other, far, make.member(Role.BUYER_OWNER, operator_id=make.operator().id)):
        client = sign_in(app.test_client(), actor)
        for path in paths:
            assert client.get(path).status_code == 404, path
    near = sign_in(app.test_client(), make.officer())
    assert near.get(paths[0]).status_code == 200
    assert near.get(f"/receipts/{payment.id}.pdf").status_code == 200
    assert app.test_client().get(paths[0]).status_code in {302, 401}


def test_an_order_that_waits_for_approval_has_no_papers(app, plain, trade):
    limit(trade.operator, 1)
    order = trade.order(actor=trade.staff)
    client = sign_in(app.test_client(), trade.buyer)
    assert client.get(f"/orders/{order.order_ref}/papers/order.pdf").status_code == 404


def test_the_books_count_an_order_on_the_day_they_write_beside_it(app, trade):
    limit(trade.operator, 1)
    order = trade.order(actor=trade.staff)
    with clock.frozen(clock.now() + timedelta(days=1)):
        approve(actor=trade.buyer, checkout_id=order.checkout_id)
        client = sign_in(app.test_client(), trade.maker)
        days = [clock.today() - timedelta(days=1), clock.today()]
        files = [
            client.get(f"/orders/books?format=csv&table=orders&from={day}&to={day}").text for day in days
        ]
    assert "PO/2026/0001" not in files[0]
    assert f"PO/2026/0001,{days[1]}" in files[1]


def test_papers_of_several_orders_come_in_one_file(app, trade):
    orders = [received(trade), received(trade), shipped(trade)]
    client = sign_in(app.test_client(), trade.maker)
    page = client.get("/orders/print?kind=delivery").get_data(as_text=True)
    assert page.count('name="order"') == 3
    chosen = "&".join(f"order={one.order_ref}" for one in orders)
    answer = client.get(f"/orders/papers.pdf?kind=invoice&{chosen}")
    assert answer.data[:5] == b"%PDF-"
    assert "invoice-2" in answer.headers["Content-Disposition"]
    assert client.get("/orders/papers.pdf?kind=invoice").status_code == 422
    many = "&".join(f"order=R{n}" for n in range(51))
    assert client.get(f"/orders/papers.pdf?kind=invoice&{many}").status_code == 422
    for query in ("kind=delivery&q=rukun", "kind=order", "kind=nonsense", "page=99"):
        assert 'name="order"' in client.get(f"/orders/print?{query}").text
    for query in ("q=tidakada", "q=%25"):
        assert "Tidak ada yang cocok" in client.get(f"/orders/print?{query}").text
    assert client.get("/orders/papers.pdf?kind=order&order=%00").status_code == 404


def test_the_list_to_print_says_what_an_invoice_bills_and_not_what_was_ordered(app, trade):
    received(trade, 10, short=1)
    page = sign_in(app.test_client(), trade.maker).get("/orders/print?kind=invoice").text
    assert "Rp135.000" in page
    assert "Rp150.000" not in page


def test_anyone_who_holds_a_paper_may_compare_it(app, trade):
    order = received(trade)
    payment = pay(trade, order)
    claim = claim_on(trade, order, 1)
    accept_claim(actor=trade.maker, claim_id=claim.id, granted=1)
    db.session.rollback()
    client = app.test_client()
    invoice = db.session.scalars(select(Invoice)).one()
    shipment = db.session.scalars(select(Shipment)).one()
    receipt = db.session.scalars(select(PaymentReceipt)).one()
    for code, words in (
        (order.order_ref, order.number), (invoice.code, "INV/2026/0001"), (shipment.code, "SJ/2026/0001"),
        (receipt.code, "KW/2026/0001"), (invoice.code, "Dikurangi nota kredit"),
    ):  # fmt: skip
        assert words in client.get(f"/verify/{code}").get_data(as_text=True), words
    for nobodys in ("ABCDEFGH", "%00"):
        assert client.get(f"/verify/{nobodys}").status_code == 404
    answer_payment(actor=trade.maker, payment_id=payment.id, verb=PaymentVerb.REVERSE, reason="Salah orang")
    assert "kemudian dibatalkan" in client.get(f"/verify/{receipt.code}").get_data(as_text=True)


def test_receipts_are_numbered_without_gaps_and_once_for_each_payment(app, trade):
    orders = [received(trade), received(trade)]
    first, second = (pay(trade, order) for order in orders)
    answer_payment(actor=trade.maker, payment_id=first.id, verb=PaymentVerb.REVERSE, reason="Belum masuk")
    third = pay(trade, orders[0])
    db.session.rollback()
    found = db.session.scalars(select(PaymentReceipt).order_by(PaymentReceipt.number)).all()
    assert [(one.payment_id, one.number) for one in found] == [
        (first.id, "KW/2026/0001"), (second.id, "KW/2026/0002"), (third.id, "KW/2026/0003"),
    ]  # fmt: skip


def test_the_bookkeepers_file_has_typed_cells(app, trade):
    order = received(trade)
    pay(trade, order)
    claim = claim_on(trade, order, 2)
    accept_claim(actor=trade.maker, claim_id=claim.id, granted=2)
    for actor in (trade.maker, trade.buyer):
        client = sign_in(app.test_client(), actor)
        page = client.get("/orders/books").get_data(as_text=True)
        for words in ("Rp150.000", "Rp30.000"):
            assert words in page
        sheets = workbook(client.get("/orders/books?format=xlsx").data)
        assert list(sheets) == ["Pesanan", "Nota tagihan", "Nota kredit", "Pembayaran", "Pengembalian"]
        day = (clock.today() - date(1899, 12, 30)).days
        for sheet, written in (
            ("Nota tagihan", ("INV/2026/0001", "<v>150000</v>", f"<v>{day}</v>")),
            ("Pembayaran", ("KW/2026/0001", "<v>150000</v>")),
            ("Nota kredit", ("<v>30000</v>",)),
            ("Pengembalian", ("<v>30000</v>",)),
            ("Pesanan", ("PO/2026/0001", "<v>150000</v>", "Lunas", "Cara bayar")),
        ):
            for word in written:
                assert word in sheets[sheet], (sheet, word)
            assert "_rupiah" not in sheets[sheet], "a bookkeeper's columns have names"
    client = sign_in(app.test_client(), trade.buyer)
    for query in (
        "format=csv&table=orders", "format=csv&table=x", "from=2026-13-99&to=x", "from=2020-01-01",
        "to=0001-01-05",
    ):  # fmt: skip
        assert client.get(f"/orders/books?{query}").status_code == 200
    stranger = sign_in(app.test_client(), make.member(Role.SELLER_OWNER, seller_id=make.seller().id))
    assert "Rp150.000" not in stranger.get("/orders/books").get_data(as_text=True)
    sheets = workbook(stranger.get("/orders/books?format=xlsx").data)
    assert all(sheet.count("<row ") == 1 for sheet in sheets.values())


def workbook(content):
    """The XML of each sheet by its name: a number is a bare value, text stands in line."""
    with zipfile.ZipFile(BytesIO(content)) as book:
        names = re.findall(r'<sheet name="([^"]+)"', book.read("xl/workbook.xml").decode())
        return {
            name: book.read(f"xl/worksheets/sheet{place}.xml").decode() for place, name in enumerate(names, 1)
        }
