"""Tables of products and the tree of categories."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base, BigId, UtcDateTime


class Category(Base):
    """A place in the tree of categories; `path` joins the names from the root with ' / '."""

    __tablename__ = "categories"
    __table_args__ = (Index("ix_categories_parent_id", "parent_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    path: Mapped[str] = mapped_column(String(900), unique=True)
    name: Mapped[str] = mapped_column(String(300))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("categories.id"))
    picture_form: Mapped[str | None] = mapped_column(String(16))
    is_food: Mapped[bool] = mapped_column(Boolean, default=False)


class Product(Base):
    """What a seller makes. price_rupiah is the wholesale price of one unit."""

    __tablename__ = "products"
    __table_args__ = (
        UniqueConstraint("seller_id", "sku", name="uq_products_seller_id_sku"),
        CheckConstraint("price_rupiah >= 0", name="price"),
        CheckConstraint("retail_price_rupiah >= 0", name="retail_price"),
        CheckConstraint("min_order > 0", name="min_order"),
        CheckConstraint("order_multiple > 0", name="order_multiple"),
        Index("ix_products_category_id", "category_id", "id"),
        Index("ix_products_is_live", "is_live", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    seller_id: Mapped[int] = mapped_column(ForeignKey("sellers.id"))
    sku: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(300))
    category_id: Mapped[int] = mapped_column(ForeignKey("categories.id"))
    price_rupiah: Mapped[int] = mapped_column(BigInteger)
    retail_price_rupiah: Mapped[int | None] = mapped_column(BigInteger)
    unit: Mapped[str] = mapped_column(String(32), default="")
    min_order: Mapped[int] = mapped_column(Integer, default=1)
    order_multiple: Mapped[int] = mapped_column(Integer, default=1)
    gtin: Mapped[str | None] = mapped_column(String(14))
    net_weight_g: Mapped[int | None] = mapped_column(BigInteger)
    shelf_life_days: Mapped[int | None] = mapped_column(Integer)
    description: Mapped[str] = mapped_column(Text, default="")
    pirt_number: Mapped[str | None] = mapped_column(String(64))
    halal_number: Mapped[str | None] = mapped_column(String(64))
    bpom_number: Mapped[str | None] = mapped_column(String(64))
    is_live: Mapped[bool] = mapped_column(Boolean, default=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
