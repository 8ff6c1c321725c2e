"""Who is PKP on a day, how its sales are taxed then, and what was said of it before."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from ... import legal
from ...db import among
from ..models import SellerTaxFact
from ..rules.tax import TaxTerms

PERCENT, NUMERATOR, DENOMINATOR = "vat_percent", "vat_base_numerator", "vat_base_denominator"


def tax_terms(
    session: Session, seller_ids: Iterable[int], day: date, *, known_at: datetime | None = None
) -> dict[int, TaxTerms]:
    """How sales are taxed on a day, for those of some sellers that are PKP then; nobody else has terms.

    With `known_at` as was known at that moment: what a seller says later of an earlier day changes no order.
    """
    pkp = pkp_on(session, seller_ids, day, known_at=known_at)
    if not pkp:
        return {}
    terms = vat_on(session, day)
    return dict.fromkeys(sorted(pkp), terms)


def vat_on(session: Session, day: date) -> TaxTerms:
    """What the law says of value added tax on a day. Raises RuleBroken when nothing is recorded for it."""
    return TaxTerms(*(legal.value_on(session, key, day) for key in (PERCENT, NUMERATOR, DENOMINATOR)))


def pkp_on(
    session: Session, seller_ids: Iterable[int], day: date, *, known_at: datetime | None = None
) -> set[int]:
    """Which of some sellers are PKP on a day, as is known now or was known at a moment."""
    query = _facts() if known_at is None else _facts().where(SellerTaxFact.recorded_at <= known_at)
    asked = {"ids": sorted(set(seller_ids)), "day": day}
    latest = {row.seller_id: row.is_pkp for row in session.connection().execute(query, asked)}
    return {seller_id for seller_id, is_pkp in latest.items() if is_pkp}


@functools.cache
def _facts() -> Any:
    return (
        select(SellerTaxFact.seller_id, SellerTaxFact.is_pkp)
        .where(among(SellerTaxFact.seller_id, "ids"), SellerTaxFact.valid_from <= bindparam("day"))
        .order_by(SellerTaxFact.valid_from, SellerTaxFact.id)
    )


def tax_history(session: Session, seller_id: int) -> list[SellerTaxFact]:
    """Everything a seller ever said of being PKP, newest first."""
    query = select(SellerTaxFact).where(SellerTaxFact.seller_id == seller_id)
    return list(session.scalars(query.order_by(SellerTaxFact.id.desc())))
