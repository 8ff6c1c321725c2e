"""Curation: a product is handed in, looked at, and goes live or back; changes of what is on sale wait."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ... import audit, clock, signals
from ...db import insert_into, retry_on_conflict, unit_of_work
from ...errors import Conflict, InvalidInput, NotFound, RuleBroken
from ...i18n import _, format_moment, speaking
from ...organizations.models import Seller, SellerFacts
from ...organizations.versions import one_on
from ...permissions import SYSTEM, Actor, Permission
from ...texts import lines
from ..models import (
    ApprovedPrice,
    Category,
    CurationSettings,
    Product,
    ProductState,
    Review,
    ReviewEvent,
    ReviewKind,
    ReviewState,
)
from ..queries import curation as queries
from ..rules import curation as rules
from ..rules.addresses import product_path
from . import access, certificates, letters, photo_shelf, sharing

ON_SALE = (ProductState.LIVE, ProductState.PAUSED)
BEFORE_SALE = (ProductState.DRAFT, ProductState.SENT_BACK)
MAX_MESSAGE = 1000


@retry_on_conflict
def submit_product(*, actor: Actor, product_id: int, message: str = "") -> Review:
    """Hand a draft in for the office's look; its drafted variants go with it.

    Raises Conflict when it waits already or is on sale, InvalidInput for what is missing.
    """
    access.require_editor(actor)
    with unit_of_work() as session:
        product, region = access.own_product(session, actor, product_id)
        _refuse_unless_open(session, product.seller_id)
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
            message=_tidy(message),
            submitted_at=clock.now(),
            submitted_by=actor.user_id,
        )
        session.add(review)
        session.flush()
        moved = _move(session, product, BEFORE_SALE, ProductState.WAITING)
        for one in moved:
            certificates.note_numbers(session, actor, one, {})
        _note(session, actor, review, "submitted", review.message)
        audit.record(session, actor, "product.submitted", product, reason=review.message, region=region)
        _tell(session, moved)
        return review


@retry_on_conflict
def withdraw(*, actor: Actor, product_id: int) -> Product:
    """Take back what waits of a product: a new one is a draft again, a change is forgotten.

    Raises Conflict when nothing waits (the office may just have decided).
    """
    access.require_editor(actor)
    with unit_of_work() as session:
        product, region = access.own_product(session, actor, product_id)
        review = _waiting(session, product.id)
        if review is None:
            raise Conflict(
                _("Tidak ada yang menunggu untuk produk ini. Mungkin Dinas baru saja memutuskan."),
                code="nothing_waits",
            )
        _close(session, actor, review, ReviewState.WITHDRAWN, "withdrawn")
        moved = [product]
        if review.kind == ReviewKind.NEW:
            moved = _move(session, product, (ProductState.WAITING,), ProductState.DRAFT)
        else:
            _drop(session, review)
        audit.record(session, actor, "product.withdrawn", product, region=region)
        _tell(session, moved)
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
    review = _waiting(session, product.id)
    split = rules.split_change(
        before,
        after,
        waiting=review.changes if review else (),
        approved_price_rupiah=_approved_price(session, product),
        price_limit_percent=session.get_one(CurationSettings, 1).price_limit_percent,
    )
    _keep_waiting(session, actor, product, review, before, split)
    return split.now


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
    decided first; RuleBroken, with what is missing, when the criteria are not met.
    """
    actor.require(Permission.PRODUCT_CURATE)
    with unit_of_work() as session:
        review, product, region = _lock_review(session, actor, review_id, stamp)
        if review.kind == ReviewKind.NEW:
            review.criteria = _ticked(session, product, met)
            certificates.note_numbers(session, SYSTEM, product, {})
            moved = _move(session, product, (ProductState.WAITING,), ProductState.LIVE)
            before: dict[str, Any] = {}
            after: dict[str, Any] = {"state": ProductState.LIVE}
        else:
            before, after = _apply(session, review, product)
            if "ingredients" in after and not halal_holds:
                certificates.look_again(session, actor, product, "halal")
            moved = [product]
        for one in moved:
            _remember_price(session, one, one.price_rupiah, again=True)
        words = _tidy(message)
        _close(session, actor, review, ReviewState.APPROVED, "approved", words)
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
        _tell(session, moved)
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
    with speaking("id"):
        words = rules.reason_text(reasons, _tidy(reason))
    if not words:
        sentence = _("Pilih satu alasan, atau tulis apa yang perlu diperbaiki.")
        raise InvalidInput(sentence, fields={"reason": sentence})
    with unit_of_work() as session:
        review, product, region = _lock_review(session, actor, review_id, stamp)
        review.reason = words
        _close(session, actor, review, ReviewState.SENT_BACK, "sent_back", words)
        moved = [product]
        if review.kind == ReviewKind.NEW:
            moved = _move(session, product, (ProductState.WAITING,), ProductState.SENT_BACK)
        else:
            _drop(session, review)
        audit.record(session, actor, "product.sent_back", product, reason=words, region=region)
        letters.write(
            session, product.seller_id, "product_sent_back", kind=review.kind,
            product=product.name, reason=words,
            path=f"/seller/products/{product.id}",
        )  # fmt: skip
        _tell(session, moved)
        return review


def _lock_review(session: Session, actor: Actor, review_id: int, stamp: str) -> tuple[Review, Product, str]:
    review = session.get(Review, review_id)
    if review is None:
        raise NotFound(_("Pengajuan ini tidak ada, atau bukan di wilayah Anda."))
    product, region = access.own_product(session, actor, review.product_id)
    session.refresh(review)
    if review.state != ReviewState.WAITING:
        raise Conflict(_already(session, review), code="already_decided", state=review.state)
    _refuse_unless_open(session, product.seller_id)
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


def _refuse_unless_open(session: Session, seller_id: int) -> None:
    seller, day = session.get_one(Seller, seller_id), clock.today()
    facts = one_on(session, SellerFacts, seller_id, day)
    if seller.merged_into_id is not None:
        raise RuleBroken(_("Catatan usaha ini sudah digabung ke usaha lain."), code="merged")
    if facts is not None and facts.closed_on is not None and facts.closed_on <= day:
        raise RuleBroken(_("Usaha ini tercatat tutup. Buka kembali dulu."), code="closed")


def _waiting(session: Session, product_id: int) -> Review | None:
    """The review of a product that waits; the seller's row is locked, so it cannot be decided meanwhile."""
    query = select(Review).where(Review.product_id == product_id, Review.state == ReviewState.WAITING)
    return session.scalar(query.execution_options(populate_existing=True))


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
        _remember_price(session, product, product.price_rupiah, again=False)
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
        _close(session, actor, review, ReviewState.WITHDRAWN, "withdrawn")
        return
    verb = "changed" if old else "submitted"
    review.changes = changes
    session.flush()
    _note(session, actor, review, verb)
    audit.record(
        session,
        actor,
        "product.change_submitted",
        product,
        before={name: change["before"] for name, change in changes.items()},
        after={name: change["after"] for name, change in changes.items()},
        region=_region(session, product.seller_id),
    )


def _apply(session: Session, review: Review, product: Product) -> tuple[dict[str, Any], dict[str, Any]]:
    """Put a waiting change on sale; answers what was before and what is now."""
    before, after = {}, {}
    for name, change in review.changes.items():
        if name == "category_id" and session.get(Category, change["after"]) is None:
            raise RuleBroken(_("Jenis produk yang diminta sudah tidak ada. Kembalikan ke penjual."))
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


def _drop(session: Session, review: Review) -> None:
    """Forget the photos that waited with a change that will not be."""
    if "photos" in review.changes:
        photo_shelf.drop_held(session, review.product_id)


def _move(
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


def _approved_price(session: Session, product: Product) -> int:
    found = session.get(ApprovedPrice, product.id, populate_existing=True)
    return found.price_rupiah if found else product.price_rupiah


def _remember_price(session: Session, product: Product, price_rupiah: int, *, again: bool) -> None:
    """Keep the price that the office saw: the first one, or with `again` this one."""
    values = {"product_id": product.id, "price_rupiah": price_rupiah, "recorded_at": clock.now()}
    insert = insert_into(session, ApprovedPrice).values(**values)
    if again:
        changed = {"price_rupiah": insert.excluded.price_rupiah, "recorded_at": insert.excluded.recorded_at}
        session.execute(insert.on_conflict_do_update(index_elements=["product_id"], set_=changed))
    else:
        session.execute(insert.on_conflict_do_nothing(index_elements=["product_id"]))


def _close(
    session: Session, actor: Actor, review: Review, state: ReviewState, verb: str, message: str = ""
) -> None:
    review.state = state
    review.decided_at = clock.now()
    review.decided_by = actor.user_id
    _note(session, actor, review, verb, message)


def _note(session: Session, actor: Actor, review: Review, verb: str, message: str = "") -> None:
    session.add(
        ReviewEvent(
            review_id=review.id,
            verb=verb,
            by_user_id=actor.user_id,
            by_name=actor.name,
            is_office=actor.is_office,
            message=message,
            recorded_at=clock.now(),
        )
    )


def _region(session: Session, seller_id: int) -> str:
    facts = one_on(session, SellerFacts, seller_id, clock.today())
    return facts.region_code if facts else ""


def _tell(session: Session, products: Sequence[Product]) -> None:
    session.flush()
    signals.product_changed.send(session, product_ids=[one.id for one in products])


def _tidy(text: str) -> str:
    return lines(text)[:MAX_MESSAGE]
