"""What orders ask of people stands on their first screen, urgent by its rule, one tap from being done."""

from __future__ import annotations

from datetime import date, timedelta
from urllib.parse import unquote

import pytest

from marketplace import clock
from marketplace.db import unit_of_work
from marketplace.orders.models import ClaimKind
from marketplace.orders.queries.waiting import waiting_orders_by_outlet
from marketplace.orders.services.answering import cancel, confirm, quote_shipping
from marketplace.orders.services.claims import ClaimDraft, make_claim, reject_claim
from marketplace.orders.services.shipping import pack
from marketplace.orders.views.tasks import outlet_sections, seller_tasks
from marketplace.organizations.models import Seller
from marketplace.permissions import Role
from marketplace.placements.queries.board import outlet_board
from tests import factories as make
from tests.orders.made import pay, received, shipped
from tests.orders.support import limit, lines_of
from tests.support.questions import questions
from tests.support.signing import sign_in

TODAY = date(2026, 11, 22)


@pytest.fixture
def asked(app):
    """What stands on the list of somebody, as (title, kind); of an outlet with its id."""

    def find(actor, outlet_id=None):
        with app.test_request_context():
            if outlet_id is None:
                tasks = seller_tasks(actor, clock.today())
            else:
                tasks = [
                    one for part in outlet_sections(actor, outlet_id, clock.today()) for one in part.tasks
                ]
            return [(task.title, task.kind) for task in tasks]

    return find


def claim_on(trade, order):
    (line,) = lines_of(order)
    draft = ClaimDraft(line.id, ClaimKind.SHORT, 2, "Kurang dua.", f"k-{order.id}")
    return make_claim(actor=trade.buyer, order_id=order.id, draft=draft)


def test_a_seller_is_asked_to_answer_to_pack_to_send_and_to_answer_claims(trade, asked):
    new, taken, packed = trade.order(), trade.order(), trade.order()
    for order in (taken, packed):
        confirm(actor=trade.maker, order_id=order.id)
    pack(actor=trade.maker, order_id=packed.id)
    claimed = received(trade)
    claim_on(trade, claimed)
    assert dict(asked(trade.maker)) == {
        f"Jawab pesanan {new.number} dari Rukun Mart": "grace",
        f"Kemas pesanan {taken.number} untuk Rukun Mart Nusukan": "info",
        f"Kirim pesanan {packed.number} ke Rukun Mart Nusukan": "info",
        f"Jawab klaim Rukun Mart atas pesanan {claimed.number}": "grace",
    }
    with clock.frozen(clock.now() + timedelta(days=4)):
        assert "info" not in dict(asked(trade.maker)).values(), "the last day to deliver is near"


def test_staff_of_a_seller_pack_and_send_and_answer_nothing(trade, asked):
    staff = make.member(Role.SELLER_STAFF, seller_id=trade.seller.id)
    trade.order()
    taken = trade.order()
    confirm(actor=trade.maker, order_id=taken.id)
    assert list(dict(asked(staff))) == [f"Kemas pesanan {taken.number} untuk Rukun Mart Nusukan"]


def test_money_of_a_cancelled_order_is_to_be_given_back(trade, asked):
    order = trade.order(10, payment_plan="before")
    confirm(actor=trade.maker, order_id=order.id)
    pay(trade, order)
    cancel(actor=trade.buyer, order_id=order.id, reason="Salah pesan.")
    assert dict(asked(trade.maker)) == {"Kembalikan Rp150.000 kepada Rukun Mart": "grace"}


def test_an_outlet_is_asked_to_agree_to_pay_to_take_in_and_may_go_to_the_office(trade, asked):
    quoted = trade.order(10, shipping_kind="quoted")
    quote_shipping(actor=trade.maker, order_id=quoted.id, shipping_rupiah=20_000)
    before = trade.order(10, payment_plan="before")
    confirm(actor=trade.maker, order_id=before.id)
    coming = shipped(trade)
    claimed = received(trade)
    reject_claim(actor=trade.maker, claim_id=claim_on(trade, claimed).id, reason="Lengkap.")
    assert dict(asked(trade.buyer, trade.outlet.id)) == {
        "Setujui ongkos kirim dari Dapur Contoh": "grace",
        "Bayar Rp150.000 kepada Dapur Contoh": "grace",
        f"Terima pesanan {coming.number} dari Dapur Contoh": "info",
        f"Dapur Contoh menolak klaim pesanan {claimed.number}": "grace",
    }
    assert "Bayar Rp150.000 kepada Dapur Contoh" not in dict(asked(trade.staff, trade.outlet.id)), (
        "staff pays nothing"
    )


def test_an_outlets_board_counts_what_is_owed_for_its_orders(app, trade):
    received(trade)
    board = outlet_board(trade.buyer, trade.outlet.id)
    assert board is not None
    assert board.owed == (0, 150_000, 1)
    client = sign_in(app.test_client(), trade.buyer)
    page = client.get(f"/buyer/outlets/{trade.outlet.id}/today").get_data(as_text=True)
    assert "Rp0 dari titip jual, Rp150.000 dari pesanan" in page


def test_nobody_elses_board_shows_it(trade, asked):
    shipped(trade)
    assert asked(trade.buyer, trade.outlet.id)
    stranger = make.member(Role.BUYER_MANAGER, operator_id=make.operator().id)
    assert asked(stranger, trade.outlet.id) == []


def test_the_list_of_outlets_counts_what_is_urgent_or_soon_on_their_boards(trade, asked):
    test_an_outlet_is_asked_to_agree_to_pay_to_take_in_and_may_go_to_the_office(trade, asked)
    received(trade)
    for days in (0, 4, 6):
        with clock.frozen(clock.now() + timedelta(days=days)):
            for actor in (trade.buyer, trade.staff):
                urgent = sum(kind != "info" for _title, kind in asked(actor, trade.outlet.id))
                assert waiting_orders_by_outlet(actor) == {trade.outlet.id: urgent}


def test_what_goes_to_no_outlet_and_what_waits_for_a_yes_stand_on_the_company_s_page(app, trade):
    limit(trade.operator, 1_000)
    trade.order(10, actor=trade.staff)
    away = trade.order(
        outlet_id=None,
        recipient="Bu Wulan",
        phone="081234567890",
        address="Jl. Contoh 1",
        payment_plan="before",
    )
    confirm(actor=trade.maker, order_id=away.id)
    page = sign_in(app.test_client(), trade.buyer).get("/buyer").text
    assert f"Putuskan belanja {trade.staff.name}" in page
    assert "Bayar Rp150.000 kepada Dapur Contoh" in page
    staff = sign_in(app.test_client(), trade.staff).get("/buyer").text
    assert "Putuskan belanja" not in staff


def test_every_thing_to_do_leads_to_its_page(app, trade):
    trade.order()
    client = sign_in(app.test_client(), trade.maker)
    page = client.get("/seller").text
    assert "Jawab pesanan PO/2026/0001 dari Rukun Mart" in page
    assert 'href="/orders/1"' in page
    assert client.get("/orders/1").status_code == 200


def test_a_draft_goes_to_a_number_only_where_that_side_may_see_it(app, trade):
    order = trade.order(phone="0812 3456 7890")
    seller = sign_in(app.test_client(), trade.maker).get(f"/orders/{order.id}").text
    assert "https://wa.me/6281234567890?text=" in seller, "the number that the order was given"
    with unit_of_work() as session:
        session.get_one(Seller, trade.seller.id).phone = "+6281299998888"
    page = f"/orders/{order.id}"
    assert "https://wa.me/?text=" in sign_in(app.test_client(), trade.buyer).get(page).text
    with unit_of_work() as session:
        session.get_one(Seller, trade.seller.id).is_phone_public = True
    shown = sign_in(app.test_client(), trade.buyer).get(page).text
    assert "https://wa.me/6281299998888?text=" in shown
    assert "Mohon dijawab paling lambat" in unquote(shown)
    officer = make.officer()
    assert "wa.me" not in sign_in(app.test_client(), officer).get(page).text.partition("<footer")[0]


def test_however_much_waits_the_first_screens_ask_the_same_number_of_questions(app, trade):
    def everything():
        trade.order()
        quoted = trade.order(10, shipping_kind="quoted")
        quote_shipping(actor=trade.maker, order_id=quoted.id, shipping_rupiah=20_000)
        before = trade.order(10, payment_plan="before")
        confirm(actor=trade.maker, order_id=before.id)
        shipped(trade)
        claim_on(trade, received(trade))

    def count():
        found = []
        pages = [
            (trade.maker, "/seller"),
            (trade.buyer, "/buyer"),
            (trade.buyer, f"/buyer/outlets/{trade.outlet.id}/today"),
        ]
        for actor, path in pages:
            client = sign_in(app.test_client(), actor)
            client.get(path)
            with questions() as heard:
                assert client.get(path).status_code == 200
            found.append(len(heard))
        return found

    everything()
    few = count()
    for _time in range(3):
        everything()
    assert count() == few
