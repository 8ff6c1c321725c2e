"""What this area does at night."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete

from .. import clock
from ..db import unit_of_work
from .models import OneTimeCode, SignIn

KEEP_CODES = timedelta(days=30)


def sweep() -> None:
    """Forget sign-ins that ended and codes of a month ago."""
    now = clock.now()
    with unit_of_work() as session:
        session.execute(delete(SignIn).where(SignIn.expires_at <= now))
        session.execute(delete(OneTimeCode).where(OneTimeCode.expires_at <= now - KEEP_CODES))
