"""What every act on an agreement does first: lock in one order, read anew, find the actor's side."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ... import audit, clock, mailing, signals
from ...errors import NotFound
from ...i18n import _
from ...organizations.models import Outlet, OutletFacts, Seller
from ...organizations.versions import facts_on
from ...permissions import Actor
from .. import queries
from ..models import Agreement, AgreementVersion, Suspension, VersionState
from ..rules import Condition, Course, Days, Side, Verb, asked_of, require, state_on, talk_on


@dataclass
class Held:
    """An agreement under its locks, with its parties and the side that acts."""

    agreement: Agreement
    outlet: Outlet
    seller: Seller
    outlet_region: str
    operator_id: int
    outlet_kind: str
    side: Side
    suspensions: list[Suspension]
    waiting: AgreementVersion | None = None

    @property
    def course(self) -> Course:
        """What decides about its days."""
        row = self.agreement
        pauses = [Days(pause.first_day, pause.end_day) for pause in self.suspensions]
        return Course(row.state, row.starts_on, row.ends_on, row.terminated_on, row.reply_by, pauses)

    def condition(self, day: date) -> Condition:
        """What it is on a day."""
        return state_on(self.course, day)

    def talk(self, day: date) -> Condition | None:
        """What the version on the table is on a day; None when none is."""
        if self.waiting is None:
            return None
        is_over = self.condition(day) is Condition.ENDED
        return Condition.LAPSED if is_over else talk_on(self.waiting.reply_by, day)

    def party(self, side: Side) -> str:
        """What a side is called."""
        return self.seller.name if side is Side.SELLER else self.outlet.name


@dataclass(frozen=True)
class Refused:
    """A pair that a proposal to many could not be made to, and why."""

    outlet_id: int
    seller_id: int
    sentence: str
    code: str


@dataclass(frozen=True)
class Proposed:
    """What came of a proposal to many pairs at once."""

    made: list[Agreement]
    refused: list[Refused]


def lock_parties(session: Session, outlet_id: int, seller_id: int) -> tuple[Outlet, Seller]:
    """Lock outlet, then seller: every act on an agreement takes them in this order. NotFound when absent."""
    outlet = session.scalar(
        select(Outlet)
        .where(Outlet.id == outlet_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    seller = session.scalar(
        select(Seller)
        .where(Seller.id == seller_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if outlet is None or seller is None:
        raise NotFound(_("Toko atau usaha ini tidak ada, atau bukan untuk akun Anda."))
    return outlet, seller


def outlet_facts(session: Session, outlet_id: int) -> OutletFacts:
    """What is known today of an outlet."""
    query = select(OutletFacts).where(
        OutletFacts.outlet_id == outlet_id, facts_on(OutletFacts, clock.today())
    )
    return session.scalars(query).one()


def hold(session: Session, actor: Actor, agreement_id: int, verb: Verb) -> Held:
    """The agreement, locked and read anew, once the actor is found to be a party that may do this now.

    Raises NotFound for a stranger, Forbidden for a role that may not, RuleBroken for an act out of turn.
    """
    parties = session.execute(
        select(Agreement.outlet_id, Agreement.seller_id).where(Agreement.id == agreement_id)
    ).one_or_none()
    if parties is None:
        raise no_agreement()
    outlet, seller = lock_parties(session, parties.outlet_id, parties.seller_id)
    agreement = session.get_one(Agreement, agreement_id, with_for_update=True, populate_existing=True)
    facts = outlet_facts(session, outlet.id)
    side = queries.side_of(session, actor, seller_id=seller.id, operator_id=facts.operator_id)
    if side is None:
        raise no_agreement()
    held = Held(
        agreement=agreement,
        outlet=outlet,
        seller=seller,
        outlet_region=facts.region_code,
        operator_id=facts.operator_id,
        outlet_kind=facts.kind,
        side=side,
        suspensions=list(
            session.scalars(
                select(Suspension)
                .where(Suspension.agreement_id == agreement_id)
                .order_by(Suspension.first_day)
                .execution_options(populate_existing=True)
            )
        ),
        waiting=waiting_version(session, agreement_id),
    )
    today = clock.today()
    by = held.waiting.proposed_by_side if held.waiting else agreement.proposed_by_side
    condition = asked_of(verb, held.condition(today), held.talk(today))
    act = require(verb, condition=condition, side=side, proposed_by=Side(by) if by else None)
    actor.require(act.permission)
    return held


def waiting_version(session: Session, agreement_id: int) -> AgreementVersion | None:
    """The version of an agreement that waits for an answer, locked and read anew."""
    return session.scalar(
        select(AgreementVersion)
        .where(
            AgreementVersion.agreement_id == agreement_id,
            AgreementVersion.state == VersionState.PROPOSED.value,
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def no_agreement() -> NotFound:
    """What a stranger hears, and whoever asks for one that is not there."""
    return NotFound(_("Perjanjian ini tidak ada, atau bukan untuk akun Anda."))


def record(session: Session, actor: Actor, held: Held, action: str, **details: Any) -> None:
    """The act in the audit log, under the outlet's region."""
    audit.record(session, actor, f"agreement.{action}", held.agreement, region=held.outlet_region, **details)


def evidence_from(session: Session, outlet_id: int, day: date) -> None:
    """Tell whoever counts that this outlet may count differently from a day on."""
    signals.evidence_changed.send(session, outlets=[(outlet_id, day)])


def tell(session: Session, held: Held, side: Side, template: str, **words: Any) -> None:
    """Promise a mail to the people who answer for one side; a side without an address is told on screen."""
    row, version = held.agreement, held.waiting
    terms = version or row
    for person in queries.people_of(session, side, seller=held.seller, operator_id=held.operator_id):
        mailing.send(
            session,
            to=person.email,
            template=template,
            locale=person.locale,
            **{
                "name": person.name,
                "seller": held.seller.name,
                "outlet": held.outlet.name,
                "url": mailing.address(f"/agreements/{row.id}"),
                "starts_on": terms.starts_on.isoformat(),
                "ends_on": terms.ends_on.isoformat() if terms.ends_on else None,
                "reply_by": terms.reply_by.isoformat() if terms.reply_by else None,
                "valid_from": version.valid_from.isoformat() if version else None,
                "commission": str(terms.commission_percent) if terms.commission_percent is not None else None,
                **words,
            },
        )
