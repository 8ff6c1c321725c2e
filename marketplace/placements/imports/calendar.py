"""The days of the agreements that a file touches, so that two of one pair never share a day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from ...importing import Batch
from .. import rules
from ..models import Agreement, AgreementState

SLICE = 400
Pair = tuple[int, int, str]
"""Outlet, seller and basis."""
Dates = tuple[date, date | None, date | None]
"""First day, last day, day of termination."""


def dates_of(state: Mapping[str, Any]) -> Dates:
    """First day, last day and termination, from values of a row or of the book."""

    def day(name: str) -> date | None:
        value = state.get(name)
        return date.fromisoformat(value) if isinstance(value, str) else value

    starts = day("starts_on")
    assert starts is not None
    return starts, day("ends_on"), day("terminated_on")


class Calendar:
    """The days of every agreement of the pairs of a batch, kept up to date while rows are judged."""

    def __init__(self, batch: Batch, pairs: set[Pair]) -> None:
        self.batch = batch
        self.days: dict[Pair, dict[str, Dates]] = {}
        for outlet_id, seller_id, basis, ref, *dates in _accepted(batch.session, pairs):
            self.days.setdefault((outlet_id, seller_id, basis), {})[ref] = (dates[0], dates[1], dates[2])
        if batch.dry:
            remembered = batch.memory.get_many(_pair_key(pair) for pair in sorted(pairs))
            for pair in pairs:
                for ref, written in remembered.get(_pair_key(pair), {}).items():
                    first, last, terminated = (date.fromisoformat(d) if d else None for d in written)
                    assert first is not None
                    self.days.setdefault(pair, {})[ref] = (first, last, terminated)
        self._touched: set[Pair] = set()

    def conflict(self, pair: Pair, ref: str, dates: Dates) -> tuple[str, Dates] | None:
        """Another agreement of the pair that shares a day with these dates."""
        days = rules.days_in_force(*dates)
        for other, known in self.days.get(pair, {}).items():
            if other != ref and rules.overlaps(days, rules.days_in_force(*known)):
                return other, known
        return None

    def put(self, pair: Pair, ref: str, dates: Dates) -> Dates | None:
        """Take over an agreement's days; answers those that it had before."""
        self._touched.add(pair)
        before = self.days.setdefault(pair, {}).get(ref)
        self.days[pair][ref] = dates
        return before

    def save(self) -> None:
        """Have a dry run remember the pairs that changed."""
        if self.batch.dry and self._touched:
            self.batch.memory.put_many(
                {
                    _pair_key(pair): {
                        ref: [day.isoformat() if day else None for day in dates]
                        for ref, dates in self.days[pair].items()
                    }
                    for pair in self._touched
                }
            )


def _pair_key(pair: Pair) -> str:
    return f"pair|{pair[0]}|{pair[1]}|{pair[2]}"


def _accepted(session: Session, pairs: set[Pair]) -> Iterator[Sequence[Any]]:
    wanted = sorted(pairs)
    for start in range(0, len(wanted), SLICE):
        both = sorted(
            {(outlet_id, seller_id) for outlet_id, seller_id, _basis in wanted[start : start + SLICE]}
        )
        query = select(
            Agreement.outlet_id,
            Agreement.seller_id,
            Agreement.basis,
            Agreement.agreement_ref,
            Agreement.starts_on,
            Agreement.ends_on,
            Agreement.terminated_on,
        ).where(
            tuple_(Agreement.outlet_id, Agreement.seller_id).in_(both),
            Agreement.state == AgreementState.ACCEPTED.value,
        )
        yield from session.execute(query)
