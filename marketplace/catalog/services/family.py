"""How new variants of a product on sale reach the shelf."""

from __future__ import annotations

from sqlalchemy.orm import Session

from ... import clock, signals
from ...permissions import Actor
from ..models import Product, ProductState
from . import curation
from .access import variants_of

ON_SALE = (ProductState.LIVE, ProductState.PAUSED)


def hand_in_new_variants(session: Session, actor: Actor, main: Product) -> None:
    """New variants of a product on sale go to the office for its look; the office's own are live at once."""
    if main.state != ProductState.LIVE:
        return
    for variant in variants_of(session, main.id):
        if variant.state != ProductState.DRAFT or variant.is_dropped:
            continue
        if actor.is_office:
            variant.state = ProductState.LIVE
            variant.first_live_at = clock.now()
            session.flush()
            signals.product_changed.send(session, product_ids=[variant.id])
        else:
            curation.submit_product(actor=actor, product_id=variant.id)
