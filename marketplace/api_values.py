"""Values that many endpoints take, as strict as their description says, and answers that many give."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from .errors import Conflict, InvalidInput

T = TypeVar("T")
ID = "int(max=9223372036854775807)"
"""What stands for an id in an address."""
MAX_ID = 2**63 - 1
MAX_RUPIAH = 10**15
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _only_days(value: Any) -> Any:
    """A day is written YYYY-MM-DD; numbers and moments, which would be read as days, are none."""
    if value is not None and not (isinstance(value, str) and _DAY.fullmatch(value)):
        raise ValueError("a day is written YYYY-MM-DD")
    return value


def _only_whole(value: Any) -> Any:
    """A whole number may be written 27.0, as JSON Schema has it; a text or true is none."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
        raise ValueError("a whole number")
    return value


Day = Annotated[date, BeforeValidator(_only_days)]
ONLY_WHOLE = BeforeValidator(_only_whole)
"""Stands behind a Field with limits: before it the limits would be missing in the description."""
Whole = Annotated[int, ONLY_WHOLE]
Rupiah = Annotated[int, Field(ge=0, le=MAX_RUPIAH, description="Whole rupiah."), ONLY_WHOLE]
Ref = Annotated[str, Field(min_length=1, max_length=64)]
Cursor = Annotated[int, Field(ge=1, le=MAX_ID, description="next_cursor of the page before.")]
Limit = Annotated[int, Field(ge=1, le=100)]


class KeyHeader(BaseModel):
    """What makes an act one act, however often its request arrives."""

    model_config = ConfigDict(populate_by_name=True)

    idempotency_key: str = Field(
        alias="Idempotency-Key",
        min_length=1,
        max_length=80,
        pattern=r"^[!-~]+$",
        description="The same key with the same body repeats the first answer; with another body it is 409.",
    )


class ReasonIn(BaseModel):
    """Why."""

    model_config = ConfigDict(json_schema_extra={"example": {"reason": "Stok tepung habis minggu ini."}})

    reason: str = Field(min_length=1, max_length=1000, pattern=r"\S", description="The other party reads it.")


def one_stretch(found: Sequence[T], limit: int, key: Callable[[T], int]) -> tuple[Sequence[T], int | None]:
    """The rows of one answer and its next_cursor, of up to `limit` + 1 rows that were found, newest first."""
    items = found[:limit]
    return items, key(items[-1]) if len(found) > limit else None


@contextmanager
def judged() -> Iterator[None]:
    """Within it what fits the description and still cannot be is a 409 that names its fields.

    422 says that a request does not fit the description; a program mends that once. That a day is too far off
    or a number too small for a product is told by what stands here now.
    """
    try:
        yield
    except InvalidInput as refusal:
        raise Conflict(
            refusal.message, code=refusal.code, fields=refusal.fields, **refusal.details
        ) from refusal
