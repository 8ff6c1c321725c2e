"""A product goes live after the office's look; changes of what is on sale wait while the old stays."""

from __future__ import annotations

import threading
from functools import partial
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from marketplace import clock, mailing, outbox
from marketplace.audit import AuditEvent
from marketplace.catalog import services as catalog
from marketplace.catalog.models import Certificate, Product, Review, ReviewEvent
from marketplace.catalog.queries import curation as queries
from marketplace.catalog.queries.certificates import badges_of
from marketplace.catalog.rules import curation as rules
from marketplace.catalog.services import certificates
from marketplace.catalog.services import curation as services
from marketplace.db import db, unit_of_work
from marketplace.errors import Conflict, Forbidden, InvalidInput, MarketplaceError, NotFound, RuleBroken
from marketplace.organizations import services as organizations
from marketplace.permissions import Actor, Role
from tests import factories
from tests.support.together import at_once


@pytest.fixture
def maker(app: Flask) -> Actor:
    return factories.member(Role.SELLER_OWNER, seller_id=factories.seller().id)


@pytest.fixture
def officer(app: Flask) -> Actor:
    return factories.officer()


def draft(maker: Actor, **values: Any) -> Product:
    seller = db.session.get_one(factories.Seller, maker.seller_id)
    return factories.product(seller, **{"state": "draft", **values})


def submitted(maker: Actor, **values: Any) -> Review:
    return services.submit_product(actor=maker, product_id=draft(maker, **values).id, message="Baru")


def stamp_of(review: Review, officer: Actor) -> str:
    page = queries.review_page(officer, review.id)
    assert page is not None
    return page.stamp


def all_met(review: Review) -> list[int]:
    product = db.session.get_one(Product, review.product_id)
    return [wish.id for wish in queries.criteria_for(db.session(), product.category_id)[0]]


def approve(review: Review, officer: Actor, **values: Any) -> Review:
    given = {"stamp": stamp_of(review, officer), "met": all_met(review), **values}
    return services.approve(actor=officer, review_id=review.id, **given)


def change(maker: Actor, product: Product, **after: Any) -> dict[str, Any]:
    """What a form does: hold back, then write what may be applied now."""
    with unit_of_work() as session:
        row = session.get_one(Product, product.id)
        before = {name: getattr(row, name, None) for name in after}
        now = services.hold_back(session, row, before, after, maker)
        for name, value in now.items():
            setattr(row, name, value)
    return now


def waiting(product: Product) -> Review | None:
    db.session.rollback()
    db.session.expire_all()
    return db.session.scalar(select(Review).where(Review.product_id == product.id, Review.state == "waiting"))


def verbs(review: Review) -> list[str]:
    query = select(ReviewEvent.verb).where(ReviewEvent.review_id == review.id).order_by(ReviewEvent.id)
    return list(db.session.scalars(query))


def reloaded(product: Product) -> Product:
    db.session.rollback()
    db.session.expire_all()
    return db.session.get_one(Product, product.id)


def test_a_draft_waits_then_goes_live_with_its_variants_and_the_ticks_are_kept(maker, officer):
    product = draft(maker)
    small = draft(maker, main_id=product.id, variant_name="100 g")
    review = services.submit_product(actor=maker, product_id=product.id, message="Resep ibu saya")
    assert [reloaded(one).state for one in (product, small)] == ["waiting", "waiting"]
    assert [item.id for item in queries.inbox_page(officer, queries.InboxFilter(), 1)[0]] == [review.id]
    approve(review, officer, message="Bagus")
    assert [reloaded(one).state for one in (product, small)] == ["live", "live"]
    assert reloaded(product).first_live_at is not None
    decided = db.session.get_one(Review, review.id)
    assert decided.state == "approved"
    assert all(one["is_met"] for one in decided.criteria)
    assert verbs(review) == ["submitted", "approved"]
    assert queries.inbox_counts(officer).total == 0


def test_the_seller_is_told_by_mail_and_the_office_finds_it_in_the_audit_log(app, maker, officer):
    review = submitted(maker)
    approve(review, officer)
    outbox.drain()
    (mail,) = app.extensions["etalase_mail"].sent
    assert "sudah tampil di etalase" in mail["Subject"]
    actions = list(db.session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)))
    assert actions == ["product.submitted", "product.approved"]


def test_essential_criteria_and_enough_of_the_others_are_needed(maker, officer):
    review = submitted(maker)
    wishes, needed = queries.criteria_for(
        db.session(), db.session.get_one(Product, review.product_id).category_id
    )
    essential = [wish.id for wish in wishes if wish.is_essential]
    others = [wish.id for wish in wishes if not wish.is_essential]
    assert 0 < needed < len(others)
    with pytest.raises(RuleBroken) as refusal:
        approve(review, officer, met=others)
    assert len(refusal.value.details["essential"]) == len(essential)
    with pytest.raises(RuleBroken) as refusal:
        approve(review, officer, met=essential + others[: needed - 1])
    assert refusal.value.details["others"] == 1
    assert approve(review, officer, met=essential + others[:needed]).state == "approved"


def test_what_is_sent_back_says_why_and_can_be_handed_in_again(maker, officer):
    review = submitted(maker)
    with pytest.raises(InvalidInput):
        services.send_back(actor=officer, review_id=review.id, stamp=stamp_of(review, officer))
    services.send_back(
        actor=officer,
        review_id=review.id,
        stamp=stamp_of(review, officer),
        reasons=["photo", "nonsense"],
        reason="Tolong foto labelnya.",
    )
    product = db.session.get_one(Product, review.product_id)
    assert reloaded(product).state == "sent_back"
    reason = db.session.get_one(Review, review.id).reason
    assert reason.splitlines() == [str(rules.READY_REASONS["photo"]), "Tolong foto labelnya."]
    (todo,) = queries.sent_back_to(maker.seller_id or 0)
    assert (todo.product_id, todo.reason) == (product.id, reason)
    again = services.submit_product(actor=maker, product_id=product.id)
    assert again.id != review.id
    assert queries.sent_back_to(maker.seller_id or 0) == []


def test_a_seller_takes_a_new_product_back_into_drafts(maker, officer):
    review = submitted(maker)
    services.withdraw(actor=maker, product_id=review.product_id)
    assert reloaded(db.session.get_one(Product, review.product_id)).state == "draft"
    with pytest.raises(Conflict, match="Tidak ada yang menunggu"):
        services.withdraw(actor=maker, product_id=review.product_id)
    with pytest.raises(Conflict, match="sudah menarik"):
        services.approve(actor=officer, review_id=review.id, stamp="")


def test_only_a_draft_that_has_a_name_and_a_price_is_handed_in(maker):
    for values in ({"name": ""}, {"price_rupiah": 0}):
        with pytest.raises(InvalidInput):
            services.submit_product(actor=maker, product_id=draft(maker, **values).id)
    with pytest.raises(Conflict):
        services.submit_product(actor=maker, product_id=draft(maker, state="live").id)


def test_nobody_decides_on_what_lies_in_another_region_or_is_a_strangers(maker):
    review = submitted(maker)
    elsewhere = factories.officer(region_code="33.16")
    assert queries.review_page(elsewhere, review.id) is None
    assert queries.inbox_counts(elsewhere).total == 0
    with pytest.raises(NotFound):
        services.approve(actor=elsewhere, review_id=review.id, stamp="")
    stranger = factories.member(Role.SELLER_OWNER, seller_id=factories.seller().id)
    with pytest.raises(NotFound):
        services.withdraw(actor=stranger, product_id=review.product_id)
    with pytest.raises(MarketplaceError):
        services.approve(actor=maker, review_id=review.id, stamp="")


def test_a_decision_on_what_the_seller_changed_since_is_refused(maker, officer):
    review = submitted(maker)
    seen = stamp_of(review, officer)
    product = db.session.get_one(Product, review.product_id)
    assert change(maker, product, name="Keripik lain") == {"name": "Keripik lain"}
    with pytest.raises(Conflict) as refusal:
        services.approve(actor=officer, review_id=review.id, stamp=seen, met=all_met(review))
    assert refusal.value.code == "changed_since"
    with pytest.raises(Conflict):
        services.send_back(actor=officer, review_id=review.id, stamp=seen, reasons=["name"])
    assert approve(review, officer).state == "approved"


def test_a_change_of_a_product_on_sale_waits_while_the_old_stays(maker, officer):
    product = draft(maker, state="live", name="Keripik lama", price_rupiah=10_000)
    now = change(maker, product, name="Keripik baru", lead_time_days=3, price_rupiah=20_000)
    assert now == {"lead_time_days": 3}
    live = reloaded(product)
    assert (live.name, live.price_rupiah, live.lead_time_days) == ("Keripik lama", 10_000, 3)
    review = waiting(product)
    assert review is not None
    assert review.kind == "change"
    page = queries.review_page(officer, review.id)
    assert page is not None
    assert [(one.column, one.old, one.new) for one in page.differences] == [
        ("name", "Keripik lama", "Keripik baru"),
        ("price_rupiah", 10_000, 20_000),
    ]
    approve(review, officer, met=[])
    assert (reloaded(product).name, reloaded(product).price_rupiah) == ("Keripik baru", 20_000)


def test_pausing_is_no_way_round_the_office(maker):
    product = draft(maker, state="paused")
    assert change(maker, product, name="Nama lain") == {}
    assert waiting(product) is not None


def test_changes_before_the_decision_join_and_the_old_value_takes_them_back(maker, officer):
    product = draft(maker, state="live", name="Lama", ingredients="tempe")
    change(maker, product, name="Baru")
    first = waiting(product)
    change(maker, product, name="Lebih baru", ingredients="tempe, garam")
    second = waiting(product)
    assert first is not None
    assert second is not None
    assert first.id == second.id
    assert queries.waiting_values(product.id) == {"name": "Lebih baru", "ingredients": "tempe, garam"}
    assert verbs(second) == ["submitted", "changed"]
    change(maker, product, name="Lama", ingredients="tempe")
    assert waiting(product) is None
    assert db.session.get_one(Review, first.id).state == "withdrawn"
    assert reloaded(product).name == "Lama"


def test_a_merged_change_makes_the_stamp_stale(maker, officer):
    product = draft(maker, state="live")
    change(maker, product, name="Baru")
    review = waiting(product)
    assert review is not None
    seen = stamp_of(review, officer)
    change(maker, product, name="Lebih baru")
    with pytest.raises(Conflict):
        services.approve(actor=officer, review_id=review.id, stamp=seen)


def test_a_price_within_the_limit_applies_but_small_steps_add_up(maker, officer):
    product = draft(maker, state="live", price_rupiah=10_000)
    assert change(maker, product, price_rupiah=11_000) == {"price_rupiah": 11_000}
    assert change(maker, product, price_rupiah=11_500) == {"price_rupiah": 11_500}
    assert change(maker, product, price_rupiah=12_000) == {}, "20 percent above what the office saw"
    assert change(maker, product, price_rupiah=10_500) == {"price_rupiah": 10_500}
    assert waiting(product) is None, "a price within the limit takes back the one that waited"
    assert change(maker, product, price_rupiah=5_000) == {}, "a fall is measured as a rise is"
    change(maker, product, price_rupiah=20_000)
    review = waiting(product)
    assert review is not None
    approve(review, officer)
    assert change(maker, product, price_rupiah=22_000) == {"price_rupiah": 22_000}


def test_a_paused_product_is_held_as_a_live_one_is_or_pausing_would_be_the_way_round(maker):
    goods = draft(maker, state="paused", name="Lama", price_rupiah=10_000)
    assert change(maker, goods, name="Baru", price_rupiah=99_000) == {}
    review = waiting(goods)
    assert review is not None
    assert set(review.changes) == {"name", "price_rupiah"}


def test_allergens_that_are_added_apply_at_once_and_those_taken_away_wait(maker):
    product = draft(maker, state="live", allergens=["kedelai"])
    assert change(maker, product, allergens=["kedelai", "kacang"]) == {"allergens": ["kedelai", "kacang"]}
    assert change(maker, product, allergens=["kacang"]) == {}
    silent = draft(maker, state="live", allergens=[])
    assert change(maker, silent, allergens=["none"]) == {}, "that there are none is a claim"


def test_a_rejected_change_leaves_the_old_on_sale(maker, officer):
    product = draft(maker, state="live", name="Lama")
    change(maker, product, name="Baru")
    review = waiting(product)
    assert review is not None
    services.send_back(actor=officer, review_id=review.id, stamp=stamp_of(review, officer), reasons=["name"])
    assert (reloaded(product).name, reloaded(product).state) == ("Lama", "live")
    assert [one.kind for one in queries.sent_back_to(maker.seller_id or 0)] == ["change"]


def test_what_the_office_changes_applies_whole(maker, officer):
    product = draft(maker, state="live")
    assert change(officer, product, name="Nama resmi") == {"name": "Nama resmi"}
    assert waiting(product) is None


def test_what_a_closed_or_merged_business_handed_in_waits_unseen(maker, officer):
    review = submitted(maker)
    seen = stamp_of(review, officer)
    kept = factories.seller()
    head = factories.officer(Role.HEAD)
    organizations.merge_sellers(
        actor=head, kept_id=kept.id, duplicate_id=maker.seller_id or 0, reason="orang yang sama"
    )
    assert queries.inbox_counts(officer).total == 0
    with pytest.raises(RuleBroken, match="digabung"):
        services.approve(actor=officer, review_id=review.id, stamp=seen, met=all_met(review))
    organizations.undo_merge(actor=head, duplicate_id=maker.seller_id or 0, reason="ternyata dua")
    assert queries.inbox_counts(officer).total == 1
    organizations.close_seller(
        actor=head, seller_id=maker.seller_id or 0, closed_on=clock.today(), reason="tutup"
    )
    assert queries.inbox_counts(officer).total == 0
    with pytest.raises(RuleBroken, match="tutup"):
        services.approve(actor=officer, review_id=review.id, stamp=seen, met=all_met(review))


def test_numbers_typed_into_a_product_wait_for_the_office_from_submission_on(maker, officer):
    review = submitted(maker, pirt_number="206337201012328")
    numbers = list(db.session.scalars(select(Certificate.number)))
    assert numbers == ["206337201012328"]
    product = db.session.get_one(Product, review.product_id)
    change(maker, product, pirt_number="206337201012329")
    approve(review, officer)
    states = dict(db.session.execute(select(Certificate.number, Certificate.state)).all())
    assert states == {"206337201012328": "waiting", "206337201012329": "waiting"}


def test_of_two_officers_who_decide_at_once_one_wins_and_the_other_is_told(app, maker, officer):
    other = factories.officer()
    for _round in range(3):
        review = submitted(maker)
        seen, met = stamp_of(review, officer), all_met(review)
        db.session.rollback()
        answers = at_once(
            app,
            partial(services.approve, actor=officer, review_id=review.id, stamp=seen, met=met),
            partial(services.send_back, actor=other, review_id=review.id, stamp=seen, reasons=["photo"]),
        )
        (told,) = [answer for answer in answers if isinstance(answer, Conflict)]
        winner = (officer, other)[1 - answers.index(told)]
        assert told.code == "already_decided"
        assert winner.name in told.message
        state = db.session.get_one(Review, review.id).state
        assert verbs(review) == ["submitted", state]


def test_of_an_approval_and_a_withdrawal_at_once_one_happens(app, maker, officer):
    for _round in range(3):
        review = submitted(maker)
        seen, met = stamp_of(review, officer), all_met(review)
        db.session.rollback()
        answers = at_once(
            app,
            partial(services.approve, actor=officer, review_id=review.id, stamp=seen, met=met),
            partial(services.withdraw, actor=maker, product_id=review.product_id),
        )
        assert sum(isinstance(answer, Conflict) for answer in answers) == 1
        product = reloaded(db.session.get_one(Product, review.product_id))
        review_state = db.session.get_one(Review, review.id).state
        assert (review_state, product.state) in {("approved", "live"), ("withdrawn", "draft")}


def test_control_deciding_on_what_was_read_before_the_lock_lets_both_decisions_through(app, maker):
    review_id = submitted(maker).id
    both_have_read = threading.Barrier(2)

    def naively(verb: str) -> str:
        seen = db.session.scalar(select(Review.state).where(Review.id == review_id))
        db.session.rollback()
        both_have_read.wait(timeout=30)
        if seen != "waiting":
            return "refused"
        with unit_of_work() as session:
            session.add(ReviewEvent(review_id=review_id, verb=verb, recorded_at=clock.now()))
        return "done"

    assert at_once(app, partial(naively, "approved"), partial(naively, "sent_back")) == ["done", "done"]


def test_a_draft_that_was_handed_in_and_taken_back_can_be_thrown_away(app, maker):
    review = submitted(maker, pirt_number="206337201012328")
    services.withdraw(actor=maker, product_id=review.product_id)
    catalog.delete_draft(actor=maker, product_id=review.product_id)
    for table in (Product, Review, ReviewEvent, Certificate):
        assert db.session.scalar(select(func.count()).select_from(table)) == 0


@pytest.mark.parametrize(("holds", "state"), [(False, "waiting"), (True, "verified")])
def test_a_changed_recipe_sends_the_halal_paper_back_unless_the_officer_says_it_holds(
    maker, officer, holds, state
):
    product = draft(maker, state="live", halal_number="ID33110002356912", ingredients="tempe")
    change(maker, product, ingredients="tempe, abon")
    review = waiting(product)
    assert review is not None
    page = queries.review_page(officer, review.id)
    assert page is not None
    assert page.halal_rests_on_recipe
    approve(review, officer, met=[], halal_holds=holds)
    kept = badges_of([product.id], clock.today())[product.id]
    assert [badge.kind for badge in kept] == (["halal"] if holds else [])
    assert set(db.session.scalars(select(Certificate.state))) <= {state}


def test_of_two_officers_who_decide_on_a_paper_at_once_one_wins(app, maker, officer):
    other = factories.officer()
    for number in range(3):
        with unit_of_work() as session:
            row = session.get_one(Product, draft(maker).id)
            certificates.note_numbers(session, maker, row, {"halal_number": f"ID3311000235691{number}"})
        one = db.session.scalars(select(Certificate).order_by(Certificate.id.desc()).limit(1)).one()
        db.session.rollback()
        answers = at_once(
            app,
            partial(certificates.verify_certificate, actor=officer, certificate_id=one.id, version=1),
            partial(
                certificates.reject_certificate,
                actor=other,
                certificate_id=one.id,
                version=1,
                reasons=["number"],
            ),
        )
        (told,) = [answer for answer in answers if isinstance(answer, Conflict)]
        winner = (officer, other)[1 - answers.index(told)]
        assert told.code == "already_decided"
        assert winner.name in told.message


def test_another_price_of_a_variant_makes_the_stamp_stale_too(maker, officer):
    product = draft(maker)
    small = draft(maker, main_id=product.id, variant_name="100 g", price_rupiah=5_000)
    review = services.submit_product(actor=maker, product_id=product.id)
    seen = stamp_of(review, officer)
    change(maker, small, price_rupiah=50_000)
    with pytest.raises(Conflict):
        services.approve(actor=officer, review_id=review.id, stamp=seen, met=all_met(review))


# --- taken off sale -----------------------------------------------------------------------------------------


def state_of(product: Product) -> str:
    return db.session.get_one(Product, product.id, populate_existing=True).state


def test_a_product_is_taken_off_with_a_reason_mended_and_handed_in_again(app, maker, officer):
    goods = draft(maker, state="live", name="Keripik")
    variant = draft(maker, state="live", main_id=goods.id, variant_name="500 g")
    with pytest.raises(InvalidInput):
        services.take_off_sale(actor=officer, product_id=goods.id)
    services.take_off_sale(actor=officer, product_id=goods.id, reasons=["papers"], reason="P-IRT habis Mei.")
    assert (state_of(goods), state_of(variant)) == ("sent_back", "sent_back")
    outbox.drain()
    (letter,) = [mail for mail in app.extensions[mailing.EXTENSION].sent if "diturunkan" in mail["Subject"]]
    assert "P-IRT habis Mei." in letter.get_content()
    page = queries.curation_of(goods.id)
    assert [(one.verb, one.by_name) for one in page.history] == [("taken_off", officer.name)]
    assert page.last is not None
    assert "P-IRT habis Mei." in page.last.reason
    assert [one.name for one in queries.sent_back_to(maker.seller_id or 0)] == ["Keripik"]
    event = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "product.taken_off")).one()
    assert event.changes == {"before": {"state": "live"}, "after": {"state": "sent_back"}}

    change(maker, goods, name="Keripik tempe")
    approve(services.submit_product(actor=maker, product_id=goods.id), officer)
    assert (state_of(goods), state_of(variant)) == ("live", "live")


def test_a_paused_product_can_be_taken_off_so_that_its_seller_cannot_just_show_it_again(maker, officer):
    goods = draft(maker, state="paused")
    services.take_off_sale(actor=officer, product_id=goods.id, reasons=["safety"])
    with pytest.raises(RuleBroken):
        catalog.resume_product(actor=maker, product_id=goods.id)


def test_what_waited_of_a_product_goes_over_into_its_next_submission(maker, officer):
    goods = draft(maker, state="live", name="Lama")
    change(maker, goods, name="Baru", price_rupiah=99_000)
    fresh = draft(maker, main_id=goods.id, variant_name="Pedas")
    services.submit_product(actor=maker, product_id=fresh.id)
    services.take_off_sale(actor=officer, product_id=goods.id, reasons=["claim"])
    assert waiting(goods) is None
    assert waiting(fresh) is None
    assert queries.inbox_counts(officer).total == 0
    row = db.session.get_one(Product, goods.id, populate_existing=True)
    assert (row.name, row.price_rupiah, state_of(fresh)) == ("Baru", 99_000, "draft")
    services.submit_product(actor=maker, product_id=goods.id)
    assert (state_of(goods), state_of(fresh)) == ("waiting", "waiting")


def test_only_an_office_of_the_region_takes_a_product_off_and_only_once(maker, officer):
    goods = draft(maker, state="live")
    variant = draft(maker, state="live", main_id=goods.id, variant_name="500 g")
    elsewhere = factories.officer(region_code="33.74")
    with pytest.raises(NotFound):
        services.take_off_sale(actor=elsewhere, product_id=goods.id, reasons=["own"])
    with pytest.raises(Forbidden):
        services.take_off_sale(actor=maker, product_id=goods.id, reasons=["own"])
    with pytest.raises(RuleBroken):
        services.take_off_sale(actor=officer, product_id=variant.id, reasons=["own"])
    services.take_off_sale(actor=officer, product_id=goods.id, reasons=["own"])
    with pytest.raises(Conflict):
        services.take_off_sale(actor=officer, product_id=goods.id, reasons=["own"])
