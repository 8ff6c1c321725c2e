"""Who is PKP on which day, and what a seller sold in a year over all channels."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from sqlalchemy.exc import DBAPIError

from marketplace import clock, legal
from marketplace.db import db, unit_of_work
from marketplace.errors import Forbidden, InvalidInput, NotFound
from marketplace.orders.models import SellerTaxFact
from marketplace.orders.queries.tax import tax_history, tax_terms
from marketplace.orders.queries.turnover import (
    FREE,
    PKP,
    other_sales_of,
    statements_of,
    thresholds_on,
    turnover_of,
    years_of,
)
from marketplace.orders.rules.tax import TaxTerms
from marketplace.orders.rules.turnover import (
    Channel,
    Marker,
    MonthTurnover,
    YearTurnover,
    marker_of,
    percent_reached,
)
from marketplace.orders.services.tax import say_pkp
from marketplace.orders.services.turnover import add_other_sales, keep_statement, remove_other_sales
from marketplace.payments.services import bills
from marketplace.permissions import SYSTEM, Role
from tests import factories as make
from tests.placements.test_settlements import shop_with

HALF_A_BILLION = 500_000_000
AMOUNTS = st.integers(0, 10**13)


@pytest.fixture
def maker(app):
    return make.member(Role.SELLER_OWNER, seller_id=make.seller().id)


def terms(maker, day, **known):
    return tax_terms(db.session(), [maker.seller_id], day, **known).get(maker.seller_id)


# --- PKP ---------------------------------------------------------------------------------------------------


def test_a_seller_is_pkp_from_the_day_it_says_and_until_it_says_otherwise(maker):
    today = clock.today()
    assert terms(maker, today) is None
    say_pkp(actor=maker, is_pkp=True, valid_from=today, reference="PEM-12/2026")
    assert terms(maker, today - timedelta(days=1)) is None
    assert terms(maker, today) == TaxTerms(12, 11, 12)
    say_pkp(actor=maker, is_pkp=False, valid_from=today + timedelta(days=30))
    assert terms(maker, today + timedelta(days=29)) is not None
    assert terms(maker, today + timedelta(days=30)) is None
    assert [row.is_pkp for row in tax_history(db.session(), maker.seller_id)] == [False, True]


def test_a_correction_of_the_same_day_wins(maker):
    day = date(2026, 3, 1)
    say_pkp(actor=maker, is_pkp=True, valid_from=day, reference="PEM-1")
    say_pkp(actor=maker, is_pkp=False, valid_from=day)
    assert terms(maker, day) is None


def test_what_is_said_later_of_an_earlier_day_changes_nothing_made_before(maker):
    made = clock.now()
    with clock.frozen(made + timedelta(hours=1)):
        say_pkp(actor=maker, is_pkp=True, valid_from=date(2026, 1, 1), reference="PEM-1")
    assert terms(maker, clock.today()) is not None
    assert terms(maker, clock.today(), known_at=made) is None


def test_before_2025_the_whole_price_was_taxed_at_eleven_percent(maker):
    say_pkp(actor=maker, is_pkp=True, valid_from=date(2024, 1, 1), reference="PEM-1")
    assert terms(maker, date(2024, 12, 31)) == TaxTerms(11, 1, 1)
    rows = legal.rows_on(db.session(), "vat_", date(2025, 1, 1))
    assert "PMK 131/2024" in rows["vat_base_numerator"].citation
    assert not any(row.is_verified for row in rows.values())


def test_a_day_out_of_reach_a_missing_number_and_what_is_known_are_refused(maker):
    today = clock.today()
    wrong = [
        ("valid_from", True, date(1999, 12, 31), "PEM"),
        ("valid_from", True, today + timedelta(days=367), "PEM"),
        ("reference", True, today, " "),
        ("valid_from", False, today, ""),
    ]
    for field, is_pkp, day, reference in wrong:
        with pytest.raises(InvalidInput) as caught:
            say_pkp(actor=maker, is_pkp=is_pkp, valid_from=day, reference=reference)
        assert field in caught.value.fields
    with pytest.raises(Forbidden):
        say_pkp(
            actor=make.member(Role.SELLER_STAFF, seller_id=maker.seller_id), is_pkp=True, valid_from=today
        )


def test_what_a_seller_said_of_tax_is_never_changed(maker):
    row = say_pkp(actor=maker, is_pkp=True, valid_from=clock.today(), reference="PEM-1")
    with pytest.raises(DBAPIError, match="append-only"), unit_of_work() as session:
        session.get_one(SellerTaxFact, row.id).is_pkp = False


# --- turnover ----------------------------------------------------------------------------------------------


@given(AMOUNTS)
def test_the_marker_turns_at_eighty_and_at_a_hundred_percent(total):
    marker = marker_of(total, HALF_A_BILLION)
    assert (marker is Marker.PASSED) == (total >= HALF_A_BILLION)
    assert (marker is not Marker.BELOW) == (total >= HALF_A_BILLION * 8 // 10)
    assert percent_reached(-total - 1, HALF_A_BILLION) == 0


@given(st.lists(st.integers(-(10**8), 10**9), min_size=12, max_size=12))
def test_a_threshold_is_passed_in_the_month_in_which_the_sum_passes_it(amounts):
    year = YearTurnover(2026, [MonthTurnover(date(2026, n, 1), amounts[n - 1]) for n in range(1, 13)])
    sums = [sum(amounts[:n]) for n in range(1, 13)]
    passed = next((n for n, total in enumerate(sums, 1) if total > HALF_A_BILLION), None)
    found = year.passed_in(HALF_A_BILLION)
    assert (found.month if found else None) == passed
    assert year.total_rupiah == sums[-1] == year.of(Channel.CONSIGNMENT)


def test_settled_sales_count_gross_in_the_month_of_the_sale(app):
    shop = shop_with()
    shop.move("S1", "sale", 3, date(2026, 9, 12), 10_000)
    shop.move("S2", "sale", 5, date(2026, 10, 14), 10_000)
    shop.move("S3", "sale", 2, date(2026, 11, 2), 10_000)
    shop.issued()
    shop.issued()
    found = turnover_of(db.session(), shop.seller.id, 2026)
    by_month = {month.month.month: month.consignment_rupiah for month in found.months if month.total_rupiah}
    assert by_month == {9: 30_000, 10: 50_000}  # November is not settled yet
    assert found.of(Channel.CONSIGNMENT) == found.total_rupiah == 80_000


def test_invoices_less_credit_notes_count_without_tax(maker):
    buyer = make.operator()
    with unit_of_work() as session:
        day = clock.today()
        bills.bill(
            session, bills.Billed(1, "INV/2026/0001", buyer.id, maker.seller_id, 1_110_000, 110_000, day),
            actor=SYSTEM,
        )  # fmt: skip
        bills.credit(session, bills.Credited(1, 1, 111_000, 11_000, "rusak"), actor=SYSTEM)
    year = turnover_of(db.session(), maker.seller_id, day.year)
    assert year.of(Channel.ORDERS) == year.months[day.month - 1].orders_rupiah == 900_000
    assert turnover_of(db.session(), maker.seller_id, day.year - 1).total_rupiah == 0


def test_own_entries_count_until_they_are_taken_back(maker):
    row = add_other_sales(
        actor=maker, month=date(2026, 3, 17), channel=" Pasar  Gede ", amount_rupiah=400_000_000
    )
    assert (row.month, row.channel) == (date(2026, 3, 1), "Pasar Gede")
    year = turnover_of(db.session(), maker.seller_id, 2026)
    assert year.months[2].other_rupiah == 400_000_000
    assert marker_of(year.total_rupiah, HALF_A_BILLION) is Marker.NEAR
    assert years_of(db.session(), maker.seller_id, 2027) == [2027, 2026]
    for _twice in range(2):
        remove_other_sales(actor=maker, entry_id=row.id)
    assert turnover_of(db.session(), maker.seller_id, 2026).total_rupiah == 0
    assert other_sales_of(db.session(), maker.seller_id, 2026) == []


def test_entries_that_cannot_be_are_refused_and_strangers_hear_nothing(maker):
    good: dict[str, Any] = {"month": date(2026, 3, 1), "channel": "Pasar", "amount_rupiah": 1}
    for field, value in (
        ("month", date(2030, 1, 1)), ("month", date(1999, 1, 1)), ("channel", "  "), ("amount_rupiah", 0),
        ("amount_rupiah", 10**15 + 1),
    ):  # fmt: skip
        with pytest.raises(InvalidInput) as caught:
            add_other_sales(actor=maker, **{**good, field: value})
        assert field in caught.value.fields
    row = add_other_sales(actor=maker, **good)
    stranger = make.member(Role.SELLER_OWNER, seller_id=make.seller().id)
    with pytest.raises(NotFound):
        remove_other_sales(actor=stranger, entry_id=row.id)
    with pytest.raises(Forbidden):
        add_other_sales(actor=make.member(Role.BUYER_OWNER, operator_id=make.operator().id), **good)


def test_the_thresholds_are_legal_numbers_with_their_sources(app):
    rows = thresholds_on(db.session(), date(2026, 11, 22))
    assert (rows[FREE].value, rows[PKP].value) == (HALF_A_BILLION, 4_800_000_000)
    assert "PP 55/2022" in rows[FREE].citation


def test_a_signed_statement_is_kept(maker):
    picture = BytesIO()
    Image.new("RGB", (60, 40), "white").save(picture, "JPEG")
    with clock.frozen(datetime(2026, 11, 22, tzinfo=UTC)):
        sent: dict[str, Any] = {
            "year": 2026, "kind": "below", "signed_on": date(2026, 1, 5), "content": picture.getvalue(),
        }  # fmt: skip
        row = keep_statement(actor=maker, **sent)
        assert [one.id for one in statements_of(db.session(), maker.seller_id, 2026)] == [row.id]
        for field, value in (
            ("kind", "x"), ("year", 1999), ("signed_on", date(2026, 12, 1)), ("file", None),
        ):  # fmt: skip
            with pytest.raises(InvalidInput) as caught:
                keep_statement(actor=maker, **{**sent, "content" if field == "file" else field: value})
            assert field in caught.value.fields
