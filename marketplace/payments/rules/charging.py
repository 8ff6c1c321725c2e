"""Decisions about what a provider carries: how a charge moves, what fits, who bears what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from ...i18n import N_
from ...money import split_largest_remainder
from ..models import ChargeState

MAX_BILLS = 50
"""Documents in one charge: as many lines as a person still reads."""
CHARGE_LASTS = timedelta(hours=2)
_RANK = {
    ChargeState.STARTED: 0,
    ChargeState.OPEN: 1,
    ChargeState.PENDING: 2,
    ChargeState.EXPIRED: 3,
    ChargeState.FAILED: 3,
    ChargeState.PAID: 4,
}
CHARGE_WORDS = {
    ChargeState.STARTED: N_("Sedang disiapkan"),
    ChargeState.OPEN: N_("Belum dibayar"),
    ChargeState.PENDING: N_("Menunggu uang masuk"),
    ChargeState.PAID: N_("Sudah dibayar"),
    ChargeState.FAILED: N_("Gagal"),
    ChargeState.EXPIRED: N_("Lewat waktu"),
}
FLAG_WORDS = {
    "amount": N_("Jumlah menurut penyedia tidak sama dengan jumlah tagihan."),
    "currency": N_("Mata uang menurut penyedia bukan rupiah."),
    "reference": N_("Nama transaksi di penyedia tidak cocok dengan catatan di sini."),
    "refund": N_("Ada pengembalian di penyedia yang tidak diminta dari sini."),
    "dispute": N_("Sengketa di penyedia tidak cocok dengan pembayaran ini."),
}


def next_state(now: ChargeState, told: ChargeState) -> ChargeState:
    """Where a charge stands after it was told something, in whatever order that comes.

    It only goes forward; what has ended stays ended, but money that came has come.
    """
    return told if _RANK[told] > _RANK[now] else now


def share_out(amount: int, weights: Mapping[int, int]) -> dict[int, int]:
    """An amount in proportion to weights, by largest remainder; what gets nothing is left out."""
    keys = sorted(weights)
    shares = split_largest_remainder(amount, [weights[key] for key in keys])
    return {key: share for key, share in zip(keys, shares, strict=True) if share}


def spread_payout(amount: int, held: Sequence[tuple[int, int]]) -> dict[int, int]:
    """Of whose money a payout is: first what went back beyond what came, then the rest in order.

    `held` are pairs of operator and rupiah; the amount is at most their sum.
    """
    lines = {operator: rupiah for operator, rupiah in held if rupiah < 0}
    left = amount - sum(lines.values())
    for operator, rupiah in held:
        if rupiah > 0 and left > 0:
            lines[operator] = min(rupiah, left)
            left -= lines[operator]
    return lines
