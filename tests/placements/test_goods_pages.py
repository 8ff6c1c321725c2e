"""The pages of goods on their way: every person's own, by hand and by thumb, with clear sentences."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image

from marketplace import documents
from marketplace.db import db
from marketplace.permissions import Role
from marketplace.placements.models import Delivery, Destruction, Message, ReturnNote
from marketplace.placements.services.deliveries import make_delivery
from marketplace.placements.services.receiving import receive_delivery
from tests import factories as make
from tests.placements.goods_support import (
    DAY,
    GOOD,
    TODAY,
    agree,
    differences,
    draft,
    line,
    lines_of,
    on_hand,
    sent,
)
from tests.support.signing import sign_in, sign_out

NEAR = TODAY + 10 * DAY


def text(answer):
    return answer.get_data(as_text=True)


def photo():
    target = BytesIO()
    Image.new("RGB", (300, 200), "red").save(target, "JPEG")
    return BytesIO(target.getvalue()), "barang.jpg"


@pytest.fixture
def agreement_id(parties):
    return agree(parties)


@pytest.fixture
def shelf(parties, agreement_id):
    delivery = sent(parties, agreement_id, line(parties, 6, "NEAR", NEAR), line(parties, 10, "GOOD", GOOD))
    receive_delivery(actor=parties.buyer, delivery_id=delivery.id)
    return delivery


def filled(parties, agreement_id, **changes):
    values = {
        "agreement": agreement_id,
        "key": "k1",
        "deliver_on": TODAY.isoformat(),
        "product-0": parties.product_id,
        "fixed-0": "1",
        "quantity-0": "1.200",
        "lot-0": "A1",
        "expires_on-0": GOOD.isoformat(),
        "product-1": "",
        "quantity-1": "",
        "driver": "Pak Joko",
    }
    return values | changes


def test_a_seller_writes_and_sends_a_note_and_the_store_receives_it_by_its_code(
    client, parties, agreement_id
):
    sign_in(client, parties.maker)
    form = text(client.get("/deliveries/new"))
    assert "Surat jalan ke Rukun Mart Nusukan" in form
    assert "Keripik tempe" in form
    sent_form = filled(parties, agreement_id, send="1")
    answer = client.post("/deliveries/new", data=sent_form, follow_redirects=True)
    assert "SJ/2026/0001 dikirim" in text(answer)
    client.post("/deliveries/new", data=sent_form | {"send": ""})
    delivery = db.session.query(Delivery).one()
    pdf = client.get(f"/deliveries/{delivery.id}/note.pdf")
    assert (pdf.mimetype, pdf.data[:5]) == ("application/pdf", b"%PDF-")
    scanned = f"/deliveries/at/{delivery.code}"
    assert client.get(scanned).location.endswith(f"/deliveries/{delivery.id}")
    sign_out(client)
    assert "/sign-in?next=" in client.get(scanned).location
    sign_in(client, parties.buyer)
    assert client.get(scanned).location.endswith(f"/deliveries/{delivery.id}/receive")
    page = text(client.get(f"/deliveries/{delivery.id}/receive"))
    assert "Semua sesuai: 1200 barang" in page or "Semua sesuai: 1.200 barang" in page
    received = client.post(f"/deliveries/{delivery.id}/receive", data={"all": "1"}, follow_redirects=True)
    assert "diterima dan masuk rak" in text(received)
    again = client.post(f"/deliveries/{delivery.id}/receive", data={"all": "1"}, follow_redirects=True)
    assert "sudah diterima 22 November 2026" in text(again)
    assert on_hand(parties) == 1200


IMPOSSIBLE: tuple[tuple[dict[str, str], str], ...] = (
    ({"quantity-0": "0"}, "angka bulat, paling sedikit 1"),
    ({"quantity-0": "-4"}, "angka bulat, paling sedikit 1"),
    ({"quantity-0": "1,5"}, "angka bulat, paling sedikit 1"),
    ({"quantity-0": "9" * 25}, "Paling banyak 1.000.000.000.000"),
    ({"quantity-0": ""}, "Isi jumlah paling sedikit satu barang"),
    ({"expires_on-0": "2026-11-21"}, "sudah kedaluwarsa 1 hari"),
    ({"expires_on-0": "besok"}, "Tulis tanggal kedaluwarsa"),
    ({"deliver_on": ""}, "Tulis tanggal"),
    ({"deliver_on": "2026-11-01"}, "paling awal hari ini"),
    ({"fixed-0": "", "product-0": ""}, "Pilih produknya"),
)


def test_what_cannot_be_gets_a_sentence_and_what_was_typed_stays(client, parties, agreement_id):
    sign_in(client, parties.maker)
    for changes, sentence in IMPOSSIBLE:
        page = text(client.post("/deliveries/new", data=filled(parties, agreement_id, **changes)))
        assert sentence in page, changes
        assert "Pak Joko" in page
        assert db.session.query(Delivery).count() == 0


def test_a_row_more_keeps_what_was_typed(client, parties, agreement_id):
    sign_in(client, parties.maker)
    page = text(client.post("/deliveries/new", data=filled(parties, agreement_id, more="1")))
    assert 'name="quantity-3"' in page
    assert 'value="1.200"' in page


def test_a_draft_is_changed_and_called_off(client, parties, agreement_id):
    made = make_delivery(actor=parties.maker, draft=draft(agreement_id, line(parties)))
    sign_in(client, parties.maker)
    assert 'value="10"' in text(client.get(f"/deliveries/{made.id}/edit"))
    client.post(f"/deliveries/{made.id}/edit", data=filled(parties, agreement_id))
    assert lines_of(made)[0].quantity == 1200
    assert client.get(f"/deliveries/{made.id}/cancel").status_code == 200
    client.post(f"/deliveries/{made.id}/cancel", data={"reason": ""})
    db.session.expire_all()
    assert db.session.get_one(Delivery, made.id).state == "cancelled"
    for path in ("edit", "cancel"):
        assert client.get(f"/deliveries/{made.id}/{path}").status_code == 302


def test_line_by_line_a_store_says_what_is_short_or_damaged(client, parties, agreement_id):
    delivery = sent(parties, agreement_id)
    number = lines_of(delivery)[0].id
    sign_in(client, parties.buyer)
    path = f"/deliveries/{delivery.id}/receive"
    for accepted, short, sentence in (("9", "0", "Baru 9 dari 10"), ("x", "0", "angka bulat dari 0")):
        answer = client.post(
            path, data={f"accepted-{number}": accepted, f"short-{number}": short, "note": "dus basah"}
        )
        assert answer.status_code == 422
        assert sentence in text(answer)
        assert "dus basah" in text(answer)
    client.post(path, data={f"accepted-{number}": "9", f"short-{number}": "1"})
    assert (on_hand(parties), len(differences())) == (9, 1)
    assert "/differences/" in text(client.get(f"/deliveries/{delivery.id}"))


def test_without_an_agreement_in_force_the_door_says_so(client, parties, agreement_id):
    from marketplace.placements import services  # noqa: PLC0415

    delivery = sent(parties, agreement_id)
    services.suspend_agreement(
        actor=parties.buyer, agreement_id=agreement_id, first_day=TODAY, last_day=None, reason="renovasi"
    )
    sign_in(client, parties.buyer)
    path = f"/deliveries/{delivery.id}/receive"
    assert "Tidak ada perjanjian yang berlaku hari ini" in text(client.get(path))
    answer = client.post(path, data={"all": "1"})
    assert (answer.status_code, on_hand(parties)) == (422, 0)
    assert "Perjanjian ditangguhkan" in text(answer)


def test_lists_filter_search_sort_and_leave_as_files(client, parties, shelf, agreement_id):
    sent(parties, agreement_id)
    for actor in (parties.maker, parties.buyer, make.officer()):
        sign_in(client, actor)
        assert "SJ/2026/0001" in text(client.get("/deliveries?state=received&sort=-deliver_on&q=nusukan"))
        assert "Tidak ada yang cocok" in text(client.get("/deliveries?q=entah"))
        for path in (
            "/deliveries",
            "/returns",
            "/destructions",
            "/differences",
            "/goods",
            "/goods?by=product",
        ):
            assert client.get(path).status_code == 200
            joint = "&" if "?" in path else "?"
            csv = client.get(f"{path}{joint}format=csv")
            assert csv.mimetype == "text/csv"
            assert csv.data.startswith(b"\xef\xbb\xbf")
            xlsx = client.get(f"{path}{joint}format=xlsx")
            assert xlsx.data[:2] == b"PK"
    assert "SJ/2026/0001,received" in client.get("/deliveries?format=csv&state=received").data.decode()


def test_a_page_with_nothing_to_suggest_does_not_say_that_it_did(client, parties):
    receive_delivery(actor=parties.buyer, delivery_id=sent(parties, agree(parties), line(parties, 3)).id)
    sign_in(client, parties.buyer)
    page = text(client.get(f"/returns/new?outlet={parties.outlet.id}&seller={parties.seller.id}"))
    assert "Isi jumlah barang yang Anda tarik dari rak" in page
    assert "Saran sudah terisi" not in page


def test_a_store_puts_goods_aside_as_suggested_and_the_maker_fetches_them(client, parties, shelf):
    sign_in(client, parties.buyer)
    pair = f"outlet={parties.outlet.id}&seller={parties.seller.id}"
    assert f"seller={parties.seller.id}" in text(client.get("/returns/new"))
    page = text(client.get(f"/returns/new?{pair}"))
    assert 'name="quantity-0" value="6"' in page
    assert "Saran sudah terisi" in page
    data = {
        "outlet": parties.outlet.id,
        "seller": parties.seller.id,
        "key": "r1",
        "lot-0": f"{parties.product_id}|{NEAR}|NEAR",
        "quantity-0": "6",
        "reason-0": "near_expiry",
    }
    for changes, sentence in (
        ({"reason-0": ""}, "Pilih alasannya"),
        ({"quantity-0": "7"}, "hanya ada 6"),
        ({"quantity-0": "0"}, "paling sedikit satu barang"),
        ({"lot-0": f"{parties.product_id}|{NEAR}|GONE"}, "Isi rak berubah"),
    ):
        answer = client.post("/returns/new", data=data | changes)
        assert answer.status_code == 422
        assert sentence in text(answer)
    answer = client.post("/returns/new", data=data, follow_redirects=True)
    assert "RT/2026/0001 dibuat" in text(answer)
    note = db.session.query(ReturnNote).one()
    assert client.get(f"/returns/{note.id}/note.pdf").data[:5] == b"%PDF-"
    sign_in(client, parties.maker)
    assert "Sudah saya ambil semua: 6 barang" in text(client.get(f"/returns/{note.id}"))
    done = client.post(f"/returns/{note.id}/fetch", data={"all": "1"}, follow_redirects=True)
    assert "dicatat sudah diambil" in text(done)
    again = client.post(f"/returns/{note.id}/fetch", data={"all": "1"}, follow_redirects=True)
    assert "sudah diambil. Tidak ada yang dicatat lagi" in text(again)
    assert on_hand(parties) == 10


def test_a_store_destroys_what_is_broken_with_a_photo(client, parties, shelf):
    sign_in(client, parties.buyer)
    data = {
        "outlet": parties.outlet.id,
        "seller": parties.seller.id,
        "key": "m1",
        "lot-0": f"{parties.product_id}|{NEAR}|NEAR",
        "quantity-0": "2",
        "reason-0": "damaged",
        "destroyed_on": TODAY.isoformat(),
        "method": "digunting",
        "witness_name": "Wulan",
    }
    pair = f"outlet={parties.outlet.id}&seller={parties.seller.id}"
    assert client.get(f"/destructions/new?{pair}").status_code == 200
    bare = client.post("/destructions/new", data=data)
    assert (bare.status_code, "Lampirkan foto" in text(bare)) == (422, True)
    answer = client.post("/destructions/new", data=data | {"photo": photo()}, follow_redirects=True)
    assert "BA/2026/0001 dicatat" in text(answer)
    client.post("/destructions/new", data=data | {"photo": photo()})
    row = db.session.query(Destruction).one()
    assert on_hand(parties) == 14
    for actor in (parties.maker, make.officer()):
        sign_in(client, actor)
        assert client.get(f"/destructions/{row.id}").status_code == 200
        assert client.get(f"/destructions/{row.id}/photo-320.jpg").data[:3] == b"\xff\xd8\xff"
        assert client.get(f"/destructions/{row.id}/minutes.pdf").data[:5] == b"%PDF-"
    sign_in(client, make.member(Role.SELLER_OWNER, seller_id=make.seller().id))
    for path in ("", "/photo-320.jpg", "/minutes.pdf"):
        assert client.get(f"/destructions/{row.id}{path}").status_code == 404


def test_a_difference_is_settled_on_its_page_and_written_about(client, parties, agreement_id):
    from marketplace.placements.rules.deliveries import Counted  # noqa: PLC0415

    delivery = sent(parties, agreement_id)
    counted = {lines_of(delivery)[0].id: Counted(8, short=2)}
    receive_delivery(actor=parties.buyer, delivery_id=delivery.id, counted=counted)
    (row,) = differences()
    sign_in(client, parties.maker)
    assert "Saya setuju dengan toko" in text(client.get(f"/differences/{row.id}"))
    said = {"body": "Saya yakin 10.", "next": f"/differences/{row.id}", "key": "x"}
    client.post(f"/messages/difference/{row.id}", data=said)
    client.post(f"/messages/difference/{row.id}", data=said)
    assert db.session.query(Message).count() == 1
    assert client.post(f"/messages/difference/{row.id}", data=said | {"next": "//evil"}).location == "/#pesan"
    client.post(f"/differences/{row.id}/refer")
    officer = make.officer()
    sign_in(client, officer)
    bare = client.post(f"/differences/{row.id}/settle", data={"outcome": "officer_decides"})
    assert bare.status_code == 422
    done = client.post(
        f"/differences/{row.id}/settle",
        data={"outcome": "officer_decides", "favours": "seller", "note": "foto menunjukkan 10"},
        follow_redirects=True,
    )
    assert "Catatan Dapur Contoh yang dipakai" in text(done)
    assert on_hand(parties) == 10
    assert client.post(f"/differences/{row.id}/settle", data={"outcome": "nonsense"}).status_code == 422


def test_anyone_can_check_a_paper_and_strangers_see_no_page(client, parties, shelf):
    assert "Surat jalan ini asli" in text(client.get(f"/verify/{shelf.code}"))
    sign_in(client, make.member(Role.BUYER_MANAGER, operator_id=make.operator().id))
    for path in (
        f"/deliveries/{shelf.id}",
        f"/deliveries/{shelf.id}/receive",
        f"/deliveries/{shelf.id}/note.pdf",
        f"/deliveries/at/{shelf.code}",
        "/deliveries/at/NOPE",
        "/returns/1",
        "/differences/1",
        f"/returns/new?outlet={parties.outlet.id}&seller={parties.seller.id}",
    ):
        assert client.get(path).status_code == 404, path


def test_papers_are_indonesian_whoever_prints_them(client, parties, agreement_id, monkeypatch):
    monkeypatch.setattr(documents, "pdf", lambda html: html.encode())
    sign_in(client, parties.maker)
    client.post("/deliveries/new", data=filled(parties, agreement_id, send="1"))
    delivery = db.session.query(Delivery).one()
    client.get("/?lang=en")
    assert 'lang="en"' in text(client.get(f"/deliveries/{delivery.id}"))
    paper = text(client.get(f"/deliveries/{delivery.id}/note.pdf"))
    assert 'lang="id"' in paper
    assert "Surat jalan" in paper
    assert "Delivery" not in paper
