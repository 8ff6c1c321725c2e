"""From proposal to end: what each act needs, changes, tells and leaves behind."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from marketplace import clock, signals
from marketplace.audit import AuditEvent
from marketplace.db import db, unit_of_work
from marketplace.errors import Conflict, Forbidden, InvalidInput, MarketplaceError, NotFound, RuleBroken
from marketplace.outbox import OutboxItem
from marketplace.permissions import Role
from marketplace.placements import queries, services
from marketplace.placements.models import Agreement, AgreementVersion, Suspension
from marketplace.placements.offers import Good
from tests import factories as make

TODAY = date(2026, 11, 22)
DAY = timedelta(days=1)


@pytest.fixture
def heard():
    """The outlets and days that counting was told of."""
    told = []

    def hear(session, outlets):
        assert session.info["in_unit"]
        told.extend(outlets)

    with signals.evidence_changed.connected_to(hear):
        yield told


def actions():
    query = db.session.query(AuditEvent.action).filter_by(subject_kind="agreements").order_by(AuditEvent.id)
    return [action for (action,) in query]


def mails():
    query = db.session.query(OutboxItem).filter_by(kind="mail.send").order_by(OutboxItem.id)
    return [item.payload["template"] for item in query]


def condition(agreement, actor, day=TODAY):
    with clock.frozen(clock.now() + (day - TODAY)):
        page = queries.agreement_page(actor, agreement.id)
    assert page is not None
    return page.condition.value


def test_a_proposal_holds_nothing_until_the_other_side_says_yes(parties, heard):
    agreement = parties.proposed()
    assert (agreement.state, agreement.proposed_by_side) == ("proposed", "outlet")
    assert agreement.agreement_ref == "ET-2026-00001"
    assert heard == []
    assert condition(agreement, parties.maker) == "proposed"
    services.accept_agreement(actor=parties.maker, agreement_id=agreement.id)
    assert condition(agreement, parties.maker) == "in_force"
    assert heard == [(parties.outlet.id, TODAY)]
    assert actions() == ["agreement.proposed", "agreement.accepted"]
    assert mails() == ["agreement_proposed", "agreement_accepted"]


def test_a_seller_may_propose_and_the_outlet_s_operator_answers(parties):
    agreement = services.propose_agreement(actor=parties.maker, offer=parties.offer())
    assert agreement.proposed_by_side == "seller"
    with pytest.raises(RuleBroken):
        services.accept_agreement(actor=parties.maker, agreement_id=agreement.id)
    services.accept_agreement(actor=parties.buyer, agreement_id=agreement.id)
    assert condition(agreement, parties.buyer) == "in_force"


def test_after_the_day_to_answer_by_there_is_nothing_to_accept(parties, heard):
    agreement = parties.proposed(reply_by=TODAY)
    with clock.frozen(clock.now() + DAY), pytest.raises(RuleBroken) as refused:
        services.accept_agreement(actor=parties.maker, agreement_id=agreement.id)
    assert refused.value.code == "agreement_lapsed"
    assert heard == []


def test_a_yes_after_the_first_day_holds_from_the_day_of_the_yes(parties, heard):
    agreement = parties.proposed()
    with clock.frozen(clock.now() + 3 * DAY):
        services.accept_agreement(actor=parties.maker, agreement_id=agreement.id)
    assert agreement.starts_on == TODAY + 3 * DAY
    assert heard == [(parties.outlet.id, TODAY + 3 * DAY)]


def test_a_yes_after_the_last_day_is_refused(parties):
    agreement = parties.proposed(ends_on=TODAY + DAY)
    with clock.frozen(clock.now() + 3 * DAY), pytest.raises(RuleBroken) as refused:
        services.accept_agreement(actor=parties.maker, agreement_id=agreement.id)
    assert refused.value.code == "agreement_over"


def test_a_no_needs_a_reason_and_is_final(parties):
    agreement = parties.proposed()
    with pytest.raises(InvalidInput):
        services.decline_agreement(actor=parties.maker, agreement_id=agreement.id, reason="")
    services.decline_agreement(actor=parties.maker, agreement_id=agreement.id, reason="Komisi terlalu besar")
    (version,) = db.session.query(AgreementVersion)
    assert agreement.state == version.state == "declined"
    assert version.answer_reason == "Komisi terlalu besar"
    for act in (services.accept_agreement, services.withdraw_agreement):
        with pytest.raises(RuleBroken):
            act(actor=parties.maker, agreement_id=agreement.id)
    assert mails() == ["agreement_proposed", "agreement_declined"]


def test_only_the_proposer_takes_a_proposal_back(parties):
    agreement = parties.proposed()
    with pytest.raises(RuleBroken):
        services.withdraw_agreement(actor=parties.maker, agreement_id=agreement.id)
    services.withdraw_agreement(actor=parties.buyer, agreement_id=agreement.id)
    assert agreement.state == "withdrawn"
    parties.proposed()


def test_a_suspension_covers_its_days_and_can_be_lifted(parties, heard):
    agreement = parties.accepted()
    heard.clear()
    services.suspend_agreement(
        actor=parties.buyer,
        agreement_id=agreement.id,
        first_day=TODAY + DAY,
        last_day=TODAY + 4 * DAY,
        reason="Renovasi",
    )
    days = [condition(agreement, parties.buyer, TODAY + n * DAY) for n in range(6)]
    assert days == ["in_force", *["suspended"] * 4, "in_force"]
    with pytest.raises(RuleBroken):
        services.suspend_agreement(
            actor=parties.maker,
            agreement_id=agreement.id,
            first_day=TODAY + 4 * DAY,
            last_day=None,
            reason="x",
        )
    with clock.frozen(clock.now() + 2 * DAY):
        services.resume_agreement(actor=parties.maker, agreement_id=agreement.id)
    days = [condition(agreement, parties.buyer, TODAY + n * DAY) for n in range(4)]
    assert days == ["in_force", "suspended", "in_force", "in_force"]
    assert heard == [(parties.outlet.id, TODAY + DAY), (parties.outlet.id, TODAY + 2 * DAY)]
    with clock.frozen(clock.now() + 2 * DAY), pytest.raises(RuleBroken):
        services.resume_agreement(actor=parties.maker, agreement_id=agreement.id)


def test_a_planned_suspension_can_be_dropped_before_it_begins(parties):
    agreement = parties.accepted()
    services.suspend_agreement(
        actor=parties.buyer, agreement_id=agreement.id, first_day=TODAY + 5 * DAY, last_day=None, reason="x"
    )
    services.resume_agreement(actor=parties.buyer, agreement_id=agreement.id)
    assert db.session.query(Suspension).count() == 0


def test_termination_names_the_first_day_without_it_and_never_reaches_back(parties, heard):
    agreement = parties.accepted(ends_on=TODAY + 30 * DAY)
    heard.clear()

    def end(on, reason="Pindah"):
        services.terminate_agreement(
            actor=parties.maker, agreement_id=agreement.id, terminated_on=on, reason=reason
        )

    for day, reason in ((TODAY - DAY, "x"), (TODAY + 31 * DAY, "x"), (TODAY + DAY, "")):
        with pytest.raises(InvalidInput):
            end(day, reason)
    end(TODAY + 2 * DAY)
    days = [condition(agreement, parties.buyer, TODAY + n * DAY) for n in range(4)]
    assert days == ["in_force", "in_force", "ended", "ended"]
    assert heard == [(parties.outlet.id, TODAY + 2 * DAY)]
    with clock.frozen(clock.now() + 2 * DAY), pytest.raises(RuleBroken):
        end(TODAY + 2 * DAY)


def test_two_agreements_of_the_same_two_never_share_a_day(parties):
    parties.accepted(ends_on=TODAY + 10 * DAY)
    with pytest.raises(Conflict):
        parties.proposed(starts_on=TODAY + 10 * DAY)
    parties.proposed(starts_on=TODAY + 11 * DAY)
    with pytest.raises(Conflict) as refused:
        parties.proposed(starts_on=TODAY + 40 * DAY)
    assert refused.value.code == "proposal_waiting"


def test_an_agreement_imported_meanwhile_stands_in_the_way_of_a_yes(parties):
    agreement = parties.proposed()
    make.agreement(parties.outlet, parties.seller)
    with pytest.raises(Conflict):
        services.accept_agreement(actor=parties.maker, agreement_id=agreement.id)
    assert agreement.state == "proposed"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"starts_on": TODAY - DAY}, "starts_on"),
        ({"ends_on": TODAY - DAY}, "ends_on"),
        ({"reply_by": TODAY - DAY}, "reply_by"),
        ({"reply_by": date(9999, 12, 31)}, "reply_by"),
        ({"commission_percent": Decimal("100.01")}, "commission_percent"),
        ({"commission_percent": Decimal("NaN")}, "commission_percent"),
        ({"commission_percent": Decimal("1.005")}, "commission_percent"),
        ({"due_days": 400}, "due_days"),
        ({"goods": ()}, "product_ids"),
        ({"goods": tuple(map(Good, range(1, 60)))}, "product_ids"),
        ({"terms": "x" * 10_001}, "terms"),
    ],
)
def test_terms_that_cannot_be_are_refused_at_their_field(parties, changes, field):
    with pytest.raises(InvalidInput) as refused:
        parties.proposed(**changes)
    assert field in refused.value.fields
    assert db.session.query(Agreement).count() == 0


def test_a_product_of_another_seller_cannot_be_promised(parties):
    foreign = make.product(make.seller())
    with pytest.raises(NotFound):
        parties.proposed(goods=(Good(foreign.id),))


def test_the_closed_are_not_proposed_to(parties):
    closed = make.seller(closed_on=TODAY)
    with pytest.raises(RuleBroken):
        parties.proposed(seller_id=closed.id, goods=(Good(make.product(closed).id),))
    gone = make.outlet(operator_id=parties.buyer.operator_id, closed_on=TODAY)
    with pytest.raises(RuleBroken):
        parties.proposed(outlet_id=gone.id)


def test_strangers_staff_and_officers_cannot_act(parties):
    agreement = parties.proposed()
    strangers = [
        make.member(Role.SELLER_OWNER, seller_id=make.seller().id),
        make.member(Role.BUYER_OWNER, operator_id=make.operator().id),
        make.officer(Role.HEAD),
        make.member(Role.ADMIN),
    ]
    for actor in strangers:
        with pytest.raises(MarketplaceError) as refused:
            services.accept_agreement(actor=actor, agreement_id=agreement.id)
        assert isinstance(refused.value, NotFound)
        with pytest.raises((NotFound, Forbidden)):
            services.propose_agreement(actor=actor, offer=parties.offer())
    staff = make.member(Role.SELLER_STAFF, seller_id=parties.seller.id)
    with pytest.raises(Forbidden):
        services.accept_agreement(actor=staff, agreement_id=agreement.id)
    with pytest.raises(NotFound):
        services.accept_agreement(actor=parties.maker, agreement_id=2**62)
    assert agreement.state == "proposed"


def test_the_people_of_a_kept_seller_act_for_its_duplicate(parties):
    agreement = parties.proposed()
    kept = make.seller()
    with unit_of_work() as session:
        session.get_one(type(parties.seller), parties.seller.id).merged_into_id = kept.id
    actor = make.member(Role.SELLER_OWNER, seller_id=kept.id)
    assert queries.agreement_page(actor, agreement.id) is not None
    services.accept_agreement(actor=actor, agreement_id=agreement.id)
    assert agreement.state == "accepted"


def test_mail_goes_to_owners_and_managers_else_to_the_seller_s_own_address(app):
    operator = make.operator()
    maker = make.seller(email="usaha@contoh.example")
    assert [p.email for p in people(maker, operator)] == ["usaha@contoh.example"]
    make.member(Role.SELLER_STAFF, seller_id=maker.id)
    owner = make.member(Role.SELLER_OWNER, seller_id=maker.id)
    assert [p.name for p in people(maker, operator)] == [owner.name]


def people(maker, operator):
    return queries.people_of(
        db.session(), queries.agreements.Side.SELLER, seller=maker, operator_id=operator.id
    )


def test_a_change_of_a_seller_s_facts_reaches_the_outlets_that_carry_it(parties, heard):
    parties.accepted()
    other = make.outlet()
    make.agreement(other, make.seller(), state="proposed")
    heard.clear()
    with unit_of_work() as session:
        signals.seller_facts_changed.send(
            session, seller_ids=[parties.seller.id, 999_999], from_day=date(2026, 1, 1)
        )
    assert heard == [(parties.outlet.id, date(2026, 1, 1))]


def test_what_the_database_finds_in_a_condition_is_what_the_rule_says(parties):
    pairs = [(make.outlet(), make.seller()) for _n in range(4)]
    for number, (outlet, seller) in enumerate(pairs):
        for state in ("accepted", "proposed", "declined", "withdrawn"):
            row = make.agreement(
                outlet,
                seller,
                state=state,
                starts_on=TODAY + (number - 1) * DAY,
                ends_on=[None, TODAY + DAY, TODAY + 9 * DAY, None][number],
                terminated_on=[TODAY, None, TODAY + DAY, None][number],
                reply_by=[None, TODAY - DAY, TODAY, None][number],
            )
            if number % 2:
                with unit_of_work() as session:
                    session.add(
                        Suspension(
                            agreement_id=row.id,
                            first_day=TODAY,
                            end_day=TODAY + 2 * DAY,
                            reason="x",
                            recorded_at=clock.now(),
                        )
                    )
    officer = make.officer()
    for n in range(-2, 12):
        with clock.frozen(clock.now() + n * DAY):
            for listed in queries.agreements_of(officer, queries.Filter(), size=None):
                page = queries.agreement_page(officer, listed.id)
                assert page is not None
                assert listed.condition is page.condition
