"""Stripe: Checkout Sessions, what is told of them, refunds and disputes. Rupiah x 100 live here alone.

Stripe counts rupiah in hundredths, unlike the currencies without decimals. Everything it says, by answer or
by event, is read from plain JSON by the same functions; its library's objects are no dicts.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import stripe
import structlog

from ...errors import RuleBroken
from ...i18n import N_, _
from ...money import format_rupiah
from ..models import ChargeState, RefundState
from .protocol import (
    Asked,
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
from .signing import check_signature

MINOR = 100
CURRENCY = "idr"
MOST_MINOR = 999_999_999_999
TIMEOUT_S = 20
LONGEST_NAME = 200
LONGEST_REF = 200
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SIGNATURE = "Stripe-Signature"
FAILED_INTENTS = {"requires_payment_method", "canceled"}
REFUND_STATES = {
    "pending": RefundState.SENT,
    "requires_action": RefundState.SENT,
    "succeeded": RefundState.DONE,
    "failed": RefundState.FAILED,
    "canceled": RefundState.FAILED,
}
DISPUTE_ENDS = {"won": "won", "lost": "lost", "warning_closed": "won", "prevented": "won"}
REFUSALS = {
    "amount_too_small": N_("Jumlahnya terlalu kecil untuk dibayar online. Bayar lewat transfer bank."),
    "amount_too_large": N_("Jumlahnya terlalu besar untuk dibayar online. Bayar lewat transfer bank."),
}
log = structlog.get_logger()
Json = Mapping[str, Any]


class Stripe:
    """Payments through Stripe Checkout."""

    name = "stripe"
    label = "Stripe"
    is_open = True

    def __init__(
        self, *, secret_key: str, webhook_secrets: Sequence[str], api_base: str, least_rupiah: int
    ) -> None:
        self._secrets = tuple(webhook_secrets)
        self._least = least_rupiah
        self._client = stripe.StripeClient(
            secret_key,
            base_addresses={"api": api_base.rstrip("/")} if api_base else {},
            max_network_retries=0,  # what is not known is asked again by its own key, from its own row
            http_client=stripe.RequestsClient(timeout=TIMEOUT_S),
        )

    def check(self, amount_rupiah: int) -> None:
        """RuleBroken below STRIPE_LEAST_RUPIAH, or beyond the twelve digits that Stripe takes."""
        most = MOST_MINOR // MINOR
        if amount_rupiah < self._least:
            raise RuleBroken(
                _(
                    "Bayar online mulai dari %(least)s, dan ini %(amount)s. "
                    "Bayar lewat transfer bank, atau bersama tagihan lain.",
                    least=format_rupiah(self._least),
                    amount=format_rupiah(amount_rupiah),
                ),
                code="amount_too_small",
                least_rupiah=self._least,
                amount_rupiah=amount_rupiah,
            )
        if amount_rupiah > most:
            raise RuleBroken(
                _(
                    "Bayar online paling banyak %(most)s sekali bayar, dan ini %(amount)s. "
                    "Bayar per tagihan, atau lewat transfer bank.",
                    most=format_rupiah(most),
                    amount=format_rupiah(amount_rupiah),
                ),
                code="amount_too_large",
                most_rupiah=most,
                amount_rupiah=amount_rupiah,
            )

    def ask(self, asked: Asked, *, key: str) -> ToldCharge:
        """Open a Checkout Session."""
        about = {"reference": asked.reference}
        parameters: Any = {
            "mode": "payment",
            "client_reference_id": asked.reference,
            "metadata": about,
            "payment_intent_data": {"metadata": about},
            "line_items": [
                {
                    "quantity": 1,
                    "price_data": {
                        "currency": CURRENCY,
                        "unit_amount": line.amount_rupiah * MINOR,
                        "product_data": {"name": line.name[:LONGEST_NAME]},
                    },
                }
                for line in asked.lines
            ],
            "adaptive_pricing": {"enabled": False},
            "success_url": asked.return_url,
            "cancel_url": asked.cancel_url,
            "expires_at": int(asked.expires_at.timestamp()),
            "locale": "id",
        }
        with _speaking():
            made = self._client.v1.checkout.sessions.create(parameters, {"idempotency_key": key})
            return read_session(made.to_dict())

    def look(self, provider_ref: str) -> ToldCharge:
        """The session and the state of its payment."""
        with _speaking():
            found = self._client.v1.checkout.sessions.retrieve(provider_ref, {"expand": ["payment_intent"]})
            return read_session(found.to_dict())

    def stop(self, provider_ref: str) -> ToldCharge:
        """Expire the session; one that was paid or is on its way cannot be, and is told as it stands."""
        try:
            with _speaking():
                return read_session(self._client.v1.checkout.sessions.expire(provider_ref).to_dict())
        except ProviderRefused:
            return self.look(provider_ref)

    def fee_of(self, intent_ref: str) -> int | None:
        """Stripe's fee in whole rupiah, half a rupiah up; None until the payment is on Stripe's balance."""
        with _speaking():
            found = self._client.v1.payment_intents.retrieve(
                intent_ref, {"expand": ["latest_charge.balance_transaction"]}
            )
            charge = found.to_dict().get("latest_charge")
            entry = charge.get("balance_transaction") if isinstance(charge, Mapping) else None
            return fee_rupiah(entry, found.amount) if isinstance(entry, Mapping) else None

    def give_back(self, asked: RefundAsked, *, key: str) -> ToldRefund:
        """Refund part of a payment, or all."""
        parameters: Any = {
            "payment_intent": asked.intent_ref,
            "amount": asked.amount_rupiah * MINOR,
            "metadata": {"reference": asked.reference},
        }
        with _speaking():
            made = self._client.v1.refunds.create(parameters, {"idempotency_key": key})
            return read_refund(made.to_dict())

    def find_refund(self, asked: RefundAsked) -> ToldRefund | None:
        """The payment's refund that carries the reference."""
        with _speaking():
            found = self._client.v1.refunds.list({"payment_intent": asked.intent_ref, "limit": 100})
            told = (read_refund(one.to_dict()) for one in found.data)
            return next((one for one in told if one.reference == asked.reference), None)

    def read_event(self, body: bytes, headers: Mapping[str, str], now: datetime) -> ToldEvent:
        """An event, once its signature fits its raw body and its moment is near."""
        check_signature(body, headers.get(SIGNATURE, ""), self._secrets, now)
        return read_event(body)


def read_event(body: bytes) -> ToldEvent:
    """An event from its JSON. Raises Unreadable for what is none."""
    with _reading():
        event = json.loads(body)
        kind, about = _word(event["type"], 80), event["data"]["object"]
        read = _READERS.get(kind)
        return ToldEvent(
            event_ref=_word(event["id"], LONGEST_REF),
            kind=kind,
            happened_at=_moment(event["created"]),
            body_hash=hashlib.sha256(body).hexdigest(),
            told=read(about) if read else None,
        )


def read_session(session: Json) -> ToldCharge:
    """What a Checkout Session says. Paid is only what it calls paid."""
    with _reading():
        intent = session.get("payment_intent")
        about = intent if isinstance(intent, Mapping) else {}
        failure = about.get("last_payment_error") or {}
        amount = session.get("amount_total")
        return ToldCharge(
            provider_ref=_word(session["id"], LONGEST_REF),
            reference=_text(session.get("client_reference_id"), LONGEST_REF),
            state=_state_of(session, about),
            amount_rupiah=whole_rupiah(amount) if amount is not None else None,
            currency=_text(session.get("currency"), 8),
            intent_ref=_word(about.get("id", intent), LONGEST_REF) if intent else None,
            url=_address(session.get("url")),
            failure=_text(failure.get("message"), 1000),
        )


def _state_of(session: Json, intent: Json) -> ChargeState:
    if session["payment_status"] == "paid":
        return ChargeState.PAID
    if session["status"] == "expired":
        return ChargeState.EXPIRED
    if session["status"] == "complete":
        return ChargeState.FAILED if intent.get("status") in FAILED_INTENTS else ChargeState.PENDING
    return ChargeState.OPEN


def _read_failed(session: Json) -> ToldCharge:
    """A session whose asynchronous payment failed: it says unpaid, the event says for good."""
    told = read_session(session)
    if told.state is ChargeState.PAID:
        return told
    return ToldCharge(
        told.provider_ref, told.reference, ChargeState.FAILED, told.amount_rupiah, told.currency,
        told.intent_ref, told.url, told.failure,
    )  # fmt: skip


def read_refund(refund: Json) -> ToldRefund:
    """What a refund says."""
    with _reading():
        return ToldRefund(
            provider_ref=_word(refund["id"], LONGEST_REF),
            reference=_text((refund.get("metadata") or {}).get("reference"), LONGEST_REF),
            intent_ref=_ref(refund.get("payment_intent")),
            state=REFUND_STATES[refund.get("status") or "pending"],
            amount_rupiah=whole_rupiah(refund["amount"]),
            currency=_text(refund["currency"], 8),
            failure=_text(refund.get("failure_reason"), 1000),
        )


def read_dispute(dispute: Json) -> ToldDispute:
    """What a dispute says; an inquiry that moves no money is one as well until it is closed."""
    with _reading():
        due = (dispute.get("evidence_details") or {}).get("due_by")
        amount = dispute["amount"]
        fees = [fee_rupiah(one, amount) for one in dispute.get("balance_transactions") or []]
        return ToldDispute(
            provider_ref=_word(dispute["id"], LONGEST_REF),
            intent_ref=_ref(dispute.get("payment_intent")),
            state=DISPUTE_ENDS.get(dispute["status"], "open"),
            amount_rupiah=whole_rupiah(amount),
            currency=_text(dispute["currency"], 8),
            reason=_text(dispute.get("reason"), 64),
            opened_at=_moment(dispute["created"]),
            answer_by=_moment(due) if due else None,
            fee_rupiah=max(sum(fees), 0),
        )


def fee_rupiah(entry: Json, amount_minor: int) -> int:
    """The fee of a balance transaction in whole rupiah, half up.

    Stripe's balance may be in another currency: the fee is to the entry's amount as it is to ours.
    """
    whole = abs(entry["amount"]) or amount_minor
    return (2 * entry["fee"] * amount_minor + whole * MINOR) // (2 * whole * MINOR)


def whole_rupiah(minor: int) -> int | None:
    """Stripe's hundredths as whole rupiah; None where a part of one would be lost."""
    if isinstance(minor, bool) or not isinstance(minor, int):
        raise TypeError("an amount is a whole number")
    rupiah, rest = divmod(minor, MINOR)
    return rupiah if not rest and abs(minor) <= MOST_MINOR else None


def _ref(value: Any) -> str | None:
    """The id of what may be an id, the thing itself, or nothing."""
    if isinstance(value, Mapping):
        value = value["id"]
    return _word(value, LONGEST_REF) if value else None


def _text(value: Any, longest: int) -> str:
    """What a person wrote, as both databases can keep it."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise TypeError("a text is a text")
    return value.replace("\x00", "").encode(errors="replace").decode()[:longest]


def _word(value: Any, longest: int) -> str:
    """A name as Stripe makes them: letters, digits and a few signs."""
    if not isinstance(value, str) or not value.isascii() or not value.isprintable():
        raise TypeError("a name is a word")
    if not 0 < len(value) <= longest:
        raise ValueError("a name is short")
    return value


def _address(value: Any) -> str:
    """Where the buyer pays: an address of the web, or none."""
    text = value if isinstance(value, str) and value.isprintable() else ""
    return text if text.startswith(("https://", "http://")) and len(text) < 4000 else ""


def _moment(seconds: Any) -> datetime:
    if isinstance(seconds, bool) or not isinstance(seconds, int):
        raise TypeError("a moment is whole seconds")
    return EPOCH + timedelta(seconds=seconds)


_READERS: dict[str, Callable[[Json], Told]] = {
    "checkout.session.completed": read_session,
    "checkout.session.async_payment_succeeded": read_session,
    "checkout.session.async_payment_failed": _read_failed,
    "checkout.session.expired": read_session,
    "refund.created": read_refund,
    "refund.updated": read_refund,
    "refund.failed": read_refund,
    "charge.refund.updated": read_refund,
    "charge.dispute.created": read_dispute,
    "charge.dispute.updated": read_dispute,
    "charge.dispute.closed": read_dispute,
    "charge.dispute.funds_withdrawn": read_dispute,
    "charge.dispute.funds_reinstated": read_dispute,
}


@contextlib.contextmanager
def _reading() -> Iterator[None]:
    """What cannot be read is Unreadable, whatever it is."""
    try:
        yield
    except (LookupError, TypeError, ValueError, AttributeError, OverflowError, RecursionError) as error:
        raise Unreadable(_("Isi dari penyedia pembayaran tidak bisa dibaca.")) from error


@contextlib.contextmanager
def _speaking() -> Iterator[None]:
    """Stripe's errors as ours: refused when it did nothing and never will, silent otherwise."""
    try:
        yield
    except (stripe.InvalidRequestError, stripe.IdempotencyError, stripe.CardError) as error:
        code = error.code or "refused"
        log.warning("stripe refused", code=code, request=error.request_id, status=error.http_status)
        sentence = REFUSALS.get(code) or _(
            "Penyedia pembayaran menolak permintaan ini. Bayar dengan cara lain."
        )
        raise ProviderRefused(str(sentence), provider_code=code) from error
    except (stripe.StripeError, Unreadable) as error:
        log.warning("stripe gave no answer", kind=type(error).__name__)
        raise ProviderSilent(
            _(
                "Penyedia pembayaran belum menjawab. Kami tanyakan lagi sebentar lagi; "
                "tidak ada yang dibayar dua kali."
            ),
        ) from error
