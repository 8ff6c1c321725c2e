"""What may be asked of the ledger, what it answers, and when two askings are the same."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum, StrEnum
from typing import Any

from ...clock import LAST_DAY
from ..models import INBOUND, MovementKind

MAX_QUANTITY = 10**12
"""Units in one movement; with MAX_ON_HAND no sum over a city leaves 64 bits."""
MAX_ON_HAND = 10**15
MAX_RUPIAH = 10**12
REF_LENGTH = 64
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


class Taking(Enum):
    """How much an outbound movement takes when the shelf holds less: nothing, or what is there."""

    ALL_OR_NOTHING = "all_or_nothing"
    UP_TO_SHELF = "up_to_shelf"


class RefusalCode(StrEnum):
    """Why the ledger said no."""

    BAD_REF = "bad_ref"
    BAD_QUANTITY = "bad_quantity"
    BAD_PRICE = "bad_price"
    BAD_LOT = "bad_lot"
    BAD_TEXT = "bad_text"
    FUTURE_DATE = "future_date"
    UNKNOWN_SHELF = "unknown_shelf"
    NOT_OF_SELLER = "not_of_seller"
    BELOW_ZERO = "below_zero"
    LOT_SHORT = "lot_short"
    EXPIRED = "expired"
    SHELF_FULL = "shelf_full"
    CONFLICT = "conflict"
    UNKNOWN_MOVEMENT = "unknown_movement"
    ALREADY_REVERSED = "already_reversed"
    REVERSAL_OF_REVERSAL = "reversal_of_reversal"
    BEFORE_ORIGINAL = "before_original"


@dataclass(frozen=True)
class Refusal:
    """One no: its code, the numbers, and the column of a file that is to blame."""

    code: RefusalCode
    column: str = "movement_ref"
    details: dict[str, Any] = field(default_factory=dict)


def refuse(code: RefusalCode, column: str = "movement_ref", **details: Any) -> Refusal:
    """A refusal with its numbers."""
    return Refusal(code, column, details)


@dataclass(frozen=True, slots=True)
class Movement:
    """One movement to record: `quantity` units (> 0) of one product at one outlet on one day.

    An outbound movement without `lot` takes first expired first out; with it, only from lots of that code.
    A lot of '' is the one without a code that expires on `expires_on`; without that day it is what stands
    there without any lot.
    """

    movement_ref: str
    kind: MovementKind
    outlet_id: int
    seller_id: int
    product_id: int
    quantity: int
    occurred_on: date
    unit_price_rupiah: int | None = None
    lot: str | None = None
    expires_on: date | None = None
    note: str | None = None
    cause_kind: str = "screen"
    cause_id: int | None = None

    @property
    def is_inbound(self) -> bool:
        """Whether it adds to the shelf."""
        return self.kind in INBOUND

    @property
    def named_code(self) -> str | None:
        """The code of the lots that an outbound movement names; None when the ledger chooses."""
        return None if self.lot is None or not (self.lot or self.expires_on) else self.lot

    @property
    def is_without_lot(self) -> bool:
        """Whether an outbound movement asks for units that no lot covers."""
        return self.lot == "" and self.expires_on is None

    @property
    def lot_key(self) -> tuple[str, date] | None:
        """The lot an inbound movement adds to; None for units without lot."""
        if not self.lot and self.expires_on is None:
            return None
        return self.lot or "", self.expires_on or LAST_DAY


@dataclass(frozen=True, slots=True)
class Reversal:
    """Take a recorded movement back, whole, on a day not before its own."""

    movement_ref: str
    reverses_ref: str
    occurred_on: date
    note: str | None = None
    cause_kind: str = "screen"
    cause_id: int | None = None


@dataclass(slots=True)
class Part:
    """One row of the ledger."""

    id: int
    movement_ref: str
    part: int
    outlet_id: int
    seller_id: int
    product_id: int
    lot_id: int | None
    is_lot_named: bool
    kind: str
    change: int
    unit_price_rupiah: int | None
    occurred_on: date
    reverses_id: int | None
    note: str | None
    lot_code: str | None = None
    expires_on: date | None = None
    reverses_ref: str | None = None


@dataclass(frozen=True)
class Posting:
    """Movements and reversals to record together, all or none, by someone at some moment."""

    movements: tuple[Movement | Reversal, ...]
    today: date
    recorded_at: datetime
    recorded_by: int | None = None
    taking: Taking = Taking.ALL_OR_NOTHING
    sells_expired: bool = True


@dataclass(frozen=True)
class Posted:
    """What the ledger holds for one movement_ref: its rows, and whether they are new."""

    movement_ref: str
    parts: tuple[Part, ...]
    is_new: bool
    took_expired: bool = False

    @property
    def quantity(self) -> int:
        """Units moved, over all its rows."""
        return abs(sum(part.change for part in self.parts))


def check_movement(movement: Movement | Reversal, today: date) -> Refusal | None:
    """Whether the values alone allow it."""
    if not movement.movement_ref or len(movement.movement_ref) > REF_LENGTH:
        return refuse(RefusalCode.BAD_REF, limit=REF_LENGTH)
    for column in ("movement_ref", "note", "lot"):
        if not is_storable(getattr(movement, column, None)):
            return refuse(RefusalCode.BAD_TEXT, column)
    if movement.occurred_on > today:
        return refuse(RefusalCode.FUTURE_DATE, "occurred_on", occurred_on=movement.occurred_on, today=today)
    if isinstance(movement, Reversal):
        return None
    if not 0 < movement.quantity <= MAX_QUANTITY:
        return refuse(RefusalCode.BAD_QUANTITY, "quantity", quantity=movement.quantity, limit=MAX_QUANTITY)
    price = movement.unit_price_rupiah
    if price is not None and not 0 <= price <= MAX_RUPIAH:
        return refuse(RefusalCode.BAD_PRICE, "unit_price_rupiah", limit=MAX_RUPIAH)
    if movement.lot is not None and len(movement.lot) > REF_LENGTH:
        return refuse(RefusalCode.BAD_LOT, "lot", limit=REF_LENGTH)
    return None


def is_storable(text: str | None) -> bool:
    """Whether both databases can keep it: no NUL and no half of a character."""
    if text is None or (text.isascii() and "\0" not in text):
        return True
    return _UNSTORABLE.search(text) is None


def is_same_movement(movement: Movement, parts: Sequence[Part]) -> bool:
    """Whether the rows recorded under its reference say the same.

    The lot is part of it where the sender named one; an expiry date on an outbound row is not, because
    it is the lot's and not the movement's.
    """
    first = parts[0]
    if first.reverses_id is not None:
        return False
    same = (
        first.kind == movement.kind
        and first.outlet_id == movement.outlet_id
        and first.seller_id == movement.seller_id
        and first.product_id == movement.product_id
        and first.occurred_on == movement.occurred_on
        and first.unit_price_rupiah == movement.unit_price_rupiah
        and (first.note or "") == (movement.note or "")
        and abs(sum(part.change for part in parts)) == movement.quantity
    )
    return same and _is_same_lot(movement, parts)


def _is_same_lot(movement: Movement, parts: Sequence[Part]) -> bool:
    if movement.is_inbound:
        first = parts[0]
        key = None if first.lot_id is None else (first.lot_code or "", first.expires_on or LAST_DAY)
        return key == movement.lot_key
    code = movement.named_code
    if code is None:
        return not parts[0].is_lot_named
    return parts[0].is_lot_named and all(
        part.lot_code == code and (movement.expires_on is None or part.expires_on == movement.expires_on)
        for part in parts
    )


def is_same_reversal(reversal: Reversal, parts: Sequence[Part]) -> bool:
    """Whether the rows recorded under its reference take back the same movement on the same day."""
    first = parts[0]
    return (
        first.reverses_ref == reversal.reverses_ref
        and first.occurred_on == reversal.occurred_on
        and (first.note or "") == (reversal.note or "")
    )


def derived_ref(*words: object) -> str:
    """A reference made of other references, within the length of one: 'sale:12:K-0001'."""
    ref = ":".join(map(str, words))
    if len(ref) <= REF_LENGTH:
        return ref
    return f"{words[0]}:{hashlib.blake2b(ref.encode(), digest_size=24).hexdigest()}"
