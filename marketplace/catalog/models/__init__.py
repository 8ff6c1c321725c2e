"""Tables of the catalogue."""

from .interest import Question, SampleRequest, SampleState, Shortlist, ShortlistItem
from .products import Category, HalalState, PriceTier, Product, ProductState, StorageKind

__all__ = [
    "Category",
    "HalalState",
    "PriceTier",
    "Product",
    "ProductState",
    "Question",
    "SampleRequest",
    "SampleState",
    "Shortlist",
    "ShortlistItem",
    "StorageKind",
]
