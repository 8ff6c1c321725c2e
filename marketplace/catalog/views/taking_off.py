"""The office takes a product off sale."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from ...errors import Conflict, InvalidInput, NotFound
from ...i18n import _
from ...permissions import Permission, current_actor, protected
from ..queries import curation as queries
from ..rules import curation as rules
from ..services import curation as services
from .curation import ID, blueprint


@blueprint.route(f"/products/<{ID}:product_id>/take-off", methods=["GET", "POST"])
@protected(Permission.PRODUCT_CURATE)
def take_off(product_id: int) -> str | Response | tuple[str, int]:
    """Say what will happen and why, then do it."""
    found = queries.product_on_sale(current_actor(), product_id)
    if found is None:
        raise NotFound(_("Produk ini tidak ada, sedang tidak dijual, atau bukan di wilayah Anda."))
    product, card = found
    wrong: dict[str, str] = {}
    if request.method == "POST":
        try:
            services.take_off_sale(
                actor=current_actor(),
                product_id=product_id,
                reasons=request.form.getlist("reasons"),
                reason=request.form.get("reason", ""),
            )
        except InvalidInput as error:
            wrong = error.fields
        except Conflict as error:
            flash(error.message, "warning")
            return redirect(url_for(".inbox"))
        else:
            flash(_("%(name)s diturunkan. Penjualnya diberi tahu alasannya.", name=product.name), "ok")
            return redirect(url_for("organizations.seller", seller_id=product.seller_id))
    html = render_template(
        "catalog/take_off.html", product=product, card=card, reasons=rules.OFF_SALE_REASONS, wrong=wrong,
        typed=request.form,
    )  # fmt: skip
    return (html, 422) if wrong else html
