"""Search's door to the outside, chosen by SEARCH_URL: whoosh: or postgres:.

A backend keeps which terms stand in which field of which document, and finds and ranks documents by them.
It knows neither products nor languages: terms come in ready (see `words`), and whoever asks filters, sorts
and counts what it finds. What it keeps can be made again from the database at any time.
"""

from .base import Document, Group, Hits, SearchIndex, Weight
from .choose import search_index

__all__ = ["Document", "Group", "Hits", "SearchIndex", "Weight", "search_index"]
