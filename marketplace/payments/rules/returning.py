"""What can be done with money that goes back by hand: the seller sends it, the buyer says whether it came."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ...errors import RuleBroken
from ...i18n import N_, _
from ...permissions import Permission
from ..models import RefundState


class RefundVerb(StrEnum):
    """What can be done with money that goes back."""

    SEND = "send"
    CONFIRM = "confirm"
    DENY = "deny"


@dataclass(frozen=True)
class RefundAct:
    """One line of the table: from this state, by this party, to that state."""

    verb: RefundVerb
    source: RefundState
    target: RefundState
    is_of_seller: bool
    permission: Permission
    label: object


REFUND_ACTS: tuple[RefundAct, ...] = (
    RefundAct(
        RefundVerb.SEND,
        RefundState.DUE,
        RefundState.SENT,
        True,
        Permission.PAYMENT_CONFIRM,
        N_("Uang sudah saya kembalikan"),
    ),
    RefundAct(
        RefundVerb.CONFIRM,
        RefundState.SENT,
        RefundState.DONE,
        False,
        Permission.PAYMENT_RECORD,
        N_("Uang sudah kembali"),
    ),
    RefundAct(
        RefundVerb.DENY,
        RefundState.SENT,
        RefundState.DUE,
        False,
        Permission.PAYMENT_RECORD,
        N_("Uang belum kembali"),
    ),
)
"""What a provider sends back moves by the provider's word, not by these."""

_BY_VERB = {act.verb: act for act in REFUND_ACTS}


def require_refund_act(verb: RefundVerb, state: str) -> RefundAct:
    """The line of the table; RuleBroken, saying where the money is, when its state forbids it."""
    act = _BY_VERB[verb]
    if state != act.source:
        sentences = {
            RefundState.WAITING: _("Uang ini baru dikembalikan setelah pembayarannya dikonfirmasi."),
            RefundState.DUE: _("Uang ini belum dikirim penjual."),
            RefundState.SENT: _("Uang ini sudah dikirim dan menunggu jawaban pembeli."),
            RefundState.DONE: _("Uang ini sudah kembali."),
            RefundState.FAILED: _("Pengembalian lewat penyedia gagal. Hubungi pengelola Etalase."),
            RefundState.DROPPED: _("Tidak ada yang dikembalikan: pembayarannya tidak pernah masuk."),
        }
        raise RuleBroken(sentences[RefundState(state)], code=f"refund_{state}", state=state)
    return act


def refund_verbs(state: str, *, is_by_hand: bool, is_seller: bool, is_buyer: bool) -> list[RefundVerb]:
    """What a party may do with a refund now."""
    if not is_by_hand:
        return []
    return [
        act.verb
        for act in REFUND_ACTS
        if state == act.source and (is_seller if act.is_of_seller else is_buyer)
    ]
