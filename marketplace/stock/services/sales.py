"""Sales reports of outlets: thousands of lines at once, each taken, differing or refused; safe to repeat."""

from __future__ import annotations

import gc
import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ... import clock
from ...db import db, insert_into, is_postgres, retry_on_conflict, unit_of_work
from ...errors import Conflict, InvalidInput, NotFound
from ...i18n import _
from ...organizations.models import Outlet
from ...permissions import Actor
from .. import queries
from ..hooks import SalesRegistry, TakenLine, Told, sales_registry
from ..models import MovementKind, SaleLine, SalesRequest
from ..rules import Movement, Posting, Refusal, RefusalCode, Reversal, Taking, derived_ref, is_storable
from ..rules.sales import Line, LineCode, first_problem
from ..rules.sales_sentences import sentence_of_difference, sentence_of_expired, sentence_of_line
from .ledger import Outcome, write
from .rehearsal import Memory, rehearse
from .tables import NewRow, tables_of

MAX_KEY = 200
TRIES = 4
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


def record_sales(
    *,
    actor: Actor,
    idempotency_key: str,
    outlet_ref: str,
    lines: Sequence[Line],
    first_on: date | None = None,
    last_on: date | None = None,
) -> dict[str, Any]:
    """Take a report of an outlet's sales and answer what was accepted, what differs, what was refused.

    The key with the same content gets its first answer again; with other content it is a Conflict. One
    transaction: after a crash either all of it is there, with its answer, or nothing.
    """
    _check_key(idempotency_key)
    outlet_id = queries.outlet_for(actor, outlet_ref)
    if outlet_id is None:
        raise NotFound(_("Toko dengan kode ini tidak ada, atau bukan toko Anda."), code="unknown_outlet")
    _check_period(first_on, last_on)
    return take_sales(
        actor=actor, idempotency_key=idempotency_key, sales=Sales(outlet_id, lines, first_on, last_on)
    )


def take_sales(*, actor: Actor, idempotency_key: str, sales: Sales) -> dict[str, Any]:
    """The same for an outlet that the caller has found the actor may report for.

    Inside a unit of work it joins it, and whoever began the unit repeats it when a writer was faster.
    """
    _check_key(idempotency_key)
    if actor.user_id is None:
        raise NotFound(_("Toko dengan kode ini tidak ada, atau bukan toko Anda."), code="unknown_outlet")
    for _attempt in range(TRIES - 1):
        try:
            return _record(actor.user_id, idempotency_key, sales)
        except IntegrityError:  # another request was faster with the same line: read it and decide anew
            if db.session().info.get("in_unit"):
                raise
            db.session.rollback()
    return _record(actor.user_id, idempotency_key, sales)


def _check_key(key: str) -> None:
    """Raise InvalidInput for a request without a usable key."""
    if not key or len(key) > MAX_KEY or not is_storable(key):
        raise InvalidInput(
            _("Kirim kepala Idempotency-Key: kode unik untuk laporan ini, paling banyak 200 karakter."),
            {"Idempotency-Key": _("Wajib diisi.")},
        )


def _check_period(first_on: date | None, last_on: date | None) -> None:
    """Raise InvalidInput for days that no report can cover."""
    if first_on is None and last_on is None:
        return
    if first_on is None or last_on is None or first_on > last_on:
        sentence = _("Isi first_on dan last_on, hari pertama dan terakhir yang dilaporkan.")
        raise InvalidInput(sentence, {"first_on": sentence})
    if last_on > clock.today():
        sentence = _("Hari terakhir yang dilaporkan belum tiba.")
        raise InvalidInput(sentence, {"last_on": sentence})


@contextmanager
def _without_collecting() -> Iterator[None]:
    """Let the garbage of a large report wait for its end: none of it is cyclic, and looking costs a fifth."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@retry_on_conflict
def _record(user_id: int, key: str, sales: Sales) -> dict[str, Any]:
    with unit_of_work() as session, _without_collecting():
        if is_postgres(session):
            # One report of an outlet after the other; keys that merely refer to the outlet do not wait.
            locked = select(Outlet.id).where(Outlet.id == sales.outlet_id)
            session.execute(locked.with_for_update(key_share=True))
        earlier = _claim_key(session, user_id, key, sales.body_hash)
        if earlier is not None:
            if earlier.body_hash != sales.body_hash:
                raise Conflict(
                    _("Idempotency-Key ini sudah dipakai untuk laporan lain. Pakai kode baru."),
                    code="idempotency_key_reused",
                )
            return earlier.answer
        registry, report_id = sales_registry(), sales.report_id
        if report_id is None and registry is not None:
            report_id = registry.open(session, outlet_id=sales.outlet_id, user_id=user_id, key=key)
        answer = _Report(session, user_id, sales, report_id, registry).take()
        session.execute(
            update(SalesRequest)
            .where(SalesRequest.user_id == user_id, SalesRequest.idempotency_key == key)
            .values(answer=answer)
        )
        return answer


def _claim_key(session: Session, user_id: int, key: str, body_hash: str) -> SalesRequest | None:
    """Make the key ours, or find who used it before. Who comes second waits here for the first's commit."""
    claim = insert_into(session, SalesRequest).values(
        user_id=user_id,
        idempotency_key=key,
        body_hash=body_hash,
        answer={},
        recorded_at=clock.now(),
    )
    claimed = session.execute(claim.on_conflict_do_nothing().returning(SalesRequest.user_id)).first()
    return None if claimed else session.get_one(SalesRequest, (user_id, key))


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
        report: _Report = _Rehearsed(session, user_id, sales, None, sales_registry(), memory=memory)
    else:
        report = _Report(session, user_id, sales, sales.report_id, sales_registry())
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
class _Report:
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
class _Rehearsed(_Report):
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
