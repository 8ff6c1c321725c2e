"""Loading the demo city: the same every time, finished when it was broken off, never over real data."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import func, select

from marketplace.db import db
from marketplace.demo import load, tables, year
from marketplace.demo.city import read
from marketplace.organizations.models import Seller
from marketplace.stock.models import StockMovement
from tests import factories

TODAY = date(2026, 11, 22)


def test_the_same_day_gives_the_same_city():
    def written():
        town = read(TODAY)
        return [table.rows for table in tables.tables(town, year.live_through(town, TODAY), TODAY)]

    assert written() == written()


@pytest.mark.parametrize("day", [date(2024, 2, 29), date(2027, 1, 1), date(2028, 12, 31)])
def test_any_day_gives_a_city_whose_agreements_end_after_they_began(day):
    town = read(day)
    lived = year.live_through(town, day)
    assert all(a.ends_on is None or a.ends_on >= a.starts_on for a in lived.agreements)
    assert all(a.terminated_on is None or a.terminated_on > a.starts_on for a in lived.agreements)
    assert max(moved.day for moved in lived.movements) <= day


def test_no_shelf_is_ever_below_zero():
    lived = year.live_through(read(TODAY), TODAY)
    shelves: dict[tuple[str, str], int] = {}
    for moved in lived.movements:
        key = (moved.outlet.ref, moved.product.sku)
        sign = 1 if moved.kind in {"delivery", "found"} else -1
        shelves[key] = shelves.get(key, 0) + sign * moved.quantity
        assert shelves[key] >= 0, (moved.day, key)


def test_a_load_that_was_broken_off_is_finished(city):
    """The city of these tests was loaded in two goes: what the first put in is there, nothing twice."""
    assert load.state() is load.State.FULL
    told = {seller.ref for seller in read(TODAY).sellers}
    imported = db.session.scalars(select(Seller.seller_ref).where(Seller.seller_ref.in_(told))).all()
    assert sorted(imported) == sorted(told)
    lived = year.live_through(read(TODAY), TODAY)
    assert len(lived.movements) == db.session.scalar(
        select(func.count(StockMovement.movement_ref.distinct())).where(StockMovement.cause_kind == "import")
    )
    assert app_says_full(city)


def app_says_full(app):
    """Whether the command leaves a whole city alone."""
    return app.test_cli_runner().invoke(args=["demo"]).exit_code == 2


def test_a_real_citys_data_is_left_alone(app):
    factories.seller()
    assert load.state() is load.State.FULL
    runner = app.test_cli_runner()
    assert runner.invoke(args=["demo", "--if-empty"]).exit_code == 0
    refused = runner.invoke(args=["demo"])
    assert refused.exit_code == 2
    assert "sudah berisi" in refused.output
    assert db.session.query(Seller).count() == 1
