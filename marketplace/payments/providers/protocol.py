"""What is asked of a provider and what it tells, as plain values; and how it says no."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Protocol

from ...errors import MarketplaceError, RuleBroken, Unavailable
from ..models import ChargeState, RefundState


class ProviderRefused(RuleBroken):
    """The provider said no, and did nothing; asked the same again it says the same."""

    code = "provider_refused"


class ProviderSilent(Unavailable):
    """No answer came, or none that says what was done: to be asked again with the same key."""

    code = "provider_silent"


class Forged(MarketplaceError):
    """What claims to come from the provider is not signed by it, or not at this time."""

    code = "forged"


class Unreadable(MarketplaceError):
    """It is signed, and cannot be read."""

    code = "unreadable"


@dataclass(frozen=True, slots=True)
class AskedLine:
    """One document in a request for payment, as the buyer reads it at the provider's."""

    name: str
    amount_rupiah: int


@dataclass(frozen=True, slots=True)
class Asked:
    """A request for payment. `reference` comes back with everything that the provider tells of it."""

    reference: str
    lines: tuple[AskedLine, ...]
    return_url: str
    cancel_url: str
    expires_at: datetime

    @property
    def amount_rupiah(self) -> int:
        """What all lines ask together."""
        return sum(line.amount_rupiah for line in self.lines)

    def as_json(self) -> dict[str, Any]:
        """As it is kept beside its key, so that it is asked again word for word."""
        return {**asdict(self), "expires_at": self.expires_at.isoformat()}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Asked:
        """What `as_json` kept."""
        return cls(
            reference=kept["reference"],
            lines=tuple(AskedLine(**line) for line in kept["lines"]),
            return_url=kept["return_url"],
            cancel_url=kept["cancel_url"],
            expires_at=datetime.fromisoformat(kept["expires_at"]),
        )


@dataclass(frozen=True, slots=True)
class RefundAsked:
    """Money of a payment that is to go back. `reference` comes back with what is told of it."""

    reference: str
    intent_ref: str
    amount_rupiah: int

    def as_json(self) -> dict[str, Any]:
        """As it is kept beside its key."""
        return asdict(self)

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> RefundAsked:
        """What `as_json` kept."""
        return cls(**kept)


@dataclass(frozen=True, slots=True)
class ToldCharge:
    """What a provider says of a request for payment. An amount that is no whole rupiah is None."""

    provider_ref: str
    reference: str
    state: ChargeState
    amount_rupiah: int | None
    currency: str
    intent_ref: str | None = None
    url: str = ""
    failure: str = ""


@dataclass(frozen=True, slots=True)
class ToldRefund:
    """What a provider says of money that goes back: SENT, DONE or FAILED."""

    provider_ref: str
    reference: str
    intent_ref: str | None
    state: RefundState
    amount_rupiah: int | None
    currency: str
    failure: str = ""


@dataclass(frozen=True, slots=True)
class ToldDispute:
    """What a provider says of a payer's objection at its bank: 'open', 'won' or 'lost'."""

    provider_ref: str
    intent_ref: str | None
    state: str
    amount_rupiah: int | None
    currency: str
    reason: str
    opened_at: datetime
    answer_by: datetime | None = None
    fee_rupiah: int = 0


Told = ToldCharge | ToldRefund | ToldDispute


@dataclass(frozen=True, slots=True)
class ToldEvent:
    """Something that a provider told by itself; `told` is None for what we do not follow."""

    event_ref: str
    kind: str
    happened_at: datetime
    body_hash: str
    told: Told | None


class Provider(Protocol):
    """What carries money. Whatever makes a network call is called outside a unit of work.

    Raises ProviderRefused when the provider said no, ProviderSilent when it is not known what it did.
    """

    name: str
    label: str
    is_open: bool
    """Whether it carries money at all."""

    def check(self, amount_rupiah: int) -> None:
        """Raise RuleBroken, saying the limit, for an amount that it does not carry."""

    def ask(self, asked: Asked, *, key: str) -> ToldCharge:
        """Ask for a payment; asked again with the same key it is the same one. Makes a network call."""
        ...

    def look(self, provider_ref: str) -> ToldCharge:
        """What became of it. Makes a network call."""
        ...

    def stop(self, provider_ref: str) -> ToldCharge:
        """Take a request back that nobody has paid; what became of it otherwise. Makes a network call."""
        ...

    def fee_of(self, intent_ref: str) -> int | None:
        """What it kept of a payment; None while it does not know. Makes a network call."""
        ...

    def give_back(self, asked: RefundAsked, *, key: str) -> ToldRefund:
        """Give money of a payment back; with the same key once. Makes a network call."""
        ...

    def find_refund(self, asked: RefundAsked) -> ToldRefund | None:
        """A refund that was asked before, by its reference. Makes a network call."""
        ...

    def read_event(self, body: bytes, headers: Mapping[str, str], now: datetime) -> ToldEvent:
        """An event from its raw body. Raises Forged, or Unreadable."""
        ...
