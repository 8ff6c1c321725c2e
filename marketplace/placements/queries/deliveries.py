"""Deliveries as lists and pages show them, each actor its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, case, func, or_, select

from ... import clock
from ...catalog.models import Product
from ...db import db
from ...organizations.models import Operator, Outlet, OutletFacts, Seller
from ...organizations.versions import facts_on
from ...permissions import ROLE_PERMISSIONS, Actor
from ...texts import one_line
from ..models import Agreement, AgreementVersionProduct, Delivery, DeliveryLine, DeliveryState
from ..rules import Condition, Side
from ..rules.deliveries import DeliveryVerb, Unfit, delivery_verbs, unfit
from ..rules.terms import Terms
from .agreements import condition_on
from .parties import side_of
from .sides import papers_visible_to
from .versions import annex_prices, terms_on

PAGE_SIZE = 25
SORTS = ("deliver_on", "-deliver_on", "outlet", "-outlet", "seller", "-seller")
MOST_CHOICES = 60


@dataclass(frozen=True)
class DeliveryFilter:
    """What is asked of a list of deliveries."""

    q: str = ""
    state: str = ""
    sort: str = ""
    outlet_id: int | None = None


@dataclass(frozen=True)
class DeliveryRow:
    """A delivery in a list, with its units: written, and what became of them."""

    id: int
    number: str
    state: DeliveryState
    outlet_id: int
    outlet_name: str
    seller_id: int
    seller_name: str
    deliver_on: date
    received_on: date | None
    driver: str
    lines: int
    units: int
    accepted: int | None
    short: int | None
    damaged: int | None
    refused: int | None


@dataclass(frozen=True)
class LineRow:
    """One line as a page shows it; `unfit` says why it may not come in today."""

    line: DeliveryLine
    product_name: str
    sku: str
    unit: str
    unfit: Unfit | None


@dataclass(frozen=True)
class DeliveryPage:
    """All that a delivery's page shows."""

    delivery: Delivery
    outlet: Outlet
    seller: Seller
    operator: Operator
    agreement: Agreement
    condition: Condition
    terms: Terms | None
    lines: list[LineRow]
    side: Side | None
    verbs: list[DeliveryVerb]

    @property
    def units(self) -> int:
        """Units written on it."""
        return sum(row.line.quantity for row in self.lines)


@dataclass(frozen=True)
class Destination:
    """An agreement of the seller that goods can travel under."""

    agreement_id: int
    outlet_id: int
    outlet_name: str
    outlet_address: str
    basis: str
    starts_on: date
    condition: Condition


@dataclass(frozen=True)
class Good:
    """A product that may be delivered under an agreement."""

    id: int
    name: str
    sku: str
    unit: str
    shelf_life_days: int | None
    price_rupiah: int | None


_COLUMNS = (
    Delivery.id, func.coalesce(Delivery.number, ""), Delivery.state, Delivery.outlet_id, Outlet.name,
    Delivery.seller_id, Seller.name, Delivery.deliver_on, Delivery.received_on, Delivery.driver,
)  # fmt: skip


def _joined(columns: Sequence[Any], actor: Actor, asked: DeliveryFilter) -> Select[Any]:
    query = (
        select(*columns)
        .select_from(Delivery)
        .join(Outlet, Outlet.id == Delivery.outlet_id)
        .join(Seller, Seller.id == Delivery.seller_id)
        .where(papers_visible_to(actor, Delivery.outlet_id, Delivery.seller_id))
    )
    if actor.seller_id is None:  # what a maker has not sent is nobody's business
        query = query.where(Delivery.number.is_not(None))
    if asked.outlet_id is not None:
        query = query.where(Delivery.outlet_id == asked.outlet_id)
    for word in one_line(asked.q).split()[:8]:
        places = (Outlet.name, Seller.name, Delivery.number, Delivery.driver)
        query = query.where(or_(*(place.icontains(word, autoescape=True) for place in places)))
    return query


def deliveries_of(
    actor: Actor, asked: DeliveryFilter, *, number: int = 1, size: int | None = PAGE_SIZE
) -> list[DeliveryRow]:
    """One page of the actor's deliveries (size None: all): what is still to be done comes first."""
    sums = (
        select(
            DeliveryLine.delivery_id,
            func.count().label("lines"),
            func.sum(DeliveryLine.quantity).label("units"),
            func.sum(DeliveryLine.accepted).label("accepted"),
            func.sum(DeliveryLine.short).label("short"),
            func.sum(DeliveryLine.damaged).label("damaged"),
            func.sum(DeliveryLine.refused).label("refused"),
        )
        .group_by(DeliveryLine.delivery_id)
        .subquery()
    )
    columns = (
        *_COLUMNS,
        *(sums.c[name] for name in ("lines", "units", "accepted", "short", "damaged", "refused")),
    )
    query = _joined(columns, actor, asked).join(sums, sums.c.delivery_id == Delivery.id)
    if asked.state:
        query = query.where(Delivery.state == asked.state)
    query = query.order_by(*_ordering(asked.sort, actor))
    if size is not None:
        query = query.limit(size).offset((number - 1) * size)
    return [_row(row) for row in db.session.execute(query)]


def _row(found: Any) -> DeliveryRow:
    """Sums of integers are decimals on PostgreSQL."""
    values = list(found)
    values[2] = DeliveryState(values[2])
    values[10:] = [None if value is None else int(value) for value in values[10:]]
    return DeliveryRow(*values)


def _ordering(sort: str, actor: Actor) -> list[Any]:
    keys: dict[str, Any] = {
        "outlet": Outlet.name, "seller": Seller.name, "deliver_on": Delivery.deliver_on,
    }  # fmt: skip
    key = keys.get(sort.lstrip("-"))
    if key is not None:
        return [key.desc() if sort.startswith("-") else key.asc(), Delivery.id.desc()]
    first, second = DeliveryState.DRAFT.value, DeliveryState.SENT.value
    if actor.seller_id is None:
        first, second = second, first
    urgency = case((Delivery.state == first, 0), (Delivery.state == second, 1), else_=2)
    return [urgency, Delivery.id.desc()]


def count_by_state(actor: Actor, q: str = "", outlet_id: int | None = None) -> dict[str, int]:
    """How many of the actor's deliveries are in which state."""
    columns = (Delivery.state, func.count())
    query = _joined(columns, actor, DeliveryFilter(q=q, outlet_id=outlet_id)).group_by(Delivery.state)
    return dict(db.session.execute(query).all())


def to_receive(actor: Actor, *, limit: int = 20) -> list[DeliveryRow]:
    """What is on its way to the actor's outlets, the earliest first: for a board or a to-do list."""
    asked = DeliveryFilter(state=DeliveryState.SENT.value, sort="deliver_on")
    return deliveries_of(actor, asked, size=limit)


def delivery_page(actor: Actor, delivery_id: int) -> DeliveryPage | None:
    """A delivery with its parties and lines; None for a stranger, and for whom a draft is not."""
    query = _joined((Delivery, Outlet, Seller, Agreement), actor, DeliveryFilter())
    row = db.session.execute(
        query.join(Agreement, Agreement.id == Delivery.agreement_id).where(Delivery.id == delivery_id)
    ).one_or_none()
    return None if row is None else _page(actor, *row)


def delivery_id_by_code(code: str) -> int | None:
    """The delivery whose QR code holds this."""
    return db.session.scalar(select(Delivery.id).where(Delivery.code == code.upper()[:24]))


def sent_by_code(code: str) -> tuple[Delivery, str, str, int] | None:
    """For the public verify page: the note, its two parties' names, and its units. No draft."""
    units = select(func.sum(DeliveryLine.quantity)).where(DeliveryLine.delivery_id == Delivery.id)
    query = (
        select(Delivery, Outlet.name, Seller.name, units.scalar_subquery())
        .join(Outlet, Outlet.id == Delivery.outlet_id)
        .join(Seller, Seller.id == Delivery.seller_id)
        .where(Delivery.code == code.upper()[:24], Delivery.number.is_not(None))
    )
    row = db.session.execute(query).one_or_none()
    return None if row is None else (row[0], row[1], row[2], int(row[3] or 0))


def _page(
    actor: Actor, delivery: Delivery, outlet: Outlet, seller: Seller, agreement: Agreement
) -> DeliveryPage:
    session, today = db.session(), clock.today()
    operator = session.scalars(
        select(Operator)
        .join(OutletFacts, OutletFacts.operator_id == Operator.id)
        .where(OutletFacts.outlet_id == outlet.id, facts_on(OutletFacts, today))
    ).one()
    side = side_of(session, actor, seller_id=seller.id, operator_id=operator.id)
    terms = terms_on(session, agreement.id, today)
    condition = Condition(
        session.scalar(select(condition_on(today)).where(Agreement.id == agreement.id)) or ""
    )
    return DeliveryPage(
        delivery=delivery,
        outlet=outlet,
        seller=seller,
        operator=operator,
        agreement=agreement,
        condition=condition,
        terms=terms,
        lines=_lines(delivery.id, today, terms.min_life_days if terms else None),
        side=side,
        verbs=delivery_verbs(
            DeliveryState(delivery.state), side, ROLE_PERMISSIONS[actor.role] if actor.role else ()
        ),
    )


def _lines(delivery_id: int, day: date, least: int | None) -> list[LineRow]:
    query = (
        select(DeliveryLine, Product.name, Product.sku, Product.unit)
        .join(Product, Product.id == DeliveryLine.product_id)
        .where(DeliveryLine.delivery_id == delivery_id)
        .order_by(DeliveryLine.position)
    )
    return [
        LineRow(line, name, sku, unit, unfit(line.expires_on, day, least))
        for line, name, sku, unit in db.session.execute(query)
    ]


# --- writing one --------------------------------------------------------------------------------------------


def destinations(actor: Actor) -> list[Destination]:
    """The agreements of the actor's seller that hold today, by outlet; then those that will."""
    today = clock.today()
    condition = condition_on(today)
    query = (
        select(
            Agreement.id,
            Outlet.id,
            Outlet.name,
            Outlet.address,
            Agreement.basis,
            Agreement.starts_on,
            condition,
        )
        .join(Outlet, Outlet.id == Agreement.outlet_id)
        .where(
            papers_visible_to(actor, Agreement.outlet_id, Agreement.seller_id),
            condition.in_([Condition.IN_FORCE.value, Condition.UPCOMING.value]),
        )
        .order_by(condition != Condition.IN_FORCE.value, Outlet.name, Agreement.id)
    )
    return [Destination(*row[:6], Condition(row[6])) for row in db.session.execute(query)]


def goods_for(agreement_id: int, day: date) -> list[Good]:
    """What may be delivered under an agreement: its annex, or all of the seller's products on sale."""
    session = db.session()
    terms = terms_on(session, agreement_id, day)
    prices = annex_prices(session, [terms.version_id]) if terms else {}
    maker = select(Agreement.seller_id).where(Agreement.id == agreement_id).scalar_subquery()
    query = select(
        Product.id, Product.name, Product.sku, Product.unit, Product.shelf_life_days,
        func.coalesce(Product.retail_price_rupiah, Product.price_rupiah),
    ).where(
        Product.seller_id == maker, Product.is_live,
    )  # fmt: skip
    if prices and terms:
        in_annex = select(AgreementVersionProduct.product_id).where(
            AgreementVersionProduct.version_id == terms.version_id
        )
        query = query.where(Product.id.in_(in_annex))
    found = []
    for row in session.execute(query.order_by(Product.name, Product.id)):
        agreed = prices.get((terms.version_id, row.id)) if terms else None
        found.append(Good(*row[:5], (agreed.retail_rupiah if agreed else None) or row[5]))
    return found
