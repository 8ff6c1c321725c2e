"""What is printed: price lists, shelf labels, QR codes."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

import segno
from flask import Blueprint, Response, render_template, request, url_for

from ... import clock, throttle
from ...documents import qr_svg
from ...errors import InvalidInput, NotFound
from ...i18n import _
from ...mailing import address
from ...money import format_rupiah
from ...organizations import queries as organizations
from ...permissions import Permission, current_actor, protected, public
from .. import documents, queries
from ..documents import LAYOUTS, MAX_LABELS, Label, bars_of
from ..queries import PriceLine
from .product import product_shown
from .public import ID

blueprint = Blueprint("papers", __name__)
PACE = "20 per minute"
"""So many papers one visitor may have printed: each costs a second of work."""


@blueprint.get(f"/sellers/<{ID}:seller_id>/price-list.pdf")
@public
def seller_prices(seller_id: int) -> Response:
    """What a maker sells, with prices by quantity, to print or to send."""
    shop = organizations.storefront(seller_id, current_actor())
    if isinstance(shop, int) or shop.is_closed:
        raise NotFound(_("Usaha ini tidak ada."))
    throttle.check_and_count("papers", throttle.client_address(), PACE)
    return _pdf(
        documents.price_list_pdf(
            title=shop.name,
            subtitle=", ".join(part for part in (shop.place, shop.phone or "") if part),
            lines=queries.prices_of_seller(seller_id),
            day=clock.today(),
            address=address(f"/sellers/{seller_id}"),
        ),
        _("daftar harga %(name)s", name=shop.name),
    )


@blueprint.get(f"/buyer/lists/<{ID}:list_id>/price-list.pdf")
@protected(Permission.SHORTLIST_EDIT)
def list_prices(list_id: int) -> Response:
    """The prices of a buyer's list."""
    actor = current_actor()
    row = queries.list_of(actor, list_id)
    if row is None:
        raise NotFound(_("Daftar ini tidak ada, atau bukan milik tim Anda."))
    throttle.check_and_count("papers", str(actor.user_id), PACE)
    name = _("Favorit") if row.is_favourites else row.name
    return _pdf(
        documents.price_list_pdf(
            title=name,
            subtitle=actor.organization_name,
            lines=queries.prices_of_list(list_id),
            day=clock.today(),
            address=address(url_for("lists.list_page", list_id=list_id)),
        ),
        _("daftar harga %(name)s", name=name),
    )


@blueprint.route("/seller/labels", methods=["GET", "POST"])
@protected(Permission.PRODUCT_EDIT)
def labels() -> str | Response | tuple[str, int]:
    """Choose products, copies and a sheet; the answer is the PDF."""
    lines = queries.labels_of_seller(current_actor().seller_id or 0)
    error = ""
    if request.method == "POST":
        try:
            return _labels(lines)
        except InvalidInput as refused:
            error = refused.message
    page = render_template(
        "catalog/labels.html",
        lines=lines,
        layouts=LAYOUTS,
        asked=_whole("product"),
        most=MAX_LABELS,
        error=error,
        form=request.form,
        bars=bars_of,
    )
    return (page, 422) if error else page


def _labels(lines: list[PriceLine]) -> Response:
    layout = LAYOUTS.get(request.form.get("layout", ""), LAYOUTS["3x8"])
    copies = [(line, min(_whole(f"copies-{line.id}"), MAX_LABELS + 1)) for line in lines]
    total = sum(count for _line, count in copies)
    if not total:
        raise InvalidInput(_("Isi berapa label yang Anda perlukan, paling sedikit satu."))
    if total > MAX_LABELS:
        raise InvalidInput(
            _(
                "Paling banyak %(most)d label sekali cetak; Anda meminta %(total)d.",
                most=MAX_LABELS,
                total=total,
            )
        )
    throttle.check_and_count("papers", str(current_actor().user_id), PACE)
    skip = min(max(_whole("start") - 1, 0), layout.count - 1)
    with_price = request.form.get("price", "retail")
    made = documents.labels_pdf(layout, _said(copies, with_price), skip=skip)
    return _pdf(made, _("label rak"))


def _said(copies: list[tuple[PriceLine, int]], with_price: str) -> Iterator[Label]:
    for line, count in copies:
        price = {"retail": line.retail_price_rupiah, "wholesale": line.price_rupiah}.get(with_price)
        label = Label(
            name=f"{line.name}, {line.variant}" if line.variant else line.name,
            maker=line.seller_name,
            unit=line.unit,
            price=format_rupiah(price) if price else "",
            bars=bars_of(line.gtin, line.sku, line.id),
        )
        yield from [label] * count


@blueprint.get(f"/products/<{ID}:product_id>/qr")
@public
def qr_page(product_id: int) -> str:
    """A product's QR code, to print beside the goods."""
    page = product_shown(product_id)
    return render_template("catalog/qr.html", page=page, code=qr_svg(address(page.card.url)))


@blueprint.get(f"/products/<{ID}:product_id>/qr.<any(svg,png):kind>")
@public
def qr_file(product_id: int, kind: str) -> Response:
    """The code as a file for a designer or a printer."""
    page = product_shown(product_id)
    out = io.BytesIO()
    segno.make(address(page.card.url), error="m").save(out, kind=kind, scale=12, border=4)
    answer = Response(out.getvalue(), mimetype="image/svg+xml" if kind == "svg" else "image/png")
    answer.headers["Content-Disposition"] = f'attachment; filename="qr-{page.card.id}.{kind}"'
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer


def _whole(name: str) -> int:
    """A small whole number of the form or the address; 0 for nonsense."""
    text = request.values.get(name, "").strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 12 else 0


def _pdf(made: bytes, name: str) -> Response:
    safe = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "etalase"
    answer = Response(made, mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="{safe}.pdf"'
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer
