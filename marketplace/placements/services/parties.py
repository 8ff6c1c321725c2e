"""The two parties of a document, locked in the one order, and the side of whoever acts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from ... import audit, mailing
from ...errors import NotFound
from ...i18n import _
from ...organizations.models import Outlet, Seller
from ...permissions import Actor
from .. import queries
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
