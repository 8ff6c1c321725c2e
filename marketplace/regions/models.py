"""Tables of places."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import BigInteger, CheckConstraint, Index, Numeric, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base


class Region(Base):
    """A province, regency or city, district (kecamatan) or village (kelurahan, desa)."""

    __tablename__ = "regions"
    __table_args__ = (
        CheckConstraint("level BETWEEN 1 AND 4", name="level"),
        Index("ix_regions_parent_code", "parent_code"),
    )

    code: Mapped[str] = mapped_column(String(13), primary_key=True)
    name: Mapped[str] = mapped_column(String(300))
    level: Mapped[int] = mapped_column(SmallInteger)
    parent_code: Mapped[str | None] = mapped_column(String(13))
    population: Mapped[int | None] = mapped_column(BigInteger)
    area_km2: Mapped[Decimal | None] = mapped_column(Numeric(12, 3))
