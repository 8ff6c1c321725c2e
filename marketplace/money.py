"""Whole rupiah: writing, reading and splitting them without losing one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

MAX_RUPIAH = 2**63 - 1
LONGEST = 30
_PLAIN = re.compile(r"-?\d+")
_GROUPED = re.compile(r"-?\d{1,3}(\.\d{3})+")


class TooLarge(ValueError):
    """A whole number that does not fit in 64 bits."""


def format_rupiah(amount: int) -> str:
    """Rupiah as Indonesians write them: 1234567 is Rp1.234.567, negative -Rp1.234."""
    sign = "-" if amount < 0 else ""
    return f"{sign}Rp{format_whole(abs(amount))}"


def format_whole(number: int) -> str:
    """A whole number with dots between thousands."""
    return f"{number:,}".replace(",", ".")


def parse_whole(text: str) -> int:
    """A whole number written plainly or the Indonesian way: '1.500' is 1500, 'Rp 25.000,00' is 25000.

    Raises ValueError when it is not a whole number, TooLarge when it does not fit in 64 bits.
    """
    bare = text.strip().replace("\u00a0", " ")
    bare = re.sub(r"^(-?)\s*[Rr][Pp]\.?\s*", r"\1", bare).replace(" ", "")
    bare = re.sub(r",0*$|,-$", "", bare)
    if not (_PLAIN.fullmatch(bare) or _GROUPED.fullmatch(bare)):
        raise ValueError(text)
    if len(bare) > LONGEST:
        raise TooLarge(text)
    number = int(bare.replace(".", ""))
    if abs(number) > MAX_RUPIAH:
        raise TooLarge(text)
    return number


def percent_of(amount: int, percent: Decimal) -> int:
    """A share of whole rupiah, half a rupiah rounded up (away from zero)."""
    return int((Decimal(amount) * percent / 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def split_largest_remainder(total: int, weights: Sequence[int]) -> list[int]:
    """Shares of `total` in proportion to `weights` that sum to `total`; ties go to the earlier weight.

    Raises ValueError for negative or all-zero weights.
    """
    whole = sum(weights)
    if whole <= 0 or min(weights) < 0:
        raise ValueError("weights must be zero or more and not all zero")
    shares = [total * weight // whole for weight in weights]
    remainders = [total * weight % whole for weight in weights]
    order = sorted(range(len(weights)), key=lambda i: (-remainders[i], i))
    for i in order[: total - sum(shares)]:
        shares[i] += 1
    return shares
