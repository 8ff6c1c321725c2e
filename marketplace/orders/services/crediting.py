"""Credit notes: what a granted claim takes off an invoice."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ... import clock, documents
from ...i18n import _, speaking
from ...permissions import Actor
from ..models import ClaimState, CreditNote, Invoice, Order, OrderClaim, OrderLine
from . import owing
from .invoicing import settle_if_paid
from .lines import lines_of
from .sums import split_of


def credit_claim(session: Session, actor: Actor, order: Order, claim: OrderClaim) -> CreditNote:
    """Write the credit note of a claim that was just granted, and settle the order when nothing is owed now.

    It takes off exactly what the invoice would have been less without those units, tax included: so however
    many notes there are, together they never come to more than the invoice.
    """
    invoice = session.scalars(select(Invoice).where(Invoice.order_id == order.id)).one()
    lines = lines_of(session, order.id)
    after = {line.id: line.billed - _granted(session, line.id) for line in lines}
    before = after | {claim.order_line_id: after[claim.order_line_id] + claim.granted}
    shipping = invoice.shipping_rupiah
    taken = split_of(session, order, before, shipping) - split_of(session, order, after, shipping)
    number = documents.next_number(session, f"credit:{order.seller_id}:{clock.today().year}")
    line = next(line for line in lines if line.id == claim.order_line_id)
    note = CreditNote(
        invoice_id=invoice.id,
        claim_id=claim.id,
        seller_id=order.seller_id,
        number=f"NK/{clock.today().year}/{number:04d}",
        code=documents.new_code(),
        goods_rupiah=taken.goods_rupiah,
        tax_rupiah=taken.tax_rupiah,
        total_rupiah=taken.total_rupiah,
        reason=_reason(claim, line),
        issued_on=clock.today(),
        recorded_at=clock.now(),
    )
    session.add(note)
    session.flush()
    amounts = {share.seller_id: share for share in taken.shares}
    owing.credit_shares(session, actor, order, note.id, note.reason, amounts)
    settle_if_paid(session, order)
    return note


def _granted(session: Session, order_line_id: int) -> int:
    query = select(func.coalesce(func.sum(OrderClaim.granted), 0)).where(
        OrderClaim.order_line_id == order_line_id, OrderClaim.state == ClaimState.ACCEPTED.value
    )
    return int(session.scalar(query) or 0)


def _reason(claim: OrderClaim, line: OrderLine) -> str:
    """In words that stay as they are, so in Indonesian whoever answers."""
    with speaking("id"):
        return _("Klaim: %(count)d %(name)s. %(body)s", count=claim.granted, name=line.name, body=claim.body)
