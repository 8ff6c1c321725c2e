"""Where orders stand, for mails and drafts that are written where no request is."""

from __future__ import annotations


def order_path(order_id: int) -> str:
    """The page of an order."""
    return f"/orders/{order_id}"


def claim_path(claim_id: int) -> str:
    """The page of a claim."""
    return f"/claims/{claim_id}"


def checkout_path(checkout_id: int) -> str:
    """The page of what was ordered in one go."""
    return f"/checkout/{checkout_id}"


def quote_path(quote_id: int) -> str:
    """The page of a quotation."""
    return f"/quotes/{quote_id}"


def standing_path(standing_id: int) -> str:
    """The page of a standing order."""
    return f"/standing-orders/{standing_id}"
