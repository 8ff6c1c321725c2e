"""Deliveries: who may do what in which state, which lots may come in, and what a receipt must add up to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from ...errors import RuleBroken
from ...i18n import N_, _, format_day, format_number
from ...permissions import Permission
from ...stock.rules import MAX_QUANTITY
from ..models import DeliveryState
from .acts import Side
from .days import Condition


class DeliveryVerb(StrEnum):
    """What can be done with a delivery note once it was written."""

    CHANGE = "change"
    SEND = "send"
    RECEIVE = "receive"
    CANCEL = "cancel"


@dataclass(frozen=True)
class DeliveryAct:
    """One line of the table: this verb, from these states, to this one, by this side."""

    verb: DeliveryVerb
    sources: frozenset[DeliveryState]
    target: DeliveryState
    side: Side
    permission: Permission
    label: object


_S = DeliveryState
DELIVERY_ACTS: tuple[DeliveryAct, ...] = (
    DeliveryAct(
        DeliveryVerb.CHANGE,
        frozenset({_S.DRAFT}),
        _S.DRAFT,
        Side.SELLER,
        Permission.DELIVERY_SEND,
        N_("Ubah"),
    ),
    DeliveryAct(
        DeliveryVerb.SEND,
        frozenset({_S.DRAFT}),
        _S.SENT,
        Side.SELLER,
        Permission.DELIVERY_SEND,
        N_("Kirim"),
    ),
    DeliveryAct(
        DeliveryVerb.RECEIVE,
        frozenset({_S.SENT}),
        _S.RECEIVED,
        Side.OUTLET,
        Permission.DELIVERY_RECEIVE,
        N_("Terima"),
    ),
    DeliveryAct(
        DeliveryVerb.CANCEL,
        frozenset({_S.DRAFT, _S.SENT}),
        _S.CANCELLED,
        Side.SELLER,
        Permission.DELIVERY_SEND,
        N_("Batalkan"),
    ),
)
_BY_VERB = {act.verb: act for act in DELIVERY_ACTS}

DELIVERY_WORDS = {
    DeliveryState.DRAFT: N_("Draf"),
    DeliveryState.SENT: N_("Dalam perjalanan"),
    DeliveryState.RECEIVED: N_("Diterima"),
    DeliveryState.CANCELLED: N_("Dibatalkan"),
}


def require_delivery(verb: DeliveryVerb, state: DeliveryState) -> DeliveryAct:
    """The line of the table that allows an act in this state; RuleBroken, with what to do instead."""
    act = _BY_VERB[verb]
    if state not in act.sources:
        sentences = {
            DeliveryState.DRAFT: _("Surat jalan ini belum dikirim. Kirim dulu."),
            DeliveryState.SENT: _(
                "Surat jalan ini sudah dikirim dan tidak bisa diubah. Batalkan, buat lagi."
            ),
            DeliveryState.RECEIVED: _("Kiriman ini sudah diterima. Tidak ada yang dicatat lagi."),
            DeliveryState.CANCELLED: _("Surat jalan ini sudah dibatalkan. Buat surat jalan baru."),
        }
        raise RuleBroken(sentences[state], code=f"delivery_{state.value}", state=state.value)
    return act


def delivery_verbs(
    state: DeliveryState, side: Side | None, permissions: Iterable[Permission]
) -> list[DeliveryVerb]:
    """What a party may do now, in the order of the table."""
    held = set(permissions)
    return [
        act.verb
        for act in DELIVERY_ACTS
        if state in act.sources and act.side is side and act.permission in held
    ]


def require_in_force(condition: Condition, day: date) -> None:
    """Refuse goods on a day without an agreement in force, saying what to do about it."""
    if condition is Condition.IN_FORCE:
        return
    when = format_day(day)
    sentences = {
        Condition.UPCOMING: _("Perjanjian ini belum berlaku pada %(day)s. Antar setelah mulai.", day=when),
        Condition.SUSPENDED: _("Perjanjian ditangguhkan pada %(day)s. Lanjutkan dulu.", day=when),
        Condition.ENDED: _("Perjanjian sudah berakhir pada %(day)s. Buat perjanjian baru dulu.", day=when),
    }
    sentence = sentences.get(condition, _("Belum ada perjanjian yang disetujui. Sepakati dulu, baru kirim."))
    raise RuleBroken(sentence, code=f"agreement_{condition.value}", condition=condition.value)


@dataclass(frozen=True)
class Unfit:
    """Why a lot may not come in: it has expired, or too few days are left of its life."""

    days_left: int
    min_life_days: int

    @property
    def sentence(self) -> str:
        """For the store that counts at the door."""
        if self.days_left < 0:
            return _(
                "Sudah kedaluwarsa %(count)s hari. Tidak boleh masuk rak; kembalikan kepada pengirim.",
                count=format_number(-self.days_left),
            )
        return _(
            "Sisa umur %(left)s hari, perjanjian meminta paling sedikit %(least)s hari. Kembalikan kepada "
            "pengirim.",
            left=format_number(self.days_left),
            least=format_number(self.min_life_days),
        )

    @property
    def sentence_to_sender(self) -> str:
        """For the maker who writes the note: what to send instead."""
        if self.days_left < 0:
            return _(
                "Lot ini sudah kedaluwarsa %(count)s hari. Kirim lot yang masih baik.",
                count=format_number(-self.days_left),
            )
        return _(
            "Sisa umur lot ini %(left)s hari, perjanjian meminta paling sedikit %(least)s hari. Kirim lot "
            "yang lebih baru.",
            left=format_number(self.days_left),
            least=format_number(self.min_life_days),
        )


def unfit(expires_on: date | None, day: date, min_life_days: int | None) -> Unfit | None:
    """Whether units that expire on a day may still come in on another; on its last day a lot is good."""
    if expires_on is None:
        return None
    left, least = (expires_on - day).days, min_life_days or 0
    return Unfit(left, least) if left < 0 or left < least else None


def lot_code_of(code: str, expires_on: date | None) -> str:
    """The lot's code; one without a code is called by its expiry, so that it can be named when it leaves."""
    return code or (f"K{expires_on:%y%m%d}" if expires_on else "")


@dataclass(frozen=True)
class Counted:
    """What a store found of one line."""

    accepted: int
    short: int = 0
    damaged: int = 0


@dataclass(frozen=True)
class Receipt:
    """What becomes of a line; the four add up to what was written."""

    accepted: int
    short: int
    damaged: int
    refused: int


def receipt_of(quantity: int, counted: Counted | None, reason: Unfit | None) -> Receipt | str:
    """What becomes of a line as it was counted (None: all as written), or a sentence on what is wrong.

    Of a lot that may not come in nothing is accepted: what did arrive whole is refused.
    """
    if counted is None:
        return Receipt(0, 0, 0, quantity) if reason else Receipt(quantity, 0, 0, 0)
    parts = (counted.accepted, counted.short, counted.damaged)
    if any(not 0 <= part <= MAX_QUANTITY for part in parts):
        return _("Tulis angka bulat dari 0 sampai %(most)s.", most=format_number(quantity))
    if reason is not None and counted.accepted:
        return reason.sentence
    total = sum(parts)
    if total > quantity:
        return _(
            "Jumlahnya %(total)s, padahal di surat jalan %(written)s. Yang lebih harus ditulis pengirim di "
            "surat jalan sendiri.",
            total=format_number(total),
            written=format_number(quantity),
        )
    rest = quantity - total
    if reason is None and rest:
        return _(
            "Baru %(total)s dari %(written)s yang tercatat. Sisanya kurang, rusak, atau diterima?",
            total=format_number(total),
            written=format_number(quantity),
        )
    return Receipt(*parts, rest)
