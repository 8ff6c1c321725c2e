"""From proposal to answer. Nothing is accepted by silence."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from ... import clock, documents
from ...catalog.models import Product
from ...db import retry_on_conflict, unit_of_work
from ...errors import Conflict, InvalidInput, NotFound, RuleBroken
from ...i18n import _, format_day
from ...organizations.models import OutletFacts, Seller, SellerFacts
from ...organizations.versions import facts_on
from ...permissions import Actor, Permission
from .. import queries
from ..models import Agreement, AgreementProduct, AgreementState, Basis
from ..offers import Offer
from ..rules import Condition, Days, Side, Verb, days_in_force, first_overlap
from .common import Held, evidence_from, hold, lock_parties, no_agreement, outlet_facts, record, tell

MAX_PRODUCTS = 50
MAX_REPLY_DAYS = 90
MAX_TEXT = 10_000


@retry_on_conflict
def propose_agreement(*, actor: Actor, offer: Offer) -> Agreement:
    """Propose a placement: the seller to an outlet, or the outlet's operator to a seller.

    Raises NotFound when the actor is neither, InvalidInput for terms that cannot be, Conflict when the same
    two have an agreement or an open proposal for these days.
    """
    actor.require(Permission.AGREEMENT_PROPOSE)
    with unit_of_work() as session:
        outlet, seller = lock_parties(session, offer.outlet_id, offer.seller_id)
        facts = outlet_facts(session, outlet.id)
        side = queries.side_of(session, actor, seller_id=seller.id, operator_id=facts.operator_id)
        if side is None:
            raise no_agreement()
        today = clock.today()
        _check_offer(offer, today)
        _check_parties(session, seller, facts, offer, today)
        _check_products(session, offer)
        days = days_in_force(offer.starts_on, offer.ends_on, None)
        _check_free(session, offer.outlet_id, offer.seller_id, offer.basis, days, with_proposals=True)
        now = clock.now()
        agreement = Agreement(
            agreement_ref=_new_reference(session, today),
            outlet_id=outlet.id,
            seller_id=seller.id,
            basis=offer.basis.value,
            state=AgreementState.PROPOSED.value,
            starts_on=offer.starts_on,
            ends_on=offer.ends_on,
            commission_percent=offer.commission_percent,
            settlement_days=offer.settlement_days,
            terms=offer.terms,
            proposed_by_side=side.value,
            proposed_by=actor.user_id,
            proposed_at=now,
            reply_by=offer.reply_by,
            created_at=now,
        )
        session.add(agreement)
        session.flush()
        session.add_all(
            AgreementProduct(agreement_id=agreement.id, product_id=product_id)
            for product_id in dict.fromkeys(offer.product_ids)
        )
        held = Held(agreement, outlet, seller, facts.region_code, facts.operator_id, side, [])
        record(session, actor, held, "proposed", after=_terms(agreement))
        tell(session, held, side.other, "agreement_proposed", by=_party(held, side))
        return agreement


@retry_on_conflict
def accept_agreement(*, actor: Actor, agreement_id: int) -> Agreement:
    """The asked side says yes: the agreement holds from its first day, or from today when that has passed.

    Raises RuleBroken once it was answered, withdrawn or has lapsed; of two who accept at once, one does.
    """
    with unit_of_work() as session:
        held = hold(session, actor, agreement_id, Verb.ACCEPT)
        row, today = held.agreement, clock.today()
        before = {"state": row.state, "starts_on": row.starts_on}
        starts_on = max(row.starts_on, today)
        if row.ends_on is not None and row.ends_on < starts_on:
            raise RuleBroken(
                _(
                    "Hari terakhir yang ditawarkan, %(day)s, sudah lewat. Minta tawaran baru.",
                    day=format_day(row.ends_on),
                ),
                code="agreement_over",
            )
        days = days_in_force(starts_on, row.ends_on, None)
        _check_free(session, row.outlet_id, row.seller_id, Basis(row.basis), days, without=row.id)
        row.starts_on = starts_on
        _answer(row, AgreementState.ACCEPTED, actor)
        record(session, actor, held, "accepted", before=before, after=_terms(row))
        tell(session, held, held.side.other, "agreement_accepted", by=_party(held, held.side))
        evidence_from(session, row.outlet_id, row.starts_on)
        return row


@retry_on_conflict
def decline_agreement(*, actor: Actor, agreement_id: int, reason: str) -> Agreement:
    """The asked side says no and why, so that the next proposal may be better."""
    with unit_of_work() as session:
        held = hold(session, actor, agreement_id, Verb.DECLINE)
        row = held.agreement
        _require_reason(reason, _("Tulis alasan singkat, supaya pengusul tahu apa yang perlu diubah."))
        _answer(row, AgreementState.DECLINED, actor, reason)
        record(session, actor, held, "declined", before={"state": "proposed"}, reason=reason)
        tell(session, held, held.side.other, "agreement_declined", by=_party(held, held.side), reason=reason)
        return row


@retry_on_conflict
def withdraw_agreement(*, actor: Actor, agreement_id: int, reason: str = "") -> Agreement:
    """The proposing side takes its proposal back before it was answered."""
    with unit_of_work() as session:
        held = hold(session, actor, agreement_id, Verb.WITHDRAW)
        row = held.agreement
        _answer(row, AgreementState.WITHDRAWN, actor, reason)
        record(session, actor, held, "withdrawn", before={"state": "proposed"}, reason=reason)
        tell(session, held, held.side.other, "agreement_withdrawn", by=_party(held, held.side), reason=reason)
        return row


def _answer(row: Agreement, state: AgreementState, actor: Actor, reason: str = "") -> None:
    row.state = state.value
    row.answered_by, row.answered_at, row.answer_reason = actor.user_id, clock.now(), reason


def _party(held: Held, side: Side) -> str:
    return held.seller.name if side is Side.SELLER else held.outlet.name


def _terms(row: Agreement) -> dict[str, object]:
    names = ("state", "basis", "starts_on", "ends_on", "commission_percent", "settlement_days", "reply_by")
    return {name: getattr(row, name) for name in names}


def _new_reference(session: Session, day: date) -> str:
    """A reference of Etalase's own; cities number their imported agreements themselves."""
    while True:
        number = documents.next_number(session, f"agreements-{day.year}")
        reference = f"ET-{day.year}-{number:05d}"
        if session.scalar(select(Agreement.id).where(Agreement.agreement_ref == reference)) is None:
            return reference


def _require_reason(reason: str, sentence: str) -> None:
    if not reason:
        raise InvalidInput(sentence, fields={"reason": sentence})


def _check_offer(offer: Offer, today: date) -> None:
    """The terms by themselves."""
    latest = date.fromordinal(today.toordinal() + MAX_REPLY_DAYS)
    wrong = {}
    if offer.starts_on < today:
        wrong["starts_on"] = _("Hari pertama paling awal hari ini, %(day)s.", day=format_day(today))
    if offer.ends_on is not None and offer.ends_on < offer.starts_on:
        wrong["ends_on"] = _("Hari terakhir tidak boleh sebelum hari pertama.")
    if not today <= offer.reply_by <= latest:
        wrong["reply_by"] = _("Beri waktu menjawab dari hari ini sampai %(day)s.", day=format_day(latest))
    percent = offer.commission_percent
    if percent is not None and not (percent.is_finite() and 0 <= percent <= 100 and _two_decimals(percent)):
        wrong["commission_percent"] = _(
            "Komisi dari 0 sampai 100 persen, paling banyak dua angka di belakang koma."
        )
    if offer.settlement_days is not None and not 0 <= offer.settlement_days <= 366:
        wrong["settlement_days"] = _("Waktu bayar dari 0 sampai 366 hari.")
    if len(offer.terms) > MAX_TEXT:
        wrong["terms"] = _("Syarat paling panjang 10.000 huruf.")
    if wrong:
        raise InvalidInput(_("Ada isian yang perlu diperbaiki."), fields=wrong)


def _two_decimals(percent: Decimal) -> bool:
    return percent == round(percent, 2)


def _check_parties(session: Session, seller: Seller, facts: OutletFacts, offer: Offer, today: date) -> None:
    """Neither is closed: a proposal to a shop that has gone would never be answered."""
    closed_on = session.scalar(
        select(SellerFacts.closed_on).where(SellerFacts.seller_id == seller.id, facts_on(SellerFacts, today))
    )
    if seller.merged_into_id is not None or (closed_on is not None and closed_on <= offer.starts_on):
        raise RuleBroken(_("Usaha ini sudah tutup. Pilih usaha lain."), code="seller_closed")
    if facts.closed_on is not None and facts.closed_on <= offer.starts_on:
        raise RuleBroken(_("Toko ini sudah tutup. Pilih toko lain."), code="outlet_closed")


def _check_products(session: Session, offer: Offer) -> None:
    """At least one product is named, all of them the seller's."""
    wanted = set(offer.product_ids)
    if not 1 <= len(wanted) <= MAX_PRODUCTS:
        sentence = _("Pilih paling sedikit satu produk, paling banyak %(most)d.", most=MAX_PRODUCTS)
        raise InvalidInput(sentence, fields={"product_ids": sentence})
    query = select(Product.id).where(Product.id.in_(wanted), Product.seller_id == offer.seller_id)
    if set(session.scalars(query)) != wanted:
        raise NotFound(_("Ada produk yang bukan milik usaha ini. Muat ulang halaman, lalu pilih lagi."))


def _check_free(
    session: Session,
    outlet_id: int,
    seller_id: int,
    basis: Basis,
    days: Days,
    *,
    without: int | None = None,
    with_proposals: bool = False,
) -> None:
    """No other agreement of these two and this basis shares a day; the parties' locks make it stay so."""
    others: Sequence[Agreement] = session.scalars(
        select(Agreement).where(
            Agreement.outlet_id == outlet_id, Agreement.seller_id == seller_id, Agreement.basis == basis.value
        )
    ).all()
    accepted = [row for row in others if row.state == AgreementState.ACCEPTED and row.id != without]
    taken = first_overlap(
        days, (days_in_force(row.starts_on, row.ends_on, row.terminated_on) for row in accepted)
    )
    if taken is not None:
        raise Conflict(
            _(
                "Sudah ada perjanjian yang berlaku mulai %(day)s untuk toko dan usaha ini. "
                "Akhiri dulu, atau pilih hari sesudahnya.",
                day=format_day(taken.first),
            ),
            code="agreement_overlaps",
        )
    today = clock.today()
    waiting = [row for row in others if row.state == AgreementState.PROPOSED]
    if with_proposals and any(row.reply_by is None or row.reply_by >= today for row in waiting):
        raise Conflict(
            _("Masih ada tawaran yang menunggu jawaban untuk toko dan usaha ini. Lihat di Perjanjian."),
            code="proposal_waiting",
            condition=Condition.PROPOSED.value,
        )
