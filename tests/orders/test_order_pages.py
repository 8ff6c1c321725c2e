"""The pages of orders and claims, as each party sees and uses them."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import pytest
from sqlalchemy import select

from marketplace import clock, documents
from marketplace.db import db, unit_of_work
from marketplace.orders.models import ClaimPhoto, OrderShare, OrderState
from marketplace.orders.services.answering import agree, confirm, quote_shipping
from marketplace.orders.services.checkout import place
from marketplace.orders.services.claims import reject_claim
from marketplace.orders.services.deadlines import pass_deadlines
from marketplace.orders.services.shipping import ship
from marketplace.organizations.models import Operator
from marketplace.permissions import Role
from tests import factories as make
from tests.orders.made import (
    claim_row,
    credits_of,
    fresh,
    invoice_of,
    note,
    note_lines,
    note_of,
    pay,
    payables_of,
    received,
    shipped,
)
from tests.orders.quoting import ask
from tests.orders.support import (
    buyable,
    draft_of,
    draft_part,
    limit,
    lines_of,
    orders_of,
    shares_of,
    state_of,
    trade_of,
)
from tests.orders.test_claims import claim_on, photo
from tests.orders.test_papers import workbook
from tests.support.questions import questions
from tests.support.signing import sign_in


@pytest.fixture
def maker(client, trade):
    """The seller's browser."""
    sign_in(client, trade.maker)
    return client


@pytest.fixture
def buyer(app, trade):
    """The buyer's browser."""
    client = app.test_client()
    sign_in(client, trade.buyer)
    return client


def confirm_quoted(trade, order) -> None:
    """The seller says what shipping costs, and the buyer agrees."""
    quote_shipping(actor=trade.maker, order_id=order.id, shipping_rupiah=25_000)
    agree(actor=trade.buyer, order_id=order.id)


def text_of(answer) -> str:
    assert answer.status_code in {200, 422}, answer.status
    return answer.get_data(as_text=True)


def test_a_seller_sees_what_waits_first_with_a_clock(maker, trade):
    taken = trade.order()
    confirm(actor=trade.maker, order_id=taken.id)
    waiting = trade.order()
    page = text_of(maker.get("/orders"))
    assert "2 pesanan menunggu Anda" in page
    assert page.index(waiting.name) < page.index(taken.name)
    assert "2 hari lagi" in page
    only = text_of(maker.get("/orders?state=confirmed"))
    assert taken.name in only
    assert waiting.name not in only
    assert waiting.name in text_of(maker.get(f"/orders?q={waiting.name}"))
    assert "Tidak ada yang cocok" in text_of(maker.get("/orders?q=nihil"))


def test_a_list_is_taken_along_as_a_file(maker, trade):
    order = trade.order()
    answer = maker.get("/orders?format=csv")
    lines = answer.get_data(as_text=True).splitlines()
    assert lines[0].lstrip("\ufeff").startswith("number,state,due_at,seller_name")
    assert lines[1].startswith(f"{order.name},placed,")
    (sheet,) = workbook(maker.get("/orders?format=xlsx").data).values()
    assert "Batas waktu" in sheet
    assert "Menunggu jawaban penjual" in sheet
    assert "_rupiah" not in sheet
    assert maker.get("/claims?format=csv").status_code == 200


def test_a_buyer_sees_first_the_claims_that_it_may_take_to_the_office(buyer, trade):
    refused, later = received(trade), received(trade)
    reject_claim(actor=trade.maker, claim_id=claim_on(trade, refused).id, reason="Utuh.")
    claim_on(trade, later)
    page = text_of(buyer.get("/claims"))
    assert page.index(refused.name) < page.index(later.name)


def test_empty_lists_say_what_to_do(maker, buyer):
    assert "Atur cara jual" in text_of(maker.get("/orders"))
    assert "Cari produk" in text_of(buyer.get("/orders"))
    assert "Belum ada klaim" in text_of(buyer.get("/claims"))


def test_an_order_from_the_yes_to_the_bill_by_its_buttons(maker, buyer, trade):
    order = trade.order(10, payment_plan="before")
    here = f"/orders/{order.id}"
    assert "Bila tidak dijawab" in text_of(maker.get(here))
    maker.post(f"{here}/confirm")
    assert state_of(order) is OrderState.AWAITING_PAYMENT
    (advance,) = payables_of(order)
    assert f"/payments/new?bills={advance.id}" in text_of(buyer.get(here))
    pay(trade, order)
    maker.post(f"{here}/pack")
    form = text_of(maker.get(f"{here}/ship"))
    assert 'name="quantity-0" value="10"' in form
    (line,) = lines_of(order)
    row = {"line-0": line.id, "fixed-0": "1", "quantity-0": "8", "lot-0": "L1", "expires_on-0": "2027-06-30"}
    answer = maker.post(f"{here}/ship", data={**row, "driver": "Pak Joko"}, follow_redirects=True)
    assert "dengan 8 dari 10 barang" in text_of(answer)
    page = text_of(buyer.get(here))
    assert f"{here}/receive" in page
    assert "dipesan 10, dikirim 8" in text_of(buyer.get(f"{here}/receive"))
    part = note_lines(order)[0].id
    buyer.post(f"{here}/receive", data={f"accepted-{part}": "7", f"damaged-{part}": "1"})
    assert state_of(order) is OrderState.SETTLED
    page = text_of(buyer.get(here))
    for words in ("rusak 1", "Harus dikembalikan", invoice_of(order).due_on.strftime("%Y"), "Ajukan klaim"):
        assert words in page
    assert [x.billed for x in lines_of(order)] == [7]


def test_what_was_typed_stays_beside_the_sentence(maker, trade):
    order = trade.order()
    confirm(actor=trade.maker, order_id=order.id)
    (line,) = lines_of(order)
    row = {"line-0": line.id, "fixed-0": "1", "quantity-0": "12", "lot-0": "LOT-7"}
    answer = maker.post(f"/orders/{order.id}/ship", data={**row, "driver": "Pak Joko"})
    page = text_of(answer)
    assert answer.status_code == 422
    for words in ("Dipesan 10. Lebih dari itu", 'value="12"', "LOT-7", "Pak Joko"):
        assert words in page
    more = text_of(maker.post(f"/orders/{order.id}/ship", data={**row, "more": "1"}))
    assert 'name="quantity-2"' in more
    bad = {**row, "quantity-0": "dua", "expires_on-0": "besok"}
    assert "angka bulat" in text_of(maker.post(f"/orders/{order.id}/ship", data=bad))


def test_everything_right_is_one_tap(buyer, trade):
    order = shipped(trade)
    buyer.post(f"/orders/{order.id}/receive", data={"all": "1"})
    assert state_of(order) is OrderState.INVOICED
    again = buyer.post(f"/orders/{order.id}/receive", data={"all": "1"}, follow_redirects=True)
    assert "sudah ditagih" in text_of(again)


def test_a_count_that_cannot_be_is_said_at_its_line(buyer, trade):
    order = shipped(trade)
    part = note_lines(order)[0].id
    answer = buyer.post(f"/orders/{order.id}/receive", data={f"accepted-{part}": "9", f"damaged-{part}": "5"})
    assert answer.status_code == 422
    assert "tidak bisa lebih dari itu" in text_of(answer)
    assert 'value="9"' in text_of(answer)


@pytest.mark.parametrize(("name", "who"), [("decline", "maker"), ("cancel", "buyer"), ("call-off", "maker")])
def test_an_order_is_ended_with_a_reason(maker, buyer, trade, name, who):
    browser = maker if who == "maker" else buyer
    order = trade.order()
    if name == "call-off":
        confirm(actor=trade.maker, order_id=order.id)
    path = f"/orders/{order.id}/{name}"
    assert "Alasan" in text_of(browser.get(path))
    refused = browser.post(path, data={"reason": " "})
    assert refused.status_code == 422
    assert "Tulis alasannya" in text_of(refused)
    answer = browser.post(path, data={"reason": "Dapur tutup."}, follow_redirects=True)
    assert "Dapur tutup." in text_of(answer)
    assert browser.get(path).status_code == 302


def test_shipping_is_offered_and_agreed_to(maker, buyer, trade):
    order = trade.order(10, shipping_kind="quoted")
    here = f"/orders/{order.id}"
    page = text_of(maker.get(here))
    assert f"{here}/quote" in page
    assert f"{here}/confirm" not in page
    assert maker.post(f"{here}/quote", data={"shipping_rupiah": "mahal"}).status_code == 422
    maker.post(f"{here}/quote", data={"shipping_rupiah": "25.000"})
    assert "Rp175.000" in text_of(buyer.get(here))
    buyer.post(f"{here}/agree")
    assert state_of(order) is OrderState.CONFIRMED


def test_who_did_what_and_why_is_told(maker, buyer, trade):
    order = trade.order()
    buyer.post(f"/orders/{order.id}/cancel", data={"reason": "Acara batal."})
    page = text_of(maker.get(f"/orders/{order.id}"))
    for words in ("Dibatalkan pembeli", f"{trade.buyer.name}: Acara batal.", "Dipesan"):
        assert words in page


def test_what_a_claim_holds_open_is_not_called_late(maker, trade):
    order = received(trade, 10, payment_plan="before")
    claim_on(trade, order)
    page = ""
    with clock.frozen(clock.now() + timedelta(days=6)):
        for path in ("/orders", f"/orders/{order.id}"):
            page = text_of(maker.get(path))
            assert "lewat 3 hari" not in page
            assert "Selesai sendiri" not in page
    assert "selesai begitu klaimnya selesai" in page


def test_a_closed_order_says_that_nothing_is_left_to_do(maker, buyer, trade):
    order = received(trade, 10, payment_plan="before")
    assert "Sudah lunas; tinggal menunggu waktu klaim habis." in text_of(buyer.get(f"/orders/{order.id}"))
    with clock.frozen(clock.now() + timedelta(days=6)):
        pass_deadlines()
        for client in (maker, buyer):
            page = text_of(client.get(f"/orders/{order.id}"))
            for words in (
                "Pesanan ini selesai.", f"Nota tagihan {invoice_of(order).number} sudah lunas.",
                "Klaim bisa diajukan sampai", "Tidak ada lagi yang perlu dilakukan.",
            ):  # fmt: skip
                assert words in page, words


@pytest.mark.parametrize(("status", "words"), [("pending", "belum diperiksa"), ("rejected", "ditolak")])
def test_a_seller_is_told_of_a_buyer_that_the_office_did_not_check(maker, buyer, trade, status, words):
    order, told = trade.order(), f"Pembeli ini {words} Dinas."
    assert told not in text_of(maker.get(f"/orders/{order.id}"))
    with unit_of_work() as session:
        session.get_one(Operator, trade.operator.id).status = status
    assert told in text_of(maker.get(f"/orders/{order.id}"))
    assert told not in text_of(buyer.get(f"/orders/{order.id}"))


def test_a_seller_reads_the_buyers_name_beside_a_number_that_others_have_too(maker, trade):
    order = trade.order(outlet_id=None, recipient="Bu Ratna", phone="081234567890", address="Jl. Contoh 1")
    confirm(actor=trade.maker, order_id=order.id)
    assert "Bu Ratna (Rukun Mart)" in text_of(maker.get("/seller"))
    assert "Rukun Mart" in text_of(maker.get("/orders"))
    assert f"<title>Pesanan {order.number}, Rukun Mart" in maker.get(f"/orders/{order.id}").text


def test_a_claim_from_the_photo_to_the_credit_note(maker, buyer, trade):
    order = received(trade)
    path = f"/orders/{order.id}/claims/new"
    assert "Ajukan klaim kepada Dapur Contoh" in text_of(buyer.get(path))
    (line,) = lines_of(order)
    typed = {"line": line.id, "kind": "damaged", "quantity": "3", "body": "Sobek.", "key": "satu"}
    refused = buyer.post(path, data=typed)
    assert refused.status_code == 422
    assert "Sertakan foto" in text_of(refused)
    assert "Sobek." in text_of(refused)
    made = buyer.post(path, data={**typed, "photos": (BytesIO(photo()), "sobek.jpg")})
    claim = made.headers["Location"]
    page = text_of(maker.get(claim))
    assert "Sobek." in page
    picture = maker.get(page.split(f'src="{claim}/photos/')[1].join((f"{claim}/photos/", "")).split('"')[0])
    assert picture.mimetype == "image/jpeg"
    assert picture.headers["X-Content-Type-Options"] == "nosniff"
    assert "1 klaim menunggu jawaban Anda" in text_of(maker.get("/claims"))
    assert maker.post(f"{claim}/accept", data={"granted": "9"}).status_code == 422
    maker.post(f"{claim}/accept", data={"granted": "2", "answer": "Dua saja."})
    (credit,) = credits_of(order)
    assert credit.number in text_of(buyer.get(claim))
    assert credit.number in text_of(buyer.get(f"/orders/{order.id}"))


def test_the_office_decides_a_claim_that_was_taken_to_it(app, maker, buyer, trade):
    order = received(trade)
    claim = claim_on(trade, order)
    reject_claim(actor=trade.maker, claim_id=claim.id, reason="Saat dikirim utuh.")
    assert "Bawa ke Dinas" in text_of(buyer.get(f"/claims/{claim.id}"))
    buyer.post(f"/claims/{claim.id}/refer")
    office = app.test_client()
    sign_in(office, make.officer())
    assert "1 klaim menunggu putusan Dinas" in text_of(office.get("/claims"))
    assert order.name in text_of(office.get("/orders?disputed=1&whose=region"))
    assert office.post(f"/claims/{claim.id}/decide", data={"granted": "1", "answer": ""}).status_code == 422
    office.post(f"/claims/{claim.id}/decide", data={"granted": "0", "answer": "Tidak terbukti."})
    assert claim_row(claim).state == "rejected"
    assert "Tidak terbukti." in text_of(buyer.get(f"/claims/{claim.id}"))


def test_strangers_find_nothing_and_the_office_only_looks(app, trade):
    order = received(trade)
    claim, other = claim_on(trade, order), trade_of()
    photo_id = db.session.scalars(select(ClaimPhoto.id).where(ClaimPhoto.claim_id == claim.id)).one()
    here = f"/orders/{order.id}"
    paths = (
        here, f"/claims/{claim.id}", f"/claims/{claim.id}/photos/{photo_id}",
        f"/orders/shares/{shares_of(order)[0].id}", f"/orders/at/{order.order_ref}",
    )  # fmt: skip
    for actor in (other.maker, other.buyer, make.officer(region_code="33.16")):
        browser = sign_in(app.test_client(), actor)
        assert {browser.get(path).status_code for path in paths} == {404}
        for lists in ("/orders", "/orders?format=csv", "/claims", "/claims?format=csv", "/orders/print"):
            assert order.name not in text_of(browser.get(lists))
    buyers = ("/receive", "/cancel", "/claims/new", "/repeat", "/agree")
    makers = ("/ship", "/quote", "/decline", "/call-off", "/confirm", "/pack")
    for actor, acts in ((other.buyer, buyers), (other.maker, makers)):
        browser = sign_in(app.test_client(), actor)
        for act in acts:
            assert browser.post(f"{here}{act}", data={"reason": "Ingin tahu."}).status_code == 404, act
    again = sign_in(app.test_client(), other.buyer).get(f"/standing-orders/new?order={order.id}")
    assert again.status_code == 404
    own = claim_on(other, received(other))
    photos = sign_in(app.test_client(), other.buyer).get(f"/claims/{own.id}/photos/{photo_id}")
    assert photos.status_code == 404, "a photo of another claim"
    office = app.test_client()
    sign_in(office, make.officer())
    page = text_of(office.get(paths[0]))
    for act in ("confirm", "ship", "receive", "cancel", "claims/new"):
        assert f"/orders/{order.id}/{act}" not in page
    assert office.get(f"/orders/{order.id}/receive").status_code == 404
    coach = app.test_client()
    sign_in(coach, make.member(Role.COACH, office_id=make.office().id))
    assert coach.get("/orders").status_code == 403


def test_what_waits_for_a_manager_is_its_buyers_alone(app, maker, buyer, trade):
    limit(trade.operator, 1)
    order = trade.order(actor=trade.staff)
    paths = (
        f"/orders/{order.id}",
        f"/orders/at/{order.order_ref}",
        f"/orders/shares/{shares_of(order)[0].id}",
    )
    office = sign_in(app.test_client(), make.officer())
    for browser in (maker, office):
        assert {browser.get(path).status_code for path in paths} == {404}
        assert f'href="/orders/{order.id}"' not in text_of(browser.get("/orders"))
    assert f'href="/orders/{order.id}"' in text_of(buyer.get("/orders"))


def test_who_receives_it_where_is_between_its_parties(app, maker, trade, monkeypatch):
    monkeypatch.setattr(documents, "pdf", lambda html: html.encode())
    words = {"recipient": "Bu Retno", "phone": "081234567890", "address": "Jl. Mawar 5", "note": "Pintu biru"}
    order = trade.order(outlet_id=None, shipping_kind="quoted", procurement_ref="EP-17", **words)
    confirm_quoted(trade, order)
    ship(actor=trade.maker, order_id=order.id, draft=note_of(order))
    office = sign_in(app.test_client(), make.officer())
    paper = f"/orders/{order.order_ref}/papers/%s.pdf"
    paths = (f"/orders/{order.id}", paper % "order", paper % "delivery", "/orders?format=csv")
    said = [(maker.get(path).text, office.get(path).text) for path in paths]
    for told, kept in said:
        assert "Bu Retno" in told
        assert not [word for word in (*words.values(), "+6281234567890", "EP-17") if word in kept]
    assert order.name in office.get(f"/orders?q={order.name}").text
    assert order.name not in office.get("/orders?q=Retno").text


def test_a_debt_leads_to_its_order_and_a_code_to_what_is_to_be_done(maker, buyer, trade):
    order = shipped(trade, payment_plan="before")
    share = payables_of(order)[0].document_id
    assert buyer.get(f"/orders/shares/{share}").headers["Location"] == f"/orders/{order.id}"
    code = fresh(order).order_ref
    assert buyer.get(f"/orders/at/{code}").headers["Location"] == f"/orders/{order.id}/receive"
    assert maker.get(f"/orders/at/{code}").headers["Location"] == f"/orders/{order.id}"
    for nobodys in ("nihil", "%00"):
        assert maker.get(f"/orders/at/{nobodys}").status_code == 404
    assert note(order).number.startswith("SJ/2026/")


def test_a_maker_of_a_parcels_goods_sees_its_own_part_alone(app, trade):
    order = trade.order()
    other = make.seller(name="Batik Contoh")
    with unit_of_work() as session:
        row = OrderShare(order_id=order.id, seller_id=other.id, amount_rupiah=0)
        session.add(row)
        session.flush()
        share_id = row.id
    browser = app.test_client()
    sign_in(browser, make.member(Role.SELLER_OWNER, seller_id=other.id))
    assert "Dapur Contoh" in text_of(browser.get(f"/orders/shares/{share_id}"))
    assert browser.get(f"/orders/{order.id}").status_code == 404


def test_what_was_deemed_received_says_so(maker, trade):
    order = shipped(trade)
    with clock.frozen(clock.now() + timedelta(days=20)):
        pass_deadlines()
        assert "Dianggap diterima lengkap" in text_of(maker.get(f"/orders/{order.id}"))


def test_a_page_asks_the_same_number_of_questions_however_long_an_order_is(maker, trade):
    short = trade.order().id
    goods = [(buyable(trade.seller).id, 2) for _turn in range(8)]
    (long,) = orders_of(place(actor=trade.buyer, draft=draft_of(draft_part(trade.seller.id, goods))))
    maker.get("/orders")  # who signs in is remembered now
    asked = [asked_by(maker, f"/orders/{order_id}") for order_id in (short, long.id)]
    assert asked[0] == asked[1]


def asked_by(browser, path) -> int:
    """How many questions a page asks."""
    db.session.remove()
    with questions() as found:
        assert browser.get(path).status_code == 200
    return len(found)


def test_a_list_asks_the_same_number_of_questions_however_long_it_is(app, trade):
    lists = ("/orders", "/claims", "/quotes", "/standing-orders", "/orders/print?kind=invoice", "/approvals")
    trades, browsers = (trade, trade_of()), []
    for one, count in zip(trades, (1, 3), strict=True):
        for _more in range(count):
            claim_on(one, received(one))
            ask(one)
        browsers.append(sign_in(app.test_client(), one.buyer))
    asked = []
    for browser in browsers:
        browser.get("/orders")
        asked.append([asked_by(browser, path) for path in lists])
    assert asked[0] == asked[1]
