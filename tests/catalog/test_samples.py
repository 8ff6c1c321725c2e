"""A sample from request to receipt: the table of states, both sides, days, and two at once."""

from __future__ import annotations

import threading
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import select

from marketplace import clock, mailing, outbox
from marketplace.audit import AuditEvent
from marketplace.catalog import queries, services
from marketplace.catalog.models import SampleRequest
from marketplace.catalog.rules import (
    SAMPLE_ACTS,
    SAMPLE_WORDS,
    SampleCondition,
    SampleSide,
    SampleVerb,
    require_sample_act,
    sample_condition,
)
from marketplace.db import db, unit_of_work
from marketplace.errors import Conflict, Forbidden, InvalidInput, MarketplaceError, NotFound, RuleBroken
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
def shop(app):
    """A retailer."""
    return make.operator(name="PT Rukun")


@pytest.fixture
def buyer(app, shop):
    """Who may ask for samples."""
    return make.member(Role.BUYER_MANAGER, operator_id=shop.id)


@pytest.fixture
def asked(maker, owner, buyer):
    """A request that waits."""
    product = make.product(maker, name="Keripik")
    return services.request_sample(actor=buyer, product_id=product.id, quantity=2, note="Rasa pedas saja")


def state_of(row):
    db.session.expire_all()
    return db.session.get_one(SampleRequest, row.id).state


class TestTable:
    def test_every_condition_has_its_words_and_every_verb_one_line(self):
        assert set(SAMPLE_WORDS) == set(SampleCondition)
        assert [act.verb for act in SAMPLE_ACTS] == list(dict.fromkeys(act.verb for act in SAMPLE_ACTS))
        assert {act.verb for act in SAMPLE_ACTS} == set(SampleVerb)

    @pytest.mark.parametrize("condition", list(SampleCondition))
    @pytest.mark.parametrize("act", SAMPLE_ACTS, ids=lambda act: act.verb.value)
    def test_what_the_table_does_not_allow_is_refused_with_a_sentence(self, app, condition, act):
        check = partial(require_sample_act, act.verb, condition=condition)
        if condition in act.sources:
            assert check(side=act.side).target is act.target
        else:
            with pytest.raises(RuleBroken, match=r"\w+ \w+"):
                check(side=act.side)
        other = SampleSide.BUYER if act.side is SampleSide.SELLER else SampleSide.SELLER
        with pytest.raises(RuleBroken):
            check(side=other)

    def test_that_nobody_answered_follows_from_the_day(self):
        day = clock.today()
        assert sample_condition("requested", day, day) is SampleCondition.REQUESTED
        assert sample_condition("requested", day - timedelta(days=1), day) is SampleCondition.EXPIRED
        assert sample_condition("approved", day - timedelta(days=9), day) is SampleCondition.APPROVED


class TestJourney:
    def test_from_request_to_receipt_each_step_is_audited_and_told_to_the_other_side(
        self, app, client, asked, owner, buyer
    ):
        there = sign_in(app.test_client(), owner)
        here = sign_in(client, buyer)
        assert "sisa 5 hari" in text_of(there, "/samples")
        assert "Rasa pedas saja" in text_of(there, f"/samples/{asked.id}")
        there.post(f"/samples/{asked.id}/approve", data={"reason": "Saya titipkan Senin"})
        assert "Saya titipkan Senin" in text_of(here, f"/samples/{asked.id}")
        there.post(f"/samples/{asked.id}/ship", data={"shipping_note": "Diantar sendiri"})
        here.post(f"/samples/{asked.id}/receive")
        assert state_of(asked) == "received"
        query = select(AuditEvent.action).where(AuditEvent.subject_kind == "sample_requests")
        assert list(db.session.scalars(query.order_by(AuditEvent.id))) == [
            "sample.requested",
            "sample.approved",
            "sample.shipped",
            "sample.received",
        ]
        outbox.drain()
        subjects = [message["Subject"] for message in app.extensions[mailing.EXTENSION].sent]
        for words in ("meminta contoh Keripik", "disetujui", "sudah dikirim", "sudah menerima"):
            assert any(words in one for one in subjects), words

    def test_a_refusal_needs_a_reason_that_the_buyer_reads(self, app, client, asked, owner, buyer):
        with pytest.raises(InvalidInput):
            services.decline_sample(actor=owner, sample_id=asked.id, reason=" ")
        there = sign_in(app.test_client(), owner)
        there.post(f"/samples/{asked.id}/decline", data={"reason": "Sedang habis"})
        assert "Sedang habis" in text_of(sign_in(client, buyer), f"/samples/{asked.id}")

    def test_nobody_answers_after_the_last_day_and_the_buyer_may_ask_again(
        self, app, client, asked, owner, buyer
    ):
        last = asked.reply_by
        assert last == clock.today() + timedelta(days=app.config["SAMPLE_REPLY_DAYS"])
        with clock.frozen(clock.now() + timedelta(days=6)):
            with pytest.raises(RuleBroken):
                services.approve_sample(actor=owner, sample_id=asked.id)
            assert "Tidak dijawab" in text_of(sign_in(client, buyer), "/samples")
            again = services.request_sample(actor=buyer, product_id=asked.product_id, quantity=1)
            assert again.id != asked.id
        assert state_of(asked) == "withdrawn"

    def test_one_open_request_for_a_product_is_enough(self, asked, buyer, shop):
        colleague = make.member(Role.BUYER_OWNER, operator_id=shop.id)
        with pytest.raises(Conflict):
            services.request_sample(actor=colleague, product_id=asked.product_id, quantity=1)
        services.withdraw_sample(actor=buyer, sample_id=asked.id)
        again = services.request_sample(actor=colleague, product_id=asked.product_id, quantity=1)
        assert again.id != asked.id

    def test_the_page_asks_says_what_is_wrong_and_leads_to_the_open_request(self, client, maker, buyer, shop):
        outlet = make.outlet(operator_id=shop.id, name="Rukun Manahan")
        product = make.product(maker)
        sign_in(client, buyer)
        address = f"/products/{product.id}/sample"
        assert "Rukun Manahan" in text_of(client, address)
        wrong = client.post(address, data={"quantity": "0", "outlet_id": "", "note": "Tetap ada"})
        assert "Tetap ada" in wrong.get_data(as_text=True)
        assert db.session.query(SampleRequest).count() == 0
        foreign = client.post(address, data={"quantity": "1", "outlet_id": str(make.outlet().id)})
        assert "Pilih toko Anda sendiri" in foreign.get_data(as_text=True)
        client.post(address, data={"quantity": "2", "outlet_id": str(outlet.id)})
        made = db.session.query(SampleRequest).one()
        assert client.get(address).location == f"/samples/{made.id}"
        assert "Contoh sudah diminta" in text_of(client, f"/products/{product.id}")


class TestFirstScreen:
    def test_the_maker_is_told_what_to_answer_and_what_to_send(self, client, asked, owner, buyer):
        question = services.ask_question(actor=buyer, product_id=asked.product_id, text="Berapa lama tahan?")
        sign_in(client, owner)
        page = text_of(client, "/seller")
        assert "Jawab permintaan contoh Keripik" in page
        assert "Jawab 1 pertanyaan pembeli" in page
        services.approve_sample(actor=owner, sample_id=asked.id)
        services.answer_question(actor=owner, question_id=question.id, answer="Seminggu.", is_public=True)
        page = text_of(client, "/seller")
        assert "Kirim contoh Keripik ke PT Rukun" in page
        assert "pertanyaan pembeli" not in page
        services.ship_sample(actor=owner, sample_id=asked.id)
        assert "contoh Keripik" not in text_of(client, "/seller")


class TestReach:
    def test_strangers_see_nothing_and_each_side_takes_its_own_steps(self, app, asked, owner, buyer, shop):
        strangers = [
            make.member(Role.SELLER_OWNER, seller_id=make.seller().id),
            make.member(Role.BUYER_OWNER, operator_id=make.operator().id),
            make.officer(),
        ]
        for stranger in strangers:
            assert sign_in(app.test_client(), stranger).get(f"/samples/{asked.id}").status_code == 404
            with pytest.raises(NotFound):
                services.approve_sample(actor=stranger, sample_id=asked.id)
        with pytest.raises(RuleBroken):
            services.approve_sample(actor=buyer, sample_id=asked.id)
        with pytest.raises(RuleBroken):
            services.withdraw_sample(actor=owner, sample_id=asked.id)
        clerk = make.member(Role.BUYER_STAFF, operator_id=shop.id)
        with pytest.raises(Forbidden):
            services.withdraw_sample(actor=clerk, sample_id=asked.id)
        with pytest.raises(Forbidden):
            services.request_sample(actor=clerk, product_id=asked.product_id, quantity=1)
        hidden = make.product(make.seller(), state="draft")
        with pytest.raises(NotFound):
            services.request_sample(actor=buyer, product_id=hidden.id, quantity=1)

    def test_hostile_words_stay_words(self, app, client, maker, owner, buyer):
        text = "<script>alert(1)</script>{{7*7}}"
        product = make.product(maker, name=text)
        row = services.request_sample(actor=buyer, product_id=product.id, quantity=1, note=text)
        services.decline_sample(actor=owner, sample_id=row.id, reason=text)
        for address in (f"/samples/{row.id}", "/samples"):
            page = text_of(sign_in(client, buyer), address)
            assert "<script>alert" not in page
            assert "{{7*7}}" in page

    def test_the_list_asks_as_often_with_many_rows(self, client, maker, buyer, asked):
        sign_in(client, buyer)

        def count() -> int:
            text_of(client, "/samples")
            with counting() as told:
                text_of(client, "/samples")
            return len(told)

        few = count()
        for _one in range(10):
            services.request_sample(actor=buyer, product_id=make.product(maker).id, quantity=1)
        assert count() == few
        assert len(queries.samples_waiting(maker.id)) == 11


class TestRaces:
    def test_of_two_people_who_answer_at_once_one_does(self, app, asked, owner, maker):
        other = make.member(Role.SELLER_MANAGER, seller_id=maker.id)
        answers = at_once(
            app,
            partial(services.approve_sample, actor=owner, sample_id=asked.id),
            partial(services.decline_sample, actor=other, sample_id=asked.id, reason="Habis"),
        )
        assert sum(isinstance(one, MarketplaceError) for one in answers) == 1
        query = select(AuditEvent.action).where(AuditEvent.subject_kind == "sample_requests")
        done = list(db.session.scalars(query.order_by(AuditEvent.id)))
        assert done == ["sample.requested", f"sample.{state_of(asked)}"]

    def test_of_two_colleagues_who_ask_at_once_one_does(self, app, maker, buyer, shop):
        colleague = make.member(Role.BUYER_OWNER, operator_id=shop.id)
        product = make.product(maker)
        answers = at_once(
            app,
            *(
                partial(services.request_sample, actor=one, product_id=product.id, quantity=1)
                for one in (buyer, colleague)
            ),
        )
        assert sum(isinstance(one, MarketplaceError) for one in answers) == 1
        assert db.session.query(SampleRequest).count() == 1

    def test_control_deciding_on_what_was_read_before_the_lock_lets_both_answers_through(self, app, asked):
        both_have_read = threading.Barrier(2)

        def naively(state: str) -> str:
            seen = db.session.scalar(select(SampleRequest.state).where(SampleRequest.id == asked.id))
            db.session.rollback()
            both_have_read.wait(timeout=30)
            if seen != "requested":
                return "refused"
            with unit_of_work() as session:
                row = session.get_one(SampleRequest, asked.id)
                row.state, row.reason = state, "x"
            return "done"

        assert at_once(app, partial(naively, "approved"), partial(naively, "declined")) == ["done", "done"]
