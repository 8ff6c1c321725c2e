"""A seller's turnover of a year: settled consignment sales, orders billed less credited, its own entries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ...legal import LegalParameter, rows_on
from ...organizations.models import Seller
from ...payments.models import JournalAccount, JournalLine, JournalTransaction
from ...placements.models import Settlement, SettlementLine
from ..models import OtherSales, TurnoverStatement
from ..rules.turnover import Channel, MonthTurnover, YearTurnover

FREE, PKP = "turnover_free_rupiah", "turnover_pkp_rupiah"
SOLD = ("sale", "reversal")
BILLED = ("invoiced", "credited")


def turnover_of(session: Session, seller_id: int, year: int) -> YearTurnover:
    """Gross sales by month: consignment on the day of each sale, at the customer's price; orders on the day
    of the invoice or credit note, without tax. What was merged into the seller counts as its own."""
    sellers = _with_merged(session, seller_id)
    first, end = date(year, 1, 1), date(year + 1, 1, 1)
    found = {
        Channel.CONSIGNMENT: _by_month(session.execute(_consignment(sellers, first, end))),
        Channel.ORDERS: _by_month(session.execute(_orders(sellers, first, end))),
        Channel.OTHER: _by_month(session.execute(_other(sellers, first, end))),
    }
    days = [date(year, month, 1) for month in range(1, 13)]
    return YearTurnover(
        year, [MonthTurnover(day, *(found[channel].get(day.month, 0) for channel in Channel)) for day in days]
    )


def years_of(session: Session, seller_id: int, this_year: int) -> list[int]:
    """The years that have something to show, and this one; newest first."""
    sellers = _with_merged(session, seller_id)
    firsts = [
        session.scalar(query)
        for query in (
            select(func.min(SettlementLine.occurred_on))
            .join(Settlement, Settlement.id == SettlementLine.settlement_id)
            .where(Settlement.seller_id.in_(sellers)),
            select(func.min(JournalTransaction.occurred_on))
            .join(JournalLine, JournalLine.transaction_id == JournalTransaction.id)
            .join(JournalAccount, JournalAccount.id == JournalLine.account_id)
            .where(JournalAccount.seller_id.in_(sellers), JournalTransaction.kind.in_(BILLED)),
            select(func.min(OtherSales.month)).where(
                OtherSales.seller_id.in_(sellers), OtherSales.removed_at.is_(None)
            ),
        )
    ]
    first = min([day.year for day in firsts if day is not None], default=this_year)
    return list(range(this_year, min(first, this_year) - 1, -1))


def thresholds_on(session: Session, day: date) -> dict[str, LegalParameter]:
    """What the law names of turnover on a day: the part that is free, and where PKP begins."""
    return rows_on(session, "turnover_", day)


def other_sales_of(session: Session, seller_id: int, year: int) -> list[OtherSales]:
    """What a seller wrote down of a year and did not take back, newest month first."""
    query = select(OtherSales).where(
        OtherSales.seller_id.in_(_with_merged(session, seller_id)),
        OtherSales.month >= date(year, 1, 1),
        OtherSales.month < date(year + 1, 1, 1),
        OtherSales.removed_at.is_(None),
    )
    return list(session.scalars(query.order_by(OtherSales.month.desc(), OtherSales.id.desc())))


def statements_of(session: Session, seller_id: int, year: int) -> list[TurnoverStatement]:
    """The signed statements on a year, newest first."""
    query = select(TurnoverStatement).where(
        TurnoverStatement.seller_id.in_(_with_merged(session, seller_id)), TurnoverStatement.year == year
    )
    return list(session.scalars(query.order_by(TurnoverStatement.id.desc())))


def statement(session: Session, seller_id: int, statement_id: int) -> TurnoverStatement | None:
    """One statement of a seller; None for a stranger's."""
    row = session.get(TurnoverStatement, statement_id)
    return row if row is not None and row.seller_id in _with_merged(session, seller_id) else None


def _with_merged(session: Session, seller_id: int) -> list[int]:
    query = select(Seller.id).where(Seller.merged_into_id == seller_id)
    return [seller_id, *session.scalars(query)]


def _by_month(rows: Iterable[Any]) -> dict[int, int]:
    """Rupiah by month of rows that are (day, rupiah): one row for each day."""
    found: defaultdict[int, int] = defaultdict(int)
    for day, rupiah in rows:
        found[day.month] += int(rupiah)
    return dict(found)


def _consignment(sellers: list[int], first: date, end: date) -> Any:
    return (
        select(SettlementLine.occurred_on, func.sum(SettlementLine.gross_rupiah))
        .join(Settlement, Settlement.id == SettlementLine.settlement_id)
        .where(
            Settlement.seller_id.in_(sellers),
            Settlement.state != "draft",
            SettlementLine.kind.in_(SOLD),
            SettlementLine.occurred_on >= first,
            SettlementLine.occurred_on < end,
        )
        .group_by(SettlementLine.occurred_on)
    )


def _orders(sellers: list[int], first: date, end: date) -> Any:
    return (
        select(JournalTransaction.occurred_on, -func.sum(JournalLine.amount_rupiah))
        .join(JournalLine, JournalLine.transaction_id == JournalTransaction.id)
        .join(JournalAccount, JournalAccount.id == JournalLine.account_id)
        .where(
            JournalAccount.seller_id.in_(sellers),
            JournalAccount.kind == "sales",
            JournalTransaction.kind.in_(BILLED),
            JournalTransaction.occurred_on >= first,
            JournalTransaction.occurred_on < end,
        )
        .group_by(JournalTransaction.occurred_on)
    )


def _other(sellers: list[int], first: date, end: date) -> Any:
    return (
        select(OtherSales.month, func.sum(OtherSales.amount_rupiah))
        .where(
            OtherSales.seller_id.in_(sellers),
            OtherSales.removed_at.is_(None),
            OtherSales.month >= first,
            OtherSales.month < end,
        )
        .group_by(OtherSales.month)
    )
