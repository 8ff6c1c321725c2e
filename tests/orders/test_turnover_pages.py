"""The pages of turnover and of PKP: what a seller types, keeps and takes along."""

from __future__ import annotations

import re
from io import BytesIO

import pytest
from PIL import Image

from marketplace import clock
from marketplace.db import db
from marketplace.orders.queries.tax import pkp_on
from marketplace.permissions import Role
from tests import factories as make
from tests.support.signing import sign_in


@pytest.fixture
def maker(app):
    return make.member(Role.SELLER_OWNER, seller_id=make.seller(name="Dapur Contoh").id)


@pytest.fixture
def client(app, maker):
    return sign_in(app.test_client(), maker)


def text_of(answer, status=200):
    assert answer.status_code == status, answer.status_code
    return " ".join(re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True)).split())


def test_what_was_sold_elsewhere_moves_the_marker(client):
    assert "Masih di bawah batas Rp500.000.000" in text_of(client.get("/turnover"))
    typed = {"month": "2026-03-01", "channel": "Pasar Gede", "amount_rupiah": "Rp 400.000.000"}
    assert client.post("/turnover/other?year=2026", data=typed).status_code == 302
    assert "sudah tercatat" in text_of(client.post("/turnover/other?year=2026", data=typed), 422)
    page = text_of(client.get("/turnover"))
    for words in ("Perkiraan omzet 2026: Rp400.000.000", "Hampir mencapai batas", "80 persen", "PP 55/2022"):
        assert words in page, words
    client.post("/turnover/other", data={**typed, "month": "2026-05-01", "amount_rupiah": "100.000.001"})
    page = text_of(client.get("/turnover?year=2026"))
    assert "Sudah mencapai batas" in page
    assert "terlewati pada Mei 2026" in page
    entry = re.search(r"/turnover/other/(\d+)/remove", client.get("/turnover").text)
    assert entry is not None
    assert client.post(entry[0]).status_code == 302
    assert "Rp400.000.000" in text_of(client.get("/turnover"))


def test_what_was_typed_wrongly_stays_with_its_sentence(client):
    answer = client.post(
        "/turnover/other", data={"month": "2099-01-01", "channel": "Pasar", "amount_rupiah": "x"}
    )
    page = text_of(answer, 422)
    assert "Tulis angka bulat saja" in page
    assert 'value="Pasar"' in answer.text
    assert client.post("/turnover/statements", data={"year": "2026"}).status_code == 422
    assert client.post("/turnover/pkp", data={"is_pkp": "yes", "valid_from": "2026-01-01"}).status_code == 422


def test_the_year_is_taken_along_as_a_file(client):
    lines = client.get("/turnover?format=csv&year=2026").get_data(as_text=True).splitlines()
    assert len(lines) == 13
    assert "consignment_rupiah" in lines[0]
    assert client.get("/turnover?format=xlsx").data[:2] == b"PK"
    for year in ("1999", "2999", "abc", "2025", "020269"):
        assert client.get(f"/turnover?year={year}").status_code == 200


def test_a_statement_is_kept_for_its_seller_alone(app, client):
    picture = BytesIO()
    Image.new("RGB", (60, 40), "white").save(picture, "JPEG")
    picture.seek(0)
    sent = {"year": "2026", "kind": "below", "signed_on": "2026-01-05", "file": (picture, "surat.jpg")}
    assert client.post("/turnover/statements", data=sent).status_code == 302
    (path,) = re.findall(r"/turnover/statements/\d+", client.get("/turnover").text)
    answer = client.get(path)
    assert (answer.status_code, answer.mimetype) == (200, "image/jpeg")
    assert answer.headers["Cache-Control"] == "private, no-store"
    other = sign_in(app.test_client(), make.member(Role.SELLER_OWNER, seller_id=make.seller().id))
    assert other.get(path).status_code == 404


def test_a_seller_says_that_it_is_pkp_and_sees_what_it_said(client, maker):
    assert "bukan PKP" in text_of(client.get("/turnover/pkp"))
    today = clock.today().isoformat()
    typed = {"is_pkp": "yes", "valid_from": today, "reference": "PEM-7"}
    assert client.post("/turnover/pkp", data=typed).status_code == 302
    page = text_of(client.get("/turnover/pkp"))
    for words in ("tercatat sebagai PKP", "12 persen dari 11/12", "PMK 131/2024", "PEM-7"):
        assert words in page, words
    assert pkp_on(db.session(), [maker.seller_id], clock.today()) == {maker.seller_id}
    assert "sudah tercatat" in text_of(client.post("/turnover/pkp", data=typed), 422)


def test_turnover_is_for_sellers_who_see_money(app, maker):
    staff = sign_in(app.test_client(), make.member(Role.SELLER_STAFF, seller_id=maker.seller_id))
    assert staff.get("/turnover").status_code == 403
    buyer = sign_in(app.test_client(), make.member(Role.BUYER_OWNER, operator_id=make.operator().id))
    assert buyer.get("/turnover").status_code == 404
    assert buyer.get("/turnover/pkp").status_code == 403
