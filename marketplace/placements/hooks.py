"""What higher areas tell placements, because it may not look up at them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from flask import Flask, current_app

EXTENSION = "etalase_counts_here"
CountsHere = Callable[[int, int, date], bool]


def register_counts_here(app: Flask, counts: CountsHere) -> CountsHere:
    """Register what says whether a seller counts for an outlet's duty: (outlet_id, seller_id, day)."""
    app.extensions[EXTENSION] = counts
    return counts


def counts_here(outlet_id: int, seller_id: int, day: date) -> bool:
    """Whether a seller counts for an outlet's duty on a day; nobody does where nothing counts."""
    counts: CountsHere | None = current_app.extensions.get(EXTENSION)
    return counts is not None and counts(outlet_id, seller_id, day)
