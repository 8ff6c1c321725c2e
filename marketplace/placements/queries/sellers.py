"""Who nearby can fill a gap: verified MSMEs with goods to show and no agreement with the outlet yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select

from ... import clock, legal
from ...catalog import queries as catalog
from ...catalog.models import Category, Product
from ...catalog.queries import ProductCard, closeness
from ...db import db
from ...organizations.models import Operator, OutletFacts, Seller, SellerFacts
from ...organizations.versions import facts_on
from ...regions.queries import full_names
from ...texts import one_line
from ..models import Agreement
from .outlets import is_open_on

PAGE_SIZE = 12


@dataclass(frozen=True)
class AbleSellers:
    """How many able sellers there are near an outlet: in its district, and in its city with the district."""

    district: int = 0
    city: int = 0


@dataclass(frozen=True)
class AbleSeller:
    """A seller that could fill a gap; `closeness` as catalog.queries.closeness has it."""

    id: int
    name: str
    region_code: str
    closeness: int
    place: str = ""
    is_verified: bool = True
    products: list[ProductCard] = field(default_factory=list)


def _is_able(day: date) -> ColumnElement[bool]:
    """SQL criterion: verified on the day, an MSME by size, not merged, and with something to show."""
    limits = legal.values_on(db.session(), day)
    most_capital = limits.get("msme.capital.medium_max_rupiah", 2**62)
    most_sales = limits.get("msme.sales.medium_max_rupiah", 2**62)
    return and_(
        Seller.merged_into_id.is_(None),
        SellerFacts.verified_on <= day,
        or_(SellerFacts.revoked_on.is_(None), SellerFacts.revoked_on > day),
        or_(SellerFacts.closed_on.is_(None), SellerFacts.closed_on > day),
        case(
            (SellerFacts.annual_sales_rupiah.is_not(None), SellerFacts.annual_sales_rupiah <= most_sales),
            else_=func.coalesce(SellerFacts.capital_rupiah, 0) <= most_capital,
        ),
        exists().where(Product.seller_id == Seller.id, Product.is_live),
    )


def _candidates(columns: Sequence[Any], outlet_id: int, operator_ref: str, day: date) -> Select[Any]:
    taken = exists().where(
        Agreement.outlet_id == outlet_id, Agreement.seller_id == Seller.id, is_open_on(day)
    )
    unaffiliated = or_(
        SellerFacts.affiliated_operator_ref.is_(None), SellerFacts.affiliated_operator_ref != operator_ref
    )
    return (
        select(*columns)
        .select_from(Seller)
        .join(SellerFacts, and_(SellerFacts.seller_id == Seller.id, facts_on(SellerFacts, day)))
        .where(_is_able(day), unaffiliated, ~taken)
    )


def _outlet_side(outlet_id: int, day: date) -> tuple[str, str] | None:
    """An outlet's region and its operator's reference."""
    row = db.session.execute(
        select(OutletFacts.region_code, Operator.operator_ref)
        .join(Operator, Operator.id == OutletFacts.operator_id)
        .where(OutletFacts.outlet_id == outlet_id, facts_on(OutletFacts, day))
    ).one_or_none()
    return (row[0], row[1]) if row else None


def able_sellers_near(outlet_ids: Sequence[int], day: date) -> dict[int, AbleSellers]:
    """For each outlet, how many able sellers lie in its district and in its city.

    Counts all able sellers once by district, then takes away those that each outlet already has.
    """
    if not outlet_ids:
        return {}
    city = func.substr(SellerFacts.region_code, 1, 5)
    able = (
        select(Seller.id, SellerFacts.region_code, SellerFacts.affiliated_operator_ref)
        .join(SellerFacts, and_(SellerFacts.seller_id == Seller.id, facts_on(SellerFacts, day)))
        .where(_is_able(day))
    )
    outlets = db.session.execute(
        select(OutletFacts.outlet_id, OutletFacts.region_code, Operator.operator_ref)
        .join(Operator, Operator.id == OutletFacts.operator_id)
        .where(OutletFacts.outlet_id.in_(outlet_ids), facts_on(OutletFacts, day))
    ).all()
    cities = {code[:5] for _id, code, _ref in outlets}
    sellers = db.session.execute(able.where(city.in_(cities))).all()
    taken: dict[int, set[int]] = {}
    for outlet_id, seller_id in db.session.execute(
        select(Agreement.outlet_id, Agreement.seller_id).where(
            Agreement.outlet_id.in_(outlet_ids), is_open_on(day)
        )
    ):
        taken.setdefault(outlet_id, set()).add(seller_id)
    found = {}
    for outlet_id, code, operator_ref in outlets:
        has = taken.get(outlet_id, set())
        free = [
            region
            for seller_id, region, affiliated in sellers
            if region[:5] == code[:5] and affiliated != operator_ref and seller_id not in has
        ]
        found[outlet_id] = AbleSellers(sum(region[:8] == code[:8] for region in free), len(free))
    return found


def able_sellers(
    outlet_id: int, *, q: str = "", category: str = "", number: int = 1, size: int = PAGE_SIZE
) -> tuple[list[AbleSeller], int]:
    """One page of the sellers that could fill a gap, the nearest first; and how many there are."""
    day = clock.today()
    side = _outlet_side(outlet_id, day)
    if side is None:
        return [], 0
    region, operator_ref = side
    near = closeness(SellerFacts.region_code, region)
    query = _candidates((Seller.id, Seller.name, SellerFacts.region_code, near), outlet_id, operator_ref, day)
    for word in one_line(q).split()[:8]:
        makes = exists().where(
            Product.seller_id == Seller.id, Product.is_live, Product.name.icontains(word, autoescape=True)
        )
        query = query.where(or_(Seller.name.icontains(word, autoescape=True), makes))
    if category:
        within = catalog.in_category(category)
        query = query.where(
            exists().where(
                Product.seller_id == Seller.id,
                Product.is_live,
                Product.category_id.in_(select(Category.id).where(within)),
            )
        )
    total = db.session.scalar(select(func.count()).select_from(query.subquery())) or 0
    query = query.order_by(near, Seller.name, Seller.id).limit(size).offset((number - 1) * size)
    rows = list(db.session.execute(query))
    return _as_sellers(rows), total


def seller_choice(seller_id: int) -> AbleSeller | None:
    """One open seller to propose to, verified or not."""
    day = clock.today()
    row = db.session.execute(
        select(
            Seller.id, Seller.name, SellerFacts.region_code, SellerFacts.verified_on, SellerFacts.revoked_on
        )
        .join(SellerFacts, and_(SellerFacts.seller_id == Seller.id, facts_on(SellerFacts, day)))
        .where(Seller.id == seller_id, catalog.is_open(day))
    ).one_or_none()
    if row is None:
        return None
    is_verified = (
        row.verified_on is not None
        and row.verified_on <= day
        and (row.revoked_on is None or day < row.revoked_on)
    )
    (found,) = _as_sellers([(row.id, row.name, row.region_code, 3)])
    return AbleSeller(found.id, found.name, found.region_code, 3, found.place, is_verified, found.products)


def _as_sellers(rows: Sequence[tuple[int, str, str, int]]) -> list[AbleSeller]:
    products = catalog.live_cards_of_sellers([row[0] for row in rows])
    places = full_names([row[2] for row in rows])
    return [AbleSeller(*row, place=places.get(row[2], ""), products=products[row[0]]) for row in rows]
