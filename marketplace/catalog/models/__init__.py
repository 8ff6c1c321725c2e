"""Tables of the catalogue."""

from .products import Category, HalalState, PriceTier, Product, ProductState, StorageKind

__all__ = ["Category", "HalalState", "PriceTier", "Product", "ProductState", "StorageKind"]
