"""Tables of parcels: what is in one, whose it is, and what each maker agreed to."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from ...db import Base, BigId, UtcDateTime
from .orders import one_of


class Parcel(Base):
    """A product that is put together from others (isi parsel); its seller is the one who does it.

    Orders are taken from `order_from` to `order_until`, for deliveries from `season_from` to `season_to`;
    an empty day does not limit. What is in it stands in its accepted version.
    """

    __tablename__ = "parcels"
    __table_args__ = (
        CheckConstraint("order_from <= order_until", name="order_days"),
        CheckConstraint("season_from <= season_to", name="season"),
    )

    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"), primary_key=True, autoincrement=False)
    takes_card: Mapped[bool] = mapped_column(default=True)
    order_from: Mapped[date | None] = mapped_column(Date)
    order_until: Mapped[date | None] = mapped_column(Date)
    season_from: Mapped[date | None] = mapped_column(Date)
    season_to: Mapped[date | None] = mapped_column(Date)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by: Mapped[int | None] = mapped_column(BigInteger)


class ParcelState(StrEnum):
    """Where a version of a parcel stands. Accepted by all makers it replaces the one before it."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    REPLACED = "replaced"


class ParcelVersion(Base):
    """What is in a parcel at which price, as its makers were asked to agree to it.

    price = the work of putting it together (the assembler's) + the parts of all components. An order at
    another price is split in the same proportions; below `least_rupiah`, the lowest price by quantity that
    the makers saw, the parcel is not sold.
    """

    __tablename__ = "parcel_versions"
    __table_args__ = (
        UniqueConstraint("product_id", "number", name="uq_parcel_versions_number"),
        CheckConstraint(one_of("state", ParcelState), name="state"),
        CheckConstraint("price_rupiah > 0 AND assembly_rupiah >= 0 AND components_rupiah >= 0", name="price"),
        CheckConstraint("price_rupiah = assembly_rupiah + components_rupiah", name="sum"),
        CheckConstraint("least_rupiah BETWEEN 0 AND price_rupiah", name="least"),
        CheckConstraint("(state = 'proposed') = (ended_at IS NULL AND accepted_at IS NULL)", name="proposed"),
        CheckConstraint("state <> 'accepted' OR ended_at IS NULL", name="ended"),
        Index(
            "uq_parcel_versions_accepted",
            "product_id",
            unique=True,
            sqlite_where=text("state = 'accepted'"),
            postgresql_where=text("state = 'accepted'"),
        ),
        Index(
            "uq_parcel_versions_proposed",
            "product_id",
            unique=True,
            sqlite_where=text("state = 'proposed'"),
            postgresql_where=text("state = 'proposed'"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("parcels.product_id"))
    number: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(10))
    price_rupiah: Mapped[int] = mapped_column(BigInteger)
    least_rupiah: Mapped[int] = mapped_column(BigInteger)
    assembly_rupiah: Mapped[int] = mapped_column(BigInteger)
    components_rupiah: Mapped[int] = mapped_column(BigInteger)
    note: Mapped[str] = mapped_column(Text, default="")
    proposed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    proposed_by: Mapped[int | None] = mapped_column(BigInteger)
    proposer_name: Mapped[str] = mapped_column(String(300), default="")
    accepted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ParcelComponent(Base):
    """Units of one maker's product in one parcel, and what of its price the maker gets. Never changed."""

    __tablename__ = "parcel_components"
    __table_args__ = (
        UniqueConstraint("version_id", "product_id", name="uq_parcel_components_product_id"),
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("share_rupiah >= 0", name="share"),
        Index("ix_parcel_components_product_id", "product_id"),
    )

    version_id: Mapped[int] = mapped_column(
        ForeignKey("parcel_versions.id"), primary_key=True, autoincrement=False
    )
    position: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"))
    seller_id: Mapped[int] = mapped_column(ForeignKey("sellers.id"))
    name: Mapped[str] = mapped_column(String(400))
    unit: Mapped[str] = mapped_column(String(32), default="")
    quantity: Mapped[int] = mapped_column(Integer)
    share_rupiah: Mapped[int] = mapped_column(BigInteger)


class ParcelConsent(Base):
    """What another maker says of a version that holds its goods; nothing is agreed by silence."""

    __tablename__ = "parcel_consents"
    __table_args__ = (
        CheckConstraint("(is_accepted IS NULL) = (answered_at IS NULL)", name="answered"),
        Index("ix_parcel_consents_seller_id", "seller_id", "version_id"),
    )

    version_id: Mapped[int] = mapped_column(
        ForeignKey("parcel_versions.id"), primary_key=True, autoincrement=False
    )
    seller_id: Mapped[int] = mapped_column(ForeignKey("sellers.id"), primary_key=True, autoincrement=False)
    is_accepted: Mapped[bool | None] = mapped_column()
    reason: Mapped[str] = mapped_column(Text, default="")
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answered_by: Mapped[int | None] = mapped_column(BigInteger)
    answerer_name: Mapped[str] = mapped_column(String(300), default="")


class OrderLineParcel(Base):
    """Which version of a parcel an order line bought: by it its money is split, for ever."""

    __tablename__ = "order_line_parcels"
    __table_args__ = (Index("ix_order_line_parcels_version_id", "version_id"),)

    order_line_id: Mapped[int] = mapped_column(
        ForeignKey("order_lines.id"), primary_key=True, autoincrement=False
    )
    version_id: Mapped[int] = mapped_column(ForeignKey("parcel_versions.id"))
