"""One agreement and month, told three times; where the three differ, why."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from flask import Flask

from marketplace import clock
from marketplace.permissions import Role
from marketplace.placements.models import Delivery, DeliveryLine, Difference, Outcome
from marketplace.placements.queries.month import agreement_month, product_rows
from marketplace.placements.rules.deliveries import Counted
from marketplace.placements.rules.month import (
    Figures,
    MarkKind,
    last_of,
    marks,
    month_after,
    month_before,
    month_of,
    months_between,
)
from marketplace.placements.rules.urgency import Urgency
from marketplace.placements.services import deliveries as sending
from marketplace.placements.services import differences
from marketplace.placements.services.corrections import reverse_report
from marketplace.placements.services.receiving import receive_delivery
from tests import factories as make
from tests.placements.store import Store, open_store
from tests.placements.test_settlements import disputed, shop_with
from tests.support.questions import questions
from tests.support.signing import sign_in

TODAY = date(2026, 11, 22)
NOVEMBER = date(2026, 11, 1)


@pytest.fixture
def store(app: Flask) -> Store:
    make.office()
    return open_store()


def path(store: Store, month: str = "2026-11") -> str:
    return f"/agreements/{store.agreement.id}/month/{month}"


# --- rules -------------------------------------------------------------------------------------------------


def test_months_are_read_strictly():
    good = {"2026-11": NOVEMBER, "2000-01": date(2000, 1, 1)}
    bad = (
        "2026-13",
        "2026-00",
        "2026-1",
        "26-11",
        "2026/11",
        "1999-12",
        "9999-01",
        "２０２６-11",
        "",
        "abcd-ef",
    )
    assert {text: month_of(text) for text in good} == good
    assert [month_of(text) for text in bad] == [None] * len(bad)


def test_months_follow_each_other_over_the_year():
    assert [month_before(date(2026, 1, 1)), month_after(date(2026, 12, 1))] == [
        date(2025, 12, 1), date(2027, 1, 1),
    ]  # fmt: skip
    assert last_of(date(2028, 2, 1)) == date(2028, 2, 29)
    assert months_between(date(2026, 9, 14), TODAY, 36) == [NOVEMBER, date(2026, 10, 1), date(2026, 9, 1)]
    assert len(months_between(date(2001, 1, 1), TODAY, 36)) == 36


def test_three_stories_that_agree_need_no_word():
    same = Figures(
        received=10, sent=10, delivered=10, delivered_by_note=10, reported=4, sold=4, sold_by_report=4,
        confirmed=4, fetched=1, returned=1, returned_by_note=1,
    )  # fmt: skip
    assert marks(same) == []
    assert same.closing == 5


def test_what_no_document_explains_is_red_and_comes_first():
    lost = Figures(received=10, sent=12, short=2, delivered=9, delivered_by_note=9, reported=3, fetched=1)
    found = marks(lost, open_receipt=2)
    assert [(mark.kind, mark.units, mark.urgency) for mark in found] == [
        (MarkKind.UNEXPLAINED_IN, 1, Urgency.SHORT),
        (MarkKind.UNEXPLAINED_SOLD, 3, Urgency.SHORT),
        (MarkKind.UNEXPLAINED_RETURN, 1, Urgency.SHORT),
        (MarkKind.RECEIPT, 2, Urgency.GRACE),
    ]


def test_what_is_not_settled_is_soon_only_once_the_month_is_over():
    waiting = Figures(reported=3, sold=3, sold_by_report=3, unsettled=3)
    assert [marks(waiting, is_over=over)[0].urgency for over in (False, True)] == [
        Urgency.INFO, Urgency.GRACE,
    ]  # fmt: skip


def test_what_a_settled_difference_booked_is_said():
    settled = Figures(
        received=8, sent=8, delivered=10, delivered_by_note=8, delivered_by_correction=2, reported=3,
        excess=1, sold=3, sold_by_report=2, sold_by_correction=1,
    )  # fmt: skip
    assert {mark.kind: mark.units for mark in marks(settled)} == {MarkKind.EXCESS: 1, MarkKind.CORRECTED: 3}


# --- what the three say ------------------------------------------------------------------------------------


def deliver_short(store: Store) -> Delivery:
    """24 sent, 20 taken in, 3 short and 1 broken."""
    row = make._add(
        Delivery(
            code="KODE1", agreement_id=store.agreement.id, outlet_id=store.outlet.id,
            seller_id=store.seller.id, deliver_on=TODAY, created_at=clock.now(),
        )
    )  # fmt: skip
    line = make._add(DeliveryLine(delivery_id=row.id, position=1, product_id=store.product.id, quantity=24))
    sending.send_delivery(actor=store.maker, delivery_id=row.id)
    receive(store, row.id, line.id)
    return row


def receive(store: Store, delivery_id: int, line_id: int) -> None:
    counted = {line_id: Counted(20, 3, 1)}
    receive_delivery(actor=store.staff, delivery_id=delivery_id, counted=counted)


def test_a_short_delivery_a_sale_beyond_the_shelf_and_what_is_not_settled_stand_side_by_side(store):
    deliver_short(store)
    store.report(23)
    page = agreement_month(store.buyer, store.agreement.id, NOVEMBER)
    assert page is not None
    (one,) = page.products
    of = one.figures
    assert (of.sent, of.received, of.short, of.damaged, of.delivered) == (24, 20, 3, 1, 20)
    assert (of.reported, of.excess, of.sold, of.closing) == (23, 3, 20, 0)
    assert (of.unsettled, of.gross_rupiah, of.commission_rupiah, of.net_rupiah) == (
        20, 400_000, 40_000, 360_000,
    )  # fmt: skip
    assert {mark.kind: (mark.units, mark.urgency) for mark in one.marks} == {
        MarkKind.RECEIPT: (4, Urgency.GRACE),
        MarkKind.EXCESS: (3, Urgency.GRACE),
        MarkKind.UNSETTLED: (20, Urgency.INFO),
    }
    differences = {row.id for row in make.db.session.query(Difference)}
    assert {link.id for what in ("receipt", "excess") for link in one.links[what]} == differences
    assert page.total == of


def test_a_reversed_report_is_told_by_nobody_any_more(store):
    store.deliver(10)
    row = store.report(4)
    reverse_report(actor=store.buyer, report_id=row.id, reason="Salah toko.")
    page = agreement_month(store.maker, store.agreement.id, NOVEMBER)
    assert page is not None
    of = page.products[0].figures
    assert (of.reported, of.sold, of.net_rupiah, of.closing) == (0, 0, 0, 10)


def test_the_month_begins_with_what_the_month_before_left(store):
    store.deliver(10, date(2026, 10, 20))
    store.report(4, date(2026, 11, 2))
    october, november = (
        agreement_month(store.maker, store.agreement.id, first) for first in (date(2026, 10, 1), NOVEMBER)
    )
    assert october is not None
    assert november is not None
    assert (october.total.opening, october.total.closing) == (0, 10)
    assert (november.total.opening, november.total.closing) == (10, 6)


def test_row_by_row_the_ledger_leads_from_the_opening_to_the_closing(store):
    store.deliver(10, date(2026, 10, 20))
    store.report(4, date(2026, 11, 2))
    store.report(1, date(2026, 11, 3))
    page = product_rows(store.maker, store.agreement.id, NOVEMBER, store.product.id)
    assert page is not None
    assert (page.opening, [(row.change, row.on_hand) for row in page.rows], page.closing) == (
        10, [(-4, 6), (-1, 5)], 5,
    )  # fmt: skip


# --- pages -------------------------------------------------------------------------------------------------


def test_both_parties_and_the_office_read_the_same_month_and_nobody_else(app, store):
    deliver_short(store)
    store.report(23)
    stranger = make.member(Role.SELLER_OWNER, seller_id=make.seller().id)
    for actor in (store.maker, store.buyer, make.officer()):
        page = sign_in(app.test_client(), actor).get(path(store))
        words = page.get_data(as_text=True)
        assert page.status_code == 200
        for said in (
            "1 produk belum sama",
            "Dikirim 24, diterima 20: kurang 3, rusak 1, ditolak 0.",
            "Toko melaporkan 3 lebih banyak daripada yang tercatat di rak.",
            "Rp360.000",
        ):
            assert said in words, (actor.role, said)
    assert sign_in(app.test_client(), stranger).get(path(store)).status_code == 404
    far = make.officer(region_code="33.74")
    assert sign_in(app.test_client(), far).get(path(store)).status_code == 404


def test_staff_read_units_and_no_rupiah(app, store):
    store.deliver(10)
    store.report(4)
    client = sign_in(app.test_client(), store.staff)
    assert "Bagian penjual" not in client.get(path(store)).get_data(as_text=True)
    assert "rupiah" not in client.get(f"{path(store)}?format=csv").get_data(as_text=True)
    rows = f"{path(store)}/products/{store.product.id}"
    assert "net_rupiah" not in client.get(f"{rows}?format=csv").get_data(as_text=True)


def test_the_month_is_a_file_too(app, store):
    deliver_short(store)
    client = sign_in(app.test_client(), store.maker)
    head, line = client.get(f"{path(store)}?format=csv").get_data(as_text=True).splitlines()
    assert head.lstrip("\ufeff").startswith("product,sku,opening,sent,received")
    assert line.startswith("Keripik tempe,")
    assert client.get(f"{path(store)}?format=xlsx").data.startswith(b"PK")
    rows = client.get(f"{path(store)}/products/{store.product.id}?format=xlsx")
    assert rows.data.startswith(b"PK")


def test_a_month_that_is_none_or_still_to_come_says_so(app, store):
    client = sign_in(app.test_client(), store.maker)
    for month in ("2026-12", "2026-13", "november"):
        assert client.get(path(store, month)).status_code == 404, month
    picked = client.get(f"/agreements/{store.agreement.id}/month?month=2026-10")
    assert picked.location.endswith(path(store, "2026-10"))
    assert client.get(f"/agreements/{store.agreement.id}/month").location.endswith(path(store))
    assert "Belum ada yang bisa dibandingkan" in client.get(path(store)).get_data(as_text=True)


def test_another_maker_s_product_has_no_rows_here(app, store):
    other = make.product(make.seller())
    client = sign_in(app.test_client(), store.maker)
    assert client.get(f"{path(store)}/products/{other.id}").status_code == 404
    assert client.get(f"{path(store)}/products/{store.product.id}").status_code == 200


def test_only_what_is_not_settled_can_be_asked_for(app, store):
    store.deliver(10)
    store.report(4)
    client = sign_in(app.test_client(), store.maker)
    assert "Tidak ada yang belum sama bulan ini." in client.get(f"{path(store)}?only=open").get_data(
        as_text=True
    )


def test_a_proposal_has_no_months(app, store):
    proposed = make.agreement(store.outlet, make.seller(), state="proposed", proposed_by_side="outlet")
    client = sign_in(app.test_client(), store.buyer)
    assert client.get(f"/agreements/{proposed.id}/month/2026-11").status_code == 404


def test_however_many_products_and_rows_the_month_asks_the_same_number_of_questions(app, store):
    deliver_short(store)
    store.report(3)
    client, address = sign_in(app.test_client(), store.maker), path(store)
    client.get(address)
    with questions() as few:
        client.get(address)
    for _number in range(4):
        store.product = make.product(store.seller, retail_price_rupiah=20_000)
        store.deliver(10)
        store.report(2)
        store.report(11, TODAY - timedelta(days=1))
    with questions() as many:
        client.get(address)
    assert len(many) == len(few)


def test_what_a_decided_dispute_added_is_said_because_the_ledger_cannot_say_it(app):
    shop = shop_with()
    row, _line, difference = disputed(shop)
    differences.settle(shop.buyer, difference.id, Outcome.STORE_CORRECTS)
    for actor, has_money in (
        (shop.maker, True),
        (make.member(Role.BUYER_STAFF, operator_id=shop.operator.id), False),
    ):
        page = agreement_month(actor, shop.agreement.id, date(2026, 10, 1))
        assert page is not None
        (one,) = page.products
        added = {mark.kind: mark.units for mark in one.marks}.get(MarkKind.ADDED)
        assert added == (6_000 if has_money else None)
    words = sign_in(app.test_client(), shop.maker).get(f"/agreements/{shop.agreement.id}/month/2026-10").text
    assert "Rp6.000 ditambahkan atau dikurangi sesudah bantahan diputuskan" in words
    assert f'href="/settlements/{row.id}"' in words


def test_what_is_confirmed_and_what_waits_are_told_apart(app):
    shop = shop_with()
    disputed(shop)
    page = sign_in(app.test_client(), shop.maker).get(f"/agreements/{shop.agreement.id}/month/2026-10").text
    words = " ".join(re.sub(r"<[^>]+>", " ", page).split())
    assert "5 menunggu , 3 dibantah" in words
