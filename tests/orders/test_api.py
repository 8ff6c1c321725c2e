"""Orders and payments by program: the same services, permissions and refusals as the pages."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from marketplace import clock
from marketplace.db import db, unit_of_work
from marketplace.orders.models import Checkout, Order, OrderState
from marketplace.permissions import Role
from tests import factories as make
from tests.orders.made import payables_of, received, shipped
from tests.orders.programs import Ask, asking, basket, count_of, key
from tests.orders.support import TODAY, Trade, buyable, limit, sells, stock_of, trade_of


@pytest.fixture
def trade(app) -> Trade:
    return trade_of(ready=100, min_order=5)


@pytest.fixture
def ask(client) -> Ask:
    return asking(client)


# --- ordering -------------------------------------------------------------------------------------------


def test_a_program_orders_of_several_sellers_at_once_and_reads_what_it_ordered(ask, trade):
    other = buyable(make.seller(), ready=50)
    body = basket(trade)
    other_ref = db.session.get_one(make.Seller, other.seller_id).seller_ref
    body["lines"].append({"seller_ref": other_ref, "sku": other.sku, "quantity": 3})
    status, made = ask(trade.buyer, "POST", "/orders", body, **key("a"))
    assert (status, made["total_rupiah"], made["needs_approval"]) == (200, 13 * 15_000, False)
    assert [one["seller_ref"] for one in made["orders"]] == [trade.seller.seller_ref, other_ref]
    status, order = ask(trade.buyer, "GET", f"/orders/{made['orders'][0]['order_ref']}")
    assert (status, order["number"], order["state"]) == (200, "PO/2026/0001", "placed")
    assert (order["side"], order["acts"]) == ("buyer", ["cancel"])
    assert (order["outlet_ref"], order["seller_ref"]) == (trade.outlet.outlet_ref, trade.seller.seller_ref)
    [line] = order["lines"]
    assert (line["sku"], line["quantity"], line["sent"]) == (trade.product.sku, 10, 0)
    assert order["deliver_from"] == TODAY.isoformat()
    assert order["deliver_to"] == (TODAY + timedelta(days=7)).isoformat()
    assert stock_of(trade.product) == (100, 10)


def test_the_same_key_and_body_is_one_checkout_with_one_answer_whatever_happens_meanwhile(ask, trade):
    body = basket(trade)
    first = ask(trade.buyer, "POST", "/orders", body, **key("a"))
    with unit_of_work() as session:
        product = session.get_one(type(trade.product), trade.product.id)
        product.price_rupiah, product.sku = 99_000, "RENAMED"
    ask(trade.maker, "POST", f"/orders/{first[1]['orders'][0]['order_ref']}/decline", {"reason": "Libur"})
    assert ask(trade.buyer, "POST", "/orders", body, **key("a")) == first
    assert count_of(Checkout) == count_of(Order) == 1


def test_the_same_key_with_another_body_is_a_409_and_orders_nothing(ask, trade):
    ask(trade.buyer, "POST", "/orders", basket(trade), **key("a"))
    for body in (basket(trade, 11), basket(trade, note="Pagi")):
        status, problem = ask(trade.buyer, "POST", "/orders", body, **key("a"))
        assert (status, problem["code"]) == (409, "checkout_differs")
    assert count_of(Order) == 1
    stranger = make.member(Role.BUYER_MANAGER, operator_id=make.operator().id)
    status, problem = ask(stranger, "POST", "/orders", basket(trade), **key("a"))
    assert (status, problem["fields"].keys()) == (409, {f"outlet_id-{trade.seller.seller_ref}"})
    body = basket(trade) | {"outlet_ref": None}
    assert ask(stranger, "POST", "/orders", body, **key("a"))[0] == 200, "a key is one buyer's own"


@pytest.mark.parametrize("header", [{}, {"Idempotency-Key": ""}, {"Idempotency-Key": "a b"},
                                    {"Idempotency-Key": "k" * 81}])  # fmt: skip
def test_without_a_good_key_nothing_is_ordered(ask, trade, header):
    status, problem = ask(trade.buyer, "POST", "/orders", basket(trade), **header)
    assert (status, set(problem["fields"])) == (422, {"Idempotency-Key"})
    assert count_of(Order) == 0


@pytest.mark.parametrize(
    ("change", "status", "field"),
    [
        ({"lines": []}, 422, "lines"),
        ({"lines": None}, 422, "lines"),
        ({"shipping": "drone"}, 422, "shipping"),
        ({"payment": "never"}, 422, "payment"),
        ({"deliver_from": "22/11/2026"}, 422, "deliver_from"),
        ({"deliver_from": 0}, 422, "deliver_from"),
        ({"surprise": 1}, 422, "surprise"),
        ({"payment": "later"}, 409, "payment_plan-{ref}"),
        ({"shipping": "seller_rate"}, 409, "shipping_kind-{ref}"),
        ({"deliver_from": "2026-11-01"}, 409, "deliver_from-{ref}"),
        ({"deliver_from": "9999-12-31"}, 409, "deliver_from-{ref}"),
        ({"deliver_to": "2026-11-01"}, 409, "deliver_to-{ref}"),
        ({"phone": "12"}, 409, "phone-{ref}"),
        ({"outlet_ref": None, "shipping": "quoted"}, 409, "recipient-{ref}"),
    ],
)
def test_each_wrong_value_is_named(ask, trade, change, status, field):
    found, problem = ask(trade.buyer, "POST", "/orders", basket(trade) | change, **key("a"))
    assert found == status
    assert field.format(ref=trade.seller.seller_ref) in problem["fields"]
    assert count_of(Order) == 0


@pytest.mark.parametrize("quantity", [0, -1, 1.5, "10", True, None, 10**7, 10**30])
def test_a_quantity_is_a_whole_number_of_units(ask, trade, quantity):
    status, problem = ask(trade.buyer, "POST", "/orders", basket(trade, quantity), **key("a"))
    assert (status, list(problem["fields"])) == (422, ["lines.0.quantity"])


def test_goods_and_places_that_there_are_not_are_a_404(ask, trade):
    body = basket(trade)
    body["lines"].append({"seller_ref": trade.seller.seller_ref, "sku": "NONE\x00", "quantity": 5})
    status, problem = ask(trade.buyer, "POST", "/orders", body, **key("a"))
    assert (status, problem["code"], list(problem["fields"])) == (404, "unknown_product", ["lines.1.sku"])
    status, problem = ask(trade.buyer, "POST", "/orders", basket(trade, outlet_ref="NONE"), **key("a"))
    assert (status, problem["code"]) == (404, "unknown_outlet")


def test_what_is_not_sold_so_is_refused_by_reference(ask, trade):
    refs = {"seller_ref": trade.seller.seller_ref, "sku": trade.product.sku}
    for quantity in (3, 101):
        status, problem = ask(trade.buyer, "POST", "/orders", basket(trade, quantity), **key("a"))
        assert (status, problem["code"]) == (409, "cart_changed")
        assert problem["lines"][0].items() >= refs.items()
    cheaper = basket(trade, unit_price_rupiah=14_000)
    status, problem = ask(trade.buyer, "POST", "/orders", cheaper, **key("a"))
    assert (status, problem["code"]) == (409, "cart_changed")
    assert "Rp15.000" in problem["lines"][0]["message"]
    twice = basket(trade)
    twice["lines"] *= 2
    assert ask(trade.buyer, "POST", "/orders", twice, **key("a"))[0] == 409
    assert count_of(Order) == 0
    assert ask(trade.buyer, "POST", "/orders", basket(trade, unit_price_rupiah=15_000), **key("a"))[0] == 200


def test_above_a_limit_the_order_waits_and_its_seller_does_not_see_it(ask, trade):
    limit(trade.operator, 100_000)
    status, made = ask(trade.staff, "POST", "/orders", basket(trade), **key("a"))
    assert (status, made["needs_approval"]) == (200, True)
    ref = made["orders"][0]["order_ref"]
    assert ask(trade.staff, "GET", f"/orders/{ref}")[1]["number"] is None
    assert ask(trade.maker, "GET", f"/orders/{ref}")[0] == 404
    assert ask(trade.maker, "GET", "/orders")[1]["items"] == []


def test_only_who_may_order_orders(ask, trade, client):
    for actor in (trade.maker, make.member(Role.COACH, office_id=make.office().id)):
        assert ask(actor, "POST", "/orders", basket(trade), **key("a"))[0] == 403
    assert client.post("/api/v1/orders", json=basket(trade), headers=key("a")).status_code == 401


# --- the life of an order -------------------------------------------------------------------------------


def test_both_sides_lead_an_order_from_its_placing_to_its_payment(ask, trade):
    ref = ask(trade.buyer, "POST", "/orders", basket(trade), **key("a"))[1]["orders"][0]["order_ref"]
    assert ask(trade.maker, "POST", f"/orders/{ref}/confirm")[1]["state"] == "confirmed"
    lines = [{"line": 1, "quantity": 6, "lot": "A", "expires_on": "2027-06-30"}, {"line": 1, "quantity": 3}]
    status, order = ask(trade.maker, "POST", f"/orders/{ref}/ship", {"lines": lines, "carrier": "JNE"})
    assert (status, order["state"], order["shipment"]["carrier"]) == (200, "shipped", "JNE")
    assert [(one["note_line"], one["lot"], one["quantity"]) for one in order["shipment"]["lines"]] == [
        (1, "A", 6), (2, "", 3),
    ]  # fmt: skip
    taken = [{"note_line": 1, "accepted": 5, "damaged": 1}, {"note_line": 2, "accepted": 3}]
    status, order = ask(trade.buyer, "POST", f"/orders/{ref}/receive", {"lines": taken})
    assert (status, order["state"]) == (200, "invoiced")
    [line] = order["lines"]
    assert [line[name] for name in ("quantity", "sent", "accepted", "billed")] == [10, 9, 8, 8]
    status, invoice = ask(trade.maker, "GET", f"/invoices/{order['invoice_code']}")
    assert (status, invoice["total_rupiah"], invoice["order_ref"]) == (200, 120_000, ref)
    assert [(one["sku"], one["quantity"]) for one in invoice["lines"]] == [(trade.product.sku, 8)]
    [debt] = order["payables"]
    paid = {"payable_ids": [debt["payable_id"]], "amount_rupiah": 120_000, "method": "cash",
            "paid_on": "2026-11-22"}  # fmt: skip
    status, payment = ask(trade.buyer, "POST", "/payments", paid, **key("p"))
    assert (status, payment["state"]) == (200, "reported")
    assert [one["payable_id"] for one in payment["documents"]] == [debt["payable_id"]]
    assert ask(trade.buyer, "POST", "/payments", paid, **key("p")) == (200, payment)
    status, problem = ask(trade.buyer, "POST", "/payments", paid | {"reference": "x"}, **key("p"))
    assert (status, problem["code"]) == (409, "idempotency_key_used")
    path = f"/payments/{payment['payment_id']}"
    assert ask(trade.maker, "POST", f"{path}/confirm")[1]["state"] == "confirmed"
    assert ask(trade.buyer, "GET", f"/orders/{ref}")[1]["state"] == "settled"
    assert [step["step"] for step in ask(trade.buyer, "GET", f"/orders/{ref}")[1]["steps"]] == list(
        range(1, 7)
    )


def test_quoted_shipping_is_quoted_agreed_to_and_paid_first(ask, trade):
    body = basket(trade, shipping="quoted", payment="before")
    ref = ask(trade.buyer, "POST", "/orders", body, **key("a"))[1]["orders"][0]["order_ref"]
    assert ask(trade.maker, "POST", f"/orders/{ref}/confirm")[1]["code"] == "shipping_not_quoted"
    status, order = ask(trade.maker, "POST", f"/orders/{ref}/quote-shipping", {"shipping_rupiah": 20_000})
    assert (status, order["total_rupiah"]) == (200, 170_000)
    status, order = ask(trade.buyer, "POST", f"/orders/{ref}/agree")
    assert (status, order["state"]) == (200, "awaiting_payment")
    assert [(one["kind"], one["amount_rupiah"]) for one in order["payables"]] == [("advance", 170_000)]
    status, order = ask(trade.maker, "POST", f"/orders/{ref}/call-off", {"reason": "Oven rusak"})
    assert (status, order["state"], order["steps"][-1]["reason"]) == (200, "cancelled", "Oven rusak")


def test_acts_out_of_turn_are_a_409_that_says_where_the_order_stands(ask, trade):
    order = trade.order()
    ref = order.order_ref
    acts = [(trade.maker, "ship", {"lines": None}), (trade.buyer, "receive", {"lines": None}),
            (trade.buyer, "agree", None)]  # fmt: skip
    for actor, act, body in acts:
        status, problem = ask(actor, "POST", f"/orders/{ref}/{act}", body)
        assert (status, problem["code"]) == (409, "order_placed"), act
    assert ask(trade.buyer, "POST", f"/orders/{ref}/cancel", {"reason": " \n"})[0] == 422
    assert ask(trade.buyer, "POST", f"/orders/{ref}/cancel", {"reason": "Batal"})[1]["state"] == "cancelled"
    status, problem = ask(trade.buyer, "POST", f"/orders/{ref}/cancel", {"reason": "Batal"})
    assert (status, problem["code"]) == (409, "order_cancelled")


@pytest.mark.parametrize(
    ("lines", "field"),
    [
        ([], "lines"),
        ([{"line": 2, "quantity": 1}], "lines.0"),
        ([{"line": 1, "quantity": 5}, {"line": 1, "quantity": 6}], "lines.1"),
        ([{"line": 1, "quantity": 5, "expires_on": "2026-11-21"}], "lines.0"),
    ],
)
def test_a_delivery_note_that_cannot_be_is_refused_line_by_line(ask, trade, lines, field):
    order = trade.order()
    ask(trade.maker, "POST", f"/orders/{order.order_ref}/confirm")
    status, problem = ask(trade.maker, "POST", f"/orders/{order.order_ref}/ship", {"lines": lines})
    assert (status, list(problem["fields"])) == (409, [field])


@pytest.mark.parametrize(
    "lines",
    [
        [{"note_line": 2, "accepted": 1}],
        [{"note_line": 1, "accepted": 1}, {"note_line": 1, "accepted": 1}],
        [{"note_line": 1, "accepted": 11}],
    ],
)
def test_a_receipt_that_cannot_be_is_refused(ask, trade, lines):
    order = shipped(trade)
    status, problem = ask(trade.buyer, "POST", f"/orders/{order.order_ref}/receive", {"lines": lines})
    assert status == 409
    assert problem["fields"]
    for body in ({}, None, {"lines": 1}):
        assert ask(trade.buyer, "POST", f"/orders/{order.order_ref}/receive", body)[0] in {400, 422}


def test_a_stranger_s_order_invoice_and_payment_are_not_there(ask, trade):
    order = received(trade)
    code = ask(trade.buyer, "GET", f"/orders/{order.order_ref}")[1]["invoice_code"]
    [debt] = payables_of(order)
    paid = {"payable_ids": [debt.id], "amount_rupiah": 1_000, "method": "cash", "paid_on": "2026-11-22"}
    payment_id = ask(trade.buyer, "POST", "/payments", paid, **key("p"))[1]["payment_id"]
    stranger = make.member(Role.BUYER_OWNER, operator_id=make.operator().id)
    other = make.member(Role.SELLER_OWNER, seller_id=make.seller().id)
    for actor in (stranger, other):
        for path in (f"/orders/{order.order_ref}", f"/invoices/{code}", f"/payments/{payment_id}"):
            assert ask(actor, "GET", path)[0] == 404, path
        for path in ("/orders", "/invoices", "/payments", "/payables"):
            assert ask(actor, "GET", path)[1]["items"] == [], path
    assert ask(stranger, "POST", f"/orders/{order.order_ref}/cancel", {"reason": "x"})[0] == 404
    assert ask(stranger, "POST", f"/orders/{order.order_ref}/receive", {"lines": None})[0] == 404
    assert ask(other, "POST", f"/orders/{order.order_ref}/confirm")[0] == 404
    assert ask(other, "POST", f"/payments/{payment_id}/confirm")[0] == 404
    assert ask(stranger, "POST", "/payments", paid, **key("q"))[0] == 404
    assert ask(trade.buyer, "POST", f"/orders/{order.order_ref}/confirm")[0] == 403
    assert (
        ask(trade.maker, "POST", f"/payments/{payment_id}/deny", {"reason": "Belum"})[1]["state"] == "denied"
    )


def test_an_office_that_looks_on_sees_the_order_and_not_the_people(ask, trade):
    body = basket(trade, outlet_ref=None, recipient="Ibu Tatik", phone="081234567890", address="Jl. Melati 3")
    ref = ask(trade.buyer, "POST", "/orders", body, **key("a"))[1]["orders"][0]["order_ref"]
    status, order = ask(trade.maker, "GET", f"/orders/{ref}")
    assert (status, order["recipient"], order["phone"]) == (200, "Ibu Tatik", "+6281234567890")
    status, order = ask(make.officer(), "GET", f"/orders/{ref}")
    assert (status, order["side"], order["acts"], order["total_rupiah"]) == (200, None, [], 150_000)
    assert {order[name] for name in ("recipient", "phone", "address", "note")} == {""}


def test_lists_go_on_where_they_stopped_and_take_what_moved_since_a_day(ask, trade):
    sells(trade.seller)
    refs = [trade.order(5).order_ref for _order in range(5)]
    seen: list[str] = []
    page: dict[str, Any] = {"next_cursor": 2**63 - 1}
    while page["next_cursor"] is not None:
        status, page = ask(trade.maker, "GET", f"/orders?limit=2&cursor={page['next_cursor']}")
        assert status == 200
        seen += [item["order_ref"] for item in page["items"]]
    assert seen == refs[::-1]
    with clock.frozen(clock.now() + timedelta(days=1)):
        ask(trade.maker, "POST", f"/orders/{refs[2]}/confirm")
    found = ask(trade.buyer, "GET", "/orders?moved_since=2026-11-23")[1]["items"]
    assert [item["order_ref"] for item in found] == [refs[2]]
    assert len(ask(trade.buyer, "GET", "/orders?moved_since=0001-01-01")[1]["items"]) == 5
    assert len(ask(trade.buyer, "GET", f"/orders?state={OrderState.PLACED}")[1]["items"]) == 4
    assert ask(trade.buyer, "GET", "/orders?state=nowhere")[0] == 422
