"""What the loop asks of a seller: each thing said once, urgent by its rule, one tap from where it is done."""

from __future__ import annotations

import html
import re
from datetime import date, timedelta

import pytest
from flask import Flask

from marketplace import clock
from marketplace.permissions import Role
from marketplace.placements.models import (
    Delivery,
    DeliveryLine,
    Difference,
    Markdown,
    Message,
    ReportSilence,
    ReturnLine,
    ReturnNote,
)
from marketplace.placements.queries.debts import Debt
from marketplace.placements.queries.waiting import SellerWaits, offers_to_answer
from marketplace.placements.views.loop_tasks import with_loop
from tests import factories as make
from tests.placements.store import Store, open_store
from tests.support.questions import questions
from tests.support.signing import sign_in

TODAY = date(2026, 11, 22)


@pytest.fixture
def store(app: Flask) -> Store:
    make.office()
    return open_store()


def on(days: int) -> date:
    return TODAY + timedelta(days=days)


def draft(store: Store) -> None:
    """A delivery note that was written and not sent."""
    row = make._add(
        Delivery(
            code=f"KODE{next(make._numbers)}", agreement_id=store.agreement.id,
            outlet_id=store.outlet.id, seller_id=store.seller.id, deliver_on=on(-1), created_at=clock.now(),
        )
    )  # fmt: skip
    make._add(DeliveryLine(delivery_id=row.id, position=1, product_id=store.product.id, quantity=24))


def put_aside(store: Store) -> None:
    """A return that waits."""
    number = f"R-{next(make._numbers)}"
    row = make._add(
        ReturnNote(
            number=number, code=number, operator_id=store.buyer.operator_id, outlet_id=store.outlet.id,
            seller_id=store.seller.id, made_on=on(-10), fetch_by=on(-1), made_at=clock.now(),
        )
    )  # fmt: skip
    make._add(
        ReturnLine(
            return_note_id=row.id, position=1, product_id=store.product.id, quantity=3, reason="damaged"
        )
    )


def differ(store: Store) -> None:
    """Something both see differently."""
    make._add(
        Difference(
            kind="delivery_short", outlet_id=store.outlet.id, seller_id=store.seller.id,
            product_id=store.product.id, quantity=2, document_kind="delivery", document_id=1,
            line_ref=str(next(make._numbers)), opened_at=clock.now() - timedelta(days=8),
        )
    )  # fmt: skip


def ask_for_less(store: Store) -> None:
    """A markdown that waits for the maker."""
    make._add(
        Markdown(
            agreement_id=store.agreement.id, outlet_id=store.outlet.id, seller_id=store.seller.id,
            product_id=store.product.id, client_key=f"kunci{next(make._numbers):08d}", agreed_rupiah=20_000,
            price_rupiah=15_000, first_day=TODAY, last_day=on(5), reason="Hampir habis umurnya.",
            asked_at=clock.now(), asked_by=store.buyer.user_id,
        )
    )  # fmt: skip


def write(store: Store) -> None:
    """The store wrote."""
    make._add(
        Message(
            document_kind="agreement", document_id=store.agreement.id, outlet_id=store.outlet.id,
            seller_id=store.seller.id, side="outlet", author_id=store.buyer.user_id, author_name="Mas Bagas",
            body="Kapan diantar?", sent_at=clock.now() - timedelta(days=3),
        )
    )  # fmt: skip


def fall_silent(store: Store) -> None:
    """The store tells nothing and was reminded."""
    make._add(
        ReportSilence(
            outlet_id=store.outlet.id,
            since=on(-20),
            cycle_days=7,
            reminded_at=clock.now() - timedelta(days=9),
        )
    )


def offer(store: Store, days: int = 1) -> None:
    """Another store proposes."""
    other = make.outlet(name="Toko Baru")
    make.agreement(
        other, store.seller, state="proposed", proposed_by_side="outlet", starts_on=on(10), reply_by=on(days)
    )


def everything(store: Store) -> None:
    """One of each thing that can wait for a seller, but money."""
    store.deliver(5, on(-3), lot="L1", expires_on=on(4))
    for make_one in (draft, put_aside, differ, ask_for_less, write, fall_silent, offer):
        make_one(store)


def tasks_on(page: str) -> dict[str, tuple[str, str]]:
    """The tasks on a page: title -> (kind, address)."""
    found = {}
    for item in re.findall(r'<li class="task task--wide">(.*?)</li>', page, re.DOTALL):
        kind = re.search(r"task__mark--(\w+)", item)
        title = re.search(r'class="task__title">(.*?)</h', item)
        url = re.search(r'class="task__acts"><a class="[^"]*" href="([^"]*)"', item)
        assert kind is not None
        assert title is not None
        found[html.unescape(title[1])] = (kind[1], html.unescape(url[1]) if url else "")
    return found


def test_all_that_the_loop_asks_is_said_in_a_sentence_and_leads_to_where_it_is_done(app, store):
    everything(store)
    client = sign_in(app.test_client(), store.maker)
    tasks = tasks_on(client.get("/seller").get_data(as_text=True))
    kinds = {title: kind for title, (kind, _url) in tasks.items()}
    assert (
        kinds
        | {
            "Jawab tawaran titip jual dari Toko Baru": "short",
            "Kirim surat jalan untuk Rukun Mart Nusukan": "short",
            "Ambil retur di Rukun Mart Nusukan": "short",
            "Selesaikan selisih dengan Rukun Mart Nusukan": "short",
            "Jawab permintaan harga turun Keripik tempe": "grace",
            "Periksa barang yang hampir kedaluwarsa di Rukun Mart Nusukan": "short",
            "Rukun Mart Nusukan belum melaporkan penjualan": "short",
            "Balas pesan Mas Bagas": "grace",
        }
        == kinds
    )
    addresses = {url for _kind, url in tasks.values() if url}
    assert {url: client.get(url).status_code for url in addresses} == dict.fromkeys(addresses, 200)


def test_the_most_urgent_stands_first(app, store):
    everything(store)
    page = sign_in(app.test_client(), store.maker).get("/seller").get_data(as_text=True)
    kinds = [kind for kind, _url in tasks_on(page).values()]
    assert kinds == sorted(kinds, key=["short", "grace", "info"].index)


def test_staff_are_asked_what_staff_may_do(app, store):
    everything(store)
    staff = make.member(Role.SELLER_STAFF, seller_id=store.seller.id)
    titles = tasks_on(sign_in(app.test_client(), staff).get("/seller").get_data(as_text=True)).keys()
    for may in ("Kirim surat jalan untuk Rukun Mart Nusukan", "Ambil retur di Rukun Mart Nusukan"):
        assert may in titles
    for may_not in (
        "Jawab tawaran titip jual dari Toko Baru",
        "Selesaikan selisih dengan Rukun Mart Nusukan",
        "Jawab permintaan harga turun Keripik tempe",
    ):
        assert may_not not in titles


def test_nobody_is_asked_for_goods_that_are_written_or_on_their_way(app, store):
    client = sign_in(app.test_client(), store.maker)
    assert "Antar barang pertama ke Rukun Mart Nusukan" in client.get("/seller").get_data(as_text=True)
    draft(store)
    assert "Antar barang pertama" not in client.get("/seller").get_data(as_text=True)


def test_a_change_waits_for_the_side_that_did_not_propose_it(app, store):
    make.version(
        store.agreement,
        {"state": "proposed", "proposed_by_side": "outlet", "reply_by": on(7), "valid_from": on(30)},
    )
    (asked,) = offers_to_answer(store.maker)
    assert asked.is_change
    assert offers_to_answer(store.buyer) == []
    page = sign_in(app.test_client(), store.maker).get("/seller").get_data(as_text=True)
    assert tasks_on(page)["Jawab usulan perubahan perjanjian dari Rukun Mart Nusukan"] == (
        "grace", f"/agreements/{store.agreement.id}",
    )  # fmt: skip


def test_what_lapsed_asks_nothing(app, store):
    offer(store, days=-1)
    assert offers_to_answer(store.maker) == []


def test_however_much_waits_the_first_screen_asks_the_same_number_of_questions(app, store):
    everything(store)
    client = sign_in(app.test_client(), store.maker)
    client.get("/seller")
    with questions() as few:
        client.get("/seller")
    for _time in range(3):
        store.deliver(5, on(-2), lot=f"L{next(make._numbers)}", expires_on=on(2))
        for make_one in (draft, put_aside, differ, ask_for_less, offer):
            make_one(store)
    with questions() as many:
        client.get("/seller")
    assert len(many) == len(few)


def owes(outlet_id: int, name: str, rupiah: int, due_on: date) -> Debt:
    """A store with overdue bills."""
    return Debt(outlet_id, name, rupiah, 0, rupiah, due_on)


@pytest.mark.parametrize(
    ("debts", "title", "address"),
    [
        (1, "Tagih Rp100.000 dari Toko 1", "/settlements?status=overdue&outlet=1"),
        (3, "Tagih Rp600.000 dari 3 toko", "/settlements?status=overdue"),
    ],
)
def test_overdue_money_is_one_thing_to_do_however_many_stores_owe_it(app, debts, title, address):
    rows = [owes(n, f"Toko {n}", 100_000 * n, on(-n)) for n in range(1, debts + 1)]
    rows.append(Debt(9, "Toko 9", 50_000, 0, 0, on(3)))
    with app.test_request_context():
        (task,) = with_loop([], SellerWaits(debts=rows), [], [], TODAY)
    assert (task.title, task.url, task.kind) == (title, address, "short")
    assert task.when == f"Lewat {debts} hari."
