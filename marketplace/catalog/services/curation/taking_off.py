"""The office takes a product off sale with a reason; its seller mends it and hands it in again."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from .... import audit, clock
from ....db import retry_on_conflict, unit_of_work
from ....errors import Conflict, InvalidInput, RuleBroken
from ....i18n import _, speaking
from ....permissions import Actor, Permission
from ...models import Product, ProductState, Review, ReviewKind, ReviewState
from ...rules import curation as rules
from .. import access, letters
from ..steps import checked_words
from .handling import ON_SALE, apply_change, close_review, move_family, note, tell, waiting_review


@retry_on_conflict
def take_off_sale(*, actor: Actor, product_id: int, reasons: Sequence[str] = (), reason: str = "") -> Review:
    """Take a product and its variants away from everybody's eyes, with what is to be mended.

    `reasons` are codes of rules.OFF_SALE_REASONS, `reason` the officer's own words; one of them is needed.
    What waited of it goes over into the next submission. Agreements and stock stay as they are. Raises
    Conflict for what is not on sale, RuleBroken for a variant alone.
    """
    actor.require(Permission.PRODUCT_CURATE)
    own_words = checked_words(reason, "reason")
    with speaking("id"):
        words = rules.reason_text(reasons, own_words, rules.OFF_SALE_REASONS)
    if not words:
        sentence = _("Pilih satu alasan, atau tulis mengapa produk ini diturunkan.")
        raise InvalidInput(sentence, fields={"reason": sentence})
    with unit_of_work() as session:
        product, region = access.own_product(session, actor, product_id)
        if product.main_id is not None:
            raise RuleBroken(_("Varian turun bersama produk utamanya. Buka produk utamanya."))
        if product.state not in ON_SALE:
            raise Conflict(_("Produk ini sedang tidak dijual."), code="not_on_sale", state=product.state)
        before = {"state": product.state}
        for one in (product, *access.variants_of(session, product.id)):
            _carry_over(session, actor, one)
        moved = move_family(session, product, ON_SALE, ProductState.SENT_BACK)
        review = _keep(session, actor, product, words)
        audit.record(
            session, actor, "product.taken_off", product, before=before, after={"state": product.state},
            reason=words, region=region,
        )  # fmt: skip
        letters.write(
            session, product.seller_id, "product_taken_off",
            product=product.name, reason=words, path=f"/seller/products/{product.id}",
        )  # fmt: skip
        tell(session, moved)
        return review


def _carry_over(session: Session, actor: Actor, product: Product) -> None:
    """What waits of a product is part of what its seller will hand in again, not a question of its own."""
    review = waiting_review(session, product.id)
    if review is None:
        return
    if review.kind == ReviewKind.CHANGE:
        apply_change(session, review, product)
    else:
        product.state = ProductState.DRAFT
    close_review(session, actor, review, ReviewState.WITHDRAWN, "carried_over")


def _keep(session: Session, actor: Actor, product: Product, words: str) -> Review:
    now = clock.now()
    review = Review(
        product_id=product.id,
        kind=ReviewKind.NEW,
        state=ReviewState.SENT_BACK,
        reason=words,
        submitted_at=now,
        decided_at=now,
        decided_by=actor.user_id,
    )
    session.add(review)
    session.flush()
    note(session, actor, review, "taken_off", words)
    return review
