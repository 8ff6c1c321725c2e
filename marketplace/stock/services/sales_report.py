"""A report of an outlet's sales: each line taken, differing or refused, now or before."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from ... import clock
from .. import queries
from ..hooks import SalesRegistry, TakenLine, Told, sales_registry
from ..models import MovementKind, SaleLine
from ..rules import Movement, Posting, Refusal, RefusalCode, Reversal, Taking, derived_ref, is_storable
from ..rules.sales import Line, LineCode, first_problem
from ..rules.sales_sentences import sentence_of_difference, sentence_of_expired, sentence_of_line
from .ledger import Outcome, write
from .rehearsal import Memory, rehearse
from .tables import NewRow, tables_of

CAUSE = "sales_report"
_CODES = {
    RefusalCode.UNKNOWN_MOVEMENT: LineCode.NOTHING_TO_REVERSE,
    RefusalCode.ALREADY_REVERSED: LineCode.ALREADY_REVERSED,
    RefusalCode.REVERSAL_OF_REVERSAL: LineCode.UNKNOWN_LINE,
    RefusalCode.BEFORE_ORIGINAL: LineCode.BEFORE_SALE,
    RefusalCode.CONFLICT: LineCode.CONFLICT,
    RefusalCode.FUTURE_DATE: LineCode.FUTURE_DATE,
    RefusalCode.UNKNOWN_SHELF: LineCode.UNKNOWN_PRODUCT,
    RefusalCode.EXPIRED: LineCode.EXPIRED,
}


@dataclass(frozen=True)
class Sales:
    """What somebody reports at once of one outlet.

    `report_id` is a report that these lines belong to; without it they are a report of their own. Days on
    which nothing sold are told by `first_on` and `last_on`. Screens pass sells_expired=False.
    """

    outlet_id: int
    lines: Sequence[Line]
    first_on: date | None = None
    last_on: date | None = None
    report_id: int | None = None
    sells_expired: bool = True

    @property
    def body_hash(self) -> str:
        """The same for two reports that say the same."""
        digest = hashlib.sha256(json.dumps(self.outlet_id).encode())
        if self.first_on is not None or self.last_on is not None:
            digest.update(f"{self.first_on}|{self.last_on}".encode())
        for line in self.lines:
            digest.update(line.content_hash.encode())
        return digest.hexdigest()


@dataclass(slots=True)
class LineOutcome:
    """What became of one line: refused with a code, or taken, now (`is_new`) or before."""

    code: LineCode | None = None
    message: str = ""
    is_new: bool = False
    difference: int = 0
    warnings: list[str] = field(default_factory=list)


def judge_sales(
    session: Session, *, user_id: int, sales: Sales, memory: Memory | None = None
) -> list[LineOutcome]:
    """What becomes of each line, in order, inside the caller's unit, which has locked the outlet.

    With a memory nothing is written: it remembers what earlier batches of the same file would have done.
    A repetition is known by its line_refs; there is no key.
    """
    if memory is not None:
        report: Report = _Rehearsed(session, user_id, sales, None, sales_registry(), memory=memory)
    else:
        report = Report(session, user_id, sales, sales.report_id, sales_registry())
    report.take()
    return report.outcomes


@dataclass(slots=True)
class _Known:
    """What is known of a line_ref: recorded before, or seen earlier in this report."""

    content_hash: str
    movement_ref: str
    is_sale: bool
    accepted: int = 0
    difference: int = 0
    seller_id: int | None = None
    product_id: int | None = None
    is_stored: bool = False
    first_index: int | None = None
    is_told: bool = False
    is_settled: bool = False


@dataclass
class Report:
    """One report on its way into the ledger."""

    session: Session
    user_id: int
    sales: Sales
    report_id: int | None
    registry: SalesRegistry | None
    accepted: int = 0
    differences: list[dict[str, Any]] = field(default_factory=list)
    refused: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[dict[str, Any]] = field(default_factory=list)
    known: dict[str, _Known] = field(default_factory=dict)
    taken: list[TakenLine] = field(default_factory=list)
    outcomes: list[LineOutcome] = field(default_factory=list)

    def take(self) -> dict[str, Any]:
        """Decide every line, write, and say what became of each."""
        lines = self.sales.lines
        today, moment = clock.today(), clock.now()
        problems = [first_problem(line, today) for line in lines]
        good = [line for line, problem in zip(lines, problems, strict=True) if problem is None]
        self._load(good)
        sellers, products = self._resolve(good)
        posted: list[tuple[Line, _Known]] = []
        postings: list[Posting] = []
        plans: list[_Known | LineCode] = []
        for line, problem in zip(lines, problems, strict=True):
            asked = problem or self._plan(line, sellers, products)
            if isinstance(asked, Movement | Reversal):
                known = self.known[line.line_ref]
                known.first_index = len(postings)
                posted.append((line, known))
                postings.append(
                    Posting(
                        (asked,),
                        today,
                        moment,
                        self.user_id,
                        Taking.UP_TO_SHELF,
                        sells_expired=self.sales.sells_expired,
                    )
                )
                plans.append(known)
            else:
                plans.append(asked)
        outcomes = self._write(postings)
        self._store(posted, outcomes)
        for line, plan in zip(lines, plans, strict=True):
            self._answer(line, plan, outcomes)
        self._register()
        answer: dict[str, Any] = {
            "accepted": self.accepted,
            "differences": self.differences,
            "refused": self.refused,
        }
        if self.warnings:
            answer["warnings"] = self.warnings
        return answer

    def _write(self, postings: Sequence[Posting]) -> list[Outcome]:
        return write(self.session, postings)

    def _load(self, lines: Sequence[Line]) -> None:
        refs = {line.line_ref for line in lines} | {line.reverses for line in lines if line.reverses}
        storable = [ref for ref in refs if is_storable(ref)]
        if not storable:
            return
        for row in tables_of(self.session).lines_of(self.sales.outlet_id, storable):
            ref, content, movement_ref, is_sale, accepted, difference, seller_id, product_id = row
            self.known[ref] = _Known(
                content, movement_ref, bool(is_sale), accepted, difference, seller_id, product_id, True
            )
        waiting = [ref for ref, known in self.known.items() if known.is_sale and known.accepted == 0]
        if waiting and self.registry is not None:
            for ref in self.registry.settled(self.session, self.sales.outlet_id, waiting):
                self.known[ref].is_settled = True

    def _resolve(self, lines: Sequence[Line]) -> tuple[dict[str, int], dict[tuple[int, str], int]]:
        named = {(line.seller_ref, line.sku) for line in lines if line.seller_ref}
        sellers = queries.sellers_by_ref({ref for ref, _sku in named if ref and is_storable(ref)})
        keys = {(sellers[ref], sku) for ref, sku in named if ref in sellers and sku and is_storable(sku)}
        return sellers, queries.products_by_key(keys)

    def _plan(
        self, line: Line, sellers: dict[str, int], products: dict[tuple[int, str], int]
    ) -> Movement | Reversal | _Known | LineCode:
        """What to do with a line: record it, repeat what is known of it, or refuse it."""
        known = self.known.get(line.line_ref)
        if known is not None:
            if known.content_hash != line.content_hash:
                return LineCode.CONFLICT
            # A line of which nothing was there may be told again once there is, unless both settled it.
            is_taken = not known.is_sale or known.accepted > 0 or known.is_settled
            if known.first_index is not None or is_taken:
                return known
        ref = derived_ref("sale", self.sales.outlet_id, line.line_ref)
        assert line.day is not None
        if line.reverses is not None:
            sale = self.known.get(line.reverses)
            if sale is None or not sale.is_sale:
                return LineCode.UNKNOWN_LINE
            self.known[line.line_ref] = _Known(line.content_hash, ref, is_sale=False)
            return Reversal(ref, sale.movement_ref, line.day, None, CAUSE, self.report_id)
        seller_id = sellers.get(line.seller_ref or "")
        if seller_id is None:
            return LineCode.UNKNOWN_SELLER
        product_id = products.get((seller_id, line.sku or ""))
        if product_id is None:
            return LineCode.UNKNOWN_PRODUCT
        if known is None:
            self.known[line.line_ref] = _Known(
                line.content_hash, ref, is_sale=True, seller_id=seller_id, product_id=product_id
            )
        assert line.quantity is not None
        return Movement(
            movement_ref=ref,
            kind=MovementKind.SALE,
            outlet_id=self.sales.outlet_id,
            seller_id=seller_id,
            product_id=product_id,
            quantity=line.quantity,
            occurred_on=line.day,
            unit_price_rupiah=line.unit_price_rupiah,
            cause_kind=CAUSE,
            cause_id=self.report_id,
        )

    def _store(self, posted: Sequence[tuple[Line, _Known]], outcomes: Sequence[Outcome]) -> None:
        """Remember the lines that were taken, and the differences of those that were not."""
        new: list[NewRow] = []
        again: list[dict[str, Any]] = []
        outlet_id, moment = self.sales.outlet_id, clock.now()
        for (line, known), outcome in zip(posted, outcomes, strict=True):
            if isinstance(outcome, Refusal):
                continue
            if known.is_sale:
                assert line.quantity is not None
                known.accepted = outcome[0].quantity
                known.difference = line.quantity - known.accepted
            assert line.day is not None
            if known.is_stored:
                again.append(
                    {
                        "outlet_id": outlet_id,
                        "line_ref": line.line_ref,
                        "accepted": known.accepted,
                        "difference": known.difference,
                    }
                )
            else:
                new.append(
                    (
                        outlet_id, line.line_ref, known.content_hash, known.movement_ref, line.reverses,
                        self.report_id, known.seller_id, known.product_id, line.unit_price_rupiah, line.day,
                        known.accepted, known.difference, moment, self.user_id,
                    )
                )  # fmt: skip
            self.taken.append(
                TakenLine(
                    line.line_ref, line.day, line.reverses, known.seller_id, known.product_id,
                    line.unit_price_rupiah, known.accepted, known.difference, known.is_stored,
                )
            )  # fmt: skip
        self._keep(new, again)

    def _keep(self, new: Sequence[NewRow], again: Sequence[dict[str, Any]]) -> None:
        if new:
            tables_of(self.session).insert_lines(new)
        if again:
            self.session.execute(update(SaleLine), again)

    def _answer(self, line: Line, plan: _Known | LineCode, outcomes: Sequence[Outcome]) -> None:
        """Add what became of one line to the answer."""
        if isinstance(plan, LineCode):
            self._refuse(line, plan)
            return
        outcome = None if plan.first_index is None else outcomes[plan.first_index]
        if isinstance(outcome, Refusal):
            self._refuse(line, _CODES.get(outcome.code, LineCode.INVALID_LINE))
            return
        told = LineOutcome(
            is_new=plan.first_index is not None and not plan.is_told, difference=plan.difference
        )
        plan.is_told = True
        self.outcomes.append(told)
        if not plan.is_sale or plan.accepted > 0:
            self.accepted += 1
        if plan.difference > 0:
            sentence = sentence_of_difference(plan.accepted, plan.difference)
            told.warnings.append(sentence)
            self.differences.append(
                {"line_ref": line.line_ref, "quantity": plan.difference, "message": sentence}
            )
        if outcome is not None and outcome[0].took_expired:
            told.warnings.append(sentence_of_expired())
            self.warnings.append(
                {"line_ref": line.line_ref, "code": "expired", "message": sentence_of_expired()}
            )

    def _refuse(self, line: Line, code: LineCode) -> None:
        message = sentence_of_line(code, line)
        self.outcomes.append(LineOutcome(code, message))
        self.refused.append({"line_ref": line.line_ref, "code": code.value, "message": message})

    def _register(self) -> None:
        """Let the registry of reports know, and say what it finds odd."""
        if self.registry is None or self.report_id is None:
            return
        told = Told(
            self.sales.outlet_id,
            self.user_id,
            self.taken,
            len(self.sales.lines),
            len(self.refused),
            self.sales.first_on,
            self.sales.last_on,
        )
        for odd in self.registry.close(self.session, self.report_id, told):
            self.warnings.append({"line_ref": odd.line_ref, "code": odd.code, "message": odd.message})


@dataclass
class _Rehearsed(Report):
    """A report that is judged and not written: the preview of a file."""

    memory: Memory = field(kw_only=True)

    def _write(self, postings: Sequence[Posting]) -> list[Outcome]:
        return rehearse(self.session, postings, self.memory)

    def _load(self, lines: Sequence[Line]) -> None:
        super()._load(lines)
        refs = {line.line_ref for line in lines} | {line.reverses for line in lines if line.reverses}
        found = self.memory.get_many(self._name(ref) for ref in sorted(refs))
        for name, (ref, content, movement_ref, is_sale, accepted, difference) in found.items():
            assert name == self._name(ref)
            self.known[ref] = _Known(content, movement_ref, is_sale, accepted, difference, is_stored=True)

    def _keep(self, new: Sequence[NewRow], again: Sequence[dict[str, Any]]) -> None:
        self.memory.put_many(
            {self._name(row[1]): [row[1], row[2], row[3], row[4] is None, row[10], row[11]] for row in new}
        )

    def _name(self, ref: str) -> str:
        return f"line:{self.sales.outlet_id}:{ref}"
