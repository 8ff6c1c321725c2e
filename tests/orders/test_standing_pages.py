"""Standing orders, old orders again and pre-orders on the screens."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest
from sqlalchemy import select

from marketplace import clock
from marketplace.catalog.models import Product
from marketplace.clock import WIB
from marketplace.db import db, unit_of_work
from marketplace.orders.models import (
    CartLine,
    Order,
    OrderState,
    PaymentPlan,
    ShippingKind,
    StandingOrder,
    StandingRun,
)
from marketplace.orders.rules import buying
from marketplace.orders.rules.buying import Offer
from marketplace.orders.rules.parcels import Component, Content
from marketplace.orders.rules.repeating import Bought, again
from marketplace.orders.services import answering, cart, standing_runs
from marketplace.orders.services.reservations import count_ready
from marketplace.payments.models import Payable
from tests.orders.support import DAY, TODAY, place_order, sells, state_of, trade_of
from tests.support.signing import sign_in


@pytest.fixture
def buyer(app, trade):
    return sign_in(app.test_client(), trade.buyer)


@pytest.fixture
def seller(app, trade):
    return sign_in(app.test_client(), trade.maker)


def text_of(answer):
    return " ".join(answer.get_data(as_text=True).split())


def change(product, **values):
    with unit_of_work() as session:
        row = session.get_one(Product, product.id)
        for name, value in values.items():
            setattr(row, name, value)


def form(trade, **more):
    return {
        "key": "rutin",
        "product": str(trade.product.id),
        f"quantity-{trade.product.id}": "20",
        f"seen-{trade.product.id}": "15000",
        "to": str(trade.outlet.id),
        "cycle": "weekly",
        "first_on": (TODAY + DAY).isoformat(),
        "last_on": "",
        "ahead_days": "3",
        "window_days": "2",
        "max_rise_percent": "10",
        "shipping_kind": "pickup",
        "payment_plan": "on_delivery",
        **more,
    }


def begin(trade, client, **more):
    answer = client.post("/standing-orders/new", data=form(trade, **more))
    assert answer.status_code == 302, text_of(answer)
    return db.session.scalars(select(StandingOrder)).one()


# --- standing orders ---------------------------------------------------------------------------------------


def test_an_order_of_the_past_becomes_a_standing_one_that_both_see(trade, buyer, seller):
    order = place_order(trade, 12)
    assert f"/standing-orders/new?order={order.id}" in text_of(buyer.get(f"/orders/{order.id}"))
    page = text_of(buyer.get(f"/standing-orders/new?order={order.id}"))
    assert 'value="12"' in page
    standing = begin(trade, buyer, order=order.id)
    path = f"/standing-orders/{standing.id}"
    assert "Hari pesan berikutnya" in text_of(buyer.get(path))
    page = text_of(seller.get(path))
    assert "Pesanan rutin Rukun Mart" in page
    assert "/pause" not in page
    assert "1 pesanan rutin berjalan" in text_of(seller.get("/standing-orders"))
    assert "active,weekly" in text_of(buyer.get("/standing-orders?format=csv"))


def test_it_begins_as_the_order_was_sent_and_paid(trade, buyer):
    sells(trade.seller, shipping_rupiah=20_000)
    order = place_order(trade, 12, shipping_kind=ShippingKind.PICKUP, payment_plan=PaymentPlan.ON_DELIVERY)
    page = text_of(buyer.get(f"/standing-orders/new?order={order.id}"))
    assert 'value="pickup" checked' in page
    assert 'value="on_delivery" checked' in page
    order = place_order(trade, 12, shipping_kind=ShippingKind.QUOTED)  # which no standing order knows
    page = text_of(buyer.get(f"/standing-orders/new?order={order.id}"))
    assert 'value="seller_rate" checked' in page


def test_what_was_typed_stays_and_each_field_says_what_is_wrong(trade, buyer):
    for wrong, sentence in (
        ({"first_on": "besok"}, "Tulis tanggal"),
        ({"max_rise_percent": "200"}, "0 sampai 100"),
        ({f"quantity-{trade.product.id}": "nol"}, "Tulis angka bulat"),
        ({f"seen-{trade.product.id}": "14000"}, "Harga naik dari Rp14.000 menjadi Rp15.000."),
        ({"cycle": "harian"}, "Pilih seberapa sering"),
    ):
        answer = buyer.post("/standing-orders/new", data=form(trade, note="Untuk kantin", **wrong))
        assert answer.status_code == 422
        assert sentence in text_of(answer)
        assert "Untuk kantin" in text_of(answer)


def test_a_day_is_skipped_paused_resumed_and_ended_by_its_buyer_alone(app, trade, buyer, seller):
    standing = begin(trade, buyer)
    path = f"/standing-orders/{standing.id}"
    buyer.post(f"{path}/skip", data={"day": (TODAY + DAY).isoformat()})
    assert "dilewati" in text_of(buyer.get(path))
    buyer.post(f"{path}/unskip", data={"day": (TODAY + DAY).isoformat()})
    db.session.rollback()
    assert db.session.scalar(select(StandingRun.day)) is None
    buyer.post(f"{path}/pause")
    assert "Sedang dijeda" in text_of(buyer.get(path))
    buyer.post(f"{path}/resume")
    assert seller.post(f"{path}/end").status_code == 403
    stranger = sign_in(app.test_client(), trade_of().buyer)
    assert stranger.post(f"{path}/end").status_code == 404
    assert stranger.get(path).status_code == 404
    buyer.post(f"{path}/end", data={"reason": "Menu berganti"})
    assert "Menu berganti" in text_of(buyer.get(path))


def test_prices_over_the_bound_are_agreed_to_on_the_page(trade, buyer):
    standing = begin(trade, buyer)
    change(trade.product, price_rupiah=20_000)
    path = f"/standing-orders/{standing.id}"
    with clock.frozen(datetime.combine(TODAY + DAY, time(8), WIB)):
        standing_runs.run_due()
        page = text_of(buyer.get(path))
        assert "naik dari Rp15.000 menjadi Rp20.000, lebih dari 10%" in page
        assert "Setujui harga, pesan Rp400.000" in page
        agreed = {"day": (TODAY + DAY).isoformat(), f"seen-{trade.product.id}": "20000"}
        sells(trade.seller, offers_pickup=False)
        told = buyer.post(f"{path}/agree", data=agreed, follow_redirects=True)
        assert "tidak menawarkan cara kirim itu" in text_of(told)
        assert "Setujui harga, pesan Rp400.000" in text_of(told)
        sells(trade.seller, offers_pickup=True)
        buyer.post(f"{path}/agree", data=agreed)
        assert "PO/2026/0001" in text_of(buyer.get(path))
    order = db.session.scalars(select(Order)).one()
    assert "Dari pesanan rutin" in text_of(buyer.get(f"/orders/{order.id}"))


# --- again -------------------------------------------------------------------------------------------------


def bought(quantity=20, price=15_000):
    return Bought(1, "Keripik", "bungkus", quantity, price)


def offer(**values):
    return Offer(1, 1, "Keripik", "K-1", "bungkus", 15_000, **values)


@pytest.mark.parametrize(
    ("found", "quantity", "sentence"),
    [
        (offer(), 20, ""),
        (None, 0, "Sedang tidak dijual, jadi tidak ikut."),
        (offer(is_sold=False), 0, "Sedang tidak dijual, jadi tidak ikut."),
        (offer(min_order=30), 30, "Pesanan paling sedikit kini 30."),
        (offer(multiple=12), 24, "Kini dijual per 12, jadi 24."),
        (offer(ready=15), 15, "Stok tinggal 15."),
        (offer(ready=15, multiple=10), 10, "Stok tinggal 10."),
        (offer(ready=5, min_order=10), 0, "Stoknya habis, jadi tidak ikut."),
    ],
)
def test_a_line_is_ordered_again_as_near_as_can_be(found, quantity, sentence):
    line = again(bought(), found, TODAY)
    assert line.quantity == quantity
    assert sentence in " ".join([*line.changes, ""])


def test_a_changed_price_is_said(app):
    assert again(bought(price=12_000), offer(), TODAY).changes == [
        "Harga naik dari Rp12.000 menjadi Rp15.000."
    ]


def test_an_old_order_goes_into_the_cart_and_says_what_did_not(app, trade, buyer):
    order = place_order(trade, 20)
    change(trade.product, price_rupiah=16_000)
    page = text_of(buyer.get(f"/orders/{order.id}/repeat"))
    assert "Harga naik dari Rp15.000 menjadi Rp16.000." in page
    assert "Rp320.000" in page
    assert buyer.post(f"/orders/{order.id}/repeat").location == "/cart"
    db.session.rollback()
    assert db.session.execute(select(CartLine.quantity, CartLine.seen_price_rupiah)).all() == [(20, 16_000)]
    cart.remove(actor=trade.buyer, product_id=trade.product.id)
    change(trade.product, state="paused")
    answer = buyer.post(f"/orders/{order.id}/repeat", follow_redirects=True)
    assert "Tidak satu pun barangnya bisa dipesan sekarang." in text_of(answer)
    stranger = sign_in(app.test_client(), trade_of().buyer)
    assert stranger.get(f"/orders/{order.id}/repeat").status_code == 404


# --- pre-orders --------------------------------------------------------------------------------------------


def test_made_to_order_or_before_its_season_is_a_pre_order(app):
    season = Content(1, 1, version_id=7, season_from=TODAY + 30 * DAY)
    assert buying.is_pre_order([offer(is_made_to_order=True)], TODAY)
    assert not buying.is_pre_order([offer(is_made_to_order=True, ready=5)], TODAY)
    assert buying.is_pre_order([offer(content=season, ready=5)], TODAY)
    assert not buying.is_pre_order([offer(content=season, ready=5)], TODAY + 30 * DAY)
    assert buying.ready_on(offer(content=season, ready=5), 1, TODAY) == TODAY + 30 * DAY
    assert buying.ready_on(offer(lead_days=9), 1, TODAY) == TODAY + 9 * DAY


def test_a_parcel_waits_for_what_of_it_has_to_be_made():
    counted = Component(2, 1, "Abon", "bungkus", 1, 10_000, ready=8)
    made = Component(3, 1, "Intip", "bungkus", 1, 10_000, lead_days=4)
    for components, days in (([counted], 0), ([counted, made], 4)):
        parcel = offer(content=Content(1, 1, version_id=7, components=components), ready=8, lead_days=4)
        assert buying.ready_on(parcel, 5, TODAY) == TODAY + days * DAY


def test_a_pre_order_says_from_when_and_how_much_first_and_asks_it_with_the_sellers_yes(app):
    trade = trade_of(is_made_to_order=True, lead_time_days=9, min_order=10)
    sells(trade.seller, advance_percent=40)
    buyer = sign_in(app.test_client(), trade.buyer)
    page = text_of(buyer.get(f"/products/{trade.product.id}", follow_redirects=True))
    assert "Pra-pesan, siap mulai 1 Desember 2026." in page
    assert "Uang muka 40%: Rp60.000 untuk 10." in page
    cart.add(actor=trade.buyer, product_id=trade.product.id, quantity=20)
    assert "Uang muka 40%, Rp120.000 dari barangnya" in text_of(buyer.get("/cart"))
    assert "Rp120.000 dari barangnya" in text_of(buyer.get("/checkout"))
    order = place_order(
        trade,
        20,
        payment_plan="advance",
        deliver_from=TODAY + timedelta(days=9),
        deliver_to=TODAY + timedelta(days=12),
    )
    assert order.is_pre_order
    assert "Pra-pesan." in text_of(buyer.get(f"/orders/{order.id}"))
    assert db.session.scalar(select(Payable.id)) is None
    answering.confirm(actor=trade.maker, order_id=order.id)
    assert state_of(order) is OrderState.AWAITING_PAYMENT
    assert db.session.execute(select(Payable.kind, Payable.amount_rupiah)).all() == [("advance", 120_000)]


def test_with_units_at_hand_it_is_no_pre_order(app):
    trade = trade_of(is_made_to_order=True, lead_time_days=9)
    count_ready(actor=trade.maker, product_id=trade.product.id, on_hand=50)
    buyer = sign_in(app.test_client(), trade.buyer)
    assert "Pra-pesan" not in text_of(buyer.get(f"/products/{trade.product.id}", follow_redirects=True))
    assert not place_order(trade, 20).is_pre_order
