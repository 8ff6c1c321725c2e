"""Small cities made by hypothesis: written through the real services, and kept as plain values beside."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st
from sqlalchemy import delete

from marketplace.compliance import rules
from marketplace.compliance.models import EvidenceChange, Regulation, Standing, StandingDay
from marketplace.crypto import blind_index
from marketplace.db import unit_of_work
from marketplace.errors import MarketplaceError
from marketplace.permissions import SYSTEM
from marketplace.placements.models import Suspension
from marketplace.stock.models import MovementKind
from marketplace.stock.rules import Movement
from marketplace.stock.services import post_movements, reverse_movement
from tests import factories

TODAY = date(2026, 11, 22)
LIMITS = rules.SizeLimits(50_000_000_000, 10_000_000_000)
PLACES = ["33.72.01.1002", "33.72.04.1010", "33.73.01.1001"]
PREFIXES = ["33", "33.72", "33.72.01", "33.72.01.1002", "33.7"]
KINDS = ["minimarket", "hotel"]
NIKS = ["3372010101800001", "3372010101800002"]

ago = st.integers(0, 130).map(lambda days: TODAY - timedelta(days=days))
maybe_day = st.none() | ago
money = st.none() | st.sampled_from([0, 10_000_000_000, 10_000_000_001, 50_000_000_000, 50_000_000_001])


@st.composite
def sellers(draw: st.DrawFn) -> dict[str, Any]:
    """What is drawn of one seller."""
    return {
        "verified_on": draw(st.just(date(2020, 1, 1)) | maybe_day),
        "revoked_on": draw(st.none() | maybe_day),
        "closed_on": draw(st.none() | maybe_day),
        "annual_sales_rupiah": draw(money),
        "capital_rupiah": draw(money),
        "owner_nik": draw(st.none() | st.sampled_from(NIKS)),
        "is_affiliated": draw(st.sampled_from([False, False, False, True])),
    }


@st.composite
def agreements(draw: st.DrawFn) -> dict[str, Any]:
    """What is drawn of one agreement."""
    starts_on = draw(st.just(date(2020, 1, 1)) | ago)
    length = draw(st.none() | st.integers(0, 90))
    first = draw(maybe_day)
    return {
        "seller": draw(st.integers(0, 4)),
        "basis": draw(st.sampled_from(["consignment", "consignment", "outright"])),
        "state": draw(st.sampled_from(["accepted", "accepted", "accepted", "proposed"])),
        "starts_on": starts_on,
        "ends_on": None if length is None else starts_on + timedelta(days=length),
        "terminated_on": draw(st.none() | ago),
        "suspension": None if first is None else (first, first + timedelta(days=draw(st.integers(1, 30)))),
    }


movements = st.tuples(
    st.integers(0, 4),  # seller
    st.integers(0, 1),  # which of its products
    st.sampled_from(["delivery", "delivery", "sale", "sale", "return", "loss", "found"]),
    st.integers(1, 3),
    ago,
    st.none() | st.integers(0, 40),  # taken back so many days later
)


@st.composite
def laws(draw: st.DrawFn) -> dict[str, Any]:
    """What is drawn of one regulation."""
    valid_from = draw(st.just(date(2011, 10, 26)) | ago)
    length = draw(st.none() | st.integers(1, 120))
    return {
        "region_code": draw(st.sampled_from(PREFIXES)),
        "outlet_kinds": draw(st.sampled_from([["minimarket"], ["hotel"], ["minimarket", "hotel"]])),
        "min_sellers": draw(st.integers(0, 4)),
        "valid_from": valid_from,
        "valid_to": rules.FAR if length is None else valid_from + timedelta(days=length),
        "binding": draw(st.sampled_from(["mandatory", "target"])),
        "counted_bases": draw(st.sampled_from([["consignment"], ["consignment", "outright"], ["outright"]])),
        "display_window_days": draw(st.sampled_from([0, 1, 7, 30])),
        "outright_window_days": draw(st.sampled_from([0, 1, 14, 90])),
        "grace_days": draw(st.sampled_from([0, 10, 90])),
    }


@st.composite
def plans(draw: st.DrawFn) -> dict[str, Any]:
    """What is drawn of one city: an outlet, five sellers, their agreements and movements, regulations."""
    return {
        "kind": draw(st.sampled_from(KINDS)),
        "region_code": draw(st.sampled_from(PLACES)),
        "opened_on": draw(st.just(date(2019, 1, 1)) | ago),
        "closed_on": draw(maybe_day),
        "sellers": draw(st.lists(sellers(), min_size=5, max_size=5)),
        "agreements": draw(st.lists(agreements(), max_size=8)),
        "movements": draw(st.lists(movements, max_size=14)),
        "laws": draw(st.lists(laws(), max_size=3)),
        "days": draw(st.lists(ago, min_size=1, max_size=3)),
    }


@dataclass
class City:
    """One city in the database, and the same as the plain values that the rules judge."""

    outlet_id: int = 0
    outlet: rules.OutletDay | None = None
    laws: list[rules.Rule] = field(default_factory=list)
    sellers: list[rules.SellerDay] = field(default_factory=list)
    agreements: dict[int, list[rules.AgreementDays]] = field(default_factory=dict)
    units: dict[int, list[rules.Unit]] = field(default_factory=dict)
    people: list[Any] = field(default_factory=list)
    products: dict[tuple[int, int], Any] = field(default_factory=dict)

    def judged_on(self, day: date) -> rules.OutletFinding | None:
        """What the plain rules say; None while the outlet is closed."""
        assert self.outlet is not None
        if not rules.is_open(self.outlet, day):
            return None
        candidates = [
            rules.Candidate(
                seller, self.agreements.get(number, []), rules.display_on(self.units.get(number, []), day)
            )
            for number, seller in enumerate(self.sellers)
        ]
        return rules.evaluate(self.outlet, self.laws, candidates, LIMITS, day)


def build(plan: dict[str, Any], number: int) -> City:
    """Write the city, and remember it. `number` keeps the references of several cities apart."""
    with unit_of_work() as session:  # one, for committing each row by itself would be most of the time
        for table in (Standing, StandingDay, EvidenceChange, Regulation):
            session.execute(delete(table))
        made = _found(plan, number)
    move(made, plan["movements"], f"M-{number}")
    return made


def _found(plan: dict[str, Any], number: int) -> City:
    made = City(laws=_laws(plan["laws"], number))
    operator = factories.operator(f"OP-{number}")
    fields = {name: plan[name] for name in ("kind", "region_code", "opened_on", "closed_on")}
    if fields["closed_on"] is not None and fields["closed_on"] <= fields["opened_on"]:
        fields["closed_on"] = None
    place = factories.outlet(f"T-{number}", operator_id=operator.id, **fields)
    made.outlet_id = place.id
    made.outlet = rules.OutletDay(place.outlet_ref, operator.operator_ref, **fields)
    made.people = [
        _seller(facts, operator.operator_ref, number, n, made) for n, facts in enumerate(plan["sellers"])
    ]
    for n, drawn in enumerate(plan["agreements"]):
        _agreement(place, made.people[drawn["seller"]], drawn, f"A-{number}-{n}", made)
    return made


def move(made: City, drawn: list[Any], ref: str) -> None:
    """Post movements at the city's outlet."""
    with unit_of_work():
        for goods in dict.fromkeys((who, which) for who, which, *_rest in drawn):
            if goods not in made.products:
                made.products[goods] = factories.product(made.people[goods[0]])
    for n, (who, which, kind, quantity, on, back) in enumerate(drawn):
        _move(made, made.products[who, which], kind, quantity, on, back, f"{ref}-{n}", who)


def _laws(drawn: list[dict[str, Any]], number: int) -> list[rules.Rule]:
    kept: list[rules.Rule] = []
    for n, law in enumerate(drawn):
        rule = rules.Rule(
            regulation_ref=f"R-{number}-{n}",
            region_code=law["region_code"],
            outlet_kinds=frozenset(law["outlet_kinds"]),
            min_sellers=law["min_sellers"],
            valid_from=law["valid_from"],
            valid_to=law["valid_to"],
            binding=law["binding"],
            grace_days=law["grace_days"],
            terms=rules.Terms(
                frozenset(law["counted_bases"]), law["display_window_days"], law["outright_window_days"]
            ),
        )
        if not any(rules.overlaps(rule, other) for other in kept):
            kept.append(rule)
            factories.regulation(**{**law, "regulation_ref": rule.regulation_ref})
    return kept


def _seller(facts: dict[str, Any], operator_ref: str, number: int, n: int, made: City) -> Any:
    values = {name: value for name, value in facts.items() if name != "is_affiliated"}
    values["affiliated_operator_ref"] = operator_ref if facts["is_affiliated"] else None
    row = factories.seller(f"U-{number}-{n}", **values)
    nik = values.pop("owner_nik")
    key = None if nik is None else blind_index(nik)
    made.sellers.append(rules.SellerDay(seller_ref=row.seller_ref, owner_key=key, **values))
    return row


def _agreement(place: Any, seller: Any, drawn: dict[str, Any], ref: str, made: City) -> None:
    fields = {name: drawn[name] for name in ("basis", "state", "starts_on", "ends_on", "terminated_on")}
    row = factories.agreement(place, seller, agreement_ref=ref, **fields)
    suspensions: tuple[tuple[date, date], ...] = ()
    if drawn["suspension"] is not None:
        first, end = drawn["suspension"]
        with unit_of_work() as session:
            session.add(
                Suspension(
                    agreement_id=row.id,
                    first_day=first,
                    end_day=end,
                    reason="uji",
                    recorded_at=row.created_at,
                )
            )
        suspensions = ((first, end),)
    if fields.pop("state") == "accepted":
        days = rules.AgreementDays(suspensions=suspensions, **fields)
        made.agreements.setdefault(drawn["seller"], []).append(days)


def _move(
    made: City, product: Any, kind: str, quantity: int, on: date, back: int | None, ref: str, who: int
) -> None:
    """Post a movement, and perhaps take it back; what the ledger refuses has not happened."""
    movement = Movement(ref, MovementKind(kind), made.outlet_id, product.seller_id, product.id, quantity, on)
    try:
        post_movements(actor=SYSTEM, movements=[movement])
    except MarketplaceError:
        return
    reversed_on = None
    if back is not None:
        reversed_on = min(on + timedelta(days=back), TODAY)
        try:
            reverse_movement(ref, actor=SYSTEM, occurred_on=reversed_on)
        except MarketplaceError:
            reversed_on = None
    change = quantity if kind in {"delivery", "found"} else -quantity
    made.units.setdefault(who, []).append(rules.Unit(product.sku, kind, change, on, reversed_on))
