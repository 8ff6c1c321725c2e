"""The demo city is large and varied enough to try everything on, and made up all through."""

from __future__ import annotations

import re
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from marketplace import clock
from marketplace.catalog.models import Product
from marketplace.compliance import queries as compliance
from marketplace.db import db
from marketplace.demo import load, people
from marketplace.organizations.models import Outlet, OutletFacts, Seller, SellerFacts
from marketplace.permissions import SYSTEM
from marketplace.placements.models import Agreement
from marketplace.stock.models import StockMovement

REASONS = {
    "not_in_force",
    "basis_not_counted",
    "not_verified",
    "not_msme",
    "affiliated",
    "paper_only",
    "same_owner",
}
KINDS = {
    "minimarket",
    "supermarket",
    "hypermarket",
    "department_store",
    "wholesale",
    "hotel",
    "souvenir_centre",
}
CITY = "33.72"

pytestmark = pytest.mark.usefixtures("city")


def count(model):
    return db.session.scalar(select(func.count()).select_from(model))


def test_it_has_sellers_products_outlets_and_a_year_of_trade():
    assert count(Seller) >= 60
    assert count(Product) >= 250
    assert count(Outlet) >= 40
    first, last = db.session.execute(
        select(func.min(StockMovement.occurred_on), func.max(StockMovement.occurred_on))
    ).one()
    assert clock.today() - first >= timedelta(days=365)
    assert clock.today() - last <= timedelta(days=1)


def test_every_kind_of_outlet_and_every_district_is_there():
    known = select(OutletFacts.kind, OutletFacts.region_code).where(OutletFacts.superseded_at.is_(None))
    facts = db.session.execute(known).all()
    assert {kind for kind, _code in facts} == KINDS
    districts = {f"{CITY}.0{number}" for number in range(1, 6)}
    assert {code[:8] for _kind, code in facts} == districts
    makers = db.session.scalars(
        select(SellerFacts.region_code).where(SellerFacts.superseded_at.is_(None))
    ).all()
    assert {code[:8] for code in makers} == districts


def test_every_status_and_every_reason_occurs_today():
    scope = compliance.Scope(region=CITY)
    rows = compliance.standings(clock.today(), scope)
    assert {row.status for row in rows if row.is_duty} == {"compliant", "short", "in_grace"}
    assert {row.status for row in rows if not row.is_duty} >= {"compliant", "short"}
    reasons: set[str] = set()
    for row in rows:
        page = compliance.outlet_page(row.outlet_id, clock.today(), scope)
        assert page is not None
        reasons.update(reason for seller in page.sellers for reason in seller.reasons)
    assert reasons == REASONS


def test_something_changed_since_last_month_in_both_directions():
    board = compliance.dashboard(clock.today(), compliance.Scope(region=CITY))
    kinds = Counter(str(change.kind) for change in board.changes)
    assert kinds["risen"]
    assert kinds["fallen"]


def test_agreements_are_in_every_state():
    states = set(db.session.scalars(select(Agreement.state)))
    assert states >= {"proposed", "accepted", "declined"}
    assert db.session.scalar(select(func.count()).where(Agreement.terminated_on.is_not(None)))
    assert db.session.scalar(select(func.count()).where(Agreement.basis == "outright"))


def test_every_kind_of_movement_occurs():
    assert set(db.session.scalars(select(StockMovement.kind).distinct())) >= {
        "delivery",
        "sale",
        "return",
        "loss",
        "found",
    }


def test_two_reports_are_signed():
    reports, total = compliance.issued_reports(SYSTEM)
    assert total == len(reports) == 2


def test_everybody_is_plainly_invented():
    assert all(account.email.endswith(".example") for account in people.ACCOUNTS)
    streets = db.session.scalars(select(Outlet.address)).all()
    assert all("Contoh" in street for street in streets)
    assert "(peraga)" in people.OFFICE_NAME


def test_every_product_price_leaves_the_shop_something():
    pairs = db.session.execute(select(Product.price_rupiah, Product.retail_price_rupiah)).all()
    assert all(retail is None or price < retail for price, retail in pairs)


def test_it_knows_that_it_is_loaded():
    assert load.state() is load.State.FULL


def test_its_niks_cannot_belong_to_anybody():
    niks = set(db.session.scalars(select(SellerFacts.owner_nik)))
    assert all(re.fullmatch(r"\d{12}9\d{3}", nik) for nik in niks if nik), "serials from 9000 on"
