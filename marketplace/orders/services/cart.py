"""What somebody means to buy: kept for each person of each buyer until it is ordered."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, delete, func, select
from sqlalchemy.orm import Session

from ... import clock
from ...db import insert_into, retry_on_conflict, unit_of_work
from ...errors import InvalidInput, NotFound, RuleBroken
from ...i18n import _, format_number
from ...organizations.services.purchasing import buyer_of
from ...permissions import Actor, Permission
from ..models import CartLine
from ..queries.offers import offers_of
from ..rules.buying import MAX_UNITS, Offer, wrong_with
from ..rules.drafts import MAX_LINES, LineDraft, card_words


@retry_on_conflict
def add(*, actor: Actor, product_id: int, quantity: int, card_text: str = "") -> CartLine:
    """Put units of a product into the cart, beside those that are in it.

    Raises NotFound for what is not sold, InvalidInput for a number that cannot be ordered, RuleBroken when
    the cart is full.
    """
    actor.require(Permission.ORDER_PLACE)
    with unit_of_work() as session:
        operator_id, user_id = buyer_of(session, actor), _person(actor)
        offer = offers_of([product_id]).by_product.get(product_id)
        if offer is None or not offer.is_sold:
            raise NotFound(_("Produk ini tidak ada, atau sedang tidak dijual."))
        line = session.get(CartLine, (operator_id, user_id, product_id), with_for_update=True)
        total = quantity + (line.quantity if line else 0)
        _refuse_wrong(offer, total if quantity > 0 else quantity)
        if line is None:
            _refuse_full(session, operator_id, user_id)
        row = {
            "operator_id": operator_id,
            "user_id": user_id,
            "product_id": product_id,
            "quantity": total,
            "seen_price_rupiah": offer.unit_price(total),
            "card_text": card_words(card_text) or (line.card_text if line else ""),
            "added_at": line.added_at if line else clock.now(),
        }
        statement = insert_into(session, CartLine).values(**row)
        statement = statement.on_conflict_do_update(
            index_elements=["operator_id", "user_id", "product_id"],
            set_={name: row[name] for name in ("quantity", "seen_price_rupiah", "card_text")},
        ).returning(CartLine)
        return session.scalars(statement, execution_options={"populate_existing": True}).one()


@retry_on_conflict
def change(*, actor: Actor, lines: Sequence[LineDraft]) -> None:
    """Write what the cart's form says: units (0 takes a line away), words for cards, prices that were seen.

    What is not in the cart any more stays out of it. Raises InvalidInput, by 'quantity-PRODUCT_ID'.
    """
    actor.require(Permission.ORDER_PLACE)
    wrong = {
        f"quantity-{line.product_id}": _(
            "Tulis angka bulat dari 0 sampai %(most)s.", most=format_number(MAX_UNITS)
        )
        for line in lines
        if not 0 <= line.quantity <= MAX_UNITS
    }
    if wrong:
        raise InvalidInput(next(iter(wrong.values())), wrong)
    with unit_of_work() as session:
        operator_id, user_id = buyer_of(session, actor), _person(actor)
        offers = offers_of([line.product_id for line in lines]).by_product
        query = select(CartLine).where(_own(operator_id, user_id)).order_by(CartLine.product_id)
        kept = {row.product_id: row for row in session.scalars(query.with_for_update())}
        for line in lines:
            row, offer = kept.get(line.product_id), offers.get(line.product_id)
            if row is None:
                continue
            if line.quantity == 0 or offer is None:
                session.delete(row)
                continue
            is_same = row.quantity == line.quantity
            row.seen_price_rupiah = line.seen_price_rupiah if is_same else offer.unit_price(line.quantity)
            row.quantity = line.quantity
            row.card_text = card_words(line.card_text)


@retry_on_conflict
def remove(*, actor: Actor, product_id: int) -> None:
    """Take a product out of the cart; nothing happens when it is not in it."""
    actor.require(Permission.ORDER_PLACE)
    with unit_of_work() as session:
        own = _own(buyer_of(session, actor), _person(actor))
        session.execute(delete(CartLine).where(own, CartLine.product_id == product_id))


@retry_on_conflict
def empty(*, actor: Actor) -> None:
    """Take everything out of the cart."""
    actor.require(Permission.ORDER_PLACE)
    with unit_of_work() as session:
        session.execute(delete(CartLine).where(_own(buyer_of(session, actor), _person(actor))))


def _person(actor: Actor) -> int:
    if actor.user_id is None:
        raise NotFound(_("Keranjang ini tidak ada."))
    return actor.user_id


def _own(operator_id: int, user_id: int) -> ColumnElement[bool]:
    return and_(CartLine.operator_id == operator_id, CartLine.user_id == user_id)


def _refuse_wrong(offer: Offer, quantity: int) -> None:
    wrong = wrong_with(offer, quantity, clock.today())
    if wrong is not None:
        raise InvalidInput(wrong.sentence, {"quantity": wrong.sentence}, code=f"cart_{wrong.trouble}")


def _refuse_full(session: Session, operator_id: int, user_id: int) -> None:
    count = select(func.count()).where(_own(operator_id, user_id))
    if (session.scalar(count) or 0) >= MAX_LINES:
        raise RuleBroken(
            _(
                "Keranjang paling banyak memuat %(most)s produk. Kirim pesanan yang ada dulu.",
                most=format_number(MAX_LINES),
            ),
            code="cart_full",
        )
