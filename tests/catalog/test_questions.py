"""Questions to a maker: who may ask, who may answer, and who reads it."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest

from marketplace import clock, mailing, outbox
from marketplace.audit import AuditEvent
from marketplace.catalog import queries, services
from marketplace.catalog.models import Question
from marketplace.db import db
from marketplace.errors import InvalidInput, MarketplaceError, NotFound, RuleBroken, TooMany
from marketplace.permissions import Role
from tests import factories as make
from tests.catalog.test_product_page import counting, text_of
from tests.support.signing import sign_in
from tests.support.together import at_once


@pytest.fixture
def maker(app):
    """A seller."""
    return make.seller(name="Dapur Contoh")


@pytest.fixture
def owner(app, maker):
    """Who answers for it."""
    return make.member(Role.SELLER_OWNER, seller_id=maker.id)


@pytest.fixture
def buyer(app):
    """Somebody who buys for a retailer."""
    return make.member(Role.BUYER_STAFF, operator_id=make.operator(name="PT Rukun").id)


def mails(app):
    outbox.drain()
    return app.extensions[mailing.EXTENSION].sent


def test_a_question_is_answered_mailed_both_ways_and_public_as_the_maker_chose(
    app, client, maker, owner, buyer
):
    product = make.product(maker, name="Keripik")
    sign_in(client, buyer)
    client.post(f"/products/{product.id}/questions", data={"text": "Berapa lama tahan?"})
    question = db.session.query(Question).one()
    assert "Berapa lama tahan?" not in text_of(app.test_client(), f"/products/{product.id}")
    assert "Belum dijawab" in text_of(client, f"/products/{product.id}")
    shelf = sign_in(app.test_client(), owner)
    assert "1 pertanyaan menunggu" in text_of(shelf, "/seller/questions")
    shelf.post(f"/seller/questions/{question.id}/answer", data={"answer": "Satu minggu.", "is_public": "1"})
    public = text_of(app.test_client(), f"/products/{product.id}")
    assert "Satu minggu." in public
    assert "PT Rukun" not in public
    subjects = [message["Subject"] for message in mails(app)]
    assert any("Pertanyaan tentang Keripik" in one for one in subjects)
    assert any("dijawab" in one for one in subjects)
    actions = db.session.query(AuditEvent.action).filter(AuditEvent.subject_kind == "product_questions")
    assert [row.action for row in actions.order_by(AuditEvent.id)] == ["question.asked", "question.answered"]


def test_an_answer_for_the_asker_alone_is_read_by_his_team_and_may_be_shown_later(
    app, client, maker, owner, buyer
):
    product = make.product(maker)
    asked = services.ask_question(actor=buyer, product_id=product.id, text="Ada diskon?")
    services.answer_question(actor=owner, question_id=asked.id, answer="Untuk Anda ada.", is_public=False)
    assert "Untuk Anda ada." not in text_of(client, f"/products/{product.id}")
    sign_in(client, buyer)
    assert "Untuk Anda ada." in text_of(client, f"/products/{product.id}")
    assert "Untuk Anda ada." in text_of(client, "/questions")
    services.show_answer(actor=owner, question_id=asked.id, is_public=True)
    assert "Untuk Anda ada." in text_of(app.test_client(), f"/products/{product.id}")


def test_the_office_asks_too_and_visitors_and_sellers_do_not(app, client, maker, owner):
    product = make.product(maker)
    services.ask_question(actor=make.officer(), product_id=product.id, text="Sudah ada P-IRT?")
    assert "Masuk untuk bertanya" in text_of(client, f"/products/{product.id}")
    assert client.post(f"/products/{product.id}/questions", data={"text": "x"}).status_code == 401
    sign_in(client, owner)
    assert client.post(f"/products/{product.id}/questions", data={"text": "x"}).status_code == 403


def test_a_stranger_answers_nothing_and_a_hidden_product_is_asked_nothing(app, maker, owner, buyer):
    product = make.product(maker)
    asked = services.ask_question(actor=buyer, product_id=product.id, text="Ada?")
    stranger = make.member(Role.SELLER_OWNER, seller_id=make.seller().id)
    for act in (
        partial(services.answer_question, actor=stranger, question_id=asked.id, answer="x", is_public=True),
        partial(services.show_answer, actor=stranger, question_id=asked.id, is_public=True),
        partial(
            services.ask_question, actor=buyer, product_id=make.product(maker, state="paused").id, text="?"
        ),
    ):
        with pytest.raises(NotFound):
            act()
    with pytest.raises(RuleBroken):
        services.show_answer(actor=owner, question_id=asked.id, is_public=True)


def test_no_words_or_too_many_are_refused_and_the_same_words_are_one_question(client, maker, owner, buyer):
    product = make.product(maker)
    for text in ("", " \n ", "a" * 1001):
        with pytest.raises(InvalidInput):
            services.ask_question(actor=buyer, product_id=product.id, text=text)
    first = services.ask_question(actor=buyer, product_id=product.id, text="Ada?")
    assert services.ask_question(actor=buyer, product_id=product.id, text=" Ada? ").id == first.id
    with pytest.raises(InvalidInput):
        services.answer_question(actor=owner, question_id=first.id, answer="  ", is_public=True)


def test_a_team_that_asks_too_much_hears_so_and_may_go_on_tomorrow(app, maker, buyer):
    app.config["QUESTIONS_PER_DAY"] = 3
    product = make.product(maker)
    for number in range(3):
        services.ask_question(actor=buyer, product_id=product.id, text=f"Nomor {number}?")
    with pytest.raises(TooMany):
        services.ask_question(actor=buyer, product_id=product.id, text="Satu lagi?")
    with clock.frozen(clock.now() + timedelta(days=1, minutes=1)):
        assert services.ask_question(actor=buyer, product_id=product.id, text="Satu lagi?").id


def test_of_two_people_who_answer_at_once_one_does(app, maker, owner, buyer):
    other = make.member(Role.SELLER_STAFF, seller_id=maker.id)
    asked = services.ask_question(actor=buyer, product_id=make.product(maker).id, text="Ada?")
    answers = at_once(
        app,
        *(
            partial(
                services.answer_question, actor=one, question_id=asked.id, answer=one.name, is_public=True
            )
            for one in (owner, other)
        ),
    )
    assert sum(isinstance(one, MarketplaceError) for one in answers) == 1
    events = db.session.query(AuditEvent).filter_by(action="question.answered")
    assert events.count() == 1


def test_hostile_words_stay_words_in_pages_and_mails(app, client, maker, owner, buyer):
    product = make.product(maker)
    for text in ("<script>alert(1)</script>", "{{7777*1111}}", "Baris satu\nBaris dua"):
        asked = services.ask_question(actor=buyer, product_id=product.id, text=text)
        services.answer_question(actor=owner, question_id=asked.id, answer=text, is_public=True)
    page = text_of(client, f"/products/{product.id}")
    assert "<script>alert" not in page
    assert "8640247" not in page.split('id="tanya"')[1].split("</section>")[0]
    assert "Baris satu<br>Baris dua" in page
    assert any("{{7777*1111}}" in message.get_content() for message in mails(app))


def test_the_pages_ask_as_often_with_many_questions(client, maker, owner, buyer):
    product = make.product(maker)
    services.ask_question(actor=buyer, product_id=product.id, text="Nomor satu?")
    sign_in(client, owner)

    def count() -> int:
        pages = ("/seller/questions", f"/products/{product.id}")
        for page in pages:
            text_of(client, page)
        with counting() as told:
            for page in pages:
                text_of(client, page)
        return len(told)

    few = count()
    for number in range(12):
        services.ask_question(actor=buyer, product_id=product.id, text=f"Nomor {number}?")
    assert count() == few
    assert queries.questions_waiting(maker.id)[0] == 13
