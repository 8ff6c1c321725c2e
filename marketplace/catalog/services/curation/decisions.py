"""The office decides: a product goes live or a change applies, or it is sent back with a reason."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from .... import audit
from ....db import retry_on_conflict, unit_of_work
from ....errors import Conflict, InvalidInput, NotFound, RuleBroken
from ....i18n import _, format_moment, speaking
from ....permissions import SYSTEM, Actor, Permission
from ...models import Category, Product, ProductState, Review, ReviewEvent, ReviewKind, ReviewState
from ...queries import curation as queries
from ...rules import curation as rules
from ...rules.addresses import product_path
from .. import access, certificates, letters
from ..steps import checked_words
from .handling import (
    apply_change,
    close_review,
    drop_held_photos,
    move_family,
    refuse_unless_open,
    remember_price,
    tell,
)


@retry_on_conflict
def approve(
    *,
    actor: Actor,
    review_id: int,
    stamp: str,
    met: Sequence[int] = (),
    message: str = "",
    halal_holds: bool = False,
) -> Review:
    """Let a product go live, or a change apply. `met` are the ids of the criteria that were ticked.

    A changed recipe sends the product's halal paper back to be looked at again, unless the officer has seen
    that it `halal_holds` for the new one too.

    `stamp` is the mark of what the officer saw (queries.review_page): another one means that the seller
    has changed it since, and nothing is decided. Raises Conflict for that and for a review that somebody
    decided first; RuleBroken, with what is missing, when the criteria are not met; InvalidInput for a
    message that is too long.
    """
    actor.require(Permission.PRODUCT_CURATE)
    words = checked_words(message, "message")
    with unit_of_work() as session:
        review, product, region = _lock_review(session, actor, review_id, stamp)
        if review.kind == ReviewKind.NEW:
            review.criteria = _ticked(session, product, met)
            certificates.note_numbers(session, SYSTEM, product, {})
            moved = move_family(session, product, (ProductState.WAITING,), ProductState.LIVE)
            before: dict[str, Any] = {}
            after: dict[str, Any] = {"state": ProductState.LIVE}
        else:
            _refuse_lost_category(session, review)
            before, after = apply_change(session, review, product)
            if "ingredients" in after and not halal_holds:
                certificates.look_again(session, actor, product, "halal")
            moved = [product]
        for one in moved:
            remember_price(session, one, one.price_rupiah, again=True)
        close_review(session, actor, review, ReviewState.APPROVED, "approved", words)
        audit.record(
            session,
            actor,
            "product.approved",
            product,
            before=before,
            after=after,
            reason=words,
            region=region,
        )
        letters.write(
            session, product.seller_id, "product_approved", kind=review.kind,
            product=product.name, message=words,
            path=product_path(product.main_id or product.id, product.name),
        )  # fmt: skip
        tell(session, moved)
        return review


@retry_on_conflict
def send_back(
    *, actor: Actor, review_id: int, stamp: str, reasons: Sequence[str] = (), reason: str = ""
) -> Review:
    """Send a product, or a change of one, back with what is to be mended.

    `reasons` are codes of rules.READY_REASONS, `reason` the officer's own words; one of them is needed.
    Raises as `approve` does.
    """
    actor.require(Permission.PRODUCT_CURATE)
    own_words = checked_words(reason, "reason")
    with speaking("id"):
        words = rules.reason_text(reasons, own_words)
    if not words:
        sentence = _("Pilih satu alasan, atau tulis apa yang perlu diperbaiki.")
        raise InvalidInput(sentence, fields={"reason": sentence})
    with unit_of_work() as session:
        review, product, region = _lock_review(session, actor, review_id, stamp)
        review.reason = words
        close_review(session, actor, review, ReviewState.SENT_BACK, "sent_back", words)
        moved = [product]
        if review.kind == ReviewKind.NEW:
            moved = move_family(session, product, (ProductState.WAITING,), ProductState.SENT_BACK)
        else:
            drop_held_photos(session, review)
        audit.record(session, actor, "product.sent_back", product, reason=words, region=region)
        letters.write(
            session, product.seller_id, "product_sent_back", kind=review.kind,
            product=product.name, reason=words,
            path=f"/seller/products/{product.id}",
        )  # fmt: skip
        tell(session, moved)
        return review


def _lock_review(session: Session, actor: Actor, review_id: int, stamp: str) -> tuple[Review, Product, str]:
    review = session.get(Review, review_id)
    if review is None:
        raise NotFound(_("Pengajuan ini tidak ada, atau bukan di wilayah Anda."))
    product, region = access.own_product(session, actor, review.product_id)
    session.refresh(review)
    if review.state != ReviewState.WAITING:
        raise Conflict(_already(session, review), code="already_decided", state=review.state)
    refuse_unless_open(session, product.seller_id)
    if stamp != queries.review_stamp(session, review, product):
        raise Conflict(str(rules.CHANGED_SINCE), code="changed_since")
    return review, product, region


def _already(session: Session, review: Review) -> str:
    """Who was first, and when."""
    if review.state == ReviewState.WITHDRAWN:
        return _("Penjual sudah menarik pengajuan ini.")
    event = session.scalars(
        select(ReviewEvent).where(ReviewEvent.review_id == review.id).order_by(ReviewEvent.id.desc()).limit(1)
    ).one()
    return _(
        "%(name)s sudah memutuskan pengajuan ini pada %(moment)s.",
        name=event.by_name,
        moment=format_moment(event.recorded_at),
    )


def _refuse_lost_category(session: Session, review: Review) -> None:
    wanted = review.changes.get("category_id")
    if wanted is not None and session.get(Category, wanted["after"]) is None:
        raise RuleBroken(_("Jenis produk yang diminta sudah tidak ada. Kembalikan ke penjual."))


def _ticked(session: Session, product: Product, met: Sequence[int]) -> list[dict[str, Any]]:
    """What was ticked, to be kept with the review. Raises RuleBroken when it is not enough."""
    criteria, needed = queries.criteria_for(session, product.category_id)
    essential, others = rules.shortfall(criteria, met, needed)
    if essential or others:
        parts = []
        if essential:
            parts.append(_("Belum dicentang: %(labels)s.", labels="; ".join(essential)))
        if others:
            parts.append(_("Masih kurang %(count)d kriteria lain.", count=others))
        parts.append(_("Centang bila sudah terpenuhi, atau kembalikan ke penjual."))
        raise RuleBroken(" ".join(parts), code="criteria_not_met", essential=essential, others=others)
    return [
        {"id": one.id, "label": one.label, "is_essential": one.is_essential, "is_met": one.id in set(met)}
        for one in criteria
    ]
