"""How often something may be tried, counted for a key such as an account or an address.

Only failures need to be counted: `check` before the attempt, `count` after it failed. The keys are hashed,
because the counters may live in Redis. Behind several processes set REDIS_URL, so that they count together.
"""

from __future__ import annotations

import time

from flask import Flask, current_app, request
from flask_limiter import Limiter
from limits import RateLimitItem, parse

from .crypto import blind_index
from .errors import TooMany
from .i18n import _

EXTENSION = "etalase_limiter"


def init_app(app: Flask) -> None:
    """Give the app its counters: in Redis when there is one, else in this process."""
    app.extensions[EXTENSION] = Limiter(
        client_address,
        app=app,
        storage_uri=app.config["REDIS_URL"] or "memory://",
        strategy="moving-window",
        key_prefix="etalase",
    )


def client_address() -> str:
    """The address this request comes from."""
    return request.remote_addr or "unknown"


def check(name: str, key: str, limit: str) -> None:
    """Raise TooMany when `key` has used up `limit` ('10 per 15 minutes') of what `name` counts."""
    limiter, item = _limiter(), parse(limit)
    if not limiter.enabled or limiter.limiter.test(item, *_identifiers(name, key)):
        return
    raise _too_many(item, name, key)


def count(name: str, key: str, limit: str) -> None:
    """Count one attempt."""
    limiter = _limiter()
    if limiter.enabled:
        limiter.limiter.hit(parse(limit), *_identifiers(name, key))


def check_and_count(name: str, key: str, limit: str) -> None:
    """Count an attempt whatever comes of it, and raise TooMany when it is one too many."""
    check(name, key, limit)
    count(name, key, limit)


def _limiter() -> Limiter:
    limiter: Limiter = current_app.extensions[EXTENSION]
    return limiter


def _identifiers(name: str, key: str) -> tuple[str, str]:
    return name, blind_index(key) or "none"


def _too_many(item: RateLimitItem, name: str, key: str) -> TooMany:
    reset_at = _limiter().limiter.get_window_stats(item, *_identifiers(name, key)).reset_time
    seconds = max(int(reset_at - time.time()) + 1, 1)
    minutes = -(-seconds // 60)
    return TooMany(
        _("Terlalu banyak percobaan. Tunggu %(minutes)s menit, lalu coba lagi.", minutes=minutes),
        retry_after_s=seconds,
    )
