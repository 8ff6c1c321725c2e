"""Issuing settlements: one by the store, or a whole city's, in the same way and by the same reading."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, text
from sqlalchemy.orm import Session

from ... import clock, documents, outbox
from ...bulk import copy_rows, moment_text, next_ids
from ...db import is_postgres, retry_on_conflict, unit_of_work
from ...errors import InvalidInput, RuleBroken
from ...i18n import _, format_day
from ...organizations.models import Outlet
from ...payments.models import AccountKind
from ...payments.services import Account, NewPayable, Step, enter, open_payables
from ...permissions import Actor, Permission
from ..models import Settlement, SettlementState
from ..queries.debts import outlets_with_agreements
from ..queries.unsettled import Scope, Unsettled, unsettled
from ..rules import Side
from ..rules.money import totals
from ..rules.settling import ONE_DAY, Line, Planned
from .parties import record, tell
from .settled import hold_settlement

BATCH = 1_000
"""So many agreements are settled in one unit, so that other writers wait less than a second."""
TELL = "settlements.tell"
SETTLEMENT_COLUMNS = (
    "id", "agreement_id", "outlet_id", "operator_id", "seller_id", "state", "first_day", "last_day", "number",
    "bill_number", "verify_code", "line_count", "gross_rupiah", "commission_rupiah", "charged_rupiah",
    "net_rupiah", "weight", "due_days", "due_on", "created_at", "issued_at", "issued_by",
)  # fmt: skip
LINE_COLUMNS = (
    "movement_id", "settlement_id", "kind", "product_id", "occurred_on", "quantity", "unit_price_rupiah",
    "version_id", "gross_rupiah", "commission_rupiah", "net_rupiah",
)  # fmt: skip


@dataclass(frozen=True)
class Counts:
    """What a run has done so far."""

    agreements: int = 0
    settlements: int = 0
    lines: int = 0
    rupiah: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.agreements + other.agreements,
            self.settlements + other.settlements,
            self.lines + other.lines,
            self.rupiah + other.rupiah,
        )


@dataclass(slots=True)
class _Item:
    """One settlement to write."""

    unsettled: Unsettled
    planned: Planned
    id: int = 0
    number: str = ""
    bill_number: str = ""


# --- one ---------------------------------------------------------------------------------------------------


@retry_on_conflict
def issue_settlement(*, actor: Actor, settlement_id: int) -> Settlement:
    """The store issues a draft: its lines are fixed, statement and bill get their numbers, the debt begins.

    What was reported since the draft was made is in it. Raises NotFound for a stranger, RuleBroken when the
    cycle is closed already, has not ended, or an earlier one waits.
    """
    with unit_of_work() as session:
        held = hold_settlement(session, actor, settlement_id, Side.OUTLET)
        actor.require(Permission.SETTLEMENT_ISSUE)
        row = held.row
        _refuse_closed(row)
        item = _next_cycle(session, row)
        _write_issued(session, [item], actor.user_id, clock.now())
        session.expire(row)
        session.refresh(row)
        record(session, actor, held.parties, "settlement.issued", row, after=told(row))
        tell(
            session, held.parties, Side.SELLER, "settlement_issued", f"/settlements/{row.id}",
            number=row.number, first_day=row.first_day.isoformat(), last_day=row.last_day.isoformat(),
            rupiah=row.net_rupiah, due_on=row.due_on.isoformat() if row.due_on else None,
        )  # fmt: skip
        return row


def _refuse_closed(row: Settlement) -> None:
    if row.state != SettlementState.DRAFT:
        raise RuleBroken(
            _(
                "Siklus ini sudah ditutup dengan penyelesaian %(number)s. "
                "Penjualan yang baru dilaporkan masuk siklus berikutnya.",
                number=row.number,
            ),
            code="cycle_closed",
            number=row.number,
        )


def _next_cycle(session: Session, row: Settlement) -> _Item:
    """The draft as the ledger says today; it must be the earliest that waits."""
    if row.last_day >= clock.today():
        raise RuleBroken(
            _("Siklus ini baru berakhir %(day)s. Terbitkan sesudahnya.", day=format_day(row.last_day)),
            code="cycle_open",
        )
    scope = Scope((row.outlet_id,), row.seller_id)
    found = next(
        (one for one in unsettled(session, scope, row.last_day) if one.agreement_id == row.agreement_id), None
    )
    if found is None or not found.planned:
        raise RuleBroken(
            _("Tidak ada lagi yang perlu dibayar untuk siklus ini. Barisnya ikut siklus berikutnya."),
            code="nothing_to_settle",
        )
    first = found.planned[0]
    if first.period.last != row.last_day:
        raise RuleBroken(
            _("Terbitkan dulu siklus yang berakhir %(day)s.", day=format_day(first.period.last)),
            code="earlier_cycle_waits",
        )
    return _Item(found, first)


def told(row: Settlement) -> dict[str, Any]:
    """What the audit log keeps of a settlement."""
    names = ("state", "number", "bill_number", "first_day", "last_day", "net_rupiah", "due_on")
    return {name: getattr(row, name) for name in names}


# --- many --------------------------------------------------------------------------------------------------


def prepare_settlements(*, actor: Actor) -> Counts:
    """Drafts of every ended cycle of the actor's outlets, now and not only after midnight."""
    actor.require(Permission.SETTLEMENT_ISSUE)
    until = clock.today() - ONE_DAY
    counts = Counts()
    for outlet_ids, agreements in _batches(outlets_with_agreements(operator_id=actor.operator_id or 0)):
        counts += settle_outlets(outlet_ids, agreements, until, issue=False)
    return counts


def settle_until(
    until: date, *, issue: bool = False, told: Callable[[Counts, int], None] | None = None
) -> Counts:
    """Drafts of every cycle that ended by a day, or (`issue`) the settlements themselves, for all outlets.

    Outlets are settled in units of some thousand agreements; broken off, it goes on where it was. `told`
    hears after each what was done and how many agreements there are. Raises InvalidInput for a day that
    has not ended.
    """
    if until >= clock.today():
        raise InvalidInput(
            _("Hari terakhir paling akhir kemarin, %(day)s.", day=format_day(clock.today() - ONE_DAY))
        )
    outlets = outlets_with_agreements()
    total, counts = sum(count for _id, count in outlets), Counts()
    for outlet_ids, agreements in _batches(outlets):
        counts += settle_outlets(outlet_ids, agreements, until, issue=issue)
        if told is not None:
            told(counts, total)
    return counts


def _batches(outlets: Sequence[tuple[int, int]]) -> Iterator[tuple[tuple[int, ...], int]]:
    """Outlets, in order of id, so many that their agreements make a unit of good size."""
    some: list[int] = []
    agreements = 0
    for outlet_id, count in outlets:
        if some and agreements + count > BATCH:
            yield tuple(some), agreements
            some, agreements = [], 0
        some.append(outlet_id)
        agreements += count
    if some:
        yield tuple(some), agreements


@retry_on_conflict
def settle_outlets(outlet_ids: tuple[int, ...], agreements: int, until: date, *, issue: bool) -> Counts:
    """Draft or issue every cycle of some outlets that ended by a day, in one unit."""
    with unit_of_work() as session:
        if is_postgres(session):
            session.execute(text("SET LOCAL enable_seqscan = off"))
        lock = select(Outlet.id).where(Outlet.id.in_(outlet_ids)).order_by(Outlet.id)
        session.execute(lock.with_for_update(key_share=True)).all()
        found = unsettled(session, Scope(outlet_ids), until)
        items = [_Item(one, planned) for one in found for planned in one.planned]
        now = clock.now()
        if issue:
            _write_issued(session, items, None, now)
            if items:
                outbox.enqueue(session, TELL, {"ids": [item.id for item in items]})
        else:
            _write_drafts(session, outlet_ids, items, now)
        lines = sum(len(item.planned.lines) for item in items)
        return Counts(agreements, len(items), lines, sum(item.planned.net for item in items))


# --- writing -----------------------------------------------------------------------------------------------


def _write_drafts(session: Session, outlet_ids: Sequence[int], items: Sequence[_Item], now: datetime) -> None:
    """The drafts of some outlets as the ledger says now; those that nothing asks for any more are gone."""
    _give_ids(session, outlet_ids, items, keep_others=False)
    _copy_settlements(session, items, SettlementState.DRAFT, None, now)


def _write_issued(session: Session, items: Sequence[_Item], issued_by: int | None, now: datetime) -> None:
    """Settlements with their lines, numbers, debts and journal: all of it, or nothing."""
    if not items:
        return
    outlet_ids = sorted({item.unsettled.outlet_id for item in items})
    _give_ids(session, outlet_ids, items, keep_others=True)
    _give_numbers(session, items)
    _copy_settlements(session, items, SettlementState.ISSUED, issued_by, now)
    connection = session.connection()
    copy_rows(connection, "settlement_lines", LINE_COLUMNS, _line_rows(items))
    today = clock.wib_day(now)
    open_payables(
        session,
        [
            NewPayable(
                "settlement", item.id, item.bill_number, item.unsettled.operator_id, item.unsettled.seller_id,
                item.planned.net, today, _due_on(item, today),
            )
            for item in items
        ],
        created_at=now,
    )  # fmt: skip
    enter(session, [_step(item, today) for item in items], recorded_at=now, recorded_by=issued_by)


def _give_ids(
    session: Session, outlet_ids: Sequence[int], items: Sequence[_Item], *, keep_others: bool
) -> None:
    """An item takes the id of its draft, whose row makes room; others get new ones."""
    query = select(Settlement.id, Settlement.agreement_id, Settlement.last_day).where(
        Settlement.outlet_id.in_(outlet_ids), Settlement.state == SettlementState.DRAFT.value
    )
    drafts = {(agreement_id, last): key for key, agreement_id, last in session.execute(query)}
    taken = []
    for item in items:
        item.id = drafts.get((item.unsettled.agreement_id, item.planned.period.last), 0)
        taken.append(item.id)
    gone = [key for key in (taken if keep_others else drafts.values()) if key]
    fresh = [item for item in items if not item.id]
    ids = next_ids(session.connection(), "settlements", len(fresh))
    for item, key in zip(fresh, ids, strict=True):
        item.id = key
    for start in range(0, len(gone), 500):
        some = delete(Settlement).where(Settlement.id.in_(gone[start : start + 500]))
        session.execute(some, execution_options={"synchronize_session": False})


def _give_numbers(session: Session, items: Sequence[_Item]) -> None:
    """Statement numbers of each operator's year, bill numbers of each seller's, in order and without gaps."""
    year = clock.today().year
    wanted: Counter[str] = Counter()
    for item in items:
        wanted[_statements(item, year)] += 1
        wanted[_bills(item, year)] += 1
    given = documents.take_numbers(session, wanted)
    for item in items:
        statements, bills = _statements(item, year), _bills(item, year)
        item.number = f"PS-{year}-{given[statements]:05d}"
        item.bill_number = f"NT-{year}-{given[bills]:05d}"
        given[statements] += 1
        given[bills] += 1


def _statements(item: _Item, year: int) -> str:
    return f"statements-{item.unsettled.operator_id}-{year}"


def _bills(item: _Item, year: int) -> str:
    return f"bills-{item.unsettled.seller_id}-{year}"


def _due_days(item: _Item) -> int:
    return item.unsettled.due_days(item.planned.period.last)


def _due_on(item: _Item, papers_complete_on: date) -> date:
    return papers_complete_on + timedelta(days=_due_days(item))


def _copy_settlements(
    session: Session, items: Sequence[_Item], state: SettlementState, issued_by: int | None, now: datetime
) -> None:
    connection = session.connection()
    moment = moment_text(connection, now)
    is_issued = state is SettlementState.ISSUED
    today = clock.wib_day(now)
    rows = []
    for item in items:
        one, planned = item.unsettled, item.planned
        sums = totals((line.kind.is_loss, line.occurred_on, line.amounts) for line in planned.lines)
        rows.append(
            (
                item.id, one.agreement_id, one.outlet_id, one.operator_id, one.seller_id, state.value,
                planned.period.first.isoformat(), planned.period.last.isoformat(), item.number or None,
                item.bill_number or None, documents.new_code() if is_issued else None, len(planned.lines),
                sums.gross, sums.commission, sums.charged, sums.net, sums.weight, _due_days(item),
                _due_on(item, today).isoformat() if is_issued else None, moment,
                moment if is_issued else None, issued_by,
            )
        )  # fmt: skip
    copy_rows(connection, "settlements", SETTLEMENT_COLUMNS, rows)


def _line_rows(items: Sequence[_Item]) -> Iterator[tuple[Any, ...]]:
    for item in items:
        for line in item.planned.lines:
            yield (
                line.movement_id, item.id, line.kind.value, line.product_id, line.occurred_on.isoformat(),
                line.quantity, line.unit_price, line.version_id, *line.amounts,
            )  # fmt: skip


def _step(item: _Item, today: date) -> Step:
    """The journal's entry: what was sold and lost is credited, the store's share and the debt are debited."""
    one = item.unsettled
    lines: Sequence[Line] = item.planned.lines
    charged = sum(line.amounts.net for line in lines if line.kind.is_loss)
    gross = sum(line.amounts.gross for line in lines if not line.kind.is_loss)
    commission = sum(line.amounts.commission for line in lines)

    def account(kind: AccountKind) -> Account:
        return Account(one.operator_id, one.seller_id, kind)

    return Step(
        f"settlement:{item.id}:issued",
        "issued",
        "settlement",
        item.id,
        today,
        {
            account(AccountKind.SALES): -gross,
            account(AccountKind.LOSSES): -charged,
            account(AccountKind.COMMISSION): commission,
            account(AccountKind.OWED): gross - commission + charged,
        },
    )
