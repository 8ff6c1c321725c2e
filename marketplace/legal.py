"""Legal numbers as dated, sourced rows: never a constant in the code, never edited once in force."""

from __future__ import annotations

from datetime import date

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Date, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from .clock import LAST_DAY
from .db import Base, BigId
from .errors import RuleBroken
from .i18n import _


class LegalParameter(Base):
    """One number of the law, from `valid_from` (inclusive) to `valid_to` (exclusive)."""

    __tablename__ = "legal_parameters"
    __table_args__ = (
        UniqueConstraint("key", "valid_from", name="uq_legal_parameters_key"),
        CheckConstraint("valid_from < valid_to", name="dates"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    key: Mapped[str] = mapped_column(String(64))
    value: Mapped[int] = mapped_column(BigInteger)
    unit: Mapped[str] = mapped_column(String(16))
    valid_from: Mapped[date] = mapped_column(Date)
    valid_to: Mapped[date] = mapped_column(Date, default=LAST_DAY)
    citation: Mapped[str] = mapped_column(String(300))
    is_verified: Mapped[bool] = mapped_column(Boolean, default=False)


def values_on(session: Session, day: date) -> dict[str, int]:
    """Every legal number in force on a day, by key."""
    rows = session.execute(
        select(LegalParameter.key, LegalParameter.value).where(
            LegalParameter.valid_from <= day, LegalParameter.valid_to > day
        )
    )
    return dict(rows.all())


def rows_on(session: Session, prefix: str, day: date) -> dict[str, LegalParameter]:
    """The rows in force on a day whose keys begin so, by key: number, source and whether it was read."""
    rows = session.scalars(
        select(LegalParameter).where(
            LegalParameter.key.startswith(prefix, autoescape=True),
            LegalParameter.valid_from <= day,
            LegalParameter.valid_to > day,
        )
    )
    return {row.key: row for row in rows}


def value_on(session: Session, key: str, day: date) -> int:
    """One legal number in force on a day. Raises RuleBroken when none is recorded for it."""
    values = values_on(session, day)
    if key not in values:
        raise RuleBroken(
            _("Belum ada angka aturan “%(key)s” untuk tanggal itu. Tambahkan di halaman aturan.", key=key),
            code="legal_parameter_missing",
            key=key,
        )
    return values[key]
