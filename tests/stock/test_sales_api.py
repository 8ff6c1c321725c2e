"""POST /api/v1/sales and GET /api/v1/stock, as programs rely on them."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from marketplace import audits
from marketplace.permissions import Role
from tests import factories
from tests.stock.conftest import Shop
from tests.support.signing import bearer, forget_request

FORTY = [f"2026-11-{day:02d}" for day in range(31)]


class Till:
    """A store's program that reports to Etalase."""

    def __init__(self, client: FlaskClient, shop: Shop) -> None:
        facts = factories.operator()
        self.shop = shop
        self.operator_id = facts.id
        self.outlet = factories.outlet("T-1", operator_id=facts.id)
        shop.outlet = self.outlet
        self.client = client
        self.actor = factories.member(Role.BUYER_STAFF, operator_id=facts.id)
        self.headers = bearer(self.actor)
        self.count = 0

    def report(
        self, *lines: dict[str, Any], key: str | None = None, outlet: str = "T-1", **headers: str
    ) -> Any:
        """Send lines; a new Idempotency-Key unless told."""
        self.count += 1
        forget_request()
        sent = {**self.headers, "Idempotency-Key": key or f"key-{self.count}", **headers}
        return self.client.post(
            "/api/v1/sales", json={"outlet_ref": outlet, "lines": list(lines)}, headers=sent
        )

    def line(self, ref: str, day: int, quantity: int, **values: Any) -> dict[str, Any]:
        """A sale of the shop's product."""
        return {
            "line_ref": ref,
            "occurred_on": FORTY[day],
            "seller_ref": self.shop.seller.seller_ref,
            "sku": self.shop.product.sku,
            "quantity": quantity,
            "unit_price_rupiah": 15_000,
            **values,
        }

    def stock(self, day: int | None = None) -> Any:
        """What stands at the outlet."""
        forget_request()
        as_of = "" if day is None else f"&as_of={FORTY[day]}"
        answer = self.client.get(f"/api/v1/stock?outlet_ref=T-1{as_of}", headers=self.headers)
        assert answer.status_code == 200, answer.json
        return [item["on_hand"] for item in (answer.json or {})["items"]]


@pytest.fixture
def till(client: FlaskClient, shop: Shop) -> Till:
    return Till(client, shop)


def test_a_report_is_accepted_and_lowers_the_shelf(till: Till) -> None:
    till.shop.post("delivery", 1, 10)
    answer = till.report(till.line("a", 2, 3), till.line("b", 3, 1))
    assert (answer.status_code, answer.json) == (200, {"accepted": 2, "differences": [], "refused": []})
    assert till.stock() == [6]
    assert [till.stock(1), till.stock(2), till.stock(3)] == [[10], [7], [6]]


def test_the_same_key_repeats_the_first_answer_and_another_body_is_a_conflict(till: Till) -> None:
    till.shop.post("delivery", 1, 10)
    first = till.report(till.line("a", 2, 3), key="k")
    again = till.report(till.line("a", 2, 3), key="k")
    assert again.json == first.json
    other = till.report(till.line("a", 2, 4), key="k")
    assert (other.status_code, other.json["code"]) == (409, "idempotency_key_reused")
    assert other.mimetype == "application/problem+json"
    assert till.stock() == [7]


def test_a_line_sent_again_is_counted_again_but_taken_once(till: Till) -> None:
    till.shop.post("delivery", 1, 10)
    till.report(till.line("a", 2, 3))
    again = till.report(till.line("a", 2, 3), till.line("a", 2, 3))
    assert again.json == {"accepted": 2, "differences": [], "refused": []}
    other = till.report(till.line("a", 2, 4))
    assert (other.json["accepted"], other.json["refused"][0]["code"]) == (0, "conflict")
    assert till.stock() == [7]


def test_what_the_shelf_does_not_hold_is_a_difference(till: Till) -> None:
    till.shop.post("delivery", 1, 10)
    answer = till.report(till.line("a", 2, 12), till.line("b", 2, 1)).json
    assert answer["accepted"] == 1
    assert [(d["line_ref"], d["quantity"]) for d in answer["differences"]] == [("a", 2), ("b", 1)]
    assert till.stock() == []
    again = till.report(till.line("a", 2, 12)).json
    assert (again["accepted"], again["differences"][0]["quantity"]) == (1, 2)


def test_a_sale_takes_only_what_is_free_on_later_days(till: Till) -> None:
    till.shop.post("delivery", 1, 10)
    till.report(till.line("late", 9, 8))
    answer = till.report(till.line("early", 3, 5)).json
    assert (answer["accepted"], answer["differences"][0]["quantity"]) == (1, 3)


def test_a_line_of_which_nothing_could_be_taken_may_be_sent_again_after_the_delivery(till: Till) -> None:
    till.shop.post("delivery", 5, 1)
    assert till.report(till.line("a", 2, 4)).json["accepted"] == 0
    till.shop.post("delivery", 1, 10)
    answer = till.report(till.line("a", 2, 4)).json
    assert answer == {"accepted": 1, "differences": [], "refused": []}
    assert till.stock() == [7]


def test_a_sale_is_taken_back_once_on_its_own_day(till: Till) -> None:
    till.shop.post("delivery", 1, 10)
    till.report(till.line("a", 2, 3))
    back = {"line_ref": "r", "reverses": "a", "occurred_on": FORTY[4]}
    assert till.report(back).json == {"accepted": 1, "differences": [], "refused": []}
    assert [till.stock(3), till.stock(4)] == [[7], [10]]
    assert till.report(back).json["accepted"] == 1
    twice = till.report({**back, "line_ref": "r2"}).json
    assert (twice["accepted"], twice["refused"][0]["code"]) == (0, "already_reversed")
    assert till.stock() == [10]


def test_a_sale_and_its_reversal_may_come_in_one_report(till: Till) -> None:
    till.shop.post("delivery", 1, 10)
    answer = till.report(
        till.line("a", 2, 3),
        {"line_ref": "r", "reverses": "a", "occurred_on": FORTY[2]},
        {"line_ref": "early", "reverses": "a", "occurred_on": FORTY[1]},
        {"line_ref": "none", "reverses": "nobody", "occurred_on": FORTY[2]},
    ).json
    assert answer["accepted"] == 2
    assert [line["code"] for line in answer["refused"]] == ["already_reversed", "unknown_line"]
    assert till.stock() == [10]


def test_refused_lines_say_why_and_the_others_go_in(till: Till) -> None:
    till.shop.post("delivery", 1, 10)
    till.report(till.line("sold", 2, 1))
    answer = till.report(
        till.line("ok", 2, 1),
        till.line("future", 23, 1),
        till.line("date", 2, 1, occurred_on="2026-02-30"),
        till.line("zero", 2, 0),
        till.line("minus", 2, -3),
        till.line("huge", 2, 2**63),
        till.line("price", 2, 1, unit_price_rupiah=-1),
        till.line("seller", 2, 1, seller_ref="nobody"),
        till.line("sku", 2, 1, sku="nothing"),
        till.line("nul", 2, 1, sku="\0"),
        till.line(" x", 2, 1),
        {"line_ref": "both", "reverses": "sold", "occurred_on": FORTY[2], "quantity": 1},
        {"line_ref": "early", "reverses": "sold", "occurred_on": FORTY[1]},
    ).json
    assert answer["accepted"] == 1
    assert [(line["line_ref"], line["code"]) for line in answer["refused"]] == [
        ("future", "future_date"),
        ("date", "invalid_date"),
        ("zero", "invalid_quantity"),
        ("minus", "invalid_quantity"),
        ("huge", "invalid_quantity"),
        ("price", "invalid_price"),
        ("seller", "unknown_seller"),
        ("sku", "unknown_product"),
        ("nul", "unknown_product"),
        (" x", "invalid_line_ref"),
        ("both", "invalid_line"),
        ("early", "before_sale"),
    ]
    assert all(line["message"] for line in answer["refused"])


def test_a_sale_of_expired_units_is_recorded_with_a_warning(till: Till) -> None:
    till.shop.post("delivery", 1, 10, lot="A", expires_on=date(2026, 11, 5))
    answer = till.report(till.line("a", 6, 2)).json
    assert (answer["accepted"], answer["warnings"][0]["code"]) == (1, "expired")


def test_a_strangers_outlet_is_not_found_and_an_admin_may_report_for_all(till: Till) -> None:
    till.shop.post("delivery", 1, 10)
    factories.outlet("T-2")
    assert till.report(till.line("a", 2, 1), outlet="T-2").json["code"] == "unknown_outlet"
    assert till.report(till.line("a", 2, 1), outlet="nowhere").status_code == 404
    admin = factories.member(Role.ADMIN)
    assert till.report(till.line("a", 2, 1), **bearer(admin)).json["accepted"] == 1
    officer = factories.officer()
    assert till.report(till.line("b", 2, 1), **bearer(officer)).status_code == 403
    seller = factories.member(Role.SELLER_OWNER, seller_id=till.shop.seller.id)
    assert till.report(till.line("b", 2, 1), **bearer(seller)).status_code == 403


def test_bad_requests_are_problems_not_crashes(till: Till) -> None:
    nobody = till.client.post("/api/v1/sales", json={})
    assert nobody.status_code == 401
    bodies: list[Any] = [{}, [], {"outlet_ref": 1, "lines": []}]
    bodies.append({"outlet_ref": "T-1", "lines": [{"line_ref": "a"}]})
    for body in bodies:
        forget_request()
        answer = till.client.post(
            "/api/v1/sales", json=body, headers={**till.headers, "Idempotency-Key": "k"}
        )
        assert answer.status_code in {400, 422}, body
        assert answer.mimetype == "application/problem+json"
    line = till.line("a", 2, 1)
    assert till.report(line, **{"Idempotency-Key": " "}).status_code == 422
    assert till.report(line, **{"Idempotency-Key": "x" * 201}).status_code == 422
    assert till.report(*[line] * 5_001).status_code == 422
    assert till.report({**line, "quantity": "2"}).status_code == 422


@pytest.mark.parametrize(
    "hostile", ["\0", "\ud800", "'; DROP TABLE outlets; --", "=1+1", "x" * 5_000, "\u202e"]
)
def test_hostile_text_is_refused_without_a_crash(till: Till, hostile: str) -> None:
    till.shop.post("delivery", 1, 10)
    assert till.report(till.line("a", 2, 1), outlet=hostile).status_code == 404
    answer = till.report(
        till.line(hostile, 2, 1, sku=hostile),
        till.line("seller", 2, 1, seller_ref=hostile),
        till.line("day", 2, 1, occurred_on=hostile),
        {"line_ref": "back", "reverses": hostile, "occurred_on": FORTY[2]},
    )
    assert answer.status_code == 200
    assert (answer.json["accepted"], len(answer.json["refused"])) == (0, 4)
    forget_request()
    asked = {"outlet_ref": hostile.encode("utf-8", "replace").decode()}
    assert till.client.get("/api/v1/stock", query_string=asked, headers=till.headers).status_code == 404
    forget_request()
    asked = {"outlet_ref": "T-1", "as_of": hostile.encode("utf-8", "replace").decode()}
    assert till.client.get("/api/v1/stock", query_string=asked, headers=till.headers).status_code == 422


def test_a_seller_sees_its_own_goods_and_an_office_its_region(till: Till) -> None:
    till.shop.post("delivery", 1, 10)
    other = factories.seller()
    factories.product(other)
    seen = {
        "own": bearer(factories.member(Role.SELLER_OWNER, seller_id=till.shop.seller.id)),
        "other": bearer(factories.member(Role.SELLER_OWNER, seller_id=other.id)),
        "office": bearer(factories.officer()),
        "far": bearer(factories.officer(region_code="12.71")),
    }
    found = {}
    for name, headers in seen.items():
        forget_request()
        answer = till.client.get("/api/v1/stock?outlet_ref=T-1", headers=headers)
        found[name] = len((answer.json or {})["items"]) if answer.status_code == 200 else answer.status_code
    assert found == {"own": 1, "other": 0, "office": 1, "far": 404}


def test_the_audit_agrees_after_all_this(app: Flask, till: Till) -> None:
    till.shop.post("delivery", 1, 10, lot="A")
    till.report(till.line("a", 2, 12), {"line_ref": "r", "reverses": "a", "occurred_on": FORTY[9]})
    assert list(app.extensions[audits.EXTENSION]["stock"]()) == []
