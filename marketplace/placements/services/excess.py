"""What happens when both agree that more was sold than the ledger held: it is booked, and paid."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from ...permissions import Actor
from ...stock.models import MovementKind, SaleLine, StockMovement
from ...stock.rules import Movement, derived_ref
from ...stock.services import post_movements
from ..models import Difference, DifferenceKind, DifferenceState
from ..rules import Side

CAUSE = "correction"


def book_excess(session: Session, actor: Actor, row: Difference, holds: Side) -> None:
    """Settle a sale beyond the shelf: where the store's view holds, the units were there and were sold.

    They are found and sold on the day of the sale, so that the maker is paid. Where the seller's view holds
    the report was wrong and nothing is booked.
    """
    if holds is not Side.OUTLET or row.product_id is None or row.quantity is None:
        return
    line = session.get(SaleLine, (row.outlet_id, row.line_ref))
    if line is None:
        return
    quantity = min(row.quantity, line.difference - _booked(session, row))
    if quantity <= 0:
        return  # the line was sent again and taken meanwhile: its units are sold already
    found = Movement(
        movement_ref=derived_ref("excess", row.id, "found"),
        kind=MovementKind.FOUND,
        outlet_id=row.outlet_id,
        seller_id=row.seller_id,
        product_id=row.product_id,
        quantity=quantity,
        occurred_on=line.occurred_on,
        cause_kind=CAUSE,
        cause_id=row.id,
    )
    sold = Movement(
        movement_ref=derived_ref("excess", row.id, "sale"),
        kind=MovementKind.SALE,
        outlet_id=row.outlet_id,
        seller_id=row.seller_id,
        product_id=row.product_id,
        quantity=quantity,
        occurred_on=line.occurred_on,
        unit_price_rupiah=line.unit_price_rupiah,
        cause_kind=CAUSE,
        cause_id=row.id,
    )
    post_movements(actor=actor, movements=[found, sold])


def _booked(session: Session, row: Difference) -> int:
    """Units that other differences of the same line booked and that still stand."""
    others = select(Difference.id).where(
        Difference.kind == row.kind,
        Difference.outlet_id == row.outlet_id,
        Difference.line_ref == row.line_ref,
        Difference.id != row.id,
        Difference.state == DifferenceState.SETTLED.value,
    )
    booked = 0
    for other in session.scalars(others).all():
        sold = [ref for ref, _day in excess_refs(session, other) if ref.endswith("sale")]
        units = select(func.sum(StockMovement.change)).where(StockMovement.movement_ref.in_(sold))
        booked -= int(session.scalar(units) or 0) if sold else 0
    return booked


def settled_lines(session: Session, outlet_id: int, line_refs: Collection[str]) -> set[str]:
    """Those of an outlet's lines of sales reports whose difference the parties settled."""
    found: set[str] = set()
    wanted = sorted(line_refs)
    for start in range(0, len(wanted), 400):
        query = select(Difference.line_ref).where(
            Difference.kind == DifferenceKind.SALE_EXCESS.value,
            Difference.outlet_id == outlet_id,
            Difference.state == DifferenceState.SETTLED.value,
            Difference.line_ref.in_(wanted[start : start + 400]),
        )
        found.update(session.scalars(query))
    return found


def excess_refs(session: Session, difference_id: int) -> list[tuple[str, date]]:
    """What was booked for a settled difference and still stands, in the order in which to take it back."""
    refs = [derived_ref("excess", difference_id, what) for what in ("sale", "found")]
    back = aliased(StockMovement)
    query = select(StockMovement.movement_ref, StockMovement.occurred_on).where(
        StockMovement.movement_ref.in_(refs),
        StockMovement.part == 0,
        ~select(back.id).where(back.reverses_id == StockMovement.id).exists(),
    )
    days = {row.movement_ref: row.occurred_on for row in session.execute(query)}
    return [(ref, days[ref]) for ref in refs if ref in days]
