"""The evidence itself: for every seller of an outlet the agreements, facts and goods that are judged."""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Date, ScalarSelect, and_, bindparam, or_, select
from sqlalchemy.orm import aliased

from ...db import db, is_postgres
from ...organizations.models import Seller, SellerFacts
from ...placements.models import Agreement, Suspension
from ...stock.models import StockMovement
from ..rules import (
    DEFAULT_TERMS,
    LISTED_DAYS,
    AgreementDays,
    Candidate,
    Display,
    OutletDay,
    OutletFinding,
    Rule,
    SellerDay,
    SizeLimits,
    Terms,
    is_listed,
    judge_sellers,
    reasons_against,
    status_of,
)
from .counting import Day, assign_rules, is_on_hand, standing
from .places import Place, Scope, current_on, is_one_of_named, one_value, places_open_on
from .regulations import Law, rules_on, size_limits_on

CHUNK = 250
"""Outlets whose evidence is held in memory at once."""


class AgreementEvidence(NamedTuple):
    """One agreement as it was judged."""

    id: int
    agreement_ref: str
    days: AgreementDays


class SellerEvidence(NamedTuple):
    """One seller of an outlet with everything that decided whether it counts."""

    seller_id: int
    name: str
    region_code: str
    agreements: tuple[AgreementEvidence, ...]
    candidate: Candidate


@dataclass(frozen=True)
class OutletEvidence:
    """One outlet, what was found, and the evidence that it was found from (in order of seller_ref)."""

    place: Place
    finding: OutletFinding
    sellers: tuple[SellerEvidence, ...]
    limits: SizeLimits

    @property
    def terms(self) -> Terms:
        """How sellers were counted here."""
        return self.finding.rule.terms if self.finding.rule else DEFAULT_TERMS


def evidence(day: date, scope: Scope, outlet_ids: Collection[int] | None = None) -> Iterator[OutletEvidence]:
    """Every outlet open on the day with its evidence, in order of outlet_ref, a few hundred at a time."""
    places = places_open_on(day, scope, outlet_ids)
    yield from evidence_of(day, places)


def evidence_of(day: date, places: Sequence[Place], law: Law | None = None) -> Iterator[OutletEvidence]:
    """The evidence of these outlets; who has read the law already passes it on."""
    holding = assign_rules(places, law.rules_on(day) if law else rules_on(day), day)
    limits = law.size_limits_on(day) if law else size_limits_on(day)
    for start in range(0, len(places), CHUNK):
        chunk = places[start : start + CHUNK]
        sellers = _sellers(day, [place.outlet_id for place in chunk])
        for place in chunk:
            yield _judge(place, holding[place.outlet_id], sellers[place.outlet_id], limits, day)


def _judge(
    place: Place, rule: Rule | None, sellers: list[SellerEvidence], limits: SizeLimits, day: date
) -> OutletEvidence:
    outlet = OutletDay(
        place.outlet_ref, place.operator_ref, place.kind, place.region_code, place.opened_on, place.closed_on
    )
    terms = rule.terms if rule else DEFAULT_TERMS
    found = judge_sellers(outlet, [seller.candidate for seller in sellers], terms, limits, day)
    counted = sum(seller.is_counted for seller in found)
    finding = OutletFinding(outlet, rule, counted, status_of(rule, counted, place.opened_on, day), found)
    return OutletEvidence(place, finding, tuple(sellers), limits)


def counts_here(outlet_id: int, seller_id: int, day: date) -> bool:
    """Whether a seller counts on a day for the duty of an outlet (not for a mere target)."""
    for found in evidence(day, Scope(), [outlet_id]):
        rule = found.finding.rule
        if rule is None or rule.binding != "mandatory":
            return False
        counted = {one.seller_ref for one in found.finding.sellers if one.is_counted}
        refs = {seller.seller_id: seller.candidate.seller.seller_ref for seller in found.sellers}
        return refs.get(seller_id) in counted
    return False


def agreement_reasons(found: OutletEvidence, seller: SellerEvidence, day: date) -> dict[int, tuple[str, ...]]:
    """Every rule that each agreement of a seller fails, by agreement id."""
    return {
        agreement.id: tuple(
            reasons_against(
                agreement.days, seller.candidate, found.finding.outlet, found.terms, found.limits, day
            )
        )
        for agreement in seller.agreements
    }


def _sellers(day: date, outlet_ids: Collection[int]) -> defaultdict[int, list[SellerEvidence]]:
    on_postgres = is_postgres()
    asked = {
        "day": day,
        "since": day - timedelta(days=min(LISTED_DAYS, (day - date.min).days)),
        "outlet_ids": one_value(outlet_ids, on_postgres),
    }
    rows = db.session.execute(_query(on_postgres), asked).all()
    suspended = _suspensions([row.id for row in rows if row.id is not None])
    pairs: defaultdict[tuple[int, int], list[Any]] = defaultdict(list)
    for row in rows:
        pairs[row.outlet_id, row.seller_id].append(row)
    found: defaultdict[int, list[SellerEvidence]] = defaultdict(list)
    for (outlet_id, _seller_id), of_pair in pairs.items():
        agreements = [_agreement(row, suspended) for row in of_pair]
        listed = tuple(agreement for agreement in agreements if is_listed(agreement.days, day))
        if listed:
            found[outlet_id].append(_seller(of_pair[0], listed))
    for sellers in found.values():
        sellers.sort(key=lambda seller: seller.candidate.seller.seller_ref)
    return found


@functools.cache
def _query(on_postgres: bool) -> Any:
    """Built once: building it takes longer than running it for one outlet."""
    day, since = bindparam("day", type_=Date), bindparam("since", type_=Date)
    return (
        select(
            Agreement.id,
            Agreement.agreement_ref,
            Agreement.outlet_id,
            Agreement.seller_id,
            Agreement.basis,
            Agreement.starts_on,
            Agreement.ends_on,
            Agreement.terminated_on,
            Seller.seller_ref,
            Seller.name,
            SellerFacts.region_code,
            SellerFacts.owner_key,
            SellerFacts.verified_on,
            SellerFacts.revoked_on,
            SellerFacts.closed_on,
            SellerFacts.annual_sales_rupiah,
            SellerFacts.capital_rupiah,
            SellerFacts.affiliated_operator_ref,
            is_on_hand(day).label("is_on_hand"),
            _last(day, "sale").label("last_sale_on"),
            _last(day, "delivery").label("last_delivery_on"),
        )
        .join(Seller, Seller.id == Agreement.seller_id)
        .outerjoin(
            SellerFacts, and_(SellerFacts.seller_id == Agreement.seller_id, current_on(SellerFacts, day))
        )
        .where(
            is_one_of_named(Agreement.outlet_id, "outlet_ids", on_postgres),
            Agreement.state == "accepted",
            Agreement.starts_on <= day,
            or_(Agreement.ends_on.is_(None), Agreement.ends_on >= since),
            or_(Agreement.terminated_on.is_(None), Agreement.terminated_on > since),
        )
        .order_by(Agreement.id)
    )


def _last(day: Day, kind: str) -> ScalarSelect[date]:
    movement = aliased(StockMovement)
    return (
        select(movement.occurred_on)
        .where(*standing(movement, day, kind))
        .order_by(movement.occurred_on.desc())
        .limit(1)
        .scalar_subquery()
    )


def _suspensions(agreement_ids: Collection[int]) -> defaultdict[int, list[tuple[date, date]]]:
    found: defaultdict[int, list[tuple[date, date]]] = defaultdict(list)
    if agreement_ids:
        on_postgres = is_postgres()
        asked = {"agreement_ids": one_value(agreement_ids, on_postgres)}
        for agreement_id, first_day, end_day in db.session.execute(_suspended(on_postgres), asked):
            found[agreement_id].append((first_day, end_day))
    return found


@functools.cache
def _suspended(on_postgres: bool) -> Any:
    return (
        select(Suspension.agreement_id, Suspension.first_day, Suspension.end_day)
        .where(is_one_of_named(Suspension.agreement_id, "agreement_ids", on_postgres))
        .order_by(Suspension.id)
    )


def _agreement(row: Any, suspended: dict[int, list[tuple[date, date]]]) -> AgreementEvidence:
    days = AgreementDays(
        row.basis, row.starts_on, row.ends_on, row.terminated_on, tuple(suspended.get(row.id, ()))
    )
    return AgreementEvidence(row.id, row.agreement_ref, days)


def _seller(row: Any, agreements: tuple[AgreementEvidence, ...]) -> SellerEvidence:
    facts = SellerDay(
        seller_ref=row.seller_ref,
        owner_key=row.owner_key,
        verified_on=row.verified_on,
        revoked_on=row.revoked_on,
        closed_on=row.closed_on,
        annual_sales_rupiah=row.annual_sales_rupiah,
        capital_rupiah=row.capital_rupiah,
        affiliated_operator_ref=row.affiliated_operator_ref,
    )
    shown = Display(bool(row.is_on_hand), row.last_sale_on, row.last_delivery_on)
    candidate = Candidate(facts, tuple(agreement.days for agreement in agreements), shown)
    return SellerEvidence(row.seller_id, row.name, row.region_code or "", agreements, candidate)
