"""The account pages in a real browser: on a phone and on a desk, with and without a script."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from marketplace import mailing, outbox
from marketplace.accounts import reach, services
from marketplace.db import db
from tests import factories
from tests.conftest import make_app
from tests.support.browser import DESK, PHONE, axe, sideways_scroll, turn
from tests.support.server import serving

pytestmark = pytest.mark.browser
PASSWORD = "tiga kata lewat"
NEW = "empat kata yang baru"
SHOTS: Path | None = None
"""A folder to look at the pages in; none unless somebody wants to look."""


@pytest.fixture
def site(sqlite_template, tmp_path, monkeypatch):
    """A served app with one person and one officer; its address is `.address`."""
    (tmp_path / "etalase.sqlite3").write_bytes(sqlite_template.read_bytes())
    app = make_app(f"sqlite:///{tmp_path / 'etalase.sqlite3'}", tmp_path, WTF_CSRF_ENABLED=True)
    with app.app_context():
        person = services.create_user(
            name="Siti Contoh", email="siti@contoh.example", phone="081234567890", password=PASSWORD
        )
        officer = factories.officer()
        assert officer.user_id is not None
        services.create_token(actor=officer, user_id=person.id, name="Kasir cabang Laweyan")
        desk = services.make_password_link(officer.user_id, lifetime=timedelta(hours=1), issued_by=None)
        monkeypatch.setattr(reach, "_reaches", [lambda _actor, user_id: user_id == person.id])
        db.session.remove()
    with serving(app) as address:
        yield Site(app, address, person.id, desk)


class Site:
    """Where it is served, and who is there."""

    def __init__(self, app: Flask, address: str, person_id: int, officers_link: str) -> None:
        self.app = app
        self.address = address
        self.person_id = person_id
        self.officers_link = officers_link

    def link_in_mail(self) -> str:
        """The link of the letter that the worker sends now."""
        with self.app.app_context():
            outbox.drain()
            db.session.remove()
        words = self.app.extensions[mailing.EXTENSION].sent[-1].get_content().split()
        return next(word for word in words if word.startswith("http")).replace(
            "http://localhost", self.address
        )


def look(page: Page, name: str) -> None:
    """What must hold on every page, on a desk and on a phone: nothing for axe to find or beyond the edge."""
    own = page.viewport_size["width"] if page.viewport_size else 0
    for width in sorted((PHONE, DESK), key=own.__eq__):  # its own last, in which it goes on
        turn(page, width)
        assert axe(page) == [], (name, width)
        assert sideways_scroll(page) == 0, (name, width)
        if SHOTS is not None:
            page.screenshot(path=SHOTS / f"{name}-{width}.png", full_page=True)


def sign_in(page: Page, site: Site, password: str = PASSWORD) -> None:
    page.goto(f"{site.address}/sign-in")
    page.get_by_label("Nomor HP atau surel").fill("0812 3456 7890")
    page.get_by_label("Kata sandi", exact=True).fill(password)
    page.get_by_role("main").get_by_role("button", name="Masuk").click()


def test_a_person_signs_in_changes_their_data_and_signs_out(site, open_page):
    page = open_page(width=PHONE, errors="expected")
    page.goto(f"{site.address}/account")
    look(page, "sign-in")
    sign_in(page, site, "salah sekali ini")
    expect(page.get_by_role("alert")).to_contain_text("tidak cocok")
    expect(page.get_by_label("Nomor HP atau surel")).to_have_value("0812 3456 7890")
    look(page, "sign-in-wrong")
    sign_in(page, site)
    page.goto(f"{site.address}/account")
    expect(page.get_by_role("heading", name="Akun saya")).to_be_visible()
    expect(page.get_by_text("0812-3456-7890")).to_be_visible()
    look(page, "account")
    page.get_by_role("link", name="Ubah data saya").click()
    look(page, "edit")
    page.get_by_label("Nama").fill("")
    page.get_by_role("button", name="Simpan").click()
    expect(page.get_by_role("alert")).to_contain_text("Tulis nama Anda")
    look(page, "edit-wrong")
    page.get_by_label("Nama").fill("Siti Baru")
    page.get_by_role("button", name="Simpan").click()
    expect(page.get_by_role("status").first).to_contain_text("sudah disimpan")
    page.goto(f"{site.address}/account/tokens/new")
    look(page, "token-new")
    page.get_by_label("Nama token").fill("Timbangan")
    page.get_by_role("button", name="Buat token").click()
    expect(page.get_by_label("Token", exact=True)).to_have_value(re.compile(r"etl_[\w-]{43}"))
    look(page, "token-made")
    page.get_by_role("link", name="Sudah saya salin").click()
    page.get_by_role("link", name="Cabut Timbangan").click()
    look(page, "token-revoke")
    page.get_by_role("button", name="Cabut token").click()
    expect(page.get_by_text("Timbangan")).to_have_count(0)
    page.goto(f"{site.address}/account/password")
    look(page, "password")


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_a_forgotten_password_is_set_anew_without_a_script(site, open_page, width):
    page = open_page(width=width, javascript=False)
    page.goto(f"{site.address}/sign-in")
    page.get_by_role("link", name="Lupa kata sandi?").click()
    page.get_by_label("Nomor HP atau surel").fill("siti@contoh.example")
    page.get_by_role("button", name="Kirim tautan").click()
    expect(page.get_by_role("heading", name="Periksa surel Anda")).to_be_visible()
    page.goto(site.link_in_mail())
    page.get_by_label("Kata sandi baru").fill(NEW)
    page.get_by_role("button", name="Simpan dan masuk").click()
    page.goto(f"{site.address}/account")
    expect(page.get_by_role("heading", name="Akun saya")).to_be_visible()


def test_an_officer_gives_a_code_and_the_person_uses_it(site, open_page):
    desk = open_page(width=DESK)
    desk.goto(f"{site.address}/reset/{site.officers_link}")
    look(desk, "reset")
    desk.get_by_label("Kata sandi baru").fill(NEW)
    desk.get_by_role("button", name="Simpan dan masuk").click()
    desk.goto(f"{site.address}/office/people/{site.person_id}/code")
    look(desk, "code-before")
    desk.get_by_role("button", name="Buat kode").click()
    code = desk.get_by_text(re.compile(r"^\d{4} \d{4}$")).inner_text()
    look(desk, "code")
    phone = open_page(width=PHONE)
    phone.goto(f"{site.address}/sign-in/code")
    look(phone, "sign-in-code")
    phone.get_by_label("Nomor HP atau surel").fill("0812 3456 7890")
    phone.get_by_label("Kode dari petugas").fill(code)
    phone.get_by_role("button", name="Lanjut").click()
    phone.get_by_label("Kata sandi baru").fill(NEW)
    phone.get_by_role("button", name="Simpan dan masuk").click()
    phone.goto(f"{site.address}/account")
    expect(phone.get_by_role("heading", name="Akun saya")).to_be_visible()


def test_pages_on_the_way_are_in_order_too(site, open_page):
    page = open_page(width=PHONE, errors="expected")
    for path in ("/reset", "/reset/dead-link", "/tidak/ada"):
        page.goto(f"{site.address}{path}")
        look(page, path.strip("/").replace("/", "-"))
