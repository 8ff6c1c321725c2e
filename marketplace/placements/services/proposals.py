"""Proposals, counter-offers and changes: what one side puts on the table for the other to answer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ... import clock, documents, mailing
from ...db import retry_on_conflict, unit_of_work
from ...errors import Conflict, InvalidInput, RuleBroken
from ...i18n import _, format_day
from ...organizations.models import Seller
from ...permissions import Actor, Permission
from .. import queries
from ..models import Agreement, AgreementState, AgreementVersion, Basis, VersionState
from ..offers import Draft, Offer
from ..rules import Side, Verb, days_in_force
from ..rules.drafts import change_problems
from .answers import last_accepted, on_table
from .bulk import lock_outlets
from .common import Held, Proposed, Refused, hold, lock_parties, no_agreement, outlet_facts, record, tell
from .drafts import (
    answer,
    check_draft,
    check_fees,
    check_free,
    check_parties,
    check_products,
    copy_terms,
    new_reference,
    refuse,
    said,
    tidy,
    write_version,
)

MAX_OFFERS = 300


@retry_on_conflict
def propose_agreement(*, actor: Actor, offer: Offer) -> Agreement:
    """Propose a placement: the seller to an outlet, or the outlet's operator to a seller.

    Raises NotFound when the actor is neither, InvalidInput for terms that cannot be, RuleBroken for a fee
    that the law forbids, Conflict when the same two have an agreement or an open proposal for these days.
    """
    actor.require(Permission.AGREEMENT_PROPOSE)
    with unit_of_work() as session:
        held = _propose(session, actor, offer)
        tell(session, held, held.side.other, "agreement_proposed", by=held.party(held.side))
        return held.agreement


@retry_on_conflict
def propose_agreements(*, actor: Actor, offers: Sequence[Offer]) -> Proposed:
    """Propose to many pairs at once: a chain for its outlets, to several sellers. One mail for each side.

    A pair that cannot be proposed to (an agreement or an open proposal is there, a fee is forbidden, it
    has closed) is reported and the others are made. Terms that cannot be refuse all of them. Sent twice,
    the second time every pair says that a proposal is waiting.
    """
    actor.require(Permission.AGREEMENT_PROPOSE)
    if not 1 <= len(offers) <= MAX_OFFERS:
        raise InvalidInput(
            _(
                "Pilih paling sedikit satu toko dan satu usaha, paling banyak %(most)d pasangan.",
                most=MAX_OFFERS,
            )
        )
    with unit_of_work() as session:
        lock_outlets(session, (offer.outlet_id for offer in offers))
        _lock_sellers(session, (offer.seller_id for offer in offers))
        group, made, refused = documents.new_code() if len(offers) > 1 else "", [], []
        for offer in sorted(offers, key=lambda one: (one.outlet_id, one.seller_id)):
            try:
                made.append(_propose(session, actor, offer, group_code=group))
            except (RuleBroken, Conflict) as error:
                refused.append(Refused(offer.outlet_id, offer.seller_id, error.message, error.code))
        _tell_many(session, made)
        return Proposed([held.agreement for held in made], refused)


def _lock_sellers(session: Session, seller_ids: Iterable[int]) -> None:
    wanted = sorted(set(seller_ids))
    query = select(Seller.id).where(Seller.id.in_(wanted)).order_by(Seller.id)
    session.execute(query.with_for_update(key_share=True)).all()


def _propose(session: Session, actor: Actor, offer: Offer, *, group_code: str = "") -> Held:
    outlet, seller = lock_parties(session, offer.outlet_id, offer.seller_id)
    facts = outlet_facts(session, outlet.id)
    side = queries.side_of(session, actor, seller_id=seller.id, operator_id=facts.operator_id)
    if side is None:
        raise no_agreement()
    today, draft = clock.today(), tidy(replace(offer, valid_from=None))
    check_draft(draft, today)
    check_parties(session, seller, facts, draft.starts_on)
    check_products(session, draft.goods, [seller.id])
    check_fees(session, seller, facts.kind, draft.fees, today)
    days = days_in_force(draft.starts_on, draft.ends_on, None)
    check_free(session, outlet.id, seller.id, draft.basis, days, with_proposals=True)
    now = clock.now()
    agreement = Agreement(
        agreement_ref=new_reference(session, today),
        outlet_id=outlet.id,
        seller_id=seller.id,
        basis=draft.basis.value,
        state=AgreementState.PROPOSED.value,
        starts_on=draft.starts_on,
        ends_on=draft.ends_on,
        commission_percent=draft.commission_percent,
        settlement_days=draft.due_days,
        proposed_by_side=side.value,
        reply_by=draft.reply_by,
        created_at=now,
    )
    session.add(agreement)
    session.flush()
    version = write_version(
        session, agreement.id, draft, number=1, side=side, actor=actor, now=now, group_code=group_code
    )
    held = Held(
        agreement, outlet, seller, facts.region_code, facts.operator_id, facts.kind, side, [], version
    )
    record(session, actor, held, "proposed", after=said(version))
    return held


def _tell_many(session: Session, made: Sequence[Held]) -> None:
    """One mail to each party that was asked, however many proposals it got."""
    by_party: dict[tuple[Side, int], list[Held]] = {}
    for held in made:
        asked = held.side.other
        party = held.seller.id if asked is Side.SELLER else held.operator_id
        by_party.setdefault((asked, party), []).append(held)
    for (asked, _party), helds in by_party.items():
        first = helds[0]
        if len(helds) == 1:
            tell(session, first, asked, "agreement_proposed", by=first.party(first.side))
            continue
        tell(
            session,
            first,
            asked,
            "agreements_proposed",
            by=first.party(first.side),
            pairs=[f"{held.seller.name} – {held.outlet.name}" for held in helds],
            url=mailing.address("/agreements?condition=proposed"),
        )


@retry_on_conflict
def counter_agreement(*, actor: Actor, agreement_id: int, version_id: int, draft: Draft) -> AgreementVersion:
    """Answer the version on the table with other terms: it is countered, and the other side is asked.

    `version_id` is the version that the answer is about. Raises as propose_agreement does, and Conflict
    when another version is on the table by now.
    """
    with unit_of_work() as session:
        held = hold(session, actor, agreement_id, Verb.COUNTER)
        old = on_table(held, version_id)
        today, row = clock.today(), held.agreement
        if row.state == AgreementState.ACCEPTED:
            draft = _as_change(session, held, draft, today)
        else:
            draft = tidy(replace(draft, valid_from=None))
            check_draft(draft, today)
            days = days_in_force(draft.starts_on, draft.ends_on, None)
            check_free(session, row.outlet_id, row.seller_id, draft.basis, days, without=row.id)
        _check_content(session, held, draft, today)
        answer(old, VersionState.COUNTERED, actor)
        session.flush()
        new = _put_on_table(session, actor, held, draft)
        if row.state == AgreementState.PROPOSED:
            copy_terms(row, new)
            row.proposed_by_side, row.reply_by = new.proposed_by_side, new.reply_by
        record(session, actor, held, "countered", before=said(old), after=said(new))
        tell(session, held, held.side.other, "agreement_countered", by=held.party(held.side))
        return new


@retry_on_conflict
def propose_change(*, actor: Actor, agreement_id: int, draft: Draft) -> AgreementVersion:
    """Propose other terms for a running agreement, or a later last day (which renews it).

    They hold from `draft.valid_from`, never for the past, and only once the other side accepts.
    """
    with unit_of_work() as session:
        held = hold(session, actor, agreement_id, Verb.CHANGE)
        today = clock.today()
        if held.waiting is not None and held.talk(today) is not None:
            _clear_table(session, held, today)
        draft = _as_change(session, held, draft, today)
        _check_content(session, held, draft, today)
        new = _put_on_table(session, actor, held, draft)
        record(session, actor, held, "change_proposed", after=said(new))
        tell(session, held, held.side.other, "agreement_change_proposed", by=held.party(held.side))
        return new


def _clear_table(session: Session, held: Held, today: date) -> None:
    """Take away a change that nobody answered in time; refuse while one can still be answered."""
    waiting = held.waiting
    assert waiting is not None
    if waiting.reply_by is None or waiting.reply_by >= today:
        raise Conflict(
            _("Masih ada usulan perubahan yang menunggu jawaban. Jawab atau tarik dulu yang itu."),
            code="change_waiting",
        )
    answer(waiting, VersionState.WITHDRAWN, None)
    session.flush()
    held.waiting = None


def _as_change(session: Session, held: Held, draft: Draft, today: date) -> Draft:
    """A draft as a change of a running agreement: its first day and its basis stay what they are."""
    row = held.agreement
    if row.terminated_on is not None:
        raise RuleBroken(
            _(
                "Perjanjian ini sudah diakhiri mulai %(day)s. Ajukan perjanjian baru bila ingin meneruskan.",
                day=format_day(row.terminated_on),
            ),
            code="agreement_terminated",
        )
    latest = last_accepted(session, row.id)
    valid_from = draft.valid_from or max(today, latest.valid_from)
    draft = tidy(replace(draft, starts_on=row.starts_on, basis=Basis(row.basis), valid_from=valid_from))
    check_draft(draft, today)
    refuse(change_problems(draft, today=today, not_before=latest.valid_from))
    days = days_in_force(max(draft.starts_on, today), draft.ends_on, None)
    check_free(session, row.outlet_id, row.seller_id, draft.basis, days, without=row.id)
    return draft


def _check_content(session: Session, held: Held, draft: Draft, today: date) -> None:
    sellers = {held.seller.id, held.seller.merged_into_id or held.seller.id}
    check_products(session, draft.goods, sellers)
    check_fees(session, held.seller, held.outlet_kind, draft.fees, today)


def _put_on_table(session: Session, actor: Actor, held: Held, draft: Draft) -> AgreementVersion:
    number = session.scalar(
        select(func.max(AgreementVersion.number)).where(AgreementVersion.agreement_id == held.agreement.id)
    )
    held.waiting = write_version(
        session,
        held.agreement.id,
        draft,
        number=(number or 0) + 1,
        side=held.side,
        actor=actor,
        now=clock.now(),
    )
    return held.waiting
