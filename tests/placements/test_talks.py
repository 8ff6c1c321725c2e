"""Counter-offers, changes of a running agreement, proposals to many, and what the law forbids to ask."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from marketplace import clock, legal, mailing, signals
from marketplace.db import db, unit_of_work
from marketplace.errors import Conflict, InvalidInput, NotFound, RuleBroken
from marketplace.outbox import OutboxItem
from marketplace.permissions import Role
from marketplace.placements import queries, services
from marketplace.placements.models import Agreement, AgreementVersion, Basis, CommissionBasis
from marketplace.placements.offers import Draft, Good
from marketplace.placements.rules.fees import EXEMPT
from marketplace.placements.rules.terms import Fee
from tests import factories as make

TODAY = date(2026, 11, 22)
DAY = timedelta(days=1)
FIXED = CommissionBasis.FIXED_PER_UNIT


def draft(parties: Any, **changes: Any) -> Draft:
    """Terms that nothing speaks against, 20 percent instead of 12.5."""
    values: dict[str, Any] = {
        "starts_on": TODAY,
        "reply_by": TODAY + 7 * DAY,
        "goods": (Good(parties.product_id, 18_000),),
        "commission_basis": CommissionBasis.PERCENT_OF_RETAIL,
        "commission_percent": Decimal(20),
    }
    return Draft(**{**values, **changes})


def versions(agreement: Agreement) -> list[AgreementVersion]:
    query = select(AgreementVersion).where(AgreementVersion.agreement_id == agreement.id)
    return list(db.session.scalars(query.order_by(AgreementVersion.number)))


def waiting(agreement: Agreement) -> AgreementVersion:
    return next(one for one in versions(agreement) if one.state == "proposed")


def counter(parties: Any, agreement: Agreement, actor: Any, **changes: Any) -> AgreementVersion:
    return services.counter_agreement(
        actor=actor,
        agreement_id=agreement.id,
        version_id=waiting(agreement).id,
        draft=draft(parties, **changes),
    )


@pytest.fixture
def heard() -> Iterator[list[tuple[int, date]]]:
    """The outlets and days that counting was told of."""
    told: list[tuple[int, date]] = []

    def hear(_session: Any, outlets: Any) -> None:
        told.extend(outlets)

    with signals.evidence_changed.connected_to(hear):
        yield told


# --- counter-offers --------------------------------------------------------------------------------------


def test_a_counter_offer_turns_the_question_round_until_both_agree(parties, heard):
    agreement = parties.proposed()
    counter(parties, agreement, parties.maker, commission_percent=Decimal(10))
    with pytest.raises(RuleBroken):
        services.accept_agreement(actor=parties.maker, agreement_id=agreement.id)
    counter(parties, agreement, parties.buyer, commission_percent=Decimal(11))
    assert heard == []
    services.accept_agreement(actor=parties.maker, agreement_id=agreement.id)
    assert [one.state for one in versions(agreement)] == ["countered", "countered", "accepted"]
    assert (agreement.state, agreement.commission_percent) == ("accepted", Decimal(11))
    assert heard == [(parties.outlet.id, TODAY)]
    terms = queries.terms_on(None, agreement.id, TODAY)
    assert terms is not None
    assert (terms.number, terms.commission_percent) == (3, Decimal(11))


def test_an_answer_is_about_the_version_that_was_read(parties):
    agreement = parties.proposed()
    read = waiting(agreement).id
    services.withdraw_agreement(actor=parties.buyer, agreement_id=agreement.id)
    agreement = parties.proposed()
    counter(parties, agreement, parties.maker)
    with pytest.raises(Conflict) as refused:
        services.accept_agreement(actor=parties.buyer, agreement_id=agreement.id, version_id=read)
    assert refused.value.code == "another_version"
    with pytest.raises(Conflict):
        services.counter_agreement(
            actor=parties.buyer, agreement_id=agreement.id, version_id=read, draft=draft(parties)
        )
    assert agreement.state == "proposed"


def test_the_way_of_selling_may_be_countered_before_both_agreed(parties):
    agreement = parties.proposed()
    counter(
        parties,
        agreement,
        parties.maker,
        basis=Basis.OUTRIGHT,
        commission_basis=CommissionBasis.NONE,
        commission_percent=None,
        goods=(Good(parties.product_id, 18_000, 14_000),),
    )
    services.accept_agreement(actor=parties.buyer, agreement_id=agreement.id)
    assert (agreement.basis, agreement.commission_percent) == ("outright", None)
    prices = queries.annex_prices(None, [versions(agreement)[1].id])
    (price,) = prices.values()
    assert (price.retail_rupiah, price.net_rupiah) == (18_000, 14_000)


def test_nothing_is_accepted_by_silence_nor_after_the_last_day(parties):
    agreement = parties.proposed()
    counter(parties, agreement, parties.maker, reply_by=TODAY + DAY)
    with clock.frozen(clock.now() + 2 * DAY):
        with pytest.raises(RuleBroken):
            services.accept_agreement(actor=parties.buyer, agreement_id=agreement.id)
        with pytest.raises(RuleBroken):
            counter(parties, agreement, parties.buyer, reply_by=TODAY + 5 * DAY, starts_on=TODAY + 3 * DAY)
    assert agreement.state == "proposed"


def test_the_stranger_and_the_proposer_cannot_counter(parties):
    agreement = parties.proposed()
    with pytest.raises(RuleBroken):
        counter(parties, agreement, parties.buyer)
    stranger = make.member(Role.SELLER_OWNER, seller_id=make.seller().id)
    with pytest.raises(NotFound):
        counter(parties, agreement, stranger)
    with pytest.raises(NotFound):
        counter(parties, agreement, parties.maker, goods=(Good(make.product(make.seller()).id),))


# --- changes of a running agreement ----------------------------------------------------------------------


def change(parties: Any, agreement: Agreement, actor: Any, **changes: Any) -> AgreementVersion:
    return services.propose_change(actor=actor, agreement_id=agreement.id, draft=draft(parties, **changes))


def test_a_change_holds_from_its_day_and_old_sales_keep_old_terms(parties, heard):
    agreement = parties.accepted()
    heard.clear()
    change(parties, agreement, parties.buyer, valid_from=TODAY + 10 * DAY)
    percent = [percent_on(agreement, TODAY + n * DAY) for n in (0, 10)]
    assert percent == [Decimal("12.5"), Decimal("12.5")], "nothing changes before the yes"
    services.accept_agreement(actor=parties.maker, agreement_id=agreement.id)
    percent = [percent_on(agreement, TODAY + n * DAY) for n in (0, 9, 10, 99)]
    assert percent == [Decimal("12.5"), Decimal("12.5"), Decimal(20), Decimal(20)]
    assert heard == [], "what counting reads did not change"


def percent_on(agreement: Agreement, day: date) -> Decimal | None:
    terms = queries.terms_on(None, agreement.id, day)
    assert terms is not None
    by_sql = db.session.scalar(select(queries.version_id_on(agreement.id, day)))
    assert by_sql == terms.version_id
    return terms.commission_percent


def test_a_change_is_never_backdated(parties):
    agreement = parties.accepted()
    with pytest.raises(InvalidInput) as refused:
        change(parties, agreement, parties.buyer, valid_from=TODAY - DAY)
    assert "valid_from" in refused.value.fields
    version = change(parties, agreement, parties.buyer, valid_from=TODAY + DAY)
    with clock.frozen(clock.now() + 5 * DAY):
        services.accept_agreement(actor=parties.maker, agreement_id=agreement.id)
    assert version.valid_from == TODAY + 5 * DAY
    assert percent_on(agreement, TODAY + 4 * DAY) == Decimal("12.5")


def test_a_later_change_does_not_begin_before_an_earlier_one(parties):
    agreement = parties.accepted()
    change(parties, agreement, parties.buyer, valid_from=TODAY + 10 * DAY)
    services.accept_agreement(actor=parties.maker, agreement_id=agreement.id)
    with pytest.raises(InvalidInput):
        change(parties, agreement, parties.maker, valid_from=TODAY + 5 * DAY)


def test_a_declined_change_leaves_the_agreement_as_it_was(parties):
    agreement = parties.accepted()
    change(parties, agreement, parties.buyer)
    services.decline_agreement(actor=parties.maker, agreement_id=agreement.id, reason="Terlalu besar")
    assert (agreement.state, agreement.commission_percent) == ("accepted", Decimal("12.5"))
    assert [one.state for one in versions(agreement)] == ["accepted", "declined"]
    change(parties, agreement, parties.maker, commission_percent=Decimal(10))
    services.withdraw_agreement(actor=parties.maker, agreement_id=agreement.id)
    assert percent_on(agreement, TODAY) == Decimal("12.5")


def test_a_change_can_be_countered_and_one_waits_at_a_time(parties):
    agreement = parties.accepted()
    change(parties, agreement, parties.buyer)
    with pytest.raises(Conflict):
        change(parties, agreement, parties.buyer)
    counter(parties, agreement, parties.maker, commission_percent=Decimal(15), valid_from=TODAY)
    services.accept_agreement(actor=parties.buyer, agreement_id=agreement.id)
    assert percent_on(agreement, TODAY) == Decimal(15)


def test_a_change_that_nobody_answered_makes_room_for_the_next(parties):
    agreement = parties.accepted()
    change(parties, agreement, parties.buyer, reply_by=TODAY)
    with clock.frozen(clock.now() + 3 * DAY):
        change(parties, agreement, parties.buyer, reply_by=TODAY + 9 * DAY)
    assert [one.state for one in versions(agreement)] == ["accepted", "withdrawn", "proposed"]


def test_a_renewal_moves_the_last_day_once_both_agree_and_counting_hears_of_it(parties, heard):
    agreement = parties.accepted(ends_on=TODAY + 30 * DAY)
    heard.clear()
    change(parties, agreement, parties.buyer, ends_on=TODAY + 395 * DAY)
    assert agreement.ends_on == TODAY + 30 * DAY
    services.accept_agreement(actor=parties.maker, agreement_id=agreement.id)
    assert agreement.ends_on == TODAY + 395 * DAY
    assert heard == [(parties.outlet.id, TODAY + 31 * DAY)]


def test_a_shorter_term_is_heard_of_from_the_first_day_without_it(parties, heard):
    agreement = parties.accepted()
    heard.clear()
    change(parties, agreement, parties.buyer, ends_on=TODAY + 5 * DAY)
    services.accept_agreement(actor=parties.maker, agreement_id=agreement.id)
    assert heard == [(parties.outlet.id, TODAY + 6 * DAY)]


def test_what_has_ended_is_not_changed(parties):
    agreement = parties.accepted()
    services.terminate_agreement(
        actor=parties.buyer, agreement_id=agreement.id, terminated_on=TODAY + DAY, reason="Pindah"
    )
    with pytest.raises(RuleBroken):
        change(parties, agreement, parties.maker)


def test_a_change_put_on_the_table_before_the_end_cannot_be_accepted_after_it(parties):
    agreement = parties.accepted()
    change(parties, agreement, parties.maker, ends_on=TODAY + 99 * DAY)
    services.terminate_agreement(
        actor=parties.buyer, agreement_id=agreement.id, terminated_on=TODAY + DAY, reason="Pindah"
    )
    for day in (TODAY, TODAY + 2 * DAY):
        with clock.frozen(clock.now() + (day - TODAY)), pytest.raises(RuleBroken):
            services.accept_agreement(actor=parties.buyer, agreement_id=agreement.id)


def test_the_agreed_notice_is_kept(parties):
    agreement = parties.accepted(end_notice_days=14)
    with pytest.raises(InvalidInput) as refused:
        services.terminate_agreement(
            actor=parties.buyer, agreement_id=agreement.id, terminated_on=TODAY + 13 * DAY, reason="Pindah"
        )
    assert "6 Desember 2026" in refused.value.fields["terminated_on"]
    services.terminate_agreement(
        actor=parties.buyer, agreement_id=agreement.id, terminated_on=TODAY + 14 * DAY, reason="Pindah"
    )


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"commission_basis": FIXED, "commission_percent": None}, "commission_rupiah"),
        ({"commission_percent": None}, "commission_percent"),
        ({"commission_basis": CommissionBasis.NET_PRICE, "commission_percent": None}, "net-"),
        ({"basis": Basis.OUTRIGHT}, "commission_basis"),
        ({"due_days": 367}, "due_days"),
        ({"report_cycle_days": 0}, "report_cycle_days"),
        ({"min_life_days": -1}, "min_life_days"),
        ({"end_notice_days": 400}, "end_notice_days"),
        ({"display_place": "x" * 201}, "display_place"),
        ({"fees": (Fee("promotion", "", 0),)}, "fees"),
        ({"goods": (Good(1, 0),)}, "retail-"),
        ({"goods": (Good(1, 10**12),)}, "retail-"),
        ({"goods": (Good(1, 10_000, 12_000),), "commission_basis": CommissionBasis.NET_PRICE,
          "commission_percent": None}, "net-"),
        ({"goods": (Good(1, 1_000),), "commission_basis": FIXED,
          "commission_rupiah": 1_001, "commission_percent": None}, "commission_rupiah"),
    ],
)  # fmt: skip
def test_terms_that_cannot_be_are_refused_at_their_field(parties, changes, field):
    with pytest.raises(InvalidInput) as refused:
        services.propose_agreement(actor=parties.buyer, offer=parties.offer(**changes))
    assert any(name.startswith(field) for name in refused.value.fields), refused.value.fields
    assert db.session.query(Agreement).count() == 0


# --- many at once ----------------------------------------------------------------------------------------


def test_a_chain_proposes_for_all_its_outlets_with_one_mail(parties):
    outlets = [make.outlet(operator_id=parties.buyer.operator_id) for _n in range(3)]
    offers = [parties.offer(outlet_id=one.id) for one in [parties.outlet, *outlets]]
    made = services.propose_agreements(actor=parties.buyer, offers=offers)
    assert (len(made.made), made.refused) == (4, [])
    (mail,) = db.session.query(OutboxItem).filter_by(kind="mail.send")
    assert mail.payload["template"] == "agreements_proposed"
    assert len(mailing.unseal(mail.payload["sealed"])["context"]["pairs"]) == 4
    again = services.propose_agreements(actor=parties.buyer, offers=offers)
    assert (again.made, {one.code for one in again.refused}) == ([], {"proposal_waiting"})
    page = queries.agreement_page(parties.maker, made.made[0].id)
    assert page is not None
    assert len(page.siblings) == 3
    done = services.accept_agreements(
        actor=parties.maker, agreement_ids=[made.made[0].id, *(one.agreement_id for one in page.siblings)]
    )
    assert (len(done.made), done.refused) == (4, [])


def test_a_pair_that_cannot_be_proposed_to_does_not_stop_the_others(parties):
    other = make.outlet(operator_id=parties.buyer.operator_id)
    parties.accepted()
    offers = [parties.offer(), parties.offer(outlet_id=other.id)]
    made = services.propose_agreements(actor=parties.buyer, offers=offers)
    assert [row.outlet_id for row in made.made] == [other.id]
    assert [one.code for one in made.refused] == ["agreement_overlaps"]


def test_a_foreign_outlet_among_many_refuses_all_of_them(parties):
    foreign = make.outlet()
    with pytest.raises(NotFound):
        services.propose_agreements(
            actor=parties.buyer, offers=[parties.offer(), parties.offer(outlet_id=foreign.id)]
        )
    assert db.session.query(Agreement).count() == 0


def test_a_seller_offers_itself_to_several_outlets(parties):
    other = make.outlet()
    offers = [parties.offer(), parties.offer(outlet_id=other.id)]
    made = services.propose_agreements(actor=parties.maker, offers=offers)
    assert {row.proposed_by_side for row in made.made} == {"seller"}
    page = queries.agreement_page(parties.buyer, made.made[0].id)
    assert page is not None


# --- what the law forbids to ask -------------------------------------------------------------------------

LISTING = (Fee("listing", "", 50_000),)


@pytest.mark.parametrize(
    ("sales", "is_refused"),
    [(None, True), (2_000_000_000, True), (15_000_000_000, True), (15_000_000_001, False)],
)
def test_a_listing_fee_is_refused_by_the_seller_s_size_of_that_day(parties, sales, is_refused):
    maker = make.seller(annual_sales_rupiah=sales)
    offer = parties.offer(seller_id=maker.id, goods=(Good(make.product(maker).id),), fees=LISTING)
    if not is_refused:
        services.propose_agreement(actor=parties.buyer, offer=offer)
        return
    with pytest.raises(RuleBroken) as refused:
        services.propose_agreement(actor=parties.buyer, offer=offer)
    assert refused.value.code == "listing_fee_exempt"
    assert "70/2013" in refused.value.message
    assert "belum diperiksa" in refused.value.message
    assert db.session.query(Agreement).count() == 0


def test_the_law_of_a_listing_fee_is_data_with_a_source_and_not_verified(app):
    rows = legal.rows_on(db.session(), "trade.", TODAY)
    assert rows[EXEMPT].citation
    assert not any(row.is_verified for row in rows.values())


def test_a_listing_fee_above_the_cap_is_refused_to_larger_sellers_too(parties):
    maker = make.seller(annual_sales_rupiah=20_000_000_000)
    offer = parties.offer(
        seller_id=maker.id,
        goods=(Good(make.product(maker).id),),
        fees=(Fee("listing", "", 50_001),),
    )
    with pytest.raises(RuleBroken) as refused:
        services.propose_agreement(actor=parties.buyer, offer=offer)
    assert refused.value.code == "listing_fee_cap"


def test_another_fee_may_be_asked_of_a_small_seller(parties):
    agreement = parties.proposed(fees=(Fee("promotion", "", 25_000),))
    terms = queries.versions.as_terms(versions(agreement)[0])
    assert terms.fees == (Fee("promotion", "", 25_000),)


# --- what was answered stays -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE agreement_versions SET commission_percent = 99 WHERE number = 1",
        "DELETE FROM agreement_versions WHERE number = 1",
        "UPDATE agreement_version_products SET retail_price_rupiah = 1",
        "DELETE FROM agreement_version_products",
        "UPDATE agreement_papers SET number = 'x'",
        "DELETE FROM agreement_papers",
    ],
)
def test_the_database_keeps_what_both_accepted(parties, statement):
    parties.accepted()
    with pytest.raises(DBAPIError), unit_of_work() as session:
        session.execute(text(statement))
