"""What waits for the office: requests to be verified, and claims."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import and_, func, select

from ... import clock
from ...accounts.models import User
from ...crypto import mask
from ...db import db
from ...permissions import Actor
from ...regions import queries as regions
from .. import rules, versions
from ..models import Claim, Membership, Operator, Seller, SellerFacts, Verification
from ..rules import SizeClass
from .sizes import thresholds_on
from .slices import Slice, cut

QUEUE_SIZE = 10


@dataclass(frozen=True)
class Waiting:
    """One seller in the queue, with what the officer looks at; `doubts` are sentences to check first."""

    seller: Seller
    facts: SellerFacts
    place: str
    submitted_on: date
    days: int
    nik_masked: str
    size: SizeClass
    doubts: Sequence[str]


@dataclass(frozen=True)
class WaitingOperator:
    """One retailer in the queue."""

    operator: Operator
    place: str
    submitted_on: date
    days: int


@dataclass(frozen=True)
class QueueCounts:
    """How much waits: sellers, retailers, claims; and since how many days the oldest seller."""

    sellers: int
    operators: int
    claims: int
    oldest_days: int

    @property
    def total(self) -> int:
        """All of it."""
        return self.sellers + self.operators + self.claims


def queue_counts(actor: Actor) -> QueueCounts:
    """How much waits in the actor's region."""
    waiting = (Verification.decided_at.is_(None), regions.within(Verification.region_code, actor.region))
    sellers, oldest = db.session.execute(
        select(func.count(), func.min(Verification.submitted_at)).where(
            *waiting, Verification.seller_id.is_not(None)
        )
    ).one()
    operators = db.session.scalar(select(func.count()).where(*waiting, Verification.operator_id.is_not(None)))
    claims = db.session.scalar(select(func.count()).select_from(_claims(actor).subquery()))
    days = (clock.today() - clock.wib_day(oldest)).days if sellers else 0
    return QueueCounts(sellers, int(operators or 0), int(claims or 0), days)


def waiting_sellers(actor: Actor, number: int) -> Slice[Waiting]:
    """The sellers that wait, oldest first."""
    day = clock.today()
    query = (
        select(Verification.submitted_at, Seller, SellerFacts)
        .join(Seller, Seller.id == Verification.seller_id)
        .join(SellerFacts, and_(SellerFacts.seller_id == Seller.id, versions.facts_on(SellerFacts, day)))
        .where(Verification.decided_at.is_(None), regions.within(Verification.region_code, actor.region))
        .order_by(Verification.submitted_at, Verification.id)
    )
    rows, number, total = cut(query, number, QUEUE_SIZE)
    places = regions.full_names({facts.region_code for _at, _seller, facts in rows})
    provinces = {place.code for place in regions.children(None)}
    thresholds = thresholds_on(db.session(), day)
    items = [
        Waiting(
            seller=seller,
            facts=facts,
            place=places.get(facts.region_code, facts.region_code),
            submitted_on=clock.wib_day(submitted_at),
            days=(day - clock.wib_day(submitted_at)).days,
            nik_masked=mask(facts.owner_nik),
            size=rules.size_class(facts.capital_rupiah, facts.annual_sales_rupiah, thresholds),
            doubts=_doubts(seller, facts, provinces, day),
        )
        for submitted_at, seller, facts in rows
    ]
    return Slice(items, number, total, QUEUE_SIZE)


def _doubts(seller: Seller, facts: SellerFacts, provinces: set[str], day: date) -> list[str]:
    """What an officer should check first, in sentences."""
    found: list[str] = []
    if not facts.owner_nik:
        found.append(rules.doubt_no_nik())
    else:
        found += [warning for warning in [rules.nik_warning(facts.owner_nik, provinces)] if warning]
    found += rules.twin_doubts(_same_owner(seller, facts, day), _same_phone(seller))
    return found


def _same_owner(seller: Seller, facts: SellerFacts, day: date) -> int:
    query = select(func.count()).where(
        SellerFacts.owner_key == facts.owner_key,
        SellerFacts.seller_id != seller.id,
        versions.facts_on(SellerFacts, day),
    )
    return int(db.session.scalar(query) or 0)


def _same_phone(seller: Seller) -> int:
    if not seller.phone:
        return 0
    query = select(func.count()).where(
        Seller.phone == seller.phone, Seller.id != seller.id, Seller.merged_into_id.is_(None)
    )
    return int(db.session.scalar(query) or 0)


def waiting_operators(actor: Actor) -> list[WaitingOperator]:
    """The retailers that registered themselves and wait, oldest first."""
    query = (
        select(Verification.submitted_at, Operator)
        .join(Operator, Operator.id == Verification.operator_id)
        .where(Verification.decided_at.is_(None), regions.within(Verification.region_code, actor.region))
        .order_by(Verification.submitted_at)
        .limit(100)
    )
    rows = db.session.execute(query).all()
    places = regions.full_names({operator.region_code or "" for _at, operator in rows})
    today = clock.today()
    return [
        WaitingOperator(
            operator,
            places.get(operator.region_code or "", ""),
            clock.wib_day(at),
            (today - clock.wib_day(at)).days,
        )
        for at, operator in rows
    ]


@dataclass(frozen=True)
class WaitingClaim:
    """A person who says that a record is theirs, beside that record."""

    claim: Claim
    seller: Seller
    facts: SellerFacts
    place: str
    person: User
    claimed_on: date
    has_people: bool
    same_phone: bool


def waiting_claims(actor: Actor) -> list[WaitingClaim]:
    """The claims that wait in the actor's region, oldest first."""
    rows = db.session.execute(_claims(actor).order_by(Claim.id).limit(100)).all()
    places = regions.full_names({facts.region_code for _claim, _seller, facts, _user in rows})
    return [
        WaitingClaim(
            claim=claim,
            seller=seller,
            facts=facts,
            place=places.get(facts.region_code, facts.region_code),
            person=person,
            claimed_on=clock.wib_day(claim.claimed_at),
            has_people=_has_people(seller.id),
            same_phone=bool(person.phone) and person.phone == seller.phone,
        )
        for claim, seller, facts, person in rows
    ]


def _claims(actor: Actor) -> Any:
    day = clock.today()
    return (
        select(Claim, Seller, SellerFacts, User)
        .join(Seller, Seller.id == Claim.seller_id)
        .join(SellerFacts, and_(SellerFacts.seller_id == Seller.id, versions.facts_on(SellerFacts, day)))
        .join(User, User.id == Claim.user_id)
        .where(Claim.decided_at.is_(None), regions.within(SellerFacts.region_code, actor.region))
    )


def _has_people(seller_id: int) -> bool:
    query = select(Membership.id).where(Membership.seller_id == seller_id, Membership.is_active).limit(1)
    return db.session.scalar(query) is not None


def claims_of(user_id: int) -> list[tuple[Claim, date]]:
    """A person's own claims with the day each was made, newest first."""
    query = select(Claim).where(Claim.user_id == user_id).order_by(Claim.id.desc())
    return [(claim, clock.wib_day(claim.claimed_at)) for claim in db.session.scalars(query)]


def own_request(seller_id: int) -> Verification | None:
    """The latest request of a seller, for its own people."""
    query = select(Verification).where(Verification.seller_id == seller_id).order_by(Verification.id.desc())
    return db.session.scalars(query.limit(1)).first()
