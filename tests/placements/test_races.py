"""Two people act on one agreement at once. The control shows that naive code lets both through."""

from __future__ import annotations

import threading
from datetime import date, timedelta
from functools import partial

import pytest
from sqlalchemy import select

from marketplace.audit import AuditEvent
from marketplace.db import db, unit_of_work
from marketplace.errors import MarketplaceError
from marketplace.placements import services
from marketplace.placements.models import Agreement, AgreementPaper, AgreementVersion
from marketplace.placements.offers import Draft, Good
from tests.support.together import at_once

ROUNDS = 3
TODAY = date(2026, 11, 22)


def audited(agreement_id: int) -> list[str]:
    query = select(AuditEvent.action).where(
        AuditEvent.subject_kind == "agreements", AuditEvent.subject_id == agreement_id
    )
    return list(db.session.scalars(query.order_by(AuditEvent.id)))


def test_of_accepting_and_withdrawing_at_once_one_happens_and_one_is_audited(app, parties):
    for _round in range(ROUNDS):
        agreement_id = parties.proposed().id
        answers = at_once(
            app,
            partial(services.accept_agreement, actor=parties.maker, agreement_id=agreement_id),
            partial(services.withdraw_agreement, actor=parties.buyer, agreement_id=agreement_id),
        )
        refused = [answer for answer in answers if isinstance(answer, MarketplaceError)]
        assert len(refused) == 1
        state = db.session.get_one(Agreement, agreement_id).state
        assert audited(agreement_id) == ["agreement.proposed", f"agreement.{state}"]
        if state == "accepted":
            day = db.session.get_one(Agreement, agreement_id).starts_on
            services.terminate_agreement(
                actor=parties.maker, agreement_id=agreement_id, terminated_on=day, reason="lagi"
            )


def test_of_two_people_who_accept_at_once_one_does(app, parties):
    agreement_id = parties.proposed().id
    act = partial(services.accept_agreement, actor=parties.maker, agreement_id=agreement_id)
    answers = at_once(app, act, act, act)
    assert sum(isinstance(answer, MarketplaceError) for answer in answers) == 2
    assert audited(agreement_id) == ["agreement.proposed", "agreement.accepted"]


def test_of_two_proposals_for_the_same_days_at_once_one_is_made(app, parties):
    offer = parties.offer()
    answers = at_once(
        app,
        partial(services.propose_agreement, actor=parties.maker, offer=offer),
        partial(services.propose_agreement, actor=parties.buyer, offer=offer),
    )
    assert sum(isinstance(answer, MarketplaceError) for answer in answers) == 1
    assert db.session.query(Agreement).count() == 1


def test_of_accepting_and_countering_at_once_one_happens(app, parties):
    for number in range(ROUNDS):
        day = TODAY + timedelta(days=10 * number)
        agreement_id = parties.proposed(starts_on=day, ends_on=day).id
        read = db.session.query(AgreementVersion).filter_by(agreement_id=agreement_id).one().id
        other = Draft(starts_on=day, ends_on=day, reply_by=TODAY, goods=(Good(parties.product_id),))
        known = {"actor": parties.maker, "agreement_id": agreement_id, "version_id": read}
        answers = at_once(
            app,
            partial(services.accept_agreement, **known),
            partial(services.counter_agreement, **known, draft=other),
        )
        assert sum(isinstance(answer, MarketplaceError) for answer in answers) == 1
        versions = db.session.query(AgreementVersion).filter_by(agreement_id=agreement_id)
        states = [one.state for one in versions.order_by(AgreementVersion.number)]
        assert states in (["accepted"], ["countered", "proposed"])
        assert len(audited(agreement_id)) == 2
        if states[-1] == "proposed":
            services.withdraw_agreement(actor=parties.maker, agreement_id=agreement_id)


def test_of_two_yeses_to_a_change_at_once_one_is_kept_and_one_paper_written(app, parties):
    agreement_id = parties.accepted().id
    services.propose_change(
        actor=parties.buyer,
        agreement_id=agreement_id,
        draft=Draft(starts_on=TODAY, reply_by=TODAY, goods=(Good(parties.product_id),)),
    )
    act = partial(services.accept_agreement, actor=parties.maker, agreement_id=agreement_id)
    answers = at_once(app, act, act, act)
    assert sum(isinstance(answer, MarketplaceError) for answer in answers) == 2
    assert [paper.number[-4:] for paper in db.session.query(AgreementPaper)] == ["0001", "0002"]


@pytest.mark.corrupts
def test_control_deciding_on_what_was_read_before_the_lock_lets_both_answers_through(app, parties):
    agreement_id = parties.proposed().id
    both_have_read = threading.Barrier(2)

    def naively(state: str) -> str:
        seen = db.session.scalar(select(Agreement.state).where(Agreement.id == agreement_id))
        db.session.rollback()
        both_have_read.wait(timeout=30)
        if seen != "proposed":
            return "refused"
        with unit_of_work() as session:
            session.get_one(Agreement, agreement_id).state = state
        return "done"

    assert at_once(app, partial(naively, "accepted"), partial(naively, "withdrawn")) == ["done", "done"]
