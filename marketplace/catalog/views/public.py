"""What everybody sees: the catalogue, a product's page, the drawn pictures."""

from __future__ import annotations

import functools
import re
from dataclasses import asdict
from urllib.parse import quote

from flask import Blueprint, Response, redirect, render_template, request
from markupsafe import Markup
from werkzeug.wrappers import Response as BaseResponse

from ... import batik, maps
from ...errors import NotFound
from ...i18n import _
from ...money import format_rupiah
from ...permissions import current_actor, public
from ...web import Page, page_number, url_with
from .. import queries
from ..forms import read_search
from ..hooks import with_outlets
from ..queries import FacetValue, Found, Search

blueprint = Blueprint("catalog", __name__)

ID = "int(max=9223372036854775807)"
FOR_EVER = "public, max-age=31536000, immutable"
MANY_VALUES = 8
_MARK = re.compile(r"[0-9a-f]{20}")


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


@blueprint.get(f"/products/<{ID}:product_id>", defaults={"slug": ""})
@blueprint.get(f"/products/<{ID}:product_id>-<slug>")
@public
def product(product_id: int, slug: str) -> str | BaseResponse:
    """One product: what it is, who makes it, what papers it carries, where it stands."""
    page = queries.product_page(current_actor(), product_id)
    if page is None:
        raise NotFound(_("Produk ini tidak ada, atau sedang tidak ditampilkan pembuatnya."))
    if request.path != page.card.url:
        return redirect(page.card.url, 301)
    return render_template(
        "catalog/product.html",
        page=page,
        locator=maps.locator(page.card.region_code),
        similar=with_outlets(queries.similar_products(page)),
        share_url=_share_url(page),
    )


def _share_url(page: queries.ProductPage) -> str:
    address = request.host_url.rstrip("/") + page.card.url
    words = f"{page.card.name}, {format_rupiah(page.card.price_rupiah)}. {address}"
    return f"https://wa.me/?text={quote(words)}"


@blueprint.get("/pictures/<form>-<mark>.svg")
@public
def picture(form: str, mark: str) -> Response:
    """The drawn picture that an address of rules.picture_path stands for; it never changes."""
    if form not in batik.FORMS or not _MARK.fullmatch(mark):
        raise NotFound(_("Gambar ini tidak ada."))
    answer = Response(_drawing(mark, form), mimetype="image/svg+xml")
    answer.headers["Cache-Control"] = FOR_EVER
    answer.set_etag(f"{form}-{mark}")
    return answer.make_conditional(request)  # type: ignore[return-value]


@functools.lru_cache(maxsize=2048)
def _drawing(mark: str, form: str) -> str:
    return batik.draw(mark, form)


def seller_panel(seller_id: int) -> Markup:
    """The shelf of a seller's live products, for its public page."""
    found: Found = queries.live_products(Search(seller_id=seller_id), limit=queries.CATALOGUE_SIZE)
    html = render_template("catalog/seller_panel.html", cards=with_outlets(found.items), total=found.total)
    return Markup(html)  # noqa: S704 - a template's own output


def shown_values(values: list[FacetValue], chosen: tuple[str, ...]) -> list[FacetValue]:
    """The values of a filter that stand open: the most frequent, and whatever is chosen."""
    frequent = sorted(values, key=lambda value: -value.count)[:MANY_VALUES]
    return [value for value in values if value in frequent or value.value in chosen]
