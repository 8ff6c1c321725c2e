"""The outlet's own page: what was found, every agreement with its reasons, history and evidence."""

from __future__ import annotations

import functools
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Date, bindparam, func, or_, select

from ... import clock
from ...catalog.models import Category, Product
from ...db import among, db, is_postgres
from ...organizations.models import Outlet
from ...regions.queries import names as region_names
from ...stock.models import ShelfBalance, StockMovement
from ..models import EvidenceChange, Regulation, Standing
from ..rules import DEFAULT_TERMS, Display, Terms, month_ends_before, rule_for, status_of
from .counting import Moment, counts_of_days
from .evidence import OutletEvidence, SellerEvidence, agreement_reasons, evidence_of
from .places import Scope, district_of, is_one_of_named, one_value, place_on, segments_of
from .regulations import Law, every_law
from .standings import OutletStanding
from .timeline import TimelineEntry, timeline

MONTHS_SHOWN = 13


@dataclass(frozen=True)
class AgreementRow:
    """One agreement and every rule that it fails."""

    agreement_id: int
    agreement_ref: str
    basis: str
    starts_on: date
    ends_on: date | None
    terminated_on: date | None
    reasons: tuple[str, ...]
    suspended: bool

    @property
    def last_day(self) -> date | None:
        """The last day on which it holds; None while it is open."""
        if self.terminated_on is None:
            return self.ends_on
        last = date.fromordinal(self.terminated_on.toordinal() - 1)
        return min(last, self.ends_on) if self.ends_on else last


@dataclass(frozen=True)
class SellerRow:
    """One seller of the outlet: counted or why not, with the evidence."""

    seller_id: int
    seller_ref: str
    name: str
    village: str
    counted: bool
    reasons: tuple[str, ...]
    agreements: tuple[AgreementRow, ...]
    display: Display
    on_hand: int
    sku_for_picture: str | None
    form_for_picture: str | None

    @property
    def last_sale_on(self) -> date | None:
        """The last day on which something of it was sold here."""
        return self.display.last_sale_on

    @property
    def last_delivery_on(self) -> date | None:
        """The last day on which it delivered here."""
        return self.display.last_delivery_on


@dataclass(frozen=True)
class HistoryPoint:
    """How the outlet stood at the end of a day; status is empty while it was not open."""

    day: date
    counted: int
    required: int | None
    status: str


@dataclass(frozen=True)
class OutletPage:
    """Everything that the page of one outlet shows for a day."""

    day: date
    standing: OutletStanding
    is_open: bool
    outlet: Outlet
    closed_on: date | None
    regulation: Regulation | None
    terms: Terms
    sellers: tuple[SellerRow, ...]
    history: tuple[HistoryPoint, ...]
    timeline: tuple[TimelineEntry, ...]
    grace_until: date | None

    @property
    def counted_sellers(self) -> tuple[SellerRow, ...]:
        """The sellers that count, in order of their reference."""
        return tuple(seller for seller in self.sellers if seller.counted)

    @property
    def other_sellers(self) -> tuple[SellerRow, ...]:
        """The sellers that do not."""
        return tuple(seller for seller in self.sellers if not seller.counted)

    @property
    def reasons_shown(self) -> list[str]:
        """Every reason that stands on the page, once."""
        return list(dict.fromkeys(reason for seller in self.sellers for reason in seller.reasons))

    @property
    def opened_on(self) -> date:
        """The day it opened."""
        return self.standing.opened_on


def outlet_page(outlet_id: int, day: date, scope: Scope) -> OutletPage | None:
    """One outlet on a day, None when there is no such outlet in the scope.

    A day on which it is not open (yet, or any more) is shown with what would be counted, and says so.
    """
    place = place_on(day, scope, outlet_id)
    if place is None:
        return None
    law = every_law()
    found = next(iter(evidence_of(day, [place], law)))
    rule = found.finding.rule
    is_open = place.opened_on <= day and (place.closed_on is None or day < place.closed_on)
    return OutletPage(
        day=day,
        standing=_standing(found),
        is_open=is_open,
        outlet=db.session.get_one(Outlet, outlet_id),
        closed_on=place.closed_on,
        regulation=law.regulations.get(rule.id or 0) if rule else None,
        terms=found.terms,
        sellers=_seller_rows(found, day),
        history=history_of(outlet_id, day, law),
        timeline=timeline(found, day),
        grace_until=_grace_until(found, day),
    )


def _standing(found: OutletEvidence) -> OutletStanding:
    place, rule = found.place, found.finding.rule
    names = region_names({place.region_code, district_of(place.region_code)})
    return OutletStanding(
        outlet_id=place.outlet_id,
        outlet_ref=place.outlet_ref,
        name=place.name,
        operator_id=place.operator_id,
        operator_ref=place.operator_ref,
        operator_name=place.operator_name,
        kind=place.kind,
        region_code=place.region_code,
        opened_on=place.opened_on,
        regulation_id=rule.id if rule else None,
        binding=str(rule.binding) if rule else None,
        required=rule.min_sellers if rule else None,
        counted=found.finding.counted,
        status=found.finding.status.value,
        village=names.get(place.region_code, ""),
        district=names.get(district_of(place.region_code), ""),
    )


def _grace_until(found: OutletEvidence, day: date) -> date | None:
    """The first day of full duty, while the outlet is in grace."""
    rule, opened = found.finding.rule, found.place.opened_on
    if rule is None or (day - opened).days >= rule.grace_days:
        return None
    return date.fromordinal(min(opened.toordinal() + rule.grace_days, clock.LAST_DAY.toordinal()))


def _seller_rows(found: OutletEvidence, day: date) -> tuple[SellerRow, ...]:
    outlet_id = found.place.outlet_id
    shelves = _shelves(outlet_id, day)
    on_hand = _units(shelves)
    pictures = _pictures(shelves, [seller.seller_id for seller in found.sellers])
    villages = region_names(seller.region_code for seller in found.sellers)
    verdicts = {verdict.seller_ref: verdict for verdict in found.finding.sellers}
    rows = []
    for seller in found.sellers:
        verdict = verdicts[seller.candidate.seller.seller_ref]
        sku, form = pictures.get(seller.seller_id, (None, None))
        rows.append(
            SellerRow(
                seller_id=seller.seller_id,
                seller_ref=verdict.seller_ref,
                name=seller.name,
                village=villages.get(seller.region_code, ""),
                counted=verdict.is_counted,
                reasons=tuple(reason.value for reason in verdict.reasons),
                agreements=_agreement_rows(found, seller, day),
                display=seller.candidate.display,
                on_hand=on_hand.get(seller.seller_id, 0),
                sku_for_picture=sku,
                form_for_picture=form,
            )
        )
    return tuple(sorted(rows, key=lambda row: (not row.counted, row.name.casefold(), row.seller_ref)))


def _agreement_rows(found: OutletEvidence, seller: SellerEvidence, day: date) -> tuple[AgreementRow, ...]:
    reasons = agreement_reasons(found, seller, day)
    return tuple(
        AgreementRow(
            agreement_id=agreement.id,
            agreement_ref=agreement.agreement_ref,
            basis=agreement.days.basis,
            starts_on=agreement.days.starts_on,
            ends_on=agreement.days.ends_on,
            terminated_on=agreement.days.terminated_on,
            reasons=reasons[agreement.id],
            suspended=any(first <= day < end for first, end in agreement.days.suspensions),
        )
        for agreement in seller.agreements
    )


Shelves = Sequence[tuple[int, int, int]]
"""seller_id, product_id, units"""


def _shelves(outlet_id: int, day: date) -> Shelves:
    """Every shelf that the outlet ever had, with its units at the end of a day."""
    asked = {"outlet_id": outlet_id, "day": day}
    return [tuple(row) for row in db.session.execute(_shelves_on(day >= clock.today()), asked)]


@functools.cache
def _shelves_on(is_now: bool) -> Any:
    """What a past day held is summed up from the index of shelves alone, without reading rows."""
    units: Any = ShelfBalance.on_hand
    if not is_now:
        units = (
            select(func.coalesce(func.sum(StockMovement.change), 0))
            .where(
                StockMovement.outlet_id == ShelfBalance.outlet_id,
                StockMovement.product_id == ShelfBalance.product_id,
                StockMovement.occurred_on <= bindparam("day", type_=Date),
            )
            .scalar_subquery()
        )
    shelf = (ShelfBalance.seller_id, ShelfBalance.product_id)
    return select(*shelf, units).where(ShelfBalance.outlet_id == bindparam("outlet_id"))


def _units(shelves: Shelves) -> dict[int, int]:
    """Units of each seller."""
    found: dict[int, int] = {}
    for seller_id, _product_id, units in shelves:
        found[seller_id] = found.get(seller_id, 0) + int(units)
    return found


def _pictures(shelves: Shelves, seller_ids: Collection[int]) -> dict[int, tuple[str, str | None]]:
    """For each seller the product that stood on this outlet's shelf, else any of its own: sku and drawing."""
    if not seller_ids:
        return {}
    on_postgres = is_postgres()
    shown: dict[int, int] = {}
    for seller_id, product_id, _on_hand in shelves:
        shown[seller_id] = min(product_id, shown.get(seller_id, product_id))
    shown = {seller_id: shown[seller_id] for seller_id in seller_ids if seller_id in shown}
    lacking = set(seller_ids) - set(shown)
    if lacking:
        asked = {"seller_ids": one_value(lacking, on_postgres)}
        shown |= dict(db.session.execute(_any_product(on_postgres), asked).all())
    asked = {"product_ids": one_value(set(shown.values()), on_postgres)}
    rows = db.session.execute(_drawings(on_postgres), asked)
    return {seller_id: (sku, form) for seller_id, sku, form in rows}


@functools.cache
def _any_product(on_postgres: bool) -> Any:
    return (
        select(Product.seller_id, func.min(Product.id))
        .where(is_one_of_named(Product.seller_id, "seller_ids", on_postgres))
        .group_by(Product.seller_id)
    )


@functools.cache
def _drawings(on_postgres: bool) -> Any:
    return (
        select(Product.seller_id, Product.sku, Category.picture_form)
        .join(Category, Category.id == Product.category_id)
        .where(is_one_of_named(Product.id, "product_ids", on_postgres))
    )


def history_of(outlet_id: int, day: date, law: Law) -> tuple[HistoryPoint, ...]:
    """How the outlet stood at the last thirteen months' ends and on the day, oldest first."""
    days = [*month_ends_before(day, MONTHS_SHOWN), day]
    kept = db.session.execute(_kept(), {"outlet_id": outlet_id, "days": days})
    points = {on: HistoryPoint(on, *rest) for on, *rest in kept}
    points |= counted_anew(outlet_id, [each for each in days if each not in points], law)
    return tuple(points[each] for each in days)


@functools.cache
def _kept() -> Any:
    """The kept standings of an outlet on days whose evidence has not changed since."""
    outlet_id: Any = bindparam("outlet_id")
    changed_from = (
        select(func.min(EvidenceChange.from_day))
        .where(EvidenceChange.outlet_id == outlet_id)
        .scalar_subquery()
    )
    return select(Standing.day, Standing.counted, Standing.required, Standing.status).where(
        Standing.outlet_id == outlet_id,
        among(Standing.day, "days"),
        or_(changed_from.is_(None), Standing.day < changed_from),
    )


def counted_anew(outlet_id: int, days: Sequence[date], law: Law) -> dict[date, HistoryPoint]:
    """The outlet's standing on days that are not kept, from the evidence, in one statement."""
    if not days:
        return {}
    segments = segments_of(outlet_id)
    points = {day: HistoryPoint(day, 0, None, "") for day in days}
    open_on = {
        day: (facts, rule_for(law.rules, facts.region_code, facts.kind, day))
        for day in days
        for facts in segments
        if facts.valid_from <= day < facts.valid_to
        and facts.opened_on <= day
        and (facts.closed_on is None or day < facts.closed_on)
    }
    moments = [
        Moment(day, rule.terms if rule else DEFAULT_TERMS, law.size_limits_on(day))
        for day, (_, rule) in open_on.items()
    ]
    counts = counts_of_days(outlet_id, moments)
    for day, (facts, rule) in open_on.items():
        counted = counts.get(day, 0)
        status = status_of(rule, counted, facts.opened_on, day)
        points[day] = HistoryPoint(day, counted, rule.min_sellers if rule else None, status.value)
    return points
