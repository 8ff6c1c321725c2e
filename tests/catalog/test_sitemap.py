"""Search engines find what is public, all of it, and nothing else."""

from __future__ import annotations

import re
from datetime import date
from xml.etree import ElementTree as ET

import pytest
from flask import Flask

from marketplace import clock
from marketplace.catalog.queries import sitemap as queries
from marketplace.catalog.views import sitemap as views
from marketplace.db import unit_of_work
from marketplace.organizations.models import SellerFacts, Verification
from tests import factories as make

SPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def places(client, path="/sitemap.xml"):
    """The addresses that a file names."""
    answer = client.get(path)
    assert (answer.status_code, answer.mimetype) == (200, "application/xml")
    tree = ET.fromstring(answer.data)  # noqa: S314 - our own file
    return [(one.text or "").removeprefix("http://localhost") for one in tree.iter(f"{SPACE}loc")]


@pytest.fixture
def city(app: Flask):
    """Makers with and without something to show."""
    sri = make.seller(name="Dapur Sri")
    make.product(sri, name="Keripik & tempe", category_id=make.category("Camilan").id)
    main = make.product(sri, name="Sambal", category_id=make.category("Sambal").id)
    make.product(sri, name="Sambal, 1 kg", main_id=main.id, variant_name="1 kg")
    for state in ("draft", "waiting", "sent_back", "paused"):
        make.product(make.seller(), name=f"Barang {state}", state=state)
    gone = make.seller()
    make.product(gone, name="Barang tutup")
    with unit_of_work() as session:
        session.query(SellerFacts).filter_by(seller_id=gone.id).update({"closed_on": date(2026, 1, 1)})
    make.category("Kosong")
    return sri


def test_the_sitemap_names_what_is_public_and_nothing_else(client, city):
    found = places(client)
    assert found[:3] == ["/", "/products", "/categories"]
    assert sorted(found[3:5]) == ["/categories/camilan", "/categories/sambal"]
    assert found[5] == f"/sellers/{city.id}"
    assert [re.sub(r"\d+", "N", path) for path in found[6:]] == [
        "/products/N-keripik-tempe",
        "/products/N-sambal",
    ]
    for path in found:
        assert client.get(path).status_code == 200, path
    answer = client.get("/sitemap.xml")
    assert f"<lastmod>{clock.today()}</lastmod>" in answer.text
    assert answer.headers["Cache-Control"] == "public, max-age=3600"


def test_a_city_too_large_for_one_file_gets_several(client, city, monkeypatch):
    for module in (queries, views):
        monkeypatch.setattr(module, "PART_SIZE", 2)
    make.product(make.seller(), name="Batik")
    files = places(client)
    assert files == [
        "/sitemap-pages.xml",
        "/sitemap-makers-1.xml",
        "/sitemap-products-1.xml",
        "/sitemap-products-2.xml",
    ]
    named = [path for file in files for path in places(client, file)]
    assert len(named) == len(set(named)) == 10
    assert client.get("/sitemap-products-3.xml").status_code == 404
    assert client.get("/sitemap-drafts-1.xml").status_code == 404


def test_who_registered_alone_and_was_never_verified_is_not_named(client, app):
    maker = make.seller(verified_on=None)
    make.product(maker)
    assert f"/sellers/{maker.id}" in places(client), "the office brought it in"
    with unit_of_work() as session:
        session.add(Verification(seller_id=maker.id, region_code=make.LAWEYAN, submitted_at=clock.now()))
    assert f"/sellers/{maker.id}" not in places(client)
    assert client.get(f"/sellers/{maker.id}").status_code == 404


def test_robots_leave_offices_and_searches_alone_but_not_the_makers(client, city):
    answer = client.get("/robots.txt")
    assert answer.mimetype == "text/plain"
    assert "Sitemap: http://localhost/sitemap.xml" in answer.text
    closed = re.findall(r"^Disallow: (\S+)$", answer.text, re.MULTILINE)
    assert {"/office", "/api/", "/products?"} <= set(closed)
    open_paths = [path for path in places(client) if not _is_closed(path, closed)]
    assert open_paths == places(client)
    assert _is_closed("/seller", closed)
    assert _is_closed("/seller/products", closed)


def _is_closed(path, closed):
    """As a robot reads the rules: a beginning, or the whole where a $ ends it."""
    return any(path == rule[:-1] if rule.endswith("$") else path.startswith(rule) for rule in closed)
