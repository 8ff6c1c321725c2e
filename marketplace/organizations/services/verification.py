"""Verification: asked for once, decided once, kept with its reason."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from ... import audit, clock, mailing
from ...accounts.models import User
from ...db import retry_on_conflict, unit_of_work
from ...errors import Conflict, InvalidInput, RuleBroken
from ...i18n import _, format_day
from ...permissions import Actor, Permission
from .. import rules, versions
from ..models import Membership, Seller, SellerFacts, Verification
from . import common

SELF_DATED = ("verified_on", "revoked_on", "closed_on")


@retry_on_conflict
def submit_for_verification(*, actor: Actor, seller_id: int) -> Verification:
    """Put a seller into the office's queue. Raises Conflict when it waits there or is verified already."""
    if not actor.is_office:
        common.allow(actor, Permission.SELLER_EDIT)
    with unit_of_work() as session:
        seller, facts = common.lock_seller(session, actor, seller_id)
        _refuse_if_verified(facts)
        if open_request(session, seller_id=seller_id) is not None:
            raise Conflict(_("Usaha ini sudah menunggu verifikasi Dinas."), code="already_submitted")
        request = Verification(
            seller_id=seller_id,
            region_code=facts.region_code,
            submitted_at=clock.now(),
            submitted_by=actor.user_id,
        )
        session.add(request)
        audit.record(session, actor, "seller.submitted", seller, region=facts.region_code)
    return request


@retry_on_conflict
def verify_seller(
    *, actor: Actor, seller_id: int, effective_on: date | None = None, reason: str = ""
) -> Verification:
    """The office has seen that this is a real producer: it counts from `effective_on` (today) on.

    Raises Conflict when somebody has decided already.
    """
    common.allow(actor, Permission.SELLER_VERIFY)
    day = effective_on or clock.today()
    if day > clock.today() or day.year < 1990:
        sentence = _("Tanggal berlaku paling lambat hari ini.")
        raise InvalidInput(sentence, {"effective_on": sentence})
    with unit_of_work() as session:
        seller, facts = common.lock_seller(session, actor, seller_id)
        _refuse_merged(seller)
        _refuse_if_verified(facts)
        rows = versions.segments(session, SellerFacts, seller_id)
        again = rows[-1].verified_on is not None
        versions.change_facts(
            session,
            SellerFacts,
            seller_id,
            valid_from=day if again else common.start_of_run(rows, SELF_DATED),
            changes={"verified_on": day, "revoked_on": None},
            actor=actor,
            reason=reason,
        )
        request = _decide(session, actor, facts.region_code, "approved", day, reason, seller_id=seller_id)
        after = {"verified_on": day}
        audit.record(
            session, actor, "seller.verified", seller, after=after, reason=reason, region=facts.region_code
        )
        common.tell_seller(session, [seller_id], day)
        _write_to_members(session, seller, "seller_verified", day=day.isoformat())
    return request


@retry_on_conflict
def reject_seller(*, actor: Actor, seller_id: int, reason: str) -> Verification:
    """Send a waiting seller back with what is to be mended. Raises Conflict when none waits any more."""
    common.allow(actor, Permission.SELLER_VERIFY)
    reason = common.require_reason(reason)
    with unit_of_work() as session:
        seller, facts = common.lock_seller(session, actor, seller_id)
        if open_request(session, seller_id=seller_id) is None:
            raise Conflict(_("Permintaan ini sudah diputuskan petugas lain."), code="already_decided")
        request = _decide(session, actor, facts.region_code, "rejected", None, reason, seller_id=seller_id)
        audit.record(session, actor, "seller.rejected", seller, reason=reason, region=facts.region_code)
        _write_to_members(session, seller, "seller_rejected", reason=reason)
    return request


@retry_on_conflict
def revoke_seller(
    *, actor: Actor, seller_id: int, reason: str, effective_on: date | None = None
) -> Verification:
    """Take the verification back: from `effective_on` (today) on the seller does not count."""
    common.allow(actor, Permission.SELLER_VERIFY)
    reason, day = common.require_reason(reason), effective_on or clock.today()
    with unit_of_work() as session:
        seller, facts = common.lock_seller(session, actor, seller_id)
        rows = versions.segments(session, SellerFacts, seller_id)
        last = rows[-1]
        if last.verified_on is None or last.revoked_on is not None:
            raise Conflict(_("Usaha ini tidak sedang terverifikasi."), code="not_verified")
        if day < last.verified_on:
            sentence = _(
                "Usaha ini terverifikasi sejak %(day)s; pencabutan tidak bisa lebih awal.",
                day=format_day(last.verified_on),
            )
            raise InvalidInput(sentence, {"effective_on": sentence})
        versions.change_facts(
            session,
            SellerFacts,
            seller_id,
            valid_from=common.start_of_run(rows, SELF_DATED),
            changes={"revoked_on": day},
            actor=actor,
            reason=reason,
        )
        request = _decide(session, actor, facts.region_code, "revoked", day, reason, seller_id=seller_id)
        audit.record(
            session,
            actor,
            "seller.revoked",
            seller,
            after={"revoked_on": day},
            reason=reason,
            region=facts.region_code,
        )
        common.tell_seller(session, [seller_id], day)
        _write_to_members(session, seller, "seller_revoked", reason=reason, day=day.isoformat())
    return request


@retry_on_conflict
def decide_operator(*, actor: Actor, operator_id: int, is_approved: bool, reason: str = "") -> Verification:
    """The office's answer to a retailer that registered itself."""
    common.allow(actor, Permission.SELLER_VERIFY)
    if not is_approved:
        reason = common.require_reason(reason)
    with unit_of_work() as session:
        operator = common.lock_operator(session, actor, operator_id)
        if open_request(session, operator_id=operator_id) is None:
            raise Conflict(_("Permintaan ini sudah diputuskan petugas lain."), code="already_decided")
        operator.status = "verified" if is_approved else "rejected"
        decision = "approved" if is_approved else "rejected"
        region = operator.region_code or ""
        day = clock.today() if is_approved else None
        request = _decide(session, actor, region, decision, day, reason, operator_id=operator_id)
        audit.record(session, actor, f"operator.{decision}", operator, reason=reason, region=region)
    return request


def open_request(
    session: Session, *, seller_id: int | None = None, operator_id: int | None = None
) -> Verification | None:
    """The request of a seller or retailer that still waits, if there is one."""
    query = select(Verification).where(
        Verification.seller_id == seller_id
        if seller_id is not None
        else Verification.operator_id == operator_id,
        Verification.decided_at.is_(None),
    )
    return session.scalar(query.with_for_update())


def _decide(
    session: Session,
    actor: Actor,
    region_code: str,
    decision: str,
    effective_on: date | None,
    reason: str,
    **subject: int,
) -> Verification:
    """Answer the waiting request; where none waits (a visit in person), write one that is answered."""
    request = open_request(session, **subject) if decision != "revoked" else None
    now = clock.now()
    if request is None:
        request = Verification(
            **subject, region_code=region_code, submitted_at=now, submitted_by=actor.user_id
        )
        session.add(request)
    request.decision = decision
    request.decided_at = now
    request.decided_by = actor.user_id
    request.effective_on = effective_on
    request.reason = reason
    session.flush()
    return request


def _refuse_if_verified(facts: SellerFacts) -> None:
    day = clock.today()
    if rules.is_verified_on(
        day, verified_on=facts.verified_on, revoked_on=facts.revoked_on, closed_on=facts.closed_on
    ):
        raise Conflict(
            _("Usaha ini sudah terverifikasi sejak %(day)s.", day=format_day(facts.verified_on or day)),
            code="already_verified",
        )
    if facts.closed_on is not None and facts.closed_on <= day:
        raise RuleBroken(_("Usaha ini tercatat tutup. Buka kembali dulu, lalu verifikasi."), code="closed")


def _refuse_merged(seller: Seller) -> None:
    if seller.merged_into_id is not None:
        raise RuleBroken(_("Catatan ini sudah digabung ke usaha lain. Verifikasi usaha itu."), code="merged")


def _write_to_members(session: Session, seller: Seller, template: str, **context: str) -> None:
    """Tell the seller's people by mail; most have none and read it on their first screen."""
    query = (
        select(User.email, User.locale)
        .join(Membership, Membership.user_id == User.id)
        .where(
            Membership.seller_id == seller.id, Membership.is_active, User.email.is_not(None), User.is_active
        )
    )
    for email, locale in session.execute(query):
        mailing.send(
            session,
            to=str(email),
            template=template,
            locale=locale,
            seller=seller.name,
            url=mailing.address("/account/organization"),
            **context,
        )
