"""A sales report of an outlet: what a line says, and whether it can be read."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import lru_cache

from .movements import MAX_QUANTITY, MAX_RUPIAH, REF_LENGTH, is_storable

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class LineCode(StrEnum):
    """Why a line of a sales report was refused; the ledger's own codes are added to these."""

    INVALID_LINE_REF = "invalid_line_ref"
    INVALID_DATE = "invalid_date"
    INVALID_QUANTITY = "invalid_quantity"
    INVALID_PRICE = "invalid_price"
    INVALID_LINE = "invalid_line"
    FUTURE_DATE = "future_date"
    UNKNOWN_SELLER = "unknown_seller"
    UNKNOWN_PRODUCT = "unknown_product"
    UNKNOWN_LINE = "unknown_line"
    NOTHING_TO_REVERSE = "nothing_to_reverse"
    ALREADY_REVERSED = "already_reversed"
    BEFORE_SALE = "before_sale"
    EXPIRED = "expired"
    CONFLICT = "conflict"


@lru_cache(maxsize=4096)
def day_of(written: str) -> date | None:
    """A day written YYYY-MM-DD; None when it is not."""
    try:
        return date.fromisoformat(written) if _DAY.fullmatch(written) else None
    except ValueError:
        return None


@dataclass(slots=True)
class Line:
    """One line as it was sent: a sale, or with `reverses` the taking back of one.

    `content_hash` is the same for two lines that say the same; `day` is None when it is not written
    YYYY-MM-DD. Both are found once, because a report has thousands of lines.
    """

    line_ref: str
    occurred_on: str
    seller_ref: str | None = None
    sku: str | None = None
    quantity: int | None = None
    unit_price_rupiah: int | None = None
    reverses: str | None = None
    content_hash: str = field(init=False)
    day: date | None = field(init=False)

    def __post_init__(self) -> None:
        """Find what is asked of a line again and again."""
        said = (
            self.line_ref, self.occurred_on, self.seller_ref, self.sku, self.quantity,
            self.unit_price_rupiah, self.reverses,
        )  # fmt: skip
        self.content_hash = hashlib.blake2b(repr(said).encode(), digest_size=16).hexdigest()
        self.day = day_of(self.occurred_on)


def first_problem(line: Line, today: date) -> LineCode | None:
    """What is wrong with a line by itself."""
    ref = line.line_ref
    if not ref or ref != ref.strip() or len(ref) > REF_LENGTH or not is_storable(ref):
        return LineCode.INVALID_LINE_REF
    if line.day is None:
        return LineCode.INVALID_DATE
    if line.day > today:
        return LineCode.FUTURE_DATE
    if line.reverses is not None:
        sale_fields = (line.seller_ref, line.sku, line.quantity, line.unit_price_rupiah)
        return LineCode.INVALID_LINE if any(value is not None for value in sale_fields) else None
    if line.quantity is None or not 0 < line.quantity <= MAX_QUANTITY:
        return LineCode.INVALID_QUANTITY
    if line.unit_price_rupiah is not None and not 0 <= line.unit_price_rupiah <= MAX_RUPIAH:
        return LineCode.INVALID_PRICE
    return None
