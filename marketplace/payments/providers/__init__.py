"""Who carries money for us, chosen by PAYMENT_PROVIDER: one protocol, so that another carrier is one class.

`manual` carries nothing: buyer and seller settle by transfer or in cash, and say so. Amounts are whole rupiah
here and everywhere outside a provider's own module; a provider's units are its own affair.
"""

from __future__ import annotations

from collections.abc import Callable

import structlog
from flask import Flask, current_app

from .manual import Manual
from .protocol import (
    Asked,
    AskedLine,
    Forged,
    Provider,
    ProviderRefused,
    ProviderSilent,
    RefundAsked,
    Told,
    ToldCharge,
    ToldDispute,
    ToldEvent,
    ToldRefund,
    Unreadable,
)

__all__ = [
    "Asked",
    "AskedLine",
    "Forged",
    "Provider",
    "ProviderRefused",
    "ProviderSilent",
    "RefundAsked",
    "Told",
    "ToldCharge",
    "ToldDispute",
    "ToldEvent",
    "ToldRefund",
    "Unreadable",
    "init_app",
    "provider",
]
EXTENSION = "etalase_payment_provider"
log = structlog.get_logger()


def _manual(_app: Flask) -> Provider:
    return Manual()


def _stripe(app: Flask) -> Provider:
    """Stripe where there is a key for it; without one nobody carries money, and the log says so."""
    if not app.config["STRIPE_SECRET_KEY"]:
        log.warning("PAYMENT_PROVIDER is stripe without STRIPE_SECRET_KEY: nobody carries money")
        return Manual()
    from .stripe import Stripe  # noqa: PLC0415 - its library takes a quarter of a second to load

    return Stripe(
        secret_key=app.config["STRIPE_SECRET_KEY"],
        webhook_secrets=app.config["STRIPE_WEBHOOK_SECRET"],
        api_base=app.config["STRIPE_API_BASE"],
        least_rupiah=app.config["STRIPE_LEAST_RUPIAH"],
    )


PROVIDERS: dict[str, Callable[[Flask], Provider]] = {"manual": _manual, "stripe": _stripe}


def init_app(app: Flask) -> None:
    """Give the app its provider. Raises ValueError for a name that nobody registered."""
    name = app.config["PAYMENT_PROVIDER"]
    if name not in PROVIDERS:
        raise ValueError(f"PAYMENT_PROVIDER: {name} is not known here; there is {', '.join(PROVIDERS)}")
    app.extensions[EXTENSION] = PROVIDERS[name](app)


def provider() -> Provider:
    """The provider of the running app."""
    found: Provider = current_app.extensions[EXTENSION]
    return found
