"""What somebody looks for among the live products, and the same as plain SQL."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select

from ...db import db
from ...errors import InvalidInput
from ...i18n import _
from ...organizations.models import Seller, SellerFacts
from ...regions import queries as regions
from ...regions.models import Region
from ...regions.rules import Level, is_code
from ...texts import one_line
from .. import rules
from ..models import Category, Product
from .card import ProductCard, is_open, joined
from .certificates import carries
from .columns import KINDS

CATALOGUE_SIZE = 24
SORTS = ("relevance", "newest", "name", "-name", "price", "-price")
MAX_WORDS = 8


@dataclass(frozen=True)
class Search:
    """What somebody looks for among the live products. Empty means: whatever.

    `extras` are the names of filters that higher areas registered (catalog.hooks).
    """

    q: str = ""
    categories: tuple[str, ...] = ()
    districts: tuple[str, ...] = ()
    certificates: tuple[str, ...] = ()
    seller_ref: str = ""
    seller_id: int | None = None
    min_price: int | None = None
    max_price: int | None = None
    min_capacity: int | None = None
    max_lead_days: int | None = None
    consignment: bool = False
    extras: tuple[str, ...] = ()
    sort: str = "relevance"


@dataclass(frozen=True)
class Found:
    """One stretch of a search: cards, how many there are in all, and where the next stretch begins.

    `corrected` is what was searched instead of words that nobody writes; `is_partial` says that only some
    of the words were found together.
    """

    items: list[ProductCard]
    total: int
    next_cursor: str | None = None
    sellers: int = 0
    corrected: str = ""
    is_partial: bool = False


def public_products(columns: Iterable[Any], search: Search, day: date) -> Select[Any]:
    """Live products of open sellers that match a search word by word: the plain way, for few of them.

    Lists that people search go through `find`, which knows stems, synonyms and typing errors.
    """
    query = joined(columns, day).where(Product.is_live, Product.main_id.is_(None), is_open(day))
    for word in one_line(search.q).split()[:MAX_WORDS]:
        places = (Product.name, Seller.name, Category.path, Product.description)
        query = query.where(or_(*(place.icontains(word, autoescape=True) for place in places)))
    if search.seller_ref:
        query = query.where(Seller.seller_ref == search.seller_ref)
    if search.seller_id is not None:
        query = query.where(Product.seller_id == search.seller_id)
    if search.min_price is not None:
        query = query.where(Product.price_rupiah >= search.min_price)
    if search.max_price is not None:
        query = query.where(Product.price_rupiah <= search.max_price)
    if search.min_capacity is not None:
        query = query.where(Product.capacity_per_week >= search.min_capacity)
    if search.max_lead_days is not None:
        query = query.where(Product.lead_time_days <= search.max_lead_days)
    if search.consignment:
        query = query.where(Product.offers_consignment)
    if search.categories:
        query = query.where(or_(*(in_category(path) for path in search.categories)))
    if search.districts:
        codes = region_codes(search.districts)
        query = query.where(or_(False, *(regions.within(SellerFacts.region_code, code) for code in codes)))
    return query.where(*(carries(known_paper(paper), day) for paper in search.certificates))


def in_category(path: str) -> ColumnElement[bool]:
    """SQL criterion: the category itself or one below it."""
    tidy = rules.tidy_path(path)
    return or_(Category.path == tidy, Category.path.startswith(tidy + " / ", autoescape=True))


def region_codes(asked: Sequence[str]) -> list[str]:
    """Places by code (any level, whole levels) or by the name of a district, as codes."""
    codes = [text for text in asked if is_code(text)]
    names = [text.lower() for text in asked if not is_code(text)]
    if names:
        query = select(Region.code).where(Region.level == Level.DISTRICT, func.lower(Region.name).in_(names))
        codes += db.session.scalars(query).all()
    return codes


def known_paper(paper: str) -> str:
    """The kind of certificate. Raises InvalidInput for one that is none."""
    if paper in KINDS:
        return paper
    papers = ", ".join(KINDS)
    raise InvalidInput(
        _("Sertifikat “%(paper)s” tidak dikenal. Pilih salah satu: %(papers)s.", paper=paper, papers=papers)
    )


def known_sort(sort: str) -> str:
    """The order. Raises InvalidInput for one that is none."""
    if sort in SORTS:
        return sort
    sorts = ", ".join(SORTS)
    raise InvalidInput(
        _("Urutan “%(sort)s” tidak dikenal. Pilih salah satu: %(sorts)s.", sort=sort, sorts=sorts)
    )
