"""A seller's certificates, the files of them, and handing products in."""

from __future__ import annotations

import io

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response

from ...backends.storage import current_storage
from ...errors import Conflict, InvalidInput, NotFound
from ...i18n import _
from ...permissions import Permission, current_actor, protected
from ..forms.certificates import CertificateForm, filled
from ..models import Certificate
from ..queries import certificates as queries
from ..rules import papers as rules
from ..services import certificates as services
from ..services import curation

blueprint = Blueprint("certificates", __name__)
product_acts = Blueprint("seller_curation", __name__, url_prefix="/seller/products")
ID = "int(max=9223372036854775807)"
Answer = str | Response | tuple[str, int]


@blueprint.get("/seller/certificates")
@protected(Permission.PRODUCT_EDIT)
def certificates() -> str:
    """The seller's papers: what needs a hand first."""
    return render_template(
        "seller/certificates.html", rows=queries.certificates_of(current_actor().seller_id or 0)
    )


@blueprint.route("/seller/certificates/new", methods=["GET", "POST"])
@protected(Permission.PRODUCT_EDIT)
def new() -> Answer:
    """Hand a paper in; `?renews=` fills the form with the one that ends, `?product=` chooses a product."""
    seller_id = current_actor().seller_id or 0
    form = CertificateForm(data=_beginning()).offer(queries.own_choices(seller_id))
    if form.validate_on_submit():
        try:
            made = services.add_certificate(
                actor=current_actor(), seller_id=seller_id, values=form.values(), content=form.content()
            )
        except InvalidInput as error:
            form.take_refusals(error.fields)
        else:
            return _stored(made)
    return _form_page(form, None)


@blueprint.route(f"/seller/certificates/<{ID}:certificate_id>", methods=["GET", "POST"])
@protected(Permission.PRODUCT_EDIT)
def certificate(certificate_id: int) -> Answer:
    """One paper with its history; mended here while it waits or after it was rejected."""
    page = _page(certificate_id)
    is_open = page.certificate.state in ("waiting", "rejected")
    form = CertificateForm(data=filled(page.certificate) if request.method == "GET" else None)
    form.offer(queries.own_choices(page.certificate.seller_id))
    if is_open and form.validate_on_submit():
        try:
            made = services.change_certificate(
                actor=current_actor(),
                certificate_id=certificate_id,
                values=form.values(),
                content=form.content(),
            )
        except InvalidInput as error:
            form.take_refusals(error.fields)
        except Conflict as error:
            flash(error.message, "warning")
            return redirect(url_for(".certificate", certificate_id=certificate_id))
        else:
            return _stored(made)
    return _form_page(form, page, is_open=is_open)


@blueprint.route(f"/seller/certificates/<{ID}:certificate_id>/withdraw", methods=["GET", "POST"])
@protected(Permission.PRODUCT_EDIT)
def withdraw(certificate_id: int) -> Answer:
    """Take a paper away, after saying what goes with it."""
    page = _page(certificate_id)
    if request.method == "GET":
        return render_template("seller/certificate_withdraw.html", page=page)
    services.withdraw_certificate(actor=current_actor(), certificate_id=certificate_id)
    flash(_("%(paper)s diambil. Tandanya tidak tampil lagi.", paper=page.row.title), "ok")
    return redirect(url_for(".certificates"))


@blueprint.get(f"/certificates/<{ID}:certificate_id>/file")
@protected(Permission.ACCOUNT_USE)
def file(certificate_id: int) -> Response:
    """The photo or PDF, for the seller's people and the office alone; a PDF only as a download."""
    page = queries.certificate_page(current_actor(), certificate_id)
    if page is None or page.certificate.file_key is None:
        raise NotFound(_("Berkas ini tidak ada, atau bukan untuk akun Anda."))
    try:
        content = current_storage().get(page.certificate.file_key)
    except LookupError:
        raise NotFound(_("Berkas ini tidak ada lagi. Unggah sekali lagi.")) from None
    is_pdf = page.certificate.file_kind == "pdf"
    answer = send_file(
        io.BytesIO(content),
        mimetype="application/pdf" if is_pdf else "image/jpeg",
        as_attachment=is_pdf,
        download_name=f"sertifikat-{certificate_id}.{'pdf' if is_pdf else 'jpg'}",
    )
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@product_acts.post(f"/<{ID}:product_id>/withdraw")
@protected(Permission.PRODUCT_EDIT)
def withdraw_product(product_id: int) -> Response:
    """Take back what waits."""
    try:
        curation.withdraw(actor=current_actor(), product_id=product_id)
    except Conflict as error:
        flash(error.message, "warning")
    else:
        flash(_("Pengajuan ditarik. Anda bisa mengajukan lagi kapan saja."), "ok")
    return redirect(url_for("seller_products.edit", product_id=product_id))


def _page(certificate_id: int) -> queries.CertificatePage:
    page = queries.certificate_page(current_actor(), certificate_id)
    if page is None:
        raise NotFound(_("Sertifikat ini tidak ada, atau bukan milik Anda."))
    return page


def _beginning() -> dict[str, object]:
    """What the address says of the new paper."""
    renewed = queries.certificate_page(current_actor(), _number("renews")) if _number("renews") else None
    if renewed is not None:
        return filled(renewed.certificate) | {"issued_on": None, "expires_on": None}
    kind = request.args.get("kind", "")
    return {
        "kind": kind if kind in rules.KIND_LABELS else "halal",
        "product_id": str(_number("product")),
    }


def _number(name: str) -> int:
    text = request.args.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0


def _stored(certificate: Certificate) -> Response:
    """Say that the office will look, and what looks odd already."""
    flash(_("Sertifikat terkirim. Tandanya tampil setelah Dinas memeriksanya."), "ok")
    page = queries.certificate_page(current_actor(), certificate.id)
    for sentence in page.doubts if page else ():
        flash(sentence, "warning")
    return redirect(url_for(".certificates"))


def _form_page(
    form: CertificateForm, page: queries.CertificatePage | None, *, is_open: bool = True
) -> Answer:
    html = render_template("seller/certificate.html", form=form, page=page, is_open=is_open)
    return (html, 422) if form.errors else html
