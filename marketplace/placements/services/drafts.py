"""From a draft to a stored version: what every proposal, counter-offer and change is checked for."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ... import clock, documents, legal
from ...catalog.models import Product
from ...errors import Conflict, InvalidInput, NotFound, RuleBroken
from ...i18n import _, format_day
from ...organizations.models import OutletFacts, Seller, SellerFacts
from ...organizations.versions import facts_on
from ...permissions import Actor
from ..models import (
    Agreement,
    AgreementState,
    AgreementVersion,
    AgreementVersionProduct,
    Basis,
    CommissionBasis,
    VersionState,
)
from ..offers import Draft, Good
from ..queries.talks import size_on
from ..rules import Condition, Days, Fee, Side, days_in_force, first_overlap
from ..rules.drafts import draft_problems
from ..rules.fees import Law, require_lawful_fees


def refuse(wrong: dict[str, str]) -> None:
    """InvalidInput with a sentence for each field, when there is any."""
    if wrong:
        raise InvalidInput(_("Ada isian yang perlu diperbaiki."), fields=wrong)


def require_reason(reason: str, sentence: str) -> None:
    """InvalidInput when an act that must be explained is not."""
    if not reason:
        raise InvalidInput(sentence, fields={"reason": sentence})


def tidy(draft: Draft) -> Draft:
    """The same terms without what means nothing: a product named twice, net prices that nobody uses."""
    goods = {good.product_id: good for good in draft.goods}
    keeps_net = draft.basis is Basis.OUTRIGHT or draft.commission_basis is CommissionBasis.NET_PRICE
    kept = [good if keeps_net else replace(good, net_price_rupiah=None) for good in goods.values()]
    return replace(draft, goods=tuple(sorted(kept, key=lambda good: good.product_id)))


def check_draft(draft: Draft, today: date) -> None:
    """InvalidInput for terms that cannot be."""
    refuse(draft_problems(draft, today))


def check_products(session: Session, goods: Collection[Good], seller_ids: Collection[int]) -> None:
    """NotFound unless every product of the annex is the seller's."""
    wanted = {good.product_id for good in goods}
    query = select(Product.id).where(Product.id.in_(wanted), Product.seller_id.in_(seller_ids))
    if set(session.scalars(query)) != wanted:
        raise NotFound(_("Ada produk yang bukan milik usaha ini. Muat ulang halaman, lalu pilih lagi."))


def check_fees(session: Session, seller: Seller, outlet_kind: str, fees: Sequence[Fee], day: date) -> None:
    """RuleBroken for a fee that the law of that day forbids to ask of a seller of that size."""
    if not fees:
        return
    size = size_on(session, seller.id, day)
    rows = legal.rows_on(session, "trade.listing_fee.", day)
    laws = {key: Law(row.value, row.citation, row.is_verified) for key, row in rows.items()}
    require_lawful_fees(fees, seller=seller.name, size=size, outlet_kind=outlet_kind, laws=laws)


def check_parties(session: Session, seller: Seller, facts: OutletFacts, starts_on: date) -> None:
    """Neither is closed: a proposal to a shop that has gone would never be answered."""
    closed_on = session.scalar(
        select(SellerFacts.closed_on).where(
            SellerFacts.seller_id == seller.id, facts_on(SellerFacts, clock.today())
        )
    )
    if seller.merged_into_id is not None or (closed_on is not None and closed_on <= starts_on):
        raise RuleBroken(_("Usaha ini sudah tutup. Pilih usaha lain."), code="seller_closed")
    if facts.closed_on is not None and facts.closed_on <= starts_on:
        raise RuleBroken(_("Toko ini sudah tutup. Pilih toko lain."), code="outlet_closed")


def check_free(
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
    waiting = [row for row in others if row.state == AgreementState.PROPOSED and row.id != without]
    if with_proposals and any(row.reply_by is None or row.reply_by >= today for row in waiting):
        raise Conflict(
            _("Masih ada tawaran yang menunggu jawaban untuk toko dan usaha ini. Lihat di Perjanjian."),
            code="proposal_waiting",
            condition=Condition.PROPOSED.value,
        )


def write_version(
    session: Session,
    agreement_id: int,
    draft: Draft,
    *,
    number: int,
    side: Side,
    actor: Actor,
    now: datetime,
    group_code: str = "",
) -> AgreementVersion:
    """Put a draft on the table as a version with its annex."""
    version = AgreementVersion(
        agreement_id=agreement_id,
        number=number,
        state=VersionState.PROPOSED.value,
        basis=draft.basis.value,
        valid_from=draft.valid_from or draft.starts_on,
        starts_on=draft.starts_on,
        ends_on=draft.ends_on,
        commission_basis=draft.commission_basis.value,
        commission_percent=draft.commission_percent,
        commission_rupiah=draft.commission_rupiah,
        loss_borne_by=draft.loss_borne_by.value,
        expiry_borne_by=draft.expiry_borne_by.value,
        settlement_cycle=draft.settlement_cycle.value,
        due_days=draft.due_days,
        report_cycle_days=draft.report_cycle_days,
        min_life_days=draft.min_life_days,
        return_window_days=draft.return_window_days,
        price_notice_days=draft.price_notice_days,
        end_notice_days=draft.end_notice_days,
        display_place=draft.display_place,
        fees=[{"kind": str(fee.kind), "label": fee.label, "rupiah": fee.rupiah} for fee in draft.fees],
        terms=draft.terms,
        proposed_by_side=side.value,
        proposed_by=actor.user_id,
        proposed_at=now,
        reply_by=draft.reply_by,
        group_code=group_code,
        created_at=now,
    )
    session.add(version)
    session.flush()
    session.add_all(
        AgreementVersionProduct(
            version_id=version.id,
            product_id=good.product_id,
            retail_price_rupiah=good.retail_price_rupiah,
            net_price_rupiah=good.net_price_rupiah,
        )
        for good in draft.goods
    )
    session.flush()
    return version


def answer(version: AgreementVersion, state: VersionState, actor: Actor | None, reason: str = "") -> None:
    """What became of the version on the table; from then on the database keeps it as it is."""
    version.answered_by = actor.user_id if actor else None
    version.answered_at, version.answer_reason = clock.now(), reason
    version.state = state.value


def copy_terms(agreement: Agreement, version: AgreementVersion) -> None:
    """What an agreement says of its version: its days and the columns of the exchange file."""
    agreement.basis = version.basis
    agreement.starts_on, agreement.ends_on = version.starts_on, version.ends_on
    agreement.commission_percent, agreement.settlement_days = version.commission_percent, version.due_days


def said(version: AgreementVersion) -> dict[str, object]:
    """A version's terms for the audit log."""
    names = (
        "number", "state", "basis", "valid_from", "starts_on", "ends_on", "commission_basis",
        "commission_percent", "commission_rupiah", "due_days", "settlement_cycle", "reply_by",
    )  # fmt: skip
    return {name: getattr(version, name) for name in names}


def new_reference(session: Session, day: date) -> str:
    """A reference of Etalase's own; cities number their imported agreements themselves."""
    while True:
        number = documents.next_number(session, f"agreements-{day.year}")
        reference = f"ET-{day.year}-{number:05d}"
        if session.scalar(select(Agreement.id).where(Agreement.agreement_ref == reference)) is None:
            return reference
