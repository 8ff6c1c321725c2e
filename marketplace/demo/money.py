"""A year of settlements and payments in the demo city: prompt and late stores, a disputed line, drafts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from io import BytesIO

from PIL import Image, ImageDraw
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from .. import clock, signals
from ..organizations.models import Operator
from ..outbox import OutboxItem
from ..payments.models import Payable, PaymentMethod
from ..payments.rules import NewPayment, PaymentVerb
from ..payments.services import answer_payment, record_payment
from ..permissions import Actor, Role
from ..placements.models import Settlement, SettlementLine, SettlementState
from ..placements.queries.debts import outlets_with_agreements
from ..placements.services.settled import confirm_settlement, dispute_line
from ..placements.services.settling import TELL, issue_settlement, settle_outlets, settle_until
from .people import Cast, on

MONTHS = 12
HABITS = {"RUKUN": 3, "PUSPA": 4, "SUDAGARAN": 3}
"""Once in so many months a store pays, all that is open in one transfer; the others every five."""
OLD_MAIL = timedelta(days=30)
PAPERS = timedelta(days=4)
"""So long after a month's end the stores of the demo issue their settlements."""


def fill(session: Session, cast: Cast, today: date) -> None:
    """Months settled one by one, paid by some at once and by others late; the last one is on the desks."""
    ends = list(_month_ends(today))
    for number, end in enumerate(ends[:-1]):
        with clock.frozen(on(end + PAPERS)):
            settle_until(end, issue=True)
        if end + timedelta(days=20) < today:
            with clock.frozen(on(end + timedelta(days=20))), signals.payment_changed.muted():  # old news
                _pay(session, cast, number, is_last=number == len(ends) - 2)
    _last_month(session, cast, ends[-1], today)
    read_long_ago = OutboxItem.kind.in_((TELL, "mail.send")), OutboxItem.created_at < on(today - OLD_MAIL)
    session.execute(delete(OutboxItem).where(*read_long_ago))
    _on_sris_desk(session, cast, today)


def _last_month(session: Session, cast: Cast, end: date, today: date) -> None:
    """The other stores have issued theirs; Rukun Mart has drafts, and issued some two days ago."""
    ours = {outlet_id for outlet_id, _count in outlets_with_agreements(operator_id=cast.bagas.operator_id)}
    others = tuple(key for key, _count in outlets_with_agreements() if key not in ours)
    with clock.frozen(on(end + PAPERS)):
        settle_outlets(others, 0, end, issue=True)
    with clock.frozen(on(today - timedelta(days=2))):
        settle_until(end)
        drafts = select(Settlement.id).where(Settlement.state == SettlementState.DRAFT.value)
        for settlement_id in session.scalars(
            drafts.order_by(Settlement.seller_id, Settlement.id).limit(6)
        ).all():
            issue_settlement(actor=cast.bagas, settlement_id=settlement_id)


def _month_ends(today: date) -> Iterator[date]:
    """The last days of the past months, the oldest first."""
    found = []
    day = today.replace(day=1)
    for _month in range(MONTHS):
        found.append(day - timedelta(days=1))
        day = found[-1].replace(day=1)
    yield from reversed(found)


def _pay(session: Session, cast: Cast, number: int, *, is_last: bool) -> None:
    """Each store pays each maker what it owes, once in as many months as is its habit."""
    names = dict(session.execute(select(Operator.id, Operator.operator_ref)).all())
    owed: dict[tuple[int, int], list[tuple[int, int]]] = {}
    query = select(Payable).where(Payable.amount_rupiah > Payable.paid_rupiah).order_by(Payable.due_on)
    for bill in session.scalars(query):
        owed.setdefault((bill.operator_id, bill.seller_id), []).append((bill.id, bill.open_rupiah))
    for (operator_id, seller_id), bills in owed.items():
        if (number + operator_id) % HABITS.get(names[operator_id], 5) and not is_last:
            continue
        ours = operator_id == cast.bagas.operator_id and seller_id == cast.sri.seller_id
        if is_last and (seller_id % 4 == 0 or ours):
            continue
        store = Actor(None, names[operator_id], Role.BUYER_OWNER, operator_id=operator_id)
        ids, rupiah = tuple(key for key, _open in bills[:500]), sum(open_ for _key, open_ in bills[:500])
        made = record_payment(
            actor=store,
            payment=NewPayment(
                ids, rupiah, PaymentMethod.CASH, clock.today(), f"peraga-{number}-{operator_id}-{seller_id}"
            ),
        )
        maker = Actor(None, "", Role.SELLER_OWNER, seller_id=seller_id)
        answer_payment(actor=maker, payment_id=made.id, verb=PaymentVerb.CONFIRM)


def _on_sris_desk(session: Session, cast: Cast, today: date) -> None:
    """What Bu Sri finds: one to confirm, a line she disputes, a transfer to confirm, one that never came."""
    mine = select(Settlement).where(
        Settlement.seller_id == cast.sri.seller_id, Settlement.state == SettlementState.ISSUED.value
    )
    rows = list(session.scalars(mine.order_by(Settlement.last_day.desc(), Settlement.id)))
    ours = [row for row in rows if row.operator_id == cast.bagas.operator_id]
    for row in ours[4:]:
        with clock.frozen(on(row.last_day + timedelta(days=6))):
            confirm_settlement(actor=cast.sri, settlement_id=row.id)
    if ours:
        _dispute(session, cast, ours[0], today)
    states = iter(("open", "denied", "part"))
    for row in ours[1:]:
        bill = session.scalars(select(Payable).where(Payable.document_id == row.id)).one()
        if bill.open_rupiah <= 1:
            continue
        state = next(states, None)
        if state is None:
            break
        _transfer(cast, bill, state, today)


def _dispute(session: Session, cast: Cast, row: Settlement, today: date) -> None:
    line = session.scalars(
        select(SettlementLine)
        .where(SettlementLine.settlement_id == row.id, SettlementLine.net_rupiah > 0)
        .order_by(SettlementLine.net_rupiah)
    ).first()
    bill = session.scalars(select(Payable).where(Payable.document_id == row.id)).one()
    if line is None or bill.amount_rupiah - line.net_rupiah < bill.paid_rupiah:
        return
    with clock.frozen(on(today - timedelta(days=2))):
        dispute_line(
            actor=cast.sri,
            settlement_id=row.id,
            movement_id=line.movement_id,
            claimed_rupiah=line.net_rupiah * 2,
            reason="Menurut catatan saya dua kali lipat: rak kosong hari itu juga.",
        )


def _transfer(cast: Cast, bill: Payable, state: str, today: date) -> None:
    """A transfer with its proof: one waits for her word, one never came, one was a part."""
    amount = bill.open_rupiah // 2 if state == "part" else bill.open_rupiah
    with clock.frozen(on(today - timedelta(days=1))):
        made = record_payment(
            actor=cast.bagas,
            payment=NewPayment(
                (bill.id,), amount, PaymentMethod.BANK_TRANSFER, clock.today(), f"peraga-{state}",
                f"TRF {bill.number}",
            ),
            proof=slip(bill.number, amount),
        )  # fmt: skip
    with clock.frozen(on(today)):
        if state == "denied":
            answer_payment(
                actor=cast.sri,
                payment_id=made.id,
                verb=PaymentVerb.DENY,
                reason="Belum ada di rekening saya.",
            )
        elif state == "part":
            answer_payment(actor=cast.sri, payment_id=made.id, verb=PaymentVerb.CONFIRM)


def slip(number: str, amount: int) -> bytes:
    """A drawn transfer slip."""
    picture = Image.new("RGB", (480, 300), "#f7f1e4")
    pen = ImageDraw.Draw(picture)
    for place, words in enumerate(("BUKTI TRANSFER (PERAGA)", number, f"Rp{amount}", "BERHASIL")):
        pen.text((40, 40 + 50 * place), words, fill="#241a13")
    file = BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()
