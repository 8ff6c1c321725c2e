"""Reading people: who shows this token, whose is this address, where they are signed in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, or_, select

from .. import clock
from ..crypto import token_hash
from ..db import UtcDateTime, db
from ..errors import NotFound
from ..i18n import _
from . import rules
from .models import ApiToken, OneTimeCode, SignIn, User


@dataclass(frozen=True)
class SignedIn:
    """Who makes this request: in a browser (`sign_in` is its key) or by an API token (`token_id`)."""

    user_id: int
    name: str
    locale: str
    membership_id: int | None = None
    sign_in: str | None = None
    token_id: int | None = None
    seen_at: datetime | None = None


_SIGNED_IN_BY = (
    select(User.id, User.name, User.locale, SignIn.membership_id, SignIn.token_hash, SignIn.seen_at)
    .join(User, User.id == SignIn.user_id)
    .where(
        SignIn.token_hash == bindparam("token_hash"),
        SignIn.expires_at > bindparam("now", type_=UtcDateTime),
        User.is_active,
    )
)
"""Every page asks this; it is built once."""


def signed_in_by(token: str) -> SignedIn | None:
    """The person who signed in with this session token, as long as the sign-in lasts."""
    row = db.session.execute(_SIGNED_IN_BY, {"token_hash": token_hash(token), "now": clock.now()}).first()
    if row is None:
        return None
    return SignedIn(
        row.id, row.name, row.locale, row.membership_id, sign_in=row.token_hash, seen_at=row.seen_at
    )


def token_owner(token: str) -> SignedIn | None:
    """The person whose API token this is."""
    row = db.session.execute(
        select(User.id, User.name, User.locale, ApiToken.id.label("token_id"), ApiToken.last_used_at)
        .join(User, User.id == ApiToken.user_id)
        .where(ApiToken.token_hash == token_hash(token), ApiToken.revoked_at.is_(None), User.is_active)
    ).first()
    if row is None:
        return None
    return SignedIn(row.id, row.name, row.locale, token_id=row.token_id, seen_at=row.last_used_at)


def user_by(who: str) -> User | None:
    """The user with this e-mail address or phone number, however it is written."""
    key = rules.identifier(who)
    if key is None:
        return None
    return db.session.scalar(select(User).where(or_(User.email == key, User.phone == key)))


def user(user_id: int) -> User:
    """One user. Raises NotFound."""
    found = db.session.get(User, user_id)
    if found is None:
        raise NotFound(_("Orang ini tidak terdaftar."))
    return found


def devices(user_id: int) -> Sequence[SignIn]:
    """Where a user is signed in, the latest first."""
    return db.session.scalars(
        select(SignIn)
        .where(SignIn.user_id == user_id, SignIn.expires_at > clock.now())
        .order_by(SignIn.seen_at.desc(), SignIn.token_hash)
    ).all()


def tokens(user_id: int) -> Sequence[ApiToken]:
    """A user's API tokens that still work, the newest first."""
    return db.session.scalars(
        select(ApiToken)
        .where(ApiToken.user_id == user_id, ApiToken.revoked_at.is_(None))
        .order_by(ApiToken.id.desc())
    ).all()


def token(user_id: int, token_id: int) -> ApiToken:
    """One of the user's own tokens. Raises NotFound."""
    found = db.session.get(ApiToken, token_id)
    if found is None or found.user_id != user_id or found.revoked_at is not None:
        raise NotFound(_("Token ini tidak ada atau sudah dicabut."))
    return found


def is_open_link(token: str) -> bool:
    """Whether a link that sets a password still works."""
    return open_link(token) is not None


def open_link(token: str) -> OneTimeCode | None:
    """The row of a link that sets a password, as long as it works."""
    return db.session.scalar(
        select(OneTimeCode).where(
            OneTimeCode.purpose == "reset",
            OneTimeCode.code_hash == token_hash(token),
            OneTimeCode.used_at.is_(None),
            OneTimeCode.expires_at > clock.now(),
        )
    )
