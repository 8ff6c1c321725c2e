"""Mails about a day of a standing order that brought no order: to both, with the reason."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from ... import mailing
from ...i18n import N_
from ...organizations.models import Operator, Seller
from ...placements.queries.parties import people_of
from ...placements.rules import Side
from ..models import RunOutcome, StandingOrder, StandingRun
from ..rules.paths import standing_path
from .quote_letters import person_of

WORDS = {
    RunOutcome.WAITING: N_("Belum dipesan: pembeli perlu menyetujui harganya dulu."),
    RunOutcome.FAILED: N_("Tidak ada pesanan untuk hari itu."),
    RunOutcome.MISSED: N_("Tidak ada pesanan untuk hari itu."),
}


def tell_of_run(session: Session, standing: StandingOrder, run: StandingRun) -> None:
    """Promise the mails."""
    seller = session.get_one(Seller, standing.seller_id)
    people = [
        *person_of(session, standing.made_by),
        *people_of(session, Side.SELLER, seller=seller, operator_id=standing.operator_id),
    ]
    buyer = session.scalars(select(Operator.name).where(Operator.id == standing.operator_id)).one()
    for person in people:
        mailing.send(
            session,
            to=person.email,
            template="standing_note",
            locale=person.locale,
            name=person.name,
            seller=seller.name,
            buyer=buyer,
            day=run.day.isoformat(),
            words=WORDS[RunOutcome(run.outcome)],
            reason=run.reason,
            url=mailing.address(standing_path(standing.id)),
        )
