"""Maps lead to the rows behind them and say in a sentence what they shade."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

from marketplace import maps

SVG = "{http://www.w3.org/2000/svg}"
CITY, JEBRES, MOJOSONGO = "33.72", "33.72.04", "33.72.04.1011"
FOLDER = Path(maps.__file__).parent / "data"


def parse(drawing: str | None) -> list[ET.Element]:
    """Our own drawing as a list of pictures; never anything from outside."""
    assert drawing is not None
    return list(ET.fromstring(f'<body xmlns="http://www.w3.org/2000/svg">{drawing}</body>'))  # noqa: S314


def figure(code: str, **changes: Any) -> maps.AreaFigure:
    fields = {
        "sentence": f"{code}: 3 dari 4 toko memenuhi",
        "shade": 2,
        "href": f"/office?region={code}",
        **changes,
    }
    return maps.AreaFigure(**fields)


def test_surakarta_has_its_five_districts_and_fifty_four_villages():
    raw = json.loads((FOLDER / "boundaries_surakarta.json").read_text(encoding="utf-8"))
    assert [area["name"] for area in raw["districts"]] == [
        "Laweyan",
        "Serengan",
        "Pasar Kliwon",
        "Jebres",
        "Banjarsari",
    ]
    assert len({area["code"] for area in raw["villages"]}) == 54
    assert all(area["rings"] for area in raw["villages"])
    assert "MIT License" in (FOLDER / "boundaries_surakarta.LICENSE.txt").read_text(encoding="utf-8")


def test_every_area_with_rows_is_a_link_named_by_a_sentence():
    figures = {code: figure(code) for code in (JEBRES, MOJOSONGO)}
    desk, phone = parse(maps.choropleth(CITY, figures, title="Peta Surakarta"))
    links = {link.get("href"): link.findtext(f"{SVG}title") for link in desk.iter(f"{SVG}a")}
    assert links == {f"/office?region={code}": f"{code}: 3 dari 4 toko memenuhi" for code in figures}
    assert [link.get("href") for link in phone.iter(f"{SVG}a")] == [f"/office?region={JEBRES}"]


def test_an_area_without_rows_is_no_link_but_keeps_its_sentence():
    desk = parse(maps.choropleth(CITY, {MOJOSONGO: figure(MOJOSONGO, href=None)}, title="Peta"))[0]
    assert not list(desk.iter(f"{SVG}a"))
    assert f"{MOJOSONGO}: 3 dari 4 toko memenuhi" in [title.text for title in desk.iter(f"{SVG}title")]


def test_all_villages_are_drawn_and_shaded_by_their_figure():
    desk = parse(maps.choropleth(CITY, {MOJOSONGO: figure(MOJOSONGO, shade=0)}, title="Peta"))[0]
    classes = [
        path.get("class") for path in desk.iter(f"{SVG}path") if "v" in (path.get("class") or "").split()
    ]
    assert len(classes) == 54
    assert classes.count("v m0") == 1
    assert classes.count("v mn") == 53


@pytest.mark.parametrize(
    ("share", "shade"), [(None, None), (0, 0), (0.49, 0), (0.5, 1), (0.75, 2), (0.99, 2), (1, 3)]
)
def test_the_shade_follows_the_share(share, shade):
    assert maps.shade_of(share) == shade


def test_no_pin_leaves_its_own_village():
    figures = {code: figure(code, count=1) for code in village_codes()}
    desk = parse(maps.choropleth(CITY, figures, title="Peta"))[0]
    pins = [
        (float(c.get("cx", 0)), float(c.get("cy", 0)), float(c.get("r", 0)))
        for c in desk.iter(f"{SVG}circle")
    ]
    assert len(pins) == 54
    for index, (x, y, radius) in enumerate(pins):
        for other_x, other_y, other_radius in pins[:index]:
            assert ((x - other_x) ** 2 + (y - other_y) ** 2) ** 0.5 > radius + other_radius


def test_everything_lies_inside_the_frame():
    desk = parse(maps.choropleth(CITY, {}, title="Peta"))[0]
    width, height = (float(side) for side in (desk.get("viewBox") or "").split()[2:])
    for path in desk.iter(f"{SVG}path"):
        numbers = (path.get("d") or "").replace("M", " ").replace("L", " ").replace("Z", " ").split()
        assert all(0 <= float(x) <= width for x in numbers[::2])
        assert all(0 <= float(y) <= height for y in numbers[1::2])


def test_a_district_has_a_map_of_its_own_villages():
    (picture,) = parse(maps.choropleth(JEBRES, {MOJOSONGO: figure(MOJOSONGO)}, title="Jebres"))
    assert len(list(picture.iter(f"{SVG}path"))) == len([c for c in village_codes() if c.startswith(JEBRES)])


def test_the_picker_offers_the_five_districts():
    figures = {f"{CITY}.0{number}": figure(f"{CITY}.0{number}", shade=None) for number in range(1, 6)}
    (picture,) = parse(maps.picker(CITY, figures, title="Pilih kecamatan"))
    assert len(list(picture.iter(f"{SVG}a"))) == 5


def test_the_locator_marks_a_village_or_a_district_and_names_it():
    (village,) = parse(maps.locator(MOJOSONGO))
    assert village.get("aria-label") == "Letak Mojosongo di Surakarta"
    assert village.get("role") == "img"
    assert len(maps.locator(JEBRES) or "") < 6000


@pytest.mark.parametrize(
    "code", ["", "33", "33.71", "33.7", "33.72.99", "33.72.04.9999", "nonsense", "../.."]
)
def test_a_place_without_boundaries_has_no_map(code):
    assert maps.locator(code) is None
    assert maps.choropleth(code, {}, title="Peta") is None
    assert maps.picker(code, {}, title="Peta") is None


def test_hostile_words_are_escaped_and_no_style_is_inlined():
    evil = '"><script>alert(1)</script>'
    figures = {code: figure(code, sentence=evil, label=evil, href=evil) for code in (JEBRES, MOJOSONGO)}
    for drawing in (maps.choropleth(CITY, figures, title=evil), maps.picker(CITY, figures, title=evil)):
        parse(drawing)
        assert "<script" not in (drawing or "")
        assert " style=" not in (drawing or "")


def village_codes() -> list[str]:
    raw = json.loads((FOLDER / "boundaries_surakarta.json").read_text(encoding="utf-8"))
    return [area["code"] for area in raw["villages"]]
