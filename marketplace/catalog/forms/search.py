"""The filters of a search in an address."""

from __future__ import annotations

from collections.abc import Iterable

from werkzeug.datastructures import MultiDict

from ...money import parse_whole
from ...texts import one_line
from .. import rules
from ..queries import SORTS, Search

MAX_FILTER_VALUES = 20
MAX_QUERY = 200


def read_search(args: MultiDict[str, str]) -> Search:
    """The filters in an address; what cannot be read is left out, for an address is often typed or cut."""
    sort = args.get("sort", "")
    papers = [paper for paper in _texts(args, "certificate") if paper in set(rules.Paper)]
    return Search(
        q=one_line(args.get("q"))[:MAX_QUERY],
        categories=tuple(_texts(args, "category")),
        districts=tuple(_texts(args, "district")),
        certificates=tuple(papers),
        seller_ref=one_line(args.get("seller_ref"))[:64],
        min_price=_price(args.get("min_price")),
        max_price=_price(args.get("max_price")),
        sort=sort if sort in SORTS else "relevance",
    )


def _texts(args: MultiDict[str, str], name: str) -> Iterable[str]:
    found = (one_line(text)[:MAX_QUERY] for text in args.getlist(name)[:MAX_FILTER_VALUES])
    return dict.fromkeys(text for text in found if text)


def _price(text: str | None) -> int | None:
    try:
        return max(parse_whole(text), 0) if text else None
    except ValueError:
        return None
