"""The documents that two parties share: each kind says how to find one, so that messages and differences can
name it and lead to it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from ..permissions import Permission
from .queries.parties import Person


@dataclass(frozen=True)
class Buyer:
    """Who stands beside the seller on a document of goods bought outright, instead of whoever runs an outlet.

    `people` are those to write to; `office_reads`: the office of the seller's region reads along.
    """

    operator_id: int
    people: Callable[[Session], Sequence[Person]]
    office_reads: bool = True


@dataclass(frozen=True)
class Paper:
    """A document of one outlet and one seller: its name, the path of its page, who may open it.

    `permission` is what its page asks for beyond being a party or the office of the place. With a `buyer` it
    is that buyer's and the seller's; `outlet_id` then only says at which outlet it waits, if at any.
    """

    outlet_id: int | None
    seller_id: int
    name: str
    path: str
    permission: Permission | None = None
    buyer: Buyer | None = None


Lookup = Callable[[Session, int], Paper | None]
_lookups: dict[str, Lookup] = {}


def register(kind: str, lookup: Lookup) -> None:
    """Say how a kind of document ('delivery', 'settlement', ...) is found by its id."""
    _lookups[kind] = lookup


def find(session: Session, kind: str, document_id: int) -> Paper | None:
    """The document; None when there is none, or no such kind."""
    lookup = _lookups.get(kind)
    return lookup(session, document_id) if lookup else None
