"""The pages of sales reports, counts and lower prices, as people use them, also without a script."""

from __future__ import annotations

import io
import re
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from marketplace import clock, outbox
from marketplace.db import db
from marketplace.permissions import Role
from marketplace.placements.models import Markdown, SalesReport, StockCount
from marketplace.placements.services.silence import remind_silent_outlets
from marketplace.stock.models import SaleLine
from tests import factories as make
from tests.conftest import A_SUNDAY
from tests.placements.store import TODAY, YESTERDAY, Store, open_store
from tests.support.signing import sign_in


@pytest.fixture
def store(app: Flask) -> Store:
    """A store with ten units."""
    opened = open_store()
    opened.deliver(10)
    return opened


def key_on(html: str) -> str:
    found = re.search(r'name="key" value="([^"]+)"', html)
    assert found
    return found.group(1)


def report(client: FlaskClient, store: Store, **fields: str) -> Any:
    page = client.get(f"/sales/new?outlet_id={store.outlet.id}").get_data(as_text=True)
    values = {
        "outlet_id": str(store.outlet.id),
        "key": key_on(page),
        "first_on": TODAY.isoformat(),
        "last_on": TODAY.isoformat(),
    }
    return client.post("/sales/new", data={**values, **fields})


def test_somebody_with_one_outlet_is_led_to_its_shelf(client: FlaskClient, store: Store) -> None:
    sign_in(client, store.staff)
    assert client.get("/sales/new").headers["Location"] == f"/sales/new?outlet_id={store.outlet.id}"
    page = client.get(f"/sales/new?outlet_id={store.outlet.id}").get_data(as_text=True)
    assert "Keripik tempe" in page
    assert "10 di rak" in page
    assert "Rp20.000" in page


def test_a_report_typed_on_a_phone(client: FlaskClient, store: Store) -> None:
    sign_in(client, store.staff)
    answer = report(client, store, **{f"sold-{store.product.id}": "3"})
    row = db.session.query(SalesReport).one()
    assert answer.headers["Location"] == f"/sales/{row.id}"
    page = client.get(f"/sales/{row.id}").get_data(as_text=True)
    assert "3 satuan terjual di Rukun Mart Nusukan" in page
    assert store.on_hand() == 7
    assert "Rukun Mart Nusukan" in client.get("/sales").get_data(as_text=True)


def test_nothing_sold_is_one_press(client: FlaskClient, store: Store) -> None:
    sign_in(client, store.staff)
    answer = report(client, store, nothing="1")
    assert answer.status_code == 302
    assert "Tidak ada yang terjual" in client.get(answer.headers["Location"]).get_data(as_text=True)


def test_what_is_no_number_of_units_is_said_at_its_field(client: FlaskClient, store: Store) -> None:
    sign_in(client, store.staff)
    for typed in ("2,5", "banyak", "-3", "1e5", "9999999999999999"):
        answer = report(client, store, **{f"sold-{store.product.id}": typed})
        assert answer.status_code == 422, typed
        assert f'href="#sold-{store.product.id}"' in answer.get_data(as_text=True)
        assert store.on_hand() == 10


def test_an_empty_report_and_days_that_cannot_be_are_said(client: FlaskClient, store: Store) -> None:
    sign_in(client, store.staff)
    for fields in ({}, {"last_on": "2026-12-24"}, {"last_on": "kemarin"}, {"first_on": "2026-11-30"}):
        answer = report(client, store, **fields)
        assert answer.status_code == 422
    assert db.session.query(SalesReport).count() == 0


def test_a_report_sent_twice_shows_the_same_page(client: FlaskClient, store: Store) -> None:
    sign_in(client, store.staff)
    page = client.get(f"/sales/new?outlet_id={store.outlet.id}").get_data(as_text=True)
    fields = {
        "outlet_id": str(store.outlet.id), "key": key_on(page), "first_on": TODAY.isoformat(),
        "last_on": TODAY.isoformat(), f"sold-{store.product.id}": "3",
    }  # fmt: skip
    places = {client.post("/sales/new", data=fields).headers["Location"] for _time in range(2)}
    assert len(places) == 1
    assert store.on_hand() == 7


def test_a_line_is_corrected_and_a_report_taken_back(client: FlaskClient, store: Store) -> None:
    sign_in(client, store.staff)
    row = store.report(8)
    line = db.session.query(SaleLine).filter_by(report_id=row.id).one()
    address = f"/sales/{row.id}/correct?line_ref={line.line_ref}"
    page = client.get(address).get_data(as_text=True)
    assert client.post(address, data={"key": key_on(page), "quantity": "x"}).status_code == 422
    sent = client.post(address, data={"key": key_on(page), "quantity": "5", "reason": "salah ketik"})
    assert sent.status_code == 302
    assert store.on_hand() == 5
    other = store.report(2)
    assert client.post(f"/sales/{other.id}/reverse", data={"reason": ""}).status_code == 422
    assert client.get(f"/sales/{other.id}/reverse").status_code == 200
    assert client.post(f"/sales/{other.id}/reverse", data={"reason": "toko lain"}).status_code == 302
    assert store.on_hand() == 5
    assert "toko lain" in client.get(f"/sales/{other.id}").get_data(as_text=True)
    assert client.get(f"/sales/{other.id}/reverse").status_code == 302


def test_what_is_not_ones_own_is_not_there(client: FlaskClient, store: Store) -> None:
    row = store.report(1)
    sign_in(client, make.member(Role.BUYER_OWNER, operator_id=make.operator().id))
    addresses = (
        f"/sales/{row.id}", f"/sales/{row.id}/reverse", f"/sales/new?outlet_id={store.outlet.id}",
        f"/counts/new?outlet_id={store.outlet.id}", f"/markdowns/new?outlet_id={store.outlet.id}",
        "/sales/999999", "/counts/999999", "/markdowns/999999", "/sales/files/999999",
    )  # fmt: skip
    for address in addresses:
        assert client.get(address).status_code == 404, address


def test_a_maker_sees_what_sold_of_its_goods_and_not_the_reports(client: FlaskClient, store: Store) -> None:
    row = store.report(3)
    sign_in(client, store.maker)
    assert "Keripik tempe" in client.get("/sales").get_data(as_text=True)
    assert client.get(f"/sales/{row.id}").status_code == 404
    assert "Keripik tempe" in client.get("/sales?format=csv").get_data(as_text=True)


def test_silent_stores_are_shown_to_maker_store_and_office(client: FlaskClient, store: Store) -> None:
    remind_silent_outlets()
    with clock.frozen(A_SUNDAY + timedelta(days=1)):
        for reader in (store.maker, store.buyer, make.officer()):
            sign_in(client, reader)
            assert "Rukun Mart Nusukan" in client.get("/sales/silent").get_data(as_text=True)
            assert "1 toko belum melaporkan penjualan" in client.get("/sales").get_data(as_text=True)
        assert "Rukun Mart" in client.get("/sales/silent?format=csv").get_data(as_text=True)


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_every_list_can_be_kept(client: FlaskClient, store: Store, file_format: str) -> None:
    row = store.report(3)
    sign_in(client, store.buyer)
    for address in ("/sales", f"/sales/{row.id}", "/counts", "/markdowns", "/sales/silent"):
        answer = client.get(f"{address}?format={file_format}")
        assert answer.status_code == 200
        assert answer.get_data()
        assert f".{file_format}" in answer.headers["Content-Disposition"]


def test_a_report_below_the_agreed_price_says_what_the_maker_is_paid_from(
    client: FlaskClient, store: Store
) -> None:
    sign_in(client, store.buyer)
    for price, is_said in ((20_000, False), (15_000, True)):
        page = client.get(f"/sales/{store.report(1, price=price).id}").get_data(as_text=True)
        assert ("bagiannya dihitung dari harga perjanjian" in page) is is_said


# --- counting -----------------------------------------------------------------------------------------------


def counted(client: FlaskClient, store: Store, **fields: str) -> Any:
    page = client.get(f"/counts/new?outlet_id={store.outlet.id}").get_data(as_text=True)
    values = {"outlet_id": str(store.outlet.id), "key": key_on(page)}
    return client.post("/counts/new", data={**values, **fields})


def test_a_count_typed_on_a_phone(client: FlaskClient, store: Store) -> None:
    sign_in(client, store.staff)
    tail = f"{store.product.id}-0"
    answer = counted(
        client, store, **{f"counted-{tail}": "8", f"reason-{tail}": "damaged", f"seen-{tail}": "10"}
    )
    row = db.session.query(StockCount).one()
    assert answer.headers["Location"] == f"/counts/{row.id}"
    page = client.get(f"/counts/{row.id}").get_data(as_text=True)
    assert "Kurang 2 satuan" in page
    assert "rusak" in page
    sign_in(client, store.maker)
    assert "Kurang 2 satuan" in client.get(f"/counts/{row.id}").get_data(as_text=True)
    assert "Rukun Mart Nusukan" in client.get("/counts?format=csv").get_data(as_text=True)


def test_when_the_shelf_moved_the_page_comes_back_with_what_was_typed(
    client: FlaskClient, store: Store
) -> None:
    sign_in(client, store.staff)
    tail = f"{store.product.id}-0"
    answer = counted(client, store, **{f"counted-{tail}": "8", f"seen-{tail}": "9"})
    assert answer.status_code == 409
    assert 'value="8"' in answer.get_data(as_text=True)
    assert db.session.query(StockCount).count() == 0


def test_an_empty_count_and_no_numbers_are_said(client: FlaskClient, store: Store) -> None:
    sign_in(client, store.staff)
    assert counted(client, store).status_code == 422
    assert counted(client, store, **{f"counted-{store.product.id}-0": "dua"}).status_code == 422


def test_a_shelf_that_was_not_counted_for_long_is_due(client: FlaskClient, store: Store) -> None:
    sign_in(client, store.staff)
    assert "1 rak perlu dihitung" not in client.get("/counts").get_data(as_text=True)
    with clock.frozen(A_SUNDAY + timedelta(days=40)):
        sign_in(client, store.staff)
        assert "1 rak perlu dihitung" in client.get("/counts").get_data(as_text=True)


# --- lower prices -------------------------------------------------------------------------------------------


def test_asking_and_answering(client: FlaskClient, store: Store) -> None:
    sign_in(client, store.buyer)
    page = client.get(f"/markdowns/new?outlet_id={store.outlet.id}").get_data(as_text=True)
    assert "Keripik tempe" in page
    fields = {
        "outlet_id": str(store.outlet.id), "key": key_on(page), "product": str(store.product.id),
        "price_rupiah": "12.000", "first_day": TODAY.isoformat(), "last_day": TODAY.isoformat(),
        "reason": "hampir kedaluwarsa",
    }  # fmt: skip
    wrong = client.post("/markdowns/new", data={**fields, "price_rupiah": "20.000"})
    assert wrong.status_code == 422
    assert (
        client.post("/markdowns/new", data={**fields, "product": "", "price_rupiah": "a"}).status_code == 422
    )
    address = client.post("/markdowns/new", data=fields).headers["Location"]
    sign_in(client, store.maker)
    assert "1 permintaan menunggu jawaban" in client.get("/markdowns").get_data(as_text=True)
    assert client.post(f"{address}/answer", data={"answer": "decline"}).status_code == 422
    assert client.post(f"{address}/answer", data={"answer": "agree"}).status_code == 302
    assert db.session.query(Markdown).one().state == "agreed"
    assert "Disetujui" in client.get(address).get_data(as_text=True)


def test_a_question_is_taken_back(client: FlaskClient, store: Store) -> None:
    sign_in(client, store.buyer)
    page = client.get(f"/markdowns/new?outlet_id={store.outlet.id}").get_data(as_text=True)
    fields = {
        "outlet_id": str(store.outlet.id), "key": key_on(page), "product": str(store.product.id),
        "price_rupiah": "12.000", "first_day": TODAY.isoformat(), "last_day": TODAY.isoformat(),
        "reason": "hampir kedaluwarsa",
    }  # fmt: skip
    address = client.post("/markdowns/new", data=fields).headers["Location"]
    assert client.post(f"{address}/withdraw").status_code == 302
    assert db.session.query(Markdown).one().state == "withdrawn"


# --- files --------------------------------------------------------------------------------------------------


def send_file(client: FlaskClient, text: str) -> str:
    answer = client.post("/sales/files/new", data={"file": (io.BytesIO(text.encode()), "kasir.csv")})
    assert answer.status_code == 302, answer.get_data(as_text=True)[:500]
    return str(answer.headers["Location"])


def choose(client: FlaskClient, address: str, **fields: str) -> str:
    assert client.post(f"{address}/columns", data=fields).status_code == 302
    outbox.drain()
    return client.get(address).get_data(as_text=True)


def take(client: FlaskClient, address: str) -> str:
    client.post(f"{address}/confirm")
    outbox.drain()
    return client.get(address).get_data(as_text=True)


COLUMNS = {
    "map-outlet_ref": "Cabang", "map-occurred_on": "Tgl", "map-receipt": "Struk", "map-sku": "PLU",
    "map-quantity": "Jml", "map-unit_price_rupiah": "Harga",
}  # fmt: skip


def sales_file(store: Store, *rows: tuple[str, str, str, str], sku: str | None = None) -> str:
    """(day, receipt, units, price)"""
    lines = [
        f"{store.outlet.outlet_ref},{day},{receipt},{sku or store.product.sku},{units},{price}"
        for day, receipt, units, price in rows
    ]
    return "\n".join(["Cabang,Tgl,Struk,PLU,Jml,Harga", *lines]) + "\n"


def test_the_column_of_units_is_asked_for_though_the_file_calls_it_something_else(
    client: FlaskClient, store: Store
) -> None:
    sign_in(client, store.staff)
    page = client.get(send_file(client, sales_file(store, ("2026-11-21", "S1", "2", "20000")))).text
    in_sight = page.partition('id="kolom"')[2].partition("<details")[0]
    assert 'name="map-quantity"' in in_sight
    assert 'name="map-reverses"' not in in_sight


def test_a_file_is_looked_at_confirmed_and_becomes_a_report(client: FlaskClient, store: Store) -> None:
    sign_in(client, store.staff)
    text = sales_file(store, ("2026-11-21", "S1", "2", "20000"), ("22/11/2026", "S2", "1", "20000"))
    address = send_file(client, text)
    page = choose(client, address, **COLUMNS)
    assert "2 baris akan masuk" in page
    assert store.on_hand() == 10
    page = take(client, address)
    assert "1 laporan dari berkas ini" in page
    row = db.session.query(SalesReport).one()
    assert (row.source, row.units, row.first_on, row.last_on) == ("file", 3, YESTERDAY, TODAY)
    assert store.on_hand() == 7


def test_the_same_file_twice_counts_once_also_without_receipts(client: FlaskClient, store: Store) -> None:
    sign_in(client, store.staff)
    rows = [("2026-11-21", "", "1", "20000"), ("2026-11-21", "", "1", "20000"), ("2026-11-22", "", "2", "")]
    for _time in range(2):
        address = send_file(client, sales_file(store, *rows))
        choose(client, address, **COLUMNS)
        take(client, address)
    assert store.on_hand() == 6
    # A longer file of the same days adds only what is new in it.
    address = send_file(client, sales_file(store, *rows, ("2026-11-21", "", "1", "20000")))
    page = choose(client, address, **COLUMNS)
    assert "1 baris akan masuk" in page
    take(client, address)
    assert store.on_hand() == 5


def test_columns_named_once_are_known_for_the_whole_chain(client: FlaskClient, store: Store) -> None:
    sign_in(client, store.staff)
    text = sales_file(store, ("2026-11-21", "S1", "2", "20000"))
    choose(client, send_file(client, text), **COLUMNS)
    sign_in(client, store.buyer)
    page = client.get(send_file(client, text)).get_data(as_text=True)
    assert re.search(r'<option value="PLU" selected', page)
    sign_in(client, make.member(Role.BUYER_STAFF, operator_id=make.operator().id))
    page = client.get(send_file(client, text)).get_data(as_text=True)
    assert not re.search(r'<option value="Jml" selected', page)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # what is refused does not depend on it
@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (("2026-11-21", "S1", "0", "1"), "Harus antara 1"),
        (("2026-11-21", "S1", "-2", "1"), "Harus antara 1"),
        (("2026-11-21", "S1", "1,5", "1"), "Bukan bilangan bulat"),
        (("2026-11-21", "S1", "99999999999999", "1"), "Harus antara 1"),
        (("2026-11-30", "S1", "1", "1"), "Tanggal 30 November 2026 belum tiba"),
        (("kemarin", "S1", "1", "1"), "Bukan tanggal"),
    ],
)
def test_bad_rows_are_refused_with_a_sentence_and_the_rest_goes_in(
    client: FlaskClient, store: Store, row: tuple[str, str, str, str], sentence: str
) -> None:
    sign_in(client, store.staff)
    address = send_file(client, sales_file(store, row, ("2026-11-21", "S2", "1", "20000")))
    quoted = sales_file(store, row).replace(",1,5,", ',"1,5",')
    if row[2] == "1,5":
        address = send_file(
            client, quoted + sales_file(store, ("2026-11-21", "S2", "1", "20000")).split("\n")[1]
        )
    page = choose(client, address, **COLUMNS)
    assert sentence in page
    take(client, address)
    assert store.on_hand() == 9


def test_anothers_outlet_and_unknown_goods_are_refused(client: FlaskClient, store: Store) -> None:
    elsewhere = make.outlet("ASING")
    sign_in(client, store.staff)
    text = sales_file(store, ("2026-11-21", "S1", "1", "")) + f"{elsewhere.outlet_ref},2026-11-21,S2,X,1,\n"
    text += f"{store.outlet.outlet_ref},2026-11-21,S3,TIDAK-ADA,1,\n"
    page = choose(client, send_file(client, text), **COLUMNS)
    assert "bukan toko Anda" in page
    assert "Tidak ada produk dengan kode ini" in page


def test_more_than_the_shelf_holds_and_expired_goods_are_taken_with_a_warning(
    client: FlaskClient, app: Flask
) -> None:
    store = open_store()
    store.deliver(3, date(2026, 11, 10), "L", YESTERDAY)
    sign_in(client, store.staff)
    address = send_file(client, sales_file(store, ("2026-11-22", "S1", "5", "")))
    page = choose(client, address, **COLUMNS)
    assert "Hanya 3 yang ada di rak" in page
    assert "kedaluwarsa" in page
    take(client, address)
    row = db.session.query(SalesReport).one()
    assert (row.units, row.missing_units) == (3, 2)


def test_a_line_of_a_file_can_take_another_back(client: FlaskClient, store: Store) -> None:
    sign_in(client, store.staff)
    header = "outlet_ref,occurred_on,line_ref,sku,quantity,reverses\n"
    ref, sku = store.outlet.outlet_ref, store.product.sku
    text = f"{header}{ref},2026-11-21,B2,,,B1\n{ref},2026-11-21,B1,{sku},4,\n"
    address = send_file(client, text)
    names = header.strip().split(",")
    page = choose(client, address, **{f"map-{name}": name for name in names})
    assert "2 baris akan masuk" in page
    take(client, address)
    assert store.on_hand() == 10


def test_the_empty_form_and_its_guide(client: FlaskClient, store: Store) -> None:
    sign_in(client, store.staff)
    assert client.get("/sales/files").status_code == 200
    assert client.get("/sales/files/guide/sales").status_code == 200
    assert client.get("/sales/files/guide/other").status_code == 404
    for file_format in ("csv", "xlsx"):
        assert client.get(f"/sales/files/forms/sales.{file_format}").status_code == 200
    assert client.post("/sales/files/new", data={}).status_code == 422


def test_an_officer_may_not_send_a_stores_file(client: FlaskClient, store: Store) -> None:
    sign_in(client, make.officer())
    assert client.get("/sales/files").status_code == 403
