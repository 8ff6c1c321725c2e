"""A seller's own products, on the seller's phone."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from ...errors import InvalidInput, NotFound
from ...exchange.responses import table_response
from ...i18n import _
from ...permissions import Permission, current_actor, protected
from .. import queries, services
from ..forms import ProductForm, form_of
from ..models import Product
from ..values import ProductValues
from .public import ID

blueprint = Blueprint("seller_products", __name__, url_prefix="/seller/products")
COLUMNS = ("sku", "seller_ref", "name", "category", "price_rupiah", "unit", "net_weight_g")
"""As the import of products names them, so that the file can be changed and brought back."""


@blueprint.get("")
@protected(Permission.PRODUCT_EDIT)
def products() -> str | Response:
    """Everything the seller makes, live or paused, with the papers that are missing; also as a file."""
    seller_id = current_actor().seller_id or 0
    q, state = request.args.get("q", ""), request.args.get("state", "")
    listed = queries.products_of_seller(seller_id, q=q, state=state)
    if request.args.get("format") in {"csv", "xlsx"}:
        cells = ([getattr(row.card, name) for name in COLUMNS] for row in listed)
        return table_response(request.args["format"], COLUMNS, cells, "produk")
    return render_template(
        "seller/products.html",
        products=listed,
        counts=queries.count_by_state(seller_id),
        q=q,
        state=state,
    )


@blueprint.route("/new", methods=["GET", "POST"])
@protected(Permission.PRODUCT_EDIT)
def new() -> str | Response:
    """Add a product."""
    form = ProductForm()
    if form.validate_on_submit():
        try:
            made = services.create_product(
                actor=current_actor(), seller_id=current_actor().seller_id or 0, values=form.values()
            )
            return _stored(made, form.values(), _("%(name)s sudah tampil di etalase.", name=made.name))
        except InvalidInput as error:
            form.take_refusals(error.fields)
    return _form_page(form, None)


@blueprint.route(f"/<{ID}:product_id>", methods=["GET", "POST"])
@protected(Permission.PRODUCT_EDIT)
def edit(product_id: int) -> str | Response:
    """Change a product."""
    product, category = _own(product_id)
    form = ProductForm() if request.method == "POST" else form_of(product, category)
    if form.validate_on_submit():
        try:
            services.change_product(actor=current_actor(), product_id=product_id, values=form.values())
            return _stored(product, form.values(), _("%(name)s sudah disimpan.", name=form.name.data))
        except InvalidInput as error:
            form.take_refusals(error.fields)
    return _form_page(form, product)


@blueprint.post(f"/<{ID}:product_id>/pause")
@protected(Permission.PRODUCT_EDIT)
def pause(product_id: int) -> Response:
    """Take a product off the public shelf."""
    product = services.pause_product(actor=current_actor(), product_id=product_id)
    flash(
        _(
            "%(name)s disembunyikan dari etalase. Perjanjian dan stok tidak berubah. "
            "Anda bisa menampilkannya lagi kapan saja.",
            name=product.name,
        ),
        "ok",
    )
    return redirect(url_for(".products"))


@blueprint.post(f"/<{ID}:product_id>/resume")
@protected(Permission.PRODUCT_EDIT)
def resume(product_id: int) -> Response:
    """Put it back."""
    product = services.resume_product(actor=current_actor(), product_id=product_id)
    flash(_("%(name)s tampil lagi di etalase.", name=product.name), "ok")
    return redirect(url_for(".products"))


def _own(product_id: int) -> tuple[Product, str]:
    found = queries.own_product(current_actor(), product_id)
    if found is None:
        raise NotFound(_("Produk ini tidak ada, atau bukan milik Anda."))
    return found


def _stored(product: Product, values: ProductValues, sentence: str) -> Response:
    """Say that it is stored, and what looks odd in it."""
    flash(sentence, "ok")
    for check in services.checks_of(values, queries.regency_names()).values():
        if check.warning:
            flash(f"{product.name}: {check.sentence}", "warning")
    return redirect(url_for(".products"))


def _form_page(form: ProductForm, product: Product | None) -> str:
    return render_template(
        "seller/product_form.html",
        form=form,
        product=product,
        categories=queries.category_paths(),
        permit_free_days=queries.permit_free_below_days(),
    )
