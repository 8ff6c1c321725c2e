"""Sales reports: by hand and through the API, late, of nothing, corrected, taken back, and told once."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from marketplace.db import db
from marketplace.errors import Conflict, Forbidden, InvalidInput, NotFound, RuleBroken
from marketplace.permissions import Role
from marketplace.placements.models import Difference, PriceFlag, SalesReport
from marketplace.placements.models.differences import Outcome
from marketplace.placements.rules.reporting import late_days, missing_since, silent_days
from marketplace.placements.services import differences, markdowns
from marketplace.placements.services.corrections import Correction, correct_line, reverse_report
from marketplace.stock.models import SaleLine, StockMovement
from marketplace.stock.services import record_sales
from tests import factories as make
from tests.placements.store import TODAY, YESTERDAY, Store, a_key, open_store
from tests.support.signing import bearer


@pytest.fixture
def store(app: Flask) -> Store:
    """A store with ten units that arrived on the 10th."""
    opened = open_store()
    opened.deliver(10, date(2026, 11, 10))
    return opened


def lines_of(report: SalesReport) -> list[SaleLine]:
    return list(db.session.query(SaleLine).filter_by(report_id=report.id).order_by(SaleLine.line_ref))


def test_a_report_by_hand_takes_units_from_the_shelf_and_is_the_cause_of_its_rows(store: Store) -> None:
    report = store.report(3)
    assert store.on_hand() == 7
    assert (report.source, report.units, report.line_count, report.is_zero) == ("screen", 3, 1, False)
    row = db.session.query(StockMovement).filter_by(kind="sale").one()
    assert (row.cause_kind, row.cause_id, row.occurred_on) == ("sales_report", report.id, TODAY)


def test_what_was_sent_twice_counts_once(store: Store) -> None:
    key = a_key()
    first = store.report(3, client_key=key)
    again = store.report(3, client_key=key)
    assert first.id == again.id
    assert store.on_hand() == 7
    with pytest.raises(Conflict):
        store.report(4, client_key=key)
    assert store.on_hand() == 7


def test_a_report_of_nothing_is_a_report(store: Store) -> None:
    report = store.report(0, first_on=date(2026, 11, 16), last_on=TODAY)
    assert (report.is_zero, report.line_count, report.first_on, report.last_on) == (
        True, 0, date(2026, 11, 16), TODAY,
    )  # fmt: skip
    assert store.on_hand() == 10


def test_an_empty_page_without_the_word_nothing_is_asked_again(store: Store) -> None:
    with pytest.raises(InvalidInput) as error:
        store.report(0, is_zero=False)
    assert "sold" in error.value.fields
    assert db.session.query(SalesReport).count() == 0


def test_units_beyond_the_shelf_become_a_difference_that_both_see(store: Store) -> None:
    report = store.report(12)
    difference = db.session.query(Difference).one()
    assert store.on_hand() == 0
    assert (report.units, report.missing_units) == (10, 2)
    assert (difference.kind, difference.quantity, difference.document_id) == ("sale_excess", 2, report.id)


def test_goods_never_delivered_are_a_difference_of_the_whole_line(app: Flask) -> None:
    store = open_store()
    report = store.report(5)
    assert (report.units, report.missing_units) == (0, 5)
    assert db.session.query(Difference).one().quantity == 5
    assert db.session.query(StockMovement).count() == 0


def test_when_the_maker_agrees_the_excess_is_found_and_sold(store: Store) -> None:
    store.report(12)
    difference = db.session.query(Difference).one()
    differences.settle(store.maker, difference.id, Outcome.SELLER_AGREES)
    kinds = [(row.kind, row.change) for row in db.session.query(StockMovement).order_by(StockMovement.id)]
    assert kinds == [("delivery", 10), ("sale", -10), ("found", 2), ("sale", -2)]
    assert store.on_hand() == 0


def test_when_the_store_corrects_nothing_is_booked(store: Store) -> None:
    store.report(12)
    differences.settle(store.buyer, db.session.query(Difference).one().id, Outcome.STORE_CORRECTS)
    assert db.session.query(StockMovement).count() == 2


def test_expired_units_cannot_be_sold_on_a_screen_and_nothing_is_written(app: Flask) -> None:
    store = open_store()
    store.deliver(5, date(2026, 11, 10), "L1", YESTERDAY)
    with pytest.raises(InvalidInput) as error:
        store.report(2)
    assert "kedaluwarsa" in error.value.fields[f"sold-{store.product.id}"]
    assert store.on_hand() == 5
    assert db.session.query(SalesReport).count() == 0


def test_good_units_are_sold_though_an_expired_lot_waits_to_be_fetched(app: Flask) -> None:
    store = open_store()
    store.deliver(6, date(2026, 11, 10), "L1", YESTERDAY)
    store.deliver(5, date(2026, 11, 10), "L2", date(2027, 3, 1))
    report = store.report(3)
    assert (report.units, report.missing_units, store.on_hand()) == (3, 0, 8)
    with pytest.raises(InvalidInput) as error:
        store.report(3)
    assert "kedaluwarsa" in error.value.fields[f"sold-{store.product.id}"]


def test_a_program_is_warned_of_expired_units_that_were_sold(app: Flask, client: FlaskClient) -> None:
    store = open_store()
    store.deliver(5, date(2026, 11, 10), "L1", YESTERDAY)
    answer = send(client, store, [line(store, "A", 2)])
    assert [warning["code"] for warning in answer["warnings"]] == ["expired"]
    assert store.on_hand() == 3


@pytest.mark.parametrize("quantity", [-1, 10**12 + 1])
def test_quantities_that_cannot_be_are_refused(store: Store, quantity: int) -> None:
    with pytest.raises(InvalidInput):
        store.report(quantity, is_zero=False)
    assert store.on_hand() == 10


def test_a_report_of_tomorrow_is_refused(store: Store) -> None:
    with pytest.raises(InvalidInput) as error:
        store.report(1, day=TODAY + timedelta(days=1))
    assert "last_on" in error.value.fields


def test_days_in_the_wrong_order_and_too_many_days_are_refused(store: Store) -> None:
    with pytest.raises(InvalidInput):
        store.report(1, first_on=TODAY, last_on=YESTERDAY)
    with pytest.raises(InvalidInput):
        store.report(1, first_on=TODAY - timedelta(days=200), last_on=TODAY)


def test_somebody_elses_outlet_is_not_there(store: Store) -> None:
    stranger = make.member(Role.BUYER_OWNER, operator_id=make.operator().id)
    with pytest.raises(NotFound):
        store.report(1, actor=stranger)
    with pytest.raises(Forbidden):
        store.report(1, actor=store.maker)
    assert store.on_hand() == 10


def test_a_report_is_late_by_the_days_beyond_the_agreed_cycle(store: Store) -> None:
    on_time = store.report(1, day=TODAY - timedelta(days=7))
    late = store.report(1, first_on=TODAY - timedelta(days=10), last_on=TODAY - timedelta(days=9))
    assert (on_time.late_days, late.late_days) == (0, 3)


def test_lateness_and_silence_follow_one_rule() -> None:
    assert [late_days(date(2026, 11, day), TODAY, 7) for day in (14, 15, 16)] == [1, 0, 0]
    assert missing_since(date(2026, 11, 14), date(2026, 11, 1)) == date(2026, 11, 15)
    assert missing_since(None, date(2026, 11, 1)) == date(2026, 11, 1)
    assert silent_days(date(2026, 11, 15), TODAY, 7) == 0
    assert silent_days(date(2026, 11, 14), TODAY, 7) == 1


# --- correcting ---------------------------------------------------------------------------------------------


def correction(store: Store, report: SalesReport, quantity: int, **changes: Any) -> Correction:
    values: dict[str, Any] = {
        "report_id": report.id,
        "line_ref": lines_of(report)[0].line_ref,
        "quantity": quantity,
        "unit_price_rupiah": None,
        "reason": "salah ketik",
        "client_key": a_key(),
    }
    return Correction(**{**values, **changes})


def test_a_line_is_taken_back_and_told_anew_on_its_own_day(store: Store) -> None:
    report = store.report(8, day=YESTERDAY)
    made = correct_line(actor=store.staff, correction=correction(store, report, 3))
    assert store.on_hand() == 7
    rows = [(row.change, row.occurred_on) for row in db.session.query(StockMovement).filter_by(kind="sale")]
    assert sorted(rows) == [(-8, YESTERDAY), (-3, YESTERDAY), (8, YESTERDAY)]
    assert (made.corrects_id, made.units) == (report.id, 3)


def test_a_correction_sent_twice_is_done_once_and_a_second_one_is_refused(store: Store) -> None:
    report = store.report(8)
    asked = correction(store, report, 3)
    assert (
        correct_line(actor=store.staff, correction=asked).id
        == correct_line(actor=store.staff, correction=asked).id
    )
    with pytest.raises(InvalidInput):
        correct_line(actor=store.staff, correction=correction(store, report, 2))
    assert store.on_hand() == 7


def test_a_correction_settles_the_open_difference(store: Store) -> None:
    report = store.report(12)
    correct_line(actor=store.staff, correction=correction(store, report, 2))
    difference = db.session.query(Difference).one()
    assert (difference.state, difference.outcome) == ("settled", "store_corrects")
    assert store.on_hand() == 8


def test_a_correction_takes_back_the_excess_that_was_booked(store: Store) -> None:
    report = store.report(12)
    differences.settle(store.maker, db.session.query(Difference).one().id, Outcome.SELLER_AGREES)
    correct_line(actor=store.staff, correction=correction(store, report, 10))
    assert store.on_hand() == 0
    total = sum(row.change for row in db.session.query(StockMovement))
    assert total == 0


def test_a_correction_needs_a_reason_and_a_number(store: Store) -> None:
    report = store.report(2)
    with pytest.raises(InvalidInput) as error:
        correct_line(actor=store.staff, correction=correction(store, report, -1, reason=" "))
    assert {"quantity", "reason"} <= set(error.value.fields)


def test_a_whole_report_is_taken_back_once(store: Store) -> None:
    report = store.report(4)
    reverse_report(actor=store.staff, report_id=report.id, reason="toko yang\x00 salah")
    assert store.on_hand() == 10
    with pytest.raises(RuleBroken):
        reverse_report(actor=store.staff, report_id=report.id, reason="lagi")
    assert store.on_hand() == 10


def test_strangers_cannot_take_reports_back(store: Store) -> None:
    report = store.report(4)
    stranger = make.member(Role.BUYER_OWNER, operator_id=make.operator().id)
    with pytest.raises(NotFound):
        reverse_report(actor=stranger, report_id=report.id, reason="iseng")
    assert store.on_hand() == 6


# --- through the API ----------------------------------------------------------------------------------------


def line(store: Store, ref: str, quantity: int, **more: Any) -> dict[str, Any]:
    return {
        "line_ref": ref,
        "occurred_on": TODAY.isoformat(),
        "seller_ref": store.seller.seller_ref,
        "sku": store.product.sku,
        "quantity": quantity,
        **more,
    }


def send(client: FlaskClient, store: Store, lines: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    answer = client.post(
        "/api/v1/sales",
        json={"outlet_ref": store.outlet.outlet_ref, "lines": lines, **more},
        headers={"Idempotency-Key": a_key(), **bearer(store.staff)},
    )
    assert answer.status_code == 200, answer.get_data(as_text=True)
    found: dict[str, Any] = answer.get_json()
    return found


def test_a_programs_batch_is_one_report(store: Store, client: FlaskClient) -> None:
    send(client, store, [line(store, "A", 2), line(store, "B", 20), line(store, "C", 0)])
    report = db.session.query(SalesReport).one()
    assert (report.source, report.line_count, report.units, report.missing_units, report.refused_count) == (
        "api", 2, 10, 12, 1,
    )  # fmt: skip
    assert (report.first_on, report.last_on) == (TODAY, TODAY)
    assert {row.report_id for row in lines_of(report)} == {report.id}
    assert db.session.query(Difference).one().line_ref == "B"


def test_an_empty_batch_tells_that_nothing_sold_today(store: Store, client: FlaskClient) -> None:
    assert send(client, store, []) == {"accepted": 0, "differences": [], "refused": []}
    report = db.session.query(SalesReport).one()
    assert (report.is_zero, report.first_on, report.last_on) == (True, TODAY, TODAY)


def test_an_empty_batch_may_name_its_days(store: Store, client: FlaskClient) -> None:
    send(client, store, [], first_on="2026-11-16", last_on="2026-11-20")
    report = db.session.query(SalesReport).one()
    assert (report.first_on, report.last_on) == (date(2026, 11, 16), date(2026, 11, 20))


@pytest.mark.parametrize("days", [("2026-11-20", "2026-11-16"), ("2026-11-20", "2026-11-23")])
def test_days_that_cannot_be_reported_are_refused(
    store: Store, client: FlaskClient, days: tuple[str, str]
) -> None:
    body = {"outlet_ref": store.outlet.outlet_ref, "lines": [], "first_on": days[0], "last_on": days[1]}
    headers = {"Idempotency-Key": a_key(), **bearer(store.staff)}
    assert client.post("/api/v1/sales", json=body, headers=headers).status_code == 422
    assert db.session.query(SalesReport).count() == 0


def test_a_repeated_request_leaves_one_report(store: Store, client: FlaskClient) -> None:
    body = {"outlet_ref": store.outlet.outlet_ref, "lines": [line(store, "A", 2)]}
    headers = {"Idempotency-Key": a_key(), **bearer(store.staff)}
    answers = [client.post("/api/v1/sales", json=body, headers=headers).get_json() for _time in range(2)]
    assert answers[0] == answers[1]
    assert db.session.query(SalesReport).count() == 1


# --- prices -------------------------------------------------------------------------------------------------


def test_a_sale_below_the_agreed_price_without_consent_is_flagged(store: Store, client: FlaskClient) -> None:
    answer = send(client, store, [line(store, "A", 1, unit_price_rupiah=15_000)])
    assert [warning["code"] for warning in answer["warnings"]] == ["below_agreed_price"]
    flag = db.session.query(PriceFlag).one()
    assert (flag.price_rupiah, flag.agreed_rupiah, flag.line_ref) == (15_000, 20_000, "A")


def test_a_sale_at_the_agreed_price_or_above_is_not(store: Store, client: FlaskClient) -> None:
    answer = send(
        client,
        store,
        [line(store, "A", 1, unit_price_rupiah=20_000), line(store, "B", 1, unit_price_rupiah=25_000)],
    )
    assert "warnings" not in answer


def test_with_the_makers_consent_the_lower_price_is_right_down_to_it(
    store: Store, client: FlaskClient
) -> None:
    asked = markdowns.Asked(
        store.agreement.id, store.product.id, 12_000, TODAY, TODAY + timedelta(days=3), "hampir habis masa",
        a_key(),
    )  # fmt: skip
    row = markdowns.ask_markdown(actor=store.buyer, asked=asked)
    markdowns.answer_markdown(actor=store.maker, markdown_id=row.id, agrees=True)
    answer = send(
        client,
        store,
        [line(store, "A", 1, unit_price_rupiah=12_000), line(store, "B", 1, unit_price_rupiah=11_000)],
    )
    assert [warning["line_ref"] for warning in answer["warnings"]] == ["B"]


def test_by_hand_a_lower_price_is_flagged_too(store: Store) -> None:
    store.report(1, price=10_000)
    assert db.session.query(PriceFlag).one().price_rupiah == 10_000


def test_a_line_recorded_by_an_older_key_keeps_its_report(store: Store) -> None:
    """The same line in two batches: it counts once and stays with the report it came with."""
    told = store.line("A", 2)
    for _time in range(2):
        record_sales(
            actor=store.staff, idempotency_key=a_key(), outlet_ref=store.outlet.outlet_ref, lines=[told]
        )
    first, second = db.session.query(SalesReport).order_by(SalesReport.id)
    assert (len(lines_of(first)), len(lines_of(second))) == (1, 0)
    assert store.on_hand() == 8
    assert second.is_zero is False
