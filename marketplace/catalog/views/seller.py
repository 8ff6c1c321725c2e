"""A seller's own products on the seller's phone: the list, a new one, the form, what can be done."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from ...errors import InvalidInput, NotFound
from ...exchange.responses import table_response
from ...i18n import _, ngettext
from ...permissions import Permission, current_actor, protected
from ...web import Page, page_within
from .. import queries, rules, services
from ..forms import ProductForm, form_of, stamp_of
from ..models import Product, ProductState
from ..queries.curation import waiting_values
from ..rules import Section
from ..services.curation import submit_product
from ..values import ProductValues
from .public import ID

blueprint = Blueprint("seller_products", __name__, url_prefix="/seller/products")
PAGE_SIZE = 25
FIELDS_OF = {
    Section.STORE: (
        "retail_price_rupiah", "min_order", "order_multiple", "tiers", "capacity_per_week", "lead_time_days",
        "offers_consignment", "origin", "gtin", "sku",
    ),
    Section.CONTENTS: ("net_weight_g", "shelf_life_days", "storage"),
    Section.FOOD: ("ingredients", "allergens", "pirt_number", "halal_number", "bpom_number"),
    Section.CRAFT: ("material", "length_mm", "width_mm", "height_mm", "is_made_to_order"),
    Section.SEASON: ("season_from", "season_to"),
}  # fmt: skip
"""What stands in each part that folds, so that a part with a mistake in it stands open."""


@blueprint.get("")
@protected(Permission.PRODUCT_EDIT)
def products() -> str | Response:
    """Everything the seller makes, wherever it stands; also as a file."""
    seller_id = current_actor().seller_id or 0
    q, state, sort = (request.args.get(name, "") for name in ("q", "state", "sort"))
    if request.args.get("format") in {"csv", "xlsx"}:
        rows = queries.own_file(seller_id, q=q, state=state)
        return table_response(request.args["format"], queries.FILE_COLUMNS, rows, "produk")
    total = queries.count_own(seller_id, q=q, state=state)
    number = page_within(total, PAGE_SIZE)
    rows_shown = queries.own_products(seller_id, q=q, state=state, sort=sort, number=number, size=PAGE_SIZE)
    return render_template(
        "seller/products.html",
        page=Page(rows_shown, number, total, PAGE_SIZE),
        counts=queries.count_by_state(seller_id),
        q=q,
        state=state,
        sort=sort if sort in queries.OWN_SORTS else queries.OWN_SORTS[0],
    )


@blueprint.get("/new")
@protected(Permission.PRODUCT_EDIT)
def new() -> str:
    """Begin with a photo, or go on where it was left."""
    return render_template(
        "seller/product_new.html", unfinished=queries.unfinished(current_actor().seller_id or 0)
    )


@blueprint.post("/new")
@protected(Permission.PRODUCT_EDIT)
def begin() -> Response:
    """A draft without a photo; one in which nothing stands yet is offered again."""
    seller_id = current_actor().seller_id or 0
    product_id = queries.untouched_draft(seller_id)
    if product_id is None:
        product_id = services.create_draft(actor=current_actor(), seller_id=seller_id).id
    return redirect(url_for(".edit", product_id=product_id))


@blueprint.route(f"/<{ID}:product_id>", methods=["GET", "POST"])
@protected(Permission.PRODUCT_EDIT)
def edit(product_id: int) -> str | Response:
    """Fill in a draft or change a product; what the office has to see waits."""
    product, category = _own(product_id)
    if product.main_id is not None:
        return redirect(url_for("seller_variants.variants", product_id=product.main_id))
    form = ProductForm() if request.method == "POST" else form_of(_as_wished(product, category))
    hands_in = request.form.get("act") == "submit"
    if form.validate_on_submit() and (not hands_in or form.require_all()):
        try:
            services.change_product(actor=current_actor(), product_id=product_id, values=form.values())
            if hands_in:
                submit_product(actor=current_actor(), product_id=product_id, message=form.message.data or "")
            return _stored(product_id, form.values())
        except InvalidInput as error:
            form.take_refusals(error.fields)
    return _form_page(form, product, category)


@blueprint.get("/places")
@protected(Permission.PRODUCT_EDIT)
def places() -> str:
    """Villages whose name begins with what is typed."""
    return render_template(
        "seller/_places.html", places=queries.places_starting(request.args.get("origin", ""))
    )


@blueprint.post(f"/<{ID}:product_id>/duplicate")
@protected(Permission.PRODUCT_EDIT)
def duplicate(product_id: int) -> Response:
    """A draft like this one."""
    twin = services.duplicate_product(actor=current_actor(), product_id=product_id)
    flash(_("Ini salinannya, masih draf. Ganti nama dan fotonya, lalu kirim."), "ok")
    left = queries.count_photos(product_id) - queries.count_photos(twin.id)
    if left > 0:
        flash(
            ngettext(
                "%(num)d foto tidak ikut karena ruang foto Anda penuh. Hapus foto yang tidak dipakai dulu.",
                "%(num)d foto tidak ikut karena ruang foto Anda penuh. Hapus foto yang tidak dipakai dulu.",
                left,
            ),
            "warning",
        )
    return redirect(url_for(".edit", product_id=twin.id))


@blueprint.post(f"/<{ID}:product_id>/pause")
@protected(Permission.PRODUCT_EDIT)
def pause(product_id: int) -> Response:
    """Take a product off the public shelf."""
    product = services.pause_product(actor=current_actor(), product_id=product_id)
    flash(
        _(
            "%(name)s dijeda: tidak tampil di etalase. Perjanjian dan stok tidak berubah. "
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


@blueprint.route(f"/<{ID}:product_id>/delete", methods=["GET", "POST"])
@protected(Permission.PRODUCT_EDIT)
def delete(product_id: int) -> str | Response:
    """Throw a draft away, after saying what goes with it."""
    product, _category = _own(product_id)
    if request.method == "POST":
        services.delete_draft(actor=current_actor(), product_id=product_id)
        flash(_("Draf dihapus."), "ok")
        return redirect(url_for(".products"))
    if product.state != ProductState.DRAFT:
        return redirect(url_for(".edit", product_id=product_id))
    return render_template("seller/product_delete.html", product=product)


def _own(product_id: int) -> tuple[Product, str]:
    found = queries.own_product(current_actor(), product_id)
    if found is None:
        raise NotFound(_("Produk ini tidak ada, atau bukan milik Anda."))
    return found


def _as_wished(product: Product, category: str) -> ProductValues:
    """The product as its seller wants it: what waits for the office laid over what is on sale."""
    return queries.with_waiting(queries.values_of(product, category), waiting_values(product.id))


def _stored(product_id: int, values: ProductValues) -> Response:
    """Say what became of it, and what looks odd in it."""
    product, _category = _own(product_id)
    name = product.name or values.name or _("Produk tanpa nama")
    if product.state == ProductState.DRAFT:
        flash(_("Draf %(name)s disimpan. Lanjutkan kapan saja, dari ponsel mana pun.", name=name), "ok")
    elif product.state == ProductState.WAITING:
        flash(_("%(name)s dikirim ke Dinas. Kabar hasilnya tampil di sini.", name=name), "ok")
    elif waiting_values(product_id):
        flash(
            _("%(name)s disimpan. Yang perlu dilihat Dinas menunggu; versi lama tetap tampil.", name=name),
            "ok",
        )
    else:
        flash(_("%(name)s sudah disimpan.", name=name), "ok")
    for check in services.checks_of(values, queries.regency_names()).values():
        if check.warning:
            flash(f"{name}: {check.sentence}", "warning")
    return redirect(url_for(".products"))


def _form_page(form: ProductForm, product: Product, category: str) -> str:
    wrong = {section for section, names in FIELDS_OF.items() if any(form[name].errors for name in names)}
    paths = queries.category_paths()
    return render_template(
        "seller/product_form.html",
        form=form,
        product=product,
        product_url=rules.product_path(product.id, product.name),
        opened=rules.suiting(form.category.data or category) | wrong,
        sections={path: " ".join(sorted(rules.suiting(path))) for path in paths},
        readiness=queries.readiness_of(product.id),
        variants=[row for row in queries.variants_of(product.id) if not row.is_dropped],
        units=rules.UNITS,
        permit_free_days=queries.permit_free_below_days(),
        stamp=stamp_of(_as_wished(product, category)),
    )
