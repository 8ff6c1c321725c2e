"""A server that takes webhooks for tests, and behaves as badly as it is told."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nOkay"


@dataclass
class Received:
    """One request as it came."""

    line: str
    headers: dict[str, str]
    body: bytes


Behaviour = bytes | Callable[[socket.socket], None]


@dataclass
class Receiver:
    """`answers` are given one after the other, the last of them for ever; `received` is what came in."""

    port: int = 0
    answers: list[Behaviour] = field(default_factory=lambda: [OK])
    received: list[Received] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0
    names: list[str | None] = field(default_factory=list)
    """What TLS clients asked for (SNI)."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    def answer(self) -> Behaviour:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@contextmanager
def receiver(context: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """A receiver on a free port of this machine; with a context it speaks TLS."""
    made, guard = Receiver(), threading.Lock()
    listener = socket.create_server(("127.0.0.1", 0))
    made.port = listener.getsockname()[1]

    @contextmanager
    def counted() -> Iterator[None]:
        with guard:
            made.at_once += 1
            made.most_at_once = max(made.most_at_once, made.at_once)
        try:
            yield
        finally:
            with guard:
                made.at_once -= 1

    def serve(plain: socket.socket) -> None:
        try:
            with plain, context.wrap_socket(plain, server_side=True) if context else plain as wire:
                wire.settimeout(5)
                with counted():  # who has its answer may send the next before this thread goes on
                    made.received.append(_read(wire))
                    answer = made.answer()
                    if callable(answer):
                        answer(wire)
                if not callable(answer):
                    wire.sendall(answer)
        except OSError:
            pass  # the other side had enough

    def listen() -> None:
        while True:
            try:
                wire, _address = listener.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(wire,), daemon=True).start()

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    if context is not None:
        context.sni_callback = lambda _wire, name, _context: made.names.append(name)
    try:
        yield made
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


def _read(wire: socket.socket) -> Received:
    with wire.makefile("rb") as incoming:
        line = incoming.readline().decode().strip()
        headers = {}
        while (text := incoming.readline().decode().strip()) != "":
            name, _colon, value = text.partition(":")
            headers[name] = value.strip()
        return Received(line, headers, incoming.read(int(headers["Content-Length"])))


def drip(text: bytes, seconds: float) -> Callable[[socket.socket], None]:
    """One byte after the other, for ever."""

    def send(wire: socket.socket) -> None:
        for byte in text:
            wire.sendall(bytes([byte]))
            time.sleep(seconds)

    return send


def pour(beginning: bytes, more: bytes, total: int = 4_000_000) -> Callable[[socket.socket], None]:
    """A beginning, and then far too much."""

    def send(wire: socket.socket) -> None:
        wire.sendall(beginning)
        for _turn in range(total // len(more)):
            wire.sendall(more)

    return send
