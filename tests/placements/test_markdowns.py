"""A lower price needs the maker's yes, holds from then on, and only for its days."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask

from marketplace import clock
from marketplace.db import db
from marketplace.errors import Forbidden, InvalidInput, NotFound, RuleBroken
from marketplace.permissions import Role
from marketplace.placements.models import Markdown
from marketplace.placements.queries.markdowns import (
    MarkdownFilter,
    consented_price,
    markdown_for,
    markdowns_of,
    markdowns_waiting,
)
from marketplace.placements.services.markdowns import (
    Asked,
    answer_markdown,
    ask_markdown,
    withdraw_markdown,
)
from tests import factories as make
from tests.conftest import A_SUNDAY
from tests.placements.store import TODAY, Store, a_key, open_store
from tests.support.together import at_once


@pytest.fixture
def store(app: Flask) -> Store:
    """A store whose product is agreed at Rp20.000."""
    return open_store()


def asked(store: Store, **changes: Any) -> Markdown:
    values: dict[str, Any] = {
        "agreement_id": store.agreement.id,
        "product_id": store.product.id,
        "price_rupiah": 12_000,
        "first_day": TODAY,
        "last_day": TODAY + timedelta(days=5),
        "reason": "mendekati kedaluwarsa",
        "client_key": a_key(),
    }
    actor = changes.pop("actor", store.buyer)
    return ask_markdown(actor=actor, asked=Asked(**{**values, **changes}))


def price(store: Store, day: date = TODAY) -> int | None:
    return consented_price(store.agreement.id, store.product.id, day)


def test_nothing_is_agreed_by_silence(store: Store) -> None:
    asked(store)
    assert price(store) is None


def test_a_yes_holds_for_its_days_only(store: Store) -> None:
    row = asked(store, first_day=TODAY + timedelta(days=1))
    answer_markdown(actor=store.maker, markdown_id=row.id, agrees=True)
    days = [price(store, TODAY + timedelta(days=number)) for number in range(7)]
    assert days == [None, 12_000, 12_000, 12_000, 12_000, 12_000, None]


def test_a_late_yes_does_not_reach_back(store: Store) -> None:
    row = asked(store)
    with clock.frozen(A_SUNDAY + timedelta(days=2)):
        answer_markdown(actor=store.maker, markdown_id=row.id, agrees=True)
    assert price(store, TODAY) is None
    assert price(store, TODAY + timedelta(days=2)) == 12_000


def test_a_no_says_why_and_leaves_the_price(store: Store) -> None:
    row = asked(store)
    with pytest.raises(InvalidInput):
        answer_markdown(actor=store.maker, markdown_id=row.id, agrees=False)
    answer_markdown(actor=store.maker, markdown_id=row.id, agrees=False, reason="tarik\x00 saja")
    assert db.session.get_one(Markdown, row.id).answer_reason == "tarik saja"  # no database holds the other
    assert price(store) is None
    with pytest.raises(RuleBroken):
        answer_markdown(actor=store.maker, markdown_id=row.id, agrees=True)


def test_a_question_can_be_taken_back_until_it_is_answered(store: Store) -> None:
    row = asked(store)
    withdraw_markdown(actor=store.buyer, markdown_id=row.id)
    with pytest.raises(RuleBroken):
        answer_markdown(actor=store.maker, markdown_id=row.id, agrees=True)


def test_a_question_lapses_with_its_last_day(store: Store) -> None:
    row = asked(store)
    with clock.frozen(A_SUNDAY + timedelta(days=6)):
        with pytest.raises(RuleBroken):
            answer_markdown(actor=store.maker, markdown_id=row.id, agrees=True)
        found = markdown_for(store.maker, row.id)
        assert found is not None
        assert found.condition == "lapsed"
        assert markdowns_waiting(store.maker) == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"price_rupiah": 20_000}, "price_rupiah"),
        ({"price_rupiah": -1}, "price_rupiah"),
        ({"first_day": TODAY - timedelta(days=1)}, "first_day"),
        ({"last_day": TODAY - timedelta(days=1)}, "last_day"),
        ({"last_day": TODAY + timedelta(days=200)}, "last_day"),
        ({"reason": "  "}, "reason"),
    ],
)
def test_what_cannot_be_asked_gets_a_sentence(store: Store, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as error:
        asked(store, **changes)
    assert field in error.value.fields
    assert db.session.query(Markdown).count() == 0


def test_only_the_store_asks_and_only_the_maker_answers(store: Store) -> None:
    stranger = make.member(Role.BUYER_OWNER, operator_id=make.operator().id)
    other_maker = make.member(Role.SELLER_OWNER, seller_id=make.seller().id)
    with pytest.raises(NotFound):
        asked(store, actor=stranger)
    with pytest.raises(Forbidden):
        asked(store, actor=store.maker)
    row = asked(store)
    with pytest.raises(NotFound):
        answer_markdown(actor=other_maker, markdown_id=row.id, agrees=True)
    with pytest.raises(Forbidden):
        answer_markdown(actor=store.buyer, markdown_id=row.id, agrees=True)
    assert markdown_for(stranger, row.id) is None


def test_asked_twice_with_one_key_it_is_one_question(store: Store) -> None:
    key = a_key()
    assert asked(store, client_key=key).id == asked(store, client_key=key).id


def test_yes_and_no_at_once_leave_one_answer(app: Flask, store: Store) -> None:
    row_id = asked(store).id
    answers = at_once(
        app,
        lambda: answer_markdown(actor=store.maker, markdown_id=row_id, agrees=True).state,
        lambda: answer_markdown(actor=store.maker, markdown_id=row_id, agrees=False, reason="tidak").state,
    )
    assert sum(isinstance(answer, RuleBroken) for answer in answers) == 1


def test_the_list_finds_by_name_and_by_state(store: Store) -> None:
    asked(store)
    for wanted, count in ((MarkdownFilter(q="tempe"), 1), (MarkdownFilter(q="kopi"), 0),
                          (MarkdownFilter(condition="asked"), 1), (MarkdownFilter(condition="agreed"), 0),
                          (MarkdownFilter(condition="lapsed"), 0)):  # fmt: skip
        rows, total = markdowns_of(store.maker, wanted)
        assert (len(rows), total) == (count, count)


@pytest.mark.parametrize("price_rupiah", [0, -1])
def test_goods_are_not_given_away_by_a_slip(store: Store, price_rupiah: int) -> None:
    with pytest.raises(InvalidInput) as error:
        asked(store, price_rupiah=price_rupiah)
    assert error.value.fields == {"price_rupiah": "Tulis harga paling sedikit Rp1."}
    assert db.session.query(Markdown).count() == 0


def test_a_second_question_for_the_same_days_waits_for_the_first(store: Store) -> None:
    first = asked(store)
    with pytest.raises(InvalidInput) as error:
        asked(store, price_rupiah=10_000, first_day=TODAY + timedelta(days=5))
    assert "Rp12.000" in error.value.fields["product"]
    asked(store, first_day=TODAY + timedelta(days=6), last_day=TODAY + timedelta(days=7))
    withdraw_markdown(actor=store.buyer, markdown_id=first.id)
    asked(store, price_rupiah=10_000)
    assert db.session.query(Markdown).count() == 3
