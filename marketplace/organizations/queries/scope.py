"""What an actor may see of organizations, as SQL criteria."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, false, or_, select, true

from ...permissions import Actor
from ...regions.queries import within
from ..models import Operator, OutletFacts, Seller, SellerFacts


def sellers_visible_to(actor: Actor) -> ColumnElement[bool]:
    """Of Seller joined with its SellerFacts of a day: an office's region, or one's own business."""
    if actor.is_office:
        return within(SellerFacts.region_code, actor.region)
    return Seller.id == actor.seller_id if actor.seller_id is not None else false()


def of_seller(column: Any, seller_id: int) -> ColumnElement[bool]:
    """Of a column that names a seller: this one, or one that was merged into it."""
    merged = select(Seller.id).where(Seller.merged_into_id == seller_id)
    return or_(column == seller_id, column.in_(merged))


def outlets_visible_to(actor: Actor) -> ColumnElement[bool]:
    """Of Outlet joined with its OutletFacts of a day: an office's region, or one's own outlets."""
    if actor.is_office:
        return within(OutletFacts.region_code, actor.region)
    return OutletFacts.operator_id == actor.operator_id if actor.operator_id is not None else false()


def operators_visible_to(actor: Actor) -> ColumnElement[bool]:
    """Of Operator: an office sees its region's and those without a region, a retailer its own."""
    if actor.is_office:
        anywhere = actor.region == ""
        return (
            true()
            if anywhere
            else or_(Operator.region_code.is_(None), within(Operator.region_code, actor.region))
        )
    return Operator.id == actor.operator_id if actor.operator_id is not None else false()


def like(column: Any, text: str) -> ColumnElement[bool]:
    """The column holds the text somewhere, whatever the case; % and _ mean themselves."""
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    found: ColumnElement[bool] = column.ilike(f"%{escaped}%", escape="\\")
    return found
