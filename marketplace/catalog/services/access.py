"""Whose a seller and its products are: loaded and locked before anything is written."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from ... import clock
from ...errors import NotFound
from ...i18n import _
from ...organizations.models import Seller, SellerFacts
from ...organizations.versions import facts_on
from ...permissions import Actor, Permission
from ..models import Product


def require_editor(actor: Actor) -> None:
    """Raise unless the actor may write products: a seller's people their own, the office its region's."""
    actor.require(Permission.PRODUCT_EDIT if actor.seller_id else Permission.REGISTRY_EDIT)


def own_seller(session: Session, actor: Actor, seller_id: int) -> tuple[Seller, str]:
    """The locked seller and the region it lies in now; NotFound when it is a stranger's."""
    seller = session.get(Seller, seller_id, with_for_update=True)
    region = session.scalar(
        select(SellerFacts.region_code).where(
            SellerFacts.seller_id == seller_id, facts_on(SellerFacts, clock.today())
        )
    )
    if seller is None or not (seller.id == actor.seller_id or actor.sees_region(region or "")):
        raise NotFound(_("Usaha ini tidak ada, atau bukan milik Anda."))
    return seller, region or ""


def own_product(session: Session, actor: Actor, product_id: int) -> tuple[Product, str]:
    """The product, read anew under its seller's lock, and its region; NotFound when it is a stranger's."""
    product = session.get(Product, product_id)
    if product is None:
        raise NotFound(_("Produk ini tidak ada, atau bukan milik Anda."))
    _seller, region = own_seller(session, actor, product.seller_id)
    session.refresh(product)
    return product, region


def variants_of(session: Session, product_id: int) -> list[Product]:
    """The sizes, flavours and colours of a product, the oldest first."""
    query = select(Product).where(Product.main_id == product_id).order_by(Product.id)
    return list(session.scalars(query.execution_options(populate_existing=True)))
