"""The one writer of the journal: steps in double entry, and the balances that follow from them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from ...bulk import copy_rows, moment_text, next_ids
from ...db import is_postgres
from ..models import AccountKind, JournalAccount, JournalLine, JournalTransaction


class Account(NamedTuple):
    """Which account: what an operator and a seller are to each other in one respect."""

    operator_id: int
    seller_id: int
    kind: AccountKind


@dataclass(frozen=True, slots=True)
class Step:
    """One entry: what it does to which account, a debit positive and a credit negative; together nothing.

    `ref` names it for ever: the same step is entered once.
    """

    ref: str
    kind: str
    cause_kind: str
    cause_id: int
    occurred_on: date
    lines: Mapping[Account, int]
    reverses_id: int | None = None


ACCOUNTS_SQLITE = """INSERT INTO journal_accounts (operator_id, seller_id, kind, balance_rupiah)
    SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]'),
        json_extract(value, '$[3]') FROM json_each(?) WHERE true
    ON CONFLICT (operator_id, seller_id, kind)
        DO UPDATE SET balance_rupiah = journal_accounts.balance_rupiah + excluded.balance_rupiah
    RETURNING operator_id, seller_id, kind, id"""
ACCOUNTS_POSTGRES = """INSERT INTO journal_accounts (operator_id, seller_id, kind, balance_rupiah)
    SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::varchar[], %s::bigint[])
    ON CONFLICT (operator_id, seller_id, kind)
        DO UPDATE SET balance_rupiah = journal_accounts.balance_rupiah + excluded.balance_rupiah
    RETURNING operator_id, seller_id, kind, id"""


def enter(
    session: Session, steps: Sequence[Step], *, recorded_at: datetime, recorded_by: int | None
) -> list[int]:
    """Enter steps in the caller's unit, after everything else was locked; answers their ids.

    Accounts are made, and locked, in one order. Raises ValueError for a step that does not sum to zero.
    """
    session.flush()
    changes: dict[Account, int] = {}
    for step in steps:
        if sum(step.lines.values()) != 0:
            raise ValueError(f"{step.ref} does not sum to zero")
        for account, amount in step.lines.items():
            if amount:
                changes[account] = changes.get(account, 0) + amount
    accounts = _move_balances(session, changes)
    connection = session.connection()
    ids = list(next_ids(connection, "journal_transactions", len(steps)))
    moment = moment_text(connection, recorded_at)
    copy_rows(
        connection,
        "journal_transactions",
        (
            "id", "ref", "kind", "cause_kind", "cause_id", "occurred_on", "reverses_id", "recorded_at",
            "recorded_by",
        ),
        [
            (key, step.ref, step.kind, step.cause_kind, step.cause_id, step.occurred_on.isoformat(),
             step.reverses_id, moment, recorded_by)
            for key, step in zip(ids, steps, strict=True)
        ],
    )  # fmt: skip
    copy_rows(
        connection,
        "journal_lines",
        ("transaction_id", "account_id", "amount_rupiah"),
        [
            (key, accounts[account], amount)
            for key, step in zip(ids, steps, strict=True)
            for account, amount in step.lines.items()
            if amount
        ],
    )
    return ids


def _move_balances(session: Session, changes: Mapping[Account, int]) -> dict[Account, int]:
    """Add to the balances, making accounts that are new; answers the accounts' ids."""
    rows = sorted((*account, amount) for account, amount in changes.items())
    if not rows:
        return {}
    connection = session.connection()
    if is_postgres(session):
        columns = tuple(
            [str(v) if isinstance(v, AccountKind) else v for v in column]
            for column in zip(*rows, strict=True)
        )
        found = connection.exec_driver_sql(ACCOUNTS_POSTGRES, columns)
    else:
        found = connection.exec_driver_sql(ACCOUNTS_SQLITE, (json.dumps(rows),))
    return {Account(operator, seller, AccountKind(kind)): key for operator, seller, kind, key in found.all()}


def reverse_step(
    session: Session,
    ref: str,
    *,
    new_ref: str,
    kind: str,
    occurred_on: date,
    recorded_at: datetime,
    recorded_by: int | None,
) -> None:
    """Enter the opposite of an earlier step; it can be reversed once."""
    session.flush()
    step = session.scalars(select(JournalTransaction).where(JournalTransaction.ref == ref)).one()
    query = (
        select(
            JournalAccount.operator_id,
            JournalAccount.seller_id,
            JournalAccount.kind,
            JournalLine.amount_rupiah,
        )
        .join(JournalLine, JournalLine.account_id == JournalAccount.id)
        .where(JournalLine.transaction_id == step.id)
    )
    lines = {
        Account(operator, seller, AccountKind(account)): -amount
        for operator, seller, account, amount in session.execute(query)
    }
    opposite = Step(new_ref, kind, step.cause_kind, step.cause_id, occurred_on, lines, reverses_id=step.id)
    enter(session, [opposite], recorded_at=recorded_at, recorded_by=recorded_by)
