"""What is said to a quotation: prices, others instead, yes or no. Under its lock, by the table."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from ... import audit, clock
from ...db import retry_on_conflict, unit_of_work
from ...errors import Conflict, InvalidInput, NotFound, RuleBroken
from ...i18n import _, format_moment
from ...organizations.models import Seller
from ...permissions import SYSTEM, Actor
from ...texts import lines as clean_lines
from ..models import Quote, QuoteLine, QuoteState, QuoteVersion, ShippingKind
from ..queries.offers import Offers, offers_of
from ..queries.people import buyers_person
from ..queries.supply import supply_of
from ..rules.deadlines import end_of_day
from ..rules.quote_drafts import (
    MAX_NOTE,
    QuotedLine,
    QuotedTerms,
    advance_kept,
    due_days_kept,
    valid_until,
    wrong_terms,
)
from ..rules.quotes import QuoteAct, QuoteVerb, require_quote
from ..rules.states import OrderSide
from .agreed import confirm_agreed, lines_of_version, order_from, split_agreed
from .deadlines import act_on_each
from .moving import MAX_REASON, region_of
from .quote_letters import tell_of_quote


def no_quote() -> NotFound:
    """What a stranger hears, and whoever asks for what is not there."""
    return NotFound(_("Penawaran ini tidak ada, atau bukan untuk akun Anda."))


# --- answering ---------------------------------------------------------------------------------------------


@retry_on_conflict
def offer(*, actor: Actor, quote_id: int, version: int, terms: QuotedTerms) -> Quote:
    """The seller says for what it would sell. `version` is the number of the version that this answers.

    Raises NotFound for a stranger, RuleBroken out of turn or when it is over, Conflict when another version
    is on the table by now, InvalidInput with a sentence for each field.
    """
    return _answer(actor, quote_id, version, terms, QuoteVerb.OFFER, OrderSide.SELLER)


@retry_on_conflict
def counter(*, actor: Actor, quote_id: int, version: int, terms: QuotedTerms) -> Quote:
    """The buyer says for what it would buy; raises as `offer` does."""
    return _answer(actor, quote_id, version, terms, QuoteVerb.COUNTER, OrderSide.BUYER)


def _answer(
    actor: Actor, quote_id: int, version: int, terms: QuotedTerms, verb: QuoteVerb, side: OrderSide
) -> Quote:
    with unit_of_work() as session:
        quote, act = hold(session, actor, quote_id, verb, side, version)
        if quote.shipping_kind == ShippingKind.PICKUP:
            terms = replace(terms, shipping_rupiah=0)
        _write_answer(session, actor, quote, terms, side)
        before, quote.state, quote.latest = quote.state, act.target.value, quote.latest + 1
        quote.due_at = end_of_day(valid_until(terms, clock.today()))
        session.flush()
        record_quote(session, actor, quote, before)
        tell_of_quote(session, quote, verb, side)
        return quote


def _write_answer(session: Session, actor: Actor, quote: Quote, terms: QuotedTerms, side: OrderSide) -> None:
    today = clock.today()
    asked = {line.product_id: line for line in lines_of_version(session, _first(session, quote.id))}
    lines = [line for line in terms.lines if line.product_id in asked]
    wrong = wrong_terms(replace(terms, lines=lines), today)
    kept = [line for line in lines if line.quantity > 0]
    offers = offers_of([line.product_id for line in kept])
    wrong |= _wrong_goods(kept, offers, terms.deliver_from, terms.deliver_to)
    if side is OrderSide.SELLER and not wrong:
        asked_units = [(line.product_id, line.quantity) for line in kept]
        wrong = supply_of(offers, asked_units, terms.deliver_from, makes_rest=terms.makes_rest).wrong
    if wrong:
        raise InvalidInput(next(iter(wrong.values())), wrong)
    priced = [(line.product_id, line.quantity, line.unit_price_rupiah) for line in kept]
    split = split_agreed(session, quote.seller_id, offers, priced, terms.shipping_rupiah)
    version = QuoteVersion(
        quote_id=quote.id,
        number=quote.latest + 1,
        side=side.value,
        deliver_from=terms.deliver_from,
        deliver_to=terms.deliver_to,
        payment_plan=terms.payment_plan.value,
        due_days=due_days_kept(terms),
        advance_percent=advance_kept(terms),
        goods_rupiah=split.goods_rupiah,
        shipping_rupiah=split.shipping_rupiah,
        tax_rupiah=split.tax_rupiah,
        total_rupiah=split.total_rupiah,
        valid_until=valid_until(terms, today),
        makes_rest=terms.makes_rest and side is OrderSide.SELLER,
        note=clean_lines(terms.note)[:MAX_NOTE],
        made_at=clock.now(),
        made_by=actor.user_id,
        maker_name=actor.name,
    )
    session.add(version)
    session.flush()
    for position, line in enumerate(kept, start=1):
        was = asked[line.product_id]
        session.add(
            QuoteLine(
                version_id=version.id,
                position=position,
                product_id=line.product_id,
                name=was.name,
                sku=was.sku,
                unit=was.unit,
                quantity=line.quantity,
                unit_price_rupiah=line.unit_price_rupiah,
                list_price_rupiah=offers.by_product[line.product_id].unit_price(line.quantity),
                card_text=was.card_text,
            )
        )
    session.flush()


def _first(session: Session, quote_id: int) -> int:
    query = select(QuoteVersion.id).where(QuoteVersion.quote_id == quote_id, QuoteVersion.number == 1)
    return session.scalars(query).one()


def _wrong_goods(lines: list[QuotedLine], offers: Offers, first: date, last: date) -> dict[str, str]:
    """What is not sold at this moment, and parcels below what their makers agreed to or out of season."""
    wrong = {}
    for line in lines:
        found = offers.by_product.get(line.product_id)
        if found is None or not found.is_sold:
            wrong[f"quantity-{line.product_id}"] = _("Sedang tidak dijual. Isi 0 untuk meninggalkannya.")
        elif found.content:
            sentence = found.content.not_sold(clock.today(), line.unit_price_rupiah)
            sentence = sentence or found.content.wrong_days(first, last)
            wrong |= {f"price-{line.product_id}": sentence} if sentence else {}
    return wrong


@retry_on_conflict
def accept(*, actor: Actor, quote_id: int, version: int, makes_rest: bool = False) -> Quote:
    """Say yes to the version on the table: it becomes an order, confirmed, unless a manager has to approve.

    `makes_rest`: the seller that says yes to a buyer's version makes what is not at hand; of its own version
    it said so when it wrote it.
    Raises as `offer` does; NotEnough when units are lacking, RuleBroken when something is not sold any more:
    then nothing changes.
    """
    with unit_of_work() as session:
        side = _side(session, actor, quote_id)
        quote, act = hold(session, actor, quote_id, QuoteVerb.ACCEPT, side, version)
        agreed = session.scalars(
            select(QuoteVersion).where(QuoteVersion.quote_id == quote.id, QuoteVersion.number == version)
        ).one()
        buyer = actor
        if side is OrderSide.SELLER:
            buyer = buyers_person(session, quote.operator_id, agreed.made_by, agreed.maker_name)
        is_made = agreed.makes_rest or (makes_rest and side is OrderSide.SELLER)
        order = order_from(session, buyer, quote, agreed, makes_rest=is_made)
        quote.order_id = order.id
        _end(session, actor, quote, act, "")
        confirm_agreed(session, [order])
        return quote


@retry_on_conflict
def decline(*, actor: Actor, quote_id: int, version: int, reason: str) -> Quote:
    """Say no to the version on the table, and why; raises as `offer` does."""
    return _leave(actor, quote_id, version, QuoteVerb.DECLINE, reason)


@retry_on_conflict
def withdraw(*, actor: Actor, quote_id: int, version: int, reason: str = "") -> Quote:
    """Take back what one wrote oneself, before the other side answers; raises as `offer` does."""
    return _leave(actor, quote_id, version, QuoteVerb.WITHDRAW, reason)


def _leave(actor: Actor, quote_id: int, version: int, verb: QuoteVerb, reason: str) -> Quote:
    with unit_of_work() as session:
        side = _side(session, actor, quote_id)
        quote, act = hold(session, actor, quote_id, verb, side, version)
        reason = clean_lines(reason)[:MAX_REASON]
        if act.needs_reason and not reason:
            sentence = _("Tulis alasannya, supaya pihak lain tahu apa yang perlu diubah.")
            raise InvalidInput(sentence, {"reason": sentence})
        _end(session, actor, quote, act, reason)
        return quote


@retry_on_conflict
def expire(quote_id: int) -> bool:
    """End a quotation that nobody answered in time; False when it is not overdue (any more)."""
    with unit_of_work() as session:
        quote = _lock(session, quote_id)
        if quote.ended_at is not None or quote.due_at is None or quote.due_at >= clock.now():
            return False
        act = require_quote(QuoteVerb.EXPIRE, QuoteState(quote.state), OrderSide.SYSTEM)
        _end(session, SYSTEM, quote, act, "")
        return True


def expire_overdue() -> int:
    """End every quotation whose time is over; answers how many. Safe to run twice."""

    def overdue(after: int) -> Select[int]:
        query = select(Quote.id).where(Quote.due_at < clock.now(), Quote.id > after)
        return query.order_by(Quote.id)

    return act_on_each(overdue, expire)


# --- under the lock ----------------------------------------------------------------------------------------


def hold(
    session: Session, actor: Actor, quote_id: int, verb: QuoteVerb, side: OrderSide, version: int
) -> tuple[Quote, QuoteAct]:
    """The quotation, locked and read anew, once this side may do this to this version now."""
    quote = _lock(session, quote_id)
    if side_of_quote(session, actor, quote) is not side:
        raise no_quote()
    act = require_quote(verb, QuoteState(quote.state), side)
    if act.permission is not None:
        actor.require(act.permission)
    if quote.due_at is not None and quote.due_at < clock.now():
        raise RuleBroken(
            _("Batas waktu penawaran ini sudah lewat, %(moment)s.", moment=format_moment(quote.due_at)),
            code="quote_expired",
        )
    if version != quote.latest:
        raise Conflict(
            _("Pihak lain baru saja menulis versi baru. Baca dulu, lalu jawab."), code="quote_changed"
        )
    return quote, act


def _lock(session: Session, quote_id: int) -> Quote:
    quote = session.get(Quote, quote_id, with_for_update=True, populate_existing=True)
    if quote is None:
        raise no_quote()
    return quote


def _side(session: Session, actor: Actor, quote_id: int) -> OrderSide:
    quote = session.get(Quote, quote_id)
    side = side_of_quote(session, actor, quote) if quote else None
    if side is None:
        raise no_quote()
    return side


def side_of_quote(session: Session, actor: Actor, quote: Quote) -> OrderSide | None:
    """Whose side an actor is on, also by a seller merged into its own; None for everybody else."""
    if actor.buyer_id is not None and actor.buyer_id == quote.operator_id:
        return OrderSide.BUYER
    if actor.seller_id is not None:
        kept = session.scalar(select(Seller.merged_into_id).where(Seller.id == quote.seller_id))
        if actor.seller_id in {quote.seller_id, kept}:
            return OrderSide.SELLER
    return None


def _end(session: Session, actor: Actor, quote: Quote, act: QuoteAct, reason: str) -> None:
    before, quote.state = quote.state, act.target.value
    quote.due_at, quote.ended_at, quote.ended_by = None, clock.now(), actor.user_id
    quote.ended_side, quote.end_reason = act.side.value, reason
    quote.ender_name = "" if actor == SYSTEM else actor.name
    session.flush()
    record_quote(session, actor, quote, before, reason)
    tell_of_quote(session, quote, act.verb, act.side)


def record_quote(
    session: Session, actor: Actor, quote: Quote, before: str | None = None, reason: str = ""
) -> None:
    """The new state in the audit log, under the seller's region."""
    audit.record(
        session,
        actor,
        f"quote.{quote.state}",
        quote,
        before={"state": before} if before else None,
        after={"state": quote.state},
        reason=reason,
        region=region_of(session, quote.seller_id),
    )
