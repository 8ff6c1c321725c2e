"""A stand-in for Stripe that speaks the part of its API that we use, over HTTP on loopback.

It keeps Checkout Sessions, the payments beneath, refunds, disputes and its balance, with an idempotency store
of its own, refuses parameters that Stripe does not know, and can be told to misbehave: answer 500 after doing
it, keep a 500 under its key, drop the connection, be slow. What happens there it tells by events, signed by
this file's own reckoning of Stripe's scheme.

    with standing_in() as stripe:
        app = make_app(url, folder, **stripe.settings)
        ...
        stripe.pay(charge.provider_ref)
        body, headers = stripe.signed(stripe.events[-1])
"""

from __future__ import annotations

import itertools
import json
import secrets
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from marketplace import clock
from tests.support.server import serving
from tests.support.stripe_wire import Json, nested, signature

KEY = "sk_test_peraga"
SECRET = "whsec_peraga"
OLDER_SECRET = "whsec_peraga_lama"
MOST = 999_999_999_999
LEAST = 500_000
KNOWN = {
    "mode", "client_reference_id", "metadata", "payment_intent_data", "line_items", "adaptive_pricing",
    "success_url", "cancel_url", "expires_at", "locale", "expand",
}  # fmt: skip


class Refusal(Exception):
    """An answer that says no."""

    def __init__(self, status: int, code: str, message: str, kind: str = "invalid_request_error") -> None:
        super().__init__(message)
        self.status = status
        self.body = {"error": {"type": kind, "code": code, "message": message}}


@dataclass
class Fault:
    """How the next matching request goes wrong."""

    path: str
    mode: str
    times: int = 1


@dataclass
class StandIn:
    """One Stripe account, in memory."""

    sessions: dict[str, Json] = field(default_factory=dict)
    intents: dict[str, Json] = field(default_factory=dict)
    charges: dict[str, Json] = field(default_factory=dict)
    balance: dict[str, Json] = field(default_factory=dict)
    refunds: dict[str, Json] = field(default_factory=dict)
    disputes: dict[str, Json] = field(default_factory=dict)
    events: list[Json] = field(default_factory=list)
    kept: dict[str, tuple[str, str, int, Json]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    calls: list[tuple[str, str, str]] = field(default_factory=list)
    refunds_end_as: str = "succeeded"
    fee: Callable[[int], int] = lambda amount: amount * 29 // 1000 + 2_000_00
    settles_in: tuple[str, float] = ("idr", 1.0)
    address: str = ""
    now: datetime | None = None
    """The moment it is there; None: as the clock says."""
    asleep: threading.Event = field(default_factory=threading.Event)
    lock: Any = field(default_factory=threading.RLock)
    numbers: Any = field(default_factory=lambda: itertools.count(1))

    @property
    def second(self) -> int:
        """The moment it is there, in seconds."""
        return int((self.now or clock.now()).timestamp())

    @property
    def settings(self) -> Json:
        """What the app is told, to take this for Stripe."""
        return {
            "PAYMENT_PROVIDER": "stripe",
            "STRIPE_SECRET_KEY": KEY,
            "STRIPE_WEBHOOK_SECRET": [SECRET, OLDER_SECRET],
            "STRIPE_API_BASE": self.address,
        }

    # --- HTTP

    def __call__(self, environ: Json, start_response: Callable[..., Any]) -> Iterable[bytes]:
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        length = int(environ.get("CONTENT_LENGTH") or 0)
        text = environ["wsgi.input"].read(length).decode() if length else environ.get("QUERY_STRING", "")
        key = environ.get("HTTP_IDEMPOTENCY_KEY", "")
        with self.lock:
            self.calls.append((method, path, key))
            fault = self._fault(path)
        if fault == "dropped_before":
            return self._drop(environ)
        if fault == "error_before":
            return self._say(start_response, 500, {"error": {"type": "api_error", "message": "before"}})
        status, body = self._answer(method, path, text, key, environ, keeps_error=fault == "error_kept")
        if fault == "dropped":
            return self._drop(environ)
        if fault == "slow":
            self.asleep.wait(5)
        if fault == "error_after":
            return self._say(start_response, 500, {"error": {"type": "api_error", "message": "after"}})
        return self._say(start_response, status, body)

    def _fault(self, path: str) -> str:
        for fault in self.faults:
            if path.startswith(fault.path) and fault.times:
                fault.times -= 1
                return fault.mode
        return ""

    @staticmethod
    def _drop(environ: Json) -> Iterable[bytes]:
        """Hang up: whoever asked does not know whether it was done."""
        environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
        raise ConnectionAbortedError

    @staticmethod
    def _say(start_response: Callable[..., Any], status: int, body: Json) -> Iterable[bytes]:
        content = json.dumps(body).encode()
        headers = [("Content-Type", "application/json"), ("Content-Length", str(len(content)))]
        start_response(f"{status} -", [*headers, ("Request-Id", "req_peraga")])
        return [content]

    def _answer(
        self, method: str, path: str, text: str, key: str, environ: Json, *, keeps_error: bool
    ) -> tuple[int, Json]:
        if environ.get("HTTP_AUTHORIZATION") != f"Bearer {KEY}":
            return 401, {"error": {"type": "invalid_request_error", "message": "no such key"}}
        with self.lock:
            if key in self.kept:
                asked, content, status, body = self.kept[key]
                if (asked, content) != (path, text):
                    refusal = Refusal(400, "", "same key, other parameters", "idempotency_error")
                    return refusal.status, refusal.body
                return status, body
            try:
                status, body = 200, self._do(method, path, nested(text))
            except Refusal as refusal:
                status, body = refusal.status, refusal.body
            if keeps_error:
                status, body = 500, {"error": {"type": "api_error", "message": "kept"}}
            if key:
                self.kept[key] = (path, text, status, body)
            return status, body

    def _do(self, method: str, path: str, asked: Json) -> Json:
        expand = asked.get("expand", [])
        match [method, *path.strip("/").split("/")[1:]]:
            case ["POST", "checkout", "sessions"]:
                return self._open(asked)
            case ["GET", "checkout", "sessions", name]:
                return self._session(name, expand)
            case ["POST", "checkout", "sessions", name, "expire"]:
                if self._session(name)["status"] != "open":
                    raise Refusal(400, "", "only open sessions can be expired")
                self.expire(name)
                return self._session(name)
            case ["GET", "payment_intents", name]:
                return self._intent(name, expand)
            case ["POST", "refunds"]:
                return self._refund(asked)
            case ["GET", "refunds"]:
                found = [
                    one for one in self.refunds.values() if one["payment_intent"] == asked["payment_intent"]
                ]
                return {"object": "list", "data": found[::-1], "has_more": False, "url": "/v1/refunds"}
            case ["GET", "balance_transactions", name]:
                return self._one(self.balance, name)
        raise Refusal(404, "resource_missing", f"no {method} {path}")

    def _one(self, kind: dict[str, Json], name: str) -> Json:
        if name not in kind:
            raise Refusal(404, "resource_missing", f"no such thing: {name}")
        return kind[name]

    def _id(self, prefix: str) -> str:
        return f"{prefix}_test_{next(self.numbers):06d}{secrets.token_hex(6)}"

    # --- what is asked of it

    def _open(self, asked: Json) -> Json:
        for name in asked.keys() - KNOWN:
            raise Refusal(400, "parameter_unknown", f"Received unknown parameter: {name}")
        if asked.get("mode") != "payment" or "success_url" not in asked:
            raise Refusal(400, "parameter_missing", "Missing required param")
        total = 0
        for line in asked["line_items"]:
            price = line["price_data"]
            if price["currency"] != "idr" or not price["product_data"]["name"]:
                raise Refusal(400, "", "this stand-in sells in rupiah")
            total += int(price["unit_amount"]) * int(line["quantity"])
        now = self.second
        if total > MOST:
            raise Refusal(400, "amount_too_large", "Amount must be no more than 9.999.999.999,99")
        if total < LEAST:
            raise Refusal(400, "amount_too_small", "The amount must be greater than the minimum")
        if not now + 1800 <= int(asked["expires_at"]) <= now + 86400:
            raise Refusal(400, "", "expires_at must be between 30 minutes and 24 hours from now")
        name, intent = self._id("cs"), self._id("pi")
        self.intents[intent] = {
            "id": intent, "object": "payment_intent", "amount": total, "currency": "idr",
            "status": "requires_payment_method", "latest_charge": None, "last_payment_error": None,
            "metadata": asked["payment_intent_data"]["metadata"],
        }  # fmt: skip
        self.sessions[name] = {
            "id": name, "object": "checkout.session", "mode": "payment", "status": "open",
            "payment_status": "unpaid", "amount_total": total, "currency": "idr",
            "client_reference_id": asked["client_reference_id"], "metadata": asked["metadata"],
            "payment_intent": intent, "url": f"{self.address}/pay/{name}",
            "expires_at": int(asked["expires_at"]), "success_url": asked["success_url"],
            "cancel_url": asked["cancel_url"], "livemode": False,
            "line_items": {"object": "list", "data": asked["line_items"]},
        }  # fmt: skip
        return self._session(name)

    def _session(self, name: str, expand: Iterable[str] = ()) -> Json:
        found = dict(self._one(self.sessions, name))
        if "payment_intent" in expand:
            found["payment_intent"] = self._intent(found["payment_intent"])
        return found

    def _intent(self, name: str, expand: Iterable[str] = ()) -> Json:
        found = dict(self._one(self.intents, name))
        if "latest_charge.balance_transaction" in expand and found["latest_charge"]:
            charge = dict(self.charges[found["latest_charge"]])
            charge["balance_transaction"] = self.balance.get(charge["balance_transaction"])
            found["latest_charge"] = charge
        return found

    def _refund(self, asked: Json) -> Json:
        intent = self._one(self.intents, asked["payment_intent"])
        amount = int(asked["amount"])
        gone = sum(
            one["amount"]
            for one in self.refunds.values()
            if one["payment_intent"] == intent["id"] and one["status"] not in {"failed", "canceled"}
        )
        if intent["status"] != "succeeded" or amount > intent["amount"] - gone:
            raise Refusal(400, "charge_already_refunded", "more than is left of the charge")
        name = self._id("re")
        self.refunds[name] = {
            "id": name, "object": "refund", "amount": amount, "currency": "idr",
            "payment_intent": intent["id"], "metadata": asked.get("metadata", {}),
            "status": self.refunds_end_as,
        }  # fmt: skip
        self._tell("refund.created", self.refunds[name])
        return dict(self.refunds[name])

    # --- what happens there

    def pay(self, name: str) -> Json:
        """The buyer pays at once, by card."""
        with self.lock:
            self._succeed(name)
            return self._tell("checkout.session.completed", self._session(name))

    def pay_later(self, name: str) -> Json:
        """The buyer does its part; the money is on its way."""
        with self.lock:
            self.sessions[name]["status"] = "complete"
            self.intents[self.sessions[name]["payment_intent"]]["status"] = "processing"
            return self._tell("checkout.session.completed", self._session(name))

    def arrive(self, name: str) -> Json:
        """Money that was on its way is there."""
        with self.lock:
            self._succeed(name)
            return self._tell("checkout.session.async_payment_succeeded", self._session(name))

    def fail(self, name: str) -> Json:
        """Money that was on its way never comes."""
        with self.lock:
            intent = self.intents[self.sessions[name]["payment_intent"]]
            intent["status"] = "requires_payment_method"
            intent["last_payment_error"] = {"message": "Transfer tidak masuk."}
            return self._tell("checkout.session.async_payment_failed", self._session(name))

    def expire(self, name: str) -> Json:
        """Nobody paid in time."""
        with self.lock:
            self.sessions[name]["status"] = "expired"
            return self._tell("checkout.session.expired", self._session(name))

    def _succeed(self, name: str) -> None:
        session = self.sessions[name]
        session["status"], session["payment_status"] = "complete", "paid"
        intent, (currency, rate) = self.intents[session["payment_intent"]], self.settles_in
        charge, entry = self._id("ch"), self._id("txn")
        amount = round(intent["amount"] * rate)
        self.balance[entry] = {
            "id": entry, "object": "balance_transaction", "amount": amount, "currency": currency,
            "fee": round(self.fee(intent["amount"]) * rate), "exchange_rate": None if rate == 1.0 else rate,
        }  # fmt: skip
        self.charges[charge] = {
            "id": charge, "object": "charge", "amount": intent["amount"], "currency": "idr",
            "balance_transaction": entry, "payment_intent": intent["id"],
        }  # fmt: skip
        intent["status"], intent["latest_charge"] = "succeeded", charge

    def finish_refund(self, name: str, status: str) -> Json:
        """What became of a refund that was on its way, or that was thought done."""
        with self.lock:
            self.refunds[name]["status"] = status
            if status == "failed":
                self.refunds[name]["failure_reason"] = "lost_or_stolen_card"
            return self._tell("refund.failed" if status == "failed" else "refund.updated", self.refunds[name])

    def object_to(self, intent: str, amount: int) -> Json:
        """The payer objects at its bank."""
        with self.lock:
            name = self._id("dp")
            now = self.second
            self.disputes[name] = {
                "id": name, "object": "dispute", "amount": amount, "currency": "idr", "reason": "fraudulent",
                "payment_intent": intent, "status": "needs_response", "created": now,
                "evidence_details": {"due_by": now + 7 * 86400}, "balance_transactions": [],
            }  # fmt: skip
            return self._tell("charge.dispute.created", self.disputes[name])

    def decide(self, name: str, status: str, fee: int = 0) -> Json:
        """The bank has decided: won or lost, with the fee that it took."""
        with self.lock:
            dispute = self.disputes[name]
            dispute["status"] = status
            if fee:
                dispute["balance_transactions"] = [
                    {"amount": -dispute["amount"], "fee": fee, "currency": "idr"}
                ]
            return self._tell("charge.dispute.closed", dispute)

    def _tell(self, kind: str, about: Json) -> Json:
        event = {
            "id": self._id("evt"), "object": "event", "type": kind, "created": self.second,
            "livemode": False, "data": {"object": json.loads(json.dumps(about))},
        }  # fmt: skip
        self.events.append(event)
        return event

    def signed(
        self, event: Json, *, secret: str = SECRET, at: int | None = None
    ) -> tuple[bytes, dict[str, str]]:
        """An event as it is delivered: its body and its headers."""
        body = json.dumps(event, indent=2).encode()
        return body, {
            "Stripe-Signature": signature(body, secret, at or self.second),
            "Content-Type": "application/json",
        }


@contextmanager
def standing_in() -> Iterator[StandIn]:
    """A stand-in that answers for as long as the block lasts."""
    found = StandIn()
    with serving(found) as address:
        found.address = address
        try:
            yield found
        finally:
            found.asleep.set()
