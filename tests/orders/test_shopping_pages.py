"""From a product's page to the orders, as a buyer does it without JavaScript."""

from __future__ import annotations

import re

import pytest

from marketplace.catalog.models import Product
from marketplace.db import db, unit_of_work
from marketplace.orders.models import (
    ApprovalLimit,
    CartLine,
    Checkout,
    Order,
    ReadyStock,
    SellingTerms,
    ShippingKind,
)
from marketplace.orders.rules.buying import usual_shipping
from marketplace.orders.services import cart
from tests import factories as make
from tests.orders.support import buyable, limit, sells, stock_of
from tests.support.signing import sign_in


@pytest.fixture
def browser(app, trade):
    """The buyer's."""
    return sign_in(app.test_client(), trade.buyer)


def page(client, path, **how):
    return client.get(path, follow_redirects=True, **how).get_data(as_text=True)


def fields_of(html: str) -> dict[str, str]:
    """What a browser would send of the last form of a page, without its buttons."""
    form = html[html.rindex('<form method="post"') : html.rindex("</form>")]
    found = {}
    for tag in re.findall(r"<input [^>]*>", form):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and not ('type="radio"' in tag and " checked" not in tag):
            found[name[1]] = value[1] if value else ""
    for name, inner in re.findall(r'<select [^>]*name="([^"]*)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', inner) or re.search(r'value="([^"]*)"', inner)
        found[name] = chosen[1] if chosen else ""
    texts = re.findall(r'<textarea [^>]*name="([^"]*)"[^>]*>(.*?)</textarea>', form, re.DOTALL)
    return found | dict(texts)


def test_from_the_product_to_the_order_without_javascript(app, trade, browser):
    sells(trade.seller, shipping_rupiah=12_000)
    product = page(browser, f"/products/{trade.product.id}")
    assert "Masukkan keranjang" in product
    added = browser.post("/cart/add", data={"product": trade.product.id, "quantity": "12"})
    assert added.status_code == 302
    basket = page(browser, "/cart")
    assert "Rp180.000 di keranjang" in basket
    form = fields_of(basket)
    assert form[f"quantity-{trade.product.id}"] == "12"
    form[f"quantity-{trade.product.id}"] = "20"
    choose = browser.post("/cart", data={**form, "go": "all"}, follow_redirects=True).get_data(as_text=True)
    assert "Dikirim ke mana" in choose
    review = browser.post("/checkout", data={**fields_of(choose), "review": "1"}).get_data(as_text=True)
    assert "Semuanya Rp312.000. Kirim pesanannya?" in review
    sent = browser.post("/checkout", data={**fields_of(review), "place": "1"}, follow_redirects=True)
    assert "1 pesanan sudah dikirim" in sent.get_data(as_text=True)
    order = db.session.query(Order).one()
    assert (order.total_rupiah, order.shipping_kind, order.outlet_id) == (
        312_000, "seller_rate", trade.outlet.id,
    )  # fmt: skip
    assert db.session.query(CartLine).count() == 0
    again = browser.post("/checkout", data={**fields_of(review), "place": "1"})
    assert again.status_code == 302
    assert db.session.query(Order).count() == 1


def to_review(browser, trade, quantity=10):
    cart.add(actor=trade.buyer, product_id=trade.product.id, quantity=quantity)
    choose = page(browser, "/checkout")
    return browser.post("/checkout", data={**fields_of(choose), "review": "1"}).get_data(as_text=True)


def test_a_price_that_changed_meanwhile_is_told_and_nothing_is_ordered(trade, browser):
    review = to_review(browser, trade)
    with unit_of_work() as session:
        session.get_one(Product, trade.product.id).price_rupiah = 17_500
    told = browser.post("/checkout", data={**fields_of(review), "place": "1"})
    html = told.get_data(as_text=True)
    assert told.status_code == 422
    assert "Keripik tempe: Harga naik dari Rp15.000 menjadi Rp17.500." in html
    assert db.session.query(Checkout).count() == 0
    review = browser.post("/checkout", data={**fields_of(html), "review": "1"}).get_data(as_text=True)
    assert "Semuanya Rp175.000" in review


def test_the_sum_says_what_it_leaves_out_and_the_terms_how_long(trade, browser):
    sells(trade.seller, quotes_shipping=True, due_days=14)
    cart.add(actor=trade.buyer, product_id=trade.product.id, quantity=10)
    chosen = fields_of(page(browser, "/checkout"))
    chosen |= {f"shipping_kind-{trade.seller.id}": "quoted", f"payment_plan-{trade.seller.id}": "later"}
    review = browser.post("/checkout", data={**chosen, "review": "1"}).get_data(as_text=True)
    assert "Belum termasuk ongkos kirim yang akan ditawarkan penjual." in review
    assert "dengan tempo 14 hari" in review
    sells(trade.seller, quotes_shipping=False)
    assert "Belum termasuk ongkos kirim" not in to_review(browser, trade)


def test_what_goes_to_a_place_is_brought_there_and_without_one_the_way_is_asked(trade, browser):
    """A seller without a price of its own for the way offers both: fetching is nobody's silent choice."""
    cart.add(actor=trade.buyer, product_id=trade.product.id, quantity=10)
    form, way = fields_of(page(browser, "/checkout")), f"shipping_kind-{trade.seller.id}"
    assert (form["to"], form[way]) == (str(trade.outlet.id), "quoted")
    del form[way]
    told = browser.post("/checkout", data={**form, "to": "address", "review": "1"})
    assert told.status_code == 422
    assert "Pilih cara kirim." in told.get_data(as_text=True)
    both = [ShippingKind.PICKUP, ShippingKind.QUOTED]
    assert usual_shipping(both, has_destination=True) is ShippingKind.QUOTED
    assert usual_shipping(both[:1], has_destination=True) is ShippingKind.PICKUP
    assert usual_shipping([], has_destination=True) is None


def test_shipping_that_changed_meanwhile_is_told_too(trade, browser):
    sells(trade.seller, shipping_rupiah=10_000)
    review = to_review(browser, trade)
    sells(trade.seller, shipping_rupiah=25_000)
    told = browser.post("/checkout", data={**fields_of(review), "place": "1"})
    assert "Ongkos kirim berubah dari Rp10.000 menjadi Rp25.000." in told.get_data(as_text=True)
    assert db.session.query(Order).count() == 0


def test_what_was_typed_stays_when_something_is_wrong(trade, browser):
    cart.add(actor=trade.buyer, product_id=trade.product.id, quantity=10)
    form = fields_of(page(browser, "/checkout"))
    seller = trade.seller.id
    changes = {
        "to": "address",
        "address": "Jl. Slamet Riyadi 1",
        "phone": "12",
        f"shipping_kind-{seller}": "quoted",
    }
    changes[f"deliver_from-{seller}"] = "2026-11-01"
    changes[f"note-{seller}"] = "Lewat pintu belakang"
    told = browser.post("/checkout", data={**form, **changes, "review": "1"})
    html = told.get_data(as_text=True)
    assert told.status_code == 422
    for words in (
        "Paling awal 22 November 2026.", "Tulis nomor HP Indonesia", "Jl. Slamet Riyadi 1",
        "Lewat pintu belakang",
    ):  # fmt: skip
        assert words in html


@pytest.mark.parametrize("hostile", ["", "abc", "99999999999999999999", "-1", "<script>", "1e9", "１０"])
def test_hostile_numbers_are_answered_in_words(trade, browser, hostile):
    cart.add(actor=trade.buyer, product_id=trade.product.id, quantity=10)
    answer = browser.post("/cart", data={f"quantity-{trade.product.id}": hostile})
    assert answer.status_code == 422
    assert "<script>" not in answer.get_data(as_text=True).split("</head>")[1].split("<footer")[0]
    added = browser.post("/cart/add", data={"product": hostile, "quantity": hostile}, follow_redirects=True)
    assert added.status_code in {200, 404}
    sent = browser.post("/checkout", data={f"quantity-{trade.product.id}": hostile, "place": "1"})
    assert sent.status_code == 422
    assert db.session.query(Order).count() == 0


def test_a_cart_that_cannot_be_ordered_does_not_go_on(trade, browser):
    cart.add(actor=trade.buyer, product_id=trade.product.id, quantity=10)
    with unit_of_work() as session:
        session.get_one(Product, trade.product.id).state = "paused"
    html = page(browser, "/cart")
    assert "Sedang tidak dijual. Hapus dari keranjang." in html
    told = browser.post("/cart", data={**fields_of(html), "go": "all"}, follow_redirects=True)
    assert "Perbaiki dulu barang yang ditandai" in told.get_data(as_text=True)
    emptied = {**fields_of(html), f"quantity-{trade.product.id}": "", "remove": trade.product.id}
    taken = browser.post("/cart", data=emptied, follow_redirects=True)
    assert "Keranjang kosong" in taken.get_data(as_text=True)


def test_one_seller_of_the_cart_can_be_ordered_from_alone(trade, browser):
    other = make.seller(name="Batik Contoh")
    shirt = buyable(other)
    cart.add(actor=trade.buyer, product_id=trade.product.id, quantity=10)
    cart.add(actor=trade.buyer, product_id=shirt.id, quantity=1)
    form = {**fields_of(page(browser, "/cart")), "go": other.id}
    choose = browser.post("/cart", data=form, follow_redirects=True).get_data(as_text=True)
    assert "Batik Contoh" in choose
    assert "Dapur Contoh" not in choose


def test_above_the_limit_a_manager_says_yes_and_a_stranger_sees_nothing(app, trade, browser):
    limit(trade.operator, 100_000)
    staff = sign_in(app.test_client(), trade.staff)
    cart.add(actor=trade.staff, product_id=trade.product.id, quantity=10)
    choose = page(staff, "/checkout")
    review = staff.post("/checkout", data={**fields_of(choose), "review": "1"}).get_data(as_text=True)
    assert "Menunggu persetujuan manajer." in review
    staff.post("/checkout", data={**fields_of(review), "place": "1"})
    checkout = db.session.query(Checkout).one()
    where = f"/checkout/{checkout.id}"
    assert "Setujui, kirim ke penjual" not in page(staff, where)
    assert staff.post(f"/approvals/{checkout.id}/approve").status_code == 403
    stranger = sign_in(app.test_client(), make.member(trade.buyer.role, operator_id=make.operator().id))
    assert stranger.get(where).status_code == 404
    assert stranger.post(f"/approvals/{checkout.id}/approve").status_code == 404
    browser = sign_in(app.test_client(), trade.buyer)
    assert "1 belanja menunggu persetujuan" in page(browser, "/approvals")
    assert browser.get("/approvals?format=csv").status_code == 200
    refused = browser.post(f"/approvals/{checkout.id}/refuse", data={"reason": " "})
    assert (refused.status_code, "Tulis alasannya" in refused.get_data(as_text=True)) == (422, True)
    yes = browser.post(f"/approvals/{checkout.id}/approve", follow_redirects=True).get_data(as_text=True)
    assert "Pesanannya sudah sampai ke penjual" in yes
    assert db.session.query(Order).one().number == "PO/2026/0001"


def test_limits_are_set_by_managers_and_typing_errors_are_told(app, trade, browser):
    assert sign_in(app.test_client(), trade.staff).get("/approvals/limits").status_code == 403
    browser = sign_in(app.test_client(), trade.buyer)
    names = {"limit-0": "2.000.000", f"limit-{trade.staff.user_id}": "banyak"}
    wrong = browser.post("/approvals/limits", data=names)
    assert (wrong.status_code, "banyak" in wrong.get_data(as_text=True)) == (422, True)
    browser.post("/approvals/limits", data={**names, f"limit-{trade.staff.user_id}": ""})
    assert [(row.user_id, row.limit_rupiah) for row in db.session.query(ApprovalLimit)] == [(0, 2_000_000)]


def test_a_seller_says_how_it_sells(app, trade):
    maker = sign_in(app.test_client(), trade.maker)
    assert "Bagaimana Anda menjual putus?" in page(maker, "/seller/selling-terms")
    nothing = maker.post("/seller/selling-terms", data={"answer_days": "2", "delivers": "y"})
    assert "Pilih paling sedikit satu cara bayar." in nothing.get_data(as_text=True)
    said = {"delivers": "y", "shipping_rupiah": "15.000", "free_from_rupiah": "500.000", "takes_before": "y"}
    maker.post("/seller/selling-terms", data={**said, "answer_days": "3", "due_days": "14"})
    row = db.session.get_one(SellingTerms, trade.seller.id)
    assert (row.shipping_rupiah, row.free_from_rupiah, row.due_days, row.answer_days) == (
        15_000,
        500_000,
        14,
        3,
    )
    assert (row.takes_on_delivery, row.offers_pickup) == (False, False)


def test_a_seller_counts_what_is_ready_and_gives_it_up_again(app, trade):
    maker = sign_in(app.test_client(), trade.maker)
    name = f"on_hand-{trade.product.id}"
    assert "Apa yang siap kirim sekarang?" in page(maker, "/seller/stock")
    maker.post("/seller/stock", data={name: "24", f"was-{trade.product.id}": ""})
    assert stock_of(trade.product) == (24, 0)
    trade.order(10)
    few = maker.post("/seller/stock", data={name: "5", f"was-{trade.product.id}": "24"})
    assert (few.status_code, "10 sudah dijanjikan" in few.get_data(as_text=True)) == (422, True)
    gone = maker.post("/seller/stock", data={name: "", f"was-{trade.product.id}": "24"})
    assert gone.status_code == 422
    assert stock_of(trade.product) == (24, 10)
    assert maker.get("/seller/stock?format=csv&kind=ready").get_data(as_text=True).count("Keripik tempe") == 1
    other = buyable(trade.seller, ready=7)
    maker = sign_in(app.test_client(), trade.maker)
    maker.post("/seller/stock", data={f"on_hand-{other.id}": "", f"was-{other.id}": "7"})
    assert db.session.get(ReadyStock, other.id) is None
    maker.post("/seller/stock", data={f"on_hand-{other.id}": "3", f"was-{other.id}": ""})
    assert stock_of(other) == (3, 0)
    stranger = sign_in(app.test_client(), make.member(trade.maker.role, seller_id=make.seller().id))
    assert stranger.post("/seller/stock", data={name: "1"}).status_code == 422
    assert stock_of(trade.product) == (24, 10)


def test_emoji_are_taken_off_a_card_with_a_sentence_and_letters_stay(trade, browser):
    cart.add(actor=trade.buyer, product_id=trade.product.id, quantity=1)
    typed = {f"quantity-{trade.product.id}": "1", f"card-{trade.product.id}": "Selamat 🎂\nIbu 💐 Siti 👍🏽"}
    told = browser.post("/cart", data=typed, follow_redirects=True).get_data(as_text=True)
    assert "Emoji tidak bisa dicetak di kartu" in told
    assert db.session.query(CartLine.card_text).scalar() == "Selamat\nIbu Siti"
    typed[f"card-{trade.product.id}"] = "Café – “ꦱꦸꦒꦼꦁ”  سلام"
    told = browser.post("/cart", data=typed, follow_redirects=True).get_data(as_text=True)
    assert "Emoji tidak bisa dicetak di kartu, jadi" not in told
    db.session.rollback()
    assert db.session.query(CartLine.card_text).scalar() == typed[f"card-{trade.product.id}"]
