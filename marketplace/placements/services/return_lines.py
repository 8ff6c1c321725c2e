"""Return notes and destruction minutes under their locks, and what may stand on one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from ...clock import LAST_DAY
from ...errors import InvalidInput
from ...i18n import _, format_number
from ...permissions import Actor
from ...stock.models import Lot, LotBalance, ShelfBalance
from .. import queries
from ..models import ReturnLine, ReturnNote, ReturnReason
from ..rules import Side
from ..rules.returns import wrong_reason
from ..rules.terms import Terms
from .parties import Parties, lock_as_side, no_paper

MAX_LINES = 200
Key = tuple[int, str, date | None]
"""product_id, code of the lot, expiry"""


@dataclass(frozen=True)
class TakenLine:
    """Units of one lot that leave a shelf; `field` is what a sentence about it is shown at."""

    product_id: int
    quantity: int
    reason: ReturnReason
    lot_code: str = ""
    expires_on: date | None = None
    field: str = "lines"

    @property
    def key(self) -> Key:
        """Which units of the shelf it takes."""
        return self.product_id, self.lot_code, self.expires_on


def lock_note(session: Session, actor: Actor, return_id: int, side: Side) -> tuple[Parties, ReturnNote]:
    """Outlet, seller, then the return note itself. NotFound for anyone but this side."""
    columns = select(ReturnNote.outlet_id, ReturnNote.seller_id).where(ReturnNote.id == return_id)
    found = session.execute(columns).one_or_none()
    if found is None:
        raise no_paper()
    parties = lock_as_side(session, actor, found.outlet_id, found.seller_id, side)
    return parties, session.get_one(ReturnNote, return_id, with_for_update=True, populate_existing=True)


def lines_of(session: Session, return_id: int) -> list[ReturnLine]:
    """The lines of a return note, in order, read anew."""
    query = select(ReturnLine).where(ReturnLine.return_note_id == return_id).order_by(ReturnLine.position)
    return list(session.scalars(query.execution_options(populate_existing=True)))


def terms_of_pair(session: Session, parties: Parties, day: date) -> tuple[int | None, Terms | None]:
    """The agreement that the goods of the two belong to on a day, and its terms; goods may outlive it."""
    agreement_id = queries.agreement_for(parties.outlet.id, parties.seller.id, day, session=session)
    if agreement_id is None:
        return None, None
    return agreement_id, queries.terms_on(session, agreement_id, day)


def check_lines(session: Session, parties: Parties, written: Sequence[TakenLine], day: date) -> None:
    """Refuse what the shelf does not hold, each line with its sentence."""
    wrong: dict[str, str] = {}
    if not written:
        wrong["lines"] = _("Isi jumlah paling sedikit satu barang.")
    elif len(written) > MAX_LINES:
        wrong["lines"] = _("Paling banyak %(count)d baris. Pecah jadi dua.", count=MAX_LINES)
    held = on_shelf(session, parties)
    taken: dict[Key, int] = {}
    for line in written:
        sentence = ""
        if line.quantity < 1:
            sentence = _("Tulis jumlah dengan angka bulat, paling sedikit 1.")
        else:
            taken[line.key] = taken.get(line.key, 0) + line.quantity
            free = held.get(line.key, 0)
            if taken[line.key] > free:
                sentence = _("Di rak hanya ada %(count)s dari lot ini.", count=format_number(free))
        sentence = sentence or wrong_reason(line.reason, line.expires_on, day)
        if sentence:
            wrong.setdefault(line.field, sentence)
    if wrong:
        raise InvalidInput(next(iter(wrong.values())), wrong)


def on_shelf(session: Session, parties: Parties) -> dict[Key, int]:
    """Units of the seller on the outlet's shelf, lot by lot; what stands without lot has no code."""
    is_on = (ShelfBalance.outlet_id == parties.outlet.id, ShelfBalance.seller_id == parties.seller.id)
    balances = select(ShelfBalance.product_id, ShelfBalance.on_hand).where(*is_on, ShelfBalance.on_hand > 0)
    loose = {row.product_id: row.on_hand for row in session.execute(balances)}
    lots = (
        select(Lot.product_id, Lot.code, Lot.expires_on, func.sum(LotBalance.on_hand))
        .join(LotBalance, LotBalance.lot_id == Lot.id)
        .join(
            ShelfBalance,
            and_(ShelfBalance.outlet_id == Lot.outlet_id, ShelfBalance.product_id == Lot.product_id),
        )
        .where(*is_on, LotBalance.on_hand > 0)
        .group_by(Lot.product_id, Lot.code, Lot.expires_on)
    )
    held: dict[Key, int] = {}
    for product_id, code, expires_on, units in session.execute(lots):
        held[product_id, code, None if expires_on == LAST_DAY else expires_on] = int(units)
        loose[product_id] -= int(units)
    for product_id, units in loose.items():
        if units > 0:
            held[product_id, "", None] = held.get((product_id, "", None), 0) + units
    return held
