"""API tokens: shown once, kept hashed."""

from __future__ import annotations

from ... import audit, clock
from ...crypto import token, token_hash
from ...db import unit_of_work
from ...errors import InvalidInput, NotFound
from ...i18n import _
from ...permissions import Actor
from ..models import ApiToken, User

MARK = "etl_"
"""What tokens begin with, so that scanners of leaked secrets can tell them."""


def create_token(*, actor: Actor, user_id: int, name: str) -> str:
    """A new token with the user's rights; the returned text is the only copy."""
    name = " ".join(name.split())
    if not name or len(name) > 100:
        sentence = _("Beri token ini nama, misalnya nama program yang memakainya (paling banyak 100 huruf).")
        raise InvalidInput(sentence, {"name": sentence})
    secret = MARK + token()
    with unit_of_work() as session:
        user = session.get_one(User, user_id)
        row = ApiToken(user_id=user.id, name=name, token_hash=token_hash(secret), created_at=clock.now())
        session.add(row)
        session.flush()
        audit.record(session, actor, "token.created", row)
    return secret


def revoke_token(*, actor: Actor, user_id: int, token_id: int) -> None:
    """End a token of one's own. Raises NotFound."""
    with unit_of_work() as session:
        row = session.get(ApiToken, token_id, with_for_update=True)
        if row is None or row.user_id != user_id:
            raise NotFound(_("Token ini tidak ada atau sudah dicabut."))
        if row.revoked_at is None:
            row.revoked_at = clock.now()
            audit.record(session, actor, "token.revoked", row)


def touch_token(token_id: int) -> None:
    """Note that a token was used."""
    with unit_of_work() as session:
        row = session.get(ApiToken, token_id, with_for_update=True)
        if row is not None:
            row.last_used_at = clock.now()
