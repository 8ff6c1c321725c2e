"""What is wrong with a line of a sales report by itself, before anything is looked up."""

from __future__ import annotations

from datetime import date

import pytest

from marketplace.stock.rules.sales import Line, LineCode, first_problem

TODAY = date(2026, 11, 22)
GOOD = {
    "line_ref": "A-1", "occurred_on": "2026-11-22", "seller_ref": "U-1", "sku": "INTIP", "quantity": 1,
    "unit_price_rupiah": 0,
}  # fmt: skip
BACK = {"line_ref": "B-1", "occurred_on": "2026-11-22", "reverses": "A-1"}


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        (GOOD, None),
        (GOOD | {"unit_price_rupiah": None}, None),
        (GOOD | {"occurred_on": "2026-11-23"}, LineCode.FUTURE_DATE),
        (GOOD | {"occurred_on": "22-11-2026"}, LineCode.INVALID_DATE),
        (GOOD | {"line_ref": ""}, LineCode.INVALID_LINE_REF),
        (GOOD | {"line_ref": "A\x00"}, LineCode.INVALID_LINE_REF),
        (GOOD | {"quantity": None}, LineCode.INVALID_QUANTITY),
        (GOOD | {"quantity": 0}, LineCode.INVALID_QUANTITY),
        (GOOD | {"unit_price_rupiah": -1}, LineCode.INVALID_PRICE),
        (BACK, None),
        (BACK | {"occurred_on": "2026-11-23"}, LineCode.FUTURE_DATE),
        (BACK | {"quantity": 1}, LineCode.INVALID_LINE),
    ],
)
def test_the_first_thing_wrong_with_a_line(said, problem):
    assert first_problem(Line(**said), TODAY) is problem
