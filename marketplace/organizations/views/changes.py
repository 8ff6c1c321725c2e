"""What an officer changes about one seller, each on a page of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, url_for
from flask_wtf import FlaskForm

from ... import clock
from ...errors import MarketplaceError, NotFound
from ...i18n import N_, _
from ...permissions import Permission, Role, current_actor, protected
from .. import queries, services
from ..forms import (
    AffiliationForm,
    CloseForm,
    CoachingForm,
    EnrolForm,
    OwnerForm,
    PlaceForm,
    ReasonForm,
    SellerProfileForm,
    SizeForm,
    offer_villages,
)
from ..queries import SellerPage
from .pages import Answer, blueprint, city_of, form_page
from .registration import show_service_error
from .registry import seller_template

Change = tuple[type[FlaskForm], Any, Callable[[SellerPage], dict[str, Any]], Callable[..., Any]]


def _today() -> dict[str, Any]:
    return {"valid_from": clock.today(), "day": clock.today()}


def _profile(it: SellerPage) -> dict[str, Any]:
    names = (
        "name",
        "owner_name",
        "phone",
        "is_phone_public",
        "email",
        "address",
        "nib",
        "kbli_code",
        "story",
    )
    return {name: getattr(it.seller, name) for name in names}


CHANGES: dict[str, Change] = {
    "profile": (
        SellerProfileForm,
        N_("Ubah data usaha"),
        _profile,
        lambda actor, seller_id, form: services.update_seller(
            actor=actor, seller_id=seller_id, values=profile_values(form)
        ),
    ),
    "owner": (
        OwnerForm,
        N_("Ganti pemilik"),
        lambda it: {**_today(), "owner_name": it.seller.owner_name},
        lambda actor, seller_id, form: services.change_owner(
            actor=actor,
            seller_id=seller_id,
            owner_name=form.owner_name.data,
            owner_nik=form.owner_nik.data,
            valid_from=form.valid_from.data,
            reason=form.reason.data,
        ),
    ),
    "size": (
        SizeForm,
        N_("Ubah modal dan penjualan"),
        lambda it: {
            **_today(),
            "capital_rupiah": it.facts.capital_rupiah,
            "annual_sales_rupiah": it.facts.annual_sales_rupiah,
        },
        lambda actor, seller_id, form: services.change_size(
            actor=actor,
            seller_id=seller_id,
            capital_rupiah=form.capital_rupiah.data,
            annual_sales_rupiah=form.annual_sales_rupiah.data,
            valid_from=form.valid_from.data,
            reason=form.reason.data or "",
        ),
    ),
    "place": (
        PlaceForm,
        N_("Pindah tempat"),
        lambda it: {**_today(), "region_code": it.facts.region_code, "address": it.seller.address},
        lambda actor, seller_id, form: services.change_region(
            actor=actor,
            seller_id=seller_id,
            region_code=form.region_code.data,
            address=form.address.data or "",
            valid_from=form.valid_from.data,
            reason=form.reason.data or "",
        ),
    ),
    "affiliation": (
        AffiliationForm,
        N_("Ubah afiliasi"),
        lambda it: {**_today(), "affiliated_operator_ref": it.facts.affiliated_operator_ref},
        lambda actor, seller_id, form: services.change_affiliation(
            actor=actor,
            seller_id=seller_id,
            affiliated_operator_ref=form.affiliated_operator_ref.data,
            valid_from=form.valid_from.data,
            reason=form.reason.data,
        ),
    ),
    "coaching": (
        CoachingForm,
        N_("Ubah pembinaan"),
        lambda it: {"coached_since": it.seller.coached_since, "coached_until": it.seller.coached_until},
        lambda actor, seller_id, form: services.set_coaching(
            actor=actor,
            seller_id=seller_id,
            coached_since=form.coached_since.data,
            coached_until=form.coached_until.data,
        ),
    ),
    "close": (
        CloseForm,
        N_("Catat usaha tutup"),
        lambda _it: _today(),
        lambda actor, seller_id, form: services.close_seller(
            actor=actor, seller_id=seller_id, closed_on=form.day.data, reason=form.reason.data
        ),
    ),
    "reopen": (
        CloseForm,
        N_("Catat usaha buka kembali"),
        lambda _it: _today(),
        lambda actor, seller_id, form: services.reopen_seller(
            actor=actor, seller_id=seller_id, reopened_on=form.day.data, reason=form.reason.data
        ),
    ),
}


def profile_values(form: SellerProfileForm) -> dict[str, Any]:
    """What was typed into a profile, as the service takes it."""
    names = (
        "name",
        "owner_name",
        "phone",
        "is_phone_public",
        "email",
        "address",
        "nib",
        "kbli_code",
        "story",
    )
    texts = {"address", "story"}
    return {name: (form[name].data or "") if name in texts else form[name].data for name in names}


@blueprint.route(
    "/office/sellers/<int(max=9223372036854775807):seller_id>/change/<what>", methods=["GET", "POST"]
)
@protected(Permission.REGISTRY_EDIT)
def change_seller(seller_id: int, what: str) -> Answer:
    """One change of one seller, from a day on where the fact is dated."""
    if what not in CHANGES:
        raise NotFound(_("Alamat ini tidak ada."))
    form_class, title, present, apply = CHANGES[what]
    actor = current_actor()
    it = queries.seller_page(actor, seller_id)
    form = form_class(data=present(it))
    if "region_code" in form:
        offer_villages(form.region_code, city_of(), it.facts.region_code)
    back = url_for("organizations.seller", seller_id=seller_id)
    if form.validate_on_submit():
        try:
            apply(actor, seller_id, form)
        except MarketplaceError as error:
            show_service_error(form, error)
        else:
            flash(_("Perubahan tersimpan. Catatan sebelumnya tetap ada di riwayat."), "ok")
            return redirect(back)
    return form_page(
        form,
        title=str(title),
        lede=it.seller.name,
        submit=_("Simpan"),
        back_url=back,
        crumbs=[(_("UMKM"), url_for("organizations.sellers")), (it.seller.name, back), (str(title), None)],
    )


@blueprint.route("/office/sellers/<int(max=9223372036854775807):seller_id>/reveal", methods=["GET", "POST"])
@protected(Permission.PERSONAL_REVEAL)
def reveal(seller_id: int) -> Answer:
    """Personal data in full, once, for a reason that is kept."""
    it = queries.seller_page(current_actor(), seller_id)
    form = ReasonForm()
    if form.validate_on_submit():
        data = services.reveal_personal(
            actor=current_actor(), seller_id=seller_id, reason=form.reason.data or ""
        )
        return seller_template(seller_id, data)
    back = url_for("organizations.seller", seller_id=seller_id)
    return form_page(
        form,
        title=_("Buka NIK, NPWP, dan rekening"),
        lede=_("Nama Anda, waktu, dan alasan dicatat. Data tampil sekali saja."),
        submit=_("Buka sekali"),
        back_url=back,
        crumbs=[
            (_("UMKM"), url_for("organizations.sellers")),
            (it.seller.name, back),
            (_("Buka data"), None),
        ],
    )


@blueprint.route("/office/sellers/<int(max=9223372036854775807):seller_id>/enrol", methods=["GET", "POST"])
@protected(Permission.REGISTRY_EDIT)
def enrol(seller_id: int) -> Answer:
    """An account for the owner who stands at the desk; a one-time code follows."""
    actor = current_actor()
    it = queries.seller_page(actor, seller_id)
    form = EnrolForm(data={"name": it.seller.owner_name, "phone": it.seller.phone})
    back = url_for("organizations.seller", seller_id=seller_id)
    if form.validate_on_submit():
        try:
            person = services.enrol_person(
                actor=actor,
                name=form.name.data or "",
                phone=form.phone.data,
                email=None,
                role=Role.SELLER_OWNER,
                seller_id=seller_id,
            )
        except MarketplaceError as error:
            show_service_error(form, error)
        else:
            flash(_("Akun siap. Berikan kode sekali pakai kepada orangnya."), "ok")
            return redirect(url_for("accounts.issue_code", user_id=person.id))
    return form_page(
        form,
        title=_("Buat akun untuk pemilik"),
        lede=_(
            "Orangnya ada di depan Anda dan Anda sudah melihat KTP-nya. Ia masuk dengan kode sekali pakai."
        ),
        submit=_("Buat akun"),
        back_url=back,
        crumbs=[
            (_("UMKM"), url_for("organizations.sellers")),
            (it.seller.name, back),
            (_("Buat akun"), None),
        ],
    )
