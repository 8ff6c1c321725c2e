"""What two parties and the office tell each other, on a phone: messages seen, fees that were asked."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from marketplace.db import db
from marketplace.placements.models import Message, MessageView
from tests.support.browser import PHONE, axe, sideways_scroll

pytestmark = pytest.mark.browser


def is_for_everybody(page: Page) -> None:
    """Readable by machine and on a narrow screen."""
    assert axe(page) == [], page.url
    assert sideways_scroll(page) == 0, page.url


def test_a_page_that_shows_a_message_says_so_and_its_writer_sees_when(act_as, own_town):
    def views() -> int:
        return own_town.ask(lambda: db.session.scalar(select(func.count()).select_from(MessageView)))

    def note() -> int | None:
        query = select(func.max(Message.document_id))
        return db.session.scalar(query.where(Message.document_kind == "delivery", Message.side == "outlet"))

    address = f"/deliveries/{own_town.ask(note)}"
    maker = act_as("seller", "/seller", width=PHONE)
    maker.request.get(address)
    assert views() == 0
    with maker.expect_response(lambda answer: answer.url.endswith("/seen")) as told:
        maker.goto(address)
    assert told.value.status == 204
    assert views() == 1
    store = act_as("buyer", address, width=PHONE)
    expect(store.locator("#pesan")).to_contain_text("Dilihat")
    is_for_everybody(store)


def test_a_seller_tells_of_a_fee_and_the_office_answers(act_as):
    maker = act_as("seller", "/agreements?condition=in_force", width=PHONE)
    maker.locator("main th[scope=row] a").first.click()
    expect(maker.locator("#biaya")).to_be_visible()
    is_for_everybody(maker)
    maker.get_by_role("link", name="Laporkan ke Dinas").click()
    is_for_everybody(maker)
    maker.get_by_role("button", name="Kirim ke Dinas").click()
    expect(maker.locator("main")).to_contain_text("Tulis siapa yang meminta")
    is_for_everybody(maker)
    maker.get_by_label("Jumlah yang diminta").fill("75.000")
    maker.get_by_label("Apa yang terjadi").fill("Diminta lewat telepon oleh kepala toko.")
    maker.get_by_role("button", name="Kirim ke Dinas").click()
    expect(maker.locator("main")).to_contain_text("Toko tidak diberi tahu")
    is_for_everybody(maker)
    address = maker.url
    office = act_as("officer", "/fee-reports", width=PHONE)
    is_for_everybody(office)
    office.goto(address)
    office.get_by_role("button", name="Mulai telusuri").click()
    expect(office.locator("main")).to_contain_text("Sedang ditelusuri")
    is_for_everybody(office)
    office.get_by_label("Jawaban Dinas").fill("Permintaan sudah dicabut.")
    office.get_by_role("button", name="Kirim jawaban dan tutup").click()
    expect(office.locator("main")).to_contain_text("Permintaan sudah dicabut.")
    is_for_everybody(office)
    assert act_as("buyer", "/agreements").request.get(address).status == 404
