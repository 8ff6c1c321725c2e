"""Destruction minutes: what was spoiled is destroyed at the store, with a photo, and someone bears it."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from ... import clock, documents, images
from ...backends.storage import StorageFailed, current_storage
from ...db import db, retry_on_conflict, unit_of_work
from ...errors import InvalidInput, RuleBroken, Unavailable
from ...i18n import _, format_day
from ...permissions import Actor, Permission
from ...stock.models import MovementKind
from ...stock.rules import Movement, derived_ref
from ...stock.services import post_movements
from ...texts import lines as clean_lines
from ...texts import one_line
from ..models import Destruction, DestructionLine, ReturnReason, ReturnState
from ..rules import Side
from ..rules.returns import DESTROYABLE, ReturnVerb, bearer_of, loss_reason, require_return
from ..rules.terms import Terms
from .losses import bear
from .parties import Parties, lock_as_side, record, tell
from .return_lines import TakenLine, check_lines, lines_of, lock_note, terms_of_pair

KIND = "destruction"
SIZES = (320, 1280)
OLDEST_DAYS = 31
"""How long ago it may have happened when it is written down."""


@dataclass(frozen=True)
class DestructionDraft:
    """Minutes as the store writes them; with a `return_id` its lines are what is destroyed."""

    outlet_id: int
    seller_id: int
    destroyed_on: date
    method: str
    witness_name: str
    lines: Sequence[TakenLine] = ()
    seller_witness_name: str = ""
    note: str = ""
    return_id: int | None = None
    client_key: str = ""


@dataclass(frozen=True)
class KeptPhoto:
    """A photo that is in the store already: the stem of its files and its size."""

    stem: str
    digest: str
    width: int
    height: int


def file_key(stem: str, size: int, file_format: str) -> str:
    """Where a file of the photo is kept."""
    return f"destructions/{stem}-{size}.{file_format}"


def record_destruction(*, actor: Actor, draft: DestructionDraft, photo: bytes) -> Destruction:
    """Write the minutes, take the units off the shelf as losses, and say who bears each by the agreement.

    The same form sent twice (its `client_key`) is written once. Raises NotFound for a stranger, InvalidInput
    for what cannot be, RuleBroken when the return was fetched or destroyed already, Unavailable when the
    photo cannot be kept.
    """
    actor.require(Permission.RETURN_MAKE)
    key = one_line(draft.client_key)[:64] or None
    known = _sent_before(db.session(), draft.outlet_id, key)
    if known is not None:
        return _own(actor, draft, known)
    kept = _keep(photo)
    made = None
    try:
        made = _record(actor, draft, key, kept)
    finally:
        if made is None or made.photo != kept.stem:  # refused, or another request was faster with it
            _forget(kept.stem)
    return made


@retry_on_conflict
def _own(actor: Actor, draft: DestructionDraft, known: Destruction) -> Destruction:
    """What was written before, for its own store only."""
    with unit_of_work() as session:
        lock_as_side(session, actor, draft.outlet_id, draft.seller_id, Side.OUTLET)
        return known


@retry_on_conflict
def _record(actor: Actor, draft: DestructionDraft, key: str | None, photo: KeptPhoto) -> Destruction:
    with unit_of_work() as session:
        parties = lock_as_side(session, actor, draft.outlet_id, draft.seller_id, Side.OUTLET)
        known = _sent_before(session, draft.outlet_id, key)
        if known is not None:
            return known
        written = _lines(session, actor, draft)
        _check(draft, written)
        check_lines(session, parties, written, draft.destroyed_on)
        agreement_id, terms = terms_of_pair(session, parties, draft.destroyed_on)
        row = _minutes(session, actor, draft, parties, photo, key, agreement_id)
        _write_lines(session, row, written, terms)
        movements = [_movement(row, place, line) for place, line in enumerate(written, start=1)]
        post_movements(actor=actor, movements=movements)
        for movement, line in zip(movements, written, strict=True):
            borne_by, reason = bearer_of(line.reason, terms), loss_reason(line.reason)
            bear(session, movement.movement_ref, borne_by, reason, KIND, row.id)
        units = sum(line.quantity for line in written)
        record(session, actor, parties, "goods.destroyed", row, after={"units": units})
        tell(
            session,
            parties,
            Side.SELLER,
            "goods_destroyed",
            f"/destructions/{row.id}",
            number=row.number,
            units=units,
            destroyed_on=row.destroyed_on.isoformat(),
            borne=sorted({bearer_of(line.reason, terms).value for line in written}),
        )
        return row


def _lines(session: Session, actor: Actor, draft: DestructionDraft) -> list[TakenLine]:
    """What is destroyed: what was written, or what a return note holds, which is then done with."""
    if draft.return_id is None:
        return list(draft.lines)
    _parties, note = lock_note(session, actor, draft.return_id, Side.OUTLET)
    act = require_return(ReturnVerb.DESTROY, ReturnState(note.state))
    if (note.outlet_id, note.seller_id) != (draft.outlet_id, draft.seller_id):
        raise RuleBroken(_("Retur ini milik toko atau usaha lain."), code="return_of_others")
    note.state = act.target.value
    return [
        TakenLine(line.product_id, line.quantity, ReturnReason(line.reason), line.lot_code, line.expires_on)
        for line in lines_of(session, note.id)
    ]


def _check(draft: DestructionDraft, written: Sequence[TakenLine]) -> None:
    today, wrong = clock.today(), {}
    if draft.destroyed_on > today:
        wrong["destroyed_on"] = _("Tanggal %(day)s belum tiba.", day=format_day(draft.destroyed_on))
    elif (today - draft.destroyed_on).days > OLDEST_DAYS:
        wrong["destroyed_on"] = _("Paling lama %(count)d hari yang lalu.", count=OLDEST_DAYS)
    if not one_line(draft.method):
        wrong["method"] = _("Tulis cara memusnahkan, misalnya digunting lalu dibuang.")
    if not one_line(draft.witness_name):
        wrong["witness_name"] = _("Tulis nama saksi dari toko.")
    for line in written:
        if line.reason not in DESTROYABLE:
            wrong.setdefault(line.field, _("Yang dimusnahkan hanya barang kedaluwarsa atau rusak."))
    if wrong:
        raise InvalidInput(next(iter(wrong.values())), wrong)


def _minutes(
    session: Session,
    actor: Actor,
    draft: DestructionDraft,
    parties: Parties,
    photo: KeptPhoto,
    key: str | None,
    agreement_id: int | None,
) -> Destruction:
    year = clock.today().year
    number = documents.next_number(session, f"destruction:{parties.operator_id}:{year}")
    row = Destruction(
        number=f"BA/{year}/{number:04d}",
        code=documents.new_code(),
        client_key=key,
        operator_id=parties.operator_id,
        outlet_id=parties.outlet.id,
        seller_id=parties.seller.id,
        agreement_id=agreement_id,
        return_note_id=draft.return_id,
        destroyed_on=draft.destroyed_on,
        method=one_line(draft.method)[:200],
        witness_name=one_line(draft.witness_name)[:300],
        seller_witness_name=one_line(draft.seller_witness_name)[:300],
        note=clean_lines(draft.note)[:2000],
        photo=photo.stem,
        photo_digest=photo.digest,
        photo_width=photo.width,
        photo_height=photo.height,
        recorded_at=clock.now(),
        recorded_by=actor.user_id,
        recorder_name=actor.name,
    )
    session.add(row)
    session.flush()
    return row


def _write_lines(
    session: Session, row: Destruction, written: Sequence[TakenLine], terms: Terms | None
) -> None:
    for position, line in enumerate(written, start=1):
        session.add(
            DestructionLine(
                destruction_id=row.id,
                position=position,
                product_id=line.product_id,
                lot_code=line.lot_code,
                expires_on=line.expires_on,
                quantity=line.quantity,
                reason=line.reason.value,
                borne_by=bearer_of(line.reason, terms).value,
            )
        )
    session.flush()


def _movement(row: Destruction, position: int, line: TakenLine) -> Movement:
    return Movement(
        movement_ref=derived_ref(KIND, row.id, position),
        kind=MovementKind.LOSS,
        outlet_id=row.outlet_id,
        seller_id=row.seller_id,
        product_id=line.product_id,
        quantity=line.quantity,
        occurred_on=row.destroyed_on,
        lot=line.lot_code,
        expires_on=line.expires_on,
        note=row.number,
        cause_kind=KIND,
        cause_id=row.id,
    )


def _sent_before(session: Session, outlet_id: int, key: str | None) -> Destruction | None:
    if key is None:
        return None
    query = select(Destruction).where(Destruction.outlet_id == outlet_id, Destruction.client_key == key)
    return session.scalars(query).one_or_none()


# --- the photo ---------------------------------------------------------------------------------------------


def _keep(content: bytes) -> KeptPhoto:
    """The photo in the store, in two sizes, before anything is locked."""
    if not content:
        sentence = _("Lampirkan foto barang yang dimusnahkan.")
        raise InvalidInput(sentence, {"photo": sentence})
    try:
        images.inspect(content, current_app.config["PHOTO_MAX_BYTES"])
        made = images.make(content, SIZES)
    except images.BadImage as error:
        raise InvalidInput(error.message, {"photo": error.message}) from error
    stem = secrets.token_hex(10)
    store = current_storage()
    try:
        for one in made.renditions:
            store.put(file_key(stem, one.size, one.format), one.data)
    except StorageFailed as error:
        raise Unavailable(_("Foto belum bisa disimpan sekarang. Coba lagi beberapa menit lagi.")) from error
    return KeptPhoto(stem, hashlib.sha256(content).hexdigest(), made.width, made.height)


def _forget(stem: str) -> None:
    store = current_storage()
    for size in SIZES:
        for file_format in ("webp", "jpg"):
            store.delete(file_key(stem, size, file_format))
