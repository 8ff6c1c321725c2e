"""The registry in the browser: what each role sees, and what nobody sees."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text

from marketplace import mailing, outbox
from marketplace.audit import AuditEvent
from marketplace.db import db
from marketplace.organizations import queries, services
from marketplace.organizations.models import Seller
from marketplace.permissions import SYSTEM, Role
from tests import factories as make
from tests.support.signing import sign_in

NIK = "3372014107900001"
NPWP = "123456782508000"
ACCOUNT = "99887766554433"
FORM: dict[str, Any] = {
    "name": "Sambal Bu Tin",
    "owner_name": "Tin",
    "region_code": make.LAWEYAN,
    "owner_nik": NIK,
    "phone": "0812-3456-7890",
    "annual_sales_rupiah": "25.000.000",
}


def flattened(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_a_person_registers_a_business_and_the_office_approves(app: Flask, client: FlaskClient) -> None:
    account = {"name": "Tin", "phone": "0812 3456 7890", "password": "tiga kata mudah"}
    assert client.post("/register/seller", data=account).location == "/register/seller/business"
    answer = client.post("/register/seller/business", data=FORM, follow_redirects=True)
    assert answer.request.path == "/seller"  # the first product is the next thing to do
    assert "Daftarkan produk pertama Anda" in flattened(answer.text)
    assert "Menunggu verifikasi" in flattened(client.get("/account/organization").text)
    seller = db.session.scalars(select(Seller)).one()
    assert (seller.name, seller.phone) == ("Sambal Bu Tin", "+6281234567890")

    office = sign_in(app.test_client(), make.officer())
    assert "1 UMKM menunggu" in flattened(office.get("/office/verifications").text)
    assert office.post(f"/office/sellers/{seller.id}/verify").location == "/office/verifications"
    assert "UMKM terverifikasi" in flattened(app.test_client().get(f"/sellers/{seller.id}").text)
    assert "Tidak ada UMKM yang menunggu" in flattened(office.get("/office/verifications").text)
    second = office.post(f"/office/sellers/{seller.id}/verify")
    assert second.status_code == 409
    assert "sudah terverifikasi" in flattened(second.text)


def test_what_was_typed_stays_beside_the_sentence(app: Flask, client: FlaskClient) -> None:
    sign_in(client, make.user())
    answer = client.post("/register/seller/business", data={**FORM, "owner_nik": "12", "name": ""})
    assert answer.status_code == 422
    assert "NIK harus 16 angka" in answer.text
    assert "Tulis nama usaha." in answer.text
    assert 'value="0812-3456-7890"' in answer.text
    assert db.session.scalars(select(Seller)).all() == []


def test_sent_back_needs_a_reason(app: Flask, client: FlaskClient) -> None:
    owner = make.user()
    form = services.SellerForm("Usaha Tin", "Tin", make.LAWEYAN)
    actor = queries.actor_of(owner)
    seller = services.register_seller(actor=actor, form=form)
    office = sign_in(client, make.officer())
    empty = office.post(f"/office/sellers/{seller.id}/reject", data={"reason": ""})
    assert empty.status_code == 422
    assert "Tulis alasannya" in empty.text
    office.post(f"/office/sellers/{seller.id}/reject", data={"reason": "Foto KTP buram"})
    own = sign_in(app.test_client(), owner).get("/account/organization")
    assert "Foto KTP buram" in own.text


def secret_seller() -> Seller:
    seller = make.seller(
        owner_nik=NIK,
        npwp=NPWP,
        bank_account=ACCOUNT,
        bank_holder="Tin",
        phone="+6281234567890",
        address="Gang 1",
    )
    make.member(Role.SELLER_OWNER, seller_id=seller.id)
    return seller


def test_personal_numbers_stand_nowhere_in_the_database(app: Flask) -> None:
    seller = secret_seller()
    services.change_owner(
        actor=make.officer(),
        seller_id=seller.id,
        owner_name="Tin",
        owner_nik="3372014107900077",
        valid_from=date(2026, 5, 1),
        reason="Salah catat",
    )
    services.reveal_personal(actor=make.officer(), seller_id=seller.id, reason="Cocokkan dengan KTP")
    for table in db.metadata.sorted_tables:
        if table.name in {"regions", "kbli_codes"}:
            continue
        rows = db.session.execute(text(f'SELECT * FROM "{table.name}"')).all()
        raw = " ".join(
            bytes(v).hex() if isinstance(v, bytes | memoryview) else str(v) for r in rows for v in r
        )
        for secret in (NIK, "3372014107900077", NPWP, ACCOUNT):
            assert secret not in raw, table.name
            assert secret.encode().hex() not in raw, table.name


def test_personal_numbers_stand_on_no_page_but_the_one_that_reveals(app: Flask, client: FlaskClient) -> None:
    seller = secret_seller()
    office = sign_in(client, make.officer())
    pages = ["/office/sellers", f"/office/sellers/{seller.id}", f"/sellers/{seller.id}", "/office/duplicates"]
    pages += ["/office/sellers?format=csv", f"/office/sellers?q={NIK}", "/office/verifications"]
    for address in pages:
        shown = office.get(address)
        assert shown.status_code == 200
        without_query = shown.text.replace(f'value="{NIK}"', "").replace(f"q={NIK}", "")
        for secret in (NIK, NPWP, ACCOUNT):
            assert secret not in without_query, address
    assert "3372************" in office.get(f"/office/sellers/{seller.id}").text
    assert office.post(f"/office/sellers/{seller.id}/reveal", data={"reason": ""}).status_code == 422
    once = office.post(f"/office/sellers/{seller.id}/reveal", data={"reason": "Cocokkan dengan KTP"})
    assert NIK in once.text
    assert ACCOUNT in once.text
    assert once.headers["Cache-Control"] == "no-store"
    event = db.session.scalars(
        select(AuditEvent).where(AuditEvent.action == "seller.personal_revealed")
    ).one()
    assert event.reason == "Cocokkan dengan KTP"
    assert NIK not in json.dumps(event.changes)


def test_the_public_page_tells_no_personal_data(app: Flask, client: FlaskClient) -> None:
    seller = secret_seller()
    page = client.get(f"/sellers/{seller.id}").text
    for personal in ("0812-3456-7890", "+6281234567890", "Gang 1", "3372", "Tin"):
        assert personal not in flattened(page)
    services.update_seller(actor=make.officer(), seller_id=seller.id, values={"is_phone_public": True})
    assert "https://wa.me/6281234567890" in client.get(f"/sellers/{seller.id}").text


def test_a_seller_is_found_by_nik_only_as_a_whole(app: Flask, client: FlaskClient) -> None:
    seller, officer = secret_seller(), make.officer()
    whole = queries.registry(officer, queries.RegistryFilter(q="3372 0141 0790 0001"), 1)
    part = queries.registry(officer, queries.RegistryFilter(q="337201410790"), 1)
    assert ([row.id for row in whole.items], part.items) == ([seller.id], [])


def test_registered_and_coached_are_always_both_said(app: Flask, client: FlaskClient) -> None:
    make.seller(coached_since=date(2026, 1, 1))
    make.seller(coached_since=date(2025, 1, 1), coached_until=date(2026, 11, 21))
    make.seller()
    office = sign_in(client, make.officer())
    for address in ("/office/sellers", "/office/sellers?coached=yes", "/office/sellers?q=tidak-ada"):
        assert "3 UMKM terdaftar, 1 di antaranya dibina" in flattened(office.get(address).text)
    assert len(queries.registry(make.officer(), queries.RegistryFilter(coached="yes"), 1).items) == 1


def test_filters_sort_and_pages_agree_with_each_other(app: Flask) -> None:
    officer = make.officer()
    for n in range(30):
        make.seller(
            name=f"Usaha {n:02d}",
            region_code=make.LAWEYAN if n % 2 else make.JEBRES,
            annual_sales_rupiah=n * 2_000_000_000,
            verified_on=date(2026, 1, 1) if n % 3 else None,
        )
    first = queries.registry(officer, queries.RegistryFilter(sort="-name"), 1)
    second = queries.registry(officer, queries.RegistryFilter(sort="-name"), 2)
    beyond = queries.registry(officer, queries.RegistryFilter(sort="-name"), 99)
    assert (first.total, len(first.items), len(second.items)) == (30, 25, 5)
    assert [row.id for row in beyond.items] == [row.id for row in second.items]
    assert first.items[0].name == "Usaha 29"
    small = queries.registry(officer, queries.RegistryFilter(size="small", district="33.72.01"), 1)
    assert [row.name for row in small.items] == ["Usaha 03", "Usaha 05", "Usaha 07"]
    counts = queries.registry_counts(officer)
    for state, count in counts.by_state.items():
        assert queries.registry(officer, queries.RegistryFilter(state=state.value), 1).total == count
    assert sum(counts.by_state.values()) == 30


OFFICE_PAGES = [
    "/office/sellers/{seller}", "/office/sellers/{seller}/change/profile", "/office/sellers/{seller}/reveal",
    "/office/sellers/{seller}/revoke", "/office/sellers/{seller}/enrol", "/office/sellers/{seller}/separate",
    "/office/operators/{operator}", "/office/operators/{operator}/outlets/new",
    "/office/outlets/{outlet}/record", "/office/outlets/{outlet}/change/card",
]  # fmt: skip


def test_a_foreign_object_is_not_there_for_any_officer(app: Flask, client: FlaskClient) -> None:
    ids = {"seller": make.seller().id, "outlet": make.outlet().id}
    ids["operator"] = make.operator(region_code=make.LAWEYAN).id
    for role in (Role.OFFICER, Role.HEAD, Role.COACH):
        office = sign_in(client, make.officer(role, region_code="33.11"))
        for page in OFFICE_PAGES:
            assert office.get(page.format(**ids)).status_code in {403, 404}, (role, page)
    home = sign_in(client, make.officer())
    for page in OFFICE_PAGES:
        assert home.get(page.format(**ids)).status_code == 200, page


def test_strangers_and_staff_do_not_get_into_the_office(app: Flask, client: FlaskClient) -> None:
    ids = {"seller": make.seller().id, "outlet": make.outlet().id}
    ids["operator"] = make.operator().id
    pages = [
        *OFFICE_PAGES,
        "/office/sellers",
        "/office/verifications",
        "/office/claims",
        "/office/duplicates",
    ]
    for actor in (
        make.member(Role.SELLER_OWNER, seller_id=ids["seller"]),
        make.member(Role.BUYER_OWNER, operator_id=ids["operator"]),
        make.user(),
    ):
        sign_in(client, actor)
        for page in pages:
            assert client.get(page.format(**ids)).status_code in {403, 404}, page
    signed_out = app.test_client()
    for page in pages:
        assert signed_out.get(page.format(**ids)).location.startswith("/sign-in"), page


def test_a_retailer_sees_and_changes_only_its_own_outlets(app: Flask, client: FlaskClient) -> None:
    own, foreign = make.outlet(), make.outlet()
    operator_id = queries.outlet(make.officer(), own.id)[1].operator_id
    buyer = sign_in(client, make.member(Role.BUYER_MANAGER, operator_id=operator_id))
    address = "/account/organization/outlets/{}"
    assert buyer.get(address.format(own.id)).status_code == 200
    assert buyer.get(address.format(foreign.id)).status_code == 404
    assert buyer.get(address.format(own.id) + "/change/operator").status_code == 404
    change = {"kind": "supermarket", "valid_from": "2026-11-01", "reason": ""}
    assert buyer.post(address.format(foreign.id) + "/change/kind", data=change).status_code == 404
    assert buyer.post(address.format(own.id) + "/change/kind", data=change).status_code == 302


def test_every_change_of_a_seller_has_its_page(app: Flask, client: FlaskClient) -> None:
    seller = make.seller()
    office = sign_in(client, make.officer())
    address = f"/office/sellers/{seller.id}/change"
    posts = {
        "profile": {"name": "Nama Baru", "owner_name": "Tin"},
        "owner": {"owner_name": "Tin", "owner_nik": NIK, "valid_from": "2026-10-01", "reason": "Waris"},
        "size": {"capital_rupiah": "Rp 1.000.000", "annual_sales_rupiah": "", "valid_from": "2026-10-01"},
        "place": {"region_code": make.JEBRES, "valid_from": "2026-10-01", "address": "Gang 2"},
        "affiliation": {
            "affiliated_operator_ref": "OP-9",
            "valid_from": "2026-10-01",
            "reason": "Anak usaha",
        },
        "coaching": {"coached_since": "2026-10-01", "coached_until": ""},
        "close": {"day": "2026-10-02", "reason": "Sakit"},
        "reopen": {"day": "2026-10-05", "reason": "Sembuh"},
    }
    for what, data in posts.items():
        assert office.get(f"{address}/{what}").status_code == 200, what
        answer = office.post(f"{address}/{what}", data=data)
        assert answer.status_code == 302, (what, flattened(answer.text))
    shown = flattened(office.get(f"/office/sellers/{seller.id}").text)
    for words in ("Nama Baru", "Jebres", "OP-9", "Rp1.000.000", "Waris"):
        assert words in shown
    assert office.get(f"{address}/nothing").status_code == 404


def test_hostile_strings_go_through_every_text_field(
    app: Flask, client: FlaskClient, shared_data: Path
) -> None:
    strings = json.loads((shared_data / "hostile" / "blns.json").read_text(encoding="utf-8"))
    sign_in(client, make.user())
    office = sign_in(app.test_client(), make.officer())
    seller = make.seller()
    for start in range(0, len(strings), 25):
        some = " ".join(strings[start : start + 25])[:290]
        bare = dict.fromkeys(FORM, some) | {
            "story": some,
            "address": some,
            "nib": some,
            "kbli_code": some,
        }
        assert client.post("/register/seller/business", data=bare).status_code == 422
        for address in ("/office/sellers", "/office/operators"):
            assert (
                office.get(address, query_string={"q": some, "sort": some, "page": some}).status_code == 200
            )
        profile = {"name": some, "owner_name": some, "address": some, "story": some}
        answer = office.post(f"/office/sellers/{seller.id}/change/profile", data=profile)
        assert answer.status_code in {302, 422}
    db.session.rollback()
    for text_in in ("<script>alert(1)</script>", "=cmd|' /C calc'!A0", "Robert'); DROP TABLE sellers;--"):
        data = {**FORM, "owner_nik": "", "name": text_in, "story": text_in}
        assert client.post("/register/seller/business", data=data).status_code == 302
        made = db.session.scalars(select(Seller).where(Seller.name == text_in)).one()
        services.verify_seller(actor=make.officer(), seller_id=made.id)
        page = app.test_client().get(f"/sellers/{made.id}").text
        assert "<script>alert(1)</script>" not in page
    table = office.get("/office/sellers?format=csv").text
    assert "'=cmd" in table


def test_an_invitation_works_once_and_makes_an_account(app: Flask, client: FlaskClient) -> None:
    operator = make.operator(name="PT Rukun")
    owner = make.member(Role.BUYER_OWNER, operator_id=operator.id)
    sign_in(client, owner)
    form = {"email": "baru@contoh.example", "role": "buyer_staff"}
    assert client.post("/account/organization/invite", data=form).status_code == 302
    outbox.drain()
    letter = app.extensions[mailing.EXTENSION].sent[-1].get_content()
    link = re.search(r"/invitations/\S+", letter)
    assert link
    address = link.group()
    guest = app.test_client()
    assert "PT Rukun mengundang Anda" in flattened(guest.get(address).text)
    joined = guest.post(address, data={"name": "Baru", "password": "tiga kata mudah"})
    assert joined.status_code == 302
    assert [member.name for member in queries.members(operator_id=operator.id)][1] == "Baru"
    assert app.test_client().get(address).status_code == 404


def test_a_person_with_two_hats_changes_between_them(app: Flask, client: FlaskClient) -> None:
    seller, operator = make.seller(name="Usaha Satu"), make.operator(name="PT Dua")
    actor = make.member(Role.SELLER_OWNER, seller_id=seller.id)
    services.grant_membership(
        actor=SYSTEM,
        user_id=actor.user_id or 0,
        role=Role.BUYER_OWNER,
        operator_id=operator.id,
    )
    sign_in(client, actor)
    assert "Usaha Satu" in client.get("/account/organization").text
    other = next(hat for hat in queries.hats_of(actor.user_id or 0) if hat.operator_id)
    client.post(f"/account/roles/{other.membership_id}")
    assert "PT Dua" in client.get("/account/organization").text
    assert client.post("/account/roles/999999").status_code == 404


@pytest.mark.parametrize("address", ["/register", "/register/seller", "/register/retailer"])
def test_registration_is_open_to_everybody(client: FlaskClient, address: str) -> None:
    assert client.get(address).status_code == 200


def test_a_claim_page_shows_the_answer(app: Flask, client: FlaskClient) -> None:
    make.seller(owner_nik=NIK)
    claimant = make.user()
    sign_in(client, claimant)
    assert client.post("/register/claim", data={"owner_nik": NIK}).status_code == 302
    assert "Menunggu Dinas" in flattened(client.get("/register/claim").text)
    office = sign_in(app.test_client(), make.officer())
    claim = queries.claims_of(claimant.id)[0][0]
    assert office.get("/office/claims").status_code == 200
    office.post(f"/office/claims/{claim.id}/reject", data={"reason": "KTP tidak cocok"})
    assert "KTP tidak cocok" in client.get("/register/claim").text
