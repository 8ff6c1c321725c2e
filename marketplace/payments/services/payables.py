"""What is owed for a document: opened with it, changed only by what decides about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ...bulk import copy_rows, moment_text
from ...errors import RuleBroken
from ...i18n import _
from ...money import format_rupiah
from ..models import Payable


@dataclass(frozen=True, slots=True)
class NewPayable:
    """A debt as its document makes it."""

    kind: str
    document_id: int
    number: str
    operator_id: int
    seller_id: int
    amount_rupiah: int
    papers_complete_on: date
    due_on: date


def open_payables(session: Session, payables: Sequence[NewPayable], *, created_at: datetime) -> None:
    """Write debts in the caller's unit; a document has one, by its unique key."""
    session.flush()
    connection = session.connection()
    moment = moment_text(connection, created_at)
    copy_rows(
        connection,
        "payables",
        (
            "kind", "document_id", "number", "operator_id", "seller_id", "amount_rupiah", "paid_rupiah",
            "confirmed_rupiah", "papers_complete_on", "due_on", "created_at",
        ),
        [
            (
                one.kind, one.document_id, one.number, one.operator_id, one.seller_id, one.amount_rupiah, 0,
                0, one.papers_complete_on.isoformat(), one.due_on.isoformat(), moment,
            )
            for one in payables
        ],
    )  # fmt: skip


def lock_payable(session: Session, kind: str, document_id: int) -> Payable:
    """A document's debt, locked and read anew."""
    query = select(Payable).where(Payable.kind == kind, Payable.document_id == document_id)
    return session.scalars(query.with_for_update().execution_options(populate_existing=True)).one()


def change_amount(payable: Payable, by: int) -> None:
    """Add to a locked debt, or take from it. RuleBroken where less would remain than was paid."""
    wanted = payable.amount_rupiah + by
    if wanted < payable.paid_rupiah:
        raise RuleBroken(
            _(
                "Dari tagihan ini sudah dibayar %(paid)s, jadi tidak bisa menjadi %(wanted)s.",
                paid=format_rupiah(payable.paid_rupiah),
                wanted=format_rupiah(wanted),
            ),
            code="already_paid",
            paid_rupiah=payable.paid_rupiah,
            wanted_rupiah=wanted,
        )
    payable.amount_rupiah = wanted
