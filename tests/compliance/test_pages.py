"""The pages: what an officer, a head, a buyer and a passer-by can open and do."""

from __future__ import annotations

import html
import re
from datetime import date
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from marketplace.compliance import services
from marketplace.compliance.models import IssuedReport, Regulation
from marketplace.db import db
from marketplace.permissions import SYSTEM, Role
from tests import factories
from tests.compliance.test_reports import deliver
from tests.support.signing import bearer, sign_in

TODAY = date(2026, 11, 22)
JEBRES, MOJOSONGO = "33.72.04.1010", "33.72.04.1011"


@pytest.fixture
def place(app: Flask) -> Any:
    """A minimarket with one counted seller of five, and one on paper."""
    factories.regulation(regulation_ref="R-1")
    outlet = factories.outlet("T-1", name="Toko Contoh")
    for ref in ("U-1", "U-2"):
        factories.agreement(outlet, factories.seller(ref, name=f"Usaha {ref}"), agreement_ref=f"A-{ref}")
    product = factories.product(db.session.query(factories.Seller).filter_by(seller_ref="U-1").one())
    deliver(outlet, product, "M-1")
    return outlet


def read(client: FlaskClient, url: str, status: int = 200) -> str:
    answer = client.get(url)
    assert answer.status_code == status, answer.text
    return answer.text


def test_the_officer_goes_from_the_dashboard_to_the_rows_and_the_evidence(client: FlaskClient, place: Any):
    sign_in(client, factories.officer())
    dashboard = read(client, "/office")
    assert "Toko Contoh" in dashboard
    listed = read(client, "/office/outlets?status=short&q=contoh")
    assert f"/office/outlets/{place.id}" in listed
    page = read(client, f"/office/outlets/{place.id}")
    assert "Usaha U-1" in page
    assert "Hanya di atas kertas" in page
    assert "1 UMKM dihitung: kurang 4." in read(client, f"/office/outlets/{place.id}/explain")
    for form in ("csv", "xlsx"):
        assert client.get(f"/office/outlets.{form}").status_code == 200
        assert client.get(f"/office/outlets/{place.id}/evidence.{form}").status_code == 200
    for form in ("csv", "json", "xlsx", "pdf"):
        assert client.get(f"/office/reports/draft.{form}").status_code == 200


def test_a_village_of_its_districts_name_leads_to_its_own_rows_alone(client: FlaskClient, place: Any):
    """Kelurahan Jebres lies in Kecamatan Jebres: a search for the name would find the whole district."""
    factories.outlet("T-J", name="Toko Kelurahan Jebres", region_code=JEBRES)
    factories.outlet("T-M", name="Toko Mojosongo", region_code=MOJOSONGO)
    sign_in(client, factories.officer())
    address = re.search(r'href="([^"]*village=33\.72\.04\.1010[^"]*)"', read(client, "/office"))
    assert address is not None
    listed = read(client, html.unescape(address[1]))
    assert "Toko Kelurahan Jebres" in listed
    assert "Toko Mojosongo" not in listed


@pytest.mark.parametrize("address", ["/office", "/office/outlets", "/office/regulations", "/office/reports"])
def test_the_first_day_of_an_empty_city_has_pages_too(client: FlaskClient, app: Flask, address: str):
    sign_in(client, factories.officer())
    read(client, address)
    read(client, f"{address}?as_of=0001-01-01&page=99999&sort=nonsense&district=%00&kind=x")
    assert client.get(f"{address}?as_of=2026-02-30").status_code in {200, 422}


def test_an_office_sees_only_its_own_region(client: FlaskClient, place: Any):
    sign_in(client, factories.officer(region_code="33.74"))
    assert "Toko Contoh" not in read(client, "/office/outlets")
    read(client, f"/office/outlets/{place.id}", 404)


def test_the_buyer_sees_its_own_outlets_and_why_they_are_short(client: FlaskClient, place: Any):
    owner = db.session.query(factories.OutletFacts).filter_by(outlet_id=place.id).one()
    sign_in(client, factories.member(Role.BUYER_OWNER, operator_id=owner.operator_id))
    home = read(client, "/buyer")
    assert "Toko Contoh" in home
    assert "Usaha U-2" in home
    assert "Usaha U-1" in read(client, f"/buyer/outlets/{place.id}")
    stranger = factories.outlet("T-9")
    read(client, f"/buyer/outlets/{stranger.id}", 404)
    assert client.get(f"/office/outlets/{place.id}").status_code == 403


def test_the_head_adds_a_regulation_and_ends_it(client: FlaskClient, app: Flask):
    sign_in(client, factories.officer(Role.HEAD))
    read(client, "/office/regulations/new")
    form = {
        "regulation_ref": "R-9",
        "region_code": "33.72",
        "outlet_kinds": ["hotel"],
        "binding": "target",
        "min_sellers": "5",
        "counted_bases": ["consignment"],
        "valid_from": "2026-01-01",
        "display_window_days": "30",
        "outright_window_days": "90",
        "grace_days": "0",
        "citation": "Contoh",
    }
    assert client.post("/office/regulations/new", data=form).status_code == 302
    again = client.post("/office/regulations/new", data={**form, "regulation_ref": "R-10"})
    assert again.status_code == 422
    assert "R-9" in again.text
    row = db.session.query(Regulation).one()
    read(client, f"/office/regulations/{row.id}")
    read(client, f"/office/regulations/{row.id}/end")
    address = f"/office/regulations/{row.id}/end"
    assert client.post(address, data={"valid_to": "2026-11-22", "reason": "x"}).status_code == 422
    assert client.post(address, data={"valid_to": "2026-12-01", "reason": "Diganti"}).status_code == 302
    db.session.expire_all()
    assert row.valid_to == date(2026, 12, 1)
    assert "R-9" in read(client, "/office/regulations?as_of=2026-12-01")


def test_a_bad_regulation_comes_back_with_what_was_typed(client: FlaskClient, app: Flask):
    sign_in(client, factories.officer(Role.HEAD))
    bad = client.post("/office/regulations/new", data={"regulation_ref": "R-X", "valid_from": "0000-00-00"})
    assert bad.status_code == 422
    assert 'value="R-X"' in bad.text


def test_the_head_issues_a_report_and_anyone_can_verify_it(client: FlaskClient, place: Any):
    sign_in(client, factories.officer(Role.HEAD))
    read(client, "/office/reports/new")
    values = {"as_of": "2026-11-22", "region": "33.72", "note": "Rapat", "corrects": ""}
    look = client.post("/office/reports/new", data=values)
    assert "Periksa sebelum terbit" in look.text
    assert db.session.query(IssuedReport).count() == 0
    done = client.post("/office/reports/new", data={**values, "confirmed": "1"})
    assert done.status_code == 302
    page = read(client, done.headers["Location"])
    row = db.session.query(IssuedReport).one()
    assert row.number in page
    for form in ("csv", "json", "xlsx", "pdf"):
        assert client.get(f"/office/reports/{row.id}.{form}").status_code == 200
    passer_by = client.application.test_client()
    verified = read(passer_by, f"/verify/{row.verify_code}")
    assert "Laporan ini asli" in verified
    assert row.inputs_hash in verified
    assert "tidak dikenal" in read(passer_by, "/verify/ABCDEFGH23456789", 404)
    assert passer_by.get(f"/verify?code={row.verify_code[:8]}-{row.verify_code[8:]}").status_code == 302


def test_the_api_answers_the_report_within_the_tokens_rights(client: FlaskClient, place: Any):
    headers = bearer(factories.officer())
    answer = client.get("/api/v1/compliance?as_of=2026-11-22&region=33.72", headers=headers)
    assert answer.status_code == 200
    assert [outlet["counted"] for outlet in answer.get_json()["outlets"]] == [1]
    assert client.get("/api/v1/compliance?region=33.74", headers=headers).status_code == 403
    assert client.get("/api/v1/compliance?as_of=besok", headers=headers).status_code == 422
    assert client.get("/api/v1/compliance").status_code == 401
    maker = factories.member(Role.SELLER_OWNER, seller_id=factories.seller().id)
    assert client.get("/api/v1/compliance", headers=bearer(maker)).status_code == 403


def test_the_public_home_shows_who_displays_and_no_names_of_the_short(client: FlaskClient, place: Any):
    assert "Toko Contoh" in read(client, "/")


def test_the_shipped_regulations_are_adopted_once(app: Flask):
    run = app.test_cli_runner()
    assert "2 aturan ditambahkan." in run.invoke(args=["compliance", "adopt", "33.72"]).output
    assert "0 aturan ditambahkan." in run.invoke(args=["compliance", "adopt", "33.72"]).output
    rows = {row.binding: set(row.outlet_kinds) for row in db.session.query(Regulation)}
    assert rows["target"] == {"hotel", "souvenir_centre"}
    assert len(rows["mandatory"]) == 5
    assert run.invoke(args=["compliance", "adopt", "11.01"]).exit_code == 2
    assert not any(row.is_text_verified for row in db.session.query(Regulation))
    assert services.adopt("33.72", actor=SYSTEM) == []
