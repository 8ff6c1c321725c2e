"""Which lot of its goods a maker sent last, so that a delivery note need not be typed from nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Select, or_, select, union_all

from ... import clock
from ...db import db
from ...placements.models import Delivery, DeliveryLine
from ..models import OrderLine, Shipment, ShipmentLine
from ..rules.parcels import first_expiry
from .parcels import contents_of_lines

KNOWN_DAYS = 30
"""What was sent longer ago says nothing of what lies ready today."""


class KnownLot(NamedTuple):
    """A lot as a delivery note named it: its code (empty: none), and its day of expiry if it has one."""

    code: str
    expires_on: date | None


def lots_to_send(lines: Sequence[OrderLine]) -> dict[int, KnownLot]:
    """What is known of the goods of some order lines, by line.

    Of a product the lot that was sent last; of a parcel no lot, and the day on which the first thing in it
    expires, by its makers' last lots and by how long each keeps.
    """
    today, session = clock.today(), db.session()
    inside = contents_of_lines(session, [line.id for line in lines if line.is_parcel])
    components = {one.product_id for parts in inside.values() for one in parts}
    known = last_lots({*components, *(line.product_id for line in lines if not line.is_parcel)}, today)
    found = {line.id: known[line.product_id] for line in lines if line.product_id in known}
    expiries = {product_id: lot.expires_on for product_id, lot in known.items()}
    for line_id, parts in inside.items():
        expires_on = first_expiry(parts, expiries, today)
        if expires_on is not None:
            found[line_id] = KnownLot("", expires_on)
    return found


def last_lots(product_ids: Iterable[int], day: date) -> dict[int, KnownLot]:
    """Of each product the lot on its maker's latest delivery note, to a buyer or a store, unless it has
    expired; of several on one note the one that expires first. One question."""
    ids = sorted(product_ids)
    if not ids:
        return {}
    bought = (
        _named(OrderLine.product_id, ShipmentLine, Shipment)
        .join(Shipment, Shipment.id == ShipmentLine.shipment_id)
        .join(OrderLine, OrderLine.id == ShipmentLine.order_line_id)
    )
    placed = _named(DeliveryLine.product_id, DeliveryLine, Delivery).join(
        Delivery, Delivery.id == DeliveryLine.delivery_id
    )
    wanted = (
        bought.where(OrderLine.product_id.in_(ids), Shipment.sent_on >= day - timedelta(days=KNOWN_DAYS)),
        placed.where(DeliveryLine.product_id.in_(ids), Delivery.sent_on >= day - timedelta(days=KNOWN_DAYS)),
    )
    notes = union_all(*wanted).subquery()
    query = select(notes).order_by(notes.c.sent_at.desc(), notes.c.expires_on.is_(None), notes.c.expires_on)
    found: dict[int, KnownLot] = {}
    for product_id, code, expires_on, _sent_at in db.session.execute(query):
        found.setdefault(product_id, KnownLot(code, expires_on))
    return {
        product_id: lot for product_id, lot in found.items() if lot.expires_on is None or lot.expires_on > day
    }


def _named(product_id: Any, line: Any, note: Any) -> Select[Any]:
    """Lines of delivery notes that name a lot or a day."""
    said = or_(line.lot_code != "", line.expires_on.is_not(None))
    return select(product_id, line.lot_code, line.expires_on, note.sent_at).select_from(line).where(said)
