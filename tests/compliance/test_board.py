"""An outlet's day: what waits there, for whom, and the same number on the company's list."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from marketplace import clock
from marketplace.permissions import Actor, Role
from marketplace.placements.models import Delivery, DeliveryLine, Difference, Message, ReturnLine, ReturnNote
from marketplace.placements.queries.board import outlet_board, waiting_by_outlet
from marketplace.placements.views.board_tasks import board_sections
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


def delivery_to(store: Store, deliver_on: date, number: str) -> Delivery:
    """A delivery note on its way."""
    row = make._add(
        Delivery(
            number=number, code=f"KODE{number}", agreement_id=store.agreement.id, outlet_id=store.outlet.id,
            seller_id=store.seller.id, state="sent", deliver_on=deliver_on, created_at=clock.now(),
            sent_on=TODAY, sent_at=clock.now(),
        )
    )  # fmt: skip
    make._add(DeliveryLine(delivery_id=row.id, position=1, product_id=store.product.id, quantity=24))
    return row


def return_from(store: Store, fetch_by: date, number: str) -> ReturnNote:
    """Goods put aside."""
    operator_id = store.buyer.operator_id
    row = make._add(
        ReturnNote(
            number=number, code=f"RETUR{number}", operator_id=operator_id, outlet_id=store.outlet.id,
            seller_id=store.seller.id, made_on=on(-10), fetch_by=fetch_by, made_at=clock.now(),
        )
    )  # fmt: skip
    make._add(
        ReturnLine(
            return_note_id=row.id, position=1, product_id=store.product.id, quantity=3, reason="damaged"
        )
    )
    return row


def difference_at(store: Store, ref: str, **values: Any) -> Difference:
    """Something both see differently."""
    return make._add(
        Difference(
            kind="delivery_short", outlet_id=store.outlet.id, seller_id=store.seller.id,
            product_id=store.product.id, quantity=2, document_kind="delivery", document_id=1, line_ref=ref,
            opened_at=clock.now(), **values,
        )
    )  # fmt: skip


def message_to(store: Store, document_id: int, days_ago: int) -> Message:
    """The maker wrote."""
    return make._add(
        Message(
            document_kind="delivery", document_id=document_id, outlet_id=store.outlet.id,
            seller_id=store.seller.id, side="seller", author_id=store.maker.user_id, author_name="Bu Sri",
            body="Tolong hitung lagi.", sent_at=clock.now() - timedelta(days=days_ago),
        )
    )  # fmt: skip


def kinds_at(store: Store, actor: Actor) -> dict[str, list[str]]:
    """What stands on the board: the kinds of the tasks, by section."""
    board = outlet_board(actor, store.outlet.id)
    assert board is not None
    return {one.id: [task.kind for task in one.tasks] for one in board_sections(board, actor, clock.today())}


def fill(store: Store, times: int = 1) -> None:
    """Some of everything that can wait, urgent and not."""
    for time in range(times):
        store.deliver(10, on(-3), lot=f"L1-{time}", expires_on=on(5))
        store.deliver(10, on(-3), lot=f"L2-{time}", expires_on=on(20))
        delivery_to(store, on(-1), f"SJ-1-{time}")
        delivery_to(store, on(3), f"SJ-2-{time}")
        return_from(store, on(-1), f"R-1-{time}")
        return_from(store, on(5), f"R-2-{time}")
        difference_at(store, f"1-{time}")
        difference_at(store, f"2-{time}", referred_at=clock.now())
        message_to(store, 2 * time + 1, 4)
        message_to(store, 2 * time + 2, 0)


def test_the_list_counts_what_is_urgent_or_soon_on_the_board_and_nothing_else(app, store):
    fill(store)
    with app.test_request_context():
        for actor in (store.buyer, store.staff):
            kinds = [kind for found in kinds_at(store, actor).values() for kind in found]
            urgent = sum(kind != "info" for kind in kinds)
            assert waiting_by_outlet(actor) == {store.outlet.id: urgent}, actor.role
            assert urgent < len(kinds)


def test_the_board_leads_with_the_most_urgent_kind_and_says_what_to_do_with_old_goods(app, store):
    fill(store)
    page = sign_in(app.test_client(), store.buyer).get(f"/buyer/outlets/{store.outlet.id}/today")
    words = page.get_data(as_text=True)
    assert page.status_code == 200
    for said in (
        "hal menunggu di Rukun Mart Nusukan",
        "Terima kiriman dari Dapur Contoh",
        "Lewat 1 hari.",
        "Laporkan penjualan",
        "Keripik tempe kedaluwarsa 27 November 2026",
        "Selesaikan selisih dengan Dapur Contoh",
        "Simpan retur untuk Dapur Contoh",
        "Balas pesan Bu Sri",
        "UMKM di rak",
    ):
        assert said in words, said


def test_staff_see_what_staff_may_do(app, store):
    fill(store)
    with app.test_request_context():
        assert set(kinds_at(store, store.staff)) == {"kiriman", "laporan", "umur", "retur", "pesan"}
        assert set(kinds_at(store, store.buyer)) == {
            "kiriman", "laporan", "umur", "retur", "pesan", "selisih",
        }  # fmt: skip


def test_an_offer_waits_on_the_board_until_it_lapses(app, store):
    other = make.seller(name="Batik Contoh")
    for reply_by in (on(1), on(-1)):
        make.agreement(
            store.outlet, other, state="proposed", proposed_by_side="seller", reply_by=reply_by,
            commission_percent=Decimal(10),
        )  # fmt: skip
    make.agreement(store.outlet, other, state="proposed", proposed_by_side="outlet", reply_by=on(3))
    with app.test_request_context():
        assert kinds_at(store, store.buyer)["tawaran"] == ["short"]
        assert "tawaran" not in kinds_at(store, store.staff)


def test_a_report_is_due_from_the_day_before_and_late_after_its_cycle(app, store):
    store.report(0, on(-6))
    found = {}
    for day in (22, 23, 24, 25):
        with app.test_request_context(), clock.frozen(datetime(2026, 11, day, 5, tzinfo=UTC)):
            found[day] = kinds_at(store, store.staff).get("laporan")
    assert found == {22: None, 23: ["grace"], 24: ["grace"], 25: ["short"]}


def test_a_calm_outlet_says_so(app, store):
    store.report(0, TODAY)
    page = sign_in(app.test_client(), store.staff).get(f"/buyer/outlets/{store.outlet.id}/today")
    assert "Tidak ada yang mendesak di Rukun Mart Nusukan" in page.get_data(as_text=True)


def test_an_outlet_without_a_maker_is_shown_where_to_begin(app, store):
    new = make.outlet(name="Toko Baru", operator_id=store.buyer.operator_id)
    page = sign_in(app.test_client(), store.buyer).get(f"/buyer/outlets/{new.id}/today").text
    assert "Belum ada barang UMKM di Toko Baru" in page
    assert f'href="/buyer/sellers?outlet={new.id}"' in page
    for untrue in ("Semua kiriman sudah diterima", f"/sales/new?outlet_id={new.id}", "/counts/new"):
        assert untrue not in page


def test_another_company_s_outlet_does_not_exist(app, store):
    stranger = make.member(Role.BUYER_OWNER, operator_id=make.operator().id)
    path = f"/buyer/outlets/{store.outlet.id}/today"
    assert sign_in(app.test_client(), stranger).get(path).status_code == 404
    assert sign_in(app.test_client(), store.maker).get(path).status_code == 403
    assert sign_in(app.test_client(), store.buyer).get("/buyer/outlets/999999/today").status_code == 404


def test_the_company_s_list_says_how_many_things_wait_at_each_outlet(app, store):
    store.report(0, TODAY)
    delivery_to(store, TODAY, "SJ-1")
    words = sign_in(app.test_client(), store.staff).get("/buyer").get_data(as_text=True)
    assert "1 hal menunggu hari ini" in words
    assert f"/buyer/outlets/{store.outlet.id}/today" in words


def test_however_much_waits_the_board_asks_the_same_number_of_questions(app, store):
    fill(store)
    client = sign_in(app.test_client(), store.buyer)
    asked = []
    for path in (f"/buyer/outlets/{store.outlet.id}/today", "/buyer"):
        with questions() as few:
            client.get(path)
        asked.append(len(few))
    with_more = []
    for time in range(1, 4):
        for _again in range(2):
            delivery_to(store, on(-1), f"SJ-9-{time}-{_again}")
            difference_at(store, f"9-{time}-{_again}")
        message_to(store, 100 + time, 4)
        store.deliver(5, on(-2), lot=f"L9-{time}", expires_on=on(time))
        return_from(store, on(-1), f"R-9-{time}")
    for path in (f"/buyer/outlets/{store.outlet.id}/today", "/buyer"):
        with questions() as many:
            client.get(path)
        with_more.append(len(many))
    assert with_more == asked
