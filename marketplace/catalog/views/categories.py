"""A kind of goods: how it is made here, the kinds below it, its products."""

from __future__ import annotations

from flask import render_template, request, url_for

from ...errors import NotFound
from ...i18n import _
from ...mailing import address
from ...permissions import public
from ...web import Page, page_number
from .. import queries, rules
from ..hooks import for_reader
from ..queries import SORTS, Search
from .public import blueprint


@blueprint.get("/categories")
@public
def categories() -> str:
    """Every kind that holds products."""
    return render_template(
        "catalog/categories.html",
        tree=queries.category_tree(),
        place_of=rules.category_address,
        picture=rules.picture_path,
        canonical=address(url_for(".categories")),
    )


@blueprint.get("/categories/<path:slug>")
@public
def category(slug: str) -> str:
    """One kind: its craft in a sentence, the kinds below, its products."""
    place = queries.category_page(slug)
    if place is None:
        raise NotFound(_("Jenis produk ini tidak ada, atau namanya sudah diganti."))
    asked = request.args.get("sort", "")
    search = Search(categories=place.paths, sort=asked if asked in SORTS else "relevance")
    number = min(page_number(), 10_000)
    found = queries.page_of_products(search, number=number)
    page: Page[object] = Page(items=(), number=number, total=found.total, size=queries.CATALOGUE_SIZE)
    return render_template(
        "catalog/category.html",
        place=place,
        craft=rules.craft_of(place.path),
        search=search,
        page=page,
        found=found,
        cards=for_reader(found.items),
        canonical=address(url_for(".category", slug=slug, page=number if number > 1 else None)),
    )
