"""A seller hands a product in, takes it back, or changes what is on sale: what the office must see waits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from .... import audit, clock
from ....db import retry_on_conflict, unit_of_work
from ....errors import Conflict, InvalidInput
from ....i18n import _
from ....organizations.models import SellerFacts
from ....organizations.versions import one_on
from ....permissions import Actor
from ...models import ApprovedPrice, CurationSettings, Product, ProductState, Review, ReviewKind, ReviewState
from ...rules import curation as rules
from .. import access, certificates
from ..steps import checked_words
from .handling import (
    ON_SALE,
    close_review,
    drop_held_photos,
    move_family,
    note,
    refuse_unless_open,
    remember_price,
    tell,
    waiting_review,
)

BEFORE_SALE = (ProductState.DRAFT, ProductState.SENT_BACK)


@retry_on_conflict
def submit_product(*, actor: Actor, product_id: int, message: str = "") -> Review:
    """Hand a draft in for the office's look; its drafted variants go with it.

    Raises Conflict when it waits already or is on sale, InvalidInput for what is missing or too long.
    """
    access.require_editor(actor)
    words = checked_words(message, "message")
    with unit_of_work() as session:
        product, region = access.own_product(session, actor, product_id)
        refuse_unless_open(session, product.seller_id)
        if product.state not in BEFORE_SALE:
            raise Conflict(_("Produk ini sudah diajukan atau sudah tampil."), code="already_submitted")
        missing = rules.missing_to_submit(
            product.name, product.price_rupiah, has_category=product.category_id is not None
        )
        if missing:
            raise InvalidInput(_("Lengkapi dulu sebelum diajukan."), fields=missing)
        review = Review(
            product_id=product.id,
            kind=ReviewKind.NEW,
            message=words,
            submitted_at=clock.now(),
            submitted_by=actor.user_id,
        )
        session.add(review)
        session.flush()
        moved = move_family(session, product, BEFORE_SALE, ProductState.WAITING)
        for one in moved:
            certificates.note_numbers(session, actor, one, {})
        note(session, actor, review, "submitted", review.message)
        audit.record(session, actor, "product.submitted", product, reason=review.message, region=region)
        tell(session, moved)
        return review


@retry_on_conflict
def withdraw(*, actor: Actor, product_id: int) -> Product:
    """Take back what waits of a product: a new one is a draft again, a change is forgotten.

    Raises Conflict when nothing waits (the office may just have decided).
    """
    access.require_editor(actor)
    with unit_of_work() as session:
        product, region = access.own_product(session, actor, product_id)
        review = waiting_review(session, product.id)
        if review is None:
            raise Conflict(
                _("Tidak ada yang menunggu untuk produk ini. Mungkin Dinas baru saja memutuskan."),
                code="nothing_waits",
            )
        close_review(session, actor, review, ReviewState.WITHDRAWN, "withdrawn")
        moved = [product]
        if review.kind == ReviewKind.NEW:
            moved = move_family(session, product, (ProductState.WAITING,), ProductState.DRAFT)
        else:
            drop_held_photos(session, review)
        audit.record(session, actor, "product.withdrawn", product, region=region)
        tell(session, moved)
        return product


def hold_back(
    session: Session, product: Product, before: Mapping[str, Any], after: Mapping[str, Any], actor: Actor
) -> dict[str, Any]:
    """The columns of a change that may be applied now; the rest becomes, or joins, a waiting change.

    Call it inside the unit of work in which the seller's row is locked. `before` and `after` hold the
    columns that were sent, plain JSON values. What the office sends, and what is not on sale, applies
    whole. When the form was filled with `queries.waiting_values`, send unchanged columns too: one that
    equals the live value takes back what waited of it.
    """
    if actor.is_office or product.state in BEFORE_SALE:
        return dict(after)
    certificates.note_numbers(session, actor, product, after)
    if product.state not in ON_SALE:
        return dict(after)
    review = waiting_review(session, product.id)
    split = rules.split_change(
        before,
        after,
        waiting=review.changes if review else (),
        approved_price_rupiah=_approved_price(session, product),
        price_limit_percent=session.get_one(CurationSettings, 1).price_limit_percent,
    )
    _keep_waiting(session, actor, product, review, before, split)
    return split.now


def _keep_waiting(
    session: Session,
    actor: Actor,
    product: Product,
    review: Review | None,
    before: Mapping[str, Any],
    split: rules.Split,
) -> None:
    """Make, extend or take back the waiting change of a product on sale."""
    if "price_rupiah" in split.now:
        remember_price(session, product, product.price_rupiah, again=False)
    old = dict(review.changes) if review else {}
    changes = {name: change for name, change in old.items() if name not in split.taken_back}
    changes |= {name: {"before": before.get(name), "after": value} for name, value in split.held.items()}
    if changes == old:
        return
    if review is None:
        review = Review(
            product_id=product.id,
            kind=ReviewKind.CHANGE,
            submitted_at=clock.now(),
            submitted_by=actor.user_id,
        )
        session.add(review)
    elif not changes:
        close_review(session, actor, review, ReviewState.WITHDRAWN, "withdrawn")
        return
    verb = "changed" if old else "submitted"
    review.changes = changes
    session.flush()
    note(session, actor, review, verb)
    audit.record(
        session,
        actor,
        "product.change_submitted",
        product,
        before={name: change["before"] for name, change in changes.items()},
        after={name: change["after"] for name, change in changes.items()},
        region=_region(session, product.seller_id),
    )


def _approved_price(session: Session, product: Product) -> int:
    found = session.get(ApprovedPrice, product.id, populate_existing=True)
    return found.price_rupiah if found else product.price_rupiah


def _region(session: Session, seller_id: int) -> str:
    facts = one_on(session, SellerFacts, seller_id, clock.today())
    return facts.region_code if facts else ""
