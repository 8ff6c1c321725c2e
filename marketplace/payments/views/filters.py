"""What the address of a list says: words, a state, an order."""

from __future__ import annotations

from collections.abc import Collection

from flask import request

from ...texts import one_line
from ..queries import PaymentFilter


def read_filter(states: Collection[str], sorts: Collection[str]) -> PaymentFilter:
    """The filters in the address; what is unknown is left out."""
    state, sort = request.args.get("state", ""), request.args.get("sort", "")
    return PaymentFilter(
        q=one_line(request.args.get("q"))[:200],
        state=state if state in states else "",
        sort=sort if sort in sorts else "",
    )
