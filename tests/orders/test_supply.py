"""What is ready and what is made: no unit is promised twice, no week holds more than its maker can make."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from marketplace.db import db, unit_of_work
from marketplace.errors import InvalidInput, RuleBroken
from marketplace.orders.audit import differences
from marketplace.orders.models import CapacityWeek, QuoteState, QuoteVersion
from marketplace.orders.rules.drafts import CartChanged
from marketplace.orders.rules.reserving import NotEnough
from marketplace.orders.services import quotes
from marketplace.orders.services.answering import cancel
from marketplace.orders.services.reservations import count_ready, make_to_order
from marketplace.orders.services.shipping import ship
from tests.orders.made import note_of, pay_advance
from tests.orders.parcel_support import hamper_of
from tests.orders.quoting import ask, offered, order_of, quote_state, terms
from tests.orders.support import buyable, reservations_of, stock_of, trade_of
from tests.support.signing import sign_in
from tests.support.together import at_once

BUYERS = """INSERT INTO quote_versions (quote_id, number, side, makes_rest, deliver_from, deliver_to,
    payment_plan, due_days, advance_percent, valid_until, note, made_at, maker_name, goods_rupiah,
    shipping_rupiah, tax_rupiah, total_rupiah)
    SELECT quote_id, 3, 'buyer', {}, deliver_from, deliver_to, payment_plan, due_days, advance_percent,
    valid_until, note, made_at, maker_name, goods_rupiah, shipping_rupiah, tax_rupiah, total_rupiah
    FROM quote_versions WHERE number = 2"""


@pytest.fixture
def few(app):
    """A trade of which 48 units stand ready."""
    return trade_of(ready=48)


def weeks_of(product):
    db.session.rollback()
    query = select(CapacityWeek.booked).where(CapacityWeek.product_id == product.id, CapacityWeek.booked > 0)
    return list(db.session.scalars(query))


def agreed(trade, **how):
    """The order of a quotation of which the seller makes the rest."""
    quote = offered(trade, makes_rest=True, **how)
    quotes.accept(actor=trade.buyer, quote_id=quote.id, version=2)
    return order_of(quote)


def test_what_is_ready_is_promised_and_the_rest_is_made(few):
    order = agreed(few)
    assert [(row.quantity, row.from_stock) for row in reservations_of(order)] == [(200, 48)]
    assert (stock_of(few.product), weeks_of(few.product)) == ((48, 48), [152])
    with pytest.raises(CartChanged):
        few.order(1)
    pay_advance(few, order)
    ship(actor=few.maker, order_id=order.id, draft=note_of(order))
    assert (stock_of(few.product), weeks_of(few.product)) == ((0, 0), [152])
    assert list(differences()) == []


@pytest.mark.parametrize(("sent", "left", "made"), [(30, (18, 0), []), (100, (0, 0), [52])])
def test_of_fewer_that_leave_what_was_ready_leaves_first(few, sent, left, made):
    order = agreed(few)
    pay_advance(few, order)
    ship(actor=few.maker, order_id=order.id, draft=note_of(order, sent))
    assert (stock_of(few.product), weeks_of(few.product)) == (left, made)
    assert list(differences()) == []


def test_called_off_both_parts_are_free_again(few):
    cancel(actor=few.buyer, order_id=agreed(few).id, reason="Dapur tutup.")
    assert (stock_of(few.product), weeks_of(few.product)) == ((48, 0), [])
    assert list(differences()) == []


def test_a_seller_is_told_when_it_offers_more_than_is_ready(few):
    quote = ask(few)
    with pytest.raises(InvalidInput) as refused:
        quotes.offer(actor=few.maker, quote_id=quote.id, version=1, terms=terms(few))
    assert "Siap 48." in refused.value.fields[f"quantity-{few.product.id}"]
    quotes.offer(actor=few.maker, quote_id=quote.id, version=1, terms=terms(few, quantity=48))
    assert quote_state(quote) is QuoteState.OFFERED


def test_a_week_limits_what_is_made_and_says_so_when_it_is_offered(app):
    trade = trade_of(ready=48, capacity_per_week=100)
    quote = ask(trade)
    with pytest.raises(InvalidInput, match="hanya sanggup 100 lagi untuk minggu itu, diminta 152"):
        quotes.offer(actor=trade.maker, quote_id=quote.id, version=1, terms=terms(trade, makes_rest=True))
    agreed(trade, quantity=140)
    assert weeks_of(trade.product) == [92]
    with pytest.raises(InvalidInput, match="hanya sanggup 8 lagi"):
        offered(trade, quantity=9, makes_rest=True)


def test_only_the_seller_says_that_it_makes_the_rest(few):
    quote = ask(few)
    wish = terms(few, makes_rest=True)
    quotes.offer(actor=few.maker, quote_id=quote.id, version=1, terms=terms(few, quantity=40))
    quotes.counter(actor=few.buyer, quote_id=quote.id, version=2, terms=wish)
    query = select(QuoteVersion.makes_rest).where(QuoteVersion.number == 3)
    assert db.session.scalar(query) is False
    with pytest.raises(NotEnough, match="stok tinggal 48, diminta 200"):
        quotes.accept(actor=few.maker, quote_id=quote.id, version=3)
    quotes.accept(actor=few.maker, quote_id=quote.id, version=3, makes_rest=True)
    assert stock_of(few.product) == (48, 48)


def test_a_buyer_cannot_have_made_what_its_seller_did_not_promise(few):
    quote = offered(few, quantity=40)
    few.order(20)
    with pytest.raises(NotEnough):
        quotes.accept(actor=few.buyer, quote_id=quote.id, version=2, makes_rest=True)
    assert stock_of(few.product) == (48, 20)


def test_two_yeses_at_once_share_what_is_ready(app, few):
    wanted = [offered(few, quantity=40, makes_rest=True) for _turn in range(2)]
    yes = [lambda key=quote.id: quotes.accept(actor=few.buyer, quote_id=key, version=2) for quote in wanted]
    answers = at_once(app, *yes)
    assert not [one for one in answers if isinstance(one, Exception)]
    assert (stock_of(few.product), weeks_of(few.product)) == ((48, 48), [32])
    assert list(differences()) == []


def test_the_database_refuses_more_from_stock_than_is_promised_and_a_buyers_word(few):
    agreed(few)
    for count in ("quantity + 1", "-1"):
        with pytest.raises(DBAPIError, match="from_stock"), unit_of_work() as session:
            session.execute(text(f"UPDATE reservations SET from_stock = {count}"))
    words = BUYERS.format("true" if db.engine.dialect.name == "postgresql" else "1")
    with pytest.raises(DBAPIError, match="makes_rest"), unit_of_work() as session:
        session.execute(text(words))


# --- what stands ready uses up no week ---------------------------------------------------------------------


def test_what_is_taken_from_stock_is_not_made(app):
    trade = trade_of(ready=100, capacity_per_week=30)
    quote = ask(trade)
    with pytest.raises(InvalidInput) as refused:
        quotes.offer(actor=trade.maker, quote_id=quote.id, version=1, terms=terms(trade, quantity=140))
    assert list(refused.value.fields) == [f"quantity-{trade.product.id}"], "of stock alone, not of a week"
    assert "Siap 100." in refused.value.message
    trade.order(60)
    trade.order(40)
    assert (stock_of(trade.product), weeks_of(trade.product)) == ((100, 100), [])
    make = buyable(trade.seller, capacity_per_week=30)
    trade.product = make
    with pytest.raises(CartChanged):
        trade.order(31)
    assert list(differences()) == []


def test_a_parcels_page_says_what_one_order_can_be_for(app):
    hamper = hamper_of()
    count_ready(actor=hamper.other, product_id=hamper.cake.id, on_hand=1000)
    client = sign_in(app.test_client(), hamper.trade.buyer)

    def said():
        return client.get(f"/products/{hamper.trade.product.id}", follow_redirects=True).text

    assert "Bisa disusun sekarang: 400" in said(), "tea is made, 400 a week; cakes would do for 500"
    with pytest.raises(CartChanged):
        hamper.trade.order(401)
    count_ready(actor=hamper.trade.maker, product_id=hamper.tea.id, on_hand=450)
    assert "Bisa disusun sekarang: 450" in said(), "what stands ready is not made"
    hamper.trade.order(450)


def test_nobody_promises_what_another_maker_would_have_to_make(app):
    hamper = hamper_of()
    trade = hamper.trade
    for actor, product in ((hamper.other, hamper.cake), (trade.maker, hamper.tea)):
        count_ready(actor=actor, product_id=product.id, on_hand=60)
    with pytest.raises(InvalidInput, match="nastar: stok tinggal 60, diminta 100"):
        offered(trade, 150_000, quantity=50, makes_rest=True)
    count_ready(actor=hamper.other, product_id=hamper.cake.id, on_hand=200)
    order = agreed(trade, price=150_000, quantity=100)
    assert {row.product_id: row.from_stock for row in reservations_of(order)} == {
        hamper.tea.id: 60, hamper.cake.id: 200,
    }  # fmt: skip
    assert list(differences()) == []


# --- what both see -----------------------------------------------------------------------------------------


def test_both_sides_read_what_is_ready_before_they_agree(app, few):
    buyer, seller = (sign_in(app.test_client(), one) for one in (few.buyer, few.maker))
    assert "Siap sekarang 48" in buyer.get(f"/quotes/new?product={few.product.id}").text
    quote = ask(few)
    path = f"/quotes/{quote.id}"
    for client in (buyer, seller):
        assert "48 siap sekarang, 152 perlu dibuat" in client.get(path).text
    form = seller.get(f"{path}/answer").text
    assert "Siap sekarang 48" in form
    assert 'name="makes_rest"' in form
    quotes.offer(actor=few.maker, quote_id=quote.id, version=1, terms=terms(few, makes_rest=True))
    assert "Penjual menyanggupi membuat sisanya" in buyer.get(path).text
    quotes.counter(actor=few.buyer, quote_id=quote.id, version=2, terms=terms(few, 11_000))
    assert 'name="makes_rest"' in seller.get(path).text
    done = seller.post(f"{path}/accept", data={"version": "3", "makes_rest": "1"})
    assert done.location == f"/orders/{order_of(quote).id}"
    assert "152 dibuat untuk pesanan" in seller.get("/seller/stock").text


def test_what_is_sold_meanwhile_is_read_before_the_yes(app, few):
    quote = offered(few, quantity=40)
    few.order(20)
    for actor in (few.buyer, few.maker):
        page = sign_in(app.test_client(), actor).get(f"/quotes/{quote.id}").text
        assert "Belum bisa disetujui seperti ini" in page
        assert "28 siap sekarang, 12 perlu dibuat" in page


def test_stock_is_emptied_down_to_what_is_promised(few):
    few.order(12)
    with pytest.raises(RuleBroken, match="Tulis 12 bila selebihnya tidak ada"):
        make_to_order(actor=few.maker, product_id=few.product.id)
    count_ready(actor=few.maker, product_id=few.product.id, on_hand=12)
    assert stock_of(few.product) == (12, 12)
