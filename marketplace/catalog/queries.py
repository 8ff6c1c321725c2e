"""Every read of the catalogue. Hot lists read columns, not objects, and page by key."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select

from .. import clock, legal
from ..db import db
from ..errors import InvalidInput
from ..i18n import _
from ..organizations.models import Seller, SellerFacts
from ..organizations.versions import facts_on
from ..permissions import Actor, Permission
from ..regions import queries as regions
from ..regions.models import Region
from ..regions.rules import Level, is_code
from ..texts import one_line
from . import rules
from .models import Category, Product

CATALOGUE_SIZE = 24
SORTS = ("newest", "name", "-name", "price", "-price")
PLACE_LENGTH = {Level.DISTRICT: 8, Level.CITY: 5}


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
class ProductCard:
    """A product as a card on a shelf shows it."""

    id: int
    sku: str
    name: str
    unit: str
    price_rupiah: int
    net_weight_g: int | None
    seller_id: int
    seller_ref: str
    seller_name: str
    region_code: str
    category: str
    form: str | None
    place: str = ""
    outlets: int = 0
    corner: str = ""

    @property
    def url(self) -> str:
        """The product's page."""
        return rules.product_path(self.id, self.name)

    @property
    def image_url(self) -> str:
        """The drawn picture."""
        return rules.picture_path(f"{self.seller_ref}/{self.sku}", self.form)


@dataclass(frozen=True)
class FacetValue:
    """One value that a filter can take, in words, and how many products have it."""

    value: str
    label: str
    count: int


@dataclass(frozen=True)
class Found:
    """One stretch of a search: cards, how many there are in all, and where the next stretch begins."""

    items: list[ProductCard]
    total: int
    next_cursor: str | None = None
    sellers: int = 0


@dataclass(frozen=True)
class CategoryNode:
    """A category with the live products in it and below."""

    path: str
    name: str
    count: int
    form: str | None
    children: list[CategoryNode] = field(default_factory=list)


@dataclass(frozen=True)
class ProductPage:
    """All that a product's page shows."""

    card: ProductCard
    description: str
    retail_price_rupiah: int | None
    min_order: int
    order_multiple: int
    gtin: str | None
    shelf_life_days: int | None
    is_live: bool
    is_verified: bool
    is_phone_public: bool
    seller_phone: str | None
    seller_story: str
    seller_products: int
    village: str
    certificates: list[rules.Certificate]


_CARD = (
    Product.id,
    Product.sku,
    Product.name,
    Product.unit,
    Product.price_rupiah,
    Product.net_weight_g,
    Product.seller_id,
    Seller.seller_ref,
    Seller.name,
    SellerFacts.region_code,
    Category.path,
    Category.picture_form,
)


def is_open(day: date) -> ColumnElement[bool]:
    """SQL criterion: the seller was neither closed nor merged into another."""
    return and_(
        Seller.merged_into_id.is_(None),
        or_(SellerFacts.closed_on.is_(None), SellerFacts.closed_on > day),
    )


def _joined(columns: Iterable[Any], day: date) -> Select[Any]:
    return (
        select(*columns)
        .select_from(Product)
        .join(Seller, Seller.id == Product.seller_id)
        .join(SellerFacts, and_(SellerFacts.seller_id == Seller.id, facts_on(SellerFacts, day)))
        .join(Category, Category.id == Product.category_id)
    )


def _public(columns: Iterable[Any], search: Search, day: date, *, without: str = "") -> Select[Any]:
    """Live products of open sellers that match a search, but for the filter named `without`."""
    query = _joined(columns, day).where(Product.is_live, is_open(day))
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
        query = query.where(*(_carries(paper, day) for paper in search.certificates))
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


def _carries(paper: str, day: date) -> ColumnElement[bool]:
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
    query = _public(_CARD, search, day)
    if cursor:
        query = query.where(_after(key, falling, *_read_cursor(cursor, search.sort)))
    query = query.order_by(*_ordering(key, falling)).limit(limit + 1)
    rows = [ProductCard(*row) for row in db.session.execute(query)]
    total, sellers = count_live(search)
    more = rows[limit - 1] if len(rows) > limit else None
    next_cursor = _write_cursor(search.sort, more) if more else None
    return Found(_with_places(rows[:limit]), total, next_cursor, sellers)


def page_of_products(
    search: Search, *, number: int, size: int = CATALOGUE_SIZE, near: str | None = None
) -> Found:
    """One numbered page of the live products that match; with `near` (a region code) the closest first."""
    day = clock.today()
    total, sellers = count_live(search)
    key, falling = _sort_key(search.sort)
    order = [closeness(SellerFacts.region_code, near)] if near else []
    query = (
        _public(_CARD, search, day)
        .order_by(*order, *_ordering(key, falling))
        .limit(size)
        .offset((number - 1) * size)
    )
    rows = [ProductCard(*row) for row in db.session.execute(query)]
    return Found(_with_places(rows), total, None, sellers)


def count_live(search: Search) -> tuple[int, int]:
    """How many live products match, and of how many sellers."""
    columns = (func.count(Product.id), func.count(func.distinct(Product.seller_id)))
    total, sellers = db.session.execute(_public(columns, search, clock.today())).one()
    return total, sellers


def closeness(column: Any, near: str) -> ColumnElement[int]:
    """SQL order: 0 same village, 1 same district, 2 same city, 3 elsewhere."""
    return case(
        (column == near, 0),
        (func.substr(column, 1, 8) == near[:8], 1),
        (func.substr(column, 1, 5) == near[:5], 2),
        else_=3,
    )


def facets(search: Search) -> dict[str, list[FacetValue]]:
    """For each filter the values that would find something, counted as if that filter were off."""
    return {
        "category": _category_facet(search),
        "district": _district_facet(search),
        "certificate": _certificate_facet(search),
    }


def _category_facet(search: Search) -> list[FacetValue]:
    day = clock.today()
    query = _public((Category.path, func.count()), search, day, without="category").group_by(Category.path)
    counts: dict[str, int] = {}
    for path, count in db.session.execute(query):
        for step, _name, _parent in rules.category_names(path):
            counts[step] = counts.get(step, 0) + count
    return [FacetValue(path, path, counts[path]) for path in sorted(counts, key=str.casefold)]


def _district_facet(search: Search) -> list[FacetValue]:
    day = clock.today()
    district = func.substr(SellerFacts.region_code, 1, PLACE_LENGTH[Level.DISTRICT])
    query = _public((district, func.count()), search, day, without="district").group_by(district)
    counts: dict[str, int] = dict(db.session.execute(query).all())
    names = regions.names(counts)
    order = sorted(counts, key=lambda code: (-counts[code], code))
    return [FacetValue(code, names.get(code, code), counts[code]) for code in order]


def _certificate_facet(search: Search) -> list[FacetValue]:
    day = clock.today()
    columns = [func.coalesce(func.sum(case((_carries(paper, day), 1), else_=0)), 0) for paper in rules.Paper]
    row = db.session.execute(_public(columns, search, day, without="certificate")).one()
    labels = {rules.Paper.PIRT: "P-IRT", rules.Paper.HALAL: "Halal", rules.Paper.BPOM: "BPOM"}
    return [
        FacetValue(paper.value, labels[paper], int(count))
        for paper, count in zip(rules.Paper, row, strict=True)
        if count
    ]


def labels_of(search: Search) -> dict[str, str]:
    """The values of a search's filters in words, as far as they have other words."""
    labels = {
        rules.Paper.PIRT.value: "P-IRT",
        rules.Paper.HALAL.value: "Halal",
        rules.Paper.BPOM.value: "BPOM",
    }
    labels |= regions.names(search.districts)
    if search.seller_ref:
        name = db.session.scalar(select(Seller.name).where(Seller.seller_ref == search.seller_ref))
        labels[search.seller_ref] = name or search.seller_ref
    return labels


def category_tree() -> list[CategoryNode]:
    """The categories that hold live products, with counts of what lies in them and below."""
    found = {value.value: value for value in _category_facet(Search())}
    forms = dict(db.session.execute(select(Category.path, Category.picture_form)).all())
    nodes: dict[str, CategoryNode] = {}
    for path in sorted(found):
        _path, name, parent = rules.category_names(path)[-1]
        nodes[path] = CategoryNode(path, name, found[path].count, forms.get(path))
        if parent in nodes:
            nodes[parent].children.append(nodes[path])
    return [node for path, node in nodes.items() if " / " not in path]


def category_paths() -> list[str]:
    """Every category there is, for choosing."""
    return list(db.session.scalars(select(Category.path).order_by(Category.path)))


def product_page(actor: Actor, product_id: int) -> ProductPage | None:
    """A live product for everybody, any product for its seller and its office; None otherwise."""
    day = clock.today()
    row = db.session.execute(
        _joined(
            (*_CARD, Product, Seller, SellerFacts.verified_on, SellerFacts.revoked_on, SellerFacts.closed_on),
            day,
        ).where(Product.id == product_id)
    ).one_or_none()
    if row is None:
        return None
    *values, product, seller, verified_on, revoked_on, closed_on = row
    card = ProductCard(*values)
    is_closed = seller.merged_into_id is not None or (closed_on is not None and closed_on <= day)
    is_public = product.is_live and not is_closed
    is_own = actor.seller_id == seller.id or (
        actor.can(Permission.REGISTRY_VIEW) and actor.sees_region(card.region_code)
    )
    if not (is_public or is_own):
        return None
    counted = _public((func.count(Product.id),), Search(seller_id=seller.id), day)
    return ProductPage(
        card=_with_places([card])[0],
        description=product.description,
        retail_price_rupiah=product.retail_price_rupiah,
        min_order=product.min_order,
        order_multiple=product.order_multiple,
        gtin=product.gtin,
        shelf_life_days=product.shelf_life_days,
        is_live=is_public,
        is_verified=_is_verified(verified_on, revoked_on, day) and not is_closed,
        is_phone_public=seller.is_phone_public,
        seller_phone=seller.phone if seller.is_phone_public else None,
        seller_story=seller.story,
        seller_products=int(db.session.scalar(counted) or 0),
        village=regions.full_name(card.region_code),
        certificates=rules.papers_of(product.pirt_number, product.halal_number, product.bpom_number, day),
    )


def _is_verified(verified_on: date | None, revoked_on: date | None, day: date) -> bool:
    return verified_on is not None and verified_on <= day and (revoked_on is None or day < revoked_on)


def similar_products(page: ProductPage, *, limit: int = 4) -> list[ProductCard]:
    """Live products of the same category by other makers, the nearest first."""
    day = clock.today()
    query = (
        _public(_CARD, Search(categories=(page.card.category,)), day)
        .where(Product.seller_id != page.card.seller_id)
        .order_by(closeness(SellerFacts.region_code, page.card.region_code), Product.id.desc())
        .limit(limit)
    )
    return _with_places([ProductCard(*row) for row in db.session.execute(query)])


@dataclass(frozen=True)
class ListedProduct:
    """A product in its seller's own list."""

    card: ProductCard
    is_live: bool
    certificates: list[rules.Certificate]
    missing: list[rules.Paper]


def permit_free_below_days() -> int:
    """Fresh food that keeps fewer days than this needs no permit number; 0 where the law names none."""
    return legal.values_on(db.session(), clock.today()).get("food.permit_free_below_days", 0)


def products_of_seller(seller_id: int, *, q: str = "", state: str = "") -> list[ListedProduct]:
    """A seller's own products, live ones first, by name."""
    day, permit_free = clock.today(), permit_free_below_days()
    columns = (*_CARD, Product, Category.is_food)
    query = _joined(columns, day).where(Product.seller_id == seller_id)
    for word in one_line(q).split()[:8]:
        places = (Product.name, Product.sku, Category.path)
        query = query.where(or_(*(place.icontains(word, autoescape=True) for place in places)))
    if state in ("live", "paused"):
        query = query.where(Product.is_live == (state == "live"))
    query = query.order_by(Product.is_live.desc(), func.lower(Product.name), Product.id)
    listed = []
    for *values, product, is_food in db.session.execute(query):
        missing = rules.missing_papers(
            is_food=is_food,
            shelf_life_days=product.shelf_life_days,
            has_pirt=bool(product.pirt_number),
            has_bpom=bool(product.bpom_number),
            has_halal=bool(product.halal_number),
            permit_free_below_days=permit_free,
        )
        papers = rules.papers_of(product.pirt_number, product.halal_number, product.bpom_number, day)
        listed.append(ListedProduct(ProductCard(*values), product.is_live, papers, missing))
    return listed


def count_by_state(seller_id: int) -> dict[str, int]:
    """How many of a seller's products are live and how many are paused."""
    query = (
        select(Product.is_live, func.count()).where(Product.seller_id == seller_id).group_by(Product.is_live)
    )
    counts = dict(db.session.execute(query).all())
    return {"live": counts.get(True, 0), "paused": counts.get(False, 0)}


def own_product(actor: Actor, product_id: int) -> tuple[Product, str] | None:
    """A product of the actor's own seller with its category's path; None when it is a stranger's."""
    query = (
        select(Product, Category.path)
        .join(Category, Category.id == Product.category_id)
        .where(Product.id == product_id, Product.seller_id == actor.seller_id)
    )
    row = db.session.execute(query).one_or_none()
    return (row[0], row[1]) if row else None


def cards(product_ids: Sequence[int]) -> list[ProductCard]:
    """Cards of products by id, live or not, by name."""
    query = _joined(_CARD, clock.today()).where(Product.id.in_(product_ids)).order_by(Product.name)
    return _with_places([ProductCard(*row) for row in db.session.execute(query)])


def live_cards_of_sellers(seller_ids: Sequence[int]) -> dict[int, list[ProductCard]]:
    """The live products of some sellers, newest first, by seller."""
    query = (
        _public(_CARD, Search(), clock.today())
        .where(Product.seller_id.in_(seller_ids))
        .order_by(Product.id.desc())
    )
    found: dict[int, list[ProductCard]] = {seller_id: [] for seller_id in seller_ids}
    for row in db.session.execute(query):
        card = ProductCard(*row)
        found[card.seller_id].append(card)
    return found


def regency_names() -> dict[str, str]:
    """Regencies and cities by code, to check a P-IRT number against."""
    query = select(Region.code, Region.name).where(Region.level == Level.CITY)
    return dict(db.session.execute(query).all())


def _with_places(found: list[ProductCard]) -> list[ProductCard]:
    """The cards with village and district in words: 'Mojosongo, Jebres'."""
    codes = {card.region_code for card in found}
    names = regions.names(codes | {code[:8] for code in codes})

    def place(code: str) -> str:
        parts = [names.get(code, ""), names.get(code[:8], "") if len(code) > 8 else ""]
        return ", ".join(dict.fromkeys(part for part in parts if part))

    return [replace(card, place=place(card.region_code)) for card in found]


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
