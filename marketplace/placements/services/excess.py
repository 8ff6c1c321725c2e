"""What happens when both agree that more was sold than the ledger held: it is booked, and paid."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from ... import audit, clock
from ...accounts.models import User
from ...i18n import _
from ...permissions import Actor
from ...stock.models import MovementKind, SaleLine, StockMovement
from ...stock.rules import Movement, derived_ref
from ...stock.services import post_movements
from ..models import Difference, DifferenceKind, DifferenceState, Outcome
from ..rules import Side
from .common import outlet_facts

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
    quantity = row.quantity
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


def tell_again(session: Session, outlet_id: int, user_id: int, lines: Mapping[str, int]) -> set[str]:
    """Lines that were differences as a whole came again: what is open about them becomes what is missing now.

    `lines` has the units still missing by line_ref. Where none are, the difference is settled, in the name
    of whoever sent the line. Answers the lines that have a difference already.
    """
    rows = _open_about(session, outlet_id, lines)
    sender = session.get_one(User, user_id) if rows else None
    actor = Actor(user_id, sender.name if sender else "")
    for row in rows:
        if lines[row.line_ref] != row.quantity:
            _keep_missing(session, actor, row, lines[row.line_ref])
    return {row.line_ref for row in rows}


def _keep_missing(session: Session, actor: Actor, row: Difference, missing: int) -> None:
    """The difference is what is missing now: fewer units, or settled because none are."""
    before = {"quantity": row.quantity, "state": row.state}
    if missing:
        action, row.quantity = "difference.reduced", missing
        reason = _("Baris laporan dikirim ulang dan sebagian kini tercatat.")
    else:
        action, reason = "difference.settled", _("Baris laporan dikirim ulang dan kini tercatat seluruhnya.")
        row.state, row.outcome = DifferenceState.SETTLED.value, Outcome.STORE_CORRECTS.value
        row.note, row.settled_at, row.settled_by = reason, clock.now(), actor.user_id
    after = {"quantity": missing, "state": row.state}
    region = outlet_facts(session, row.outlet_id).region_code
    audit.record(session, actor, action, row, before=before, after=after, reason=reason, region=region)


def _open_about(session: Session, outlet_id: int, line_refs: Collection[str]) -> list[Difference]:
    """What is open about some lines of an outlet, locked and read anew."""
    found: list[Difference] = []
    wanted = sorted(line_refs)
    for start in range(0, len(wanted), 400):
        query = (
            select(Difference)
            .where(
                Difference.kind == DifferenceKind.SALE_EXCESS.value,
                Difference.outlet_id == outlet_id,
                Difference.state == DifferenceState.OPEN.value,
                Difference.line_ref.in_(wanted[start : start + 400]),
            )
            .order_by(Difference.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        found += session.scalars(query)
    return found


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
