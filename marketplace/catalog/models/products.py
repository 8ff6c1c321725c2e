"""Tables of products, their prices by quantity, and the tree of categories."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column

from ...db import Base, BigId, UtcDateTime


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


class ProductState(StrEnum):
    """Where a product stands between its seller's phone and the shelf."""

    DRAFT = "draft"
    WAITING = "waiting"
    SENT_BACK = "sent_back"
    LIVE = "live"
    PAUSED = "paused"


class HalalState(StrEnum):
    """What a seller says of halal (PP 42/2024); only a verified certificate makes a badge."""

    CERTIFIED = "certified"
    IN_PROCESS = "in_process"
    NON_HALAL = "non_halal"
    EXEMPT = "exempt"


class StorageKind(StrEnum):
    """How a product wants to be kept."""

    ROOM = "room"
    COOL = "cool"
    CHILLED = "chilled"
    FROZEN = "frozen"


def _one_of(column: str, values: type[StrEnum]) -> str:
    return f"{column} IN ({', '.join(repr(str(value)) for value in values)})"


class Product(Base):
    """What a seller makes: one code, one price, one stock. price_rupiah is the wholesale price of one unit.

    A size, flavour or colour of another product is a product of its own with `main_id`; what both share
    (photos, story, ingredients, papers) is read from the main one, and only the main one stands in lists.
    A variant's state follows its main one; a dropped one (`is_dropped`) stays away when the main one returns.
    Only a draft may lack name and category.
    """

    __tablename__ = "products"
    __table_args__ = (
        UniqueConstraint("seller_id", "sku", name="uq_products_seller_id_sku"),
        CheckConstraint("price_rupiah >= 0", name="price"),
        CheckConstraint("retail_price_rupiah >= 0", name="retail_price"),
        CheckConstraint("min_order > 0", name="min_order"),
        CheckConstraint("order_multiple > 0", name="order_multiple"),
        CheckConstraint(_one_of("state", ProductState), name="state"),
        CheckConstraint(_one_of("halal_state", HalalState), name="halal_state"),
        CheckConstraint(_one_of("storage", StorageKind), name="storage"),
        CheckConstraint("main_id IS NULL OR main_id <> id", name="main"),
        CheckConstraint("state = 'draft' OR (category_id IS NOT NULL AND name <> '')", name="complete"),
        CheckConstraint("season_from BETWEEN 1 AND 12 AND season_to BETWEEN 1 AND 12", name="season"),
        Index("ix_products_category_id", "category_id", "id"),
        Index("ix_products_state", "state", "id"),
        # Few are variants: with all the others in it, SQLite takes the index to be of no use.
        Index(
            "ix_products_main_id",
            "main_id",
            sqlite_where=text("main_id IS NOT NULL"),
            postgresql_where=text("main_id IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    seller_id: Mapped[int] = mapped_column(ForeignKey("sellers.id"))
    main_id: Mapped[int | None] = mapped_column(ForeignKey("products.id"))
    variant_name: Mapped[str] = mapped_column(String(80), default="")
    variant_axis: Mapped[str] = mapped_column(String(40), default="")
    is_dropped: Mapped[bool] = mapped_column(Boolean, default=False)
    sku: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(300))
    category_id: Mapped[int | None] = mapped_column(ForeignKey("categories.id"))
    price_rupiah: Mapped[int] = mapped_column(BigInteger)
    retail_price_rupiah: Mapped[int | None] = mapped_column(BigInteger)
    unit: Mapped[str] = mapped_column(String(32), default="")
    min_order: Mapped[int] = mapped_column(Integer, default=1)
    order_multiple: Mapped[int] = mapped_column(Integer, default=1)
    lead_time_days: Mapped[int | None] = mapped_column(Integer)
    capacity_per_week: Mapped[int | None] = mapped_column(Integer)
    offers_consignment: Mapped[bool] = mapped_column(Boolean, default=True)
    gtin: Mapped[str | None] = mapped_column(String(14))
    net_weight_g: Mapped[int | None] = mapped_column(BigInteger)
    shelf_life_days: Mapped[int | None] = mapped_column(Integer)
    storage: Mapped[str | None] = mapped_column(String(16))
    origin_code: Mapped[str | None] = mapped_column(String(16))
    ingredients: Mapped[str] = mapped_column(Text, default="")
    allergens: Mapped[list[str]] = mapped_column(JSON, default=list)
    material: Mapped[str] = mapped_column(String(300), default="")
    length_mm: Mapped[int | None] = mapped_column(Integer)
    width_mm: Mapped[int | None] = mapped_column(Integer)
    height_mm: Mapped[int | None] = mapped_column(Integer)
    is_made_to_order: Mapped[bool] = mapped_column(Boolean, default=False)
    season_from: Mapped[int | None] = mapped_column(Integer)
    season_to: Mapped[int | None] = mapped_column(Integer)
    description: Mapped[str] = mapped_column(Text, default="")
    pirt_number: Mapped[str | None] = mapped_column(String(64))
    halal_number: Mapped[str | None] = mapped_column(String(64))
    bpom_number: Mapped[str | None] = mapped_column(String(64))
    halal_state: Mapped[str | None] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16), default=ProductState.LIVE)
    cover: Mapped[str | None] = mapped_column(String(120))
    readiness: Mapped[int] = mapped_column(Integer, default=0)
    first_live_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @hybrid_property
    def is_live(self) -> bool:
        """Whether everybody may see it (as long as its seller is open)."""
        return self.state == ProductState.LIVE

    @is_live.inplace.expression
    @classmethod
    def _is_live(cls) -> ColumnElement[bool]:
        return cls.state == ProductState.LIVE


class PriceTier(Base):
    """From this quantity on, one unit costs this much."""

    __tablename__ = "price_tiers"
    __table_args__ = (
        UniqueConstraint("product_id", "min_quantity", name="uq_price_tiers_product_id_min_quantity"),
        CheckConstraint("min_quantity > 1", name="min_quantity"),
        CheckConstraint("price_rupiah > 0", name="price"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"))
    min_quantity: Mapped[int] = mapped_column(Integer)
    price_rupiah: Mapped[int] = mapped_column(BigInteger)
