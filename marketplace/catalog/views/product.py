"""A product's own page, the pictures that are drawn for it, and a seller's shelf on its storefront."""

from __future__ import annotations

import functools
import re
from urllib.parse import quote

from flask import Response, redirect, render_template, request
from markupsafe import Markup
from werkzeug.wrappers import Response as BaseResponse

from ... import batik, maps
from ...errors import NotFound
from ...i18n import _
from ...mailing import address
from ...money import format_rupiah
from ...permissions import current_actor, public
from .. import queries
from ..hooks import with_outlets
from ..queries import Found, ProductPage, Search
from .facts import said
from .public import FOR_EVER, ID, blueprint

_MARK = re.compile(r"[0-9a-f]{20}")


@blueprint.get(f"/products/<{ID}:product_id>", defaults={"slug": ""})
@blueprint.get(f"/products/<{ID}:product_id>-<slug>")
@public
def product(product_id: int, slug: str) -> str | BaseResponse:
    """One product: what it is, who makes it, what papers it carries, where it stands."""
    page = product_shown(product_id)
    if request.path != page.card.url:
        return redirect(page.card.url, 301)
    return render_template(
        "catalog/product.html",
        page=page,
        facts=said(page),
        trail=queries.category_steps(page.card.category),
        canonical=address(page.canonical_path),
        locator=maps.locator(page.card.region_code),
        similar=with_outlets(queries.similar_products(page)),
        share_url=share_url(page),
    )


def product_shown(product_id: int) -> ProductPage:
    """The page of a product that this visitor may see. Raises NotFound."""
    page = queries.product_page(current_actor(), product_id)
    if page is None:
        raise NotFound(_("Produk ini tidak ada, atau sedang tidak ditampilkan pembuatnya."))
    return page


def share_url(page: ProductPage) -> str:
    """WhatsApp with the product's name, price and address already typed."""
    words = f"{page.card.name}, {format_rupiah(page.card.price_rupiah)}. {address(page.card.url)}"
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
