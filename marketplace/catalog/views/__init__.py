"""The catalogue's pages."""

from . import categories, compare, product, sharing, sitemap, taking_off
from .bulk import blueprint as bulk_pages
from .lists import blueprint as list_pages
from .papers import blueprint as paper_pages
from .photos import blueprint as photo_pages
from .photos import media
from .public import blueprint as public_pages
from .questions import blueprint as question_pages
from .samples import blueprint as sample_pages
from .saved_searches import blueprint as saved_search_pages
from .seller import blueprint as seller_pages
from .synonyms import blueprint as synonym_pages
from .variants import blueprint as variant_pages

__all__ = [
    "bulk_pages",
    "categories",
    "compare",
    "list_pages",
    "media",
    "paper_pages",
    "photo_pages",
    "product",
    "public_pages",
    "question_pages",
    "sample_pages",
    "saved_search_pages",
    "seller_pages",
    "sharing",
    "sitemap",
    "synonym_pages",
    "taking_off",
    "variant_pages",
]
