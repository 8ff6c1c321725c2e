"""A person claims the imported record of their own business; the office looks and decides."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from ... import audit, clock
from ...crypto import blind_index
from ...db import retry_on_conflict, unit_of_work
from ...errors import Conflict, InvalidInput, NotFound, SignInNeeded
from ...i18n import _
from ...permissions import Actor, Permission, Role
from .. import rules, versions
from ..models import Claim, Membership, Seller, SellerFacts
from . import common
from .members import grant_membership


@retry_on_conflict
def claim_seller(*, actor: Actor, owner_nik: str) -> list[Claim]:
    """Ask to be taken for the owner of every record that bears this NIK.

    Nothing of the records is shown before the office has agreed. Raises InvalidInput when no record bears
    the NIK, Conflict when all of them are asked for already.
    """
    if actor.user_id is None:
        raise SignInNeeded(_("Silakan masuk dulu."))
    problem = rules.nik_problem(owner_nik)
    if problem:
        raise InvalidInput(problem, {"owner_nik": problem})
    with unit_of_work() as session:
        wanted = _records(session, owner_nik)
        if not wanted:
            sentence = _("NIK ini belum ada di daftar Dinas. Daftarkan usaha Anda sebagai usaha baru.")
            raise InvalidInput(sentence, {"owner_nik": sentence})
        claims = [_claim(session, actor, seller) for seller in wanted if _is_free(session, actor, seller)]
        if not claims:
            raise Conflict(
                _("Usaha dengan NIK ini sudah Anda ajukan. Tunggu jawaban Dinas."), code="already_claimed"
            )
    return claims


def _records(session: Session, owner_nik: str) -> list[Seller]:
    query = (
        select(Seller)
        .join(SellerFacts, SellerFacts.seller_id == Seller.id)
        .where(
            SellerFacts.owner_key == blind_index(owner_nik),
            versions.facts_on(SellerFacts, clock.today()),
            Seller.merged_into_id.is_(None),
        )
        .order_by(Seller.id)
    )
    return list(session.scalars(query))


def _is_free(session: Session, actor: Actor, seller: Seller) -> bool:
    """Whether this person neither belongs to a seller nor waits for an answer about it."""
    member = select(Membership.id).where(
        Membership.user_id == actor.user_id, Membership.seller_id == seller.id, Membership.is_active
    )
    waiting = select(Claim.id).where(
        Claim.user_id == actor.user_id, Claim.seller_id == seller.id, Claim.decided_at.is_(None)
    )
    return session.scalar(member) is None and session.scalar(waiting) is None


def _claim(session: Session, actor: Actor, seller: Seller) -> Claim:
    assert actor.user_id is not None
    claim = Claim(seller_id=seller.id, user_id=actor.user_id, claimed_at=clock.now())
    session.add(claim)
    session.flush()
    facts = versions.one_on(session, SellerFacts, seller.id, clock.today())
    audit.record(session, actor, "seller.claimed", seller, region=facts.region_code if facts else "")
    return claim


@retry_on_conflict
def approve_claim(*, actor: Actor, claim_id: int) -> Claim:
    """The office has seen who it is: the person becomes the record's owner."""
    common.allow(actor, Permission.REGISTRY_EDIT)
    with unit_of_work() as session:
        claim, seller, facts = _lock(session, actor, claim_id)
        _decide(claim, actor, "approved", "")
        grant_membership(
            actor=actor, user_id=claim.user_id, role=Role.SELLER_OWNER, seller_id=claim.seller_id
        )
        audit.record(session, actor, "seller.claim_approved", seller, region=facts.region_code)
    return claim


@retry_on_conflict
def reject_claim(*, actor: Actor, claim_id: int, reason: str) -> Claim:
    """The office does not take this person for the owner, and says why."""
    common.allow(actor, Permission.REGISTRY_EDIT)
    reason = common.require_reason(reason)
    with unit_of_work() as session:
        claim, seller, facts = _lock(session, actor, claim_id)
        _decide(claim, actor, "rejected", reason)
        audit.record(session, actor, "seller.claim_rejected", seller, reason=reason, region=facts.region_code)
    return claim


def _lock(session: Session, actor: Actor, claim_id: int) -> tuple[Claim, Seller, SellerFacts]:
    claim = session.get(Claim, claim_id, with_for_update=True)
    if claim is None:
        raise NotFound(_("Klaim ini tidak ada, atau bukan untuk akun Anda."))
    seller, facts = common.lock_seller(session, actor, claim.seller_id)
    if claim.decided_at is not None:
        raise Conflict(_("Klaim ini sudah diputuskan petugas lain."), code="already_decided")
    return claim, seller, facts


def _decide(claim: Claim, actor: Actor, decision: str, reason: str) -> None:
    claim.decision, claim.reason = decision, reason
    claim.decided_at, claim.decided_by = clock.now(), actor.user_id
