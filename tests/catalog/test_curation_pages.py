"""The office's inbox and the seller's papers as people see them."""

from __future__ import annotations

import io

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from marketplace import outbox
from marketplace.catalog.models import Certificate, Criterion, CurationSettings, Product, Review
from marketplace.catalog.queries import curation as queries
from marketplace.catalog.queries.photos import held_photos, photos_of
from marketplace.catalog.services import criteria, photos
from marketplace.db import db
from marketplace.permissions import Actor, Role
from tests import factories
from tests.catalog.test_certificates import PDF, handed_in, photo, product, verified
from tests.catalog.test_curation import change, draft, stamp_of, submitted, waiting
from tests.support.signing import sign_in


@pytest.fixture
def maker(app: Flask) -> Actor:
    return factories.member(Role.SELLER_OWNER, seller_id=factories.seller(name="Dapur Sri").id)


@pytest.fixture
def officer(app: Flask) -> Actor:
    return factories.officer()


def text_of(answer: object) -> str:
    return answer.get_data(as_text=True)  # type: ignore[attr-defined]


def test_the_inbox_says_how_much_waits_and_filters(client: FlaskClient, maker, officer):
    submitted(maker, name="Keripik baru")
    goods = draft(maker, state="live", name="Keripik lama")
    change(maker, goods, name="Keripik berubah")
    handed_in(maker)
    sign_in(client, officer)
    page = text_of(client.get("/office/curation"))
    assert "3 hal menunggu dilihat" in page
    assert all(name in page for name in ("Keripik baru", "Keripik lama", "Halal ID33110002356912"))
    only = text_of(client.get("/office/curation?kind=change"))
    assert "Keripik lama" in only
    assert "Keripik baru" not in only
    assert "Tidak ada yang cocok" in text_of(client.get("/office/curation?q=tidakada"))
    assert "Keripik baru" in text_of(client.get("/office/curation?district=33.72.01"))
    assert "Tidak ada yang cocok" in text_of(client.get("/office/curation?district=33.72.04"))
    assert "3 hal menunggu kurasi" not in text_of(client.get("/office")), "no outlets yet: nothing to show"


def test_approving_opens_the_next_one_and_the_last_leads_back(client, maker, officer):
    first, second = submitted(maker), submitted(maker)
    sign_in(client, officer)
    page = text_of(client.get(f"/office/curation/reviews/{first.id}"))
    assert "Tetap setujui" in page, "it has no photo, so sending back is what is offered"
    assert "Kembalikan (1 alasan)" in page
    assert 'value="photo" checked' in page
    answer = client.post(
        f"/office/curation/reviews/{first.id}/approve",
        data={"stamp": stamp_of(first, officer), "all_met": "1"},
    )
    assert answer.location == f"/office/curation/reviews/{second.id}"
    answer = client.post(
        f"/office/curation/reviews/{second.id}/send-back",
        data={"stamp": stamp_of(second, officer), "reasons": ["photo"]},
    )
    assert answer.location == "/office/curation"
    assert "Foto kurang jelas" in text_of(client.get(f"/office/curation/reviews/{second.id}"))


def test_missing_criteria_and_reasons_are_said_on_the_page(client, maker, officer):
    review = submitted(maker)
    sign_in(client, officer)
    url, stamp = f"/office/curation/reviews/{review.id}", stamp_of(review, officer)
    answer = client.post(f"{url}/approve", data={"stamp": stamp, "message": "Halo"})
    assert (answer.status_code, "Belum dicentang" in text_of(answer)) == (409, True)
    assert ">Halo</textarea>" in text_of(answer)
    answer = client.post(f"{url}/send-back", data={"stamp": stamp})
    assert (answer.status_code, "Pilih satu alasan" in text_of(answer)) == (422, True)


def test_words_that_are_too_long_are_refused_and_stay_where_they_were_typed(client, maker, officer):
    review, words = submitted(maker), "Bagus. " * 143 + "Akhir."
    sign_in(client, officer)
    url, stamp = f"/office/curation/reviews/{review.id}", stamp_of(review, officer)
    for act, name in (("approve", "message"), ("send-back", "reason")):
        answer = client.post(f"{url}/{act}", data={"stamp": stamp, "all_met": "1", name: words})
        assert answer.status_code == 422
        assert f'<a href="#{name}">Tulisan ini 1.007 karakter, paling banyak 1.000.' in text_of(answer)
        assert "Akhir.</textarea>" in text_of(answer)
    assert db.session.get_one(Review, review.id).state == "waiting"
    one = handed_in(maker)
    answer = client.post(
        f"/office/curation/certificates/{one.id}/reject", data={"version": "1", "reason": words}
    )
    assert (answer.status_code, "Tulisan ini 1.007" in text_of(answer)) == (422, True)
    assert "Akhir.</textarea>" in text_of(answer)
    sign_in(client, maker)
    goods = draft(maker, unit="bungkus")
    typed = {"name": "Keripik", "category": "Camilan", "price_rupiah": "5000", "unit": "bungkus"}
    answer = client.post(f"/seller/products/{goods.id}", data={**typed, "act": "submit", "message": words})
    assert "Pesan paling panjang 1.000 huruf." in text_of(answer)
    assert "Akhir.</textarea>" in text_of(answer)
    assert db.session.get_one(Product, goods.id).state == "draft"


def test_a_stale_page_is_told_so_and_shows_what_is_new(client, maker, officer):
    goods = draft(maker, state="live", name="Lama")
    change(maker, goods, name="Baru")
    review = waiting(goods)
    assert review is not None
    seen = stamp_of(review, officer)
    change(maker, goods, name="Lebih baru")
    sign_in(client, officer)
    answer = client.post(
        f"/office/curation/reviews/{review.id}/approve", data={"stamp": seen}, follow_redirects=True
    )
    assert "Penjual mengubah isinya" in text_of(answer)
    assert "Lebih baru" in text_of(answer)
    assert db.session.get_one(Review, review.id).state == "waiting"


def test_the_office_verifies_and_rejects_papers_from_the_same_inbox(client, maker, officer):
    one, two = handed_in(maker), handed_in(maker, number="ID33110002350001")
    sign_in(client, officer)
    assert "ID33110002356912" in text_of(client.get(f"/office/curation/certificates/{one.id}"))
    answer = client.post(f"/office/curation/certificates/{one.id}/verify", data={"version": "1"})
    assert answer.location == f"/office/curation/certificates/{two.id}"
    answer = client.post(
        f"/office/curation/certificates/{two.id}/reject", data={"version": "1", "reasons": ["mui"]}
    )
    assert answer.location == "/office/curation"
    answer = client.post(f"/office/curation/certificates/{two.id}/verify", data={"version": "1"})
    assert answer.location == f"/office/curation/certificates/{two.id}"
    states = db.session.scalars(select(Certificate.state).order_by(Certificate.id))
    assert list(states) == ["verified", "rejected"]


def test_a_seller_hands_a_paper_in_and_mends_it(client, maker, officer):
    goods = product(maker, name="Sambal")
    sign_in(client, maker)
    assert "Belum ada sertifikat" in text_of(client.get("/seller/certificates"))
    data = {
        "kind": "pirt",
        "product_id": str(goods.id),
        "number": "P-IRT 2063372010123-28",
        "expires_on": "2028-05-01",
    }
    answer = client.post("/seller/certificates/new", data=data)
    assert answer.status_code == 422
    assert "Tambahkan foto atau PDF" in text_of(answer)
    answer = client.post("/seller/certificates/new", data=data | {"file": (io.BytesIO(PDF), "surat.pdf")})
    assert answer.location == "/seller/certificates"
    page = text_of(client.get("/seller/certificates"))
    assert "2063372010123-28" in page
    assert "Menunggu Dinas" in page
    one = db.session.scalars(select(Certificate)).one()
    answer = client.post(
        f"/seller/certificates/{one.id}", data=data | {"expires_on": "2028-06-01"}, follow_redirects=True
    )
    assert "Sertifikat terkirim" in text_of(answer)
    client.post(f"/seller/certificates/{one.id}/withdraw")
    assert "Belum ada sertifikat" in text_of(client.get("/seller/certificates"))


def test_the_form_of_a_renewal_begins_with_what_ends(client, maker, officer):
    goods = product(maker)
    one = verified(
        maker,
        officer,
        kind="bpom",
        number="MD 235602169254",
        product_id=goods.id,
        expires_on=factories.date(2026, 12, 1),
    )
    sign_in(client, maker)
    page = text_of(client.get(f"/seller/certificates/new?renews={one.id}"))
    assert "MD 235602169254" in page
    assert "2026-12-01" not in page


def test_a_pdf_is_a_download_for_its_seller_and_the_office_alone(client, maker, officer):
    sign_in(client, maker)
    data = {"kind": "halal", "product_id": "0", "number": "ID33110002356912"}
    client.post("/seller/certificates/new", data=data | {"file": (io.BytesIO(PDF), "surat.pdf")})
    one = db.session.scalars(select(Certificate)).one()
    url = f"/certificates/{one.id}/file"
    for actor in (maker, officer):
        sign_in(client, actor)
        answer = client.get(url)
        assert answer.data == PDF
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "no-store" in answer.headers["Cache-Control"]
    for stranger in (
        factories.member(Role.SELLER_OWNER, seller_id=factories.seller().id),
        factories.officer(region_code="33.16"),
    ):
        sign_in(client, stranger)
        assert client.get(url).status_code == 404


def test_a_photo_stands_on_the_page(client, maker, officer):
    one = handed_in(maker)
    sign_in(client, officer)
    assert f"/certificates/{one.id}/file" in text_of(client.get(f"/office/curation/certificates/{one.id}"))
    answer = client.get(f"/certificates/{one.id}/file")
    assert answer.mimetype == "image/jpeg"
    assert answer.data.startswith(b"\xff\xd8")
    assert len(photo()) > 0


def test_a_seller_takes_a_product_back(client, maker):
    goods = submitted(maker).product_id
    sign_in(client, maker)
    assert "Menunggu Dinas sejak" in text_of(client.get(f"/seller/products/{goods}"))
    client.post(f"/seller/products/{goods}/withdraw")
    db.session.expire_all()
    assert db.session.get_one(Product, goods).state == "draft"


def test_what_the_seller_says_with_a_product_reaches_the_office(client, maker, officer):
    goods = draft(maker, name="Rempeyek kacang")
    sign_in(client, maker)
    data = {"name": "Rempeyek kacang", "category": "Camilan", "price_rupiah": "15.000", "unit": "bungkus"}
    client.post(f"/seller/products/{goods.id}", data=data | {"act": "submit", "message": "Resep nenek"})
    sign_in(client, officer)
    item = queries.next_item(officer, queries.InboxFilter())
    assert item is not None
    assert "Resep nenek" in text_of(client.get(f"/office/curation/reviews/{item.id}"))


def test_what_came_back_and_what_ends_are_things_to_do_on_the_first_screen(client, maker, officer):
    review = submitted(maker, name="Rempeyek")
    verified(maker, officer, expires_on=factories.date(2026, 12, 2))
    sign_in(client, officer)
    client.post(
        f"/office/curation/reviews/{review.id}/send-back",
        data={"stamp": stamp_of(review, officer), "reason": "Foto labelnya belum ada."},
    )
    sign_in(client, maker)
    page = text_of(client.get("/seller"))
    assert "Perbaiki Rempeyek" in page
    assert "Foto labelnya belum ada." in page
    assert "habis 10 hari lagi" in page


@pytest.fixture
def numbers_put_back(app):
    """The criteria and numbers are part of the empty database: leave them as they were."""
    before = queries.settings()
    kept = criteria.CurationNumbers(before.others_food, before.others_non_food, before.price_limit_percent)
    known = {one.id for one in queries.criteria()}
    yield
    criteria.save_numbers(actor=factories.officer(Role.HEAD), numbers=kept)
    with criteria.unit_of_work() as session:
        for one in session.scalars(select(Criterion)):
            if one.id not in known:
                session.delete(one)


def test_the_office_edits_criteria_and_numbers(client, officer, numbers_put_back):
    sign_in(client, officer)
    assert "Foto jelas" in text_of(client.get("/office/criteria"))
    data = {"label": "Ada contoh rasa", "scope": "food", "is_essential": "y", "is_active": "y"}
    data["position"] = "5"
    assert client.post("/office/criteria/new", data=data).location == "/office/criteria"
    made = db.session.scalars(select(Criterion).where(Criterion.label == "Ada contoh rasa")).one()
    food = factories._add(factories.Category(path="Sambal", name="Sambal", is_food=True))
    labels = [wish.label for wish in queries.criteria_for(db.session(), food.id)[0]]
    assert labels[0] == "Ada contoh rasa"
    client.post(f"/office/criteria/{made.id}", data=data | {"is_active": ""})
    db.session.expire_all()
    labels = [wish.label for wish in queries.criteria_for(db.session(), food.id)[0]]
    assert "Ada contoh rasa" not in labels
    numbers = {"others_food": "1", "others_non_food": "0", "price_limit_percent": "40"}
    assert client.post("/office/criteria", data=numbers).location == "/office/criteria"
    db.session.expire_all()
    assert db.session.get_one(CurationSettings, 1).price_limit_percent == 40
    assert client.post("/office/criteria", data=numbers | {"others_food": "-1"}).status_code == 422


def test_the_inbox_is_there_as_a_file_and_the_papers_on_the_page_of_the_business(client, maker, officer):
    submitted(maker, name="Keripik baru")
    one = verified(maker, officer)
    sign_in(client, officer)
    lines = text_of(client.get("/office/curation?format=csv")).splitlines()
    assert "Keripik baru" in lines[1]
    page = text_of(client.get(f"/office/sellers/{maker.seller_id}"))
    assert "1 sertifikat" in page
    assert f"/office/curation/certificates/{one.id}" in page


def test_photos_added_to_a_product_on_sale_wait_and_are_shown_or_dropped_by_the_decision(
    client, maker, officer
):
    goods = draft(maker, state="live")
    for verb, shown in (("approve", 1), ("send-back", 1)):
        content = photo((640, 480), comment=verb.encode())
        photos.add_photo(actor=maker, product_id=goods.id, content=content, client_key=verb)
        outbox.drain()
        review = waiting(goods)
        assert review is not None
        assert len(held_photos(goods.id)) == 1
        sign_in(client, officer)
        page = text_of(client.get(f"/office/curation/reviews/{review.id}"))
        assert held_photos(goods.id)[0].stem in page
        client.post(
            f"/office/curation/reviews/{review.id}/{verb}",
            data={"stamp": stamp_of(review, officer), "reasons": ["photo"]},
        )
        assert held_photos(goods.id) == []
        assert len(photos_of([goods.id])[goods.id]) == shown


def test_an_officer_takes_a_product_off_from_its_own_page(client, maker, officer):
    goods = draft(maker, state="live", name="Keripik tempe")
    sign_in(client, officer)
    page = text_of(client.get(f"/products/{goods.id}", follow_redirects=True))
    url = f"/office/curation/products/{goods.id}/take-off"
    assert url in page
    assert "Perjanjian dan stok di toko tidak berubah" in text_of(client.get(url))
    answer = client.post(url, data={"reason": "  "})
    assert (answer.status_code, "Pilih satu alasan" in text_of(answer)) == (422, True)
    answer = client.post(url, data={"reasons": ["claim"], "reason": "Isinya kurang."}, follow_redirects=True)
    assert "Keripik tempe diturunkan" in text_of(answer)
    assert client.get(url).status_code == 404
    sign_in(client, maker)
    page = text_of(client.get(f"/seller/products/{goods.id}"))
    assert "Isinya kurang." in page
    assert "Diturunkan dari etalase oleh" in page
    assert url not in text_of(client.get(f"/products/{goods.id}", follow_redirects=True))
