"""Reads of curation: the office's inbox, one review side by side, a product's history, the criteria."""

from .checklist import criteria, criteria_for, in_words, settings
from .inbox import (
    KINDS,
    InboxCounts,
    InboxFilter,
    InboxItem,
    inbox_counts,
    inbox_page,
    next_item,
    whole_inbox,
)
from .review import (
    SEEN,
    Difference,
    ProductCuration,
    ReviewPage,
    SentBack,
    curation_of,
    history_of_review,
    review_page,
    review_stamp,
    reviews_of,
    sent_back_to,
    waiting_values,
)

__all__ = [
    "KINDS",
    "SEEN",
    "Difference",
    "InboxCounts",
    "InboxFilter",
    "InboxItem",
    "ProductCuration",
    "ReviewPage",
    "SentBack",
    "criteria",
    "criteria_for",
    "curation_of",
    "history_of_review",
    "in_words",
    "inbox_counts",
    "inbox_page",
    "next_item",
    "review_page",
    "review_stamp",
    "reviews_of",
    "sent_back_to",
    "settings",
    "waiting_values",
    "whole_inbox",
]
