"""A search as an address says it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from werkzeug.datastructures import MultiDict

from ...money import parse_whole
from ...texts import one_line
from .columns import KINDS
from .search import SORTS, Search

MAX_FILTER_VALUES = 20
MAX_QUERY = 200
MAX_WHOLE = 2**31 - 1
ADDRESS = (
    "q", "category", "district", "certificate", "seller_ref", "min_price", "max_price", "min_capacity",
    "max_lead_days", "consignment", "only", "sort",
)  # fmt: skip
"""Every argument that a search can have in an address."""


def read_search(args: MultiDict[str, str]) -> Search:
    """The filters in an address; what cannot be read is left out, for an address is often typed or cut."""
    sort = args.get("sort", "")
    return Search(
        q=one_line(args.get("q"))[:MAX_QUERY],
        categories=tuple(_texts(args, "category")),
        districts=tuple(_texts(args, "district")),
        certificates=tuple(paper for paper in _texts(args, "certificate") if paper in KINDS),
        seller_ref=one_line(args.get("seller_ref"))[:64],
        min_price=_whole(args.get("min_price")),
        max_price=_whole(args.get("max_price")),
        min_capacity=_small(args.get("min_capacity")),
        max_lead_days=_small(args.get("max_lead_days")),
        consignment=args.get("consignment") == "1",
        extras=tuple(_texts(args, "only")),
        sort=sort if sort in SORTS else "relevance",
    )


def kept_address(args: MultiDict[str, str]) -> list[tuple[str, str]]:
    """The arguments of a search worth keeping, in a fixed order; empty ones and the page are left out."""
    return [
        (name, one_line(value)[:MAX_QUERY])
        for name in ADDRESS
        for value in args.getlist(name)[:MAX_FILTER_VALUES]
        if one_line(value)
    ]


def _texts(args: MultiDict[str, str], name: str) -> Iterable[str]:
    found: Sequence[str] = [one_line(text)[:MAX_QUERY] for text in args.getlist(name)[:MAX_FILTER_VALUES]]
    return dict.fromkeys(text for text in found if text)


def _whole(text: str | None) -> int | None:
    try:
        return min(max(parse_whole(text), 0), 2**63 - 1) if text else None
    except ValueError:
        return None


def _small(text: str | None) -> int | None:
    number = _whole(text)
    return number if number is not None and 0 < number <= MAX_WHOLE else None
