"""One request to an address that strangers chose: resolved once, checked, and connected to as resolved.

The name is not asked for again after the check, so it cannot point elsewhere by then. Nothing is followed,
no proxy is asked, and everything together, the name's lookup included, has one deadline.
"""

from __future__ import annotations

import functools
import io
import queue
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from ipaddress import ip_address
from typing import Any

from ..logs import without_people
from .rules.addresses import Address, Target, may_send_to
from .rules.schedule import Outcome, outcome_of

CONNECT_SECONDS = 4.0
BODY_SECONDS = 1.0
"""How long the answer's text is waited for once its status is known: it is only kept to be looked at."""
MAX_BYTES = 64_000
"""An answer is read up to here, its headers included."""
KEPT_BYTES = 500
MAX_ADDRESSES = 4


@dataclass(frozen=True)
class Answer:
    """What came of a request: `text` are the first bytes that the other side said, without personal data."""

    outcome: Outcome
    duration_ms: int
    status: int | None = None
    text: str = ""


class _Failed(Exception):
    """The request ended before there was a status."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.value)
        self.outcome = outcome


class Deadline:
    """The moment by which everything must be over."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self, most: float = 3600.0) -> float:
        """Seconds that are left, at most so many. Raises TimeoutError when there are none."""
        seconds = self._end - time.monotonic()
        if seconds <= 0:
            raise TimeoutError
        return min(seconds, most)


def post(
    target: Target, body: bytes, headers: Mapping[str, str], *, seconds: float, private_allowed: bool
) -> Answer:
    """Send a body; answers whatever happened, and raises nothing that the other side can cause."""
    started, deadline = time.monotonic(), Deadline(seconds)
    status, text = None, ""
    try:
        addresses = allowed_addresses(target, deadline, private_allowed=private_allowed)
        with _connected(target, addresses, deadline) as wire:
            status, text = _exchange(wire, _request(target, body, headers), deadline)
        outcome = outcome_of(status)
    except _Failed as failure:
        outcome = failure.outcome
    except TimeoutError:
        outcome = Outcome.TIMEOUT
    except ssl.SSLError:
        outcome = Outcome.TLS
    except OSError:
        outcome = Outcome.NO_CONNECTION
    except (HTTPException, ValueError):
        outcome = Outcome.BAD_ANSWER
    return Answer(outcome, int((time.monotonic() - started) * 1000), status, text)


def allowed_addresses(target: Target, deadline: Deadline, *, private_allowed: bool) -> list[Address]:
    """What the name resolves to. Raises _Failed when that is nothing, or when one of it is not public."""
    found = resolve(target.host, target.port, deadline.left())
    if not found:
        raise _Failed(Outcome.NO_ADDRESS)
    if not all(may_send_to(address, private_allowed=private_allowed) for address in found):
        raise _Failed(Outcome.CLOSED_ADDRESS)
    return found[:MAX_ADDRESSES]


def is_reachable(target: Target, *, seconds: float, private_allowed: bool) -> bool:
    """Whether the name resolves, and to public addresses alone."""
    try:
        allowed_addresses(target, Deadline(seconds), private_allowed=private_allowed)
    except (_Failed, TimeoutError):
        return False
    return True


def resolve(host: str, port: int, seconds: float) -> list[Address]:
    """Every address of a name, in the resolver's order. Raises TimeoutError when it takes too long.

    The system's resolver knows no time limit, so a thread asks it, and is left behind when it is too slow.
    """
    answers: queue.SimpleQueue[list[Address]] = queue.SimpleQueue()

    def ask() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
            addresses = [ip_address(str(place[0])) for *_kind, place in found]
        except (OSError, ValueError):  # no such name, or nothing that is an address
            addresses = []
        answers.put(list(dict.fromkeys(addresses)))

    threading.Thread(target=ask, name="webhook-resolver", daemon=True).start()
    try:
        return answers.get(timeout=seconds)
    except queue.Empty:
        raise TimeoutError from None


def _connected(target: Target, addresses: list[Address], deadline: Deadline) -> socket.socket:
    """A connection to the first of the checked addresses that takes one, with TLS for the name."""
    for number, address in enumerate(addresses, start=1):
        try:
            plain = open_socket(address, target.port, deadline.left(CONNECT_SECONDS))
            break
        except OSError:
            if number == len(addresses):
                raise
    else:
        raise _Failed(Outcome.NO_ADDRESS)
    if target.scheme == "http":
        return plain
    try:
        plain.settimeout(deadline.left())
        return tls_context().wrap_socket(plain, server_hostname=target.host)
    except BaseException:
        plain.close()
        raise


def open_socket(address: Address, port: int, seconds: float) -> socket.socket:
    """A connection to an address, which is no name: nothing is looked up here."""
    made = socket.socket(socket.AF_INET6 if address.version == 6 else socket.AF_INET, socket.SOCK_STREAM)
    try:
        made.settimeout(seconds)
        made.connect((str(address), port))
    except BaseException:
        made.close()
        raise
    return made


@functools.cache
def tls_context() -> ssl.SSLContext:
    """The system's trusted authorities, names checked."""
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    return context


def _request(target: Target, body: bytes, headers: Mapping[str, str]) -> bytes:
    lines = [
        f"POST {target.path} HTTP/1.1",
        f"Host: {target.authority}",
        *(f"{name}: {value}" for name, value in headers.items()),
        f"Content-Length: {len(body)}",
        "Accept-Encoding: identity",
        "Connection: close",
    ]
    return "\r\n".join(lines).encode("ascii") + b"\r\n\r\n" + body


def _exchange(wire: socket.socket, request: bytes, deadline: Deadline) -> tuple[int, str]:
    wire.settimeout(deadline.left())
    wire.sendall(request)
    incoming = _Incoming(wire, deadline)
    answer = HTTPResponse(incoming, method="POST")  # type: ignore[arg-type]  # it asks for makefile alone
    try:
        answer.begin()
        incoming.deadline = Deadline(min(BODY_SECONDS, deadline.left()))
        return answer.status, _beginning(answer)
    finally:
        answer.close()


def _beginning(answer: HTTPResponse) -> str:
    """The first bytes of the answer's text; what breaks off or takes too long ends it."""
    kept = b""
    try:
        while len(kept) < KEPT_BYTES and (more := answer.read1(KEPT_BYTES - len(kept))):
            kept += more
    except (OSError, HTTPException, ValueError):
        pass
    text = kept.decode("utf-8", "replace")
    return without_people("".join(letter if letter.isprintable() else " " for letter in text)).strip()


class _Incoming(io.RawIOBase):
    """What comes in through a socket, up to a number of bytes and until a deadline."""

    def __init__(self, wire: socket.socket, deadline: Deadline) -> None:
        super().__init__()
        self._wire = wire
        self._left = MAX_BYTES
        self.deadline = deadline

    def makefile(self, _mode: str) -> io.BufferedReader:
        """As a socket gives it to whoever reads HTTP."""
        return io.BufferedReader(self, 4096)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        """Some more bytes. Raises ValueError beyond the limit, TimeoutError beyond the deadline."""
        if self._left <= 0:
            raise ValueError("the answer is too long")
        self._wire.settimeout(self.deadline.left())
        count = self._wire.recv_into(memoryview(buffer)[: self._left])
        self._left -= count
        return count
