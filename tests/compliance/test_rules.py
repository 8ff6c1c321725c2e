"""The rules, day by day: every window's first and last day, every bound, every prefix."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from marketplace.compliance.rules import (
    AgreementDays,
    Candidate,
    Display,
    OutletDay,
    Reason,
    Rule,
    SellerDay,
    SizeLimits,
    Status,
    Terms,
    Unit,
    best,
    display_on,
    evaluate,
    is_displayed,
    is_in_force,
    is_listed,
    is_msme,
    is_verified,
    judge_sellers,
    lies_in,
    month_ends_before,
    overlaps,
    rule_for,
    status_of,
)

D = date(2026, 11, 22)
LIMITS = SizeLimits(50_000_000_000, 10_000_000_000)
OUTLET = OutletDay("T1", "OP1", "minimarket", "33.72.01.1001", date(2019, 1, 1))
SELLER = SellerDay("U1", verified_on=date(2020, 1, 1))
OPEN = AgreementDays("consignment", date(2020, 1, 1))
ON_SHELF = Display(is_on_hand=True)
RULE = Rule("R1", "33.72", frozenset({"minimarket"}), 5, date(2011, 10, 26), grace_days=90)


def days(count: int) -> timedelta:
    return timedelta(days=count)


@pytest.mark.parametrize(
    ("agreement", "expected"),
    [
        (AgreementDays("consignment", D), True),
        (AgreementDays("consignment", D + days(1)), False),
        (AgreementDays("consignment", D - days(9), ends_on=D), True),
        (AgreementDays("consignment", D - days(9), ends_on=D - days(1)), False),
        (AgreementDays("consignment", D - days(9), terminated_on=D + days(1)), True),
        (AgreementDays("consignment", D - days(9), terminated_on=D), False),
        (AgreementDays("consignment", D - days(9), suspensions=((D, D + days(1)),)), False),
        (AgreementDays("consignment", D - days(9), suspensions=((D - days(3), D),)), True),
        (AgreementDays("consignment", D - days(9), suspensions=((D + days(1), D + days(5)),)), True),
    ],
)
def test_an_agreement_is_in_force_from_its_first_to_its_last_day(agreement: AgreementDays, expected: bool):
    assert is_in_force(agreement, D) is expected


@pytest.mark.parametrize(
    ("agreement", "expected"),
    [
        (AgreementDays("outright", date(2020, 1, 1), ends_on=D - days(365)), True),
        (AgreementDays("outright", date(2020, 1, 1), ends_on=D - days(366)), False),
        (AgreementDays("outright", date(2020, 1, 1), terminated_on=D - days(364)), True),
        (AgreementDays("outright", date(2020, 1, 1), terminated_on=D - days(365)), False),
        (AgreementDays("outright", D + days(1)), False),
        (AgreementDays("outright", D - days(5), terminated_on=D - days(5)), False),
    ],
)
def test_a_seller_is_told_about_for_365_days_after_its_agreement(agreement: AgreementDays, expected: bool):
    assert is_listed(agreement, D) is expected


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"verified_on": D}, True),
        ({"verified_on": D + days(1)}, False),
        ({"verified_on": None}, False),
        ({"revoked_on": D + days(1)}, True),
        ({"revoked_on": D}, False),
        ({"closed_on": D + days(1)}, True),
        ({"closed_on": D}, False),
    ],
)
def test_a_seller_is_verified_until_the_day_it_is_revoked_or_closed(facts: dict[str, Any], expected: bool):
    assert is_verified(SELLER._replace(**facts), D) is expected


@pytest.mark.parametrize(
    ("sales", "capital", "expected"),
    [
        (50_000_000_000, None, True),
        (50_000_000_001, None, False),
        (None, 10_000_000_000, True),
        (None, 10_000_000_001, False),
        (None, None, True),
        (1, 99_000_000_000, True),
        (50_000_000_001, 1, False),
    ],
)
def test_annual_sales_decide_the_size_where_known_and_bounds_are_inclusive(
    sales: int | None, capital: int | None, expected: bool
):
    assert is_msme(SELLER._replace(annual_sales_rupiah=sales, capital_rupiah=capital), LIMITS) is expected


def test_a_sale_is_evidence_on_its_day_and_for_the_window_counting_that_day():
    terms = Terms(display_window_days=30)
    assert is_displayed("consignment", Display(last_sale_on=D), terms, D)
    assert is_displayed("consignment", Display(last_sale_on=D - days(29)), terms, D)
    assert not is_displayed("consignment", Display(last_sale_on=D - days(30)), terms, D)
    assert not is_displayed("consignment", Display(last_sale_on=D), Terms(display_window_days=0), D)


def test_a_delivery_is_evidence_of_outright_display_and_goods_on_hand_are_not():
    terms = Terms(outright_window_days=90)
    assert is_displayed("outright", Display(last_delivery_on=D - days(89)), terms, D)
    assert not is_displayed("outright", Display(last_delivery_on=D - days(90)), terms, D)
    assert not is_displayed("outright", ON_SHELF, terms, D)


def test_goods_are_on_hand_when_some_product_is_left_at_the_end_of_the_day():
    units = [Unit("a", "delivery", 5, D), Unit("a", "sale", -5, D), Unit("b", "delivery", 1, D + days(1))]
    assert display_on(units, D) == Display(False, D, D)
    assert display_on(units, D + days(1)).is_on_hand


def test_a_sale_taken_back_is_evidence_only_for_days_before():
    units = [
        Unit("a", "delivery", 1, D - days(9)),
        Unit("a", "sale", -1, D - days(5), reversed_on=D),
    ]
    assert display_on(units, D - days(1)) == Display(False, D - days(5), D - days(9))
    assert display_on(units, D) == Display(True, None, D - days(9))


def test_a_movement_after_the_day_is_no_evidence():
    assert display_on([Unit("a", "sale", -1, D + days(1))], D) == Display()


@pytest.mark.parametrize(
    ("code", "prefix", "expected"),
    [
        ("33.72", "33.72", True),
        ("33.72.01.1001", "33.72", True),
        ("33.72", "33.7", False),
        ("33.72.01", "33.72.0", False),
        ("33.72", "33.72.01", False),
        ("33.72", "", True),
    ],
)
def test_a_region_lies_in_another_by_whole_levels(code: str, prefix: str, expected: bool):
    assert lies_in(code, prefix) is expected


def test_the_longest_prefix_that_holds_for_the_kind_and_day_wins():
    city = RULE
    district = replace(RULE, regulation_ref="R2", region_code="33.72.01", valid_from=D)
    hotels = replace(
        RULE, regulation_ref="R3", region_code="33.72.01.1001", outlet_kinds=frozenset({"hotel"})
    )
    everything = [district, hotels, city, replace(RULE, region_code="33.7")]
    assert rule_for(everything, "33.72.01.1001", "minimarket", D) is district
    assert rule_for(everything, "33.72.01.1001", "minimarket", D - days(1)) is city
    assert rule_for(everything, "33.72.02.1001", "minimarket", D) is city
    assert rule_for(everything, "33.73.01.1001", "minimarket", D) is None


def test_a_regulation_changes_at_midnight():
    old, new = replace(RULE, valid_to=D), replace(RULE, regulation_ref="R2", min_sellers=7, valid_from=D)
    assert not overlaps(old, new)
    assert overlaps(replace(old, valid_to=D + days(1)), new)
    assert rule_for([old, new], OUTLET.region_code, OUTLET.kind, D - days(1)) is old
    assert rule_for([old, new], OUTLET.region_code, OUTLET.kind, D) is new


def test_exactly_the_required_number_complies_and_grace_ends_on_its_day():
    assert status_of(RULE, 5, date(2019, 1, 1), D) == Status.COMPLIANT
    assert status_of(RULE, 4, date(2019, 1, 1), D) == Status.SHORT
    assert status_of(RULE, 4, D - days(89), D) == Status.IN_GRACE
    assert status_of(RULE, 4, D - days(90), D) == Status.SHORT
    assert status_of(RULE, 5, D, D) == Status.COMPLIANT
    assert status_of(None, 9, D, D) == Status.NOT_APPLICABLE


def judged(*candidates: Candidate, terms: Terms = RULE.terms) -> dict[str, tuple[Reason, ...]]:
    found = judge_sellers(OUTLET, candidates, terms, LIMITS, D)
    assert all(seller.is_counted == (not seller.reasons) for seller in found)
    return {seller.seller_ref: seller.reasons for seller in found}


def test_every_rule_that_fails_is_named():
    seller = SellerDay("U1", annual_sales_rupiah=60_000_000_000, affiliated_operator_ref="OP1")
    agreement = AgreementDays("outright", D - days(9), ends_on=D - days(1))
    assert judged(Candidate(seller, [agreement])) == {
        "U1": (
            Reason.NOT_IN_FORCE,
            Reason.BASIS_NOT_COUNTED,
            Reason.NOT_VERIFIED,
            Reason.NOT_MSME,
            Reason.AFFILIATED,
            Reason.PAPER_ONLY,
        )
    }


def test_of_sellers_with_one_owner_the_lowest_reference_that_passes_everything_else_counts():
    owned = [SELLER._replace(seller_ref=ref, owner_key="nik") for ref in ("b", "a", "B", "10", "9")]
    unverified = owned[3]._replace(verified_on=None)
    candidates = [Candidate(seller, [OPEN], ON_SHELF) for seller in (*owned[:3], unverified, owned[4])]
    assert judged(*candidates) == {
        "10": (Reason.NOT_VERIFIED,),
        "9": (),
        "B": (Reason.SAME_OWNER,),
        "a": (Reason.SAME_OWNER,),
        "b": (Reason.SAME_OWNER,),
    }


def test_sellers_without_a_known_owner_are_distinct():
    one, other = SELLER._replace(seller_ref="U1"), SELLER._replace(seller_ref="U2")
    assert judged(Candidate(one, [OPEN], ON_SHELF), Candidate(other, [OPEN], ON_SHELF)) == {
        "U1": (),
        "U2": (),
    }


def test_two_agreements_of_one_seller_count_once_and_one_that_holds_is_enough():
    both = [OPEN, AgreementDays("outright", date(2020, 1, 1))]
    terms = Terms(frozenset({"consignment", "outright"}))
    sold_out = Display(last_delivery_on=D - days(40))
    assert judged(Candidate(SELLER, both, sold_out), terms=terms) == {"U1": ()}
    assert judged(Candidate(SELLER, both, sold_out)) == {"U1": (Reason.PAPER_ONLY,)}


def test_the_best_agreement_fails_fewest_rules_and_is_rather_in_force():
    ended, other = (Reason.NOT_IN_FORCE,), (Reason.BASIS_NOT_COUNTED,)
    assert best([ended, other]) == other
    assert best([(Reason.BASIS_NOT_COUNTED, Reason.PAPER_ONLY), ended]) == ended
    assert best([other, (Reason.PAPER_ONLY,)]) == (Reason.PAPER_ONLY,)


def test_an_outlet_without_a_regulation_is_still_counted_by_the_defaults():
    found = evaluate(OUTLET, [], [Candidate(SELLER, [OPEN], Display(last_sale_on=D - days(29)))], LIMITS, D)
    assert (found.counted, found.status, found.required, found.shortfall) == (
        1,
        Status.NOT_APPLICABLE,
        None,
        None,
    )


def test_month_ends_go_back_from_the_day_and_stop_before_year_one():
    assert month_ends_before(D, 2) == [date(2026, 9, 30), date(2026, 10, 31)]
    assert month_ends_before(date(2026, 10, 31), 1) == [date(2026, 9, 30)]
    assert month_ends_before(date(1, 2, 5), 13) == [date(1, 1, 31)]
