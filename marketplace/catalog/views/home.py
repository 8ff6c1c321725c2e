"""What the catalogue adds to the public home: kinds, the newest products, the districts they come from."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app, render_template, url_for
from markupsafe import Markup

from ... import maps
from ...i18n import _
from .. import queries
from ..hooks import with_outlets
from ..queries import Search
from ..rules import category_address, picture_path

KINDS_SHOWN, NEWEST_SHOWN, NEWEST_AMONG = 8, 4, 60


@dataclass(frozen=True)
class Way:
    """A way into the catalogue: a kind or a district, and how many products lie behind it."""

    code: str
    label: str
    count: int
    url: str
    image_url: str = ""


def home_panel() -> Markup:
    """The shelves of the home page."""
    newest = queries.live_products(Search(sort="newest"), limit=NEWEST_AMONG)
    districts = _districts()
    page = render_template(
        "public/_catalogue.html",
        total=newest.total,
        newest=with_outlets(_one_of_each(newest.items)[:NEWEST_SHOWN]),
        categories=_kinds(),
        districts=districts,
        map=_map(districts),
    )
    return Markup(page)  # noqa: S704 - a template's own output, escaped there


def _one_of_each(cards: list[queries.ProductCard]) -> list[queries.ProductCard]:
    """The first product of each maker: who has just listed ten of them does not fill the page."""
    firsts: dict[int, queries.ProductCard] = {}
    for card in cards:
        firsts.setdefault(card.seller_id, card)
    return list(firsts.values())


def _kinds() -> list[Way]:
    """The finest kinds that hold most products, most first."""
    tree = queries.category_tree()
    nodes = [child for node in tree for child in (node.children or [node])]
    chosen = sorted(nodes, key=lambda node: (-node.count, node.name))[:KINDS_SHOWN]
    return [
        Way(
            node.path,
            node.name,
            node.count,
            category_address(node.path),
            picture_path(node.path, node.form),
        )
        for node in chosen
    ]


def _districts() -> list[Way]:
    """The city's districts that make something, in order of how much."""
    city = current_app.config["CITY_REGION"]
    values = queries.facets(Search())["district"]
    return [
        Way(value.value, value.label, value.count, url_for("catalog.products", district=value.value))
        for value in values
        if value.value.startswith(f"{city}.")
    ]


def _map(districts: list[Way]) -> Markup | None:
    """The districts to pick from; None for a city without boundaries."""
    figures = {
        way.code: maps.AreaFigure(
            sentence=_("%(place)s: %(count)s produk", place=way.label, count=way.count),
            label=_("%(count)s produk", count=way.count),
            href=way.url,
        )
        for way in districts
    }
    title = _("Peta kecamatan di %(city)s", city=current_app.config["CITY_NAME"])
    return maps.picker(current_app.config["CITY_REGION"], figures, title=title)
