"""The life of a claim as a table, and what may be claimed, over plain values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from ...errors import RuleBroken
from ...i18n import N_, _, format_number
from ...permissions import Permission
from ..models import ClaimKind, ClaimState, OrderState
from .deadlines import end_of_day

ANSWER_DAYS = 3
"""Days that the seller has to answer a claim; after them it goes to the office."""
REFER_DAYS = 7
"""Days after a no in which the buyer may take the claim to the office."""
MAX_PHOTOS = 5
MAX_BODY = 2000
WITHOUT_PHOTO = frozenset({ClaimKind.SHORT})
"""What cannot be shown on a photo."""
CLAIMABLE = frozenset({OrderState.INVOICED, OrderState.SETTLED})

KIND_WORDS = {
    ClaimKind.DAMAGED: N_("Rusak"),
    ClaimKind.SHORT: N_("Kurang"),
    ClaimKind.WRONG: N_("Salah barang"),
    ClaimKind.EXPIRED: N_("Kedaluwarsa"),
}
CLAIM_WORDS = {
    ClaimState.OPEN: N_("Menunggu jawaban penjual"),
    ClaimState.ACCEPTED: N_("Disetujui"),
    ClaimState.REJECTED: N_("Ditolak"),
    ClaimState.REFERRED: N_("Di meja Dinas"),
    ClaimState.WITHDRAWN: N_("Ditarik pembeli"),
}


class ClaimSide(StrEnum):
    """Who acts on a claim."""

    BUYER = "buyer"
    SELLER = "seller"
    OFFICE = "office"
    SYSTEM = "system"


class ClaimVerb(StrEnum):
    """What can be done with a claim."""

    ACCEPT = "accept"
    REJECT = "reject"
    REFER = "refer"
    LAPSE = "lapse"
    DECIDE = "decide"
    WITHDRAW = "withdraw"


@dataclass(frozen=True)
class ClaimAct:
    """One line of the table. DECIDE leads to ACCEPTED or REJECTED, as the office finds."""

    verb: ClaimVerb
    sources: frozenset[ClaimState]
    target: ClaimState
    side: ClaimSide
    permission: Permission | None
    needs_reason: bool = False


_S, _V, _BY, _P = ClaimState, ClaimVerb, ClaimSide, Permission
CLAIM_ACTS = {
    act.verb: act
    for act in (
        ClaimAct(_V.ACCEPT, frozenset({_S.OPEN, _S.REFERRED}), _S.ACCEPTED, _BY.SELLER, _P.ORDER_ANSWER),
        ClaimAct(
            _V.REJECT, frozenset({_S.OPEN}), _S.REJECTED, _BY.SELLER, _P.ORDER_ANSWER, needs_reason=True
        ),
        ClaimAct(_V.REFER, frozenset({_S.REJECTED}), _S.REFERRED, _BY.BUYER, _P.ORDER_RECEIVE),
        ClaimAct(_V.LAPSE, frozenset({_S.OPEN}), _S.REFERRED, _BY.SYSTEM, None),
        ClaimAct(
            _V.DECIDE, frozenset({_S.REFERRED}), _S.ACCEPTED, _BY.OFFICE, _P.CLAIM_DECIDE, needs_reason=True
        ),
        ClaimAct(_V.WITHDRAW, frozenset({_S.OPEN, _S.REFERRED}), _S.WITHDRAWN, _BY.BUYER, _P.ORDER_RECEIVE),
    )
}


def require_claim(verb: ClaimVerb, state: ClaimState, side: ClaimSide) -> ClaimAct:
    """The line of the table that allows an act; RuleBroken when none does."""
    act = CLAIM_ACTS[verb]
    if state not in act.sources:
        sentences = {
            _S.OPEN: _("Klaim ini masih menunggu jawaban penjual."),
            _S.ACCEPTED: _("Klaim ini sudah disetujui."),
            _S.REJECTED: _("Klaim ini sudah ditolak."),
            _S.REFERRED: _("Klaim ini sudah di meja Dinas."),
            _S.WITHDRAWN: _("Klaim ini sudah ditarik pembeli."),
        }
        raise RuleBroken(sentences[state], code=f"claim_{state.value}", state=state.value)
    if act.side is not side:
        raise RuleBroken(_("Ini bagian pihak lain, bukan bagian Anda."), code="claim_not_yours")
    return act


def claim_verbs(
    state: ClaimState,
    side: ClaimSide | None,
    permissions: Iterable[Permission],
    *,
    due_at: datetime | None,
    now: datetime,
) -> list[ClaimVerb]:
    """What a party may do with a claim now, in the order of the table."""
    held = set(permissions)
    return [
        act.verb
        for act in CLAIM_ACTS.values()
        if act.side is side
        and state in act.sources
        and act.permission in held
        and (act.verb is not ClaimVerb.REFER or may_refer(due_at, now))
    ]


def may_refer(due_at: datetime | None, now: datetime) -> bool:
    """Whether a no may still be taken to the office; the office's own no has no deadline and is final."""
    return due_at is not None and now <= due_at


def claim_until(received_on: date, claim_days: int) -> datetime:
    """The last moment in which goods may be claimed."""
    return end_of_day(received_on + timedelta(days=claim_days))


def answer_until(today: date) -> datetime:
    """Until when the seller answers a claim made today."""
    return end_of_day(today + timedelta(days=ANSWER_DAYS))


def refer_until(today: date) -> datetime:
    """Until when a no of today may be taken to the office."""
    return end_of_day(today + timedelta(days=REFER_DAYS))


def wrong_with_claim(
    kind: ClaimKind,
    quantity: int,
    body: str,
    photos: int,
    *,
    billed: int,
    claimed: int,
    unit_price_rupiah: int,
) -> dict[str, str]:
    """What a claim cannot say, by field. `claimed` units of the line were claimed already and not refused."""
    wrong: dict[str, str] = {}
    left = billed - claimed
    if quantity < 1:
        wrong["quantity"] = _("Tulis jumlah dengan angka bulat, paling sedikit 1.")
    elif quantity > left:
        wrong["quantity"] = _(
            "Dari barang ini ditagih %(billed)s, dan %(claimed)s sudah diklaim. Paling banyak %(left)s lagi.",
            billed=format_number(billed),
            claimed=format_number(claimed),
            left=format_number(left),
        )
    elif unit_price_rupiah == 0:
        wrong["quantity"] = _("Barang ini gratis, jadi tidak ada uang yang dikembalikan.")
    if not body:
        wrong["body"] = _("Tulis apa yang salah, supaya penjual tahu.")
    if photos > MAX_PHOTOS:
        wrong["photos"] = _("Paling banyak %(count)d foto.", count=MAX_PHOTOS)
    elif not photos and kind not in WITHOUT_PHOTO:
        wrong["photos"] = _("Sertakan foto barangnya; tanpa foto penjual tidak bisa menilai.")
    return wrong
