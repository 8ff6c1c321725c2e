"""The office's inbox: new products, changes, certificates; one decision leads to the next."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from ... import clock
from ...errors import Conflict, InvalidInput, MarketplaceError, NotFound, RuleBroken
from ...exchange.responses import table_response
from ...i18n import _
from ...permissions import Permission, current_actor, protected
from ...regions import queries as regions
from ...web import Page, page_number
from ..forms.certificates import SCOPE_LABELS, CriterionForm, CurationSettingsForm
from ..models import Criterion
from ..queries import certificates as papers
from ..queries import curation as queries
from ..queries.photos import held_photos, photos_of
from ..queries.products import permit_free_below_days
from ..rules import curation as rules
from ..rules import papers as paper_rules
from ..rules.offers import missing_papers
from ..services import certificates as certificates
from ..services import criteria as criteria_services
from ..services import curation as services

blueprint = Blueprint("curation", __name__, url_prefix="/office/curation")
criteria_pages = Blueprint("criteria", __name__, url_prefix="/office/criteria")
COLUMNS = ("kind", "title", "seller_name", "place", "submitted_on", "days")
ID = "int(max=9223372036854775807)"
Answer = str | Response | tuple[str, int]


@blueprint.get("")
@protected(Permission.PRODUCT_CURATE)
def inbox() -> str | Response:
    """What waits, oldest first; also as a file."""
    actor, wanted = current_actor(), _filter()
    if request.args.get("format") in {"csv", "xlsx"}:
        rows = ([getattr(one, name) for name in COLUMNS] for one in queries.whole_inbox(actor, wanted))
        return table_response(request.args["format"], COLUMNS, rows, "kurasi")
    return render_template(
        "catalog/curation_inbox.html",
        page=Page(*queries.inbox_page(actor, wanted, page_number())),
        counts=queries.inbox_counts(actor),
        wanted=wanted,
        districts=regions.children(actor.region) if actor.region else [],
    )


@blueprint.get(f"/reviews/<{ID}:review_id>")
@protected(Permission.PRODUCT_CURATE)
def review(review_id: int) -> str:
    """One product or change, side by side, with what can be decided."""
    return _review_page(review_id)


@blueprint.post(f"/reviews/<{ID}:review_id>/approve")
@protected(Permission.PRODUCT_CURATE)
def approve(review_id: int) -> Answer:
    """Let it go live, and open the next."""
    page = _page(review_id)
    met = [wish.id for wish in page.criteria] if "all_met" in request.form else _ticked()
    try:
        services.approve(
            actor=current_actor(),
            review_id=review_id,
            stamp=request.form.get("stamp", ""),
            met=met,
            message=request.form.get("message", ""),
            halal_holds="halal_holds" in request.form,
        )
    except (InvalidInput, RuleBroken) as error:
        return _review_page(review_id, error=error, met=met), error.status
    except Conflict as error:
        return _told(error, url_for(".review", review_id=review_id))
    flash(_("%(name)s disetujui.", name=page.product.name), "ok")
    return redirect(_next("new" if page.review.kind == "new" else "change", page.review.submitted_at))


@blueprint.post(f"/reviews/<{ID}:review_id>/send-back")
@protected(Permission.PRODUCT_CURATE)
def send_back(review_id: int) -> Answer:
    """Send it back with a reason, and open the next."""
    page = _page(review_id)
    try:
        services.send_back(
            actor=current_actor(),
            review_id=review_id,
            stamp=request.form.get("stamp", ""),
            reasons=request.form.getlist("reasons"),
            reason=request.form.get("reason", ""),
        )
    except InvalidInput as error:
        return _review_page(review_id, error=error), error.status
    except (Conflict, RuleBroken) as error:
        return _told(error, url_for(".review", review_id=review_id))
    flash(_("%(name)s dikembalikan dengan alasan.", name=page.product.name), "ok")
    return redirect(_next("new" if page.review.kind == "new" else "change", page.review.submitted_at))


@blueprint.get(f"/certificates/<{ID}:certificate_id>")
@protected(Permission.CERTIFICATE_VERIFY)
def certificate(certificate_id: int) -> str:
    """One paper beside its picture, with what can be decided."""
    return _certificate_page(certificate_id)


@blueprint.post(f"/certificates/<{ID}:certificate_id>/verify")
@protected(Permission.CERTIFICATE_VERIFY)
def verify(certificate_id: int) -> Answer:
    """The paper is right: from now on it makes a badge."""
    page = _paper(certificate_id)
    try:
        certificates.verify_certificate(
            actor=current_actor(),
            certificate_id=certificate_id,
            version=_version(),
            message=request.form.get("message", ""),
        )
    except (Conflict, InvalidInput, RuleBroken) as error:
        return _told(error, url_for(".certificate", certificate_id=certificate_id))
    flash(_("%(paper)s diterima.", paper=page.row.title), "ok")
    return redirect(_next("certificate", page.certificate.submitted_at))


@blueprint.post(f"/certificates/<{ID}:certificate_id>/reject")
@protected(Permission.CERTIFICATE_VERIFY)
def reject(certificate_id: int) -> Answer:
    """The paper is not right: say why."""
    page = _paper(certificate_id)
    try:
        certificates.reject_certificate(
            actor=current_actor(),
            certificate_id=certificate_id,
            version=_version(),
            reasons=request.form.getlist("reasons"),
            reason=request.form.get("reason", ""),
        )
    except InvalidInput as error:
        return _certificate_page(certificate_id, error=error), error.status
    except (Conflict, RuleBroken) as error:
        return _told(error, url_for(".certificate", certificate_id=certificate_id))
    flash(_("%(paper)s ditolak dengan alasan.", paper=page.row.title), "ok")
    return redirect(_next("certificate", page.certificate.submitted_at))


@criteria_pages.route("", methods=["GET", "POST"])
@protected(Permission.CATALOG_MANAGE)
def criteria() -> Answer:
    """What the office looks at, and its numbers."""
    form = CurationSettingsForm(obj=queries.settings())
    if form.validate_on_submit():
        numbers = criteria_services.CurationNumbers(
            others_food=form.others_food.data or 0,
            others_non_food=form.others_non_food.data or 0,
            price_limit_percent=form.price_limit_percent.data or 0,
        )
        criteria_services.save_numbers(actor=current_actor(), numbers=numbers)
        flash(_("Angka sudah disimpan. Berlaku untuk pengajuan berikutnya."), "ok")
        return redirect(url_for(".criteria"))
    html = render_template(
        "catalog/criteria.html", form=form, criteria=queries.criteria(), scopes=SCOPE_LABELS
    )
    return (html, 422) if form.errors else html


@criteria_pages.route("/new", methods=["GET", "POST"])
@protected(Permission.CATALOG_MANAGE)
def new_criterion() -> Answer:
    """Add a criterion."""
    return _criterion(None)


@criteria_pages.route(f"/<{ID}:criterion_id>", methods=["GET", "POST"])
@protected(Permission.CATALOG_MANAGE)
def edit_criterion(criterion_id: int) -> Answer:
    """Change a criterion, or stop using it."""
    found = next((one for one in queries.criteria() if one.id == criterion_id), None)
    if found is None:
        raise NotFound(_("Kriteria ini tidak ada."))
    return _criterion(found)


def _criterion(criterion: Criterion | None) -> Answer:
    form = CriterionForm(obj=criterion).offer()
    if form.validate_on_submit():
        values = criteria_services.CriterionValues(
            label=form.label.data or "",
            label_en=form.label_en.data or "",
            scope=form.scope.data,
            is_essential=form.is_essential.data,
            is_active=form.is_active.data,
            position=form.position.data or 0,
        )
        criterion_id = criterion.id if criterion else None
        criteria_services.save_criterion(actor=current_actor(), criterion_id=criterion_id, values=values)
        flash(_("Kriteria sudah disimpan."), "ok")
        return redirect(url_for(".criteria"))
    html = render_template("catalog/criterion_form.html", form=form, criterion=criterion)
    return (html, 422) if form.errors else html


def office_panel() -> Markup:
    """What waits, for the office's first screen."""
    actor = current_actor()
    if not actor.can(Permission.PRODUCT_CURATE):
        return Markup("")
    html = render_template("catalog/_office_panel.html", counts=queries.inbox_counts(actor))
    return Markup(html)  # noqa: S704 - a template's own output


def papers_panel(seller_id: int) -> Markup:
    """A business's papers, on the page that the office has of it."""
    if not current_actor().can(Permission.REGISTRY_VIEW):
        return Markup("")
    html = render_template("catalog/_papers_panel.html", rows=papers.certificates_of(seller_id))
    return Markup(html)  # noqa: S704 - a template's own output


def _page(review_id: int) -> queries.ReviewPage:
    page = queries.review_page(current_actor(), review_id)
    if page is None:
        raise NotFound(_("Pengajuan ini tidak ada, atau bukan di wilayah Anda."))
    return page


def _review_page(
    review_id: int, *, error: MarketplaceError | None = None, met: list[int] | None = None
) -> str:
    page = _page(review_id)
    product_id = page.product.id
    photos = photos_of([product_id]).get(product_id, [])
    shown = papers.papers_of([product_id], clock.today()).get(product_id, [])
    return render_template(
        "catalog/curation_review.html",
        page=page,
        photos=photos,
        held=held_photos(product_id),
        papers=shown,
        suggested=_suggested(page, len(photos), shown) if page.review.kind == "new" else [],
        reasons=rules.READY_REASONS,
        error=error,
        met=met,
        typed=request.form,
        counts=queries.inbox_counts(current_actor()),
    )


def _suggested(page: queries.ReviewPage, photos: int, shown: list[papers.PaperLine]) -> list[str]:
    """What is plainly missing: ready to be sent back with one more tap."""
    kinds = {line.kind for line in shown if line.state != "expired"}
    missing = missing_papers(
        is_food=page.is_food,
        shelf_life_days=page.product.shelf_life_days,
        has_pirt="pirt" in kinds,
        has_bpom="bpom" in kinds,
        has_halal=True,
        permit_free_below_days=permit_free_below_days(),
    )
    return rules.suggested(
        is_food=page.is_food,
        photos=photos,
        ingredients=page.product.ingredients,
        lacks_permit=bool(missing),
    )


def _paper(certificate_id: int) -> papers.CertificatePage:
    page = papers.certificate_page(current_actor(), certificate_id)
    if page is None:
        raise NotFound(_("Sertifikat ini tidak ada, atau bukan di wilayah Anda."))
    return page


def _certificate_page(certificate_id: int, *, error: MarketplaceError | None = None) -> str:
    return render_template(
        "catalog/curation_certificate.html",
        page=_paper(certificate_id),
        reasons=paper_rules.READY_REASONS,
        error=error,
        typed=request.form,
        counts=queries.inbox_counts(current_actor()),
    )


def _told(error: MarketplaceError, url: str) -> Response:
    """Say why nothing was decided, on the page as it stands now."""
    flash(error.message, "warning")
    return redirect(url)


def _next(kind: str, after: datetime) -> str:
    """The next of the same kind; the inbox when there is none."""
    item = queries.next_item(current_actor(), queries.InboxFilter(kind=kind), after=after)
    if item is None:
        return url_for(".inbox")
    if item.kind == "certificate":
        return url_for(".certificate", certificate_id=item.id)
    return url_for(".review", review_id=item.id)


def _filter() -> queries.InboxFilter:
    kind = request.args.get("kind", "")
    return queries.InboxFilter(
        kind=kind if kind in queries.KINDS else "",
        q=request.args.get("q", "")[:200],
        district=request.args.get("district", "")[:16],
    )


def _ticked() -> list[int]:
    texts = request.form.getlist("met")
    return [int(text) for text in texts[:100] if text.isascii() and text.isdecimal() and len(text) < 19]


def _version() -> int:
    text = request.form.get("version", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else 0
