"""The list of products, searched and filtered by its address, and what is suggested while one types."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, make_response, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from ...i18n import _, format_number
from ...money import format_rupiah
from ...permissions import current_actor, public
from ...texts import one_line
from ...web import Page, page_number, url_with
from .. import queries
from ..hooks import ExtraFilter, extra_filters, for_reader, taken_away
from ..queries import FacetValue, Search

blueprint = Blueprint("catalog", __name__)

ID = "int(max=9223372036854775807)"
FOR_EVER = "public, max-age=31536000, immutable"
MANY_VALUES = 8


@dataclass(frozen=True)
class Sheet:
    """The filters as the page offers them."""

    facets: dict[str, list[FacetValue]]
    extras: list[FacetValue]
    active: list[tuple[str, str]]


@blueprint.get("/products")
@public
def products() -> str:
    """The city's products, searched and filtered by the address."""
    search, filters = queries.read_search(request.args), extra_filters(current_actor())
    excluded = taken_away(filters, current_actor())
    matches = queries.matches(search, excluded)
    found = queries.find(search, number=min(page_number(), 100_000), found=matches)
    page = Page[object](items=(), number=page_number(), total=found.total, size=queries.CATALOGUE_SIZE)
    if page.number > page.pages:
        page = Page[object](items=(), number=page.pages, total=found.total, size=page.size)
        found = queries.find(search, number=page.number, found=matches)
    return render_template(
        "catalog/products.html",
        search=search,
        page=page,
        cards=for_reader(found.items),
        found=found,
        sheet=_sheet(search, matches, filters, excluded),
        sorts=_sorts(search),
        ways=queries.category_tree() if not found.total else [],
        address=queries.kept_address(request.args),
    )


@blueprint.get("/products/suggestions")
@public
def suggestions() -> BaseResponse:
    """What the letters typed so far may become, and the products they already find."""
    found = queries.suggest(one_line(request.args.get("q"))[:100])
    answer = make_response(render_template("catalog/_suggestions.html", found=found))
    answer.headers["Cache-Control"] = "private, max-age=30"
    return answer


def _sheet(
    search: Search, matches: queries.Matches, filters: list[ExtraFilter], excluded: queries.Excluded
) -> Sheet:
    counts = queries.extra_counts(matches, excluded)
    extras = [FacetValue(one.name, str(one.label), counts[one.name]) for one in filters]
    labels = queries.labels_of(search) | {one.name: str(one.label) for one in filters}
    return Sheet(queries.facets(search, matches), extras, _active_filters(search, labels))


def _sorts(search: Search) -> list[dict[str, object]]:
    """The orders to choose from."""
    labels = {
        "relevance": _("Paling cocok") if search.q else _("Pilihan hari ini"),
        "newest": _("Terbaru"),
        "price": _("Harga terendah"),
        "-price": _("Harga tertinggi"),
        "name": _("Nama A–Z"),
    }
    return [
        {
            "label": label,
            "url": url_with(sort=None if sort == "relevance" else sort),
            "current": sort == search.sort,
        }
        for sort, label in labels.items()
    ]


def _active_filters(search: Search, labels: dict[str, str]) -> list[tuple[str, str]]:
    """Each filter that is on, in words, with the address without it."""
    several = {
        "category": search.categories,
        "district": search.districts,
        "certificate": search.certificates,
        "only": tuple(name for name in search.extras if name in labels),
    }
    active = []
    for name, values in several.items():
        for value in values:
            rest = [other for other in values if other != value]
            active.append((labels.get(value, value), url_with(**{name: rest or None})))
    return active + [(words, url_with(**{name: None})) for name, words in _single_filters(search, labels)]


def _single_filters(search: Search, labels: dict[str, str]) -> list[tuple[str, str]]:
    """The filters that take one value and are on, in words."""
    on = []
    if search.min_price is not None:
        on.append(("min_price", _("Mulai %(price)s", price=format_rupiah(search.min_price))))
    if search.max_price is not None:
        on.append(("max_price", _("Sampai %(price)s", price=format_rupiah(search.max_price))))
    if search.min_capacity is not None:
        count = format_number(search.min_capacity)
        on.append(("min_capacity", _("Sanggup %(count)s per minggu", count=count)))
    if search.max_lead_days is not None:
        count = format_number(search.max_lead_days)
        on.append(("max_lead_days", _("Siap dalam %(count)s hari", count=count)))
    if search.consignment:
        on.append(("consignment", _("Bisa titip jual")))
    if search.seller_ref:
        on.append(("seller_ref", labels.get(search.seller_ref, search.seller_ref)))
    return on


def search_words(search: Search) -> str:
    """A search in words, as a name for it: 'keripik, Jebres, Halal'."""
    labels = queries.labels_of(search)
    values = [*search.categories, *search.districts, *search.certificates]
    words = [search.q, *(labels.get(value, value) for value in values)]
    words += [label for _name, label in _single_filters(search, labels)]
    return ", ".join(word for word in words if word) or _("Semua produk")


def shown_values(values: list[FacetValue], chosen: tuple[str, ...]) -> list[FacetValue]:
    """The values of a filter that stand open: the most frequent, and whatever is chosen."""
    frequent = sorted(values, key=lambda value: -value.count)[:MANY_VALUES]
    return [value for value in values if value in frequent or value.value in chosen]
