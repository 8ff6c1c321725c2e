"""The catalogue's pages."""

from .public import blueprint as public_pages
from .seller import blueprint as seller_pages

__all__ = ["public_pages", "seller_pages"]
