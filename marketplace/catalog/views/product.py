"""A product's own page, the pictures that are drawn for it, and a seller's shelf on its storefront."""

from __future__ import annotations

import functools
import re
from urllib.parse import quote

from flask import Response, redirect, render_template, request
from markupsafe import Markup
from werkzeug.wrappers import Response as BaseResponse

from ... import batik, clock, maps
from ...errors import NotFound
from ...i18n import _
from ...mailing import address
from ...money import format_rupiah
from ...organizations.queries import Storefront
from ...permissions import Permission, current_actor, public
from .. import queries
from ..hooks import for_reader
from ..queries import Found, ProductPage, Search
from ..queries.photos import photos_of
from .facts import said
from .public import FOR_EVER, ID, blueprint
from .sharing import card_url

_MARK = re.compile(r"[0-9a-f]{20}")


@blueprint.get(f"/products/<{ID}:product_id>", defaults={"slug": ""})
@blueprint.get(f"/products/<{ID}:product_id>-<slug>")
@public
def product(product_id: int, slug: str) -> str | BaseResponse:
    """One product: what it is, who makes it, what papers it carries, where it stands."""
    page = product_shown(product_id)
    if request.path != page.card.url:
        return redirect(page.card.url, 301)
    actor = current_actor()
    lists = queries.lists_of(actor, product_id=product_id)
    questions, total = queries.questions_on(actor, page.main_id)
    return render_template(
        "catalog/product.html",
        page=page,
        product_id=product_id,
        photos=photos_of([product_id])[product_id],
        facts=said(page),
        trail=queries.category_steps(page.card.category),
        canonical=address(page.canonical_path),
        locator=maps.locator(page.card.region_code),
        similar=for_reader(queries.similar_products(page)),
        share_url=share_url(page),
        share_image=card_url(page) if page.is_live else None,
        keeps_lists=actor.operator_id is not None and actor.can(Permission.SHORTLIST_EDIT),
        lists=lists,
        is_kept=any(row.is_favourites and row.holds for row in lists),
        sample_id=queries.open_sample_id(actor, product_id),
        questions=questions,
        questions_total=total,
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
    html = render_template("catalog/seller_panel.html", cards=for_reader(found.items), total=found.total)
    return Markup(html)  # noqa: S704 - a template's own output


def storefront_acts(shop: Storefront) -> Markup:
    """What can be taken away from a seller's public page."""
    return Markup(render_template("catalog/storefront_acts.html", shop=shop))  # noqa: S704 - a template's own


def storefront_badges(seller_id: int) -> Markup:
    """The certificates of the business itself that hold today."""
    html = render_template(
        "catalog/storefront_badges.html", found=queries.seller_badges(seller_id, clock.today())
    )
    return Markup(html)  # noqa: S704 - a template's own output
