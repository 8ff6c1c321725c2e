"""A seller's turnover and tax as its own people read them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from ...db import db
from ...legal import LegalParameter, rows_on
from ..models import OtherSales, SellerTaxFact, TurnoverStatement
from ..rules.tax import TaxTerms
from ..rules.turnover import Marker, YearTurnover, marker_of, percent_reached
from . import tax, turnover


@dataclass(frozen=True, slots=True)
class Reached:
    """How far a year's turnover is on the way to what the law names."""

    key: str
    parameter: LegalParameter
    percent: int
    marker: Marker
    passed_in: date | None


@dataclass(frozen=True)
class TurnoverPage:
    """One year with everything that stands beside it."""

    year: YearTurnover
    years: Sequence[int]
    reached: Sequence[Reached]
    entries: Sequence[OtherSales]
    statements: Sequence[TurnoverStatement]
    is_pkp: bool


@dataclass(frozen=True)
class PkpPage:
    """Whether a seller is PKP, how its sales are taxed then, and all that it said before."""

    is_pkp: bool
    terms: TaxTerms
    parameters: dict[str, LegalParameter]
    history: Sequence[SellerTaxFact]


def turnover_page(seller_id: int, year: int, today: date) -> TurnoverPage:
    """A year of a seller, with the thresholds of that year."""
    session = db.session()
    found = turnover.turnover_of(session, seller_id, year)
    known = turnover.thresholds_on(session, min(today, date(year, 12, 31)))
    reached = [
        Reached(
            key,
            known[key],
            percent_reached(found.total_rupiah, known[key].value),
            marker_of(found.total_rupiah, known[key].value),
            found.passed_in(known[key].value),
        )
        for key in (turnover.FREE, turnover.PKP)
        if key in known
    ]
    return TurnoverPage(
        year=found,
        years=turnover.years_of(session, seller_id, today.year),
        reached=reached,
        entries=turnover.other_sales_of(session, seller_id, year),
        statements=turnover.statements_of(session, seller_id, year),
        is_pkp=bool(tax.pkp_on(session, [seller_id], today)),
    )


def statement_of(seller_id: int, statement_id: int) -> TurnoverStatement | None:
    """One statement of a seller; None for a stranger's."""
    return turnover.statement(db.session(), seller_id, statement_id)


def pkp_page(seller_id: int, today: date) -> PkpPage:
    """What a seller's form on PKP shows beside it."""
    session = db.session()
    return PkpPage(
        is_pkp=bool(tax.pkp_on(session, [seller_id], today)),
        terms=tax.vat_on(session, today),
        parameters=rows_on(session, "vat_", today),
        history=tax.tax_history(session, seller_id),
    )
