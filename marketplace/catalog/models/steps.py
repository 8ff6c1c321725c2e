"""What the steps of a review and of a certificate have in common."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from ...db import UtcDateTime


class Step:
    """Who did what, when, with which words. Rows of such a table are only added.

    `verb` is the deed in a word, `by_name` the doer's name as it was that day.
    """

    verb: Mapped[str] = mapped_column(String(16), sort_order=1)
    by_user_id: Mapped[int | None] = mapped_column(BigInteger, sort_order=2)
    by_name: Mapped[str] = mapped_column(String(300), default="", sort_order=3)
    is_office: Mapped[bool] = mapped_column(default=False, sort_order=4)
    message: Mapped[str] = mapped_column(Text, default="", sort_order=5)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime, sort_order=6)
