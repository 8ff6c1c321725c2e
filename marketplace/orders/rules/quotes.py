"""The talk before an order as a table: who may do what with a quotation, from where to where.

The buyer asks without prices; the seller answers with a version that has them; either side may answer a
version with another. Both must say yes to the same version: whoever wrote it has said so, the other accepts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from ...errors import RuleBroken
from ...i18n import N_, _
from ...permissions import Permission
from ..models import QuoteState
from .states import OrderSide


class QuoteVerb(StrEnum):
    """What can be done with a quotation."""

    ACCEPT = "accept"
    OFFER = "offer"
    COUNTER = "counter"
    DECLINE = "decline"
    WITHDRAW = "withdraw"
    EXPIRE = "expire"


@dataclass(frozen=True)
class QuoteAct:
    """One line of the table: from these states, by this side, to that state. `needs_reason`: it says why."""

    verb: QuoteVerb
    side: OrderSide
    sources: frozenset[QuoteState]
    target: QuoteState
    permission: Permission | None
    label: object = ""
    needs_reason: bool = False


_S, _V, _P, _BY = QuoteState, QuoteVerb, Permission, OrderSide


def _act(
    verb: QuoteVerb,
    side: OrderSide,
    sources: Iterable[QuoteState],
    target: QuoteState,
    permission: Permission | None = None,
    label: object = "",
    *,
    needs_reason: bool = False,
) -> QuoteAct:
    return QuoteAct(verb, side, frozenset(sources), target, permission, label, needs_reason)


OPEN = frozenset({_S.ASKED, _S.OFFERED, _S.COUNTERED})
QUOTE_ACTS: tuple[QuoteAct, ...] = (
    _act(_V.ACCEPT, _BY.BUYER, [_S.OFFERED], _S.ACCEPTED, _P.ORDER_PLACE, N_("Setujui dan pesan")),
    _act(_V.ACCEPT, _BY.SELLER, [_S.COUNTERED], _S.ACCEPTED, _P.ORDER_ANSWER, N_("Setujui tawaran pembeli")),
    _act(_V.OFFER, _BY.SELLER, OPEN, _S.OFFERED, _P.ORDER_ANSWER, N_("Beri penawaran")),
    _act(_V.COUNTER, _BY.BUYER, [_S.OFFERED, _S.COUNTERED], _S.COUNTERED, _P.ORDER_PLACE, N_("Tawar balik")),
    _act(_V.DECLINE, _BY.BUYER, [_S.OFFERED], _S.DECLINED, _P.ORDER_PLACE, N_("Tolak"), needs_reason=True),
    _act(
        _V.DECLINE,
        _BY.SELLER,
        [_S.ASKED, _S.COUNTERED],
        _S.DECLINED,
        _P.ORDER_ANSWER,
        N_("Tolak"),
        needs_reason=True,
    ),
    _act(
        _V.WITHDRAW,
        _BY.BUYER,
        [_S.ASKED, _S.COUNTERED],
        _S.WITHDRAWN,
        _P.ORDER_PLACE,
        N_("Tarik permintaan"),
    ),
    _act(_V.WITHDRAW, _BY.SELLER, [_S.OFFERED], _S.WITHDRAWN, _P.ORDER_ANSWER, N_("Tarik penawaran")),
    _act(_V.EXPIRE, _BY.SYSTEM, OPEN, _S.EXPIRED),
)
"""A side may write anew what it wrote itself, as long as the other has not answered."""

_BY_VERB_AND_SIDE = {(act.verb, act.side): act for act in QUOTE_ACTS}

QUOTE_WORDS = {
    _S.ASKED: N_("Menunggu harga dari penjual"),
    _S.OFFERED: N_("Menunggu jawaban pembeli"),
    _S.COUNTERED: N_("Ditawar balik pembeli"),
    _S.ACCEPTED: N_("Menjadi pesanan"),
    _S.DECLINED: N_("Ditolak"),
    _S.WITHDRAWN: N_("Ditarik"),
    _S.EXPIRED: N_("Lewat batas waktu"),
}
TURN = {_S.ASKED: _BY.SELLER, _S.COUNTERED: _BY.SELLER, _S.OFFERED: _BY.BUYER}
"""Who is waited for."""


def require_quote(verb: QuoteVerb, state: QuoteState, side: OrderSide) -> QuoteAct:
    """The line of the table that allows an act; RuleBroken, saying where the talk stands, when none does."""
    act = _BY_VERB_AND_SIDE.get((verb, side))
    if act is None or (state in OPEN and state not in act.sources):
        raise RuleBroken(_("Sekarang giliran pihak lain, bukan giliran Anda."), code="quote_not_your_turn")
    if state not in act.sources:
        raise RuleBroken(_refusal(state), code=f"quote_{state.value}", state=state.value)
    return act


def quote_verbs(
    state: QuoteState, side: OrderSide | None, permissions: Iterable[Permission]
) -> list[QuoteVerb]:
    """What a party may do now, in the order of the table."""
    held = set(permissions)
    return [
        act.verb for act in QUOTE_ACTS if act.side is side and state in act.sources and act.permission in held
    ]


def _refusal(state: QuoteState) -> str:
    sentences = {
        _S.ACCEPTED: _("Penawaran ini sudah disetujui dan menjadi pesanan."),
        _S.DECLINED: _("Penawaran ini sudah ditolak. Minta penawaran baru bila masih perlu."),
        _S.WITHDRAWN: _("Penawaran ini sudah ditarik. Minta penawaran baru bila masih perlu."),
        _S.EXPIRED: _("Batas waktu penawaran ini sudah lewat. Minta penawaran baru bila masih perlu."),
    }
    return sentences[state]
