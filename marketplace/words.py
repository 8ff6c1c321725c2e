"""Whole rupiah in Indonesian words (terbilang), as receipts say them: always Indonesian.

num2words was tried and says "satu juta satu ribu lima ratus" where Indonesians say "satu juta seribu lima
ratus", so these few rules are our own.
"""

from __future__ import annotations

DIGITS = ("nol", "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan")
THOUSANDS = ("", "ribu", "juta", "miliar", "triliun", "kuadriliun")
LIMIT = 1000 ** len(THOUSANDS)


def terbilang(amount_rupiah: int) -> str:
    """'satu juta seribu lima ratus rupiah' for 1001500. Raises ValueError for 10**18 and more."""
    if amount_rupiah < 0:
        return f"minus {terbilang(-amount_rupiah)}"
    return f"{spelled(amount_rupiah)} rupiah"


def spelled(number: int) -> str:
    """A whole number from zero in words."""
    if not 0 <= number < LIMIT:
        raise ValueError(number)
    if number == 0:
        return DIGITS[0]
    groups = []
    for word in THOUSANDS:
        number, group = divmod(number, 1000)
        if group == 1 and word == "ribu":
            groups.append("seribu")
        elif group:
            groups.append(f"{_below_thousand(group)} {word}".strip())
    return " ".join(reversed(groups))


def _below_thousand(number: int) -> str:
    hundreds, rest = divmod(number, 100)
    words = [_counted(hundreds, "ratus")] if hundreds else []
    if 10 < rest < 20:
        words.append(_counted(rest - 10, "belas"))
    else:
        tens, ones = divmod(rest, 10)
        words += [_counted(tens, "puluh")] if tens else []
        words += [DIGITS[ones]] if ones else []
    return " ".join(words)


def _counted(count: int, word: str) -> str:
    return f"se{word}" if count == 1 else f"{DIGITS[count]} {word}"
