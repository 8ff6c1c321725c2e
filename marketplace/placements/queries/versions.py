"""Which terms hold: for one agreement and day, for many at once, and as SQL for whole months.

Whoever records a sale, a delivery, a count or a settlement asks here. A session may be given (inside a unit
of work) or left out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import date
from typing import Any

from sqlalchemy import ScalarSelect, Select, case, select, tuple_
from sqlalchemy.orm import Session, aliased

from ...catalog.models import Product
from ...db import db
from ..models import (
    Agreement,
    AgreementState,
    AgreementVersion,
    AgreementVersionProduct,
    Basis,
    Bearer,
    CommissionBasis,
    SettlementCycle,
    VersionState,
)
from ..rules.terms import AnnexPrice, Fee, Span, Terms, span_among, terms_among

SLICE = 400
Pair = tuple[int, int]
"""outlet_id, seller_id"""


def terms_on(session: Session | None, agreement_id: int, day: date) -> Terms | None:
    """The terms of an agreement on a day; None when both never accepted any."""
    return terms_among(versions_of(session, [agreement_id]).get(agreement_id, []), day)


def terms_on_days(
    session: Session | None, wanted: Iterable[tuple[int, date]]
) -> dict[tuple[int, date], Terms]:
    """The terms of many (agreement_id, day) at once; those without terms are left out."""
    asked = set(wanted)
    versions = versions_of(session, {agreement_id for agreement_id, _day in asked})
    found = {}
    for agreement_id, day in asked:
        terms = terms_among(versions.get(agreement_id, []), day)
        if terms is not None:
            found[agreement_id, day] = terms
    return found


def versions_of(session: Session | None, agreement_ids: Collection[int]) -> dict[int, list[Terms]]:
    """The accepted versions of agreements, oldest first; feed them to `rules.terms_among`."""
    found: dict[int, list[Terms]] = {}
    for some in _slices(set(agreement_ids)):
        query = _accepted().where(AgreementVersion.agreement_id.in_(some))
        for version in (session or db.session()).scalars(query.order_by(AgreementVersion.number)):
            found.setdefault(version.agreement_id, []).append(as_terms(version))
    return found


def agreement_for(
    outlet_id: int,
    seller_id: int,
    day: date,
    basis: str = Basis.CONSIGNMENT,
    *,
    session: Session | None = None,
) -> int | None:
    """The id of the pair's agreement on a day: in force then, else the latest that began before it."""
    span = span_among(spans_of(session, [(outlet_id, seller_id)], basis).get((outlet_id, seller_id), []), day)
    return span.agreement_id if span else None


def agreements_for(
    session: Session | None, wanted: Iterable[tuple[int, int, date]], basis: str = Basis.CONSIGNMENT
) -> dict[tuple[int, int, date], int]:
    """The agreements of many (outlet_id, seller_id, day) at once; those that have none are left out."""
    asked = set(wanted)
    spans = spans_of(session, {(outlet_id, seller_id) for outlet_id, seller_id, _day in asked}, basis)
    found = {}
    for outlet_id, seller_id, day in asked:
        span = span_among(spans.get((outlet_id, seller_id), []), day)
        if span is not None:
            found[outlet_id, seller_id, day] = span.agreement_id
    return found


def spans_of(
    session: Session | None, pairs: Collection[Pair], basis: str = Basis.CONSIGNMENT
) -> dict[Pair, list[Span]]:
    """The accepted agreements of pairs with their days; feed them to `rules.span_among`."""
    found: dict[Pair, list[Span]] = {}
    for some in _slices(set(pairs)):
        query = select(
            Agreement.outlet_id,
            Agreement.seller_id,
            Agreement.id,
            Agreement.starts_on,
            Agreement.ends_on,
            Agreement.terminated_on,
        ).where(
            tuple_(Agreement.outlet_id, Agreement.seller_id).in_(some),
            Agreement.basis == str(basis),
            Agreement.state == AgreementState.ACCEPTED.value,
        )
        for row in (session or db.session()).execute(query):
            span = Span(row.id, row.starts_on, row.ends_on, row.terminated_on)
            found.setdefault((row.outlet_id, row.seller_id), []).append(span)
    return found


def annex_prices(session: Session | None, version_ids: Collection[int]) -> dict[tuple[int, int], AnnexPrice]:
    """The prices in the annexes of versions, by (version_id, product_id)."""
    found = {}
    for some in _slices(set(version_ids)):
        query = select(
            AgreementVersionProduct.version_id,
            AgreementVersionProduct.product_id,
            AgreementVersionProduct.retail_price_rupiah,
            AgreementVersionProduct.net_price_rupiah,
        ).where(AgreementVersionProduct.version_id.in_(some))
        for version_id, product_id, retail, net in (session or db.session()).execute(query):
            found[version_id, product_id] = AnnexPrice(retail, net)
    return found


def catalogue_prices(product_ids: Collection[int]) -> dict[int, AnnexPrice]:
    """What products cost by their own pages: a customer's price where known, and the wholesale price."""
    found = {}
    for some in _slices(set(product_ids)):
        query = select(Product.id, Product.retail_price_rupiah, Product.price_rupiah)
        for product_id, retail, wholesale in db.session.execute(query.where(Product.id.in_(some))):
            found[product_id] = AnnexPrice(retail, wholesale or None)
    return found


def version_id_on(agreement_id: Any, day: Any) -> ScalarSelect[int]:
    """SQL: the id of the version whose terms hold, for a column of agreements and one (or a value) of days.

    It says the same as `terms_among`: the latest accepted version that had begun, else the first.
    """
    version = aliased(AgreementVersion)
    has_begun = version.valid_from <= day
    return (
        select(version.id)
        .where(version.agreement_id == agreement_id, version.state == VersionState.ACCEPTED.value)
        .order_by(
            has_begun.desc(),
            _where_begun(has_begun, version.valid_from).desc(),
            _where_begun(has_begun, version.number).desc(),
            version.number,
        )
        .limit(1)
        .correlate_except(version)
        .scalar_subquery()
    )


def _where_begun(has_begun: Any, column: Any) -> Any:
    return case((has_begun, column))


def as_terms(version: AgreementVersion) -> Terms:
    """A stored version as a value."""
    return Terms(
        agreement_id=version.agreement_id,
        version_id=version.id,
        number=version.number,
        basis=Basis(version.basis),
        valid_from=version.valid_from,
        starts_on=version.starts_on,
        ends_on=version.ends_on,
        commission_basis=CommissionBasis(version.commission_basis),
        commission_percent=version.commission_percent,
        commission_rupiah=version.commission_rupiah,
        loss_borne_by=Bearer(version.loss_borne_by),
        expiry_borne_by=Bearer(version.expiry_borne_by),
        settlement_cycle=SettlementCycle(version.settlement_cycle),
        due_days=version.due_days,
        report_cycle_days=version.report_cycle_days,
        min_life_days=version.min_life_days,
        return_window_days=version.return_window_days,
        price_notice_days=version.price_notice_days,
        end_notice_days=version.end_notice_days,
        display_place=version.display_place,
        fees=fees_of(version),
        other_terms=version.terms,
    )


def fees_of(version: AgreementVersion) -> tuple[Fee, ...]:
    """The fees that a version names."""
    return tuple(Fee(fee["kind"], fee.get("label", ""), int(fee["rupiah"])) for fee in version.fees or ())


def _accepted() -> Select[AgreementVersion]:
    return select(AgreementVersion).where(AgreementVersion.state == VersionState.ACCEPTED.value)


def _slices(wanted: Collection[Any]) -> Iterator[list[Any]]:
    ordered = sorted(wanted)
    for start in range(0, len(ordered), SLICE):
        yield ordered[start : start + SLICE]
