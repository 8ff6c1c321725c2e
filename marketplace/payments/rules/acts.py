"""What can be done with a thing between a seller and a buyer: a table, read in one way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from ...permissions import Permission

V = TypeVar("V", bound=StrEnum)
S = TypeVar("S", bound=StrEnum)


@dataclass(frozen=True)
class Act(Generic[V, S]):
    """One line of a table: from this state, by this party, to that state."""

    verb: V
    source: S
    target: S
    is_of_seller: bool
    permission: Permission


def allowed(
    acts: Sequence[Act[V, S]],
    state: str,
    can: Callable[[Permission], bool],
    *,
    is_seller: bool,
    is_buyer: bool,
) -> list[V]:
    """What a party that has these permissions may do now."""
    return [
        act.verb
        for act in acts
        if state == act.source and can(act.permission) and (is_seller if act.is_of_seller else is_buyer)
    ]
