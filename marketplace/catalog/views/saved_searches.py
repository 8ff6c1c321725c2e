"""Searches that a person keeps: the list, keeping and forgetting, the end of the mails."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response as BaseResponse

from ...i18n import _
from ...permissions import Permission, current_actor, protected, public
from .. import queries, services
from .public import search_words

blueprint = Blueprint("saved_searches", __name__, url_prefix="/products/saved")
ID = "int(max=9223372036854775807)"
SHOWN = 5
"""So many stand on a buyer's first screen."""


@blueprint.get("")
@protected(Permission.ACCOUNT_USE)
def searches() -> str:
    """The searches that this person keeps."""
    return render_template("catalog/saved_searches.html", saved=queries.saved_searches_of(current_actor()))


@blueprint.post("")
@protected(Permission.ACCOUNT_USE)
def save() -> BaseResponse:
    """Keep the search of the page one comes from."""
    address = queries.kept_address(request.form)
    kept = services.save_search(
        actor=current_actor(), name=search_words(queries.read_search(request.form)), address=address
    )
    flash(_("Pencarian “%(name)s” disimpan. Produk barunya dikabarkan lewat surel.", name=kept.name), "ok")
    return redirect(url_for(".searches"))


@blueprint.post(f"/<{ID}:saved_id>/digest")
@protected(Permission.ACCOUNT_USE)
def digest(saved_id: int) -> BaseResponse:
    """Ask for the daily mail, or for none."""
    wants = request.form.get("wants") == "1"
    services.switch_digest(actor=current_actor(), saved_id=saved_id, wants=wants)
    flash(_("Kabar lewat surel dinyalakan.") if wants else _("Kabar lewat surel dimatikan."), "ok")
    return redirect(url_for(".searches"))


@blueprint.post(f"/<{ID}:saved_id>/delete")
@protected(Permission.ACCOUNT_USE)
def delete(saved_id: int) -> BaseResponse:
    """Throw one away."""
    name = services.forget_search(actor=current_actor(), saved_id=saved_id)
    flash(_("Pencarian “%(name)s” dihapus.", name=name), "ok")
    return redirect(url_for(".searches"))


@blueprint.get("/unsubscribe/<token>")
@public
def unsubscribe(token: str) -> str:
    """Ask once more: programs that look at mails open links too."""
    services.user_of(token)
    return render_template("catalog/unsubscribe.html", token=token, is_done=False)


@blueprint.post("/unsubscribe/<token>")
@public
def unsubscribed(token: str) -> str:
    """No more mails about kept searches."""
    services.unsubscribe(token)
    return render_template("catalog/unsubscribe.html", token=token, is_done=True)


def buyer_panel() -> Markup:
    """A person's kept searches, for the buyer's first screen."""
    saved = queries.saved_searches_of(current_actor())
    html = render_template("catalog/_saved_panel.html", saved=saved[:SHOWN], total=len(saved))
    return Markup(html)  # noqa: S704 - a template's own output
