"""One-time codes that an officer gives in person, for people without e-mail."""

from __future__ import annotations

import secrets

from sqlalchemy import select, update

from ... import audit, clock
from ...crypto import blind_index
from ...db import unit_of_work
from ...i18n import _
from ...permissions import Actor
from .. import queries, rules
from ..models import OneTimeCode, User
from .recovery import make_password_link


def issue_code(*, actor: Actor, user_id: int) -> str:
    """A code of eight digits for one person, for fifteen minutes; an earlier one ends.

    The caller has checked that the actor may help this person.
    """
    now = clock.now()
    code = "".join(secrets.choice("0123456789") for _digit in range(rules.CODE_DIGITS))
    with unit_of_work() as session:
        user = session.get_one(User, user_id, with_for_update=True)
        session.execute(
            update(OneTimeCode)
            .where(
                OneTimeCode.user_id == user.id,
                OneTimeCode.purpose == "sign_in",
                OneTimeCode.used_at.is_(None),
            )
            .values(used_at=now)
        )
        session.add(
            OneTimeCode(
                purpose="sign_in",
                user_id=user.id,
                code_hash=_hash(user.id, code),
                issued_by=actor.user_id,
                issued_at=now,
                expires_at=now + rules.CODE_LIFETIME,
            )
        )
        audit.record(session, actor, "code.issued", user)
    return code


def redeem_code(*, who: str, code: str) -> str:
    """Take a code once; returns the secret of a link that sets a new password. Raises WrongSignIn.

    A wrong try counts and is kept; after five of them the code is dead.
    """
    found = queries.user_by(who)
    secret = _try_code(found.id, code) if found is not None and found.is_active else None
    if secret is None:
        raise rules.WrongSignIn(
            _("Nomor HP atau kodenya tidak cocok, atau kodenya kedaluwarsa. Minta kode baru ke petugas.")
        )
    return secret


def _try_code(user_id: int, code: str) -> str | None:
    digits = "".join(character for character in code if character.isdecimal())
    with unit_of_work() as session:
        row = session.scalar(
            select(OneTimeCode)
            .where(
                OneTimeCode.user_id == user_id,
                OneTimeCode.purpose == "sign_in",
                OneTimeCode.used_at.is_(None),
                OneTimeCode.expires_at > clock.now(),
                OneTimeCode.attempts < rules.CODE_TRIES,
            )
            .order_by(OneTimeCode.id.desc())
            .limit(1)
            .with_for_update()
        )
        if row is None:
            return None
        row.attempts += 1
        if not secrets.compare_digest(row.code_hash, _hash(user_id, digits)):
            return None
        row.used_at = clock.now()
        return make_password_link(user_id, lifetime=rules.CODE_LIFETIME, issued_by=row.issued_by)


def _hash(user_id: int, code: str) -> str:
    """Keyed, because eight digits could be guessed from a plain hash."""
    return blind_index(f"code {user_id} {code}") or ""
