"""Answers travel compressed: pages, drawings and our own files are a quarter of their size on a phone's line.

A layer around the whole application. What is streamed, small or already encoded passes as it is. Files
under /static/ are compressed once, thoroughly, and remembered; other answers each time, quickly. A page ends
in a comment of random length, so that its compressed size tells nothing about what stands in it.
"""

from __future__ import annotations

import gzip
import secrets
import threading
from collections import OrderedDict
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import brotli

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

LEAST, MOST = 800, 4_000_000
TYPES = (
    "text/",
    "application/json",
    "application/problem+json",
    "application/javascript",
    "application/manifest+json",
    "image/svg+xml",
)
QUICK, THOROUGH = 5, 9
REMEMBERED = 64


class Compressed:
    """A WSGI application whose answers are compressed for browsers that accept it."""

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app
        self._files: OrderedDict[tuple[str, str, int, str], bytes] = OrderedDict()
        self._lock = threading.Lock()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        coding = chosen_coding(environ.get("HTTP_ACCEPT_ENCODING", ""))
        if coding is None or environ.get("REQUEST_METHOD") == "HEAD":
            return self._app(environ, start_response)
        held: list[Any] = []

        def hold(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            held[:] = [status, headers, exc_info]
            return _no_write

        body = self._app(environ, hold)
        if not held:  # an application may call start_response only when its body is read
            return _replayed(body, held, start_response)
        status, headers, exc_info = held
        if not is_worth_it(status, headers):
            start_response(status, headers, exc_info)
            return body
        content = _read(body)
        packed = self._pack(environ.get("PATH_INFO", ""), headers, content, coding)
        start_response(status, packed_headers(headers, coding, len(packed)), exc_info)
        return [packed]

    def _pack(self, path: str, headers: list[tuple[str, str]], content: bytes, coding: str) -> bytes:
        if not path.startswith("/static/"):
            return pack(_padded(headers, content), coding, QUICK)
        key = (path, _value(headers, "last-modified"), len(content), coding)
        with self._lock:
            known = self._files.get(key)
        if known is None:
            known = pack(content, coding, THOROUGH)
            with self._lock:
                self._files[key] = known
                while len(self._files) > REMEMBERED:
                    self._files.popitem(last=False)
        return known


def chosen_coding(accepted: str) -> str | None:
    """The best coding that an Accept-Encoding header allows: br, gzip or None."""
    allowed = {}
    for part in accepted.lower().split(","):
        name, _semicolon, weight = part.strip().partition(";")
        allowed[name.strip()] = weight.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return next((coding for coding in ("br", "gzip") if allowed.get(coding)), None)


def is_worth_it(status: str, headers: list[tuple[str, str]]) -> bool:
    """Whether an answer is text of a known, middling length that nobody has encoded yet."""
    length = _value(headers, "content-length")
    return (
        status[:3] not in {"204", "206", "304"}
        and not _value(headers, "content-encoding")
        and length.isdecimal()
        and LEAST <= int(length) <= MOST
        and _value(headers, "content-type").lower().startswith(TYPES)
    )


def packed_headers(headers: list[tuple[str, str]], coding: str, length: int) -> list[tuple[str, str]]:
    """The headers of the compressed answer; its ETag is weak, because the bytes are not the same."""
    kept = [
        (name, value) for name, value in headers if name.lower() not in {"content-length", "vary", "etag"}
    ]
    vary = {part.strip() for part in _value(headers, "vary").split(",")} - {""}
    etag = _value(headers, "etag")
    if etag:
        kept.append(("ETag", etag if etag.startswith("W/") else f"W/{etag}"))
    kept.append(("Vary", ", ".join(sorted({*vary, "Accept-Encoding"}))))
    return [*kept, ("Content-Encoding", coding), ("Content-Length", str(length))]


def pack(content: bytes, coding: str, effort: int) -> bytes:
    """Content in a coding."""
    if coding == "br":
        packed: bytes = brotli.compress(content, quality=effort)
        return packed
    return gzip.compress(content, compresslevel=min(effort, 9), mtime=0)


def _padded(headers: list[tuple[str, str]], content: bytes) -> bytes:
    if not _value(headers, "content-type").startswith("text/html"):
        return content
    return content + b"<!--" + secrets.token_hex(1 + secrets.randbelow(24)).encode() + b"-->"


def _value(headers: list[tuple[str, str]], wanted: str) -> str:
    return next((value for name, value in headers if name.lower() == wanted), "")


def _read(body: Iterable[bytes]) -> bytes:
    try:
        return b"".join(body)
    finally:
        close = getattr(body, "close", None)
        if close is not None:
            close()


def _replayed(body: Iterable[bytes], held: list[Any], start_response: StartResponse) -> Iterable[bytes]:
    """A late start: pass everything on as it comes."""
    try:
        for chunk in body:
            if held:
                start_response(*held)
                held.clear()
            yield chunk
        if held:
            start_response(*held)
    finally:
        close = getattr(body, "close", None)
        if close is not None:
            close()


def _no_write(_data: bytes) -> None:
    raise RuntimeError("write() is not served; return the body instead")
