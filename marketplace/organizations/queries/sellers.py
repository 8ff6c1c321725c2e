"""One seller: its page for the office and its people, and its public storefront."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from sqlalchemy import and_, exists, select

from ... import clock
from ...accounts.models import User
from ...crypto import mask
from ...db import db
from ...errors import NotFound
from ...i18n import _
from ...permissions import Actor
from ...regions import queries as regions
from .. import rules, versions
from ..models import KbliCode, Operator, Seller, SellerFacts, SellerMerge, Verification
from ..rules import SellerState, SizeClass
from .registry import sentence_case
from .scope import sellers_visible_to
from .sizes import thresholds_on


@dataclass
class SellerPage:
    """Everything that the office and the seller's own people may read of a seller; personal data masked."""

    seller: Seller
    facts: SellerFacts
    day: date
    state: SellerState
    size: SizeClass
    place: str
    kbli_title: str
    affiliated_name: str
    kept: Seller | None
    merge: SellerMerge | None
    merged: Sequence[Seller] = field(default_factory=list)
    same_owner: Sequence[Seller] = field(default_factory=list)

    @property
    def is_coached(self) -> bool:
        """Whether it is under coaching today."""
        return rules.is_coached_on(self.day, self.seller.coached_since, self.seller.coached_until)

    @property
    def nik_masked(self) -> str:
        """The NIK as 3372************."""
        return mask(self.facts.owner_nik)

    @property
    def npwp_masked(self) -> str:
        """The NPWP with its first two digits."""
        return mask(self.seller.npwp, keep=2)

    @property
    def bank_masked(self) -> str:
        """The bank account with its last three digits."""
        return mask(self.seller.bank_account, keep=0, tail=3)

    @cached_property
    def whatsapp_url(self) -> str | None:
        """The chat link of the business phone."""
        return rules.whatsapp_url(self.seller.phone)


def seller_page(actor: Actor, seller_id: int) -> SellerPage:
    """A seller that the actor may see, as known today. Raises NotFound for a stranger's."""
    day = clock.today()
    row = db.session.execute(
        select(Seller, SellerFacts)
        .join(SellerFacts, and_(SellerFacts.seller_id == Seller.id, versions.facts_on(SellerFacts, day)))
        .where(Seller.id == seller_id, sellers_visible_to(actor))
    ).first()
    if row is None:
        raise NotFound(_("Usaha ini tidak ada, atau bukan untuk akun Anda."))
    seller, facts = row
    return SellerPage(
        seller=seller,
        facts=facts,
        day=day,
        state=_state(seller, facts, day),
        size=rules.size_class(
            facts.capital_rupiah, facts.annual_sales_rupiah, thresholds_on(db.session(), day)
        ),
        place=regions.full_name(facts.region_code),
        kbli_title=_kbli_title(seller),
        affiliated_name=operator_name(facts.affiliated_operator_ref),
        kept=db.session.get(Seller, seller.merged_into_id) if seller.merged_into_id else None,
        merge=db.session.scalar(select(SellerMerge).where(SellerMerge.duplicate_id == seller.id)),
        merged=db.session.scalars(select(Seller).where(Seller.merged_into_id == seller.id)).all(),
        same_owner=_same_owner(actor, seller, facts, day),
    )


def _state(seller: Seller, facts: SellerFacts, day: date) -> SellerState:
    waiting, rejected = db.session.execute(
        select(
            exists().where(Verification.seller_id == seller.id, Verification.decided_at.is_(None)),
            exists().where(Verification.seller_id == seller.id, Verification.decision == "rejected"),
        )
    ).one()
    return rules.state_on(
        day,
        verified_on=facts.verified_on,
        revoked_on=facts.revoked_on,
        closed_on=facts.closed_on,
        is_waiting=waiting,
        was_rejected=rejected,
        is_merged=seller.merged_into_id is not None,
    )


def _kbli_title(seller: Seller) -> str:
    if not seller.kbli_code:
        return ""
    row = db.session.get(KbliCode, (seller.kbli_version, seller.kbli_code))
    return sentence_case(row.title) if row else ""


def operator_name(operator_ref: str | None) -> str:
    """The name of a retailer by its reference; the reference itself while nobody knows it."""
    if not operator_ref:
        return ""
    name = db.session.scalar(select(Operator.name).where(Operator.operator_ref == operator_ref))
    return name or operator_ref


def _same_owner(actor: Actor, seller: Seller, facts: SellerFacts, day: date) -> Sequence[Seller]:
    query = (
        select(Seller)
        .join(SellerFacts, and_(SellerFacts.seller_id == Seller.id, versions.facts_on(SellerFacts, day)))
        .where(
            SellerFacts.owner_key == facts.owner_key,
            Seller.id != seller.id,
            Seller.merged_into_id.is_(None),
            sellers_visible_to(actor),
        )
        .order_by(Seller.seller_ref)
        .limit(20)
    )
    return db.session.scalars(query).all()


@dataclass(frozen=True)
class Decision:
    """One entry of the history of verification."""

    submitted_on: date
    submitted_by: str
    decided_on: date | None
    decided_by: str
    decision: str | None
    effective_on: date | None
    reason: str


def verification_history(seller_id: int | None = None, operator_id: int | None = None) -> list[Decision]:
    """Every request of a seller (or retailer) and its answer, newest first."""
    subject = Verification.seller_id == seller_id if seller_id else Verification.operator_id == operator_id
    rows = db.session.scalars(select(Verification).where(subject).order_by(Verification.id.desc())).all()
    names = user_names({i for row in rows for i in (row.submitted_by, row.decided_by) if i})
    return [
        Decision(
            submitted_on=clock.wib_day(row.submitted_at),
            submitted_by=names.get(row.submitted_by or 0, ""),
            decided_on=clock.wib_day(row.decided_at) if row.decided_at else None,
            decided_by=names.get(row.decided_by or 0, ""),
            decision=row.decision,
            effective_on=row.effective_on,
            reason=row.reason,
        )
        for row in rows
    ]


def user_names(ids: set[int]) -> dict[int, str]:
    """Names of people by id."""
    if not ids:
        return {}
    return dict(db.session.execute(select(User.id, User.name).where(User.id.in_(ids))).all())


@dataclass(frozen=True)
class Storefront:
    """What everybody may read of a seller: never an owner, a number of the state, an address or a sum."""

    id: int
    name: str
    story: str
    place: str
    region_code: str
    is_verified: bool
    verified_on: date | None
    is_closed: bool
    phone: str | None
    whatsapp_url: str | None


def storefront(seller_id: int, actor: Actor) -> Storefront | int:
    """A seller's public page, or the id of the seller that a merged record leads to.

    Raises NotFound; also for one that registered itself and was never verified, unless it is the actor's
    own or lies in their office's region.
    """
    day = clock.today()
    seller = db.session.get(Seller, seller_id)
    facts = versions.one_on(db.session(), SellerFacts, seller_id, day) if seller else None
    if seller is None or facts is None:
        raise NotFound(_("Usaha ini tidak ada."))
    if seller.merged_into_id is not None:
        return seller.merged_into_id
    state = _state(seller, facts, day)
    is_new = facts.verified_on is None and state in {SellerState.WAITING, SellerState.REJECTED}
    if is_new and actor.seller_id != seller_id and not actor.sees_region(facts.region_code):
        raise NotFound(_("Usaha ini tidak ada."))
    phone = seller.phone if seller.is_phone_public else None
    return Storefront(
        id=seller.id,
        name=seller.name,
        story=seller.story,
        place=regions.full_name(facts.region_code),
        region_code=facts.region_code,
        is_verified=state is SellerState.VERIFIED,
        verified_on=facts.verified_on if state is SellerState.VERIFIED else None,
        is_closed=state is SellerState.CLOSED,
        phone=phone,
        whatsapp_url=rules.whatsapp_url(phone),
    )


def seller_segments(seller_id: int) -> Sequence[SellerFacts]:
    """What is known now about all days of a seller, in their order."""
    return versions.segments(db.session(), SellerFacts, seller_id)
