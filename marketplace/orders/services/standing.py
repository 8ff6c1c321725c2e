"""Standing orders as their buyer keeps them: begun, paused, ended, a day left out, new prices agreed to."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from ... import audit, clock, documents
from ...db import insert_into, retry_on_conflict, unit_of_work
from ...errors import InvalidInput, NotFound, RuleBroken
from ...i18n import _, format_day
from ...organizations.services.purchasing import buyer_of
from ...permissions import Actor, Permission
from ...texts import lines as clean_lines
from ...texts import one_line
from ..models import (
    RunOutcome,
    ShippingKind,
    StandingCycle,
    StandingLine,
    StandingOrder,
    StandingRun,
    StandingState,
)
from ..queries.buyers import destinations_of
from ..queries.offers import offers_of, terms_of
from ..rules import buying
from ..rules.drafts import MAX_LINES, card_words
from ..rules.standing import (
    StandingDraft,
    days_ahead,
    wrong_standing,
)
from .checkout import MAX_KEY
from .moving import MAX_REASON, region_of

MAX_NOTE = 2000


def no_standing() -> NotFound:
    """What a stranger hears, and whoever asks for what is not there."""
    return NotFound(_("Pesanan rutin ini tidak ada, atau bukan untuk akun Anda."))


@retry_on_conflict
def begin_standing(*, actor: Actor, draft: StandingDraft) -> StandingOrder:
    """Have the same goods ordered on each day of a cycle; the same form sent twice is one standing order.

    Raises InvalidInput with a sentence for each field ('first_on', 'quantity-ID', ...).
    """
    actor.require(Permission.ORDER_PLACE)
    key = one_line(draft.client_key)[:MAX_KEY]
    if not key:
        raise InvalidInput(_("Formulir ini tidak lengkap. Buka lagi halamannya, lalu kirim."))
    with unit_of_work() as session:
        operator_id = buyer_of(session, actor)
        wrong = {**_wrong_goods(draft), **wrong_standing(draft, clock.today())}
        if draft.outlet_id not in {place.id for place in destinations_of(operator_id)}:
            wrong["outlet_id"] = _("Pilih toko Anda sendiri yang masih buka.")
        if wrong:
            raise InvalidInput(next(iter(wrong.values())), wrong)
        made = _write(session, actor, operator_id, key, draft)
        if made is None:
            return _begun_before(session, operator_id, key)
        _record(session, actor, made, "begun")
        return made


def _begun_before(session: Session, operator_id: int, key: str) -> StandingOrder:
    query = select(StandingOrder).where(
        StandingOrder.operator_id == operator_id, StandingOrder.client_key == key
    )
    return session.scalars(query).one()


def _wrong_goods(draft: StandingDraft) -> dict[str, str]:
    """What can never be ordered like this; stock and capacity are asked on each day."""
    wrong = {}
    offers = offers_of([line.product_id for line in draft.lines]).by_product
    products = {line.product_id for line in draft.lines}
    if not 0 < len(draft.lines) <= MAX_LINES or len(products) < len(draft.lines):
        wrong["lines"] = _("Pilih paling sedikit satu barang, masing-masing satu kali.")
    for line in draft.lines:
        offer = offers.get(line.product_id)
        if offer is None or offer.seller_id != draft.seller_id:
            wrong[f"quantity-{line.product_id}"] = _("Produk ini tidak ada lagi. Isi 0 untuk menghapusnya.")
            continue
        found = buying.wrong_with(replace(offer, ready=None, capacity=None), line.quantity, clock.today())
        changed = buying.price_change(line.seen_price_rupiah, offer.unit_price(max(1, line.quantity)))
        if found is not None:
            wrong[f"quantity-{line.product_id}"] = found.sentence
        elif changed:
            wrong[f"quantity-{line.product_id}"] = changed
    terms = terms_of([draft.seller_id])[draft.seller_id]
    ways = {*buying.shippings_of(terms)} - {ShippingKind.QUOTED}
    if draft.shipping_kind not in ways:
        wrong["shipping_kind"] = _("Penjual ini tidak menawarkan cara kirim itu. Pilih yang lain.")
    kept = [offers[key] for key in products if key in offers]
    plans = buying.plans_of(terms, is_pre_order=buying.is_pre_order(kept, clock.today()))
    if draft.payment_plan not in plans:
        wrong["payment_plan"] = _("Penjual ini tidak menawarkan cara bayar itu. Pilih yang lain.")
    return wrong


def _write(
    session: Session, actor: Actor, operator_id: int, key: str, draft: StandingDraft
) -> StandingOrder | None:
    row = {
        "standing_ref": documents.new_code(),
        "client_key": key,
        "operator_id": operator_id,
        "seller_id": draft.seller_id,
        "outlet_id": draft.outlet_id,
        "state": StandingState.ACTIVE.value,
        "cycle": draft.cycle.value,
        "first_on": draft.first_on,
        "last_on": draft.last_on,
        "next_on": draft.first_on,
        "ahead_days": draft.ahead_days,
        "window_days": draft.window_days,
        "max_rise_percent": draft.max_rise_percent,
        "shipping_kind": draft.shipping_kind.value,
        "payment_plan": draft.payment_plan.value,
        "note": clean_lines(draft.note)[:MAX_NOTE],
        "made_at": clock.now(),
        "made_by": actor.user_id,
        "maker_name": actor.name,
        "end_reason": "",
    }
    statement = insert_into(session, StandingOrder).values(**row).returning(StandingOrder)
    statement = statement.on_conflict_do_nothing(index_elements=["operator_id", "client_key"])
    made: StandingOrder | None = session.scalars(statement).one_or_none()
    if made is not None:
        session.add_all(
            StandingLine(
                standing_id=made.id,
                product_id=line.product_id,
                position=position,
                quantity=line.quantity,
                agreed_price_rupiah=line.seen_price_rupiah,
                card_text=card_words(line.card_text),
            )
            for position, line in enumerate(draft.lines, start=1)
        )
        session.flush()
    return made


# --- keeping it --------------------------------------------------------------------------------------------


@retry_on_conflict
def pause(*, actor: Actor, standing_id: int) -> StandingOrder:
    """No orders until it is resumed. Raises NotFound for a stranger, RuleBroken unless it runs."""
    with unit_of_work() as session:
        standing = hold_standing(session, actor, standing_id, StandingState.ACTIVE)
        standing.state = StandingState.PAUSED.value
        _record(session, actor, standing, "paused")
        return standing


@retry_on_conflict
def resume(*, actor: Actor, standing_id: int) -> StandingOrder:
    """Order again from the next day of the cycle on; days in between are not made up for."""
    with unit_of_work() as session:
        standing = hold_standing(session, actor, standing_id, StandingState.PAUSED)
        found = coming_days(standing, clock.today(), 1)
        if not found:
            raise RuleBroken(
                _("Hari terakhirnya sudah lewat. Buat pesanan rutin baru."), code="standing_over"
            )
        standing.state, standing.next_on = StandingState.ACTIVE.value, found[0]
        _record(session, actor, standing, "resumed")
        return standing


@retry_on_conflict
def end(*, actor: Actor, standing_id: int, reason: str = "") -> StandingOrder:
    """No orders any more; those that were made go on. Raises NotFound for a stranger."""
    with unit_of_work() as session:
        standing = hold_standing(session, actor, standing_id, StandingState.ACTIVE, StandingState.PAUSED)
        finish(standing, clean_lines(reason)[:MAX_REASON])
        _record(session, actor, standing, "ended", reason=standing.end_reason)
        return standing


@retry_on_conflict
def skip(*, actor: Actor, standing_id: int, day: date) -> StandingRun:
    """Leave one day out, or what waits for the buyer's yes. Raises RuleBroken for a day that is no day of
    it, or on which something was done already."""
    with unit_of_work() as session:
        standing = hold_standing(session, actor, standing_id, *StandingState)
        run = session.get(StandingRun, (standing.id, day), populate_existing=True)
        if run is not None and run.outcome != RunOutcome.WAITING:
            raise RuleBroken(
                _("Untuk %(day)s sudah ada catatannya. Muat ulang halaman ini.", day=format_day(day)),
                code="standing_day_done",
            )
        is_over = standing.next_on is None or day < standing.next_on or day < clock.today()
        is_far = day > clock.today() + timedelta(days=buying.FARTHEST_DAYS)
        if run is None and (is_over or is_far or day not in coming_days(standing, day, 1)):
            raise RuleBroken(
                _("%(day)s bukan hari pesanan rutin ini.", day=format_day(day)), code="standing_no_day"
            )
        run = run or StandingRun(standing_id=standing.id, day=day)
        run.outcome, run.happened_at = RunOutcome.SKIPPED.value, clock.now()
        run.user_id, run.user_name = actor.user_id, actor.name
        session.add(run)
        session.flush()
        _record(session, actor, standing, "skipped")
        return run


@retry_on_conflict
def unskip(*, actor: Actor, standing_id: int, day: date) -> None:
    """Order on a day after all, as long as it has not come. Raises as `skip` does."""
    with unit_of_work() as session:
        standing = hold_standing(session, actor, standing_id, StandingState.ACTIVE, StandingState.PAUSED)
        if standing.next_on is None or day < standing.next_on or day < clock.today():
            raise RuleBroken(
                _("%(day)s sudah lewat. Pesan sekali saja lewat keranjang.", day=format_day(day)),
                code="standing_day_done",
            )
        session.execute(
            delete(StandingRun).where(
                StandingRun.standing_id == standing.id,
                StandingRun.day == day,
                StandingRun.outcome == RunOutcome.SKIPPED.value,
            )
        )
        _record(session, actor, standing, "unskipped")


# --- under the lock ----------------------------------------------------------------------------------------


def lock_standing(session: Session, standing_id: int) -> StandingOrder:
    """The standing order, locked and read anew; NotFound when there is none."""
    standing = session.get(StandingOrder, standing_id, with_for_update=True, populate_existing=True)
    if standing is None:
        raise no_standing()
    return standing


def hold_standing(session: Session, actor: Actor, standing_id: int, *states: StandingState) -> StandingOrder:
    """The actor's own standing order under its lock, in one of these states."""
    standing = lock_standing(session, standing_id)
    if actor.buyer_id is None or actor.buyer_id != standing.operator_id:
        raise no_standing()
    actor.require(Permission.ORDER_PLACE)
    if StandingState(standing.state) not in states:
        sentences = {
            StandingState.ACTIVE: _("Pesanan rutin ini sedang berjalan."),
            StandingState.PAUSED: _("Pesanan rutin ini sedang dijeda."),
            StandingState.ENDED: _("Pesanan rutin ini sudah berakhir. Buat yang baru bila masih perlu."),
        }
        raise RuleBroken(sentences[StandingState(standing.state)], code=f"standing_{standing.state}")
    return standing


def coming_days(standing: StandingOrder, day: date, count: int) -> list[date]:
    """The days of a standing order from a day on."""
    return days_ahead(StandingCycle(standing.cycle), standing.first_on, standing.last_on, day, count)


def finish(standing: StandingOrder, reason: str) -> None:
    """It is over."""
    standing.state, standing.next_on = StandingState.ENDED.value, None
    standing.ended_at, standing.end_reason = clock.now(), reason


def _record(session: Session, actor: Actor, standing: StandingOrder, act: str, reason: str = "") -> None:
    audit.record(
        session,
        actor,
        f"standing.{act}",
        standing,
        after={"state": standing.state},
        reason=reason,
        region=region_of(session, standing.seller_id),
    )
