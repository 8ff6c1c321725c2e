"""Money of orders: advances asked for and taken back, invoices, credit notes. Called inside a unit of work.

Who calls knows the order; here there are only a share of it (its id names the documents), its two parties and
whole rupiah. What each step enters in the journal is in docs/money.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from ... import clock
from ...errors import RuleBroken
from ...i18n import _, speaking
from ...money import format_rupiah
from ...permissions import Actor
from ..models import AccountKind, Payable, PaymentAllocation
from .journal import Account, Step, enter
from .payables import NewPayable, open_payables
from .returning import return_money, returned

ADVANCE, INVOICE = "advance", "invoice"


@dataclass(frozen=True, slots=True)
class AdvanceAsked:
    """What a buyer is to pay of one share of an order before it is packed."""

    share_id: int
    number: str
    operator_id: int
    seller_id: int
    amount_rupiah: int
    due_on: date


@dataclass(frozen=True, slots=True)
class Billed:
    """What one share of an order came to. `total_rupiah` includes `tax_rupiah`."""

    share_id: int
    number: str
    operator_id: int
    seller_id: int
    total_rupiah: int
    tax_rupiah: int
    due_on: date


@dataclass(frozen=True, slots=True)
class Credited:
    """What a credit note takes off a share that was billed. `total_rupiah` includes `tax_rupiah`."""

    share_id: int
    credit_id: int
    total_rupiah: int
    tax_rupiah: int
    reason: str


@dataclass(frozen=True, slots=True)
class TakenOff:
    """What became of money that is not asked for any more: no longer owed, and to go back."""

    owed_rupiah: int = 0
    refund_rupiah: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an invoice was met: by the advance that was asked before, by what is due now, and what of the
    advance goes back because the invoice came to less."""

    advance_rupiah: int
    due_rupiah: int
    refund_rupiah: int


def ask_advance(session: Session, asked: AdvanceAsked, *, actor: Actor) -> None:
    """Open the debt of an advance. Raises ValueError for an amount that is none."""
    if asked.amount_rupiah <= 0:
        raise ValueError(f"share {asked.share_id}: an advance of {asked.amount_rupiah}")
    today = clock.today()
    _open(session, ADVANCE, asked, asked.amount_rupiah)
    parties = (asked.operator_id, asked.seller_id)
    step = _step(f"share:{asked.share_id}:advanced", "advanced", asked.share_id, today, parties, {
        AccountKind.OWED: asked.amount_rupiah, AccountKind.ADVANCE: -asked.amount_rupiah,
    })  # fmt: skip
    _enter(session, actor, [step])


def withdraw_advance(session: Session, share_id: int, *, reason: str, actor: Actor) -> TakenOff:
    """Take back an advance that no invoice has used: what is unpaid is owed no longer, what was paid goes
    back. A share without an advance, or whose advance was taken back before, has nothing to take.

    Raises ValueError for a share that was billed.
    """
    payables = _lock(session, share_id)
    if INVOICE in payables:
        raise ValueError(f"share {share_id} was billed: a credit note takes back")
    advance = payables.get(ADVANCE)
    if advance is None:
        return TakenOff()
    left = _left(session, advance)
    return _withdraw(session, actor, advance, left, f"share:{share_id}:withdrawn", reason)


def bill(session: Session, billed: Billed, *, actor: Actor) -> Outcome:
    """Enter an invoice and open the debt for what the advance does not cover; one invoice for a share."""
    total, tax = billed.total_rupiah, billed.tax_rupiah
    if not 0 <= tax <= total:
        raise ValueError(f"share {billed.share_id}: {total} with tax of {tax}")
    advance = _lock(session, billed.share_id).get(ADVANCE)
    asked = _left(session, advance) if advance is not None else 0
    over = TakenOff()
    if advance is not None and asked > total:
        with speaking("id"):  # kept for both parties
            reason = _("Tagihan %(number)s kurang dari uang muka.", number=billed.number)
        ref = f"share:{billed.share_id}:billed"
        over = _withdraw(session, actor, advance, asked - total, ref, reason)
    used = min(asked, total)
    due = total - used
    if due:
        _open(session, INVOICE, billed, due)
    if total:
        parties = (billed.operator_id, billed.seller_id)
        step = _step(
            f"share:{billed.share_id}:invoiced", "invoiced", billed.share_id, clock.today(), parties, {
                AccountKind.ADVANCE: used, AccountKind.OWED: due, AccountKind.SALES: tax - total,
                AccountKind.TAX: -tax,
            },
        )  # fmt: skip
        _enter(session, actor, [step])
    return Outcome(used, due, over.refund_rupiah)


def credit(session: Session, note: Credited, *, actor: Actor) -> TakenOff:
    """Enter a credit note: first off what is still unpaid, the rest goes back to the buyer.

    Raises RuleBroken for more than is left of what was billed.
    """
    total, tax = note.total_rupiah, note.tax_rupiah
    if not 0 <= tax <= total or not total:
        raise ValueError(f"share {note.share_id}: a credit of {total} with tax of {tax}")
    found = _lock(session, note.share_id)
    payables = [found[kind] for kind in (INVOICE, ADVANCE) if kind in found]
    left = sum(_left(session, payable) for payable in payables)
    if total > left:
        raise RuleBroken(
            _(
                "Dari tagihan ini masih tersisa %(left)s, jadi %(wanted)s tidak bisa dipotong.",
                left=format_rupiah(left),
                wanted=format_rupiah(total),
            ),
            code="credit_too_large",
            left_rupiah=left,
            wanted_rupiah=total,
        )
    ref = f"credit:{note.credit_id}:{note.share_id}"
    taken = _take_off(session, actor, payables, total, ref, note.reason)
    parties = (payables[0].operator_id, payables[0].seller_id)
    step = _step(ref, "credited", note.share_id, clock.today(), parties, {
        AccountKind.SALES: total - tax, AccountKind.TAX: tax,
        AccountKind.OWED: -taken.owed_rupiah, AccountKind.REFUNDS: -taken.refund_rupiah,
    })  # fmt: skip
    _enter(session, actor, [step])
    return taken


def is_paid(session: Session, share_ids: Sequence[int], *, kinds: Sequence[str] = (ADVANCE, INVOICE)) -> bool:
    """Whether the seller has, or a provider holds, all that the documents of these shares ask."""
    query = select(Payable.id).where(
        Payable.kind.in_(kinds),
        Payable.document_id.in_(share_ids),
        Payable.confirmed_rupiah < Payable.amount_rupiah,
    )
    session.flush()
    return session.scalars(query.limit(1)).first() is None


def shares_of_payment(session: Session, payment_id: int) -> list[int]:
    """The shares whose advances or invoices a payment pays: for who listens to payment_changed."""
    from_payment = select(PaymentAllocation.payable_id).where(PaymentAllocation.payment_id == payment_id)
    query = select(Payable.document_id).where(
        Payable.kind.in_((ADVANCE, INVOICE)), Payable.id.in_(from_payment)
    )
    session.flush()
    return sorted(set(session.scalars(query)))


def _lock(session: Session, share_id: int) -> dict[str, Payable]:
    """A share's advance and invoice, locked in order of id and read anew."""
    query = (
        select(Payable)
        .where(Payable.kind.in_((ADVANCE, INVOICE)), Payable.document_id == share_id)
        .order_by(Payable.id)
    )
    session.flush()
    rows = session.scalars(query.with_for_update().execution_options(populate_existing=True))
    return {row.kind: row for row in rows}


def _left(session: Session, payable: Payable) -> int:
    """What a document still asks for or has kept: its amount without what goes back."""
    return payable.amount_rupiah - returned(session, payable)


def _open(session: Session, kind: str, said: AdvanceAsked | Billed, amount: int) -> None:
    today = clock.today()
    due_on = max(said.due_on, today)
    parties = (said.operator_id, said.seller_id)
    row = NewPayable(kind, said.share_id, said.number, *parties, amount, today, due_on)
    open_payables(session, [row], created_at=clock.now())


def _take_off(
    session: Session, actor: Actor, payables: Sequence[Payable], by: int, ref: str, reason: str
) -> TakenOff:
    """Make locked documents smaller: first what is unpaid, then money that goes back."""
    owed = refund = 0
    for payable in payables:
        part = min(by - owed, payable.open_rupiah)
        payable.amount_rupiah -= part
        owed += part
    session.flush()
    for payable in payables:
        part = min(by - owed - refund, _left(session, payable))
        if part:
            return_money(session, actor, payable, part, ref=ref, reason=reason)
            refund += part
    if owed + refund != by:
        raise ValueError(f"{ref}: {by} asked, {owed + refund} found")
    return TakenOff(owed, refund)


def _withdraw(session: Session, actor: Actor, advance: Payable, by: int, ref: str, reason: str) -> TakenOff:
    taken = _take_off(session, actor, [advance], by, ref, reason)
    parties, share = (advance.operator_id, advance.seller_id), advance.document_id
    steps = []
    for kind, account, part in (
        ("withdrawn", AccountKind.OWED, taken.owed_rupiah),
        ("refund_due", AccountKind.REFUNDS, taken.refund_rupiah),
    ):
        if part:
            lines = {AccountKind.ADVANCE: part, account: -part}
            steps.append(_step(f"{ref}:{kind}", kind, share, clock.today(), parties, lines))
    _enter(session, actor, steps)
    return taken


def _step(
    ref: str,
    kind: str,
    share_id: int,
    day: date,
    parties: tuple[int, int],
    lines: Mapping[AccountKind, int],
) -> Step:
    accounts = {Account(*parties, account): amount for account, amount in lines.items()}
    return Step(ref, kind, "order_share", share_id, day, accounts)


def _enter(session: Session, actor: Actor, steps: Sequence[Step]) -> None:
    enter(session, steps, recorded_at=clock.now(), recorded_by=actor.user_id)
