"""What can be done with money that goes back by hand: the seller sends it, the buyer says whether it came."""

from __future__ import annotations

from enum import StrEnum

from ...errors import RuleBroken
from ...i18n import _
from ...permissions import Permission
from ..models import RefundState
from .acts import Act


class RefundVerb(StrEnum):
    """What can be done with money that goes back."""

    SEND = "send"
    CONFIRM = "confirm"
    DENY = "deny"


REFUND_ACTS: tuple[Act[RefundVerb, RefundState], ...] = (
    Act(
        RefundVerb.SEND,
        RefundState.DUE,
        RefundState.SENT,
        is_of_seller=True,
        permission=Permission.PAYMENT_CONFIRM,
    ),
    Act(
        RefundVerb.CONFIRM,
        RefundState.SENT,
        RefundState.DONE,
        is_of_seller=False,
        permission=Permission.PAYMENT_RECORD,
    ),
    Act(
        RefundVerb.DENY,
        RefundState.SENT,
        RefundState.DUE,
        is_of_seller=False,
        permission=Permission.PAYMENT_RECORD,
    ),
)
"""What a provider sends back moves by the provider's word, not by these."""
_BY_VERB = {act.verb: act for act in REFUND_ACTS}


def require_refund_act(verb: RefundVerb, state: str) -> Act[RefundVerb, RefundState]:
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
