"""An order's lines and its delivery note, read anew under the order's lock."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..models import OrderLine, Shipment, ShipmentLine


def lines_of(session: Session, order_id: int) -> list[OrderLine]:
    """The lines of an order, in order."""
    query = select(OrderLine).where(OrderLine.order_id == order_id).order_by(OrderLine.position)
    return list(session.scalars(query.execution_options(populate_existing=True)))


def shipment_of(session: Session, order_id: int) -> Shipment:
    """The delivery note of an order that was sent."""
    query = select(Shipment).where(Shipment.order_id == order_id)
    return session.scalars(query.execution_options(populate_existing=True)).one()


def shipped_lines(session: Session, shipment_id: int) -> list[ShipmentLine]:
    """The lines of a delivery note, in order."""
    query = (
        select(ShipmentLine).where(ShipmentLine.shipment_id == shipment_id).order_by(ShipmentLine.position)
    )
    return list(session.scalars(query.execution_options(populate_existing=True)))
