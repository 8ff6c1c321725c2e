"""The versions of an agreement as people follow them: what was proposed, answered, compared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from ... import legal
from ...accounts.models import User
from ...catalog.models import Product
from ...db import db
from ...organizations.models import Outlet, Seller, SellerFacts
from ...organizations.queries.sizes import thresholds_on
from ...organizations.rules import SizeClass, size_class
from ...organizations.versions import facts_on
from ..models import (
    Agreement,
    AgreementPaper,
    AgreementVersion,
    AgreementVersionProduct,
    CommissionBasis,
    VersionState,
)
from ..rules import AnnexPrice, Side, Terms, terms_among
from ..rules.fees import Law
from ..rules.money import line_amounts
from .versions import as_terms

SHARED = frozenset({CommissionBasis.PERCENT_OF_RETAIL, CommissionBasis.FIXED_PER_UNIT})
"""The store's share follows from the price by itself; what the maker gets need not be written down."""
PAYMENT_DAYS = "trade.payment.micro_small_days"


@dataclass(frozen=True)
class Goods:
    """A product of an annex."""

    product_id: int
    name: str
    unit: str
    price: AnnexPrice


@dataclass(frozen=True)
class VersionRow:
    """One version: its terms and annex, who proposed and who answered."""

    version: AgreementVersion
    terms: Terms
    proposed_by: str
    answered_by: str
    paper_number: str | None = None
    goods: list[Goods] = field(default_factory=list)

    @property
    def id(self) -> int:
        """The version's id."""
        return self.version.id

    @property
    def number(self) -> int:
        """Its number within the agreement."""
        return self.version.number

    @property
    def is_waiting(self) -> bool:
        """Whether nobody answered it so far."""
        return self.version.state == VersionState.PROPOSED

    @property
    def is_accepted(self) -> bool:
        """Whether both accepted it."""
        return self.version.state == VersionState.ACCEPTED

    def maker_gets(self) -> dict[int, int | None]:
        """By product, what the maker gets of one unit sold at the agreed price; None where nothing tells."""
        found: dict[int, int | None] = {}
        for good in self.goods:
            retail = good.price.retail_rupiah
            found[good.product_id] = good.price.net_rupiah
            if good.price.net_rupiah is None and retail is not None and self.terms.commission_basis in SHARED:
                found[good.product_id] = line_amounts(self.terms, 1, retail).net
        return found


def version_rows(agreement_id: int) -> list[VersionRow]:
    """Every version of an agreement, the latest first, with annexes."""
    rows = db.session.execute(
        select(AgreementVersion, AgreementPaper.number)
        .outerjoin(AgreementPaper, AgreementPaper.version_id == AgreementVersion.id)
        .where(AgreementVersion.agreement_id == agreement_id)
        .order_by(AgreementVersion.number.desc())
    ).all()
    names = _names(version for version, _number in rows)
    goods = goods_of([version.id for version, _number in rows])
    return [
        VersionRow(
            version,
            as_terms(version),
            names.get(version.proposed_by or 0, ""),
            names.get(version.answered_by or 0, ""),
            number,
            goods.get(version.id, []),
        )
        for version, number in rows
    ]


def _names(versions: Iterable[AgreementVersion]) -> Mapping[int, str]:
    ids = {user_id for one in versions for user_id in (one.proposed_by, one.answered_by) if user_id}
    return dict(db.session.execute(select(User.id, User.name).where(User.id.in_(ids))).all()) if ids else {}


def goods_of(version_ids: Sequence[int]) -> dict[int, list[Goods]]:
    """The annexes of versions, by version, each by name."""
    good = AgreementVersionProduct
    query = (
        select(
            good.version_id,
            Product.id,
            Product.name,
            Product.unit,
            good.retail_price_rupiah,
            good.net_price_rupiah,
        )
        .join(Product, Product.id == good.product_id)
        .where(good.version_id.in_(version_ids))
        .order_by(Product.name, Product.id)
    )
    found: dict[int, list[Goods]] = {}
    for version_id, product_id, name, unit, retail, net in db.session.execute(query):
        found.setdefault(version_id, []).append(Goods(product_id, name, unit, AnnexPrice(retail, net)))
    return found


def row_in_force(rows: Sequence[VersionRow], day: date) -> VersionRow | None:
    """The version whose terms hold on a day; None while none was accepted."""
    terms = terms_among([row.terms for row in rows if row.is_accepted], day)
    return next((row for row in rows if terms is not None and row.id == terms.version_id), None)


def waiting_row(rows: Sequence[VersionRow]) -> VersionRow | None:
    """The version on the table."""
    return next((row for row in rows if row.is_waiting), None)


@dataclass(frozen=True)
class GoodsPair:
    """A product of two annexes, side by side; None where an annex does not name it."""

    name: str
    one: AnnexPrice | None
    other: AnnexPrice | None

    @property
    def is_changed(self) -> bool:
        """Whether the two differ."""
        return self.one != self.other


def goods_compared(one: Sequence[Goods], other: Sequence[Goods]) -> list[GoodsPair]:
    """The goods of two annexes side by side, by name."""
    left = {good.product_id: good for good in one}
    right = {good.product_id: good for good in other}
    ordered = sorted({**left, **right}.values(), key=lambda good: (good.name, good.product_id))
    return [
        GoodsPair(
            good.name,
            left[good.product_id].price if good.product_id in left else None,
            right[good.product_id].price if good.product_id in right else None,
        )
        for good in ordered
    ]


@dataclass(frozen=True)
class Sibling:
    """Another proposal of the same sending that waits for the same party's answer."""

    agreement_id: int
    outlet_name: str
    seller_name: str


def siblings_of(version: AgreementVersion, side: Side, *, seller_id: int, day: date) -> list[Sibling]:
    """Proposals that were sent together with this one to the same party, and still wait.

    A seller finds those of the same sending to itself; an outlet those of the same seller (a sending of
    a seller goes out under one code as well).
    """
    if not version.group_code:
        return []
    query = (
        select(Agreement.id, Outlet.name, Seller.name)
        .join(AgreementVersion, AgreementVersion.agreement_id == Agreement.id)
        .join(Outlet, Outlet.id == Agreement.outlet_id)
        .join(Seller, Seller.id == Agreement.seller_id)
        .where(
            AgreementVersion.group_code == version.group_code,
            AgreementVersion.state == VersionState.PROPOSED.value,
            AgreementVersion.proposed_by_side == side.other.value,
            AgreementVersion.reply_by >= day,
            Agreement.seller_id == seller_id,
            Agreement.id != version.agreement_id,
        )
        .order_by(Outlet.name, Agreement.id)
    )
    return [Sibling(*row) for row in db.session.execute(query)]


def size_on(session: Session, seller_id: int, day: date) -> SizeClass:
    """The size class of a seller on a day."""
    facts = session.scalars(
        select(SellerFacts).where(SellerFacts.seller_id == seller_id, facts_on(SellerFacts, day))
    ).one()
    return size_class(facts.capital_rupiah, facts.annual_sales_rupiah, thresholds_on(session, day))


def payment_law(seller_id: int, day: date) -> Law | None:
    """What the law is reported to say of paying a seller of this size; None for larger ones."""
    if size_on(db.session(), seller_id, day) not in {SizeClass.MICRO, SizeClass.SMALL}:
        return None
    row = legal.rows_on(db.session(), PAYMENT_DAYS, day).get(PAYMENT_DAYS)
    return Law(row.value, row.citation, row.is_verified) if row else None


@dataclass(frozen=True)
class Repeatable:
    """The terms of an earlier agreement, to be proposed again."""

    terms: Terms
    prices: Mapping[int, AnnexPrice]
