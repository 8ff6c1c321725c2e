"""The verbs of the registry: each act is decided once, dated, noted, and told to whoever counts."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from marketplace import clock, mailing, outbox, signals
from marketplace.accounts.models import User
from marketplace.audit import AuditEvent
from marketplace.clock import FIRST_DAY
from marketplace.crypto import blind_index
from marketplace.db import db, unit_of_work
from marketplace.errors import Conflict, Forbidden, InvalidInput, NotFound, RuleBroken
from marketplace.i18n import speaking
from marketplace.organizations import queries, rules, services, versions
from marketplace.organizations.models import Membership, OutletFacts, Seller, SellerFacts, Verification
from marketplace.organizations.services import BulkRow, OperatorForm, OutletForm, SellerForm
from marketplace.permissions import SYSTEM, Actor, Role
from tests import factories as make

NIK = "3372014107900001"
TODAY = date(2026, 11, 22)


@pytest.fixture
def told() -> Iterator[list[tuple[list[int], date]]]:
    """What was told about sellers: (ids, first day)."""
    heard: list[tuple[list[int], date]] = []

    def hear(_session: Any, seller_ids: list[int], from_day: date) -> None:
        heard.append((seller_ids, from_day))

    with signals.seller_facts_changed.connected_to(hear):
        yield heard


def person() -> Actor:
    user = make.user()
    return Actor(user_id=user.id, name=user.name)


def registered(**values: Any) -> Seller:
    form = SellerForm(**{"name": "Sambal Bu Tin", "owner_name": "Tin", "region_code": make.LAWEYAN, **values})
    return services.register_seller(actor=person(), form=form)


def facts_on(seller_id: int, day: date = TODAY) -> SellerFacts:
    found = versions.one_on(db.session(), SellerFacts, seller_id, day)
    assert found
    return found


def state_of(seller_id: int) -> rules.SellerState:
    return queries.seller_page(SYSTEM, seller_id).state


def acts(subject: str = "sellers") -> list[str]:
    query = select(AuditEvent.action).where(AuditEvent.subject_kind == subject).order_by(AuditEvent.id)
    return list(db.session.scalars(query))


def test_who_registers_becomes_owner_and_waits(app: Flask) -> None:
    seller = registered(owner_nik=NIK)
    members = queries.members(seller_id=seller.id)
    assert [member.role for member in members] == [Role.SELLER_OWNER]
    assert state_of(seller.id) is rules.SellerState.WAITING
    assert seller.seller_ref.startswith("UMKM-")
    assert facts_on(seller.id).owner_key == blind_index(NIK)
    assert queries.queue_counts(make.officer()).sellers == 1


def test_a_wrong_number_is_refused_beside_its_field(app: Flask) -> None:
    with pytest.raises(InvalidInput) as refusal:
        registered(owner_nik="123", nib="12", npwp="9")
    assert set(refusal.value.fields) == {"owner_nik", "nib", "npwp"}
    assert db.session.scalar(select(func.count()).select_from(Seller)) == 0


def test_verified_from_its_day_on_and_told(app: Flask, told: list) -> None:
    seller, officer = registered(), make.officer()
    services.verify_seller(actor=officer, seller_id=seller.id, effective_on=date(2026, 11, 1))
    facts = facts_on(seller.id)
    assert facts.verified_on == date(2026, 11, 1)
    assert told == [([seller.id], date(2026, 11, 1))]
    history = queries.verification_history(seller_id=seller.id)
    assert [(one.decision, one.decided_by) for one in history] == [("approved", officer.name)]
    assert acts() == ["seller.registered", "seller.verified"]
    assert len(versions.segments(db.session(), SellerFacts, seller.id)) == 1


def test_sent_back_with_a_reason_and_submitted_again(app: Flask) -> None:
    seller, officer = registered(), make.officer()
    with pytest.raises(InvalidInput):
        services.reject_seller(actor=officer, seller_id=seller.id, reason=" ")
    services.reject_seller(actor=officer, seller_id=seller.id, reason="Foto KTP tidak terbaca")
    assert state_of(seller.id) is rules.SellerState.REJECTED
    owner = queries.members(seller_id=seller.id)[0]
    actor = Actor(owner.user_id, owner.name, Role.SELLER_OWNER, seller_id=seller.id)
    services.submit_for_verification(actor=actor, seller_id=seller.id)
    with pytest.raises(Conflict):
        services.submit_for_verification(actor=actor, seller_id=seller.id)
    services.verify_seller(actor=officer, seller_id=seller.id)
    decisions = [one.decision for one in queries.verification_history(seller_id=seller.id)]
    assert decisions == ["approved", "rejected"]


def test_revoked_then_verified_again_leaves_the_gap(app: Flask, told: list) -> None:
    seller, officer = make.seller(verified_on=date(2020, 1, 1)), make.officer()
    services.revoke_seller(
        actor=officer, seller_id=seller.id, reason="Bukan pembuat", effective_on=date(2026, 5, 1)
    )
    services.verify_seller(actor=officer, seller_id=seller.id, effective_on=date(2026, 8, 1))
    verified = {
        day: rules.is_verified_on(
            day,
            verified_on=facts_on(seller.id, day).verified_on,
            revoked_on=facts_on(seller.id, day).revoked_on,
            closed_on=None,
        )
        for day in (
            date(2019, 12, 31),
            date(2026, 4, 30),
            date(2026, 5, 1),
            date(2026, 7, 31),
            date(2026, 8, 1),
        )
    }
    assert list(verified.values()) == [False, True, False, False, True]
    assert [day for _ids, day in told] == [date(2026, 5, 1), date(2026, 8, 1)]


def test_the_mail_of_a_verification_writes_the_day_its_reader_s_way(app: Flask) -> None:
    seller, officer = make.seller(verified_on=date(2020, 1, 1)), make.officer()
    for locale in ("id", "en"):
        reader = make.member(Role.SELLER_OWNER, seller_id=seller.id)
        with unit_of_work() as session:
            session.get_one(User, reader.user_id).locale = locale
    with speaking("en"):
        services.revoke_seller(
            actor=officer, seller_id=seller.id, reason="Bukan pembuat", effective_on=date(2026, 5, 1)
        )
    services.verify_seller(actor=officer, seller_id=seller.id, effective_on=date(2026, 8, 1))
    outbox.drain()
    told = [message.get_content() for message in app.extensions[mailing.EXTENSION].sent]
    for sentence in (
        f"Mulai 1 Mei 2026 verifikasi {seller.name} dicabut.",
        f"From 1 May 2026 the verification of {seller.name} is revoked.",
        "Mulai 1 Agustus 2026 usaha Anda terverifikasi",
        "From 1 August 2026 your business is verified",
    ):
        assert sum(sentence in letter for letter in told) == 1, sentence
    assert len(told) == 4


def test_two_officers_verify_at_once_and_one_of_them_hears_it(app: Flask) -> None:
    seller = registered()
    officers = [make.officer(), make.officer()]
    outcomes: list[str] = []
    ready = threading.Barrier(2)

    def decide(officer: Actor) -> None:
        with app.app_context():
            ready.wait()
            try:
                services.verify_seller(actor=officer, seller_id=seller.id)
                outcomes.append("verified")
            except Conflict as conflict:
                outcomes.append(conflict.code)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=decide, args=(officer,)) for officer in officers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["already_verified", "verified"]
    db.session.rollback()
    rows = db.session.scalars(select(Verification).where(Verification.seller_id == seller.id)).all()
    assert [row.decision for row in rows] == ["approved"]
    assert len(versions.segments(db.session(), SellerFacts, seller.id)) == 1


def test_without_the_lock_both_officers_would_decide(app: Flask) -> None:
    """The control: who decides on what was read before the lock decides twice."""
    seller = registered()
    waiting = select(Verification).where(Verification.seller_id == seller.id)
    outcomes: list[str] = []
    ready = threading.Barrier(2)

    def decide_naively() -> None:
        with app.app_context():
            request = db.session.scalars(waiting).one()
            nobody_decided, request_id = request.decided_at is None, request.id
            ready.wait()
            with unit_of_work() as session:
                if nobody_decided:
                    session.get_one(Verification, request_id).decision = "approved"
                    outcomes.append("verified")
            db.session.remove()

    threads = [threading.Thread(target=decide_naively) for _n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes == ["verified", "verified"]


def test_closed_and_opened_again(app: Flask) -> None:
    seller, officer = make.seller(), make.officer()
    services.close_seller(actor=officer, seller_id=seller.id, closed_on=date(2026, 6, 1), reason="Sakit")
    assert state_of(seller.id) is rules.SellerState.CLOSED
    with pytest.raises(InvalidInput):
        services.reopen_seller(
            actor=officer, seller_id=seller.id, reopened_on=date(2026, 5, 1), reason="Sudah sembuh"
        )
    services.reopen_seller(actor=officer, seller_id=seller.id, reopened_on=date(2026, 9, 1), reason="Sembuh")
    closed = [facts_on(seller.id, day).closed_on for day in (date(2026, 8, 31), date(2026, 9, 1))]
    assert closed == [date(2026, 6, 1), None]


def test_size_changes_from_a_day_on(app: Flask) -> None:
    seller, officer = make.seller(annual_sales_rupiah=1_000_000_000), make.officer()
    services.change_size(
        actor=officer,
        seller_id=seller.id,
        capital_rupiah=None,
        annual_sales_rupiah=60_000_000_000,
        valid_from=date(2026, 7, 1),
    )
    page = queries.seller_page(officer, seller.id)
    assert page.size is rules.SizeClass.LARGE
    assert facts_on(seller.id, date(2026, 6, 30)).annual_sales_rupiah == 1_000_000_000


def test_merged_records_count_as_one_owner_and_part_again(app: Flask, told: list) -> None:
    officer = make.officer()
    kept = make.seller("A-1", owner_nik=NIK, phone="+6281234567890")
    twin = make.seller("A-2", name=kept.name, phone="+6281234567890")
    pairs = queries.possible_duplicates(officer)
    assert [(pair.one.id, pair.other.id) for pair in pairs.items] == [(kept.id, twin.id)]
    services.merge_sellers(actor=officer, kept_id=kept.id, duplicate_id=twin.id, reason="Satu usaha")
    assert facts_on(twin.id, FIRST_DAY).owner_key == facts_on(kept.id).owner_key
    assert told[-1] == ([kept.id, twin.id], FIRST_DAY)
    assert queries.storefront(twin.id, officer) == kept.id
    listed = queries.registry(officer, queries.RegistryFilter(), 1)
    assert [row.id for row in listed.items] == [kept.id]
    with pytest.raises(Conflict):
        services.merge_sellers(actor=officer, kept_id=kept.id, duplicate_id=twin.id, reason="Lagi")
    services.change_owner(
        actor=officer,
        seller_id=kept.id,
        owner_name="Ahli waris",
        owner_nik="3372014107900002",
        valid_from=date(2026, 10, 1),
        reason="Waris",
    )
    assert facts_on(twin.id).owner_key == facts_on(kept.id).owner_key
    services.undo_merge(actor=officer, duplicate_id=twin.id, reason="Ternyata dua")
    assert {facts_on(twin.id, day).owner_key for day in (FIRST_DAY, TODAY)} == {f"seller:{twin.id}"}
    assert db.session.get_one(Seller, twin.id).merged_into_id is None


def test_a_chain_of_merges_is_refused(app: Flask) -> None:
    officer = make.officer()
    one, two, three = make.seller(), make.seller(), make.seller()
    services.merge_sellers(actor=officer, kept_id=one.id, duplicate_id=two.id, reason="Satu usaha")
    with pytest.raises(RuleBroken):
        services.merge_sellers(actor=officer, kept_id=two.id, duplicate_id=three.id, reason="Satu usaha")
    with pytest.raises(RuleBroken):
        services.merge_sellers(actor=officer, kept_id=three.id, duplicate_id=one.id, reason="Satu usaha")
    with pytest.raises(RuleBroken):
        services.merge_sellers(actor=officer, kept_id=one.id, duplicate_id=one.id, reason="Satu usaha")


def test_two_that_were_looked_at_are_not_asked_about_again(app: Flask) -> None:
    officer = make.officer()
    one, two = make.seller(owner_nik=NIK), make.seller(owner_nik=NIK)
    assert queries.possible_duplicates(officer).total == 1
    services.keep_apart(actor=officer, one_id=two.id, other_id=one.id)
    services.keep_apart(actor=officer, one_id=one.id, other_id=two.id)
    assert queries.possible_duplicates(officer).total == 0


def test_a_person_claims_an_imported_record_by_nik(app: Flask) -> None:
    officer, owner = make.officer(), person()
    seller = make.seller(owner_nik=NIK)
    with pytest.raises(InvalidInput):
        services.claim_seller(actor=owner, owner_nik="3372014107900099")
    (claim,) = services.claim_seller(actor=owner, owner_nik=NIK)
    with pytest.raises(Conflict):
        services.claim_seller(actor=owner, owner_nik=NIK)
    assert [one.seller.id for one in queries.waiting_claims(officer)] == [seller.id]
    services.approve_claim(actor=officer, claim_id=claim.id)
    with pytest.raises(Conflict):
        services.approve_claim(actor=officer, claim_id=claim.id)
    (hat,) = queries.hats_of(owner.user_id or 0)
    assert (hat.seller_id, hat.role) == (seller.id, Role.SELLER_OWNER)


def test_an_officer_reaches_only_their_own_region(app: Flask) -> None:
    stranger = make.officer(region_code="33.11")
    seller, outlet = registered(), make.outlet()
    for act in (
        lambda: services.verify_seller(actor=stranger, seller_id=seller.id),
        lambda: services.reject_seller(actor=stranger, seller_id=seller.id, reason="Tidak jelas"),
        lambda: services.reveal_personal(actor=stranger, seller_id=seller.id, reason="Ingin tahu"),
        lambda: services.close_outlet(
            actor=stranger, outlet_id=outlet.id, closed_on=TODAY, reason="Tutup saja"
        ),
        lambda: queries.seller_page(stranger, seller.id),
        lambda: queries.outlet(stranger, outlet.id),
    ):
        with pytest.raises(NotFound):
            act()
    assert queries.queue_counts(stranger).total == 0
    assert queries.registry_counts(stranger).registered == 0


def test_a_seller_cannot_verify_itself(app: Flask) -> None:
    seller = make.seller(verified_on=None)
    owner = make.member(Role.SELLER_OWNER, seller_id=seller.id)
    with pytest.raises(Forbidden):
        services.verify_seller(actor=owner, seller_id=seller.id)


def test_a_retailer_registers_adds_an_outlet_and_waits(app: Flask) -> None:
    visitor = person()
    operator = services.register_operator(
        actor=visitor, form=OperatorForm(name="PT Rukun", region_code=make.JEBRES)
    )
    owner = queries.actor_of(db.session.get_one(make.User, visitor.user_id))
    assert (owner.role, owner.operator_id) == (Role.BUYER_OWNER, operator.id)
    heard: list[Any] = []

    def hear(_session: Any, outlets: list[tuple[int, date]]) -> None:
        heard.extend(outlets)

    with signals.evidence_changed.connected_to(hear):
        outlet = services.add_outlet(
            actor=owner,
            operator_id=operator.id,
            form=OutletForm("Rukun Jebres", "minimarket", make.JEBRES, date(2026, 11, 1)),
        )
    assert heard == [(outlet.id, date(2026, 11, 1))]
    services.decide_operator(actor=make.officer(), operator_id=operator.id, is_approved=True)
    assert queries.operator(owner, operator.id).status == "verified"


def test_an_outlet_changes_kind_and_closes_on_its_days(app: Flask) -> None:
    outlet, officer = make.outlet(), make.officer()
    services.change_outlet_kind(
        actor=officer, outlet_id=outlet.id, kind="supermarket", valid_from=date(2026, 4, 1)
    )
    services.close_outlet(actor=officer, outlet_id=outlet.id, closed_on=date(2026, 9, 1), reason="Habis sewa")
    with pytest.raises(Conflict):
        services.close_outlet(actor=officer, outlet_id=outlet.id, closed_on=TODAY, reason="Habis sewa")
    rows = versions.segments(db.session(), OutletFacts, outlet.id)
    assert [(row.kind, row.closed_on) for row in rows] == [
        ("minimarket", date(2026, 9, 1)),
        ("supermarket", date(2026, 9, 1)),
    ]


def test_the_last_owner_stays(app: Flask) -> None:
    seller = make.seller()
    owner = make.member(Role.SELLER_OWNER, seller_id=seller.id)
    mine = db.session.scalars(select(Membership.id).where(Membership.user_id == owner.user_id)).one()
    with pytest.raises(RuleBroken):
        services.remove_member(actor=owner, membership_id=mine)
    with pytest.raises(RuleBroken):
        services.change_role(actor=owner, membership_id=mine, role=Role.SELLER_STAFF)
    make.member(Role.SELLER_OWNER, seller_id=seller.id)
    services.remove_member(actor=owner, membership_id=mine)
    assert queries.hats_of(owner.user_id or 0) == []


def test_many_sellers_go_in_at_once_and_again_without_a_change(app: Flask, told: list) -> None:
    rows = [
        BulkRow(f"M-{n}", {"name": f"Usaha {n}"}, {"region_code": make.LAWEYAN, "owner_nik": NIK})
        for n in range(5)
    ]
    with unit_of_work() as session:
        assert services.upsert_sellers(session, rows, actor=SYSTEM) == ["created"] * 5
    with unit_of_work() as session:
        assert services.upsert_sellers(session, rows, actor=SYSTEM) == ["unchanged"] * 5
    changed = BulkRow("M-0", {"name": "Usaha baru"}, {"verified_on": date(2026, 2, 1)})
    twice = BulkRow("M-0", {}, {"verified_on": date(2026, 3, 1)})
    with unit_of_work() as session:
        assert services.upsert_sellers(session, [changed, rows[1], twice], actor=SYSTEM) == [
            "updated",
            "unchanged",
            "updated",
        ]
    seller = db.session.scalars(select(Seller).where(Seller.seller_ref == "M-0")).one()
    assert (seller.name, facts_on(seller.id).verified_on) == ("Usaha baru", date(2026, 3, 1))
    assert told == [([seller.id], date(2026, 3, 1))]


def test_as_it_was_known_yesterday(app: Flask) -> None:
    seller = make.seller(verified_on=None)
    with clock.frozen(clock.now() + timedelta(days=1)):
        services.verify_seller(actor=make.officer(), seller_id=seller.id, effective_on=date(2026, 1, 1))
    day = date(2026, 2, 1)
    then = versions.known_on(db.session(), SellerFacts, seller.id, day, TODAY)
    assert then
    assert then.verified_on is None
    assert facts_on(seller.id, day).verified_on == date(2026, 1, 1)
