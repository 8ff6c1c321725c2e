"""Forgotten passwords: a link by mail that works once, for an hour."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import delete, update

from ... import audit, clock, mailing, outbox
from ...crypto import token, token_hash
from ...db import unit_of_work
from ...i18n import _
from ...permissions import Actor
from .. import queries, rules
from ..models import OneTimeCode, SignIn, User
from .users import set_password


def ask_for_reset(*, who: str) -> None:
    """Promise a reset mail to whoever this is. It does the same for people it does not know."""
    with unit_of_work() as session:
        outbox.enqueue(session, "accounts.reset", {"sealed": mailing.seal({"who": who[:400]})})


@outbox.handles("accounts.reset")
def send_reset(payload: dict[str, Any]) -> None:
    """Send the link, when there is such a user with an address."""
    user = queries.user_by(mailing.unseal(payload["sealed"])["who"])
    if user is None or not user.is_active or user.email is None:
        return
    with unit_of_work() as session:
        secret = make_password_link(user.id, lifetime=rules.RESET_LIFETIME, issued_by=None)
        mailing.send(
            session,
            to=user.email,
            template="password_reset",
            locale=user.locale,
            name=user.name,
            url=mailing.address(f"/reset/{secret}"),
        )


def make_password_link(user_id: int, *, lifetime: timedelta, issued_by: int | None) -> str:
    """The secret of a link /reset/<secret> that lets its bearer set this user's password once."""
    now, secret = clock.now(), token()
    with unit_of_work() as session:
        session.add(
            OneTimeCode(
                purpose="reset",
                user_id=user_id,
                code_hash=token_hash(secret),
                issued_by=issued_by,
                issued_at=now,
                expires_at=now + lifetime,
            )
        )
    return secret


def reset_password(*, token: str, password: str) -> User:
    """Set the password by a link; every sign-in of the account ends and the link is used up.

    Raises LinkExpired, or InvalidInput when the password is too weak (the link then still works).
    """
    with unit_of_work() as session:
        link = queries.open_link(token)
        if link is not None:
            session.refresh(link, with_for_update=True)
        if link is None or link.used_at is not None:
            raise rules.LinkExpired(_("Tautan ini sudah dipakai atau kedaluwarsa. Minta tautan baru."))
        user = session.get_one(User, link.user_id, with_for_update=True)
        set_password(session, user, password)
        session.execute(
            update(OneTimeCode)
            .where(OneTimeCode.user_id == user.id, OneTimeCode.used_at.is_(None))
            .values(used_at=clock.now())
        )
        session.execute(delete(SignIn).where(SignIn.user_id == user.id))
        audit.record(session, Actor(user.id, user.name), "user.password_reset", user)
    return user
