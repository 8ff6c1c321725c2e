"""A buyer's favourites and lists: keep, note, compare, offer a place, take away as a file."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from ...errors import InvalidInput, NotFound
from ...exchange.responses import table_response
from ...i18n import _
from ...mailing import address
from ...permissions import Permission, current_actor, protected
from ...security import safe_next
from .. import queries, services
from ..queries import ListItem, ListSummary
from .public import ID

blueprint = Blueprint("lists", __name__)
COLUMNS = (
    "seller_ref", "seller_name", "sku", "name", "unit", "price_rupiah", "min_order", "category", "place",
    "note", "url",
)  # fmt: skip


@blueprint.get("/buyer/lists")
@protected(Permission.SHORTLIST_EDIT)
def lists() -> str:
    """Every list of the team."""
    return render_template("catalog/lists.html", lists=queries.lists_of(current_actor()))


@blueprint.post("/buyer/lists")
@protected(Permission.SHORTLIST_EDIT)
def new() -> Response | str:
    """Begin a list."""
    try:
        made = services.make_list(actor=current_actor(), name=request.form.get("name", ""))
    except InvalidInput as error:
        flash(error.fields.get("name", error.message), "error")
        return redirect(url_for(".lists"))
    flash(_("Daftar %(name)s dibuat. Isi dari halaman produk.", name=made.name), "ok")
    return redirect(url_for(".list_page", list_id=made.id))


@blueprint.get(f"/buyer/lists/<{ID}:list_id>")
@protected(Permission.SHORTLIST_EDIT)
def list_page(list_id: int) -> str | Response:
    """One list, by maker; also as a file."""
    row, items = _own(list_id), queries.items_of(list_id)
    if request.args.get("format") in {"csv", "xlsx"}:
        return table_response(request.args["format"], COLUMNS, map(_cells, items), row.name)
    makers = [(seller, list(group)) for seller, group in groupby(items, key=lambda item: item.card.seller_id)]
    return render_template("catalog/list.html", row=row, items=items, makers=makers)


def _cells(item: ListItem) -> Sequence[object]:
    card = item.card
    return (
        card.seller_ref, card.seller_name, card.sku, card.name, card.unit, card.price_rupiah, item.min_order,
        card.category, card.place, item.note, address(card.url),
    )  # fmt: skip


@blueprint.post(f"/buyer/lists/<{ID}:list_id>/name")
@protected(Permission.SHORTLIST_EDIT)
def rename(list_id: int) -> Response:
    """Give a list another name."""
    try:
        services.rename_list(actor=current_actor(), list_id=list_id, name=request.form.get("name", ""))
        flash(_("Nama daftar diganti."), "ok")
    except InvalidInput as error:
        flash(error.fields.get("name", error.message), "error")
    return redirect(url_for(".list_page", list_id=list_id))


@blueprint.route(f"/buyer/lists/<{ID}:list_id>/delete", methods=["GET", "POST"])
@protected(Permission.SHORTLIST_EDIT)
def delete(list_id: int) -> str | Response:
    """Throw a list away, after saying what goes with it."""
    row = _own(list_id)
    if request.method == "POST":
        name = services.delete_list(actor=current_actor(), list_id=list_id)
        flash(_("Daftar %(name)s dihapus.", name=name), "ok")
        return redirect(url_for(".lists"))
    return render_template("catalog/list_delete.html", row=row)


@blueprint.post(f"/buyer/list-items/<{ID}:item_id>/note")
@protected(Permission.SHORTLIST_EDIT)
def note(item_id: int) -> Response | str:
    """Write what the team thinks."""
    item = services.note_item(actor=current_actor(), item_id=item_id, note=request.form.get("note", ""))
    if request.headers.get("HX-Request"):
        return render_template("catalog/_note.html", item=item, saved=True)
    flash(_("Catatan disimpan."), "ok")
    return redirect(url_for(".list_page", list_id=item.shortlist_id, _anchor=f"isi-{item.id}"))


@blueprint.post(f"/buyer/list-items/<{ID}:item_id>/remove")
@protected(Permission.SHORTLIST_EDIT)
def remove(item_id: int) -> Response:
    """Take a product out of its list."""
    item = services.remove_item(actor=current_actor(), item_id=item_id)
    flash(_("Dikeluarkan dari daftar. Produknya bisa Anda simpan lagi kapan saja."), "ok")
    return redirect(url_for(".list_page", list_id=item.shortlist_id))


@blueprint.post(f"/products/<{ID}:product_id>/favourite")
@protected(Permission.SHORTLIST_EDIT)
def favourite(product_id: int) -> Response | str:
    """Keep a product among the favourites (keep=1), or no longer (keep=0)."""
    keep = request.form.get("keep") != "0"
    change = services.keep_favourite if keep else services.drop_favourite
    change(actor=current_actor(), product_id=product_id)
    if request.headers.get("HX-Request"):
        return render_template(
            "catalog/_heart.html", product_id=product_id, is_kept=keep, wide=request.form.get("wide") == "1"
        )
    return redirect(safe_next(request.form.get("next"), url_for("catalog.product", product_id=product_id)))


@blueprint.post(f"/products/<{ID}:product_id>/lists")
@protected(Permission.SHORTLIST_EDIT)
def choose(product_id: int) -> Response | str:
    """Say in which lists a product stands."""
    actor, error = current_actor(), ""
    try:
        names = services.set_lists(
            actor=actor,
            product_id=product_id,
            list_ids=[int(text) for text in request.form.getlist("list") if _is_number(text)],
            new_name=request.form.get("new_name", ""),
        )
        sentence = (
            _("Tersimpan di %(names)s.", names=", ".join(names)) if names else _("Tidak di daftar mana pun.")
        )
    except InvalidInput as problem:
        sentence, error = "", problem.fields.get("name", problem.message)
    if request.headers.get("HX-Request"):
        chosen = queries.lists_of(actor, product_id=product_id)
        return render_template(
            "catalog/_choose_lists.html",
            product_id=product_id,
            lists=chosen,
            said=sentence,
            error=error,
            open=True,
        )
    flash(sentence or error, "ok" if sentence else "error")
    return redirect(safe_next(request.form.get("next"), url_for("catalog.product", product_id=product_id)))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 19


def _own(list_id: int) -> ListSummary:
    row = queries.list_of(current_actor(), list_id)
    if row is None:
        raise NotFound(_("Daftar ini tidak ada, atau bukan milik tim Anda."))
    return row
