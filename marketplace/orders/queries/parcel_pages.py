"""Parcels as their assembler and their makers read them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, case, exists, func, or_, select

from ...catalog.models import Product
from ...clock import wib_day
from ...db import db
from ...organizations.models import Seller, SellerFacts
from ...organizations.versions import facts_today
from ..models import Parcel, ParcelConsent, ParcelState, ParcelVersion
from ..rules.parcels import Component, Content
from .parcels import components_in, components_of, content_of

PAGE_SIZE = 25
FOUND = 12


@dataclass(frozen=True, slots=True)
class ParcelRow:
    """A version of a parcel in a seller's list: its own, or one that holds its goods."""

    version_id: int
    product_id: int
    name: str
    assembler: str
    is_own: bool
    state: str
    number: int
    price_rupiah: int
    proposed_on: date
    waiting: int
    waits_for_me: bool


@dataclass(frozen=True)
class ParcelPage:
    """One version with all that its parties are told."""

    version: ParcelVersion
    content: Content
    product: Product
    assembler: Seller
    consents: Sequence[tuple[ParcelConsent, Seller]]

    def share_of(self, seller_id: int) -> int:
        """What of one parcel's price a maker gets."""
        own = self.version.assembly_rupiah if seller_id == self.assembler.id else 0
        return own + sum(one.share_rupiah for one in self.content.components if one.seller_id == seller_id)

    def consent_of(self, seller_id: int | None) -> ParcelConsent | None:
        """What a maker said; None for who is not asked."""
        return next((consent for consent, seller in self.consents if seller.id == seller_id), None)


@dataclass(frozen=True, slots=True)
class Findable:
    """A product that can go into a parcel."""

    product_id: int
    seller_id: int
    name: str
    seller_name: str
    unit: str
    price_rupiah: int


def _mine(seller_id: int) -> Any:
    """Every version of a seller's own parcels that may still matter, and those that ask for its goods."""
    asked = exists().where(ParcelConsent.version_id == ParcelVersion.id, ParcelConsent.seller_id == seller_id)
    return or_(Product.seller_id == seller_id, asked)


def _listed(seller_id: int, state: str) -> Select[Any]:
    query = (
        select(ParcelVersion.id).join(Product, Product.id == ParcelVersion.product_id).where(_mine(seller_id))
    )
    if state == "waiting":
        waits = exists().where(
            ParcelConsent.version_id == ParcelVersion.id,
            ParcelConsent.seller_id == seller_id,
            ParcelConsent.is_accepted.is_(None),
        )
        return query.where(ParcelVersion.state == ParcelState.PROPOSED.value, waits)
    if state:
        return query.where(ParcelVersion.state == state)
    return query.where(ParcelVersion.state != ParcelState.REPLACED.value)


def parcels_of(
    seller_id: int, state: str = "", *, number: int = 1, size: int | None = PAGE_SIZE
) -> list[ParcelRow]:
    """A seller's parcels and those with its goods, what waits for it first; without a state all but the
    versions that were replaced."""
    waits = exists().where(
        ParcelConsent.version_id == ParcelVersion.id,
        ParcelConsent.seller_id == seller_id,
        ParcelConsent.is_accepted.is_(None),
        ParcelVersion.state == ParcelState.PROPOSED.value,
    )
    open_answers = (
        select(func.count())
        .where(ParcelConsent.version_id == ParcelVersion.id, ParcelConsent.is_accepted.is_(None))
        .scalar_subquery()
    )
    query = (
        select(ParcelVersion, Product.name, Product.seller_id, Seller.name.label("assembler"))
        .add_columns(case((waits, 1), else_=0).label("waits"), open_answers.label("open_answers"))
        .join(Product, Product.id == ParcelVersion.product_id)
        .join(Seller, Seller.id == Product.seller_id)
        .where(ParcelVersion.id.in_(_listed(seller_id, state)))
        .order_by(case((waits, 0), else_=1), ParcelVersion.id.desc())
    )
    if size is not None:
        query = query.limit(size).offset((number - 1) * size)
    return [
        ParcelRow(
            row.ParcelVersion.id,
            row.ParcelVersion.product_id,
            row.name,
            row.assembler,
            row.seller_id == seller_id,
            row.ParcelVersion.state,
            row.ParcelVersion.number,
            row.ParcelVersion.price_rupiah,
            wib_day(row.ParcelVersion.proposed_at),
            row.open_answers,
            bool(row.waits),
        )
        for row in db.session().execute(query)
    ]


def count_parcels(seller_id: int, state: str = "") -> int:
    """How many there are."""
    return db.session().scalar(select(func.count()).select_from(_listed(seller_id, state).subquery())) or 0


def parcel_page(seller_id: int, version_id: int) -> ParcelPage | None:
    """One version, for its assembler and for the makers that were asked; None for everybody else."""
    session = db.session()
    row = session.execute(
        select(ParcelVersion, Parcel, Product, Seller)
        .join(Parcel, Parcel.product_id == ParcelVersion.product_id)
        .join(Product, Product.id == ParcelVersion.product_id)
        .join(Seller, Seller.id == Product.seller_id)
        .where(ParcelVersion.id == version_id, _mine(seller_id))
    ).one_or_none()
    if row is None:
        return None
    version, parcel, product, assembler = row
    content = content_of(parcel, product, version, components_in(session, [version.id]))
    consents = session.execute(
        select(ParcelConsent, Seller)
        .join(Seller, Seller.id == ParcelConsent.seller_id)
        .where(ParcelConsent.version_id == version.id)
        .order_by(Seller.name, Seller.id)
    )
    return ParcelPage(version, content, product, assembler, [(one, maker) for one, maker in consents])


def latest_of(product_id: int) -> tuple[Parcel | None, list[Component]]:
    """A parcel as it was written last, for its form: what waits for consent, else what is sold, else what
    was sold."""
    session = db.session()
    parcel = session.get(Parcel, product_id)
    if parcel is None:
        return None, []
    newest = select(ParcelVersion.id).where(ParcelVersion.product_id == product_id)
    version_id = session.scalar(newest.order_by(ParcelVersion.number.desc()).limit(1))
    return parcel, components_in(session, [version_id])[version_id] if version_id else []


def own_products_for(seller_id: int) -> list[Product]:
    """A seller's products that can be made a parcel: whole products, not sizes or colours of one."""
    query = select(Product).where(
        Product.seller_id == seller_id, Product.main_id.is_(None), Product.name != "", ~Product.is_dropped
    )
    return list(db.session().scalars(query.order_by(Product.name, Product.id).limit(500)))


def own_parcel_product(seller_id: int, product_id: int) -> Product | None:
    """A product of the seller's own; None for a stranger's."""
    product = db.session().get(Product, product_id)
    return product if product is not None and product.seller_id == seller_id else None


def findable(q: str, seller_id: int, without: Sequence[int]) -> list[Findable]:
    """Products on sale that a few words name, the seller's own first; parcels are left out."""
    words = q.split()[:5]
    if not words:
        return []
    query = (
        select(Product.id, Product.seller_id, Product.name, Seller.name, Product.unit, Product.price_rupiah)
        .join(Seller, Seller.id == Product.seller_id)
        .join(SellerFacts, SellerFacts.seller_id == Seller.id)
        .where(
            facts_today(SellerFacts),
            Seller.merged_into_id.is_(None),
            SellerFacts.closed_on.is_(None),
            Product.is_live,
            ~Product.is_dropped,
            Product.price_rupiah > 0,
            Product.id.not_in(list(without) or [0]),
            ~exists().where(Parcel.product_id == Product.id),
        )
        .order_by(case((Product.seller_id == seller_id, 0), else_=1), Product.name, Product.id)
        .limit(FOUND)
    )
    for word in words:
        like = f"%{word.replace('%', '').replace('_', '')}%"
        query = query.where(or_(Product.name.ilike(like), Seller.name.ilike(like), Product.sku.ilike(like)))
    return [Findable(*row) for row in db.session().execute(query)]


def named(product_ids: Sequence[int]) -> dict[int, Findable]:
    """Products by id as a parcel's form shows them, whether on sale or not."""
    query = (
        select(Product.id, Product.seller_id, Product.name, Seller.name, Product.unit, Product.price_rupiah)
        .join(Seller, Seller.id == Product.seller_id)
        .where(Product.id.in_(list(product_ids) or [0]))
    )
    return {row[0]: Findable(*row) for row in db.session().execute(query)}


def content_shown(product_id: int) -> Content | None:
    """What is in a parcel that is sold, for its public page; None for any other product."""
    return components_of(db.session(), [product_id]).get(product_id)


def makers_of(content: Content) -> dict[str, list[Component]]:
    """What is in a parcel, by its maker."""
    found: defaultdict[str, list[Component]] = defaultdict(list)
    for one in content.components:
        found[one.seller_name].append(one)
    return dict(found)
