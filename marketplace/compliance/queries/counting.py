"""The same judgement as rules.evaluate, asked of the database for many outlets at once.

What is displayed follows from the calendar of shelves (display_spells); the ledger itself is looked into,
by its index, only for pairs whose shelves are empty that day. The tests hold this to the plain rules.
"""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Date,
    ScalarSelect,
    and_,
    bindparam,
    func,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import aliased

from ...db import db, is_postgres
from ...organizations.models import Operator, OutletFacts, SellerFacts
from ...placements.models import Agreement, Suspension
from ...stock.models import ORDER_CAUSE, DisplaySpell, StockMovement
from ..rules import DEFAULT_TERMS, Rule, SizeLimits, Terms, rule_for
from .places import Place, current_on, is_one_of
from .regulations import size_limits_on

FEW = 50
"""Up to so many outlets are counted by index probes alone; more in one pass over the registry."""


def assign_rules(places: Sequence[Place], rules: Sequence[Rule], day: date) -> dict[int, Rule | None]:
    """Which regulation holds for each outlet. Places of one region and kind are asked about once."""
    found: dict[tuple[str, str], Rule | None] = {}
    for key in {(place.region_code, place.kind) for place in places}:
        found[key] = rule_for(rules, *key, day)
    return {place.outlet_id: found[place.region_code, place.kind] for place in places}


Day = date | ColumnElement[date]
"""A day, or a column of days to count on all of them in one statement."""


@dataclass(frozen=True)
class Moment:
    """A day to count on, by which terms, and up to what size a business was an MSME then."""

    day: date
    terms: Terms
    limits: SizeLimits


def counts_on(day: date, holding: dict[int, Rule | None]) -> dict[int, int]:
    """How many distinct sellers each of these outlets carries on a day; outlets without any are absent."""
    groups: defaultdict[Terms, list[int]] = defaultdict(list)
    for outlet_id, rule in holding.items():
        groups[rule.terms if rule else DEFAULT_TERMS].append(outlet_id)
    limits = size_limits_on(day)
    counts: dict[int, int] = {}
    for terms, outlet_ids in groups.items():
        counts |= _counts(day, terms, limits, outlet_ids)
    return counts


def _counts(day: date, terms: Terms, limits: SizeLimits, outlet_ids: Collection[int]) -> dict[int, int]:
    find = _pairs_of_few if len(outlet_ids) <= FEW else _pairs_of_many
    pairs = (
        find(day, limits)
        .where(
            is_one_of(db.session(), Agreement.outlet_id, outlet_ids),
            _displayed_on(
                day,
                terms.counted_bases,
                first_of(day, terms.display_window_days),
                first_of(day, terms.outright_window_days),
            ),
        )
        .distinct()
        .subquery()
    )
    query = select(pairs.c.outlet_id, func.count()).group_by(pairs.c.outlet_id)
    return dict(db.session.execute(query).all())


def counts_of_days(outlet_id: int, moments: Sequence[Moment]) -> dict[date, int]:
    """How many distinct sellers one outlet carried on each of several days; days without any are absent."""
    groups: defaultdict[frozenset[str], list[Moment]] = defaultdict(list)
    for moment in moments:
        groups[moment.terms.counted_bases].append(moment)
    counts: dict[date, int] = {}
    for bases, group in groups.items():
        asked: dict[str, Any] = {"outlet_id": outlet_id}
        for number, moment in enumerate(group):
            asked |= {f"{name}_{number}": value for name, value in _values_of(moment).items()}
        query = _counts_of_days(bases, len(group), is_postgres())
        counts |= dict(db.session.execute(query, asked).all())
    return counts


MOMENT: dict[str, Any] = {
    "day": Date,
    "sold_from": Date,
    "delivered_from": Date,
    "sales": BigInteger,
    "capital": BigInteger,
}
"""What the statement over several days is told of each."""


def _values_of(moment: Moment) -> dict[str, Any]:
    return {
        "day": moment.day,
        "sold_from": first_of(moment.day, moment.terms.display_window_days),
        "delivered_from": first_of(moment.day, moment.terms.outright_window_days),
        "sales": moment.limits.sales_rupiah,
        "capital": moment.limits.capital_rupiah,
    }


@functools.lru_cache(maxsize=128)
def _counts_of_days(bases: frozenset[str], number_of_days: int, on_postgres: bool) -> Any:
    """Built once for each number of days: building it takes longer than running it."""
    days = _days(number_of_days)
    columns: Any = days.c
    outlet_id = bindparam("outlet_id", type_=BigInteger)
    here = aliased(Agreement)
    # Said twice, for PostgreSQL takes the days' conditions to leave few sellers and reads all of them.
    is_here = SellerFacts.seller_id.in_(select(here.seller_id).where(here.outlet_id == outlet_id))
    return (
        _pairs_of_few(columns.day, SizeLimits(columns.sales, columns.capital))
        .join(days, true())
        .where(
            Agreement.outlet_id == outlet_id,
            is_here if on_postgres else true(),
            _displayed_on(columns.day, bases, columns.sold_from, columns.delivered_from),
        )
        .with_only_columns(columns.day, func.count(SellerFacts.owner_key.distinct()))
        .group_by(columns.day)
    )


def _days(count: int) -> CTE:
    rows: list[Any] = [
        select(*(bindparam(f"{name}_{number}", type_=kind).label(name) for name, kind in MOMENT.items()))
        for number in range(count)
    ]
    return union_all(*rows).cte("moments")


def first_of(day: date, window_days: int) -> date:
    """The first day of a window that ends with `day`; the day after where the window is empty."""
    return day - timedelta(days=min(window_days - 1, (day - date.min).days))


def _pairs_of_few(day: Day, limits: SizeLimits) -> Any:
    """Outlet and owner of agreements in force with able sellers, each looked up by its index."""
    suspended = select(Suspension.id).where(Suspension.agreement_id == Agreement.id, *_suspended(day))
    return (
        select(Agreement.outlet_id, SellerFacts.owner_key)
        .join(SellerFacts, SellerFacts.seller_id == _seller_id())
        .where(
            in_force_on(day),
            ~suspended.exists(),
            current_on(SellerFacts, day),
            verified_on(day),
            is_msme(limits),
            _is_nobodys_affiliate(SellerFacts.affiliated_operator_ref, day),
        )
    )


def _pairs_of_many(day: date, limits: SizeLimits) -> Any:
    """The same from one pass over all sellers and suspensions."""
    able = _able_sellers(day, limits)
    return (
        select(Agreement.outlet_id, able.c.owner)
        .join(able, able.c.seller_id == _seller_id())
        .where(
            in_force_on(day),
            Agreement.id.not_in(select(Suspension.agreement_id).where(*_suspended(day))),
            _is_nobodys_affiliate(able.c.affiliated_operator_ref, day),
        )
    )


def _seller_id() -> Any:
    """The agreement's seller; on SQLite so that no plan walks over every seller for each outlet."""
    return Agreement.seller_id if is_postgres(db.session()) else Agreement.seller_id + 0


def _is_nobodys_affiliate(affiliated_operator_ref: Any, day: Day) -> ColumnElement[bool]:
    return or_(affiliated_operator_ref.is_(None), affiliated_operator_ref != _operator_ref(day))


def _suspended(day: Day) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return Suspension.first_day <= day, Suspension.end_day > day


def _operator_ref(day: Day) -> ScalarSelect[str]:
    """Who runs the agreement's outlet on the day; looked up only for sellers that are someone's affiliate."""
    return (
        select(Operator.operator_ref)
        .join(OutletFacts, OutletFacts.operator_id == Operator.id)
        .where(OutletFacts.outlet_id == Agreement.outlet_id, current_on(OutletFacts, day))
        .scalar_subquery()
    )


def _able_sellers(day: date, limits: SizeLimits) -> CTE:
    """Sellers verified and of MSME size on the day; `owner` is equal for those of one owner."""
    owner = func.min(SellerFacts.seller_id).over(partition_by=SellerFacts.owner_key)
    return (
        select(SellerFacts.seller_id, owner.label("owner"), SellerFacts.affiliated_operator_ref)
        .where(current_on(SellerFacts, day), verified_on(day), is_msme(limits))
        .cte("able")
        .prefix_with("MATERIALIZED")
    )


def verified_on(day: Day) -> ColumnElement[bool]:
    """The seller's facts say that it is verified on the day."""
    return and_(
        SellerFacts.verified_on <= day,
        or_(SellerFacts.revoked_on.is_(None), SellerFacts.revoked_on > day),
        or_(SellerFacts.closed_on.is_(None), SellerFacts.closed_on > day),
    )


def is_msme(limits: SizeLimits) -> ColumnElement[bool]:
    """The seller's facts say that it is micro, small or medium."""
    sales, capital = SellerFacts.annual_sales_rupiah, SellerFacts.capital_rupiah
    return or_(
        sales <= limits.sales_rupiah,
        and_(sales.is_(None), or_(capital.is_(None), capital <= limits.capital_rupiah)),
    )


def in_force_on(day: Day) -> ColumnElement[bool]:
    """The agreement was accepted by both and its days hold (suspensions apart)."""
    return and_(
        Agreement.state == "accepted",
        Agreement.starts_on <= day,
        or_(Agreement.ends_on.is_(None), Agreement.ends_on >= day),
        or_(Agreement.terminated_on.is_(None), Agreement.terminated_on > day),
    )


def _displayed_on(
    day: Day, bases: Collection[str], sold_from: Day, delivered_from: Day
) -> ColumnElement[bool]:
    ways: list[ColumnElement[bool]] = []
    if "consignment" in bases:
        sold = _happened(day, "sale", sold_from)
        ways.append(and_(Agreement.basis == "consignment", or_(is_on_hand(day), sold)))
    if "outright" in bases:
        delivered = _happened(day, "delivery", delivered_from)
        ways.append(and_(Agreement.basis == "outright", delivered))
    return or_(*ways) if ways else Agreement.basis == ""


def is_on_hand(day: Day) -> ColumnElement[bool]:
    """Some shelf of the agreement's pair holds units at the end of the day."""
    return (
        select(DisplaySpell.product_id)
        .where(
            DisplaySpell.outlet_id == Agreement.outlet_id,
            DisplaySpell.seller_id == Agreement.seller_id,
            DisplaySpell.first_day <= day,
            DisplaySpell.end_day > day,
        )
        .exists()
    )


def _happened(day: Day, kind: str, first: Day) -> ColumnElement[bool]:
    movement = aliased(StockMovement)
    return (
        select(movement.id)
        .where(*standing(movement, day, kind), movement.occurred_on >= first)
        .correlate_except(movement)
        .exists()
    )


def standing(movement: Any, day: Day, kind: str) -> tuple[ColumnElement[bool], ...]:
    """Movements of the agreement's pair, of a kind, up to the day and not taken back by then.

    What an order brought was bought outright: it is a delivery, and no sale.
    """
    reversal = aliased(StockMovement)
    # Correlated by hand: `day` may be a column of a statement two levels up.
    is_taken_back = (
        select(reversal.id)
        .where(reversal.reverses_id == movement.id, reversal.occurred_on <= day)
        .correlate_except(reversal)
        .exists()
    )
    return (
        movement.outlet_id == Agreement.outlet_id,
        movement.seller_id == Agreement.seller_id,
        movement.kind == kind,
        movement.cause_kind != ORDER_CAUSE if kind == "sale" else true(),
        movement.reverses_id.is_(None),
        movement.occurred_on <= day,
        ~is_taken_back,
    )
