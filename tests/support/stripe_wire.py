"""What goes over the wire to and from Stripe: its signatures, and how a form writes nested values."""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import Any
from urllib.parse import parse_qsl, unquote

Json = dict[str, Any]


def signature(body: bytes, secret: str, moment: int) -> str:
    """Stripe's signature of a body at a moment."""
    told = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={moment},v1={told},v0={'0' * 64}"


def nested(text: str) -> Json:
    """A form as Stripe reads it: a[b]=c is {'a': {'b': 'c'}}, a[0]=c is {'a': ['c']}."""
    root: Json = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        parts = [part for part in re.split(r"[\[\]]+", unquote(name)) if part]
        place = root
        for part in parts[:-1]:
            place = place.setdefault(part, {})
        place[parts[-1]] = value
    found = _listed(root)
    assert isinstance(found, dict)
    return found


def _listed(value: Any) -> Any:
    """What is numbered from 0 is a list."""
    if not isinstance(value, dict):
        return value
    inner = {key: _listed(one) for key, one in value.items()}
    is_list = bool(inner) and list(inner) == [str(number) for number in range(len(inner))]
    return list(inner.values()) if is_list else inner
