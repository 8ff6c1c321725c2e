"""The pages of money: what each side sees and may do, and what strangers do not."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from io import BytesIO

import pytest
from PIL import Image
from sqlalchemy import select

from marketplace import clock, outbox
from marketplace.db import db
from marketplace.payments.models import Payment
from marketplace.permissions import Role
from marketplace.placements.models import Outcome, Settlement
from marketplace.placements.queries.settlement_page import settlement_page
from marketplace.placements.services import differences
from marketplace.placements.services.money_mail import settle_nightly
from marketplace.placements.services.settling import settle_until
from tests import factories as make
from tests.placements.test_settlements import disputed, shop_with
from tests.support.signing import sign_in

OCTOBER = date(2026, 10, 31)


@pytest.fixture
def shop(app):
    found = shop_with()
    found.move("S1", "sale", 3, date(2026, 10, 12), 10_000)
    found.move("S2", "sale", 5, date(2026, 10, 14), 10_000)
    return found


def key_in(form):
    """The form's own key."""
    found = re.search(r'name="key"[^>]*value="([^"]+)"', form)
    assert found is not None
    return found[1]


def page_of(client, path):
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    return answer.get_data(as_text=True)


def text_of(html):
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def photo():
    picture = BytesIO()
    Image.new("RGB", (60, 40), "white").save(picture, "JPEG")
    return BytesIO(picture.getvalue()), "bukti.jpg"


def test_from_draft_to_money_as_the_two_sides_click(app, shop):
    store, maker = sign_in(app.test_client(), shop.buyer), sign_in(app.test_client(), shop.maker)
    assert "Belum ada penyelesaian" in page_of(store, "/settlements")
    assert "1 konsep siap diterbitkan" in store.post("/settlements/prepare", follow_redirects=True).text
    row = db.session.scalars(select(Settlement)).one()
    path = f"/settlements/{row.id}"
    assert "Masih konsep" in page_of(maker, path)
    assert "Terbitkan" in page_of(store, path)
    store.post(f"{path}/issue")
    seen = text_of(page_of(maker, path))
    for words in (
        "Rp64.000 untuk Dapur Contoh",
        "Rp80.000",
        "-Rp16.000",
        "6 Desember 2026",
        "2 baris",
        "15 hari",
    ):
        assert words in seen, words
    line = shop.lines(row)[0].movement_id
    assert "Sekarang Rp24.000" in page_of(maker, f"{path}/lines/{line}")
    wrong = maker.post(f"{path}/lines/{line}", data={"claimed_rupiah": "24.000", "reason": "x"})
    assert "Itu sama dengan jumlah pada baris ini" in wrong.text
    maker.post(f"{path}/lines/{line}", data={"claimed_rupiah": "30.000", "reason": "Lima bungkus."})
    assert "Disisihkan, masih dibantah" in page_of(store, path)
    assert "Sisanya benar" in page_of(maker, path)
    maker.post(f"{path}/confirm")
    assert maker.get(f"{path}/lines/{line}").status_code == 302
    debt = shop.payable(row)
    form = page_of(store, f"/payments/new?bills={debt.id}")
    assert "40.000" in form
    data = {
        "key": key_in(form), "bills": str(debt.id),
        "amount_rupiah": "50.000", "method": "bank_transfer", "paid_on": "2026-11-22", "reference": "TRF 1",
    }  # fmt: skip
    assert "Lampirkan bukti transfer" in store.post("/payments/new", data=data).text
    no_proof = store.post("/payments/new", data={**data, "file": (BytesIO(b"a,b\n1,2\n"), "bukti.csv")})
    assert "Pilih foto JPEG, PNG atau WebP. PDF juga boleh." in no_proof.text
    too_much = store.post("/payments/new", data={**data, "file": photo()})
    assert "Tulis paling banyak sebesar itu" in too_much.text
    data["amount_rupiah"] = "25.000"
    for _again in range(2):
        sent = store.post("/payments/new", data={**data, "file": photo()}, follow_redirects=True)
        assert "Pembayaran dicatat" in sent.text
    paid = db.session.scalars(select(Payment)).one()
    assert maker.get(f"/payments/{paid.id}/proof").mimetype == "image/jpeg"
    assert "1 pembayaran menunggu konfirmasi Anda" in page_of(maker, "/payments")
    maker.post(f"/payments/{paid.id}/confirm")
    assert "Sudah diterima" in page_of(store, f"/payments/{paid.id}")
    assert "Rp15.000" in page_of(store, path)
    outbox.drain()
    subjects = [message["Subject"] for message in app.extensions["etalase_mail"].sent]
    for words in ("Penyelesaian PS-2026-00001", "membantah satu baris", "mencatat pembayaran Rp25.000"):
        assert any(words in subject for subject in subjects), (words, subjects)


def test_denying_and_taking_back_ask_why(app, shop):
    row = shop.issued()
    store, maker = sign_in(app.test_client(), shop.buyer), sign_in(app.test_client(), shop.maker)
    made = shop.pay(row, 10_000)
    assert "Uangnya belum masuk?" in page_of(maker, f"/payments/{made.id}/deny")
    assert "Tulis alasannya" in maker.post(f"/payments/{made.id}/deny", data={"reason": " "}).text
    maker.post(f"/payments/{made.id}/deny", data={"reason": "Tidak ada di rekening."})
    assert "Tidak ada di rekening." in page_of(store, f"/payments/{made.id}")
    assert store.get(f"/payments/{made.id}/take-back").status_code == 302
    second = shop.pay(row, 10_000, "k2")
    store.post(f"/payments/{second.id}/take-back", data={"reason": "Salah tulis."})
    third = shop.pay(row, 10_000, "k3")
    maker.post(f"/payments/{third.id}/confirm")
    maker.post(f"/payments/{third.id}/reverse", data={"reason": "Giro kosong."})
    states = db.session.scalars(select(Payment.state).order_by(Payment.id)).all()
    assert states == ["denied", "reversed", "reversed"]
    assert "Menunggu penjual" in page_of(store, "/settlements?q=Dapur&sort=-due_on")
    assert maker.get(f"/payments/{third.id}/proof").status_code == 404


def test_papers_and_files_say_what_the_page_says(app, shop):
    row = shop.issued()
    store = sign_in(app.test_client(), shop.buyer)
    for paper in ("statement", "bill"):
        answer = store.get(f"/settlements/{row.id}/{paper}.pdf")
        assert (answer.mimetype, answer.data[:5]) == ("application/pdf", b"%PDF-")
    assert store.get(f"/settlements/{row.id}.xlsx").data[:2] == b"PK"
    assert "PS-2026-00001" in store.get("/settlements?format=csv").text
    assert store.get("/payments?format=xlsx").data[:2] == b"PK"
    seen = text_of(app.test_client().get(f"/verify/{row.verify_code}").text)
    for words in ("Penyelesaian ini asli", "PS-2026-00001", "NT-2026-00001", "Rp64.000"):
        assert words in seen


def test_a_draft_has_no_papers_but_its_lines(app, shop):
    draft = shop.draft()
    store = sign_in(app.test_client(), shop.buyer)
    assert store.get(f"/settlements/{draft.id}/bill.pdf").status_code == 409
    assert store.get(f"/settlements/{draft.id}.xlsx").status_code == 200


def test_strangers_see_nothing_and_staff_see_no_money(app, shop):
    row = shop.issued()
    made = shop.pay(row, 10_000)
    line = shop.lines(row)[0].movement_id
    paths = (
        f"/settlements/{row.id}", f"/settlements/{row.id}/bill.pdf", f"/settlements/{row.id}.xlsx",
        f"/payments/{made.id}", f"/payments/{made.id}/proof",
    )  # fmt: skip
    strangers = [
        make.member(Role.SELLER_OWNER, seller_id=make.seller().id),
        make.member(Role.BUYER_OWNER, operator_id=make.operator().id),
        make.officer(region_code="12.71"),
    ]
    for actor in strangers:
        client = sign_in(app.test_client(), actor)
        for path in paths:
            assert client.get(path).status_code == 404, (actor.role, path)
        for path in (
            f"/settlements/{row.id}/issue",
            f"/settlements/{row.id}/confirm",
            f"/payments/{made.id}/confirm",
        ):
            assert client.post(path).status_code in {403, 404}, (actor.role, path)
        assert client.get(f"/settlements/{row.id}/lines/{line}").status_code in {403, 404}
        assert "Rukun Nusukan" not in client.get("/settlements").text
    for role, where in (
        (Role.SELLER_STAFF, {"seller_id": shop.seller.id}),
        (Role.BUYER_STAFF, {"operator_id": shop.operator.id}),
    ):  # fmt: skip
        client = sign_in(app.test_client(), make.member(role, **where))
        assert client.get(f"/settlements/{row.id}").status_code == 403
    assert sign_in(app.test_client(), make.officer()).get(f"/settlements/{row.id}").status_code == 200
    assert (
        sign_in(app.test_client(), strangers[1])
        .get(f"/payments/new?bills={shop.payable(row).id}")
        .status_code
        == 404
    )


def test_the_office_sees_who_pays_late_and_how_long_money_takes(app, shop):
    office = sign_in(app.test_client(), make.officer())
    assert "Belum ada yang diselesaikan" in page_of(office, "/office/payers")
    row = shop.issued()
    made = shop.pay(row, 24_000)
    store = sign_in(app.test_client(), shop.maker)
    store.post(f"/payments/{made.id}/confirm")
    with clock.frozen(datetime(2026, 12, 20, 5, tzinfo=UTC)):
        seen = text_of(page_of(office, "/office/payers?sort=-days"))
        for words in ("Rp40.000 lewat jatuh tempo", "PT Rukun", "1 toko, 1 UMKM"):
            assert words in seen, words
        assert "PT Rukun" in office.get("/office/payers?format=csv").text
        assert "Tidak ada yang cocok" in page_of(office, "/office/payers?q=zzz")
        assert "1 tagihan lewat jatuh tempo" in page_of(office, "/settlements?status=overdue&q=PT+Rukun")


def test_the_night_drafts_what_ended_and_writes_to_the_store_once(app, shop):
    for _night in range(2):
        settle_nightly()
    outbox.drain()
    subjects = [message["Subject"] for message in app.extensions["etalase_mail"].sent]
    assert subjects.count("1 konsep penyelesaian siap diterbitkan") == 1


def test_the_command_settles_and_says_how_much(app, shop):
    runner = app.test_cli_runner()
    answer = runner.invoke(args=["settle", "--until", "2026-10-31", "--issue", "--format", "json"])
    assert answer.exit_code == 0
    assert '"settlements": 1' in answer.output
    assert "64000" in answer.output
    assert runner.invoke(args=["settle", "--until", "2026-11-22"]).exit_code == 2
    again = runner.invoke(args=["settle", "--until", "2026-10-31"])
    assert "0 penyelesaian" in again.output


def test_a_thousand_lines_stand_on_one_page_and_more_on_the_next(app, shop):
    shop.move("D2", "delivery", 2_000, date(2026, 9, 2))
    for number in range(100):
        shop.move(f"T{number}", "sale", 1, date(2026, 10, 1), 10_000)
    settle_until(OCTOBER, issue=True)
    row = db.session.scalars(select(Settlement)).one()
    store = sign_in(app.test_client(), shop.buyer)
    assert page_of(store, f"/settlements/{row.id}").count('<tr id="b') == 102


def test_a_seller_sees_how_long_a_store_s_money_takes_before_it_signs(app, shop):
    row = shop.issued()
    made = shop.pay(row, 24_000)
    sign_in(app.test_client(), shop.maker).post(f"/payments/{made.id}/confirm")
    other = make.seller()
    maker = make.member(Role.SELLER_OWNER, seller_id=other.id)
    asked = make.agreement(
        shop.outlet, other, state="proposed", proposed_by_side="outlet", starts_on=date(2026, 12, 1),
        reply_by=date(2026, 11, 30),
    )  # fmt: skip
    seen = text_of(page_of(sign_in(app.test_client(), maker), f"/agreements/{asked.id}"))
    assert "sampai uang diterima penjual rata-rata 40 hari" in seen


def test_the_sums_by_product_add_up_to_the_sums_of_the_statement(app, shop):
    shop.lose("L1", 2, date(2026, 10, 15))
    for row in (shop.draft(), shop.issued()):
        with app.test_request_context():
            page = settlement_page(shop.maker, row.id)
        assert page is not None
        (one,) = page.by_product
        assert (one.quantity, one.gross_rupiah, one.commission_rupiah) == (8, 80_000, 16_000)
        assert (one.lost, one.charged_rupiah, one.net_rupiah) == (2, 12_800, 76_800)
        assert (page.row.gross_rupiah, page.row.charged_rupiah) == (80_000, 12_800)
        seen = text_of(page_of(sign_in(app.test_client(), shop.maker), f"/settlements/{row.id}"))
        assert "Rp80.000 Rp16.000 Rp12.800, 2 barang Rp76.800" in seen


def test_the_page_is_headed_by_what_is_due_after_a_dispute_was_decided(app):
    shop = shop_with()
    row, _line, difference = disputed(shop)
    differences.settle(shop.buyer, difference.id, Outcome.STORE_CORRECTS)
    seen = text_of(page_of(sign_in(app.test_client(), shop.maker), f"/settlements/{row.id}"))
    assert "Rp70.000 untuk Dapur Contoh" in seen
    assert "Masih harus dibayar Rp70.000" in seen
