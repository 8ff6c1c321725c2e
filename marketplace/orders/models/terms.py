"""Tables of how a seller sells outright: rates, ways to be paid, days to answer."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from ...db import Base, UtcDateTime


class SellingTerms(Base):
    """What a seller offers every buyer; an order freezes what it was placed under.

    A seller without a row has the defaults (rules.terms.DEFAULTS). `shipping_rupiah` is the seller's own
    rate for one order, `free_from_rupiah` the goods from which it costs nothing, None: never.
    `advance_percent` is asked for pre-orders, `due_days` is what buyers get who pay later (0: they do not).
    """

    __tablename__ = "selling_terms"
    __table_args__ = (
        CheckConstraint("shipping_rupiah >= 0", name="shipping"),
        CheckConstraint("free_from_rupiah >= 0", name="free_from"),
        CheckConstraint("advance_percent BETWEEN 0 AND 100", name="advance"),
        CheckConstraint("due_days BETWEEN 0 AND 366", name="due_days"),
        CheckConstraint("answer_days BETWEEN 1 AND 14", name="answer_days"),
        CheckConstraint("takes_before OR takes_on_delivery OR due_days > 0", name="takes"),
    )

    seller_id: Mapped[int] = mapped_column(ForeignKey("sellers.id"), primary_key=True, autoincrement=False)
    delivers: Mapped[bool] = mapped_column(default=True)
    shipping_rupiah: Mapped[int | None] = mapped_column(BigInteger)
    free_from_rupiah: Mapped[int | None] = mapped_column(BigInteger)
    offers_pickup: Mapped[bool] = mapped_column(default=True)
    quotes_shipping: Mapped[bool] = mapped_column(default=True)
    takes_before: Mapped[bool] = mapped_column(default=True)
    takes_on_delivery: Mapped[bool] = mapped_column(default=True)
    advance_percent: Mapped[int] = mapped_column(Integer, default=50)
    due_days: Mapped[int] = mapped_column(Integer, default=0)
    answer_days: Mapped[int] = mapped_column(Integer, default=2)
    note: Mapped[str] = mapped_column(Text, default="")
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_by: Mapped[int | None] = mapped_column(BigInteger)
