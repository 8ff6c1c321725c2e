"""Addresses that need no look-up: a product's page and its drawn picture."""

from __future__ import annotations

import hashlib
import re
import unicodedata

_NOT_WORD = re.compile(r"[^a-z0-9]+")


def slug(name: str) -> str:
    """A name as part of an address: 'Keripik tempe (daun jeruk)' is keripik-tempe-daun-jeruk."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return _NOT_WORD.sub("-", plain.lower()).strip("-")[:80].strip("-") or "produk"


def product_path(product_id: int, name: str) -> str:
    """Where a product's page stands."""
    return f"/products/{product_id}-{slug(name)}"


def category_slug(path: str) -> str:
    """A category's path as part of an address: 'Makanan / Camilan kering' is makanan/camilan-kering.

    A name without a letter or digit of ours becomes a short stamp, so that it still has an address.
    """
    return "/".join(_step(name) for name in path.split(" / "))


def _step(name: str) -> str:
    plain = slug(name)
    known = plain != "produk" or name.strip().casefold() == "produk"
    return plain if known else "k-" + hashlib.sha256(name.encode()).hexdigest()[:8]


def category_address(path: str) -> str:
    """Where a category's page stands."""
    return f"/categories/{category_slug(path)}"


def picture_path(key: str, form: str | None = None) -> str:
    """Where the drawn picture of a stable text stands, worn by a ware ('cloth' fills the square).

    The address carries all that the drawing is made of, so that it needs no database and never grows old.
    """
    mark = hashlib.sha256(key.encode()).hexdigest()[:20]
    return f"/pictures/{form or 'cloth'}-{mark}.svg"
