"""Who carries money for us, chosen by PAYMENT_PROVIDER: one protocol, so that another carrier is one class.

`manual` carries nothing: store and maker settle by transfer or in cash, and say so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from flask import Flask, current_app

from ..errors import RuleBroken
from ..i18n import _

EXTENSION = "etalase_payment_provider"


@dataclass(frozen=True)
class Charge:
    """A payment that a provider was asked to carry: its own reference, and where the payer goes to pay."""

    provider_ref: str
    url: str


class Provider(Protocol):
    """What carries money. Amounts are whole rupiah; a provider's own units are its own affair."""

    name: str

    def charge(self, *, amount_rupiah: int, description: str, idempotency_key: str) -> Charge:
        """Ask for a payment; asked again with the same key it is the same one. Makes a network call."""


class Manual:
    """Nobody carries money for us."""

    name = "manual"

    def charge(self, *, amount_rupiah: int, description: str, idempotency_key: str) -> Charge:
        """There is nothing to ask."""
        raise RuleBroken(
            _("Bayar lewat penyedia belum diaktifkan. Catat transfer bank atau tunai."), code="no_provider"
        )


PROVIDERS: dict[str, Callable[[], Provider]] = {"manual": Manual}


def init_app(app: Flask) -> None:
    """Give the app its provider. Raises ValueError for a name that nobody registered."""
    name = app.config["PAYMENT_PROVIDER"]
    if name not in PROVIDERS:
        raise ValueError(f"PAYMENT_PROVIDER: {name} is not known here; there is {', '.join(PROVIDERS)}")
    app.extensions[EXTENSION] = PROVIDERS[name]()


def provider() -> Provider:
    """The provider of the running app."""
    found: Provider = current_app.extensions[EXTENSION]
    return found
