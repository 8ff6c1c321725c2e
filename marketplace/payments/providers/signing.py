"""Whether an event was signed by Stripe: its scheme, a time window with two sides, several secrets.

The library's own check takes moments years from now and meets a header with letters beyond ASCII with a
TypeError, so the scheme is checked here: `t=SECONDS,v1=HEX[,v1=HEX...]`, HMAC-SHA256 of `SECONDS.BODY`.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Sequence
from datetime import datetime

from ...i18n import _
from .protocol import Forged

WINDOW_S = 300
LONGEST_HEADER = 4096
_SECONDS = re.compile(r"[0-9]{1,12}")
_SIGNATURE = re.compile(r"[0-9a-f]{64}")


def check_signature(body: bytes, header: str, secrets: Sequence[str], now: datetime) -> None:
    """Raise Forged unless one of the secrets signed this body within five minutes before or after now."""
    moments, signatures = _read(header)
    if not secrets or len(moments) != 1 or not signatures:
        raise _forged()
    if abs(now.timestamp() - int(moments[0])) > WINDOW_S:
        raise Forged(_("Tanda tangannya sudah kedaluwarsa, atau dari masa depan."), code="stale")
    signed = moments[0].encode() + b"." + body
    for secret in secrets:
        wanted = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
        if any(hmac.compare_digest(wanted, one) for one in signatures):
            return
    raise _forged()


def _read(header: str) -> tuple[list[str], list[str]]:
    """The moments and the v1 signatures of a header; nothing of what is not written as it must be."""
    if len(header) > LONGEST_HEADER or not header.isascii():
        raise _forged()
    pairs = [part.strip().partition("=") for part in header.split(",")]
    moments = [value for name, _sign, value in pairs if name == "t"]
    if not all(_SECONDS.fullmatch(value) for value in moments):
        raise _forged()
    return moments, [value for name, _sign, value in pairs if name == "v1" and _SIGNATURE.fullmatch(value)]


def _forged() -> Forged:
    return Forged(_("Tanda tangan tidak cocok dengan isinya."))
