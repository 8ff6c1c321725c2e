"""Which line of a bank statement is which payment: proposals with their reasons, never a decision."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

CODE_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
CODE_HEAD = "ET"
EARLIEST, LATEST = timedelta(days=1), timedelta(days=7)
"""A payment is on the statement from the day before it is said to be paid until a week after."""
LEAST_REFERENCE = 6
"""A shorter reference stands in too many descriptions to say anything."""


class Reason(StrEnum):
    """Why a line may be a payment."""

    CODE = "code"
    NUMBER = "number"
    REFERENCE = "reference"
    ONLY_AMOUNT = "only_amount"
    AMOUNT = "amount"


NAMED = frozenset({Reason.CODE, Reason.NUMBER, Reason.REFERENCE})


@dataclass(frozen=True, slots=True)
class Line:
    """Money that came in, as the bank says."""

    id: int
    booked_on: date
    amount_rupiah: int
    text: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A reported payment (`payment_id`), or open bills that nobody reported as paid (`payable_ids`).

    `first_day` and `last_day` are when its money may be on the statement; `codes` and `numbers` are its own.
    """

    payment_id: int | None
    payable_ids: tuple[int, ...]
    amount_rupiah: int
    first_day: date
    last_day: date
    codes: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A line and what it may be. A sure one may be confirmed with many others at once."""

    line_id: int
    candidate: Candidate
    is_sure: bool
    reasons: tuple[Reason, ...] = field(default=())


def transfer_code(payable_id: int) -> str:
    """What a payer writes into a transfer's message, so that its line says which bill it pays: ET, the bill's
    number in 32 letters and digits that are not mixed up, and a check letter."""
    base = len(CODE_ALPHABET)
    digits: list[int] = []
    rest = payable_id
    while rest or len(digits) < 4:
        digits.append(rest % base)
        rest //= base
    check = sum((2 * place + 1) * digit for place, digit in enumerate(digits)) % base
    return CODE_HEAD + "".join(CODE_ALPHABET[digit] for digit in (*reversed(digits), check))


def days_of_payment(paid_on: date) -> tuple[date, date]:
    """When the money of a payment that was reported for a day may be on the statement."""
    return paid_on - EARLIEST, paid_on + LATEST


def propose(lines: Sequence[Line], candidates: Sequence[Candidate]) -> dict[int, list[Proposal]]:
    """What each line may be, the likeliest first.

    A line is sure where one candidate stands out: its amount is exact, the day fits, and the description
    names it, or a reported payment is alone with this amount. Where two are equally sure nobody is.
    """
    by_amount: dict[int, list[Candidate]] = defaultdict(list)
    for one in candidates:
        by_amount[one.amount_rupiah].append(one)
    lines_of = Counter(line.amount_rupiah for line in lines)
    found = {
        line.id: _of_line(line, by_amount[line.amount_rupiah], lines_of[line.amount_rupiah]) for line in lines
    }
    claims = Counter(_key(one.candidate) for rows in found.values() for one in rows if one.is_sure)
    return {
        line_id: [one if claims[_key(one.candidate)] <= 1 else _unsure(one) for one in rows]
        for line_id, rows in found.items()
        if rows
    }


def _of_line(line: Line, candidates: Sequence[Candidate], lines_with_amount: int) -> list[Proposal]:
    text = line.text.upper()
    fitting = [one for one in candidates if one.first_day <= line.booked_on <= one.last_day]
    said = [(one, _reasons(one, text)) for one in fitting]
    named = [one for one, reasons in said if reasons]
    reported = [one for one in fitting if one.payment_id is not None]
    rows = []
    for one, reasons in said:
        is_alone = len(reported) == 1 and one is reported[0] and lines_with_amount == 1
        is_sure = (named == [one]) if named else is_alone
        shown = reasons or ((Reason.ONLY_AMOUNT,) if len(fitting) == 1 else (Reason.AMOUNT,))
        rows.append(Proposal(line.id, one, is_sure, shown))
    rows.sort(
        key=lambda row: (not row.is_sure, not NAMED & set(row.reasons), row.candidate.payment_id is None)
    )
    return rows


def _reasons(one: Candidate, text: str) -> tuple[Reason, ...]:
    found = []
    if _stands_in(one.codes, text):
        found.append(Reason.CODE)
    if _stands_in(one.numbers, text):
        found.append(Reason.NUMBER)
    reference = "".join(letter for letter in one.reference if letter.isalnum())
    if len(reference) >= LEAST_REFERENCE and _stands_in((one.reference,), text):
        found.append(Reason.REFERENCE)
    return tuple(found)


def _stands_in(words: Iterable[str], text: str) -> bool:
    """Whether a word stands in an upper-case text by itself, whatever the bank put between its parts."""
    for word in words:
        parts = re.findall(r"[A-Z]+|[0-9]+", word.upper())
        if parts:
            middle = r"[^A-Z0-9]{0,3}".join(parts)
            if re.search(rf"(?<![A-Z0-9]){middle}(?![A-Z0-9])", text):
                return True
    return False


def _key(one: Candidate) -> tuple[int | None, tuple[int, ...]]:
    return one.payment_id, one.payable_ids


def _unsure(one: Proposal) -> Proposal:
    return Proposal(one.line_id, one.candidate, False, one.reasons)
