"""Who may do what with a request for a sample, from which condition: the state machine as a table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from ...errors import RuleBroken
from ...i18n import N_, _, format_day
from ...permissions import Permission


class SampleVerb(StrEnum):
    """What can be done with a request once it was made."""

    APPROVE = "approve"
    DECLINE = "decline"
    WITHDRAW = "withdraw"
    SHIP = "ship"
    RECEIVE = "receive"


class SampleCondition(StrEnum):
    """What a request is on a day: its stored state, or expired when nobody answered in time."""

    REQUESTED = "requested"
    EXPIRED = "expired"
    APPROVED = "approved"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    SHIPPED = "shipped"
    RECEIVED = "received"


class SampleSide(StrEnum):
    """The maker, or the retailer that asked."""

    SELLER = "seller"
    BUYER = "buyer"


@dataclass(frozen=True)
class SampleAct:
    """One line of the table: this verb, from these conditions, to this one, by this side."""

    verb: SampleVerb
    sources: frozenset[SampleCondition]
    target: SampleCondition
    side: SampleSide
    permission: Permission
    label: object


_C = SampleCondition
SAMPLE_ACTS: tuple[SampleAct, ...] = (
    SampleAct(
        SampleVerb.APPROVE,
        frozenset({_C.REQUESTED}),
        _C.APPROVED,
        SampleSide.SELLER,
        Permission.PRODUCT_EDIT,
        N_("Setujui"),
    ),
    SampleAct(
        SampleVerb.DECLINE,
        frozenset({_C.REQUESTED}),
        _C.DECLINED,
        SampleSide.SELLER,
        Permission.PRODUCT_EDIT,
        N_("Tolak"),
    ),
    SampleAct(
        SampleVerb.SHIP,
        frozenset({_C.APPROVED}),
        _C.SHIPPED,
        SampleSide.SELLER,
        Permission.PRODUCT_EDIT,
        N_("Catat pengiriman"),
    ),
    SampleAct(
        SampleVerb.RECEIVE,
        frozenset({_C.SHIPPED}),
        _C.RECEIVED,
        SampleSide.BUYER,
        Permission.BUYER_HOME,
        N_("Sudah diterima"),
    ),
    SampleAct(
        SampleVerb.WITHDRAW,
        frozenset({_C.REQUESTED, _C.EXPIRED, _C.APPROVED}),
        _C.WITHDRAWN,
        SampleSide.BUYER,
        Permission.SAMPLE_REQUEST,
        N_("Batalkan permintaan"),
    ),
)
_BY_VERB = {act.verb: act for act in SAMPLE_ACTS}

SAMPLE_WORDS = {
    SampleCondition.REQUESTED: N_("Menunggu jawaban"),
    SampleCondition.EXPIRED: N_("Tidak dijawab"),
    SampleCondition.APPROVED: N_("Disetujui"),
    SampleCondition.DECLINED: N_("Ditolak"),
    SampleCondition.WITHDRAWN: N_("Dibatalkan"),
    SampleCondition.SHIPPED: N_("Dikirim"),
    SampleCondition.RECEIVED: N_("Diterima"),
}
OPEN_SAMPLES = (SampleCondition.REQUESTED, SampleCondition.APPROVED, SampleCondition.SHIPPED)
"""Something is still to be done."""


def sample_condition(state: str, reply_by: date, day: date) -> SampleCondition:
    """What a stored request is on a day."""
    if state == SampleCondition.REQUESTED and day > reply_by:
        return SampleCondition.EXPIRED
    return SampleCondition(state)


def require_sample_act(verb: SampleVerb, *, condition: SampleCondition, side: SampleSide) -> SampleAct:
    """The line of the table that allows an act; RuleBroken, saying how it stands, when none does."""
    act = _BY_VERB[verb]
    if act.side is not side:
        raise RuleBroken(_("Langkah ini milik pihak lain."), code="sample_not_yours")
    if condition not in act.sources:
        raise RuleBroken(_refusal(condition), code=f"sample_{condition}", condition=condition.value)
    return act


def sample_verbs(
    *, condition: SampleCondition, side: SampleSide | None, permissions: Iterable[Permission]
) -> list[SampleVerb]:
    """What a side may do now, in the order of the table."""
    held = set(permissions)
    return [
        act.verb
        for act in SAMPLE_ACTS
        if act.side is side and condition in act.sources and act.permission in held
    ]


def countdown(reply_by: date, day: date) -> str:
    """How long there is to answer, in words."""
    left = (reply_by - day).days
    if left < 0:
        return _("batas jawab %(day)s sudah lewat", day=format_day(reply_by))
    return _("jawab hari ini") if left == 0 else _("sisa %(count)d hari", count=left)


def _refusal(condition: SampleCondition) -> str:
    sentences = {
        SampleCondition.REQUESTED: _("Permintaan ini belum dijawab pembuatnya."),
        SampleCondition.EXPIRED: _("Batas jawab permintaan ini sudah lewat. Toko bisa meminta lagi."),
        SampleCondition.APPROVED: _("Permintaan ini sudah disetujui."),
        SampleCondition.DECLINED: _("Permintaan ini sudah ditolak."),
        SampleCondition.WITHDRAWN: _("Permintaan ini sudah dibatalkan toko."),
        SampleCondition.SHIPPED: _("Contohnya sudah dikirim."),
        SampleCondition.RECEIVED: _("Contohnya sudah diterima."),
    }
    return sentences[condition]
