"""What people come for works with scripts switched off: every page is the server's."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect
from sqlalchemy import delete

from marketplace import outbox
from marketplace.db import db, unit_of_work
from marketplace.placements.models import Agreement
from tests.support.browser import PHONE, send_offer
from tests.support.town import PASSWORD, PEOPLE

pytestmark = pytest.mark.browser
NO_SCRIPTS = {"javascript": False}


def test_somebody_signs_in_and_out(act_as):
    page = act_as(None, "/sign-in", **NO_SCRIPTS)
    page.fill("[name=who]", PEOPLE["officer"])
    page.fill("[name=password]", PASSWORD)
    page.get_by_role("button", name="Masuk", exact=True).click()
    expect(page).to_have_url(re.compile("/office$"))
    page.locator("header details.menu--end > summary").click()
    page.get_by_role("button", name="Keluar").click()
    page.goto("/office")
    expect(page).to_have_url(re.compile("/sign-in"))


def test_the_office_looks_at_another_day(look_as):
    page = look_as("officer", "/office", **NO_SCRIPTS)
    page.fill("[name=as_of]", "2026-07-31")
    page.get_by_role("button", name="Lihat", exact=True).click()
    expect(page).to_have_url(re.compile("as_of=2026-07-31"))
    expect(page.locator("main")).to_contain_text("Keadaan 31 Juli 2026")
    page.locator("a.tile", has_text="Kurang").click()
    expect(page).to_have_url(re.compile("as_of=2026-07-31"))
    expect(page.locator("main")).to_contain_text("31 Juli 2026")


def test_the_office_brings_in_a_file_and_reads_the_result(act_as, own_town):
    own_town.ask(forget_what_waits)
    page = act_as("officer", "/office/imports/new", **NO_SCRIPTS)
    page.select_option("[name=kind]", "sellers")
    rows = "seller_ref,name,region_code\nU-900,Keripik Uji Coba,33.72.01.1002\nU-901,Tanpa Wilayah,99.99\n"
    page.set_input_files("[name=file]", {"name": "umkm.csv", "mimeType": "text/csv", "buffer": rows.encode()})
    page.get_by_role("button", name="Lanjut").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Cocokkan kolom")
    page.get_by_role("button", name="Periksa berkas").first.click()
    own_town.ask(outbox.drain)
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("Hasil pemeriksaan")
    page.get_by_role("button", name="Masukkan 1 baris").click()
    own_town.ask(outbox.drain)
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("Impor selesai")
    expect(page.locator("main")).to_contain_text("99.99")
    page.goto("/office/sellers?q=Keripik+Uji")
    expect(page.get_by_role("link", name="Keripik Uji Coba")).to_be_visible()


def forget_what_waits():
    """Letters and papers of the demo city, of which nothing is seen here."""
    with unit_of_work() as session:
        session.execute(delete(outbox.OutboxItem))


def test_a_store_proposes_and_the_maker_accepts_on_a_phone(act_as, own_town):
    shop = act_as("buyer", "/buyer", **NO_SCRIPTS)
    shop.get_by_role("link", name=re.compile("Cari UMKM untuk")).first.click()
    shop.goto("/agreements/new?" + propose_to_sri(own_town))
    send_offer(shop)
    expect(shop.locator("main")).to_contain_text("Menunggu jawaban")
    address = shop.url

    maker = act_as("seller", "/seller", width=PHONE, **NO_SCRIPTS)
    maker.goto(address)
    maker.get_by_role("button", name="Setujui").click()
    expect(maker.locator("main")).not_to_contain_text("menunggu jawaban Anda")
    number = int(address.rsplit("/", 1)[1])
    assert own_town.ask(lambda: db.session.get_one(Agreement, number).state) == "accepted"


def propose_to_sri(town):
    """The query of the form with which Bagas proposes to Bu Sri at a shop where she is not yet."""

    def free_shop():
        from marketplace.organizations.models import Outlet, Seller  # noqa: PLC0415

        seller = db.session.query(Seller).filter_by(seller_ref="U-001").one().id
        taken = {row.outlet_id for row in db.session.query(Agreement).filter_by(seller_id=seller)}
        shops = db.session.query(Outlet).filter(Outlet.outlet_ref.between("T-001", "T-010"))
        return f"seller={seller}&outlet={next(shop.id for shop in shops if shop.id not in taken)}"

    return town.ask(free_shop)


def test_the_office_verifies_a_seller(act_as):
    page = act_as("officer", "/office/verifications", **NO_SCRIPTS)
    waiting = page.get_by_role("button", name=re.compile("^Setujui")).count()
    assert waiting > 0
    page.get_by_role("button", name=re.compile("^Setujui")).first.click()
    page.goto("/office/verifications")
    expect(page.get_by_role("button", name=re.compile("^Setujui"))).to_have_count(waiting - 1)
