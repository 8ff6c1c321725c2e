"""Sizes, flavours and colours of a product, on its seller's phone."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from ...errors import InvalidInput, NotFound
from ...i18n import _, ngettext
from ...permissions import Permission, current_actor, protected
from .. import queries, rules, services
from ..forms import VariantsForm, variants_form_of
from ..hooks import units_on_shelves
from ..models import Product
from .public import ID

blueprint = Blueprint("seller_variants", __name__, url_prefix="/seller/products")


@blueprint.route(f"/<{ID}:product_id>/variants", methods=["GET", "POST"])
@protected(Permission.PRODUCT_EDIT)
def variants(product_id: int) -> str | Response:
    """Every variant of a product in one form."""
    product = _main(product_id)
    rows = queries.variants_of(product_id)
    if request.method == "POST":
        form = VariantsForm()
    else:
        form = variants_form_of(product.variant_axis, product.variant_name, rows)
    if form.validate_on_submit():
        try:
            left = services.save_variants(
                actor=current_actor(),
                product_id=product_id,
                axis=form.axis.data or "",
                rows=form.values(),
                own_name=form.own_name.data or "",
            )
            made = [row for row in left if not row.is_dropped]
            flash(ngettext("%(num)d varian disimpan.", "%(num)d varian disimpan.", len(made)), "ok")
            return redirect(url_for("seller_products.edit", product_id=product_id))
        except InvalidInput as error:
            form.take_refusals(error.fields)
    return render_template(
        "seller/variants.html",
        form=form,
        product=product,
        known={str(row.id): row for row in rows},
        on_shelves=units_on_shelves([row.id for row in rows]),
        axes=rules.AXES,
    )


def _main(product_id: int) -> Product:
    found = queries.own_product(current_actor(), product_id)
    if found is None or found[0].main_id is not None:
        raise NotFound(_("Produk ini tidak ada, atau bukan milik Anda."))
    return found[0]
