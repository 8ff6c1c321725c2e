"""Nobody carries money for us: buyer and seller settle by hand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from ...errors import RuleBroken
from ...i18n import _
from .protocol import Asked, Forged, RefundAsked, ToldCharge, ToldEvent, ToldRefund


class Manual:
    """There is nobody to ask."""

    name = "manual"
    label = ""
    is_open = False

    def check(self, amount_rupiah: int) -> None:
        """No amount is carried."""
        raise _nobody()

    def ask(self, asked: Asked, *, key: str) -> ToldCharge:
        """There is nothing to ask."""
        raise _nobody()

    def look(self, provider_ref: str) -> ToldCharge:
        """There is nothing to look at."""
        raise _nobody()

    def stop(self, provider_ref: str) -> ToldCharge:
        """There is nothing to stop."""
        raise _nobody()

    def fee_of(self, intent_ref: str) -> int | None:
        """Nobody keeps anything."""
        return None

    def give_back(self, asked: RefundAsked, *, key: str) -> ToldRefund:
        """What was given by hand goes back by hand."""
        raise _nobody()

    def find_refund(self, asked: RefundAsked) -> ToldRefund | None:
        """There is none."""
        return None

    def read_event(self, body: bytes, headers: Mapping[str, str], now: datetime) -> ToldEvent:
        """Nobody tells us anything, so whoever does is somebody else."""
        raise Forged(_("Tidak ada penyedia pembayaran yang aktif di sini."))


def _nobody() -> RuleBroken:
    return RuleBroken(
        _("Bayar lewat penyedia belum diaktifkan. Catat transfer bank atau tunai."), code="no_provider"
    )
