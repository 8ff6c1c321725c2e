"""Signing in and out. The row in sign_ins is the truth: without it a browser's cookie is worth nothing."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from ... import audit, clock
from ...crypto import token, token_hash
from ...db import unit_of_work
from ...i18n import _
from ...permissions import Actor
from .. import passwords, queries, rules
from ..models import SignIn, User


def sign_in(*, who: str, password: str, device: str, lifetime: timedelta) -> str:
    """Sign in by e-mail or phone; returns the new session's token. Raises WrongSignIn."""
    found = queries.user_by(who)
    known_hash = found.password_hash if found else None
    if not passwords.is_right(known_hash, password) or found is None or known_hash is None:
        raise _wrong()
    with unit_of_work() as session:
        user = session.get_one(User, found.id, with_for_update=True)
        if not user.is_active or user.password_hash != known_hash:
            raise _wrong()
        if passwords.is_outdated(known_hash):
            user.password_hash = passwords.hash_password(password)
        return start_sign_in(session, user, device=device, lifetime=lifetime)


def _wrong() -> rules.WrongSignIn:
    sentence = _("Nomor HP, surel, atau kata sandinya tidak cocok. Periksa lagi, atau atur ulang kata sandi.")
    return rules.WrongSignIn(sentence)


def start_sign_in(session: Session, user: User, *, device: str, lifetime: timedelta) -> str:
    """A new sign-in of this user within the caller's unit; returns its token, which is kept only hashed."""
    now, secret = clock.now(), token()
    user.last_sign_in_at = now
    session.execute(delete(SignIn).where(SignIn.user_id == user.id, SignIn.expires_at <= now))
    session.add(
        SignIn(
            token_hash=token_hash(secret),
            user_id=user.id,
            created_at=now,
            seen_at=now,
            expires_at=now + lifetime,
            device=device[:200],
        )
    )
    return secret


def touch(sign_in: str) -> None:
    """Note that a sign-in was used: it lasts as long again from now."""
    with unit_of_work() as session:
        row = session.get(SignIn, sign_in, with_for_update=True)
        if row is not None:
            now = clock.now()
            lifetime = row.expires_at - row.seen_at
            row.seen_at, row.expires_at = now, now + lifetime


def wear(*, sign_in: str, membership_id: int | None) -> None:
    """Remember which membership this browser acts for. The caller has checked that it is the user's."""
    with unit_of_work() as session:
        row = session.get(SignIn, sign_in, with_for_update=True)
        if row is not None:
            row.membership_id = membership_id


def end_sign_in(*, user_id: int, sign_in: str) -> None:
    """Sign one browser out."""
    with unit_of_work() as session:
        session.execute(delete(SignIn).where(SignIn.token_hash == sign_in, SignIn.user_id == user_id))


def end_all_sign_ins(*, actor: Actor, user_id: int, keep: str | None = None) -> int:
    """Sign every browser out but `keep`; returns how many they were."""
    with unit_of_work() as session:
        gone = session.execute(
            delete(SignIn).where(SignIn.user_id == user_id, SignIn.token_hash != (keep or ""))
        )
        audit.record(session, actor, "user.signed_out_everywhere", session.get_one(User, user_id))
        return int(gone.rowcount)  # type: ignore[attr-defined]
