"""The audit log on screen shows an office what happened in its region, and only that."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from marketplace import audit
from marketplace.db import unit_of_work
from marketplace.permissions import Role
from tests import factories
from tests.support.signing import sign_in


@pytest.fixture
def two_regions(app: Flask) -> None:
    """One act in Surakarta, one in Medan."""
    here = factories.officer()
    there = factories.officer(region_code="12.71")
    with unit_of_work() as session:
        seller = factories.seller(name="Dapur <b>Sri</b>")
        audit.record(
            session, here, "seller.verified", seller, reason="Surat lengkap", region="33.72.01.1002",
            before={"verified_on": None, "owner_nik": "3372010101900001"},
            after={"verified_on": "2026-11-22", "owner_nik": "3372010101900002"},
        )  # fmt: skip
        audit.record(session, there, "seller.rejected", seller, reason="Medan saja", region="12.71.01")


@pytest.mark.usefixtures("two_regions")
def test_an_office_sees_the_acts_of_its_own_region_only(client: FlaskClient) -> None:
    sign_in(client, factories.officer(Role.HEAD))
    page = client.get("/office/audit").text
    assert "Surat lengkap" in page
    assert "Medan saja" not in page
    assert "Dapur &lt;b&gt;Sri&lt;/b&gt;" in page


@pytest.mark.usefixtures("two_regions")
def test_personal_data_is_noted_as_changed_but_never_shown(client: FlaskClient) -> None:
    sign_in(client, factories.officer())
    for address in ("/office/audit", "/office/audit?format=csv"):
        assert "33720101" not in client.get(address).text


@pytest.mark.usefixtures("two_regions")
@pytest.mark.parametrize(
    ("query", "found"),
    [("q=lengkap", True), ("q=%25", False), ("subject=outlets", False), ("from=2026-11-22", True),
     ("from=2026-11-23", False), ("to=2026-11-21", False), ("from=0000-00-00&to=9999-99-99", True)],
)  # fmt: skip
def test_the_log_is_filtered_by_the_address(client: FlaskClient, query: str, found: bool) -> None:
    sign_in(client, factories.officer())
    assert ("Surat lengkap" in client.get(f"/office/audit?{query}").text) is found


def test_a_seller_may_not_read_the_log(app: Flask, client: FlaskClient) -> None:
    sign_in(client, factories.member(Role.SELLER_OWNER, seller_id=factories.seller().id))
    assert client.get("/office/audit").status_code == 403
