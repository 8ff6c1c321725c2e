"""The outlet's own page: what was found, every agreement with its reasons, history and evidence."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from ... import clock
from ...catalog.models import Category, Product
from ...db import db
from ...organizations.models import Outlet
from ...stock.models import ShelfBalance, StockMovement
from ..models import EvidenceChange, Regulation, Standing
from ..rules import DEFAULT_TERMS, Display, Terms, month_ends_before, rule_for, status_of
from .counting import Moment, counts_of_days
from .evidence import OutletEvidence, SellerEvidence, agreement_reasons, evidence_of
from .places import Scope, district_of, is_one_of, place_on, region_names, segments_of
from .regulations import every_rule, size_limits_of
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
    found = next(iter(evidence_of(day, [place])))
    rule = found.finding.rule
    is_open = place.opened_on <= day and (place.closed_on is None or day < place.closed_on)
    return OutletPage(
        day=day,
        standing=_standing(found),
        is_open=is_open,
        outlet=db.session.get_one(Outlet, outlet_id),
        closed_on=place.closed_on,
        regulation=db.session.get(Regulation, rule.id) if rule else None,
        terms=found.terms,
        sellers=_seller_rows(found, day),
        history=history_of(outlet_id, day, scope),
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
    on_hand = units_on_hand(outlet_id, day)
    pictures = _pictures(outlet_id, [seller.seller_id for seller in found.sellers])
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


def units_on_hand(outlet_id: int, day: date) -> dict[int, int]:
    """Units of each seller on the outlet's shelves at the end of a day."""
    if day >= clock.today():
        query = (
            select(ShelfBalance.seller_id, func.sum(ShelfBalance.on_hand))
            .where(ShelfBalance.outlet_id == outlet_id)
            .group_by(ShelfBalance.seller_id)
        )
    else:
        query = (
            select(StockMovement.seller_id, func.sum(StockMovement.change))
            .where(StockMovement.outlet_id == outlet_id, StockMovement.occurred_on <= day)
            .group_by(StockMovement.seller_id)
        )
    return {seller_id: int(units) for seller_id, units in db.session.execute(query)}


def _pictures(outlet_id: int, seller_ids: Collection[int]) -> dict[int, tuple[str, str | None]]:
    """For each seller the product that stood on this outlet's shelf, else any of its own: sku and drawing."""
    if not seller_ids:
        return {}
    shown: dict[int, int] = {}
    shelves = select(ShelfBalance.seller_id, func.min(ShelfBalance.product_id)).where(
        ShelfBalance.outlet_id == outlet_id
    )
    shown |= dict(db.session.execute(shelves.group_by(ShelfBalance.seller_id)).all())
    lacking = set(seller_ids) - set(shown)
    if lacking:
        any_product = select(Product.seller_id, func.min(Product.id)).where(
            is_one_of(db.session(), Product.seller_id, lacking)
        )
        shown |= dict(db.session.execute(any_product.group_by(Product.seller_id)).all())
    query = (
        select(Product.seller_id, Product.sku, Category.picture_form)
        .join(Category, Category.id == Product.category_id)
        .where(is_one_of(db.session(), Product.id, set(shown.values())))
    )
    return {seller_id: (sku, form) for seller_id, sku, form in db.session.execute(query)}


def history_of(outlet_id: int, day: date, scope: Scope) -> tuple[HistoryPoint, ...]:
    """How the outlet stood at the last thirteen months' ends and on the day, oldest first."""
    days = [*month_ends_before(day, MONTHS_SHOWN), day]
    changes = select(func.min(EvidenceChange.from_day)).where(EvidenceChange.outlet_id == outlet_id)
    changed_from = db.session.scalar(changes)
    kept = select(Standing.day, Standing.counted, Standing.required, Standing.status).where(
        Standing.outlet_id == outlet_id, Standing.day.in_(days)
    )
    points = {
        on: HistoryPoint(on, counted, required, status)
        for on, counted, required, status in db.session.execute(kept)
        if changed_from is None or on < changed_from
    }
    points |= counted_anew(outlet_id, [each for each in days if each not in points])
    return tuple(points[each] for each in days)


def counted_anew(outlet_id: int, days: Sequence[date]) -> dict[date, HistoryPoint]:
    """The outlet's standing on days that are not kept, from the evidence, in one statement."""
    if not days:
        return {}
    rules, limits, segments = every_rule(), size_limits_of(days), segments_of(outlet_id)
    points = {day: HistoryPoint(day, 0, None, "") for day in days}
    open_on = {
        day: (facts, rule_for(rules, facts.region_code, facts.kind, day))
        for day in days
        for facts in segments
        if facts.valid_from <= day < facts.valid_to
        and facts.opened_on <= day
        and (facts.closed_on is None or day < facts.closed_on)
    }
    moments = [
        Moment(day, rule.terms if rule else DEFAULT_TERMS, limits[day]) for day, (_, rule) in open_on.items()
    ]
    counts = counts_of_days(outlet_id, moments)
    for day, (facts, rule) in open_on.items():
        counted = counts.get(day, 0)
        status = status_of(rule, counted, facts.opened_on, day)
        points[day] = HistoryPoint(day, counted, rule.min_sellers if rule else None, status.value)
    return points
