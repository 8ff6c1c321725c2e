"""The country's places: all there, nested by whole levels, found by name."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from marketplace.db import db
from marketplace.organizations.models import KbliCode
from marketplace.regions import queries, rules
from marketplace.regions.models import Region


def test_every_place_of_the_act_is_there(app: Flask, shared_data: Path) -> None:
    with (shared_data / "regions" / "regions_2025.csv").open(encoding="utf-8", newline="") as file:
        told = {row["kode"]: " ".join(row["nama"].split()) for row in csv.DictReader(file)}
    stored = dict(db.session.execute(select(Region.code, Region.name)).all())
    assert len(stored) == 91_599
    assert stored == told


def test_levels_count_as_the_act_counts(app: Flask) -> None:
    query = select(Region.level, func.count()).group_by(Region.level)
    assert dict(db.session.execute(query).all()) == {1: 38, 2: 514, 3: 7_285, 4: 83_762}


def test_surakarta_has_five_districts_and_54_villages(app: Flask) -> None:
    groups = queries.villages_by_district("33.72")
    assert [(district.name, len(villages)) for district, villages in groups] == [
        ("Laweyan", 11), ("Serengan", 7), ("Pasar Kliwon", 10), ("Jebres", 11), ("Banjarsari", 15),
    ]  # fmt: skip
    assert queries.full_name("33.72.04.1011") == "Mojosongo, Kec. Jebres"
    city = db.session.get_one(Region, "33.72")
    assert (city.population, str(city.area_km2)) == (589_242, "46.802")


def test_areas_whose_code_lost_a_nought_are_put_right(app: Flask) -> None:
    for code in ("11.10", "12.10", "12.20", "14.10", "31"):
        assert db.session.get_one(Region, code).area_km2


def test_every_place_but_a_province_lies_in_a_known_one(app: Flask) -> None:
    parent = select(Region.code).subquery()
    orphans = (
        select(func.count())
        .select_from(Region)
        .outerjoin(parent, parent.c.code == Region.parent_code)
        .where(Region.level > 1, parent.c.code.is_(None))
    )
    assert db.session.scalar(orphans) == 0


def test_places_lie_within_by_whole_levels(app: Flask) -> None:
    counts = {"33.72": 60, "33.7": 0, "": 91_599, "33.72.01": 12, "33.72.01.1001": 1}
    for prefix, count in counts.items():
        query = select(func.count()).select_from(Region).where(queries.within(Region.code, prefix))
        assert db.session.scalar(query) == count


def test_a_place_is_found_by_the_beginning_of_its_name(app: Flask) -> None:
    found = queries.search("surakarta")
    assert (found[0].code, found[0].name, found[0].around) == ("33.72", "Kota Surakarta", "Jawa Tengah")
    assert queries.search("%") == []
    assert [place.code for place in queries.search("mojosongo", under="33.72")] == ["33.72.04.1011"]


@pytest.mark.parametrize("text", ["", "3", "33.7", "33.72.1", "33.72.01.101", "33,72", "３３.72", "33.72."])
def test_what_is_no_code_is_seen_without_asking_the_database(text: str) -> None:
    assert not rules.is_code(text)


def test_classes_of_business_are_the_five_digit_ones(app: Flask) -> None:
    assert db.session.scalar(select(func.count()).select_from(KbliCode)) == 1_790
    assert db.session.scalar(select(KbliCode).where(KbliCode.code == "8421")) is None
    assert db.session.get_one(KbliCode, ("2020", "84210")).title == "HUBUNGAN LUAR NEGERI"
