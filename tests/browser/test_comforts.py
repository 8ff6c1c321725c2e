"""What the small script adds: drafts, a password to look at, days in words, menus that close."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.support.browser import DESK, PHONE, axe, turn

pytestmark = pytest.mark.browser


def test_a_password_can_be_looked_at_and_hidden_again(look_as):
    page = look_as(None, "/sign-in", width=PHONE)
    field = page.locator("[name=password]")
    field.fill("rahasia-sekali")
    page.get_by_role("button", name="Tampilkan").click()
    expect(field).to_have_attribute("type", "text")
    page.get_by_role("button", name="Sembunyikan").click()
    expect(field).to_have_attribute("type", "password")


def test_a_chosen_day_stands_in_words(look_as):
    page = look_as("officer", "/office", width=DESK)
    page.fill("#as_of", "2026-03-05")
    expect(page.locator("#as_of-words")).to_have_text("5 Maret 2026")


def test_a_menu_closes_with_escape_and_gives_the_focus_back(look_as):
    page = look_as("officer", "/office", width=DESK)
    menu = page.locator("header details.menu--end")
    menu.locator("summary").click()
    expect(menu).to_have_attribute("open", "")
    page.keyboard.press("Escape")
    expect(menu).not_to_have_attribute("open", "")
    expect(menu.locator("summary")).to_be_focused()


@pytest.mark.parametrize("path", ["/", "/styleguide"])
def test_the_dark_theme_can_be_read(look_as, path):
    page = look_as(None, path, width=PHONE, color_scheme="dark", drawn=False)
    for width in (PHONE, DESK):
        turn(page, width)
        assert axe(page) == [], width
