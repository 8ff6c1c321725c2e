"""Passwords as the database keeps them: argon2id, made anew when the parameters change."""

from __future__ import annotations

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from .rules import MAX_PASSWORD

_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
"""OWASP's choice: 19 MiB and two passes, so that many people can sign in at once on a small machine."""


def hash_password(password: str) -> str:
    """What the database keeps of a password."""
    return _hasher.hash(password)


def is_right(password_hash: str | None, password: str) -> bool:
    """Whether the password belongs to the hash. Without a hash it takes as long, and says no."""
    try:
        _hasher.verify(password_hash or _nobodys_hash(), password[:MAX_PASSWORD])
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


def is_outdated(password_hash: str) -> bool:
    """Whether the hash was made with older parameters."""
    return _hasher.check_needs_rehash(password_hash)


@cache
def _nobodys_hash() -> str:
    """A hash of no account, to spend the same time on accounts that do not exist."""
    return _hasher.hash("nobody")
