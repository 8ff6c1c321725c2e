"""The office's queue: look, approve or send back; revoke on the seller's page."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from ... import clock
from ...errors import InvalidInput, MarketplaceError
from ...i18n import _
from ...permissions import Permission, current_actor, protected
from ...web import Page, page_number
from .. import queries, rules, services
from ..forms import CloseForm, ReasonForm
from .pages import Answer, blueprint, form_page
from .registration import show_service_error


@blueprint.get("/office/verifications")
@protected(Permission.SELLER_VERIFY)
def verifications() -> str:
    """Who waits, the longest first."""
    return queue_page()


def queue_page(failed_id: int | None = None, sentence: str = "") -> str:
    """The queue; `failed_id` is the seller whose sending back lacks a reason, `sentence` says so."""
    actor = current_actor()
    return render_template(
        "organizations/verifications.html",
        page=Page(*queries.waiting_sellers(actor, page_number())),
        operators=queries.waiting_operators(actor),
        counts=queries.queue_counts(actor),
        size_labels=rules.SIZE_LABELS,
        failed_id=failed_id,
        sentence=sentence,
    )


@blueprint.post("/office/sellers/<int(max=9223372036854775807):seller_id>/verify")
@protected(Permission.SELLER_VERIFY)
def verify_seller(seller_id: int) -> Response:
    """Approve: from today on the seller counts."""
    services.verify_seller(actor=current_actor(), seller_id=seller_id)
    flash(_("Disetujui. Usaha ini dihitung mulai hari ini."), "ok")
    return redirect(back_to(seller_id))


@blueprint.post("/office/sellers/<int(max=9223372036854775807):seller_id>/reject")
@protected(Permission.SELLER_VERIFY)
def reject_seller(seller_id: int) -> Answer:
    """Send back with what is to be mended."""
    try:
        services.reject_seller(
            actor=current_actor(), seller_id=seller_id, reason=request.form.get("reason", "")
        )
    except InvalidInput as error:
        return queue_page(seller_id, error.message), 422
    flash(_("Dikembalikan dengan alasan. Pemilik usaha bisa memperbaiki dan mengajukan lagi."), "ok")
    return redirect(back_to(seller_id))


def back_to(seller_id: int) -> str:
    """The queue while it is worked through, else the seller's page."""
    if request.form.get("from") == "seller":
        return url_for("organizations.seller", seller_id=seller_id)
    return url_for("organizations.verifications")


@blueprint.route("/office/sellers/<int(max=9223372036854775807):seller_id>/revoke", methods=["GET", "POST"])
@protected(Permission.SELLER_VERIFY)
def revoke_seller(seller_id: int) -> Answer:
    """Take a verification back, from a day on."""
    actor = current_actor()
    it = queries.seller_page(actor, seller_id)
    form = CloseForm(data={"day": clock.today()})
    back = url_for("organizations.seller", seller_id=seller_id)
    if form.validate_on_submit():
        try:
            services.revoke_seller(
                actor=actor, seller_id=seller_id, reason=form.reason.data or "", effective_on=form.day.data
            )
        except MarketplaceError as error:
            show_service_error(form, error)
        else:
            flash(_("Verifikasi dicabut. Riwayatnya tetap ada."), "ok")
            return redirect(back)
    return form_page(
        form,
        title=_("Cabut verifikasi"),
        lede=_(
            "Mulai tanggal itu %(name)s tidak dihitung di toko mana pun. Bisa diverifikasi lagi nanti.",
            name=it.seller.name,
        ),
        submit=_("Cabut verifikasi"),
        danger=True,
        back_url=back,
        crumbs=[(_("UMKM"), url_for("organizations.sellers")), (it.seller.name, back), (_("Cabut"), None)],
    )


@blueprint.post("/office/operators/<int(max=9223372036854775807):operator_id>/verify")
@protected(Permission.SELLER_VERIFY)
def verify_operator(operator_id: int) -> Response:
    """Accept a retailer that registered itself."""
    services.decide_operator(actor=current_actor(), operator_id=operator_id, is_approved=True)
    flash(_("Perusahaan ini diterima."), "ok")
    return redirect(url_for("organizations.verifications"))


@blueprint.route(
    "/office/operators/<int(max=9223372036854775807):operator_id>/reject", methods=["GET", "POST"]
)
@protected(Permission.SELLER_VERIFY)
def reject_operator(operator_id: int) -> Answer:
    """Send a retailer back with a reason."""
    actor = current_actor()
    operator = queries.operator(actor, operator_id)
    form = ReasonForm()
    back = url_for("organizations.verifications")
    if form.validate_on_submit():
        try:
            services.decide_operator(
                actor=actor, operator_id=operator_id, is_approved=False, reason=form.reason.data or ""
            )
        except MarketplaceError as error:
            show_service_error(form, error)
        else:
            flash(_("Perusahaan ini dikembalikan dengan alasan."), "ok")
            return redirect(back)
    return form_page(
        form,
        title=_("Kembalikan pendaftaran"),
        lede=operator.name,
        submit=_("Kembalikan"),
        back_url=back,
        crumbs=[(_("Verifikasi"), back), (operator.name, None)],
    )
