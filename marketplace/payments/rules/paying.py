"""What can be done with a payment, and how it is spread over documents."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from ...errors import InvalidInput, RuleBroken
from ...i18n import _, format_day
from ...money import format_rupiah
from ...permissions import Permission
from ..models import PaymentMethod, PaymentState
from .acts import Act

MAX_RUPIAH = 10**12
OLDEST_DAYS = 366
"""A payment of longer ago is a slip of the pen."""
MAX_TEXT = 200


class PaymentVerb(StrEnum):
    """What can be done with a payment once it was reported."""

    CONFIRM = "confirm"
    DENY = "deny"
    TAKE_BACK = "take_back"
    REVERSE = "reverse"


PAYMENT_ACTS: tuple[Act[PaymentVerb, PaymentState], ...] = (
    Act(
        PaymentVerb.CONFIRM,
        PaymentState.REPORTED,
        PaymentState.CONFIRMED,
        is_of_seller=True,
        permission=Permission.PAYMENT_CONFIRM,
    ),
    Act(
        PaymentVerb.DENY,
        PaymentState.REPORTED,
        PaymentState.DENIED,
        is_of_seller=True,
        permission=Permission.PAYMENT_CONFIRM,
    ),
    Act(
        PaymentVerb.TAKE_BACK,
        PaymentState.REPORTED,
        PaymentState.REVERSED,
        is_of_seller=False,
        permission=Permission.PAYMENT_RECORD,
    ),
    Act(
        PaymentVerb.REVERSE,
        PaymentState.CONFIRMED,
        PaymentState.REVERSED,
        is_of_seller=True,
        permission=Permission.PAYMENT_CONFIRM,
    ),
)
_BY_VERB = {act.verb: act for act in PAYMENT_ACTS}


def require_act(verb: PaymentVerb, state: str) -> Act[PaymentVerb, PaymentState]:
    """The line of the table; RuleBroken, saying what became of the payment, when its state forbids it."""
    act = _BY_VERB[verb]
    if state != act.source:
        sentences = {
            PaymentState.REPORTED: _("Pembayaran ini belum dikonfirmasi penjual."),
            PaymentState.CONFIRMED: _("Pembayaran ini sudah dikonfirmasi penjual."),
            PaymentState.DENIED: _("Penjual sudah menyatakan uang ini belum masuk. Catat pembayaran baru."),
            PaymentState.REVERSED: _("Catatan pembayaran ini sudah dibatalkan."),
        }
        raise RuleBroken(sentences[PaymentState(state)], code=f"payment_{state}", state=state)
    return act


@dataclass(frozen=True)
class NewPayment:
    """What a store says it paid. `amount` is spread over the documents in the order given."""

    payable_ids: tuple[int, ...]
    amount_rupiah: int
    method: PaymentMethod
    paid_on: date
    idempotency_key: str
    reference: str = ""

    @property
    def content_hash(self) -> str:
        """What makes two reports under one key the same."""
        said = (sorted(self.payable_ids), self.amount_rupiah, str(self.method), self.paid_on, self.reference)
        return hashlib.sha256(repr(said).encode()).hexdigest()


def check_payment(payment: NewPayment, today: date, *, has_proof: bool) -> None:
    """The values by themselves. Raises InvalidInput with a sentence for each field."""
    wrong = {}
    if payment.amount_rupiah <= 0:
        wrong["amount_rupiah"] = _("Tulis jumlah lebih dari nol.")
    elif payment.amount_rupiah > MAX_RUPIAH:
        wrong["amount_rupiah"] = _("Paling banyak %(most)s sekali bayar.", most=format_rupiah(MAX_RUPIAH))
    if payment.paid_on > today:
        wrong["paid_on"] = _("Hari bayar tidak boleh sesudah hari ini, %(day)s.", day=format_day(today))
    elif payment.paid_on < today - timedelta(days=OLDEST_DAYS):
        wrong["paid_on"] = _("Hari bayar lebih dari setahun lalu. Periksa lagi tanggalnya.")
    if payment.method == PaymentMethod.PROVIDER:
        wrong["method"] = _("Pembayaran lewat penyedia dicatat oleh penyedianya. Pilih cara lain.")
    if payment.method == PaymentMethod.BANK_TRANSFER and not has_proof:
        wrong["file"] = _("Lampirkan bukti transfer: foto, tangkapan layar, atau PDF.")
    if len(payment.reference) > MAX_TEXT:
        wrong["reference"] = _("Paling panjang 200 huruf.")
    if not payment.idempotency_key or len(payment.idempotency_key) > 100:
        wrong["key"] = _("Muat ulang halaman ini, lalu kirim lagi.")
    if wrong:
        raise InvalidInput(_("Ada isian yang perlu diperbaiki."), fields=wrong)


def spread(amount: int, open_rupiah: Sequence[int]) -> list[int]:
    """How an amount pays documents one after the other. RuleBroken for more than they ask together."""
    if amount > sum(open_rupiah):
        raise RuleBroken(
            _(
                "Jumlah ini lebih dari yang masih harus dibayar, %(open)s. Tulis paling banyak sebesar itu.",
                open=format_rupiah(sum(open_rupiah)),
            ),
            code="payment_too_large",
            amount_rupiah=amount,
            open_rupiah=sum(open_rupiah),
        )
    shares = []
    for one in open_rupiah:
        share = min(amount, one)
        shares.append(share)
        amount -= share
    return shares
