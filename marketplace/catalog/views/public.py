"""The list of products, searched and filtered by its address."""

from __future__ import annotations

from dataclasses import asdict

from flask import Blueprint, render_template, request

from ...i18n import _
from ...money import format_rupiah
from ...permissions import public
from ...web import Page, page_number, url_with
from .. import queries
from ..forms import read_search
from ..hooks import with_outlets
from ..queries import FacetValue, Search

blueprint = Blueprint("catalog", __name__)

ID = "int(max=9223372036854775807)"
FOR_EVER = "public, max-age=31536000, immutable"
MANY_VALUES = 8


@blueprint.get("/products")
@public
def products() -> str:
    """The city's products, searched and filtered by the address."""
    search = read_search(request.args)
    page = _numbered_page(search)
    found = queries.page_of_products(search, number=page.number)
    return render_template(
        "catalog/products.html",
        search=search,
        page=page,
        cards=with_outlets(found.items),
        found=found,
        facets=queries.facets(search),
        active=_active_filters(search),
        many=MANY_VALUES,
    )


def _numbered_page(search: Search) -> Page[object]:
    """The page asked for, drawn back to the last one there is."""
    total, _sellers = queries.count_live(search)
    size = queries.CATALOGUE_SIZE
    number = min(page_number(), max(-(-total // size), 1))
    return Page(items=(), number=number, total=total, size=size)


def _active_filters(search: Search) -> list[tuple[str, str]]:
    """Each filter that is on, in words, with the address without it."""
    fields = asdict(search)
    labels = queries.labels_of(search)
    active = []
    for name, field in (
        ("category", "categories"),
        ("district", "districts"),
        ("certificate", "certificates"),
    ):
        for value in fields[field]:
            rest = [other for other in fields[field] if other != value]
            active.append((labels.get(value, value), url_with(**{name: rest or None})))
    if search.min_price is not None:
        active.append((_("Mulai %(price)s", price=format_rupiah(search.min_price)), url_with(min_price=None)))
    if search.max_price is not None:
        active.append(
            (_("Sampai %(price)s", price=format_rupiah(search.max_price)), url_with(max_price=None))
        )
    if search.seller_ref:
        active.append((labels.get(search.seller_ref, search.seller_ref), url_with(seller_ref=None)))
    return active


def shown_values(values: list[FacetValue], chosen: tuple[str, ...]) -> list[FacetValue]:
    """The values of a filter that stand open: the most frequent, and whatever is chosen."""
    frequent = sorted(values, key=lambda value: -value.count)[:MANY_VALUES]
    return [value for value in values if value in frequent or value.value in chosen]
