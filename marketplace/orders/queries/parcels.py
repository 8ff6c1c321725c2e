"""Every read of parcels: what is in them now, what order lines bought of them, who has to agree."""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from ... import clock
from ...catalog.models import Product, ProductState
from ...db import among
from ...organizations.models import Seller, SellerFacts
from ...organizations.versions import facts_today
from ..models import (
    OrderLineParcel,
    Parcel,
    ParcelComponent,
    ParcelState,
    ParcelVersion,
    ReadyStock,
)
from ..rules.parcels import Component, Content
from ..rules.splitting import Part


def components_of(session: Session, product_ids: Iterable[int]) -> dict[int, Content]:
    """What is in those of some products that are parcels, by product; one without an agreed version is empty.

    Three questions at most, whatever the number; one when none of them is a parcel.
    """
    rows = session.execute(_parcels(), {"ids": list(product_ids)})
    parcels = {parcel.product_id: (parcel, product) for parcel, product in rows}
    if not parcels:
        return {}
    accepted = select(ParcelVersion).where(
        ParcelVersion.product_id.in_(sorted(parcels)), ParcelVersion.state == ParcelState.ACCEPTED.value
    )
    versions = {row.product_id: row for row in session.scalars(accepted)}
    components = components_in(session, [row.id for row in versions.values()])
    return {
        product_id: content_of(parcel, product, versions.get(product_id), components)
        for product_id, (parcel, product) in parcels.items()
    }


@functools.cache
def _parcels() -> Any:
    """Built once: every checkout asks it."""
    return (
        select(Parcel, Product)
        .join(Product, Product.id == Parcel.product_id)
        .where(among(Parcel.product_id, "ids"))
    )


def content_of(
    parcel: Parcel, product: Product, version: ParcelVersion | None, components: dict[int, list[Component]]
) -> Content:
    """A parcel with one of its versions, as the rules take it."""
    return Content(
        product_id=parcel.product_id,
        seller_id=product.seller_id,
        name=product.name,
        own_capacity=product.capacity_per_week,
        version_id=version.id if version else 0,
        price_rupiah=version.price_rupiah if version else 0,
        least_rupiah=version.least_rupiah if version else 0,
        assembly_rupiah=version.assembly_rupiah if version else 0,
        components=components.get(version.id, []) if version else [],
        takes_card=parcel.takes_card,
        order_from=parcel.order_from,
        order_until=parcel.order_until,
        season_from=parcel.season_from,
        season_to=parcel.season_to,
    )


def components_in(session: Session, version_ids: Iterable[int]) -> dict[int, list[Component]]:
    """What is in some versions, by version, with what its makers have today."""
    query = (
        select(
            ParcelComponent,
            Product.state,
            Product.is_dropped,
            Product.capacity_per_week,
            Product.lead_time_days,
            Product.shelf_life_days,
            Seller.name.label("seller_name"),
            Seller.merged_into_id,
            SellerFacts.closed_on,
            ReadyStock.on_hand,
            ReadyStock.reserved,
        )
        .join(Product, Product.id == ParcelComponent.product_id)
        .join(Seller, Seller.id == ParcelComponent.seller_id)
        .outerjoin(SellerFacts, and_(SellerFacts.seller_id == Seller.id, facts_today(SellerFacts)))
        .outerjoin(ReadyStock, ReadyStock.product_id == ParcelComponent.product_id)
        .where(ParcelComponent.version_id.in_(sorted(set(version_ids))))
        .order_by(ParcelComponent.version_id, ParcelComponent.position)
    )
    found: defaultdict[int, list[Component]] = defaultdict(list)
    for row in session.execute(query):
        found[row.ParcelComponent.version_id].append(_component(row))
    return dict(found)


def _component(row: Any) -> Component:
    part = row.ParcelComponent
    return Component(
        product_id=part.product_id,
        seller_id=part.seller_id,
        name=part.name,
        unit=part.unit,
        quantity=part.quantity,
        share_rupiah=part.share_rupiah,
        seller_name=row.seller_name,
        is_sold=row.state == ProductState.LIVE.value and not row.is_dropped and is_open(row, clock.today()),
        ready=None if row.on_hand is None else row.on_hand - row.reserved,
        capacity=row.capacity_per_week,
        lead_days=row.lead_time_days or 0,
        shelf_life_days=row.shelf_life_days,
    )


def is_open(row: Any, day: date) -> bool:
    """Whether the maker of a row still sells on a day: neither closed nor merged into another."""
    return row.merged_into_id is None and (row.closed_on is None or row.closed_on > day)


def parts_of_lines(session: Session, order_line_ids: Iterable[int]) -> dict[int, list[Part]]:
    """Whose the price of a unit is, for those of some order lines that are parcels: as it was bought."""
    wanted = sorted(set(order_line_ids))
    bought = (
        select(OrderLineParcel.order_line_id, ParcelVersion.id, ParcelVersion.assembly_rupiah)
        .add_columns(Product.seller_id)
        .join(ParcelVersion, ParcelVersion.id == OrderLineParcel.version_id)
        .join(Product, Product.id == ParcelVersion.product_id)
        .where(OrderLineParcel.order_line_id.in_(wanted))
    )
    lines = session.execute(bought).all()
    if not lines:
        return {}
    parts: defaultdict[int, list[Part]] = defaultdict(list)
    components = select(
        ParcelComponent.version_id, ParcelComponent.seller_id, ParcelComponent.share_rupiah
    ).where(ParcelComponent.version_id.in_(sorted({line.id for line in lines})))
    for row in session.execute(components.order_by(ParcelComponent.version_id, ParcelComponent.position)):
        parts[row.version_id].append(Part(row.seller_id, row.share_rupiah))
    return {
        line.order_line_id: [Part(line.seller_id, line.assembly_rupiah), *parts[line.id]] for line in lines
    }


def contents_of_lines(session: Session, order_line_ids: Iterable[int]) -> dict[int, list[Component]]:
    """What is in the parcels among some order lines, as it was bought, by line."""
    query = select(OrderLineParcel.order_line_id, OrderLineParcel.version_id)
    query = query.where(OrderLineParcel.order_line_id.in_(sorted(set(order_line_ids))))
    versions = {row.order_line_id: row.version_id for row in session.execute(query)}
    inside = components_in(session, versions.values()) if versions else {}
    return {line_id: inside.get(version_id, []) for line_id, version_id in versions.items()}


def lives_of_lines(session: Session, order_line_ids: Iterable[int]) -> dict[int, int | None]:
    """How many days the parcels among some order lines keep: as many as what keeps least in each."""
    found = contents_of_lines(session, order_line_ids)
    return {
        line_id: min((one.shelf_life_days for one in inside if one.shelf_life_days is not None), default=None)
        for line_id, inside in found.items()
    }
