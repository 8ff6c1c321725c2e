"""Claims on imported records, and records that may be one business."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from ...errors import MarketplaceError, NotFound
from ...i18n import _
from ...permissions import Permission, current_actor, protected
from ...web import Page, page_number
from .. import queries, rules, services
from ..forms import ReasonForm
from .pages import Answer, blueprint, form_page
from .registration import show_service_error


@blueprint.get("/office/claims")
@protected(Permission.REGISTRY_EDIT)
def claims() -> str:
    """Who says that an imported record is theirs."""
    return render_template("organizations/claims.html", claims=queries.waiting_claims(current_actor()))


@blueprint.post("/office/claims/<int(max=9223372036854775807):claim_id>/approve")
@protected(Permission.REGISTRY_EDIT)
def approve_claim(claim_id: int) -> Response:
    """The person becomes the owner of the record."""
    services.approve_claim(actor=current_actor(), claim_id=claim_id)
    flash(_("Klaim diterima. Orang ini sekarang mengelola usahanya sendiri."), "ok")
    return redirect(url_for("organizations.claims"))


@blueprint.route("/office/claims/<int(max=9223372036854775807):claim_id>/reject", methods=["GET", "POST"])
@protected(Permission.REGISTRY_EDIT)
def reject_claim(claim_id: int) -> Answer:
    """Say no, and why."""
    actor = current_actor()
    wanted = next((one for one in queries.waiting_claims(actor) if one.claim.id == claim_id), None)
    if wanted is None:
        raise NotFound(_("Klaim ini tidak ada, atau sudah diputuskan."))
    form = ReasonForm()
    back = url_for("organizations.claims")
    if form.validate_on_submit():
        try:
            services.reject_claim(actor=actor, claim_id=claim_id, reason=form.reason.data or "")
        except MarketplaceError as error:
            show_service_error(form, error)
        else:
            flash(_("Klaim ditolak. Alasannya tampil bagi orang itu."), "ok")
            return redirect(back)
    return form_page(
        form,
        title=_("Tolak klaim"),
        lede=f"{wanted.person.name}, {wanted.seller.name}",
        submit=_("Tolak"),
        back_url=back,
        crumbs=[(_("Klaim"), back), (wanted.seller.name, None)],
    )


@blueprint.get("/office/duplicates")
@protected(Permission.DUPLICATE_MERGE)
def duplicates() -> str:
    """Pairs that may be one business, and the merges made so far."""
    actor = current_actor()
    return render_template(
        "organizations/duplicates.html",
        page=Page(*queries.possible_duplicates(actor, page_number())),
        merges=queries.merges(actor),
        likeness_labels=queries.LIKENESS_LABELS,
    )


@blueprint.route(
    "/office/duplicates/<int(max=9223372036854775807):kept_id>/<int(max=9223372036854775807):duplicate_id>",
    methods=["GET", "POST"],
)
@protected(Permission.DUPLICATE_MERGE)
def merge(kept_id: int, duplicate_id: int) -> Answer:
    """Side by side, what will happen, and the reason."""
    actor = current_actor()
    kept = queries.seller_page(actor, kept_id)
    duplicate = queries.seller_page(actor, duplicate_id)
    form = ReasonForm()
    if form.validate_on_submit():
        try:
            services.merge_sellers(
                actor=actor, kept_id=kept_id, duplicate_id=duplicate_id, reason=form.reason.data or ""
            )
        except MarketplaceError as error:
            show_service_error(form, error)
        else:
            flash(_("Digabung. Bisa dipisahkan lagi dari daftar di bawah."), "ok")
            return redirect(url_for("organizations.duplicates"))
    return form_page(
        form,
        "organizations/merge.html",
        kept=kept,
        duplicate=duplicate,
        state_labels=rules.STATE_LABELS,
        size_labels=rules.SIZE_LABELS,
    )


@blueprint.post(
    "/office/duplicates/<int(max=9223372036854775807):one_id>/<int(max=9223372036854775807):other_id>/apart"
)
@protected(Permission.DUPLICATE_MERGE)
def keep_apart(one_id: int, other_id: int) -> Response:
    """They are two businesses."""
    services.keep_apart(actor=current_actor(), one_id=one_id, other_id=other_id)
    flash(_("Dicatat sebagai dua usaha yang berbeda."), "ok")
    return redirect(url_for("organizations.duplicates"))


@blueprint.route("/office/sellers/<int(max=9223372036854775807):seller_id>/separate", methods=["GET", "POST"])
@protected(Permission.DUPLICATE_MERGE)
def undo_merge(seller_id: int) -> Answer:
    """Take a merge back."""
    actor = current_actor()
    it = queries.seller_page(actor, seller_id)
    form = ReasonForm()
    back = url_for("organizations.duplicates")
    if form.validate_on_submit():
        try:
            services.undo_merge(actor=actor, duplicate_id=seller_id, reason=form.reason.data or "")
        except MarketplaceError as error:
            show_service_error(form, error)
        else:
            flash(_("Dipisahkan. Keduanya berdiri sendiri lagi."), "ok")
            return redirect(url_for("organizations.seller", seller_id=seller_id))
    return form_page(
        form,
        title=_("Pisahkan gabungan"),
        lede=_(
            "%(name)s berdiri sendiri lagi, dengan pemiliknya sendiri, untuk semua hari.", name=it.seller.name
        ),
        submit=_("Pisahkan"),
        back_url=back,
        crumbs=[(_("Catatan kembar"), back), (it.seller.name, None)],
    )
