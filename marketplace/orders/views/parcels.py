"""Parcels: a seller's list, what is in one, what the makers say of it; its content on the product page."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, flash, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from ... import clock
from ...errors import InvalidInput, NotFound, RuleBroken
from ...exchange.responses import table_response
from ...i18n import _
from ...permissions import Actor, Permission, current_actor, protected
from ...placements.rules.urgency import Urgency
from ...placements.views.tasks import Task
from ...texts import lines
from ...web import Page, page_within
from ..models import ParcelState
from ..queries import parcel_pages as reads
from ..services.parcels import answer_parcel, no_parcel, propose_parcel, withdraw_parcel
from .parcel_form import ParcelForm

blueprint = Blueprint("parcels", __name__, url_prefix="/parcels")
ID = "int(max=9223372036854775807)"
STATES = ("waiting", *(state.value for state in ParcelState))
COLUMNS = (
    "version_id", "name", "assembler", "number", "state", "price_rupiah", "proposed_on", "waiting",
)  # fmt: skip


@blueprint.get("")
@protected(Permission.AGREEMENT_VIEW)
def parcels() -> str | Response:
    """Own parcels and those that ask for one's goods; as a file with ?format=csv or xlsx."""
    seller_id = _seller_id()
    state = request.args.get("state", "")
    state = state if state in STATES else ""
    if request.args.get("format") in {"csv", "xlsx"}:
        rows = reads.parcels_of(seller_id, state, size=None)
        cells = ([getattr(row, name) for name in COLUMNS] for row in rows)
        return table_response(request.args["format"], COLUMNS, cells, "parsel")
    total = reads.count_parcels(seller_id, state)
    number = page_within(total, reads.PAGE_SIZE)
    rows = reads.parcels_of(seller_id, state, number=number)
    return render_template(
        "orders/parcels.html",
        page=Page(rows, number, total, reads.PAGE_SIZE),
        state=state,
        waiting=reads.count_parcels(seller_id, "waiting"),
    )


@blueprint.get("/new")
@protected(Permission.AGREEMENT_PROPOSE)
def new() -> str | Response:
    """Choose which of the own products is the parcel."""
    seller_id = _seller_id()
    chosen = request.args.get("product_id", type=int)
    if chosen is not None:
        return redirect(url_for(".content", product_id=chosen))
    return render_template("orders/parcel_choose.html", products=reads.own_products_for(seller_id))


@blueprint.route(f"/<{ID}:product_id>/content", methods=["GET", "POST"])
@protected(Permission.AGREEMENT_PROPOSE)
def content(product_id: int) -> str | Response | tuple[str, int]:
    """What is in a parcel: look for products, add them, share the price out, ask their makers."""
    seller_id = _seller_id()
    product = reads.own_parcel_product(seller_id, product_id)
    if product is None:
        raise no_parcel()
    if request.method == "GET":
        form = ParcelForm.kept(product)
    else:
        form = ParcelForm.sent(product, request.form)
    draft = form.draft() if form.is_sent_off else None
    if draft is not None:
        try:
            version = propose_parcel(actor=current_actor(), draft=draft)
        except InvalidInput as error:
            form.errors |= error.fields or {"component-0": error.message}
        else:
            if version.state == ParcelState.ACCEPTED:
                flash(_("Isi parsel disimpan dan langsung berlaku."), "ok")
            else:
                flash(_("Usulan terkirim ke pembuat isinya. Parsel dijual setelah semua setuju."), "ok")
            return redirect(url_for(".version", version_id=version.id))
    answer = render_template("orders/parcel_form.html", form=form, product=product)
    return (answer, 422) if form.errors else answer


@blueprint.get(f"/versions/<{ID}:version_id>")
@protected(Permission.AGREEMENT_VIEW)
def version(version_id: int) -> str:
    """One version: its components, each maker's part, and who has agreed."""
    return _page(version_id)


def _page(version_id: int, errors: dict[str, str] | None = None, reason: str = "") -> str:
    actor = current_actor()
    page = reads.parcel_page(_seller_id(), version_id)
    if page is None:
        raise no_parcel()
    state, consent = page.version.state, page.consent_of(actor.seller_id)
    is_own = page.assembler.id == actor.seller_id
    asked = consent is not None and actor.can(Permission.AGREEMENT_ANSWER)
    has_said = consent is not None and consent.is_accepted is not None
    return render_template(
        "orders/parcel.html",
        page=page,
        consent=consent,
        is_own=is_own,
        may_agree=asked and not has_said and state == ParcelState.PROPOSED,
        may_refuse=asked and state in {ParcelState.PROPOSED, ParcelState.ACCEPTED},
        may_withdraw=is_own
        and actor.can(Permission.AGREEMENT_PROPOSE)
        and state in {ParcelState.PROPOSED, ParcelState.ACCEPTED},
        refusal=page.content.not_sold(clock.today(), page.version.least_rupiah)
        if state == ParcelState.ACCEPTED
        else "",
        errors=errors or {},
        reason=reason,
    )


@blueprint.post(f"/versions/<{ID}:version_id>/answer")
@protected(Permission.AGREEMENT_ANSWER)
def answer(version_id: int) -> Response | tuple[str, int]:
    """Agree, or not."""
    accepts, reason = request.form.get("answer") == "agree", lines(request.form.get("reason"))[:1000]
    try:
        answer_parcel(actor=current_actor(), version_id=version_id, accepts=accepts, reason=reason)
    except InvalidInput as error:
        return _page(version_id, error.fields, reason), 422
    except RuleBroken as error:
        flash(error.message, "warning")
    else:
        yes, no = _("Disetujui. Penyusunnya kami beri tahu."), _("Ditolak. Penyusunnya kami beri tahu.")
        flash(yes if accepts else no, "ok")
    return redirect(url_for(".version", version_id=version_id))


@blueprint.post(f"/versions/<{ID}:version_id>/withdraw")
@protected(Permission.AGREEMENT_PROPOSE)
def withdraw(version_id: int) -> Response:
    """Take the question back, or stop selling the parcel."""
    try:
        withdraw_parcel(actor=current_actor(), version_id=version_id)
        flash(_("Parsel ditarik. Pesanan yang sudah masuk tetap dilayani."), "ok")
    except RuleBroken as error:
        flash(error.message, "warning")
    return redirect(url_for(".version", version_id=version_id))


def product_panel(product_id: int) -> Markup:
    """What is in a parcel and who makes it, for its public page; nothing for any other product."""
    content = reads.content_shown(product_id)
    if content is None:
        return Markup("")
    html = render_template(
        "orders/parcel_panel.html",
        content=content,
        makers=reads.makers_of(content),
        refusal=content.not_sold(clock.today(), content.least_rupiah),
    )
    return Markup(html)  # noqa: S704 - a template's own output


def seller_tasks(actor: Actor, _day: date) -> list[Task]:
    """Parcels that ask for a maker's consent, as things to do."""
    if actor.seller_id is None or not actor.can(Permission.AGREEMENT_ANSWER):
        return []
    return [
        Task(
            title=_("Jawab usulan %(parcel)s dari %(assembler)s", parcel=row.name, assembler=row.assembler),
            body=_("Produk Anda diminta masuk parsel ini. Tanpa jawaban Anda parsel belum bisa dijual."),
            icon="gift",
            kind=Urgency.GRACE.value,
            url=url_for("parcels.version", version_id=row.version_id),
            action=_("Lihat bagian Anda"),
        )
        for row in reads.parcels_of(actor.seller_id, "waiting")
    ]


def _seller_id() -> int:
    seller_id = current_actor().seller_id
    if seller_id is None:
        raise NotFound(_("Halaman ini untuk penjual."))
    return seller_id
