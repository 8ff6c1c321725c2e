"""Makers tell about themselves on the public home, each in their turn."""

from __future__ import annotations

from datetime import date, timedelta

from flask import Flask
from flask.testing import FlaskClient

from marketplace.organizations import queries
from tests import factories

DAY = date(2026, 11, 22)


def test_only_verified_makers_with_a_story_are_told_about(app: Flask) -> None:
    told = factories.seller(story="Kami menggoreng intip sejak 1998.")
    factories.seller(story="")
    factories.seller(story="Belum diperiksa.", verified_on=None)
    factories.seller(story="Dicabut.", revoked_on=DAY)
    factories.seller(story="Tutup.", closed_on=DAY)
    factories.seller(story="Catatan ganda.", merged_into_id=told.id)
    assert [story.seller_id for story in queries.stories_of_week(DAY, 10)] == [told.id]


def test_every_maker_has_a_turn_within_a_year(app: Flask) -> None:
    makers = {factories.seller(story=f"Cerita {n}").id for n in range(8)}
    seen = {
        story.seller_id
        for week in range(52)
        for story in queries.stories_of_week(DAY + timedelta(weeks=week), 3)
    }
    assert seen == makers


def test_a_story_is_text_and_never_markup(client: FlaskClient) -> None:
    factories.seller(name="<i>Nama</i>", story="<script>alert(1)</script>")
    page = client.get("/").text
    assert "&lt;script&gt;alert(1)" in page
    assert "<i>Nama" not in page
