"""Personal data at rest: AES-GCM under keys kept outside the database, blind indexes, masks."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask import Flask, current_app
from sqlalchemy import Dialect, LargeBinary
from sqlalchemy.types import TypeDecorator

from .config import kept_secret

NONCE_BYTES = 12
EXTENSION = "etalase_keyring"


@dataclass(frozen=True)
class Keyring:
    """The keys in use, newest first; the newest encrypts, every one decrypts."""

    keys: tuple[bytes, ...]
    index_key: bytes

    @classmethod
    def of(cls, secrets: list[str]) -> Keyring:
        """Keys derived from secrets, newest first. The oldest secret keys the blind index for good."""
        keys = tuple(hashlib.sha256(b"etalase data " + text.encode()).digest() for text in secrets)
        return cls(keys, hashlib.sha256(b"etalase index " + secrets[-1].encode()).digest())

    def encrypt(self, text: str) -> bytes:
        """Key id (4 bytes), nonce (12 bytes), ciphertext with tag."""
        nonce = os.urandom(NONCE_BYTES)
        return _key_id(self.keys[0]) + nonce + AESGCM(self.keys[0]).encrypt(nonce, text.encode(), None)

    def decrypt(self, data: bytes) -> str:
        """The text again. Raises LookupError when its key is not in the ring."""
        for key in self.keys:
            if _key_id(key) == data[:4]:
                nonce, sealed = data[4 : 4 + NONCE_BYTES], data[4 + NONCE_BYTES :]
                return AESGCM(key).decrypt(nonce, sealed, None).decode()
        raise LookupError("no key for this value: is DATA_KEYS complete?")

    def blind_index(self, value: str) -> str:
        """A keyed hash that finds equal values and tells nothing else (hex, 64 characters)."""
        return hmac.new(self.index_key, value.encode(), hashlib.sha256).hexdigest()


def _key_id(key: bytes) -> bytes:
    return hashlib.sha256(b"id" + key).digest()[:4]


def init_app(app: Flask) -> None:
    """Give the app its keys, from DATA_KEYS or from a file made on first start."""
    data_dir: Path = app.config["DATA_DIR"]
    app.extensions[EXTENSION] = Keyring.of(
        app.config["DATA_KEYS"] or [kept_secret(data_dir / "keys" / "data_key")]
    )


def keyring() -> Keyring:
    """The running app's keys."""
    ring: Keyring = current_app.extensions[EXTENSION]
    return ring


def blind_index(value: str | None) -> str | None:
    """The blind index of a value under the running app's keys, None of nothing."""
    return keyring().blind_index(value) if value else None


class EncryptedText(TypeDecorator[str]):
    """Text that the database holds only encrypted. It cannot be searched: keep a blind index beside it."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        return None if value is None else keyring().encrypt(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else keyring().decrypt(bytes(value))


def mask(value: str | None, *, keep: int = 4, tail: int = 0) -> str:
    """The first `keep` and last `tail` characters, the rest as stars: 3372************."""
    if not value:
        return ""
    hidden = max(len(value) - keep - tail, 0)
    return value[:keep] + "*" * hidden + (value[-tail:] if tail else "")


def fingerprint(data: bytes) -> str:
    """SHA-256 in hex, for inputs' hashes."""
    return hashlib.sha256(data).hexdigest()


def token() -> str:
    """A fresh secret for links and sessions (43 characters, safe in a URL)."""
    return base64.urlsafe_b64encode(os.urandom(32)).rstrip(b"=").decode()


def token_hash(text: str) -> str:
    """What the database keeps of a secret token."""
    return hashlib.sha256(text.encode()).hexdigest()
