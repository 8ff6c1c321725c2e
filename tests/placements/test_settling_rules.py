"""What a line brings, which cycle it falls in, what waits: plain arithmetic, for any values."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from types import SimpleNamespace

from hypothesis import given
from hypothesis import strategies as st

from marketplace.money import percent_of
from marketplace.payments.rules.ageing import age_of
from marketplace.placements.rules.money import (
    Amounts,
    line_amounts,
    lost_amounts,
    retail_price,
    take_back,
    totals,
)
from marketplace.placements.rules.settling import (
    Charges,
    Line,
    LineKind,
    Period,
    VersionTerms,
    period_of,
    plan,
    version_on,
)
from marketplace.placements.rules.terms import Basis, Terms, terms_among

DAYS = st.dates(date(2025, 1, 1), date(2027, 12, 31))
CYCLES = st.sampled_from(["weekly", "twice_monthly", "monthly"])
PERCENTS = st.decimals(0, 100, places=2)
PRICES = st.integers(0, 10**7)
QUANTITIES = st.integers(1, 10**6)


def share(basis, percent=None, rupiah=None):
    return SimpleNamespace(commission_basis=basis, commission_percent=percent, commission_rupiah=rupiah)


SHARES = st.one_of(
    PERCENTS.map(lambda percent: share("percent_of_retail", percent)),
    PRICES.map(lambda rupiah: share("fixed_per_unit", rupiah=rupiah)),
    st.just(share("net_price")),
    st.just(share("none")),
)


@given(SHARES, QUANTITIES, PRICES, st.none() | PRICES)
def test_net_is_what_is_left_and_taking_back_undoes_it(terms, quantity, price, net_price):
    amounts = line_amounts(terms, quantity, price, net_price)
    assert amounts.gross == quantity * price
    assert amounts.net == amounts.gross - amounts.commission
    assert line_amounts(terms, -quantity, price, net_price) == -amounts
    if terms.commission_basis != "net_price":
        assert 0 <= amounts.commission <= amounts.gross


@given(PERCENTS, QUANTITIES, PRICES)
def test_a_percentage_is_rounded_half_up_once_for_each_line(percent, quantity, price):
    amounts = line_amounts(share("percent_of_retail", percent), quantity, price)
    assert amounts.commission == percent_of(quantity * price, percent)


def test_the_four_ways_of_sharing():
    assert line_amounts(share("percent_of_retail", Decimal("12.5")), 3, 1_001) == (3_003, 375, 2_628)
    assert line_amounts(share("percent_of_retail", Decimal("50")), 1, 1) == (1, 1, 0)
    assert line_amounts(share("fixed_per_unit", rupiah=2_000), 3, 15_000) == (45_000, 6_000, 39_000)
    assert line_amounts(share("fixed_per_unit", rupiah=2_000), 3, 1_500) == (4_500, 4_500, 0)
    assert line_amounts(share("net_price"), 2, 15_000, 11_000) == (30_000, 8_000, 22_000)
    assert line_amounts(share("net_price"), 2, 10_000, 11_000) == (20_000, -2_000, 22_000)
    assert line_amounts(share("none"), 2, 15_000) == (30_000, 0, 30_000)


def test_lost_units_are_charged_at_what_the_maker_would_have_got():
    assert lost_amounts(share("percent_of_retail", Decimal(20)), 2, 10_000, None) == (16_000, 0, 16_000)
    assert lost_amounts(share("net_price"), 2, 10_000, 7_000) == (14_000, 0, 14_000)


def test_a_sale_below_the_agreed_price_is_reckoned_by_it_unless_the_maker_consented():
    assert retail_price(8_000, 10_000, None, None, 7_000) == 10_000
    assert retail_price(8_000, 10_000, 8_000, None, 7_000) == 8_000
    assert retail_price(7_000, 10_000, 8_000, None, 7_000) == 8_000
    assert retail_price(12_000, 10_000, None, None, 7_000) == 12_000
    assert retail_price(8_000, None, None, 9_000, 7_000) == 8_000
    assert retail_price(None, 10_000, None, 9_000, 7_000) == 10_000
    assert retail_price(None, None, None, 9_000, 7_000) == 9_000
    assert retail_price(None, None, None, None, 7_000) == 7_000


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 50), st.integers(0, 10**6)), max_size=30))
def test_what_is_given_back_never_exceeds_the_charge_and_the_last_unit_takes_the_rest(steps):
    charges, units, rupiah = Charges(), 0, 0
    for is_loss, quantity, amount in steps:
        if is_loss:
            charges.charge(quantity, amount)
            units, rupiah = units + quantity, rupiah + amount
        else:
            taken, back = charges.give_back(quantity)
            assert taken == min(quantity, units)
            assert 0 <= back <= rupiah
            units, rupiah = units - taken, rupiah - back
            assert units or not rupiah
        assert (charges.units, charges.rupiah) == (units, rupiah)


def test_nothing_is_given_back_of_nothing():
    assert take_back(0, 0, 5) == (0, 0)
    assert take_back(3, 10_000, 1) == (1, 3_333)


@given(CYCLES, DAYS)
def test_cycles_cover_every_day_once(cycle, day):
    period = period_of(cycle, day)
    assert period.first <= day <= period.last
    assert period_of(cycle, period.first) == period_of(cycle, period.last) == period
    following = period_of(cycle, period.last + timedelta(days=1))
    assert following.first == period.last + timedelta(days=1)


def test_weeks_begin_on_monday_and_months_are_halved_after_the_fifteenth():
    day = date(2026, 2, 18)
    assert period_of("weekly", day) == (date(2026, 2, 16), date(2026, 2, 22))
    assert period_of("twice_monthly", day) == (date(2026, 2, 16), date(2026, 2, 28))
    assert period_of("twice_monthly", date(2026, 2, 15)) == (date(2026, 2, 1), date(2026, 2, 15))
    assert period_of("monthly", day) == (date(2026, 2, 1), date(2026, 2, 28))


def line(day, net, number=1):
    return Line(number, 1, LineKind.SALE, day, 1, net, 1, Amounts(net, 0, net))


LINES = st.lists(st.tuples(DAYS, st.integers(-1_000, 1_000)), max_size=40).map(sorted)


@given(LINES, st.lists(CYCLES, min_size=1, max_size=3), st.none() | DAYS, DAYS)
def test_every_line_is_settled_once_or_waits(pairs, cycles, settled_to, until):
    lines = [line(day, net, number) for number, (day, net) in enumerate(pairs)]

    def cycle_on(day):
        return cycles[day.toordinal() // 97 % len(cycles)]

    planned, waiting = plan(lines, cycle_on, settled_to, until)
    kept = [one.movement_id for each in planned for one in each.lines] + [one.movement_id for one in waiting]
    assert sorted(kept) == [one.movement_id for one in lines]
    for each in planned:
        assert each.net >= 0
        assert each.lines
        assert each.period.last <= until
        assert settled_to is None or each.period.first > settled_to
        assert all(one.occurred_on <= each.period.last for one in each.lines)
    for one, other in pairwise(planned):
        assert one.period.last < other.period.first


def test_what_comes_late_or_takes_back_joins_the_next_cycle():
    october = Period(date(2026, 10, 1), date(2026, 10, 31))
    lines = [
        line(date(2026, 9, 20), 500, 1),
        line(date(2026, 10, 3), 1_000, 2),
        line(date(2026, 11, 2), 1, 3),
    ]
    planned, waiting = plan(lines, lambda _day: "monthly", date(2026, 9, 30), date(2026, 11, 20))
    assert [(one.period, [each.movement_id for each in one.lines]) for one in planned] == [(october, [1, 2])]
    assert [one.movement_id for one in waiting] == [3]


def test_a_cycle_that_comes_to_less_than_nothing_joins_the_next():
    lines = [line(date(2026, 9, 20), -500, 1), line(date(2026, 10, 3), 1_000, 2)]
    planned, waiting = plan(lines, lambda _day: "monthly", None, date(2026, 10, 31))
    assert [(one.net, len(one.lines)) for one in planned] == [(500, 2)]
    assert waiting == []
    planned, waiting = plan(lines[:1], lambda _day: "monthly", None, date(2026, 10, 31))
    assert planned == []
    assert [one.movement_id for one in waiting] == [1]


def test_a_new_version_with_other_cycles_leaves_no_day_out_and_takes_none_twice():
    lines = [line(date(2026, 10, day), 100, day) for day in (3, 12, 17, 20)]
    change = date(2026, 10, 14)
    planned, _waiting = plan(
        lines, lambda day: "monthly" if day >= change else "weekly", None, date(2026, 10, 31)
    )
    periods = [one.period for one in planned]
    assert periods == [
        (date(2026, 9, 28), date(2026, 10, 4)),
        (date(2026, 10, 12), date(2026, 10, 18)),
        (date(2026, 10, 19), date(2026, 10, 31)),
    ]


VERSIONS = st.lists(DAYS, min_size=1, max_size=5)


@given(VERSIONS, DAYS)
def test_the_version_of_a_day_is_the_one_that_the_terms_say(days, day):
    terms = [
        Terms(
            agreement_id=1, version_id=n, number=n, basis=Basis.CONSIGNMENT, valid_from=first, starts_on=first
        )
        for n, first in enumerate(days, start=1)
    ]
    versions = [
        VersionTerms(n, n, first, "none", None, None, "monthly", 14) for n, first in enumerate(days, 1)
    ]
    found = terms_among(terms, day)
    assert found is not None
    assert version_on(versions, day).number == found.number


def test_totals_keep_losses_apart_and_weigh_days():
    day = date(2026, 10, 3)
    sums = totals([(False, day, Amounts(100, 20, 80)), (True, day, Amounts(50, 0, 50))])
    assert sums[:4] == (100, 20, 50, 130)
    assert sums.weight == 130 * (day - date(2000, 1, 1)).days


def test_the_ages_of_a_debt():
    assert [age_of(days) for days in (0, 15, 16, 30, 31, 60, 61)] == [0, 0, 1, 1, 2, 2, 3]
