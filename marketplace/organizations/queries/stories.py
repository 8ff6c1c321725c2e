"""Makers who tell about themselves, for the public home."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select

from ...db import db
from ...regions import queries as regions
from .. import versions
from ..models import Seller, SellerFacts

MOST_CONSIDERED = 500


@dataclass(frozen=True)
class Story:
    """What a maker tells, and where it is made."""

    seller_id: int
    name: str
    text: str
    place: str
    region_code: str


def stories_of_week(day: date, count: int) -> list[Story]:
    """Some verified makers with a story; each week others, so that all have their turn."""
    query = (
        select(Seller.id, Seller.name, Seller.story, SellerFacts.region_code)
        .join(SellerFacts, SellerFacts.seller_id == Seller.id)
        .where(
            versions.facts_on(SellerFacts, day),
            Seller.story != "",
            Seller.merged_into_id.is_(None),
            SellerFacts.verified_on <= day,
            or_(SellerFacts.revoked_on.is_(None), SellerFacts.revoked_on > day),
            or_(SellerFacts.closed_on.is_(None), SellerFacts.closed_on > day),
        )
        .order_by(Seller.id.desc())
        .limit(MOST_CONSIDERED)
    )
    week = day.isocalendar()[:2]

    def turn(seller_id: int) -> str:
        return hashlib.sha256(f"{week}:{seller_id}".encode()).hexdigest()

    chosen = sorted(db.session.execute(query).all(), key=lambda row: turn(row.id))[:count]
    return [
        Story(row.id, row.name, row.story, regions.full_name(row.region_code), row.region_code)
        for row in chosen
    ]
