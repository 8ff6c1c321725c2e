"""How the demo city talks about terms: counter-offers, changes, proposals to many, replacements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from .. import clock
from ..catalog.models import Product
from ..organizations.models import Operator, Outlet, OutletFacts, Seller
from ..organizations.versions import facts_on
from ..placements import services as placements
from ..placements.hooks import counts_here
from ..placements.models import Agreement, CommissionBasis, ReplacementRequest, SettlementCycle
from ..placements.offers import Draft, Good, Offer
from ..placements.queries.agreements import condition_on
from ..placements.services.common import waiting_version
from ..placements.services.fee_reports import AskedFee, close, report_fee, take_up
from .people import Cast, on

CHAIN = "RUKUN"


def fill(session: Session, cast: Cast, today: date) -> None:
    """Every stage of talking about terms, so that each screen shows life."""
    running = _running(session, cast, today)
    free = _free_outlets(session, cast.sri.seller_id or 0, today)
    _countered(session, cast, free[:2], today)
    _agreed_after_talks(session, cast, free[2:3], today)
    _lapsed(session, cast, free[3:4], today)
    own = [row for row in running if row.seller_id == cast.sri.seller_id]
    _changes(cast, own, session, today)
    _fees(cast, own[-2:], today)
    _to_many(session, cast, today)
    _replacements(cast, [row for row in running if row.seller_id != cast.sri.seller_id], today)


def _running(session: Session, cast: Cast, today: date) -> list[Agreement]:
    """The chain's agreements in force."""
    query = (
        select(Agreement)
        .join(OutletFacts, OutletFacts.outlet_id == Agreement.outlet_id)
        .where(
            facts_on(OutletFacts, today),
            OutletFacts.operator_id == cast.bagas.operator_id,
            condition_on(today) == "in_force",
            Agreement.basis == "consignment",
            Agreement.starts_on < today - timedelta(days=70),
        )
        .order_by(Agreement.id)
    )
    return list(session.scalars(query))


def _free_outlets(session: Session, seller_id: int, today: date) -> list[int]:
    """The chain's open outlets that never had to do with a seller."""
    query = (
        select(Outlet.id)
        .join(OutletFacts, OutletFacts.outlet_id == Outlet.id)
        .join(Operator, Operator.id == OutletFacts.operator_id)
        .where(
            facts_on(OutletFacts, today),
            Operator.operator_ref == CHAIN,
            OutletFacts.closed_on.is_(None),
            OutletFacts.opened_on <= today,
            ~exists().where(Agreement.outlet_id == Outlet.id, Agreement.seller_id == seller_id),
        )
        .order_by(Outlet.outlet_ref)
    )
    return list(session.scalars(query))


def _draft(session: Session, seller_id: int, first: date, reply_by: date) -> Draft:
    query = select(Product.id, Product.retail_price_rupiah).where(
        Product.seller_id == seller_id, Product.is_live
    )
    goods = [Good(number, retail) for number, retail in session.execute(query.order_by(Product.id).limit(2))]
    return Draft(
        starts_on=first,
        reply_by=reply_by,
        goods=tuple(goods),
        commission_basis=CommissionBasis.PERCENT_OF_RETAIL,
        commission_percent=Decimal(20),
        settlement_cycle=SettlementCycle.TWICE_MONTHLY,
        due_days=14,
        end_notice_days=14,
        min_life_days=30,
        display_place="Rak depan dekat kasir",
    )


def _offer(draft: Draft, outlet_id: int, seller_id: int) -> Offer:
    return Offer(**vars(draft), outlet_id=outlet_id, seller_id=seller_id)


def _countered(session: Session, cast: Cast, outlets: Sequence[int], today: date) -> None:
    """The chain proposed, the maker answered with other terms, the chain has to answer."""
    seller_id = cast.sri.seller_id or 0
    for number, outlet_id in enumerate(outlets):
        draft = _draft(session, seller_id, today + timedelta(days=10), today + timedelta(days=4))
        with clock.frozen(on(today - timedelta(days=4))):
            row = placements.propose_agreement(actor=cast.bagas, offer=_offer(draft, outlet_id, seller_id))
        mine = replace(draft, commission_percent=Decimal(12) + number, due_days=7)
        with clock.frozen(on(today - timedelta(days=2))):
            placements.counter_agreement(
                actor=cast.sri, agreement_id=row.id, version_id=_on_table(session, row), draft=mine
            )


def _on_table(session: Session, row: Agreement) -> int:
    version = waiting_version(session, row.id)
    assert version is not None
    return version.id


def _agreed_after_talks(session: Session, cast: Cast, outlets: Sequence[int], today: date) -> None:
    """Three versions until both agreed, to begin in some days: its paper can be read."""
    seller_id = cast.sri.seller_id or 0
    for outlet_id in outlets:
        draft = _draft(session, seller_id, today + timedelta(days=5), today + timedelta(days=5))
        with clock.frozen(on(today - timedelta(days=6))):
            row = placements.propose_agreement(actor=cast.bagas, offer=_offer(draft, outlet_id, seller_id))
        for days, actor, percent in ((4, cast.sri, 10), (3, cast.bagas, 15)):
            with clock.frozen(on(today - timedelta(days=days))):
                placements.counter_agreement(
                    actor=actor,
                    agreement_id=row.id,
                    version_id=_on_table(session, row),
                    draft=replace(draft, commission_percent=Decimal(percent)),
                )
        with clock.frozen(on(today - timedelta(days=2))):
            placements.accept_agreement(actor=cast.sri, agreement_id=row.id)


def _lapsed(session: Session, cast: Cast, outlets: Sequence[int], today: date) -> None:
    """Nobody answered in time."""
    seller_id = cast.sri.seller_id or 0
    for outlet_id in outlets:
        draft = _draft(session, seller_id, today, today - timedelta(days=3))
        with clock.frozen(on(today - timedelta(days=12))):
            placements.propose_agreement(actor=cast.sri, offer=_offer(draft, outlet_id, seller_id))


def _changes(cast: Cast, running: Sequence[Agreement], session: Session, today: date) -> None:
    """Of the maker's running agreements some change: one change is agreed, others wait, one to renew."""
    plan = (
        (cast.bagas, cast.sri, Decimal(15), 3),
        (cast.bagas, None, Decimal(18), 2),
        (cast.sri, None, Decimal(10), 1),
    )
    for row, (asks, answers, percent, days) in zip(reversed(running), plan, strict=False):
        draft = _draft(session, row.seller_id, row.starts_on, today + timedelta(days=6))
        ends_on = row.ends_on + timedelta(days=365) if row.ends_on else None
        draft = replace(
            draft, commission_percent=percent, valid_from=today + timedelta(days=14), ends_on=ends_on
        )
        with clock.frozen(on(today - timedelta(days=days))):
            placements.propose_change(actor=asks, agreement_id=row.id, draft=draft)
        if answers is not None:
            with clock.frozen(on(today - timedelta(days=days - 1))):
                placements.accept_agreement(actor=answers, agreement_id=row.id)


def _to_many(session: Session, cast: Cast, today: date) -> None:
    """One proposal of the chain for three outlets to a maker: a fixed share of each unit."""
    for ref in ("U-013", "U-017", "U-022", "U-026"):
        seller = session.scalars(select(Seller).where(Seller.seller_ref == ref)).one_or_none()
        outlets = _free_outlets(session, seller.id, today)[:3] if seller else []
        if seller is None or len(outlets) < 3:
            continue
        draft = _draft(session, seller.id, today + timedelta(days=7), today + timedelta(days=7))
        if not draft.goods:
            continue
        draft = replace(
            draft,
            commission_basis=CommissionBasis.FIXED_PER_UNIT,
            commission_percent=None,
            commission_rupiah=2_000,
        )
        with clock.frozen(on(today - timedelta(days=1))):
            placements.propose_agreements(
                actor=cast.bagas, offers=[_offer(draft, outlet_id, seller.id) for outlet_id in outlets]
            )
        return


def _fees(cast: Cast, own: Sequence[Agreement], today: date) -> None:
    """Bu Sri tells the office of a fee that each of two outlets asked for: one was answered, one waits."""
    told = []
    for row, days_ago, rupiah in zip(own, (12, 1), (250_000, 50_000), strict=False):
        day = today - timedelta(days=days_ago)
        story = "Kepala toko minta uang pencatatan untuk tiap rasa, lewat pesan. Katanya semua pemasok bayar."
        with clock.frozen(on(day)):
            told.append(report_fee(actor=cast.sri, asked=AskedFee(row.id, rupiah, day, story)))
    for report in told[:1]:
        with clock.frozen(on(today - timedelta(days=9))):
            take_up(actor=cast.officer, report_id=report.id)
        with clock.frozen(on(today - timedelta(days=5))):
            answer = "Sudah kami bicarakan dengan kantor pusat. Permintaan dicabut; tidak perlu dibayar."
            close(actor=cast.officer, report_id=report.id, answer=answer)


def _replacements(cast: Cast, running: Sequence[Agreement], today: date) -> None:
    """The chain asks to replace three sellers that count: one waits, one was allowed, one was not."""
    asked: list[ReplacementRequest] = []
    for row in running:
        if len(asked) == 3:
            break
        if not counts_here(row.outlet_id, row.seller_id, today):
            continue
        asked.append(
            placements.ask_replacement(
                actor=cast.bagas,
                agreement_id=row.id,
                reason="Tiga kali berturut-turut barang datang terlambat; rak kosong berhari-hari.",
                instead="Sambal Bu Tini, Nusukan",
                wanted_on=today + timedelta(days=30),
            )
        )
    if len(asked) == 3:
        placements.approve_replacement(
            actor=cast.officer, request_id=asked[1].id, reason="Boleh, asal penggantinya sudah siap."
        )
        placements.decline_replacement(
            actor=cast.officer, request_id=asked[2].id, reason="Coba jadwal antar baru sebulan dulu."
        )
