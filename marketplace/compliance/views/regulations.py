"""The regulation editor: what holds on a day, its history, adding and ending."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from ... import clock
from ...errors import InvalidInput, MarketplaceError, NotFound
from ...i18n import _, format_day
from ...permissions import Permission, current_actor, protected
from .. import services
from ..forms import BASIS_LABELS, BINDING_LABELS, EndForm, RegulationForm
from ..models import Regulation
from ..queries import regulation as regulation_of
from ..queries import regulations_in
from .blueprint import asked_day_of_law, blueprint, kind_labels


@blueprint.get("/office/regulations")
@protected(Permission.COMPLIANCE_VIEW)
def regulations() -> str:
    """The regulations of the office's region: in force on the day, to come, and ended."""
    day = asked_day_of_law()
    rows = regulations_in(current_actor().region)
    return render_template(
        "compliance/regulations.html",
        day=day,
        latest=clock.LAST_DAY,
        open_end=clock.LAST_DAY,
        today_day=clock.today(),
        in_force=[row for row in rows if row.valid_from <= day < row.valid_to],
        coming=[row for row in rows if row.valid_from > day],
        ended=[row for row in rows if row.valid_to <= day],
        **_labels(),
    )


@blueprint.route("/office/regulations/new", methods=["GET", "POST"])
@protected(Permission.REGULATION_EDIT)
def new_regulation() -> tuple[str, int] | Response:
    """Write a new regulation."""
    form = RegulationForm()
    if request.method == "GET":
        form.region_code.data = current_actor().region
        form.valid_from.data = clock.today()
    if form.validate_on_submit():
        try:
            row = services.add_regulation(actor=current_actor(), **form.values())
        except MarketplaceError as error:
            _tell(form, error)
        else:
            flash(_("Aturan %(ref)s disimpan.", ref=row.regulation_ref), "ok")
            return redirect(url_for("compliance.regulation", regulation_id=row.id))
    status = 422 if form.errors else 200
    return render_template("compliance/regulation_form.html", form=form), status


@blueprint.get("/office/regulations/<int:regulation_id>")
@protected(Permission.COMPLIANCE_VIEW)
def regulation(regulation_id: int) -> str:
    """One regulation with what it asks and where it comes from."""
    row = _visible(regulation_id)
    kin = [
        other for other in regulations_in(row.region_code) if set(other.outlet_kinds) & set(row.outlet_kinds)
    ]
    return render_template(
        "compliance/regulation.html",
        row=row,
        kin=[other for other in kin if other.id != row.id and other.region_code == row.region_code],
        today_day=clock.today(),
        open_end=clock.LAST_DAY,
        may_edit=services.may_edit(current_actor(), row.region_code),
        **_labels(),
    )


@blueprint.route("/office/regulations/<int:regulation_id>/end", methods=["GET", "POST"])
@protected(Permission.REGULATION_EDIT)
def end_regulation(regulation_id: int) -> tuple[str, int] | Response:
    """Say from which day a regulation holds no longer; the page says what will happen first."""
    row, form = _visible(regulation_id), EndForm()
    if request.method == "GET":
        form.valid_to.data = None if row.valid_to == clock.LAST_DAY else row.valid_to
    if form.validate_on_submit():
        try:
            services.end_regulation(
                actor=current_actor(),
                regulation_id=row.id,
                valid_to=form.valid_to.data,
                reason=form.reason.data or "",
            )
        except MarketplaceError as error:
            _tell(form, error)
        else:
            flash(_end_words(form), "ok")
            return redirect(url_for("compliance.regulation", regulation_id=regulation_id))
    status = 422 if form.errors else 200
    return render_template(
        "compliance/regulation_end.html", form=form, row=row, open_end=clock.LAST_DAY
    ), status


def _end_words(form: EndForm) -> str:
    if form.valid_to.data is None:
        return _("Aturan ini kini berlaku tanpa batas akhir.")
    return _("Aturan ini tidak berlaku lagi mulai %(day)s.", day=format_day(form.valid_to.data))


def _visible(regulation_id: int) -> Regulation:
    row = regulation_of(regulation_id)
    if row is None or row not in regulations_in(current_actor().region):
        raise NotFound(_("Aturan itu tidak ada."))
    return row


def _tell(form: RegulationForm | EndForm, error: MarketplaceError) -> None:
    """Put what a service refused beside its field, or on top of the form."""
    fields = error.fields if isinstance(error, InvalidInput) else {}
    for name, sentence in fields.items():
        if name in form:
            form[name].errors = [*form[name].errors, sentence]
    if not fields:
        form.form_errors.append(error.message)


def _labels() -> dict[str, dict[str, str]]:
    return {
        "kind_labels": kind_labels(),
        "binding_labels": {key.value: str(label) for key, label in BINDING_LABELS.items()},
        "basis_labels": {key.value: str(label) for key, label in BASIS_LABELS.items()},
    }
