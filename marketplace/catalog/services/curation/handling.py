"""What every step of curation does: close a review, write it down, move a product with its variants."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from .... import clock, signals
from ....db import insert_into
from ....errors import RuleBroken
from ....i18n import _
from ....organizations.models import Seller, SellerFacts
from ....organizations.versions import one_on
from ....permissions import Actor
from ...models import ApprovedPrice, Category, Product, ProductState, Review, ReviewEvent, ReviewState
from .. import photo_shelf, sharing
from ..steps import step

ON_SALE = (ProductState.LIVE, ProductState.PAUSED)


def refuse_unless_open(session: Session, seller_id: int) -> None:
    """Raise RuleBroken for a business that was closed or merged into another."""
    seller, day = session.get_one(Seller, seller_id), clock.today()
    facts = one_on(session, SellerFacts, seller_id, day)
    if seller.merged_into_id is not None:
        raise RuleBroken(_("Catatan usaha ini sudah digabung ke usaha lain."), code="merged")
    if facts is not None and facts.closed_on is not None and facts.closed_on <= day:
        raise RuleBroken(_("Usaha ini tercatat tutup. Buka kembali dulu."), code="closed")


def waiting_review(session: Session, product_id: int) -> Review | None:
    """The review of a product that waits; the seller's row is locked, so it cannot be decided meanwhile."""
    query = select(Review).where(Review.product_id == product_id, Review.state == ReviewState.WAITING)
    return session.scalar(query.execution_options(populate_existing=True))


def apply_change(session: Session, review: Review, product: Product) -> tuple[dict[str, Any], dict[str, Any]]:
    """Let a waiting change be what the product is; answers what was before and what is now.

    A category that is gone meanwhile is left out.
    """
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for name, change in review.changes.items():
        if name == "category_id" and session.get(Category, change["after"]) is None:
            continue
        if name == "photos":
            photo_shelf.show_held(session, product.id)
            before[name], after[name] = change["before"], change["after"]
            continue
        before[name], after[name] = getattr(product, name), change["after"]
        setattr(product, name, change["after"])
    if product.main_id is None:
        sharing.share_with_variants(session, product, after)
    product.updated_at = clock.now()
    return before, after


def drop_held_photos(session: Session, review: Review) -> None:
    """Forget the photos that waited with a change that will not be."""
    if "photos" in review.changes:
        photo_shelf.drop_held(session, review.product_id)


def move_family(
    session: Session, product: Product, states: tuple[ProductState, ...], state: ProductState
) -> list[Product]:
    """Give a product, and its variants that stand at the same place, another state."""
    query = (
        select(Product)
        .where(Product.main_id == product.id, Product.state.in_(states), ~Product.is_dropped)
        .order_by(Product.id)
    )
    moved, now = [product, *session.scalars(query)], clock.now()
    for one in moved:
        one.state = state
        one.updated_at = now
        if state == ProductState.LIVE and one.first_live_at is None:
            one.first_live_at = now
    return moved


def remember_price(session: Session, product: Product, price_rupiah: int, *, again: bool) -> None:
    """Keep the price that the office saw: the first one, or with `again` this one."""
    values = {"product_id": product.id, "price_rupiah": price_rupiah, "recorded_at": clock.now()}
    insert = insert_into(session, ApprovedPrice).values(**values)
    if again:
        changed = {"price_rupiah": insert.excluded.price_rupiah, "recorded_at": insert.excluded.recorded_at}
        session.execute(insert.on_conflict_do_update(index_elements=["product_id"], set_=changed))
    else:
        session.execute(insert.on_conflict_do_nothing(index_elements=["product_id"]))


def close_review(
    session: Session, actor: Actor, review: Review, state: ReviewState, verb: str, message: str = ""
) -> None:
    """Decide a review, and write the step down."""
    review.state = state
    review.decided_at = clock.now()
    review.decided_by = actor.user_id
    note(session, actor, review, verb, message)


def note(session: Session, actor: Actor, review: Review, verb: str, message: str = "") -> None:
    """Write one step of a review down."""
    session.add(ReviewEvent(review_id=review.id, **step(actor, verb, message)))


def tell(session: Session, products: Sequence[Product]) -> None:
    """Tell whoever keeps the public face of products that these have changed."""
    session.flush()
    signals.product_changed.send(session, product_ids=[one.id for one in products])
