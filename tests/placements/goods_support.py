"""What tests of goods on their way begin with."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from marketplace import clock
from marketplace.db import db
from marketplace.outbox import OutboxItem
from marketplace.placements.models import Delivery, DeliveryLine, Difference
from marketplace.placements.services.deliveries import make_delivery, send_delivery
from marketplace.placements.services.delivery_lines import DeliveryDraft, NewLine
from marketplace.stock.models import Lot, LotBalance, ShelfBalance, StockMovement

TODAY = date(2026, 11, 22)
DAY = timedelta(days=1)
GOOD = date(2027, 6, 30)


def agree(parties: Any, **terms: Any) -> int:
    """An agreement in force since yesterday, its terms changed as told; answers its id."""
    with clock.frozen(clock.now() - DAY):
        agreement = parties.accepted(starts_on=TODAY - DAY, reply_by=TODAY + 7 * DAY, **terms)
    return int(agreement.id)


def line(parties: Any, quantity: int = 10, lot: str = "L1", expires_on: date | None = GOOD) -> NewLine:
    """One line of the parties' product."""
    return NewLine(parties.product_id, quantity, lot, expires_on)


def draft(agreement_id: int, *lines: NewLine, **head: Any) -> DeliveryDraft:
    """A note for today."""
    values = {"deliver_on": TODAY, "driver": "Pak Joko", "vehicle": "AD 1234 XY", **head}
    return DeliveryDraft(agreement_id=agreement_id, lines=lines, **values)


def sent(parties: Any, agreement_id: int, *lines: NewLine, **head: Any) -> Delivery:
    """A delivery on its way."""
    made = make_delivery(actor=parties.maker, draft=draft(agreement_id, *(lines or (line(parties),)), **head))
    return send_delivery(actor=parties.maker, delivery_id=made.id)


def lines_of(delivery: Delivery) -> list[DeliveryLine]:
    """Its lines, in order."""
    query = select(DeliveryLine).where(DeliveryLine.delivery_id == delivery.id)
    return list(db.session.scalars(query.order_by(DeliveryLine.position)))


def on_hand(parties: Any) -> int:
    """Units of the parties' product on the outlet's shelf."""
    query = select(ShelfBalance.on_hand).where(
        ShelfBalance.outlet_id == parties.outlet.id, ShelfBalance.product_id == parties.product_id
    )
    db.session.rollback()
    return int(db.session.scalar(query) or 0)


def lots(parties: Any) -> dict[tuple[str, date], int]:
    """Units by lot on that shelf."""
    query = (
        select(Lot.code, Lot.expires_on, LotBalance.on_hand)
        .join(LotBalance, LotBalance.lot_id == Lot.id)
        .where(Lot.outlet_id == parties.outlet.id, LotBalance.on_hand > 0)
    )
    return {(row[0], row[1]): row[2] for row in db.session.execute(query)}


def movements() -> list[tuple[str, str, int]]:
    """Reference, kind and change of every row of the ledger."""
    query = select(StockMovement.movement_ref, StockMovement.kind, StockMovement.change)
    return [tuple(row) for row in db.session.execute(query.order_by(StockMovement.id))]  # type: ignore[misc]


def differences() -> list[Difference]:
    """All differences, in order."""
    return list(db.session.scalars(select(Difference).order_by(Difference.id)))


def mails() -> list[str]:
    """The templates of all mails promised, in order."""
    query = db.session.query(OutboxItem).filter_by(kind="mail.send").order_by(OutboxItem.id)
    return [item.payload["template"] for item in query]
