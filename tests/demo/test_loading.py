"""Loading the demo city: the same every time, finished when it was broken off, never over real data."""

from __future__ import annotations

from datetime import date

import pytest

from marketplace import clock
from marketplace.db import db
from marketplace.demo import city, load, tables, year
from marketplace.organizations.models import Seller
from tests import factories

TODAY = date(2026, 11, 22)


def test_the_same_day_gives_the_same_city():
    def written():
        town = city.read(TODAY)
        return [table.rows for table in tables.tables(town, year.live_through(town, TODAY), TODAY)]

    assert written() == written()


@pytest.mark.parametrize("day", [date(2024, 2, 29), date(2027, 1, 1), date(2028, 12, 31)])
def test_any_day_gives_a_city_whose_agreements_end_after_they_began(day):
    town = city.read(day)
    lived = year.live_through(town, day)
    assert all(a.ends_on is None or a.ends_on >= a.starts_on for a in lived.agreements)
    assert all(a.terminated_on is None or a.terminated_on > a.starts_on for a in lived.agreements)
    assert max(moved.day for moved in lived.movements) <= day


def test_no_shelf_is_ever_below_zero():
    lived = year.live_through(city.read(TODAY), TODAY)
    shelves: dict[tuple[str, str], int] = {}
    for moved in lived.movements:
        key = (moved.outlet.ref, moved.product.sku)
        sign = 1 if moved.kind in {"delivery", "found"} else -1
        shelves[key] = shelves.get(key, 0) + sign * moved.quantity
        assert shelves[key] >= 0, (moved.day, key)


def test_a_load_that_was_broken_off_is_finished(app, monkeypatch):
    def broken(*_args):
        raise KeyboardInterrupt

    steps: list[str] = []
    with monkeypatch.context() as patched:
        patched.setattr(load.people, "fill_desks", broken)
        with pytest.raises(KeyboardInterrupt):
            load.load(steps.append)
    assert load.state() is load.State.BEGUN
    sellers = db.session.query(Seller).count()
    runner = app.test_cli_runner()
    with clock.frozen(clock.now()):
        assert runner.invoke(args=["demo", "--if-empty"]).exit_code == 0
    assert load.state() is load.State.FULL
    assert db.session.query(Seller).count() > sellers, "newcomers came on top, nobody twice"


def test_a_real_citys_data_is_left_alone(app):
    factories.seller()
    assert load.state() is load.State.FULL
    runner = app.test_cli_runner()
    assert runner.invoke(args=["demo", "--if-empty"]).exit_code == 0
    refused = runner.invoke(args=["demo"])
    assert refused.exit_code == 2
    assert "sudah berisi" in refused.output
    assert db.session.query(Seller).count() == 1
