"""The two parties of a document, locked in the one order, and the side of whoever acts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ... import audit, clock, mailing
from ...errors import NotFound
from ...i18n import _
from ...organizations.models import Operator, Outlet, Seller, SellerFacts
from ...organizations.versions import facts_on
from ...permissions import Actor
from .. import queries
from ..papers import Buyer, Paper
from ..queries.parties import Person
from ..rules import Side
from .common import lock_parties, outlet_facts


@dataclass
class Parties:
    """Outlet and seller under their locks; `side` is None for an officer of the outlet's region."""

    outlet: Outlet
    seller: Seller
    operator_id: int
    region: str
    side: Side | None

    def name_of(self, side: Side | None) -> str:
        """What a side is called."""
        if side is None:
            return _("Dinas")
        return self.seller.name if side is Side.SELLER else self.outlet.name


def no_paper() -> NotFound:
    """What a stranger hears, and whoever asks for what is not there."""
    return NotFound(_("Dokumen ini tidak ada, atau bukan untuk akun Anda."))


def lock_as(session: Session, actor: Actor, outlet_id: int, seller_id: int) -> Parties:
    """Lock outlet, then seller, and find the actor's side. NotFound for a stranger; an officer has none."""
    outlet, seller = lock_parties(session, outlet_id, seller_id)
    facts = outlet_facts(session, outlet.id)
    side = queries.side_of(session, actor, seller_id=seller.id, operator_id=facts.operator_id)
    if side is None and not actor.sees_region(facts.region_code):
        raise no_paper()
    return Parties(outlet, seller, facts.operator_id, facts.region_code, side)


@dataclass(frozen=True)
class Voices:
    """Who talks on a document: in whose name the actor writes (None: the office's), what each side is called,
    and who is written to."""

    side: Side | None
    region: str
    names: Mapping[Side, str]
    people: Callable[[Side], Sequence[Person]]

    def name_of(self, side: Side | None) -> str:
        """What a side is called."""
        return self.names[side] if side else _("Dinas")


def voices_on(session: Session, actor: Actor, paper: Paper) -> Voices:
    """Who talks on a document, its parties locked. NotFound for a stranger to it or to its page."""
    if paper.permission is not None and not actor.can(paper.permission):
        raise no_paper()
    if paper.buyer is not None:
        return _beside_buyer(session, actor, paper, paper.buyer)
    assert paper.outlet_id is not None
    parties = lock_as(session, actor, paper.outlet_id, paper.seller_id)
    seller, operator_id = parties.seller, parties.operator_id
    return Voices(
        parties.side,
        parties.region,
        {Side.SELLER: seller.name, Side.OUTLET: parties.outlet.name},
        lambda side: queries.people_of(session, side, seller=seller, operator_id=operator_id),
    )


def side_on(session: Session, actor: Actor, paper: Paper) -> Side | None:
    """The actor's side of a document, a buyer's being that of the outlet. None for everybody else."""
    if paper.buyer is None:
        assert paper.outlet_id is not None
        return queries.side_at(session, actor, outlet_id=paper.outlet_id, seller_id=paper.seller_id)
    operator_id = paper.buyer.operator_id
    if actor.buyer_id is not None and actor.buyer_id == operator_id:
        return Side.OUTLET
    return queries.side_of(session, actor, seller_id=paper.seller_id, operator_id=operator_id)


def _beside_buyer(session: Session, actor: Actor, paper: Paper, buyer: Buyer) -> Voices:
    seller = session.get_one(Seller, paper.seller_id, with_for_update={"key_share": True})
    facts = facts_on(SellerFacts, clock.today())
    region = session.scalar(select(SellerFacts.region_code).where(SellerFacts.seller_id == seller.id, facts))
    side = side_on(session, actor, paper)
    if side is None and not (buyer.office_reads and actor.sees_region(region or "")):
        raise no_paper()

    def people(one: Side) -> Sequence[Person]:
        if one is Side.OUTLET:
            return buyer.people(session)
        return queries.people_of(session, one, seller=seller, operator_id=buyer.operator_id)

    name = session.get_one(Operator, buyer.operator_id).name
    return Voices(side, region or "", {Side.SELLER: seller.name, Side.OUTLET: name}, people)


def lock_as_side(session: Session, actor: Actor, outlet_id: int, seller_id: int, side: Side) -> Parties:
    """The same for an act that only one side does. NotFound for everybody else."""
    parties = lock_as(session, actor, outlet_id, seller_id)
    if parties.side is not side:
        raise no_paper()
    return parties


def record(
    session: Session, actor: Actor, parties: Parties, action: str, subject: Any, **details: Any
) -> None:
    """The act in the audit log, under the outlet's region."""
    audit.record(session, actor, action, subject, region=parties.region, **details)


def tell(session: Session, parties: Parties, side: Side, template: str, path: str, **words: Any) -> None:
    """Promise a mail to the people who answer for one side."""
    for person in queries.people_of(session, side, seller=parties.seller, operator_id=parties.operator_id):
        mailing.send(
            session,
            to=person.email,
            template=template,
            locale=person.locale,
            name=person.name,
            seller=parties.seller.name,
            outlet=parties.outlet.name,
            url=mailing.address(path),
            **words,
        )
