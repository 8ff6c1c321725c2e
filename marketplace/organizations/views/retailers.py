"""Retailers and outlets: the office's list, and what their own people and officers change."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for

from ... import clock
from ...errors import MarketplaceError, NotFound
from ...i18n import N_, _
from ...permissions import Actor, Permission, current_actor, protected
from ...web import Page, page_number
from .. import queries, rules, services
from ..forms import (
    CloseForm,
    KindForm,
    OperatorChoiceForm,
    OutletCardForm,
    OutletForm,
    PlaceForm,
    RetailerForm,
    offer_villages,
)
from ..models import Outlet, OutletFacts
from .pages import Answer, blueprint, city_of, form_page
from .registration import operator_form, show_service_error


@blueprint.get("/office/operators")
@protected(Permission.REGISTRY_VIEW)
def operators() -> str:
    """The retailers of the region."""
    q = request.args.get("q", "").strip()[:200]
    page = Page(*queries.operators(current_actor(), q, page_number()))
    return render_template("organizations/operators.html", page=page, q=q)


@blueprint.route("/office/operators/new", methods=["GET", "POST"])
@protected(Permission.REGISTRY_EDIT)
def new_operator() -> Answer:
    """An officer records a retailer."""
    form = RetailerForm()
    offer_villages(form.region_code, city_of())
    back = url_for("organizations.operators")
    if form.validate_on_submit():
        try:
            made = services.register_operator(actor=current_actor(), form=operator_form(form))
        except MarketplaceError as error:
            show_service_error(form, error)
        else:
            flash(_("%(name)s tercatat. Tambahkan tokonya.", name=made.name), "ok")
            return redirect(url_for("organizations.operator", operator_id=made.id))
    return form_page(
        form,
        title=_("Catat perusahaan"),
        submit=_("Simpan"),
        back_url=back,
        crumbs=[(_("Perusahaan"), back), (_("Catat perusahaan"), None)],
    )


@blueprint.get("/office/operators/<int(max=9223372036854775807):operator_id>")
@protected(Permission.REGISTRY_VIEW)
def operator(operator_id: int) -> str:
    """One retailer with its outlets."""
    actor = current_actor()
    found = queries.operator(actor, operator_id)
    return render_template(
        "organizations/operator.html",
        operator=found,
        outlets=queries.outlets(actor, operator_id=operator_id),
        decisions=queries.verification_history(operator_id=operator_id),
        members=queries.members(operator_id=operator_id),
    )


@blueprint.route(
    "/office/operators/<int(max=9223372036854775807):operator_id>/outlets/new", methods=["GET", "POST"]
)
@protected(Permission.REGISTRY_EDIT)
def new_outlet(operator_id: int) -> Answer:
    """An officer adds an outlet to a retailer."""
    found = queries.operator(current_actor(), operator_id)
    back = url_for("organizations.operator", operator_id=operator_id)
    crumbs = [
        (_("Perusahaan"), url_for("organizations.operators")),
        (found.name, back),
        (_("Toko baru"), None),
    ]
    return _add_outlet(operator_id, back, crumbs)


@blueprint.route("/account/organization/outlets/new", methods=["GET", "POST"])
@protected(Permission.OUTLET_EDIT)
def new_own_outlet() -> Answer:
    """A retailer adds an outlet of its own."""
    actor = current_actor()
    back = url_for("organizations.organization")
    crumbs = [(actor.organization_name, back), (_("Toko baru"), None)]
    return _add_outlet(actor.operator_id or 0, back, crumbs)


def _add_outlet(operator_id: int, back: str, crumbs: list[tuple[str, str | None]]) -> Answer:
    form = OutletForm()
    offer_villages(form.region_code, city_of())
    if form.validate_on_submit():
        try:
            made = services.add_outlet(
                actor=current_actor(),
                operator_id=operator_id,
                form=services.OutletForm(**outlet_values(form)),
            )
        except MarketplaceError as error:
            show_service_error(form, error)
        else:
            flash(_("%(name)s ditambahkan.", name=made.name), "ok")
            _warn_about_area(form.kind.data, made)
            return redirect(back)
    return form_page(
        form, title=_("Tambah toko"), submit=_("Tambahkan"), back_url=back, crumbs=crumbs, draft="toko"
    )


def outlet_values(form: OutletCardForm) -> dict[str, Any]:
    """What was typed about an outlet, as the service takes it."""
    values = {
        "name": form.name.data,
        "address": form.address.data or "",
        "floor_area_m2": form.floor_area_m2.data,
        "stars": int(form.stars.data) if form.stars.data else None,
        "latitude": form.latitude.data,
        "longitude": form.longitude.data,
    }
    if isinstance(form, OutletForm):
        values |= {
            "kind": form.kind.data,
            "region_code": form.region_code.data,
            "opened_on": form.opened_on.data,
        }
    return values


def _warn_about_area(kind: str, outlet: Outlet) -> None:
    limits = queries.store_limits_on(clock.today())
    sentence = rules.area_warning(kind, outlet.floor_area_m2, limits)
    odd_place = rules.coordinates_warning(outlet.latitude, outlet.longitude)
    for warning in (sentence, odd_place):
        if warning:
            flash(warning, "grace")


def _apply_kind(actor: Actor, outlet_id: int, form: KindForm) -> None:
    outlet = services.change_outlet_kind(
        actor=actor,
        outlet_id=outlet_id,
        kind=form.kind.data,
        valid_from=form.valid_from.data or clock.today(),
        reason=form.reason.data or "",
    )
    _warn_about_area(form.kind.data, outlet)


def _apply_card(actor: Actor, outlet_id: int, form: OutletCardForm) -> None:
    outlet = services.update_outlet(actor=actor, outlet_id=outlet_id, values=outlet_values(form))
    _place, facts = queries.outlet(actor, outlet_id)
    _warn_about_area(facts.kind, outlet)


CHANGES: dict[str, tuple[type[Any], Any, Any]] = {
    "card": (OutletCardForm, N_("Ubah data toko"), _apply_card),
    "kind": (KindForm, N_("Ubah jenis toko"), _apply_kind),
    "place": (
        PlaceForm,
        N_("Pindah tempat"),
        lambda actor, outlet_id, form: services.change_outlet_region(
            actor=actor,
            outlet_id=outlet_id,
            region_code=form.region_code.data,
            valid_from=form.valid_from.data,
            reason=form.reason.data or "",
        ),
    ),
    "operator": (
        OperatorChoiceForm,
        N_("Ganti perusahaan pengelola"),
        lambda actor, outlet_id, form: services.change_outlet_operator(
            actor=actor,
            outlet_id=outlet_id,
            operator_id=form.operator_id.data,
            valid_from=form.valid_from.data,
            reason=form.reason.data,
        ),
    ),
    "close": (
        CloseForm,
        N_("Catat toko tutup"),
        lambda actor, outlet_id, form: services.close_outlet(
            actor=actor, outlet_id=outlet_id, closed_on=form.day.data, reason=form.reason.data
        ),
    ),
    "reopen": (
        CloseForm,
        N_("Catat toko buka kembali"),
        lambda actor, outlet_id, form: services.reopen_outlet(
            actor=actor, outlet_id=outlet_id, reopened_on=form.day.data, reason=form.reason.data
        ),
    ),
}


def _present(outlet: Outlet, facts: OutletFacts) -> dict[str, Any]:
    names = ("name", "address", "floor_area_m2", "stars", "latitude", "longitude")
    card = {name: getattr(outlet, name) for name in names}
    today = clock.today()
    return {
        **card,
        "stars": str(outlet.stars or ""),
        "kind": facts.kind,
        "region_code": facts.region_code,
        "operator_id": facts.operator_id,
        "valid_from": today,
        "day": today,
    }


@blueprint.get("/office/outlets/<int(max=9223372036854775807):outlet_id>/record")
@protected(Permission.REGISTRY_VIEW)
def outlet_record(outlet_id: int) -> str:
    """What the registry holds of an outlet, today and before."""
    return _record(outlet_id)


@blueprint.get("/account/organization/outlets/<int(max=9223372036854775807):outlet_id>")
@protected(Permission.BUYER_HOME)
def own_outlet_record(outlet_id: int) -> str:
    """The same for the retailer's own people."""
    return _record(outlet_id)


def _record(outlet_id: int) -> str:
    actor = current_actor()
    outlet, facts = queries.outlet(actor, outlet_id)
    segments = queries.outlet_segments(outlet_id)
    return render_template(
        "organizations/outlet.html",
        outlet=outlet,
        facts=facts,
        segments=segments,
        names=queries.operator_names({row.operator_id for row in segments}),
        places=queries.place_names({row.region_code for row in segments}),
        kind_labels=rules.KIND_LABELS,
        acts=queries.acts_on("outlets", outlet_id),
        change_url=_change_url(actor, outlet_id),
    )


def _change_url(actor: Actor, outlet_id: int) -> str:
    if actor.is_office:
        return f"/office/outlets/{outlet_id}/change/"
    return f"/account/organization/outlets/{outlet_id}/change/"


@blueprint.route(
    "/office/outlets/<int(max=9223372036854775807):outlet_id>/change/<what>", methods=["GET", "POST"]
)
@protected(Permission.REGISTRY_EDIT)
def change_outlet(outlet_id: int, what: str) -> Answer:
    """One change of one outlet by an officer."""
    return _change(outlet_id, what, url_for("organizations.outlet_record", outlet_id=outlet_id))


@blueprint.route(
    "/account/organization/outlets/<int(max=9223372036854775807):outlet_id>/change/<what>",
    methods=["GET", "POST"],
)
@protected(Permission.OUTLET_EDIT)
def change_own_outlet(outlet_id: int, what: str) -> Answer:
    """One change of one outlet by its own people; who runs it, only the office records."""
    if what == "operator":
        raise NotFound(_("Alamat ini tidak ada."))
    return _change(outlet_id, what, url_for("organizations.own_outlet_record", outlet_id=outlet_id))


def _change(outlet_id: int, what: str, back: str) -> Answer:
    if what not in CHANGES:
        raise NotFound(_("Alamat ini tidak ada."))
    form_class, title, apply = CHANGES[what]
    actor = current_actor()
    outlet, facts = queries.outlet(actor, outlet_id)
    form = form_class(data=_present(outlet, facts))
    if "region_code" in form:
        offer_villages(form.region_code, city_of(), facts.region_code)
    if "operator_id" in form:
        form.operator_id.choices = queries.operator_choices(actor)
    if what == "place":
        del form.address
    if form.validate_on_submit():
        try:
            apply(actor, outlet_id, form)
        except MarketplaceError as error:
            show_service_error(form, error)
        else:
            flash(_("Perubahan tersimpan. Catatan sebelumnya tetap ada di riwayat."), "ok")
            return redirect(back)
    return form_page(
        form,
        title=str(title),
        lede=outlet.name,
        submit=_("Simpan"),
        back_url=back,
        crumbs=[(outlet.name, back), (str(title), None)],
    )
