"""Every product without a photo has a picture of its own, and always the same one."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest

from marketplace import batik
from marketplace.batik.cloth import weave

SVG = "{http://www.w3.org/2000/svg}"


def parse(picture: str) -> ET.Element:
    """Our own drawing as a tree; never anything from outside."""
    return ET.fromstring(picture)  # noqa: S314


def test_the_same_sku_always_gives_the_same_picture():
    assert batik.draw("KRP-0231", "pouch") == batik.draw("KRP-0231", "pouch")
    assert batik.draw(" krp-0231 ") == batik.draw("KRP-0231")


def test_different_skus_give_different_pictures():
    pictures = {batik.draw(f"SKU-{number}") for number in range(200)}
    assert len(pictures) == 200


@pytest.mark.parametrize("form", batik.FORMS)
def test_every_form_is_a_small_picture_that_a_strict_browser_may_show(form):
    picture = batik.draw("KRP-0231", form)
    root = parse(picture)
    assert root.tag == f"{SVG}svg"
    assert root.get("viewBox") == "0 0 400 400"
    assert len(picture) < 16_000
    assert not root.findall(f".//{SVG}text")
    for forbidden in (" style=", "<script", "<style", "href", "@import", "data:"):
        assert forbidden not in picture


def test_every_reference_inside_a_picture_has_its_definition():
    for number in range(60):
        for form in ("pouch", "jar", "bottle", "cloth"):
            picture = batik.draw(f"REF-{number}", form)
            defined = set(re.findall(r'\bid="([^"]+)"', picture))
            assert set(re.findall(r"url\(#([^)]+)\)", picture)) <= defined


def test_pictures_of_two_products_can_stand_in_one_page():
    first, second = (set(re.findall(r'\bid="([^"]+)"', batik.draw(sku, "jar"))) for sku in ("A-1", "A-2"))
    assert not first & second


@pytest.mark.parametrize("sku", ["", "<script>alert(1)</script>", "ꦧꦠꦶꦏ꧀", "\ud800", "x" * 5000, "\0"])
def test_a_hostile_sku_still_gives_a_harmless_picture(sku):
    picture = batik.draw(sku, "box")
    parse(picture)
    assert "script" not in picture


def test_an_unknown_form_is_refused():
    with pytest.raises(ValueError, match="unknown form"):
        batik.draw("KRP-0231", "rocket")


def test_all_families_and_palettes_are_drawn_among_a_thousand_products():
    woven = [weave(f"P-{number:04d}") for number in range(1000)]
    assert {cloth.family for cloth in woven} == set(batik.FAMILIES)
    assert {cloth.palette_name for cloth in woven} == set(batik.PALETTES)


@pytest.mark.parametrize("family", ["kawung", "parang", "truntum", "ceplok"])
def test_a_tile_repeats_without_a_seam(family):
    root = parse(batik.tile(family, "nila-malam", repeat=3))
    pattern = root.find(f".//{SVG}pattern")
    assert pattern is not None
    width, height = (float(value) for value in root.get("viewBox", "").split()[2:])
    assert width / float(pattern.get("width", "0")) == pytest.approx(3, abs=0.01)
    assert height / float(pattern.get("height", "0")) == pytest.approx(3, abs=0.01)
