"""Stock counts: what was counted on a phone becomes the difference in the ledger, exactly once."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from ... import audit, clock
from ...db import retry_on_conflict, unit_of_work
from ...errors import Conflict, InvalidInput, RuleBroken
from ...i18n import _, format_number
from ...permissions import Actor, Permission
from ...stock.models import Lot, LotBalance, MovementKind, ShelfBalance
from ...stock.rules import MAX_ON_HAND, Movement, derived_ref
from ...stock.services import post_movements
from ..models import Bearer, LossReason, StockCount, StockCountLine
from ..queries.versions import agreements_for, terms_on_days
from .losses import bear
from .reports import check_key, lock_outlet

CAUSE = "count"
EXPIRY_REASONS = (LossReason.EXPIRED, LossReason.NEAR_EXPIRY)


@dataclass(frozen=True)
class Counted:
    """One number that a person wrote down: a product's units without a lot, or those of one lot.

    `seen` is what the ledger held when the page was made; None when it does not matter.
    """

    product_id: int
    lot_id: int | None
    counted: int
    reason: LossReason = LossReason.MISSING
    borne_by: Bearer | None = None
    seen: int | None = None

    @property
    def field(self) -> str:
        """The name of its input."""
        return f"counted-{self.product_id}-{self.lot_id or 0}"


@dataclass(frozen=True)
class Count:
    """A count of an outlet's shelves, today. What was not counted is not in it and stays as it is."""

    outlet_id: int
    client_key: str
    lines: tuple[Counted, ...]
    note: str = ""

    @property
    def content_hash(self) -> str:
        """The same for two counts that say the same."""
        said = sorted(
            (line.product_id, line.lot_id or 0, line.counted, line.reason.value, line.borne_by or "")
            for line in self.lines
        )
        return hashlib.sha256(repr((self.outlet_id, said, self.note)).encode()).hexdigest()


class ShelfChanged(RuleBroken):
    """The ledger moved since the page was made: the person looks again before anything is written."""


@retry_on_conflict
def record_count(*, actor: Actor, count: Count) -> StockCount:
    """Write the difference between what was counted and what the ledger holds; sent again it is the same.

    Raises NotFound for another's outlet, InvalidInput for numbers that cannot be, Conflict for another count
    with the same key, ShelfChanged when something moved since the page was made.
    """
    actor.require(Permission.COUNT_RECORD)
    with unit_of_work() as session:
        check_key(count.client_key)
        outlet = lock_outlet(session, actor, count.outlet_id)
        known = session.scalar(select(StockCount).where(StockCount.client_key == count.client_key))
        if known is not None:
            if known.content_hash != count.content_hash or known.outlet_id != count.outlet_id:
                raise Conflict(_("Hitungan ini sudah dikirim dengan isi lain. Muat ulang halamannya."))
            return known
        _check(count)
        shelves = _lock_shelves(session, outlet.id, {line.product_id for line in count.lines})
        expected = _expected(session, outlet.id, shelves)
        _check_against(count, shelves, expected)
        row = _new_count(session, actor, count)
        sellers = {shelves[line.product_id].seller_id for line in count.lines}
        bearers = bearers_of(session, outlet.id, sorted(sellers), row.counted_on)
        movements = []
        for number, line in enumerate(count.lines, start=1):
            held = expected.get((line.product_id, line.lot_id), 0)
            seller_id = shelves[line.product_id].seller_id
            lot = session.get(Lot, line.lot_id) if line.lot_id else None
            ref = borne_by = None
            if line.counted != held:
                ref = derived_ref(CAUSE, row.id, number)
                movements.append(_movement(row, line, held, seller_id, lot, ref))
            if line.counted < held:
                borne_by = _bearer(line, lot, bearers[seller_id], row.counted_on)
            _add_line(session, row, number, line, held, seller_id, borne_by, ref)
        if movements:
            post_movements(actor=actor, movements=movements)
        session.flush()
        audit.record(
            session,
            actor,
            "stock_count.recorded",
            row,
            after={"lost_units": row.lost_units, "found_units": row.found_units},
        )
        return row


def _check(count: Count) -> None:
    wrong = {}
    if not count.lines:
        wrong["counted"] = _("Isi sedikitnya satu jumlah. Yang tidak dihitung boleh dikosongkan.")
    for line in count.lines:
        if not 0 <= line.counted <= MAX_ON_HAND:
            wrong[line.field] = _(
                "Isi jumlah sebagai angka bulat dari 0 sampai %(limit)s.", limit=format_number(MAX_ON_HAND)
            )
    places = [(line.product_id, line.lot_id) for line in count.lines]
    if len(set(places)) != len(places):
        raise InvalidInput(_("Satu barang dihitung dua kali. Muat ulang halamannya."))
    if wrong:
        raise InvalidInput(_("Ada isian yang perlu diperbaiki."), wrong)


def _lock_shelves(session: Session, outlet_id: int, product_ids: set[int]) -> dict[int, ShelfBalance]:
    """The shelves counted, in the order in which the ledger's writer locks them."""
    query = (
        select(ShelfBalance)
        .where(ShelfBalance.outlet_id == outlet_id, ShelfBalance.product_id.in_(sorted(product_ids)))
        .order_by(ShelfBalance.outlet_id, ShelfBalance.product_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {shelf.product_id: shelf for shelf in session.scalars(query)}


def _expected(
    session: Session, outlet_id: int, shelves: Mapping[int, ShelfBalance]
) -> dict[tuple[int, int | None], int]:
    """What the ledger holds of each lot, and of each product without a lot."""
    query = (
        select(Lot.product_id, Lot.id, LotBalance.on_hand)
        .join(LotBalance, LotBalance.lot_id == Lot.id)
        .where(Lot.outlet_id == outlet_id, Lot.product_id.in_(sorted(shelves)))
    )
    held: dict[tuple[int, int | None], int] = {}
    rest = {product_id: shelf.on_hand for product_id, shelf in shelves.items()}
    for product_id, lot_id, on_hand in session.execute(query):
        held[product_id, lot_id] = on_hand
        rest[product_id] -= on_hand
    return held | {(product_id, None): units for product_id, units in rest.items()}


def _check_against(
    count: Count, shelves: Mapping[int, ShelfBalance], expected: Mapping[tuple[int, int | None], int]
) -> None:
    """Refuse goods that never stood here, and numbers typed beside others than the ledger's of now."""
    for line in count.lines:
        known = line.product_id in shelves and (
            line.lot_id is None or (line.product_id, line.lot_id) in expected
        )
        if not known:
            raise InvalidInput(
                _("Barang ini tidak pernah tercatat di toko ini. Catat dulu kirimannya."),
                {line.field: _("Belum pernah dikirim ke toko ini.")},
            )
    moved = [
        line for line in count.lines
        if line.seen is not None and line.seen != expected.get((line.product_id, line.lot_id), 0)
    ]  # fmt: skip
    if moved:
        raise ShelfChanged(
            _(
                "Catatan stok berubah sejak Anda mulai menghitung (%(count)d barang). Periksa lagi "
                "jumlahnya, lalu kirim. Belum ada yang tersimpan.",
                count=len(moved),
            ),
            code="shelf_changed",
            fields=[line.field for line in moved],
        )


def _new_count(session: Session, actor: Actor, count: Count) -> StockCount:
    row = StockCount(
        outlet_id=count.outlet_id,
        client_key=count.client_key,
        content_hash=count.content_hash,
        counted_on=clock.today(),
        line_count=len(count.lines),
        lost_units=0,
        found_units=0,
        note=count.note,
        recorded_at=clock.now(),
        recorded_by=actor.user_id,
    )
    session.add(row)
    session.flush()
    return row


def _movement(
    row: StockCount, line: Counted, held: int, seller_id: int, lot: Lot | None, ref: str
) -> Movement:
    change = line.counted - held
    kind = MovementKind.FOUND if change > 0 else MovementKind.LOSS
    row.found_units += max(change, 0)
    row.lost_units += max(-change, 0)
    return Movement(
        movement_ref=ref,
        kind=kind,
        outlet_id=row.outlet_id,
        seller_id=seller_id,
        product_id=line.product_id,
        quantity=abs(change),
        occurred_on=row.counted_on,
        lot=lot.code if lot else "",
        expires_on=lot.expires_on if lot else None,
        cause_kind=CAUSE,
        cause_id=row.id,
    )


def _bearer(line: Counted, lot: Lot | None, agreed: tuple[Bearer, Bearer], day: date) -> Bearer:
    """Who bears a loss: as agreed, or the store when it says so. It cannot put its own loss on the maker."""
    is_expired = line.reason in EXPIRY_REASONS
    if is_expired and (lot is None or lot.expires_on >= day):
        sentence = _(
            "Hanya lot yang tanggalnya sudah lewat yang bisa dicatat kedaluwarsa di sini. Untuk yang lain "
            "buat retur atau berita acara pemusnahan."
        )
        raise InvalidInput(sentence, {line.field: sentence})
    agreed_bearer = agreed[1] if is_expired else agreed[0]
    if line.borne_by is Bearer.SELLER and agreed_bearer is Bearer.OUTLET:
        sentence = _("Menurut perjanjian kerugian ini ditanggung toko.")
        raise InvalidInput(sentence, {line.field: sentence})
    return line.borne_by or agreed_bearer


def _add_line(
    session: Session,
    row: StockCount,
    number: int,
    line: Counted,
    held: int,
    seller_id: int,
    borne_by: Bearer | None,
    ref: str | None,
) -> None:
    if borne_by is not None and ref is not None:
        bear(session, ref, borne_by, line.reason, CAUSE, row.id)
    session.add(
        StockCountLine(
            count_id=row.id,
            line=number,
            seller_id=seller_id,
            product_id=line.product_id,
            lot_id=line.lot_id,
            expected=held,
            counted=line.counted,
            reason=line.reason.value if borne_by is not None else None,
            borne_by=borne_by.value if borne_by is not None else None,
            movement_ref=ref,
        )
    )


def bearers_of(
    session: Session, outlet_id: int, seller_ids: Sequence[int], day: date
) -> dict[int, tuple[Bearer, Bearer]]:
    """(loss, expiry) by seller; where nothing was agreed the store answers for what it keeps."""
    agreements = agreements_for(session, [(outlet_id, seller_id, day) for seller_id in seller_ids])
    terms = terms_on_days(session, [(agreement_id, day) for agreement_id in agreements.values()])
    found = {}
    for seller_id in seller_ids:
        agreement_id = agreements.get((outlet_id, seller_id, day))
        held = terms.get((agreement_id, day)) if agreement_id is not None else None
        found[seller_id] = (
            (held.loss_borne_by, held.expiry_borne_by) if held else (Bearer.OUTLET, Bearer.SELLER)
        )
    return found
