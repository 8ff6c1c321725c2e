"""Whose QRIS code is shown for which bills, and how much one payment may be."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from ... import clock, legal
from ...db import db
from ...organizations.models import Seller
from ..models import SellerQris
from ..reference import QRIS_LIMIT


@dataclass(frozen=True)
class QrisLimit:
    """How much one QRIS transaction carries, who says so, and whether that was read in the regulation."""

    rupiah: int
    citation: str
    is_verified: bool


def qris_of(seller_id: int) -> SellerQris | None:
    """The code by which a seller, or the one it was merged into, is paid."""
    kept = select(func.coalesce(Seller.merged_into_id, Seller.id)).where(Seller.id == seller_id)
    query = select(SellerQris).where(SellerQris.seller_id == kept.scalar_subquery())
    return db.session.scalars(query).one_or_none()


def qris_limit() -> QrisLimit:
    """The limit in force today. Raises RuleBroken when none is recorded."""
    day = clock.today()
    row = legal.rows_on(db.session(), QRIS_LIMIT, day).get(QRIS_LIMIT)
    if row is None:
        return QrisLimit(legal.value_on(db.session(), QRIS_LIMIT, day), "", False)
    return QrisLimit(row.value, row.citation, row.is_verified)
