"""What a provider holds for a seller, sent on to its bank account: the platform's people enter it, once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ... import audit, clock
from ...db import retry_on_conflict, unit_of_work
from ...errors import Conflict, InvalidInput, RuleBroken
from ...i18n import _
from ...money import format_rupiah
from ...permissions import Actor, Permission
from ..models import AccountKind, JournalAccount, Payout, PayoutLine
from ..rules import MAX_TEXT, OLDEST_DAYS
from ..rules.charging import spread_payout
from .journal import Account, Step, enter


@dataclass(frozen=True)
class NewPayout:
    """What was sent to a seller's bank account."""

    seller_id: int
    amount_rupiah: int
    paid_on: date
    reference: str
    idempotency_key: str


@retry_on_conflict
def record_payout(*, actor: Actor, payout: NewPayout) -> Payout:
    """Enter a payout; the same key with the same content answers the first again.

    Raises InvalidInput for values that cannot be, RuleBroken for more than is held for the seller, Conflict
    for a key that was used for something else.
    """
    actor.require(Permission.PLATFORM_MANAGE)
    _check(payout)
    with unit_of_work() as session:
        held = _lock_held(session, payout.seller_id)
        known = session.scalars(
            select(Payout).filter_by(idempotency_key=payout.idempotency_key)
        ).one_or_none()
        if known is not None:
            return _same(known, payout)
        total = sum(rupiah for _operator, rupiah in held)
        if payout.amount_rupiah > total:
            raise RuleBroken(
                _(
                    "Yang ditahan untuk usaha ini %(held)s. Tulis paling banyak sebesar itu.",
                    held=format_rupiah(max(total, 0)),
                ),
                code="payout_too_large",
                held_rupiah=total,
            )
        return _write(session, actor, payout, spread_payout(payout.amount_rupiah, held))


def _check(payout: NewPayout) -> None:
    wrong, today = {}, clock.today()
    if payout.amount_rupiah <= 0:
        wrong["amount_rupiah"] = _("Tulis jumlah lebih dari nol.")
    if payout.paid_on > today:
        wrong["paid_on"] = _("Hari kirim tidak boleh sesudah hari ini.")
    elif payout.paid_on < today - timedelta(days=OLDEST_DAYS):
        wrong["paid_on"] = _("Hari kirim lebih dari setahun lalu. Periksa lagi tanggalnya.")
    if len(payout.reference) > MAX_TEXT:
        wrong["reference"] = _("Paling panjang 200 huruf.")
    if not payout.idempotency_key or len(payout.idempotency_key) > 100:
        wrong["key"] = _("Muat ulang halaman ini, lalu kirim lagi.")
    if wrong:
        raise InvalidInput(_("Ada isian yang perlu diperbaiki."), fields=wrong)


def _lock_held(session: Session, seller_id: int) -> list[tuple[int, int]]:
    """What is held for a seller of each buyer's money, its accounts locked in order."""
    query = (
        select(JournalAccount)
        .where(JournalAccount.seller_id == seller_id, JournalAccount.kind == AccountKind.HELD.value)
        .order_by(JournalAccount.operator_id)
    )
    rows = session.scalars(query.with_for_update().execution_options(populate_existing=True))
    return [(row.operator_id, row.balance_rupiah) for row in rows]


def _same(known: Payout, payout: NewPayout) -> Payout:
    said = (known.seller_id, known.amount_rupiah, known.paid_on, known.reference)
    if said != (payout.seller_id, payout.amount_rupiah, payout.paid_on, payout.reference):
        raise _used_key()
    return known


def _used_key() -> Conflict:
    return Conflict(
        _("Formulir ini sudah dipakai untuk kiriman lain. Muat ulang halamannya, lalu isi lagi."),
        code="idempotency_key_used",
    )


def _write(session: Session, actor: Actor, payout: NewPayout, shares: dict[int, int]) -> Payout:
    row = Payout(
        idempotency_key=payout.idempotency_key,
        seller_id=payout.seller_id,
        amount_rupiah=payout.amount_rupiah,
        paid_on=payout.paid_on,
        reference=payout.reference,
        recorded_at=clock.now(),
        recorded_by=actor.user_id,
    )
    session.add(row)
    try:
        session.flush()
    except IntegrityError as error:
        raise _used_key() from error
    lines: dict[Account, int] = {}
    for operator_id, share in shares.items():
        session.add(PayoutLine(payout_id=row.id, operator_id=operator_id, amount_rupiah=share))
        lines[Account(operator_id, payout.seller_id, AccountKind.RECEIVED)] = share
        lines[Account(operator_id, payout.seller_id, AccountKind.HELD)] = -share
    session.flush()
    step = Step(f"payout:{row.id}", "paid_out", "payout", row.id, payout.paid_on, lines)
    enter(session, [step], recorded_at=row.recorded_at, recorded_by=actor.user_id)
    audit.record(session, actor, "payout.recorded", row, after={"amount_rupiah": row.amount_rupiah})
    return row
