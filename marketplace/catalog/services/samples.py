"""A sample from request to receipt: each step under the request's lock, audited and mailed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import current_app
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ... import audit, clock
from ...db import retry_on_conflict, unit_of_work
from ...errors import Conflict, InvalidInput, NotFound
from ...i18n import _
from ...organizations.models import Operator, OutletFacts
from ...organizations.versions import facts_on
from ...permissions import Actor, Permission
from ...texts import lines, one_line
from .. import queries
from ..models import Product, SampleRequest, SampleState
from ..rules import SampleCondition, SampleSide, SampleVerb, require_sample_act, sample_condition
from . import letters
from .team_letters import write_back

MAX_QUANTITY = 100
MAX_OPEN = 30
MAX_NOTE = 1000
MAX_SHIPPING = 300
_OPEN = (SampleState.REQUESTED, SampleState.APPROVED, SampleState.SHIPPED)


@retry_on_conflict
def request_sample(
    *, actor: Actor, product_id: int, quantity: int, outlet_id: int | None = None, note: str = ""
) -> SampleRequest:
    """Ask a maker for a sample; it answers within SAMPLE_REPLY_DAYS days.

    A request that nobody answered in time makes room for a new one. Raises NotFound for a product that is not
    shown, InvalidInput, Conflict while a request for it is still open.
    """
    actor.require(Permission.SAMPLE_REQUEST)
    words = _checked(quantity, note)
    with unit_of_work() as session:
        operator = session.get(Operator, actor.operator_id or 0, with_for_update=True)
        if operator is None or not queries.is_shown(actor, product_id):
            raise NotFound(_("Produk ini tidak ada, atau sedang tidak ditampilkan pembuatnya."))
        product = session.get_one(Product, product_id)
        if outlet_id is not None:
            _require_own_outlet(session, operator.id, outlet_id)
        today = clock.today()
        _make_room(session, actor, operator.id, product_id)
        row = SampleRequest(
            product_id=product_id,
            operator_id=operator.id,
            outlet_id=outlet_id,
            quantity=quantity,
            note=words,
            requested_by=actor.user_id,
            requested_at=clock.now(),
            reply_by=today + timedelta(days=int(current_app.config["SAMPLE_REPLY_DAYS"])),
        )
        session.add(row)
        session.flush()
        audit.record(
            session,
            actor,
            "sample.requested",
            row,
            after={"product": product.name, "quantity": quantity, "reply_by": row.reply_by},
        )
        letters.write(
            session,
            product.seller_id,
            "sample_requested",
            product=product.name,
            buyer=operator.name,
            quantity=quantity,
            note=words,
            reply_by=row.reply_by.isoformat(),
            path=f"/samples/{row.id}",
        )
        return row


def approve_sample(*, actor: Actor, sample_id: int, note: str = "") -> SampleRequest:
    """The maker will send it; `note` says when and how."""
    return _act(actor, sample_id, SampleVerb.APPROVE, reason=_fitting(note, MAX_NOTE, "reason"))


def decline_sample(*, actor: Actor, sample_id: int, reason: str) -> SampleRequest:
    """The maker will not, and says why. Raises InvalidInput without a reason."""
    words = _fitting(reason, MAX_NOTE, "reason")
    if not words:
        sentence = _("Tulis alasannya. Pembeli akan membacanya.")
        raise InvalidInput(sentence, fields={"reason": sentence})
    return _act(actor, sample_id, SampleVerb.DECLINE, reason=words)


def ship_sample(*, actor: Actor, sample_id: int, shipping_note: str = "") -> SampleRequest:
    """It is on its way; `shipping_note` says with whom."""
    words = one_line(shipping_note)
    if len(words) > MAX_SHIPPING:
        sentence = _("Paling panjang %(most)d huruf.", most=MAX_SHIPPING)
        raise InvalidInput(sentence, fields={"shipping_note": sentence})
    return _act(actor, sample_id, SampleVerb.SHIP, shipping_note=words)


def receive_sample(*, actor: Actor, sample_id: int) -> SampleRequest:
    """It has arrived."""
    return _act(actor, sample_id, SampleVerb.RECEIVE)


def withdraw_sample(*, actor: Actor, sample_id: int) -> SampleRequest:
    """The retailer does not want it any more."""
    return _act(actor, sample_id, SampleVerb.WITHDRAW)


@retry_on_conflict
def _act(actor: Actor, sample_id: int, verb: SampleVerb, **words: str) -> SampleRequest:
    """One step of the table. Of two people who take a step at once, the second hears how it stands."""
    with unit_of_work() as session:
        row = session.get(SampleRequest, sample_id, with_for_update=True, populate_existing=True)
        product = session.get_one(Product, row.product_id) if row else None
        side = _side_of(actor, row, product)
        if row is None or product is None or side is None:
            raise NotFound(_("Permintaan contoh ini tidak ada, atau bukan untuk akun Anda."))
        condition = sample_condition(row.state, row.reply_by, clock.today())
        act = require_sample_act(verb, condition=condition, side=side)
        actor.require(act.permission)
        _take_step(row, actor, act.target, words)
        audit.record(
            session,
            actor,
            f"sample.{act.target}",
            row,
            before={"state": condition.value},
            after={"state": row.state, "product": product.name},
            reason=words.get("reason", ""),
        )
        _tell(session, row, product, side)
        return row


def _side_of(actor: Actor, row: SampleRequest | None, product: Product | None) -> SampleSide | None:
    if row is None or product is None:
        return None
    if actor.seller_id is not None and actor.seller_id == product.seller_id:
        return SampleSide.SELLER
    if actor.operator_id is not None and actor.operator_id == row.operator_id:
        return SampleSide.BUYER
    return None


def _take_step(row: SampleRequest, actor: Actor, target: SampleCondition, words: dict[str, Any]) -> None:
    row.state, now = SampleState(target.value), clock.now()
    if target in (SampleCondition.APPROVED, SampleCondition.DECLINED):
        row.answered_at, row.answered_by, row.reason = now, actor.user_id, words["reason"]
    elif target is SampleCondition.SHIPPED:
        row.shipped_at, row.shipping_note = now, words["shipping_note"]
    elif target is SampleCondition.RECEIVED:
        row.received_at = now
    elif target is SampleCondition.WITHDRAWN:
        row.withdrawn_at = now


def _tell(session: Session, row: SampleRequest, product: Product, by: SampleSide) -> None:
    """The other side hears of the step."""
    operator = session.get_one(Operator, row.operator_id)
    said = {
        "product": product.name,
        "buyer": operator.name,
        "state": str(row.state),
        "reason": row.reason,
        "shipping_note": row.shipping_note,
    }
    path = f"/samples/{row.id}"
    if by is SampleSide.SELLER:
        write_back(
            session, "sample_news", user_id=row.requested_by, operator_id=row.operator_id, path=path, **said
        )
    else:
        letters.write(session, product.seller_id, "sample_news", path=path, **said)


def _make_room(session: Session, actor: Actor, operator_id: int, product_id: int) -> None:
    """One open request for a product; one that was not answered in time is closed."""
    open_rows = session.scalars(
        select(SampleRequest)
        .where(
            SampleRequest.operator_id == operator_id,
            SampleRequest.product_id == product_id,
            SampleRequest.state.in_(_OPEN),
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    for row in open_rows:
        if sample_condition(row.state, row.reply_by, clock.today()) is not SampleCondition.EXPIRED:
            raise Conflict(
                _("Tim Anda sudah meminta contoh produk ini. Lihat jawabannya di Contoh."),
                code="sample_open",
                sample_id=row.id,
            )
        row.state, row.withdrawn_at = SampleState.WITHDRAWN, clock.now()
        audit.record(session, actor, "sample.withdrawn", row, before={"state": "expired"})
    session.flush()
    held = session.scalar(
        select(func.count()).where(SampleRequest.operator_id == operator_id, SampleRequest.state.in_(_OPEN))
    )
    if (held or 0) >= MAX_OPEN:
        raise Conflict(
            _("Tim Anda masih menunggu %(most)d contoh. Selesaikan dulu sebagian.", most=MAX_OPEN),
            code="too_many_samples",
        )


def _require_own_outlet(session: Session, operator_id: int, outlet_id: int) -> None:
    query = select(OutletFacts.id).where(
        OutletFacts.outlet_id == outlet_id,
        OutletFacts.operator_id == operator_id,
        facts_on(OutletFacts, clock.today()),
    )
    if session.scalar(query) is None:
        sentence = _("Pilih toko Anda sendiri.")
        raise InvalidInput(sentence, fields={"outlet_id": sentence})


def _checked(quantity: int, note: str) -> str:
    if not 1 <= quantity <= MAX_QUANTITY:
        sentence = _("Minta 1 sampai %(most)d contoh.", most=MAX_QUANTITY)
        raise InvalidInput(sentence, fields={"quantity": sentence})
    return _fitting(note, MAX_NOTE, "note")


def _fitting(text: str, most: int, field: str) -> str:
    words = lines(text)
    if len(words) > most:
        sentence = _("Paling panjang %(most)d huruf.", most=most)
        raise InvalidInput(sentence, fields={field: sentence})
    return words
