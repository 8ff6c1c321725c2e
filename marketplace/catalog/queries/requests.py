"""Questions and samples, as the product's page, the maker and the buyer read them."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Date, and_, bindparam, case, false, func, or_, select

from ... import clock
from ...accounts.models import User
from ...db import db
from ...organizations.models import Office, Operator, Outlet, Seller
from ...permissions import ROLE_PERMISSIONS, Actor
from .. import rules
from ..models import Category, Product, Question, SampleRequest, SampleState
from ..rules import SampleCondition, SampleSide, SampleVerb, sample_condition, sample_verbs

SHOWN = 5
PAGE_SIZE = 25


@dataclass(frozen=True)
class AskedQuestion:
    """A question with its answer, as far as there is one. `is_own`: the reader's team asked it."""

    id: int
    product_id: int
    product_name: str
    seller_name: str
    text: str
    asked_at: datetime
    answer: str
    answered_at: datetime | None
    is_public: bool
    organization: str
    person: str
    is_from_office: bool
    is_own: bool = False

    @property
    def product_url(self) -> str:
        """The product's page."""
        return rules.product_path(self.product_id, self.product_name)


def _questions() -> Any:
    """SELECT in the order of AskedQuestion."""
    return (
        select(
            Question.id, Question.product_id, Product.name, Seller.name, Question.text, Question.asked_at,
            Question.answer, Question.answered_at, Question.is_public,
            func.coalesce(Operator.name, Office.name, ""), func.coalesce(User.name, ""),
            Question.operator_id.is_(None),
        )
        .join(Product, Product.id == Question.product_id)
        .join(Seller, Seller.id == Product.seller_id)
        .outerjoin(Operator, Operator.id == Question.operator_id)
        .outerjoin(Office, Office.id == Question.office_id)
        .outerjoin(User, User.id == Question.asked_by)
    )  # fmt: skip


def _asker(actor: Actor) -> tuple[Any, int | None]:
    """The column that names the team of such an actor, and its value: None, which no question has."""
    if actor.operator_id is not None:
        return Question.operator_id, actor.operator_id
    if actor.office_id is not None:
        return Question.office_id, actor.office_id
    return Question.asked_by, actor.user_id


def _is_mine(actor: Actor) -> Any:
    """SQL criterion: asked by the actor's team."""
    asker, who = _asker(actor)
    return asker == who if who is not None else false()


def questions_on(actor: Actor, product_id: int, *, limit: int = SHOWN) -> tuple[list[AskedQuestion], int]:
    """What may be read below a product: public answers, and what the reader's team asked; and how many."""
    asker, who = _asker(actor)
    asked = {"product": product_id, "who": who, "many": limit}
    rows = db.session.execute(_questions_on(asker), asked).all()
    found = [AskedQuestion(*row[:13]) for row in rows]
    return found, rows[0][13] if rows else 0


@functools.lru_cache(maxsize=4)
def _questions_on(asker: Any) -> Any:
    is_mine = asker == bindparam("who", type_=BigInteger)
    mine = case((is_mine, 1), else_=0)
    return (
        _questions()
        .add_columns(mine, func.count().over())
        .where(Question.product_id == bindparam("product"), or_(Question.is_public, is_mine))
        .order_by(mine.desc(), Question.id.desc())
        .limit(bindparam("many"))
    )


def questions_for_seller(
    actor: Actor, *, waiting: bool | None = None, number: int = 1
) -> tuple[list[AskedQuestion], int]:
    """What is asked about a seller's products, what waits longest first; and how many there are."""
    query = _questions().where(Product.seller_id == actor.seller_id)
    if waiting is not None:
        query = query.where(Question.answered_at.is_(None) if waiting else Question.answered_at.is_not(None))
    is_answered = case((Question.answered_at.is_(None), 0), else_=1)
    order = (is_answered, case((Question.answered_at.is_(None), Question.id)), Question.id.desc())
    return _page(query, order, number)


def questions_of_team(actor: Actor, *, number: int = 1) -> tuple[list[AskedQuestion], int]:
    """What the actor's team asked, the newest first."""
    return _page(_questions().where(_is_mine(actor)), (Question.id.desc(),), number)


def _page(query: Any, order: tuple[Any, ...], number: int) -> tuple[list[AskedQuestion], int]:
    total = db.session.scalar(select(func.count()).select_from(query.subquery())) or 0
    rows = db.session.execute(query.order_by(*order).limit(PAGE_SIZE).offset((number - 1) * PAGE_SIZE))
    return [AskedQuestion(*row) for row in rows], int(total)


def questions_waiting(seller_id: int) -> tuple[int, datetime | None]:
    """How many questions a seller has not answered, and since when the oldest waits."""
    query = (
        select(func.count(Question.id), func.min(Question.asked_at))
        .join(Product, Product.id == Question.product_id)
        .where(Product.seller_id == seller_id, Question.answered_at.is_(None))
    )
    count, since = db.session.execute(query).one()
    return int(count), since


@dataclass(frozen=True)
class SampleRow:
    """A request for a sample as a list and its own page show it."""

    id: int
    product_id: int
    product_name: str
    sku: str
    seller_id: int
    seller_ref: str
    seller_name: str
    form: str | None
    cover: str | None
    operator_id: int
    buyer: str
    outlet: str
    outlet_address: str
    person: str
    quantity: int
    unit: str
    note: str
    state: str
    requested_at: datetime
    reply_by: date
    answered_at: datetime | None
    reason: str
    shipping_note: str
    shipped_at: datetime | None
    received_at: datetime | None
    withdrawn_at: datetime | None

    @property
    def condition(self) -> SampleCondition:
        """What it is today."""
        return sample_condition(self.state, self.reply_by, clock.today())

    @property
    def product_url(self) -> str:
        """The product's page."""
        return rules.product_path(self.product_id, self.product_name)

    @property
    def image_url(self) -> str:
        """The drawn picture."""
        return rules.picture_path(f"{self.seller_ref}/{self.sku}", self.form)

    @property
    def countdown(self) -> str:
        """How long there is to answer."""
        return rules.countdown(self.reply_by, clock.today())


def _samples() -> Any:
    """SELECT in the order of SampleRow."""
    return (
        select(
            SampleRequest.id, SampleRequest.product_id, Product.name, Product.sku, Product.seller_id,
            Seller.seller_ref, Seller.name, Category.picture_form, Product.cover, SampleRequest.operator_id,
            Operator.name, func.coalesce(Outlet.name, ""), func.coalesce(Outlet.address, ""),
            func.coalesce(User.name, ""), SampleRequest.quantity, Product.unit, SampleRequest.note,
            SampleRequest.state, SampleRequest.requested_at, SampleRequest.reply_by,
            SampleRequest.answered_at,
            SampleRequest.reason, SampleRequest.shipping_note, SampleRequest.shipped_at,
            SampleRequest.received_at, SampleRequest.withdrawn_at,
        )
        .join(Product, Product.id == SampleRequest.product_id)
        .outerjoin(Category, Category.id == Product.category_id)
        .join(Seller, Seller.id == Product.seller_id)
        .join(Operator, Operator.id == SampleRequest.operator_id)
        .outerjoin(Outlet, Outlet.id == SampleRequest.outlet_id)
        .outerjoin(User, User.id == SampleRequest.requested_by)
    )  # fmt: skip


def _of(actor: Actor) -> Any:
    """SQL criterion: the actor's side of it."""
    if actor.seller_id is not None:
        return Product.seller_id == actor.seller_id
    return SampleRequest.operator_id == (actor.operator_id or 0)


def samples_of(
    actor: Actor, *, condition: str = "", number: int = 1
) -> tuple[list[SampleRow], dict[SampleCondition, int]]:
    """One page of the requests of the actor's side, what is open first; and how many of each condition."""
    today = clock.today()
    is_late = and_(SampleRequest.state == SampleState.REQUESTED, SampleRequest.reply_by < today)
    stands = case((is_late, SampleCondition.EXPIRED.value), else_=SampleRequest.state)
    counted = (
        select(stands, func.count())
        .select_from(SampleRequest)
        .join(Product, Product.id == SampleRequest.product_id)
        .where(_of(actor))
        .group_by(stands)
    )
    counts = {SampleCondition(state): int(count) for state, count in db.session.execute(counted)}
    query = _samples().where(_of(actor))
    if condition:
        query = query.where(stands == condition)
    places = {one.value: place for place, one in enumerate(rules.OPEN_SAMPLES)}
    order = case(places, value=stands, else_=len(places))
    rows = db.session.execute(
        query.order_by(order, SampleRequest.id.desc()).limit(PAGE_SIZE).offset((number - 1) * PAGE_SIZE)
    )
    return [SampleRow(*row) for row in rows], counts


def sample(actor: Actor, sample_id: int) -> tuple[SampleRow, SampleSide, list[SampleVerb]] | None:
    """One request, the actor's side of it, and what the actor may do now; None for a stranger."""
    if actor.seller_id is None and actor.operator_id is None:
        return None
    row = db.session.execute(_samples().where(SampleRequest.id == sample_id, _of(actor))).one_or_none()
    if row is None:
        return None
    found = SampleRow(*row)
    side = SampleSide.SELLER if actor.seller_id is not None else SampleSide.BUYER
    held = ROLE_PERMISSIONS[actor.role] if actor.role else frozenset()
    return found, side, sample_verbs(condition=found.condition, side=side, permissions=held)


def open_sample_id(actor: Actor, product_id: int) -> int | None:
    """The request for a product that the actor's team is still waiting for."""
    if actor.operator_id is None:
        return None
    asked = {"operator": actor.operator_id, "product": product_id}
    found: int | None = db.session.scalar(_open_sample(), asked)
    return found


@functools.cache
def _open_sample() -> Any:
    today = bindparam("today", type_=Date, callable_=clock.today)
    return select(SampleRequest.id).where(
        SampleRequest.operator_id == bindparam("operator"),
        SampleRequest.product_id == bindparam("product"),
        SampleRequest.state.in_([one.value for one in rules.OPEN_SAMPLES]),
        or_(SampleRequest.state != SampleState.REQUESTED, SampleRequest.reply_by >= today),
    )


def samples_waiting(seller_id: int) -> list[SampleRow]:
    """What a seller has to answer or to send, the most urgent first."""
    query = _samples().where(
        Product.seller_id == seller_id,
        or_(
            and_(SampleRequest.state == SampleState.REQUESTED, SampleRequest.reply_by >= clock.today()),
            SampleRequest.state == SampleState.APPROVED,
        ),
    )
    rows = db.session.execute(query.order_by(SampleRequest.reply_by, SampleRequest.id).limit(PAGE_SIZE))
    return [SampleRow(*row) for row in rows]
