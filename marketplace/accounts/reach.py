"""Whom an officer may help to sign in. Organizations knows, because it knows the memberships."""

from __future__ import annotations

from collections.abc import Callable

from ..errors import NotFound
from ..i18n import _
from ..permissions import Actor
from . import queries
from .models import User

Reaches = Callable[[Actor, int], bool]
_reaches: list[Reaches] = []


def register(reaches: Reaches) -> Reaches:
    """Register the function that says whether an actor may issue a code for a user."""
    _reaches[:] = [reaches]
    return reaches


def person_to_help(actor: Actor, user_id: int) -> User:
    """The user, when the actor may help them. Raises NotFound for everybody else's people."""
    if not any(reaches(actor, user_id) for reaches in _reaches):
        raise NotFound(_("Orang ini tidak terdaftar di wilayah Anda."))
    return queries.user(user_id)
