"""Tables of the search: what changed since when, words that mean the same, searches that people keep."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Boolean, CheckConstraint, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from ...db import Base, BigId, UtcDateTime


class SearchVersion(Base):
    """One row that counts the transactions which changed the public face of the catalogue."""

    __tablename__ = "search_version"
    __table_args__ = (CheckConstraint("id = 1", name="one"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    version: Mapped[int] = mapped_column(BigInteger)


class SearchMark(Base):
    """At which version a product last changed; one that was deleted since keeps its mark."""

    __tablename__ = "search_marks"
    __table_args__ = (Index("ix_search_marks_version", "version"),)

    product_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    version: Mapped[int] = mapped_column(BigInteger)


class Synonym(Base):
    """Words that mean the same to somebody who searches, with blanks between: 'kripik keripik'."""

    __tablename__ = "synonyms"
    __table_args__ = (CheckConstraint("words <> ''", name="words"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    words: Mapped[str] = mapped_column(String(500))
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class SavedSearch(Base):
    """A search that a person keeps; `address` is its query string. A digest tells of what is new in it."""

    __tablename__ = "saved_searches"
    __table_args__ = (Index("ix_saved_searches_user_id", "user_id", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    name: Mapped[str] = mapped_column(String(120))
    address: Mapped[str] = mapped_column(Text)
    wants_digest: Mapped[bool] = mapped_column(Boolean)
    told_until: Mapped[datetime] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
