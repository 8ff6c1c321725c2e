"""How a webhook is signed: HMAC-SHA256 over "timestamp.body" with the secret of its address."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime

PREFIX = "whk_"
HEADER = "Etalase-Signature"


def signature(secret: str, timestamp: int, body: bytes) -> str:
    """The signature in hex; the secret signs as it is written, its prefix included."""
    return hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()


def header(secrets: Sequence[str], sent_at: datetime, body: bytes) -> str:
    """What stands in Etalase-Signature: t=1732270000,v1=...; one v1 for each secret that is valid now."""
    timestamp = int(sent_at.timestamp())
    return ",".join([f"t={timestamp}", *(f"v1={signature(secret, timestamp, body)}" for secret in secrets)])
