"""How many distinct MSME sellers an outlet carries on a day, and why the others do not count.

Everything here is decided over plain values: the day is an argument, the answer carries its reasons. The
set-based SQL of queries/counting.py must answer the same, and the tests hold it to that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

FAR = date(9999, 12, 31)
LISTED_DAYS = 365
"""A seller whose agreement was in force this many days ago is still told about, with its reasons."""


class Reason(StrEnum):
    """Why an agreement does not make its seller count."""

    NOT_IN_FORCE = "not_in_force"
    BASIS_NOT_COUNTED = "basis_not_counted"
    NOT_VERIFIED = "not_verified"
    NOT_MSME = "not_msme"
    AFFILIATED = "affiliated"
    PAPER_ONLY = "paper_only"
    SAME_OWNER = "same_owner"


class Status(StrEnum):
    """What an outlet is found to be on a day."""

    COMPLIANT = "compliant"
    SHORT = "short"
    IN_GRACE = "in_grace"
    NOT_APPLICABLE = "not_applicable"


class Binding(StrEnum):
    """Whether a regulation obliges (letters may follow) or is a target (reported and praised)."""

    MANDATORY = "mandatory"
    TARGET = "target"


@dataclass(frozen=True)
class Terms:
    """How sellers are counted: which bases, and how old the evidence of display may be."""

    counted_bases: frozenset[str] = frozenset({"consignment"})
    display_window_days: int = 30
    outright_window_days: int = 90


DEFAULT_TERMS = Terms()
"""What is counted where no regulation holds."""


@dataclass(frozen=True)
class Rule:
    """One regulation row: where, for which kinds, from when until when, and what it asks."""

    regulation_ref: str
    region_code: str
    outlet_kinds: frozenset[str]
    min_sellers: int
    valid_from: date
    valid_to: date = FAR
    binding: str = Binding.MANDATORY
    grace_days: int = 0
    terms: Terms = DEFAULT_TERMS
    id: int | None = None


@dataclass(frozen=True)
class OutletDay:
    """What counting reads of an outlet on the day."""

    outlet_ref: str
    operator_ref: str
    kind: str
    region_code: str
    opened_on: date
    closed_on: date | None = None


class SellerDay(NamedTuple):
    """What counting reads of a seller on the day. owner_key is equal for sellers of one owner."""

    seller_ref: str
    owner_key: str | None = None
    verified_on: date | None = None
    revoked_on: date | None = None
    closed_on: date | None = None
    annual_sales_rupiah: int | None = None
    capital_rupiah: int | None = None
    affiliated_operator_ref: str | None = None


class AgreementDays(NamedTuple):
    """An agreement accepted by both: its basis and its days. A suspension is (first day, first day after)."""

    basis: str
    starts_on: date
    ends_on: date | None = None
    terminated_on: date | None = None
    suspensions: tuple[tuple[date, date], ...] = ()


@dataclass(frozen=True)
class Unit:
    """One movement of the pair: the shelf's change in units, and the day it was taken back, if it was."""

    product: str
    kind: str
    change: int
    occurred_on: date
    reversed_on: date | None = None


class Display(NamedTuple):
    """What the ledger shows of a pair at the end of the day."""

    is_on_hand: bool = False
    last_sale_on: date | None = None
    last_delivery_on: date | None = None


@dataclass(frozen=True)
class SizeLimits:
    """Up to and including these a business is still of medium size, hence an MSME."""

    sales_rupiah: int
    capital_rupiah: int


class Candidate(NamedTuple):
    """A seller with its agreements and goods at the outlet."""

    seller: SellerDay
    agreements: Sequence[AgreementDays]
    display: Display = Display()


class SellerFinding(NamedTuple):
    """Whether a seller counts; where not, every rule that its best agreement fails."""

    seller_ref: str
    is_counted: bool
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True)
class OutletFinding:
    """The answer for one outlet on one day, with its reasons."""

    outlet: OutletDay
    rule: Rule | None
    counted: int
    status: Status
    sellers: tuple[SellerFinding, ...]

    @property
    def required(self) -> int | None:
        """How many sellers the regulation asks for; None where none holds."""
        return self.rule.min_sellers if self.rule else None

    @property
    def shortfall(self) -> int | None:
        """How many are missing; None where no regulation holds."""
        return shortfall_of(self.required, self.counted)


# --- places and regulations -----------------------------------------------------------------------------


def lies_in(code: str, prefix: str) -> bool:
    """Whether a region code lies under a prefix, by whole levels: 33.72.01 in 33.72, not in 33.7."""
    return not prefix or code == prefix or code.startswith(prefix + ".")


def rule_for(rules: Iterable[Rule], region_code: str, kind: str, day: date) -> Rule | None:
    """The regulation that holds for a place, kind and day: of several, the one of the longest prefix."""
    holding = [
        rule
        for rule in rules
        if rule.valid_from <= day < rule.valid_to
        and kind in rule.outlet_kinds
        and lies_in(region_code, rule.region_code)
    ]
    return max(holding, key=lambda rule: len(rule.region_code), default=None)


def overlaps(one: Rule, other: Rule) -> bool:
    """Whether two regulations would hold for the same prefix and kind on one day."""
    return (
        one.region_code == other.region_code
        and bool(one.outlet_kinds & other.outlet_kinds)
        and one.valid_from < other.valid_to
        and other.valid_from < one.valid_to
    )


# --- the five conditions --------------------------------------------------------------------------------


def is_open(outlet: OutletDay, day: date) -> bool:
    """Whether the outlet is open on the day: the closing day is the first day without it."""
    return outlet.opened_on <= day and (outlet.closed_on is None or day < outlet.closed_on)


def is_in_force(agreement: AgreementDays, day: date) -> bool:
    """Whether the agreement holds: ends_on is the last day, terminated_on the first day without it."""
    return (
        agreement.starts_on <= day
        and (agreement.ends_on is None or day <= agreement.ends_on)
        and (agreement.terminated_on is None or day < agreement.terminated_on)
        and not any(first <= day < end for first, end in agreement.suspensions)
    )


def is_listed(agreement: AgreementDays, day: date) -> bool:
    """Whether its days (suspended or not) touch the day or the 365 days before it."""
    last = agreement.ends_on or FAR
    if agreement.terminated_on is not None:
        if agreement.terminated_on <= agreement.starts_on:
            return False
        last = min(last, agreement.terminated_on - timedelta(days=1))
    return agreement.starts_on <= day and (day - last).days <= LISTED_DAYS


def is_verified(seller: SellerDay, day: date) -> bool:
    """Whether the office had verified it, and it was neither revoked nor closed on or before the day."""
    return (
        seller.verified_on is not None
        and seller.verified_on <= day
        and (seller.revoked_on is None or day < seller.revoked_on)
        and (seller.closed_on is None or day < seller.closed_on)
    )


def is_msme(seller: SellerDay, limits: SizeLimits) -> bool:
    """Whether it is micro, small or medium: by annual sales where known, else by capital, else micro."""
    if seller.annual_sales_rupiah is not None:
        return seller.annual_sales_rupiah <= limits.sales_rupiah
    if seller.capital_rupiah is not None:
        return seller.capital_rupiah <= limits.capital_rupiah
    return True


def display_on(units: Iterable[Unit], day: date) -> Display:
    """What the movements of a pair show at the end of the day.

    A movement taken back on R is undone from R on, and is evidence only for days before R.
    """
    on_hand: dict[str, int] = {}
    last: dict[str, date] = {}
    for unit in units:
        if unit.occurred_on > day:
            continue
        if unit.reversed_on is not None and unit.reversed_on <= day:
            continue
        on_hand[unit.product] = on_hand.get(unit.product, 0) + unit.change
        last[unit.kind] = max(last.get(unit.kind, unit.occurred_on), unit.occurred_on)
    return Display(
        is_on_hand=any(units_left > 0 for units_left in on_hand.values()),
        last_sale_on=last.get("sale"),
        last_delivery_on=last.get("delivery"),
    )


def is_displayed(basis: str, display: Display, terms: Terms, day: date) -> bool:
    """Whether the goods are shown: left on consignment and on hand or sold lately; or delivered lately."""
    if basis == "outright":
        return _is_within(display.last_delivery_on, terms.outright_window_days, day)
    return display.is_on_hand or _is_within(display.last_sale_on, terms.display_window_days, day)


def _is_within(happened_on: date | None, window_days: int, day: date) -> bool:
    return happened_on is not None and 0 <= (day - happened_on).days < window_days


# --- the judgement --------------------------------------------------------------------------------------


def reasons_against(
    agreement: AgreementDays,
    candidate: Candidate,
    outlet: OutletDay,
    terms: Terms,
    limits: SizeLimits,
    day: date,
) -> tuple[Reason, ...]:
    """Every rule that one agreement fails; none when it makes its seller count."""
    seller = candidate.seller
    failed = {
        Reason.NOT_IN_FORCE: not is_in_force(agreement, day),
        Reason.BASIS_NOT_COUNTED: agreement.basis not in terms.counted_bases,
        Reason.NOT_VERIFIED: not is_verified(seller, day),
        Reason.NOT_MSME: not is_msme(seller, limits),
        Reason.AFFILIATED: seller.affiliated_operator_ref == outlet.operator_ref,
        Reason.PAPER_ONLY: not is_displayed(agreement.basis, candidate.display, terms, day),
    }
    return tuple(reason for reason, is_failed in failed.items() if is_failed)


def best(reasons: Iterable[tuple[Reason, ...]]) -> tuple[Reason, ...]:
    """The best agreement's reasons: the fewest; among equals one in force, then one of a counted basis."""
    return min(reasons, key=lambda r: (len(r), Reason.NOT_IN_FORCE in r, Reason.BASIS_NOT_COUNTED in r, r))


def judge_sellers(
    outlet: OutletDay, candidates: Iterable[Candidate], terms: Terms, limits: SizeLimits, day: date
) -> tuple[SellerFinding, ...]:
    """Which sellers count, ordered by seller_ref. Sellers of one owner count once, by the lowest ref."""
    findings = []
    owners_seen: set[str] = set()
    for candidate in sorted(candidates, key=lambda c: c.seller.seller_ref):
        listed = [a for a in candidate.agreements if is_listed(a, day)]
        if not listed:
            continue
        reasons = best(reasons_against(a, candidate, outlet, terms, limits, day) for a in listed)
        owner = candidate.seller.owner_key
        if not reasons and owner is not None:
            if owner in owners_seen:
                reasons = (Reason.SAME_OWNER,)
            owners_seen.add(owner)
        findings.append(SellerFinding(candidate.seller.seller_ref, not reasons, reasons))
    return tuple(findings)


def shortfall_of(required: int | None, counted: int) -> int | None:
    """How many sellers are missing; None where nothing is required."""
    return None if required is None else max(required - counted, 0)


def status_of(rule: Rule | None, counted: int, opened_on: date, day: date) -> Status:
    """What the outlet is on the day: in grace as long as it has been open fewer than grace_days."""
    if rule is None:
        return Status.NOT_APPLICABLE
    if counted >= rule.min_sellers:
        return Status.COMPLIANT
    return Status.IN_GRACE if (day - opened_on).days < rule.grace_days else Status.SHORT


def evaluate(
    outlet: OutletDay, rules: Iterable[Rule], candidates: Iterable[Candidate], limits: SizeLimits, day: date
) -> OutletFinding:
    """The whole answer for one outlet that is open on the day."""
    rule = rule_for(rules, outlet.region_code, outlet.kind, day)
    sellers = judge_sellers(outlet, candidates, rule.terms if rule else DEFAULT_TERMS, limits, day)
    counted = sum(finding.is_counted for finding in sellers)
    return OutletFinding(outlet, rule, counted, status_of(rule, counted, outlet.opened_on, day), sellers)


def month_ends_before(day: date, count: int) -> list[date]:
    """The last days of the `count` months before the day's own, oldest first (none before year 1)."""
    ends: list[date] = []
    last = day
    while len(ends) < count and (last.year, last.month) > (1, 1):
        last = last.replace(day=1) - timedelta(days=1)
        ends.append(last)
    return ends[::-1]


def numbers_of(values: Mapping[str, int]) -> SizeLimits:
    """The size limits among the legal numbers of a day."""
    return SizeLimits(values["msme.sales.medium_max_rupiah"], values["msme.capital.medium_max_rupiah"])
