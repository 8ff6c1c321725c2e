"""Looking for live products: words, filters, and paging by key or by number."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from ... import clock
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
from .card import CARD, ProductCard, closeness, is_open, joined, with_places

CATALOGUE_SIZE = 24
SORTS = ("newest", "name", "-name", "price", "-price")


@dataclass(frozen=True)
class Search:
    """What somebody looks for among the live products. Empty means: whatever."""

    q: str = ""
    categories: tuple[str, ...] = ()
    districts: tuple[str, ...] = ()
    certificates: tuple[str, ...] = ()
    seller_ref: str = ""
    seller_id: int | None = None
    min_price: int | None = None
    max_price: int | None = None
    sort: str = "newest"


@dataclass(frozen=True)
class Found:
    """One stretch of a search: cards, how many there are in all, and where the next stretch begins."""

    items: list[ProductCard]
    total: int
    next_cursor: str | None = None
    sellers: int = 0


def public_products(columns: Iterable[Any], search: Search, day: date, *, without: str = "") -> Select[Any]:
    """Live products of open sellers that match a search, but for the filter named `without`."""
    query = joined(columns, day).where(Product.is_live, Product.main_id.is_(None), is_open(day))
    for word in one_line(search.q).split()[:8]:
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
    if search.categories and without != "category":
        query = query.where(or_(*(in_category(path) for path in search.categories)))
    if search.districts and without != "district":
        query = query.where(_in_districts(search.districts))
    if search.certificates and without != "certificate":
        query = query.where(*(carries(paper, day) for paper in search.certificates))
    return query


def in_category(path: str) -> ColumnElement[bool]:
    """SQL criterion: the category itself or one below it."""
    tidy = rules.tidy_path(path)
    return or_(Category.path == tidy, Category.path.startswith(tidy + " / ", autoescape=True))


def _in_districts(asked: Sequence[str]) -> ColumnElement[bool]:
    """Places by code (any level, whole levels) or by the name of a district."""
    codes = [text for text in asked if is_code(text)]
    names = [text.lower() for text in asked if not is_code(text)]
    if names:
        query = select(Region.code).where(Region.level == Level.DISTRICT, func.lower(Region.name).in_(names))
        codes += db.session.scalars(query).all()
    return or_(False, *(regions.within(SellerFacts.region_code, code) for code in codes))


def carries(paper: str, day: date) -> ColumnElement[bool]:
    """SQL criterion: the product shows this paper; a P-IRT number whose year has passed does not count."""
    if paper == rules.Paper.HALAL:
        return Product.halal_number.is_not(None)
    if paper == rules.Paper.BPOM:
        return Product.bpom_number.is_not(None)
    if paper == rules.Paper.PIRT:
        number = Product.pirt_number
        is_expired = and_(func.length(number) == 15, func.substr(number, 14, 2) < f"{day.year % 100:02d}")
        return and_(number.is_not(None), ~is_expired)
    papers = ", ".join(rules.Paper)
    raise InvalidInput(
        _("Sertifikat “%(paper)s” tidak dikenal. Pilih salah satu: %(papers)s.", paper=paper, papers=papers)
    )


def live_products(search: Search, *, limit: int = CATALOGUE_SIZE, cursor: str | None = None) -> Found:
    """One stretch of the live products that match, by key: as fast at the end as at the beginning.

    Raises InvalidInput for an unknown sort or certificate and for a cursor that is not ours.
    """
    day = clock.today()
    key, falling = _sort_key(search.sort)
    query = public_products(CARD, search, day)
    if cursor:
        query = query.where(_after(key, falling, *_read_cursor(cursor, search.sort)))
    query = query.order_by(*_ordering(key, falling)).limit(limit + 1)
    rows = [ProductCard(*row) for row in db.session.execute(query)]
    total, sellers = count_live(search)
    more = rows[limit - 1] if len(rows) > limit else None
    next_cursor = _write_cursor(search.sort, more) if more else None
    return Found(with_places(rows[:limit]), total, next_cursor, sellers)


def page_of_products(
    search: Search, *, number: int, size: int = CATALOGUE_SIZE, near: str | None = None
) -> Found:
    """One numbered page of the live products that match; with `near` (a region code) the closest first."""
    day = clock.today()
    total, sellers = count_live(search)
    key, falling = _sort_key(search.sort)
    order = [closeness(SellerFacts.region_code, near)] if near else []
    query = (
        public_products(CARD, search, day)
        .order_by(*order, *_ordering(key, falling))
        .limit(size)
        .offset((number - 1) * size)
    )
    rows = [ProductCard(*row) for row in db.session.execute(query)]
    return Found(with_places(rows), total, None, sellers)


def count_live(search: Search) -> tuple[int, int]:
    """How many live products match, and of how many sellers."""
    columns = (func.count(Product.id), func.count(func.distinct(Product.seller_id)))
    total, sellers = db.session.execute(public_products(columns, search, clock.today())).one()
    return total, sellers


def _sort_key(sort: str) -> tuple[Any, bool]:
    """The column a list is sorted by and whether it falls; `id` breaks ties."""
    keys: dict[str, tuple[Any, bool]] = {
        "newest": (Product.id, True),
        "name": (Product.name, False),
        "-name": (Product.name, True),
        "price": (Product.price_rupiah, False),
        "-price": (Product.price_rupiah, True),
    }
    if sort not in keys:
        sorts = ", ".join(SORTS)
        raise InvalidInput(
            _("Urutan “%(sort)s” tidak dikenal. Pilih salah satu: %(sorts)s.", sort=sort, sorts=sorts)
        )
    return keys[sort]


def _ordering(key: Any, falling: bool) -> list[Any]:
    columns = [key] if key is Product.id else [key, Product.id]
    return [column.desc() if falling else column.asc() for column in columns]


def _after(key: Any, falling: bool, value: Any, last_id: int) -> ColumnElement[bool]:
    if key is Product.id:
        return Product.id < last_id if falling else Product.id > last_id
    beyond = key < value if falling else key > value
    beyond_id = Product.id < last_id if falling else Product.id > last_id
    return or_(beyond, and_(key == value, beyond_id))


def _write_cursor(sort: str, card: ProductCard) -> str:
    value = {"name": card.name, "price": card.price_rupiah}.get(sort.lstrip("-"))
    text = json.dumps([sort, value, card.id], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read_cursor(cursor: str, sort: str) -> tuple[Any, int]:
    wanted = {"name": str, "price": int}.get(sort.lstrip("-"), type(None))
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        found_sort, value, last_id = json.loads(text)
        if found_sort != sort or type(value) is not wanted or type(last_id) is not int:
            raise ValueError(cursor)
        if abs(last_id) >= 2**63 or (isinstance(value, int) and abs(value) >= 2**63):
            raise ValueError(cursor)
    except (ValueError, TypeError) as error:
        raise InvalidInput(
            _("Penanda halaman (cursor) tidak dikenal. Mulai lagi tanpa cursor."),
            fields={"cursor": cursor[:80]},
        ) from error
    return value, last_id
