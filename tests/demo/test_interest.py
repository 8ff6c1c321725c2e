"""The demo buyer has something in every list, an answer of every kind, a sample in every state."""

from __future__ import annotations

from sqlalchemy import select

from marketplace import clock
from marketplace.catalog.models import Question, SampleRequest, Shortlist, ShortlistItem
from marketplace.catalog.rules import SampleCondition, sample_condition
from marketplace.db import db


def test_samples_stand_in_every_condition(city):
    rows = db.session.scalars(select(SampleRequest)).all()
    assert {sample_condition(row.state, row.reply_by, clock.today()) for row in rows} == set(SampleCondition)


def test_questions_are_answered_and_waiting(city):
    rows = db.session.scalars(select(Question)).all()
    assert {bool(row.answer) for row in rows} == {True, False}
    assert any(row.is_public for row in rows)


def test_two_lists_and_the_favourites_hold_products_of_several_makers(city):
    names = list(db.session.scalars(select(Shortlist.name).order_by(Shortlist.id)))
    assert len(names) == 3
    for list_id in db.session.scalars(select(Shortlist.id)):
        items = db.session.scalars(select(ShortlistItem).where(ShortlistItem.shortlist_id == list_id)).all()
        assert len(items) > 2
