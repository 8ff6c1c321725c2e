"""Agreements on screen, for each role."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from marketplace.db import db
from marketplace.permissions import Role
from marketplace.placements.models import Agreement, AgreementVersionProduct
from marketplace.placements.offers import Good
from tests import factories as make
from tests.support.signing import sign_in

TODAY = date(2026, 11, 22)
HOSTILE = ["<script>alert(1)</script>", "{{7*7}}", "' OR 1=1 --", "a\x00b\u202e"]


def typed(parties, **changes):
    fields = {
        "seller": str(parties.seller.id),
        "outlet": str(parties.outlet.id),
        "outlet_ids": str(parties.outlet.id),
        "product_ids": str(parties.product_id),
        "basis": "consignment",
        "commission_basis": "percent_of_retail",
        "settlement_cycle": "monthly",
        "loss_borne_by": "outlet",
        "expiry_borne_by": "seller",
        "starts_on": "2026-11-25",
        "reply_by": "2026-11-29",
        "commission_percent": "12,5",
        "due_days": "14",
    }
    return {**fields, **changes}


def text_of(answer):
    return answer.get_data(as_text=True)


def test_a_buyer_finds_a_seller_proposes_and_the_seller_accepts_in_two_taps(app, parties):
    buyer, maker = sign_in(app.test_client(), parties.buyer), None
    found = text_of(buyer.get(f"/buyer/sellers?outlet={parties.outlet.id}"))
    assert "Dapur Contoh" in found
    assert f"/agreements/new?seller={parties.seller.id}&amp;outlet={parties.outlet.id}" in found
    form = text_of(buyer.get(f"/agreements/new?seller={parties.seller.id}&outlet={parties.outlet.id}"))
    assert "Keripik tempe" in form
    answer = buyer.post("/agreements/new", data=typed(parties))
    agreement = db.session.query(Agreement).one()
    assert answer.location == f"/agreements/{agreement.id}"
    assert (str(agreement.commission_percent), agreement.settlement_days) == ("12.50", 14)
    assert [row.product_id for row in db.session.query(AgreementVersionProduct)] == [parties.product_id]
    assert "Dapur Contoh" not in text_of(buyer.get(f"/buyer/sellers?outlet={parties.outlet.id}"))
    maker = sign_in(app.test_client(), parties.maker)
    home = text_of(maker.get("/seller"))
    assert "Jawab tawaran titip jual dari Rukun Mart Nusukan" in home
    page = text_of(maker.get(f"/agreements/{agreement.id}"))
    assert "Setujui" in page
    maker.post(f"/agreements/{agreement.id}/accept")
    db.session.expire_all()
    assert agreement.state == "accepted"
    assert "Tawaran disetujui" in text_of(buyer.get(f"/agreements/{agreement.id}"))


def test_a_seller_offers_itself_to_an_outlet(app, parties):
    maker = sign_in(app.test_client(), parties.maker)
    assert "Rukun Mart Nusukan" in text_of(maker.get("/seller/outlets?q=nusukan&kind=minimarket"))
    assert "Tawarkan produk ke Rukun Mart" in text_of(
        maker.get(f"/agreements/new?outlet={parties.outlet.id}")
    )
    maker.post("/agreements/new", data=typed(parties))
    assert db.session.query(Agreement).one().proposed_by_side == "seller"
    assert "Sudah ada perjanjian" in text_of(maker.get("/seller/outlets"))


def test_a_no_is_said_with_a_reason_that_the_other_side_reads(app, parties):
    agreement = parties.proposed()
    maker = sign_in(app.test_client(), parties.maker)
    address = f"/agreements/{agreement.id}/decline"
    assert "Tolak tawaran" in text_of(maker.get(address))
    assert "Tulis alasannya" in text_of(maker.post(address, data={"reason": " "}))
    maker.post(address, data={"reason": HOSTILE[0] + " rak penuh"})
    page = text_of(sign_in(app.test_client(), parties.buyer).get(f"/agreements/{agreement.id}"))
    assert "rak penuh" in page
    assert HOSTILE[0] not in page


def test_the_whole_life_of_an_agreement_works_on_screen(app, parties):
    agreement = parties.accepted()
    buyer = sign_in(app.test_client(), parties.buyer)
    address = f"/agreements/{agreement.id}"
    wrong = buyer.post(f"{address}/suspend", data={"first_day": "2026-11-01", "reason": "x"})
    assert "paling awal" in text_of(wrong)
    buyer.post(f"{address}/suspend", data={"first_day": "2026-11-22", "last_day": "", "reason": "Renovasi"})
    assert "Sedang ditangguhkan sejak 22 November 2026" in text_of(buyer.get(address))
    buyer.post(f"{address}/resume")
    buyer.post(f"{address}/terminate", data={"terminated_on": "2026-11-30", "reason": "Pindah"})
    db.session.expire_all()
    assert agreement.terminated_on == date(2026, 11, 30)
    page = text_of(buyer.get(address))
    for words in (
        "Perjanjian diakhiri",
        "Perjanjian dilanjutkan",
        "Perjanjian ditangguhkan",
        "30 November 2026",
    ):
        assert words in page


def test_what_was_typed_stays_and_each_wrong_field_says_what_to_write(app, parties):
    buyer = sign_in(app.test_client(), parties.buyer)
    wrong = typed(parties, starts_on="bukan hari", commission_percent="seratus", due_days="9" * 30)
    page = text_of(buyer.post("/agreements/new", data=wrong))
    for words in ("Tulis tanggal", "Tulis persen dengan angka", 'value="seratus"'):
        assert words in page
    page = text_of(buyer.post("/agreements/new", data=typed(parties, starts_on="0001-01-01")))
    assert "paling awal" in page
    assert db.session.query(Agreement).count() == 0


def test_hostile_terms_are_words(app, parties):
    buyer = sign_in(app.test_client(), parties.buyer)
    for number, text in enumerate(HOSTILE):
        day = TODAY + timedelta(days=number)
        days = {"starts_on": day.isoformat(), "ends_on": day.isoformat()}
        buyer.post("/agreements/new", data=typed(parties, terms=text, **days))
        agreement = db.session.query(Agreement).filter_by(starts_on=day).one()
        page = text_of(buyer.get(f"/agreements/{agreement.id}"))
        assert "<script>alert" not in page
        assert ">49<" not in page
        assert "\x00" not in page
        buyer.post(f"/agreements/{agreement.id}/withdraw", data={"reason": text})
    assert (
        buyer.get("/agreements", query_string={"q": HOSTILE[0], "condition": "x", "sort": "x"}).status_code
        == 200
    )


def test_a_stranger_s_agreement_is_not_there_for_any_role(app, parties):
    agreement = parties.proposed()
    strangers = [
        make.member(Role.SELLER_OWNER, seller_id=make.seller().id),
        make.member(Role.SELLER_STAFF, seller_id=make.seller().id),
        make.member(Role.BUYER_OWNER, operator_id=make.operator().id),
        make.member(Role.BUYER_STAFF, operator_id=make.operator().id),
        make.officer(Role.HEAD, region_code="12.71"),
        make.officer(Role.COACH, region_code="12.71"),
    ]
    for actor in strangers:
        client = sign_in(app.test_client(), actor)
        assert client.get(f"/agreements/{agreement.id}").status_code == 404, actor.role
        assert agreement.agreement_ref not in text_of(client.get("/agreements"))
        for verb in ("accept", "decline", "withdraw", "suspend", "resume", "terminate"):
            data = {"reason": "x", "first_day": "2026-11-22", "terminated_on": "2026-11-22"}
            answer = client.post(f"/agreements/{agreement.id}/{verb}", data=data)
            assert answer.status_code in (403, 404), (actor.role, verb)
    signed_out = app.test_client()
    assert signed_out.get(f"/agreements/{agreement.id}").status_code == 302
    assert signed_out.post(f"/agreements/{agreement.id}/accept").status_code == 401
    db.session.expire_all()
    assert agreement.state == "proposed"


def test_an_office_reads_the_agreements_under_its_region_and_acts_on_none(app, parties):
    agreement = parties.proposed()
    client = sign_in(app.test_client(), make.officer(Role.HEAD))
    page = text_of(client.get(f"/agreements/{agreement.id}"))
    assert "Dapur Contoh di Rukun Mart Nusukan" in page
    assert "Setujui" not in page
    assert client.post(f"/agreements/{agreement.id}/accept").status_code in (403, 404)


def test_a_buyer_cannot_look_from_a_foreign_outlet_or_propose_for_it(app, parties):
    foreign = make.outlet(name="Toko Lain")
    buyer = sign_in(app.test_client(), parties.buyer)
    assert "Toko Lain" not in text_of(buyer.get(f"/buyer/sellers?outlet={foreign.id}"))
    answer = buyer.post("/agreements/new", data=typed(parties, outlet_ids=str(foreign.id)))
    assert "Pilih paling sedikit satu toko" in text_of(answer)
    assert db.session.query(Agreement).count() == 0


@pytest.mark.parametrize("number", ["0", "99999999999999999999999", "x", "-1"])
def test_an_address_to_nowhere_is_a_page_that_says_so(app, parties, number):
    buyer = sign_in(app.test_client(), parties.buyer)
    assert buyer.get(f"/agreements/{number}").status_code == 404
    assert buyer.get(f"/agreements/new?seller={number}").status_code == 404


def test_a_product_s_page_says_where_it_stands_and_how_to_propose(app, parties):
    page = text_of(app.test_client().get(f"/products/{parties.product_id}", follow_redirects=True))
    assert "Belum dipajang di toko" in page
    assert "/sign-in?next=" in page
    buyer = sign_in(app.test_client(), parties.buyer)
    page = text_of(buyer.get(f"/products/{parties.product_id}", follow_redirects=True))
    assert f"/agreements/new?seller={parties.seller.id}&amp;product={parties.product_id}" in page


def test_the_list_can_be_kept_as_a_file_in_which_no_name_is_a_formula(app, parties):
    agreement = parties.proposed()
    make.agreement(make.outlet(name="=1+1", operator_id=parties.buyer.operator_id), make.seller())
    buyer = sign_in(app.test_client(), parties.buyer)
    text = text_of(buyer.get("/agreements?format=csv"))
    assert agreement.agreement_ref in text
    assert "'=1+1" in text
    assert buyer.get("/agreements?format=xlsx&condition=proposed").data.startswith(b"PK")
    maker = sign_in(app.test_client(), parties.maker)
    assert "Keripik tempe" in text_of(maker.get("/seller/products?format=csv"))


def test_a_page_says_in_rupiah_what_the_maker_gets_of_each_unit(app, parties):
    other = make.product(parties.seller, name="Keripik pedas")
    agreement = parties.proposed(
        goods=(Good(parties.product_id, 25_000), Good(other.id)), commission_percent=Decimal("12.5")
    )
    page = text_of(sign_in(app.test_client(), parties.maker).get(f"/agreements/{agreement.id}"))
    assert "Diterima UMKM" in page
    assert "Rp21.875" in page, "25.000 less 12.5 percent"


def test_a_running_agreement_leads_on_to_what_each_side_does_next(app, parties):
    agreement = parties.proposed()
    maker, buyer = (sign_in(app.test_client(), who) for who in (parties.maker, parties.buyer))
    address = f"/agreements/{agreement.id}"
    assert "/deliveries/new" not in text_of(maker.get(address))
    maker.post(f"{address}/accept")
    assert f'href="/deliveries/new?agreement={agreement.id}"' in text_of(maker.get(address))
    assert f'href="/sales/new?outlet_id={parties.outlet.id}"' in text_of(buyer.get(address))
