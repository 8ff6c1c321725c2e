"""Quotations on the screens: asked from the product and the cart, answered, countered, agreed to."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from marketplace import clock
from marketplace.db import db, unit_of_work
from marketplace.orders import quote_audit
from marketplace.orders.models import CartLine, Order, Quote, QuoteState
from marketplace.orders.services import cart, quotes
from marketplace.orders.services.reservations import count_ready
from marketplace.permissions import Role
from tests import factories as make
from tests.orders.quoting import ask, offered, order_of, quote_state, terms
from tests.orders.support import DAY, TODAY, limit, place_order, trade_of
from tests.support.signing import sign_in


@pytest.fixture
def buyer(app, trade):
    return sign_in(app.test_client(), trade.buyer)


@pytest.fixture
def seller(app, trade):
    return sign_in(app.test_client(), trade.maker)


def text_of(answer):
    return " ".join(answer.get_data(as_text=True).split())


def form(trade, **more):
    return {
        "key": "satu",
        f"quantity-{trade.product.id}": "200",
        "to": str(trade.outlet.id),
        "deliver_from": (TODAY + 10 * DAY).isoformat(),
        "deliver_to": (TODAY + 12 * DAY).isoformat(),
        "shipping_kind": "seller_rate",
        "payment_plan": "later",
        "note": "Untuk acara kantor",
        **more,
    }


def answer_form(trade, version, **more):
    return {
        "version": str(version),
        f"quantity-{trade.product.id}": "200",
        f"price-{trade.product.id}": "12.000",
        "deliver_from": (TODAY + 10 * DAY).isoformat(),
        "deliver_to": (TODAY + 12 * DAY).isoformat(),
        "shipping_rupiah": "25.000",
        "payment_plan": "later",
        "due_days": "30",
        "advance_percent": "50",
        "valid_days": "5",
        **more,
    }


def test_from_the_products_page_to_the_order(app, trade, buyer, seller):
    product = buyer.get(f"/products/{trade.product.id}", follow_redirects=True)
    assert f"/quotes/new?product={trade.product.id}" in text_of(product)
    asked = buyer.post(f"/quotes/new?product={trade.product.id}", data=form(trade, product=trade.product.id))
    quote = db.session.scalars(select(Quote)).one()
    assert asked.location == f"/quotes/{quote.id}"
    page = text_of(seller.get(f"/quotes/{quote.id}"))
    assert "Rukun Mart minta harga" in page
    assert "Untuk acara kantor" in page
    assert 'value="15.000"' in text_of(seller.get(f"/quotes/{quote.id}/answer"))
    seller.post(f"/quotes/{quote.id}/answer", data=answer_form(trade, 1))
    page = text_of(buyer.get(f"/quotes/{quote.id}"))
    assert "Dapur Contoh menawarkan Rp2.425.000" in page
    assert "30 hari" in page
    buyer.post(
        f"/quotes/{quote.id}/answer", data=answer_form(trade, 2, **{f"price-{trade.product.id}": "11000"})
    )
    page = text_of(seller.get(f"/quotes/{quote.id}"))
    assert "menawar Rp2.225.000" in page
    assert "sebelumnya Rp12.000" in page
    done = seller.post(f"/quotes/{quote.id}/accept", data={"version": "3"})
    assert done.location == f"/orders/{order_of(quote).id}"
    assert order_of(quote).total_rupiah == 2_225_000
    assert "Menjadi pesanan PO/2026/0001" in text_of(buyer.get(f"/quotes/{quote.id}"))


def test_everything_of_one_seller_in_the_cart_is_asked_for_and_leaves_it(app, trade, buyer):
    cart.add(actor=trade.buyer, product_id=trade.product.id, quantity=20)
    assert f"/quotes/new?seller={trade.seller.id}" in text_of(buyer.get("/cart"))
    assert 'value="20"' in text_of(buyer.get(f"/quotes/new?seller={trade.seller.id}"))
    sent = [
        buyer.post(f"/quotes/new?seller={trade.seller.id}", data=form(trade, seller=trade.seller.id)).location
        for _click in range(2)
    ]
    assert sent == [f"/quotes/{db.session.scalars(select(Quote)).one().id}"] * 2, "a second click asks once"
    assert db.session.scalar(select(CartLine.quantity)) is None
    other = trade_of()
    same_key = form(other, product=other.product.id)
    made = sign_in(app.test_client(), other.buyer).post("/quotes/new", data=same_key).location
    assert made not in sent, "another company's form of the same key is its own"


def test_what_was_typed_stays_and_each_field_says_what_is_wrong(trade, buyer, seller):
    typed = form(trade, product=trade.product.id, deliver_from="besok", to="address", address="Jl. Baru 1")
    answer = buyer.post(f"/quotes/new?product={trade.product.id}", data=typed)
    assert answer.status_code == 422
    assert "Tulis tanggal" in text_of(answer)
    assert "Jl. Baru 1" in text_of(answer)
    quote = ask(trade)
    for wrong, sentence in (
        ({f"price-{trade.product.id}": "murah"}, "Tulis angka bulat"),
        ({"due_days": "0"}, "Tulis tempo bayarnya"),
        ({"valid_days": "40"}, "Harus terjawab sebelum"),
        ({"deliver_from": "0001-01-01"}, "Tulis tanggal"),
    ):
        answer = seller.post(f"/quotes/{quote.id}/answer", data=answer_form(trade, 1, **wrong))
        assert (answer.status_code, quote_state(quote)) == (422, QuoteState.ASKED)
        assert sentence in text_of(answer)


def test_each_side_sees_only_what_it_may_do_and_a_stranger_nothing(app, trade, buyer, seller):
    quote = offered(trade)
    assert "Setujui dan pesan, Rp2.425.000" in text_of(buyer.get(f"/quotes/{quote.id}"))
    page = text_of(seller.get(f"/quotes/{quote.id}"))
    assert "Ubah penawaran saya" in page
    assert "/accept" not in page
    staff = sign_in(app.test_client(), make.member(Role.SELLER_STAFF, seller_id=trade.seller.id))
    assert "/answer" not in text_of(staff.get(f"/quotes/{quote.id}"))
    stranger = sign_in(app.test_client(), trade_of().buyer)
    for path in ("", "/answer", "/decline", "/withdraw"):
        assert stranger.get(f"/quotes/{quote.id}{path}").status_code == 404
    assert stranger.post(f"/quotes/{quote.id}/accept", data={"version": "2"}).status_code == 404


def test_too_little_stock_is_said_and_the_offer_stays(trade, buyer):
    count_ready(actor=trade.maker, product_id=trade.product.id, on_hand=200)
    quote = offered(trade)
    place_order(trade, 150)
    answer = buyer.post(f"/quotes/{quote.id}/accept", data={"version": "2"}, follow_redirects=True)
    assert "stok tinggal 50, diminta 200" in text_of(answer)
    assert quote_state(quote) is QuoteState.OFFERED


def test_above_the_limit_the_button_says_that_a_manager_decides(app, trade):
    limit(trade.operator, 1_000_000)
    quote, staff = offered(trade), sign_in(app.test_client(), trade.staff)
    assert "Setujui dan ajukan ke manajer" in text_of(staff.get(f"/quotes/{quote.id}"))


def test_a_no_needs_its_reason_and_ends_the_talk(trade, buyer, seller):
    quote = offered(trade)
    answer = buyer.post(f"/quotes/{quote.id}/decline", data={"version": "2", "reason": ""})
    assert answer.status_code == 422
    buyer.post(f"/quotes/{quote.id}/decline", data={"version": "2", "reason": "Terlalu mahal"})
    assert "Terlalu mahal" in text_of(seller.get(f"/quotes/{quote.id}"))
    assert "Minta lagi" in text_of(buyer.get(f"/quotes/{quote.id}"))


def test_the_list_filters_searches_and_comes_as_a_file(trade, buyer, seller):
    assert "Belum ada penawaran" in text_of(buyer.get("/quotes"))
    offered(trade)
    ask(trade)
    page = text_of(buyer.get("/quotes"))
    assert "1 penawaran menunggu jawaban Anda" in page
    assert page.index("PP/2026/0001") < page.index("PP/2026/0002")
    assert "PP/2026/0002" not in text_of(buyer.get("/quotes?state=offered"))
    assert "PP/2026/0001" in text_of(seller.get("/quotes?q=keripik"))
    assert "Tidak ada yang cocok" in text_of(seller.get("/quotes?q=batik"))
    lines = buyer.get("/quotes?format=csv").get_data(as_text=True).splitlines()
    assert [line.split(",")[0] for line in lines[1:]] == ["PP/2026/0001", "PP/2026/0002"]


def test_a_late_one_shows_no_buttons_before_the_worker_came(trade, buyer):
    quote = offered(trade, advance_percent=30)
    assert quote.due_at is not None
    with clock.frozen(quote.due_at + DAY):
        page = text_of(buyer.get(f"/quotes/{quote.id}"))
    assert "Batas waktunya sudah lewat" in page
    assert "/accept" not in page
    assert "Rp727.500" in page


def test_an_office_asks_through_its_own_buyer(app, trade):
    officer = make.officer()
    client = sign_in(app.test_client(), officer)
    typed = form(trade, product=trade.product.id, to="address", recipient="Bu Ratna", phone="081234567890")
    client.post(f"/quotes/new?product={trade.product.id}", data={**typed, "address": "Jl. Slamet Riyadi 1"})
    quote = db.session.scalars(select(Quote)).one()
    quotes.offer(actor=trade.maker, quote_id=quote.id, version=1, terms=terms(trade))
    assert "Setujui dan pesan" in text_of(client.get(f"/quotes/{quote.id}"))


# --- what waits on the first screens -----------------------------------------------------------------------


def test_a_question_for_prices_and_an_offer_stand_among_the_things_to_do(trade, buyer, seller):
    ask(trade)
    offered(trade)
    assert "Tulis harga untuk Rukun Mart" in text_of(seller.get("/seller"))
    board = text_of(buyer.get(f"/buyer/outlets/{trade.outlet.id}/today"))
    assert "Jawab penawaran Dapur Contoh" in board


def test_what_goes_to_an_address_stands_on_the_companys_screen(trade, buyer):
    to: dict[str, Any] = {
        "outlet_id": None,
        "recipient": "Bu Ratna",
        "phone": "081234567890",
        "address": "Jl. Baru 1",
    }
    quote = ask(trade, **to)
    quotes.offer(actor=trade.maker, quote_id=quote.id, version=1, terms=terms(trade))
    assert "Penawaran yang menunggu Anda" in text_of(buyer.get("/buyer"))


@pytest.mark.corrupts
def test_the_audit_says_where_an_order_is_not_what_was_agreed(trade):
    quote = offered(trade)
    quotes.accept(actor=trade.buyer, quote_id=quote.id, version=2)
    assert list(quote_audit.differences()) == []
    with unit_of_work() as session:
        session.get_one(Order, order_of(quote).id).quote_id = None
        session.get_one(Quote, quote.id).latest = 3
    found = " ".join(quote_audit.differences())
    assert "version 3 is the latest of 2" in found
