"""Goods that leave a shelf unsold: who may do what with a return, what to take off first, when to warn."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from ...errors import RuleBroken
from ...i18n import N_, _, format_day, format_number
from ...permissions import Permission
from ..models import Bearer, LossReason, ReturnReason, ReturnState
from .acts import Side
from .terms import Terms

FETCH_DAYS = 7
"""Days to fetch a return where the agreement names none."""
ALERT_DAYS = (30, 14, 7)
NEAR_DAYS = 30
SLOW_DAYS = 60
DESTROYABLE = (ReturnReason.EXPIRED, ReturnReason.DAMAGED)
"""What may be destroyed at the store; everything else is still its maker's to sell."""


class ReturnVerb(StrEnum):
    """What can be done with a return note."""

    FETCH = "fetch"
    DESTROY = "destroy"
    CANCEL = "cancel"


@dataclass(frozen=True)
class ReturnAct:
    """One line of the table: this verb, from these states, to this one, by this side."""

    verb: ReturnVerb
    sources: frozenset[ReturnState]
    target: ReturnState
    side: Side
    permission: Permission
    label: object


_WAITING = frozenset({ReturnState.WAITING})
RETURN_ACTS: tuple[ReturnAct, ...] = (
    ReturnAct(
        ReturnVerb.FETCH, _WAITING, ReturnState.FETCHED, Side.SELLER, Permission.RETURN_FETCH, N_("Ambil")
    ),
    ReturnAct(
        ReturnVerb.DESTROY,
        _WAITING,
        ReturnState.DESTROYED,
        Side.OUTLET,
        Permission.RETURN_MAKE,
        N_("Musnahkan"),
    ),
    ReturnAct(
        ReturnVerb.CANCEL,
        _WAITING,
        ReturnState.CANCELLED,
        Side.OUTLET,
        Permission.RETURN_MAKE,
        N_("Batalkan"),
    ),
)
_BY_VERB = {act.verb: act for act in RETURN_ACTS}

RETURN_WORDS = {
    ReturnState.WAITING: N_("Menunggu diambil"),
    ReturnState.FETCHED: N_("Sudah diambil"),
    ReturnState.DESTROYED: N_("Dimusnahkan"),
    ReturnState.CANCELLED: N_("Dibatalkan"),
}
REASON_WORDS = {
    ReturnReason.EXPIRED: N_("Kedaluwarsa"),
    ReturnReason.NEAR_EXPIRY: N_("Hampir kedaluwarsa"),
    ReturnReason.DAMAGED: N_("Rusak"),
    ReturnReason.SLOW: N_("Lambat laku"),
    ReturnReason.END_OF_AGREEMENT: N_("Perjanjian berakhir"),
}


def require_return(verb: ReturnVerb, state: ReturnState) -> ReturnAct:
    """The line of the table that allows an act in this state; RuleBroken, saying what happened already."""
    act = _BY_VERB[verb]
    if state not in act.sources:
        sentences = {
            ReturnState.FETCHED: _("Retur ini sudah diambil. Tidak ada yang dicatat lagi."),
            ReturnState.DESTROYED: _("Barang retur ini sudah dimusnahkan. Lihat berita acaranya."),
            ReturnState.CANCELLED: _("Retur ini sudah dibatalkan. Barangnya tetap di rak."),
        }
        raise RuleBroken(sentences[state], code=f"return_{state.value}", state=state.value)
    return act


def return_verbs(
    state: ReturnState, side: Side | None, permissions: Iterable[Permission], reasons: Iterable[str]
) -> list[ReturnVerb]:
    """What a party may do now; only what is spoiled may be destroyed."""
    held, spoiled = set(permissions), all(reason in DESTROYABLE for reason in reasons)
    return [
        act.verb
        for act in RETURN_ACTS
        if state in act.sources
        and act.side is side
        and act.permission in held
        and (spoiled or act.verb is not ReturnVerb.DESTROY)
    ]


def fetch_by(day: date, terms: Terms | None) -> date:
    """The last day on which the maker fetches what was put aside on a day."""
    window = terms.return_window_days if terms and terms.return_window_days is not None else FETCH_DAYS
    return day + timedelta(days=window)


def bearer_of(reason: ReturnReason, terms: Terms | None) -> Bearer:
    """Who bears destroyed units by the agreement: expiry the one, breakage the other."""
    if reason is ReturnReason.EXPIRED:
        return terms.expiry_borne_by if terms else Bearer.SELLER
    return terms.loss_borne_by if terms else Bearer.OUTLET


def loss_reason(reason: ReturnReason) -> LossReason:
    """The same reason in the words of losses."""
    return LossReason.EXPIRED if reason is ReturnReason.EXPIRED else LossReason.DAMAGED


def wrong_reason(reason: ReturnReason, expires_on: date | None, day: date) -> str:
    """A sentence when the reason does not fit the lot; empty when it does."""
    left = None if expires_on is None else (expires_on - day).days
    if reason is ReturnReason.EXPIRED and (left is None or left >= 0):
        if left is None:
            return _("Lot ini tanpa tanggal kedaluwarsa. Pilih alasan lain.")
        return _("Lot ini baik sampai %(day)s. Pilih alasan lain.", day=format_day(expires_on or day))
    if reason is ReturnReason.NEAR_EXPIRY and (left is None or not 0 <= left <= NEAR_DAYS):
        return _("Hampir kedaluwarsa berarti sisa umur 0 sampai %(count)d hari.", count=NEAR_DAYS)
    return ""


class Advice(StrEnum):
    """What to do with a lot."""

    RETURN = "return"
    SELL_FIRST = "sell_first"
    NONE = "none"


@dataclass(frozen=True)
class LotOnShelf:
    """A lot on a shelf, how fast its product sells there, and since when none was sold."""

    on_hand: int
    expires_on: date | None
    sold_in_30_days: int = 0
    idle_days: int | None = None
    ahead: int = 0
    """Units of the same shelf that expire earlier and will be sold before it."""


@dataclass(frozen=True)
class Suggestion:
    """What to do with a lot, of how many units, and why."""

    advice: Advice
    units: int = 0
    reason: ReturnReason | None = None
    why: str = ""


def suggest(lot: LotOnShelf, day: date, *, is_over: bool = False) -> Suggestion:
    """What to return or to sell first: expired lots go, then what will not be sold in time, then what stands.

    `is_over`: no agreement is in force any more, so everything goes back. The pace is that of the last 30
    days; what expires first is sold first.
    """
    if lot.on_hand <= 0:
        return Suggestion(Advice.NONE)
    left = None if lot.expires_on is None else (lot.expires_on - day).days
    if left is not None and left < 0:
        why = _("Kedaluwarsa %(day)s: tidak boleh dijual.", day=format_day(lot.expires_on or day))
        return Suggestion(Advice.RETURN, lot.on_hand, ReturnReason.EXPIRED, why)
    if is_over:
        why = _("Perjanjian sudah berakhir.")
        return Suggestion(Advice.RETURN, lot.on_hand, ReturnReason.END_OF_AGREEMENT, why)
    if left is not None and left <= NEAR_DAYS:
        return _near(lot, left)
    if lot.idle_days is not None and lot.idle_days >= SLOW_DAYS:
        why = _("Tidak terjual %(count)s hari.", count=format_number(lot.idle_days))
        return Suggestion(Advice.RETURN, lot.on_hand, ReturnReason.SLOW, why)
    return Suggestion(Advice.NONE)


def _near(lot: LotOnShelf, left: int) -> Suggestion:
    sellable = max(lot.sold_in_30_days * (left + 1) // 30 - lot.ahead, 0)
    unsold = lot.on_hand - min(sellable, lot.on_hand)
    if unsold:
        why = _(
            "Sisa %(left)d hari; menurut penjualan sekarang %(count)s tidak akan terjual.",
            left=left,
            count=format_number(unsold),
        )
        return Suggestion(Advice.RETURN, unsold, ReturnReason.NEAR_EXPIRY, why)
    return Suggestion(
        Advice.SELL_FIRST, lot.on_hand, None, _("Sisa %(left)d hari: taruh paling depan.", left=left)
    )


def due_alerts(expires_on: date, day: date, told: Iterable[int]) -> list[int]:
    """The thresholds that a lot has passed and nobody was told of yet, the tightest first.

    One letter says the tightest; all of them are then told.
    """
    left, known = (expires_on - day).days, set(told)
    if left < 0:
        return []
    return [days for days in sorted(ALERT_DAYS) if left <= days and days not in known]
