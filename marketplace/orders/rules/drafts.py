"""What a buyer sends off: the cart as it was seen, and how each seller's part is to come and be paid."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from ...errors import RuleBroken
from ...i18n import _
from ...texts import lines as clean_lines
from ...texts import without_pictures
from ..models import PaymentPlan, ShippingKind

MAX_LINES = 200
MAX_SELLERS = 60
MAX_CARD = 300


def card_words(text: str) -> str:
    """What a card says as it can be printed: lines, without emoji."""
    return without_pictures(clean_lines(text))[:MAX_CARD].rstrip()


@dataclass(frozen=True, slots=True)
class LineDraft:
    """Units of one product, at the unit price that the buyer was shown."""

    product_id: int
    quantity: int
    seen_price_rupiah: int
    card_text: str = ""


@dataclass(frozen=True, slots=True)
class SellerDraft:
    """What is ordered of one seller. Goods go to an outlet of the buyer, to an address, or are fetched.

    `seen_shipping_rupiah` is what the buyer was shown for the way; None: nothing was, and the price of the
    moment is taken.
    """

    seller_id: int
    lines: Sequence[LineDraft]
    deliver_from: date
    deliver_to: date
    shipping_kind: ShippingKind
    payment_plan: PaymentPlan
    outlet_id: int | None = None
    recipient: str = ""
    phone: str = ""
    address: str = ""
    note: str = ""
    procurement_ref: str = ""
    seen_shipping_rupiah: int | None = None


@dataclass(frozen=True, slots=True)
class CheckoutDraft:
    """A cart that is sent off. The same `client_key` with the same content is the same checkout.

    `said` is how a program wrote it: then that is the content, because what it left open may be filled in
    otherwise the next time.
    """

    client_key: str
    parts: Sequence[SellerDraft]
    said: str = ""

    @property
    def content_hash(self) -> str:
        """Equal for two drafts that order the same."""
        parts = sorted((_content(part) for part in self.parts), key=lambda content: int(content[0]))
        written = self.said or json.dumps(parts, default=str, ensure_ascii=False)
        return hashlib.sha256(written.encode()).hexdigest()


_PART = [name for name in SellerDraft.__dataclass_fields__ if name != "lines"]
_LINE = list(LineDraft.__dataclass_fields__)


def _content(part: SellerDraft) -> list[Any]:
    """All that a part says, its seller first."""
    lines = [[getattr(line, name) for name in _LINE] for line in part.lines]
    return [*(getattr(part, name) for name in _PART), lines]


class CartChanged(RuleBroken):
    """What the buyer saw is no longer so; nothing was ordered. `lines`: a sentence by product,
    `parts`: a sentence by seller."""

    def __init__(self, lines: dict[int, str], parts: dict[int, str] | None = None) -> None:
        super().__init__(
            _("Ada yang berubah sejak Anda melihatnya. Periksa lagi, lalu kirim pesanannya."),
            code="cart_changed",
            lines=[{"product_id": key, "message": sentence} for key, sentence in lines.items()],
            sellers=[{"seller_id": key, "message": sentence} for key, sentence in (parts or {}).items()],
        )
        self.lines = lines
        self.parts = parts or {}
