"""Sales reports of outlets: thousands of lines at once, each taken, differing or refused; safe to repeat."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ... import clock
from ...db import db, insert_into, is_postgres, retry_on_conflict, unit_of_work
from ...errors import Conflict, InvalidInput, NotFound
from ...i18n import _
from ...organizations.models import Outlet
from ...permissions import Actor
from .. import queries
from ..models import MovementKind, SaleLine, SalesRequest
from ..rules import Movement, Posting, Refusal, RefusalCode, Reversal, Taking, derived_ref, is_storable
from ..rules.sales import Line, LineCode, first_problem
from ..rules.sales_sentences import sentence_of_difference, sentence_of_expired, sentence_of_line
from .ledger import Outcome, write

MAX_KEY = 200
TRIES = 4
_CODES = {
    RefusalCode.UNKNOWN_MOVEMENT: LineCode.NOTHING_TO_REVERSE,
    RefusalCode.ALREADY_REVERSED: LineCode.ALREADY_REVERSED,
    RefusalCode.REVERSAL_OF_REVERSAL: LineCode.UNKNOWN_LINE,
    RefusalCode.BEFORE_ORIGINAL: LineCode.BEFORE_SALE,
    RefusalCode.CONFLICT: LineCode.CONFLICT,
    RefusalCode.FUTURE_DATE: LineCode.FUTURE_DATE,
    RefusalCode.UNKNOWN_SHELF: LineCode.UNKNOWN_PRODUCT,
}


def record_sales(
    *, actor: Actor, idempotency_key: str, outlet_ref: str, lines: Sequence[Line]
) -> dict[str, Any]:
    """Take a report of an outlet's sales and answer what was accepted, what differs, what was refused.

    The key with the same content gets its first answer again; with other content it is a Conflict. One
    transaction: after a crash either all of it is there, with its answer, or nothing.
    """
    if not idempotency_key or len(idempotency_key) > MAX_KEY or not is_storable(idempotency_key):
        raise InvalidInput(
            _("Kirim kepala Idempotency-Key: kode unik untuk laporan ini, paling banyak 200 karakter."),
            {"Idempotency-Key": _("Wajib diisi.")},
        )
    outlet_id = queries.outlet_for(actor, outlet_ref)
    if outlet_id is None or actor.user_id is None:
        raise NotFound(_("Toko dengan kode ini tidak ada, atau bukan toko Anda."), code="unknown_outlet")
    for _attempt in range(TRIES - 1):
        try:
            return _record(actor.user_id, idempotency_key, outlet_id, lines)
        except IntegrityError:  # another request was faster with the same line: read it and decide anew
            db.session.rollback()
    return _record(actor.user_id, idempotency_key, outlet_id, lines)


@retry_on_conflict
def _record(user_id: int, key: str, outlet_id: int, lines: Sequence[Line]) -> dict[str, Any]:
    body_hash = _hash_of(outlet_id, lines)
    with unit_of_work() as session:
        earlier = _claim_key(session, user_id, key, body_hash)
        if earlier is not None:
            if earlier.body_hash != body_hash:
                raise Conflict(
                    _("Idempotency-Key ini sudah dipakai untuk laporan lain. Pakai kode baru."),
                    code="idempotency_key_reused",
                )
            return earlier.answer
        if is_postgres(session):
            # One report of an outlet after the other; keys that merely refer to the outlet do not wait.
            session.execute(select(Outlet.id).where(Outlet.id == outlet_id).with_for_update(key_share=True))
        answer = _Report(session, user_id, outlet_id, lines).take()
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


def _hash_of(outlet_id: int, lines: Sequence[Line]) -> str:
    digest = hashlib.sha256(json.dumps(outlet_id).encode())
    for line in lines:
        digest.update(line.content_hash.encode())
    return digest.hexdigest()


@dataclass(slots=True)
class _Known:
    """What is known of a line_ref: recorded before, or seen earlier in this report."""

    content_hash: str
    movement_ref: str
    is_sale: bool
    accepted: int = 0
    difference: int = 0
    is_stored: bool = False
    first_index: int | None = None


@dataclass
class _Report:
    """One report on its way into the ledger."""

    session: Session
    user_id: int
    outlet_id: int
    lines: Sequence[Line]
    accepted: int = 0
    differences: list[dict[str, Any]] = field(default_factory=list)
    refused: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[dict[str, Any]] = field(default_factory=list)
    known: dict[str, _Known] = field(default_factory=dict)

    def take(self) -> dict[str, Any]:
        """Decide every line, write, and say what became of each."""
        today, moment = clock.today(), clock.now()
        problems = [first_problem(line, today) for line in self.lines]
        good = [line for line, problem in zip(self.lines, problems, strict=True) if problem is None]
        self._load(good)
        sellers, products = self._resolve(good)
        posted: list[tuple[Line, _Known]] = []
        postings: list[Posting] = []
        plans: list[_Known | LineCode] = []
        for line, problem in zip(self.lines, problems, strict=True):
            asked = problem or self._plan(line, sellers, products)
            if isinstance(asked, Movement | Reversal):
                known = self.known[line.line_ref]
                known.first_index = len(postings)
                posted.append((line, known))
                postings.append(Posting((asked,), today, moment, self.user_id, Taking.UP_TO_SHELF))
                plans.append(known)
            else:
                plans.append(asked)
        outcomes = write(self.session, postings)
        self._store(posted, outcomes)
        for line, plan in zip(self.lines, plans, strict=True):
            self._answer(line, plan, outcomes)
        answer: dict[str, Any] = {
            "accepted": self.accepted,
            "differences": self.differences,
            "refused": self.refused,
        }
        if self.warnings:
            answer["warnings"] = self.warnings
        return answer

    def _load(self, lines: Sequence[Line]) -> None:
        refs = {line.line_ref for line in lines} | {line.reverses for line in lines if line.reverses}
        storable = [ref for ref in refs if is_storable(ref)]
        query = select(
            SaleLine.line_ref,
            SaleLine.content_hash,
            SaleLine.movement_ref,
            SaleLine.reverses,
            SaleLine.accepted,
            SaleLine.difference,
        ).where(SaleLine.outlet_id == self.outlet_id, SaleLine.line_ref.in_(storable))
        for ref, content, movement_ref, reverses, accepted, difference in self.session.execute(query):
            self.known[ref] = _Known(content, movement_ref, reverses is None, accepted, difference, True)

    def _resolve(self, lines: Sequence[Line]) -> tuple[dict[str, int], dict[tuple[int, str], int]]:
        refs = {line.seller_ref for line in lines if line.seller_ref and is_storable(line.seller_ref)}
        sellers = queries.sellers_by_ref(refs)
        keys = {
            (sellers[line.seller_ref], line.sku)
            for line in lines
            if line.seller_ref in sellers and line.sku and is_storable(line.sku)
        }
        return sellers, queries.products_by_key(keys)

    def _plan(
        self, line: Line, sellers: dict[str, int], products: dict[tuple[int, str], int]
    ) -> Movement | Reversal | _Known | LineCode:
        """What to do with a line: record it, repeat what is known of it, or refuse it."""
        known = self.known.get(line.line_ref)
        if known is not None:
            if known.content_hash != line.content_hash:
                return LineCode.CONFLICT
            is_taken = not known.is_sale or known.accepted > 0
            if known.first_index is not None or is_taken:
                return known
        ref = derived_ref("sale", self.outlet_id, line.line_ref)
        assert line.day is not None
        if line.reverses is not None:
            sale = self.known.get(line.reverses)
            if sale is None or not sale.is_sale:
                return LineCode.UNKNOWN_LINE
            self.known[line.line_ref] = _Known(line.content_hash, ref, is_sale=False)
            return Reversal(ref, sale.movement_ref, line.day, cause_kind="sales_report")
        seller_id = sellers.get(line.seller_ref or "")
        if seller_id is None:
            return LineCode.UNKNOWN_SELLER
        product_id = products.get((seller_id, line.sku or ""))
        if product_id is None:
            return LineCode.UNKNOWN_PRODUCT
        if known is None:
            self.known[line.line_ref] = _Known(line.content_hash, ref, is_sale=True)
        assert line.quantity is not None
        return Movement(
            movement_ref=ref,
            kind=MovementKind.SALE,
            outlet_id=self.outlet_id,
            seller_id=seller_id,
            product_id=product_id,
            quantity=line.quantity,
            occurred_on=line.day,
            unit_price_rupiah=line.unit_price_rupiah,
            cause_kind="sales_report",
        )

    def _store(self, posted: Sequence[tuple[Line, _Known]], outcomes: Sequence[Outcome]) -> None:
        """Remember the lines that were taken, and the differences of those that were not."""
        new: list[dict[str, Any]] = []
        again: list[dict[str, Any]] = []
        for (line, known), outcome in zip(posted, outcomes, strict=True):
            if isinstance(outcome, Refusal):
                continue
            if known.is_sale:
                assert line.quantity is not None
                known.accepted = outcome[0].quantity
                known.difference = line.quantity - known.accepted
            values = {
                "outlet_id": self.outlet_id,
                "line_ref": line.line_ref,
                "accepted": known.accepted,
                "difference": known.difference,
            }
            if known.is_stored:
                again.append(values)
                continue
            new.append(
                values
                | {
                    "content_hash": known.content_hash,
                    "movement_ref": known.movement_ref,
                    "reverses": line.reverses,
                    "occurred_on": line.day,
                    "recorded_at": clock.now(),
                    "recorded_by": self.user_id,
                }
            )
        if new:
            self.session.execute(insert(SaleLine), new)
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
        if not plan.is_sale or plan.accepted > 0:
            self.accepted += 1
        if plan.difference > 0:
            sentence = sentence_of_difference(plan.accepted, plan.difference)
            self.differences.append(
                {"line_ref": line.line_ref, "quantity": plan.difference, "message": sentence}
            )
        if outcome is not None and outcome[0].took_expired:
            self.warnings.append(
                {"line_ref": line.line_ref, "code": "expired", "message": sentence_of_expired()}
            )

    def _refuse(self, line: Line, code: LineCode) -> None:
        message = sentence_of_line(code, line)
        self.refused.append({"line_ref": line.line_ref, "code": code.value, "message": message})
