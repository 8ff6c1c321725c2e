"""The family of errors a person may meet, each with its HTTP status, code and numbers."""

from __future__ import annotations

from typing import Any


class MarketplaceError(Exception):
    """Something a person asked for cannot be done; the message says what to do next."""

    status = 400
    code = "error"

    def __init__(self, message: str, *, code: str | None = None, **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.code
        self.details = details


class InvalidInput(MarketplaceError):
    """What was typed or sent cannot be read; `fields` maps a field's name to its sentence."""

    status = 422
    code = "invalid_input"

    def __init__(self, message: str, fields: dict[str, str] | None = None, **details: Any) -> None:
        super().__init__(message, **details)
        self.fields = fields or {}


class SignInNeeded(MarketplaceError):
    """Nobody is signed in and the page is not public."""

    status = 401
    code = "sign_in_needed"


class Forbidden(MarketplaceError):
    """The actor's role does not allow this."""

    status = 403
    code = "forbidden"


class NotFound(MarketplaceError):
    """There is no such thing, or it is a stranger's."""

    status = 404
    code = "not_found"


class Conflict(MarketplaceError):
    """It contradicts what is already there."""

    status = 409
    code = "conflict"


class RuleBroken(MarketplaceError):
    """A rule of the field or of the law says no; details carry the numbers and the basis."""

    status = 409
    code = "rule_broken"


class TooMany(MarketplaceError):
    """Tried too often; `retry_after_s` says when to come back."""

    status = 429
    code = "too_many"


class Unavailable(MarketplaceError):
    """Something we need does not answer at this moment; later it will."""

    status = 503
    code = "unavailable"
