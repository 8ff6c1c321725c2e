"""What programs send to and get from payments."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from ..api_values import MAX_ID, ONLY_WHOLE, Cursor, Day, Limit
from .models import PaymentMethod, PaymentState
from .rules import MAX_RUPIAH, MAX_TEXT

MAX_PROOF = 7_500_000


class PaymentsQuery(BaseModel):
    """Which payments, and from where on."""

    state: PaymentState | None = None
    limit: Limit = 50
    cursor: Cursor | None = None


class PayablesQuery(BaseModel):
    """Which bills, and from where on."""

    is_open: Literal["true", "false"] | None = Field(None, description="true: not paid yet; false: paid.")
    limit: Limit = 50
    cursor: Cursor | None = None


class PayableOut(BaseModel):
    """What one organization is to pay another for one document."""

    payable_id: int
    kind: Literal["settlement", "invoice", "advance"]
    number: str
    seller_ref: str
    operator_ref: str
    amount_rupiah: int
    paid_rupiah: int = Field(description="Reported and not denied.")
    confirmed_rupiah: int
    due_on: date


class PayableList(BaseModel):
    """One page, newest first."""

    items: list[PayableOut]
    next_cursor: int | None


class PaidOut(BaseModel):
    """What of a payment pays one bill."""

    payable_id: int
    kind: str
    number: str
    amount_rupiah: int


class PaymentOut(BaseModel):
    """Money that a buyer says it gave, and what the seller says of it."""

    payment_id: int
    state: PaymentState
    method: PaymentMethod
    amount_rupiah: int
    paid_on: date
    confirmed_on: date | None
    reference: str
    seller_ref: str
    operator_ref: str
    documents: list[PaidOut]
    url: str


class PaymentList(BaseModel):
    """One page, newest first."""

    items: list[PaymentOut]
    next_cursor: int | None


class PaymentIn(BaseModel):
    """A payment of one or several bills of the same seller, spread over them in the order given."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "payable_ids": [17],
                "amount_rupiah": 150000,
                "method": "cash",
                "paid_on": "2026-11-22",
            }
        },
    )

    payable_ids: list[Annotated[int, Field(ge=1, le=MAX_ID), ONLY_WHOLE]] = Field(
        min_length=1, max_length=500
    )
    amount_rupiah: Annotated[int, Field(ge=1, le=MAX_RUPIAH), ONLY_WHOLE]
    method: Literal["bank_transfer", "cash"]
    paid_on: Day
    reference: str = Field("", max_length=MAX_TEXT)
    proof: str | None = Field(
        None,
        max_length=MAX_PROOF,
        description="A photo or PDF in base64; a bank transfer needs one.",
        json_schema_extra={"contentEncoding": "base64"},
    )
