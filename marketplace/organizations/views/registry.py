"""The registry of sellers: the list, one seller's page, a new one by an officer."""

from __future__ import annotations

from collections.abc import Iterator

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from ...errors import MarketplaceError
from ...exchange import table_response
from ...i18n import _
from ...permissions import Actor, Permission, current_actor, protected
from ...regions import queries as regions
from ...web import Page, page_number
from .. import queries, rules, services
from ..forms import SellerRegistrationForm, offer_villages
from ..queries.registry import RegistryFilter
from .pages import Answer, blueprint, city_of, form_page
from .registration import seller_form, show_service_error

COLUMNS = [
    "seller_ref", "name", "owner_name", "region_code", "place", "nib", "kbli_code", "size", "state",
    "verified_on", "coached",
]  # fmt: skip


def asked() -> RegistryFilter:
    """What the URL asks of the registry; anything it does not know is dropped."""

    def one(name: str, known: set[str] | None = None) -> str:
        value = request.args.get(name, "").strip()[:200]
        return value if known is None or value in known else ""

    return RegistryFilter(
        q=one("q"),
        district=one("district"),
        size=one("size", {size.value for size in rules.SizeClass}),
        state=one("state", {state.value for state in rules.SellerState}),
        coached=one("coached", {"yes", "no"}),
        kbli=one("kbli"),
        sort=one("sort") or "name",
    )


@blueprint.get("/office/sellers")
@protected(Permission.REGISTRY_VIEW)
def sellers() -> str | Response:
    """Every seller of the region: searched, filtered, sorted, exported."""
    actor, wanted = current_actor(), asked()
    if request.args.get("format") in {"csv", "xlsx"}:
        actor.require(Permission.DATA_EXPORT)
        return table_response(request.args["format"], COLUMNS, _export(actor, wanted), "umkm")
    return render_template(
        "organizations/sellers.html",
        page=Page(*queries.registry(actor, wanted, page_number())),
        wanted=wanted,
        counts=queries.registry_counts(actor),
        districts=regions.children(city_of()),
        classes=queries.business_classes(actor),
        states=queries.state_choices(),
        sizes=[(size.value, str(rules.SIZE_LABELS[size])) for size in rules.SizeClass],
        state_labels=rules.STATE_LABELS,
        state_tones=rules.STATE_TONES,
        size_labels=rules.SIZE_LABELS,
    )


def _export(actor: Actor, wanted: RegistryFilter) -> Iterator[list[object]]:
    for row in queries.registry_rows(actor, wanted):
        yield [
            row.seller_ref,
            row.name,
            row.owner_name,
            row.region_code,
            row.place,
            row.nib,
            row.kbli_code,
            row.size.value,
            row.state.value,
            row.verified_on,
            "yes" if row.is_coached else "no",
        ]


@blueprint.get("/office/sellers/<int(max=9223372036854775807):seller_id>")
@protected(Permission.REGISTRY_VIEW)
def seller(seller_id: int) -> str:
    """One seller: facts today and before, verification, people, and what other areas know of it."""
    return seller_template(seller_id)


def seller_template(seller_id: int, revealed: services.PersonalData | None = None) -> str:
    """The seller's page; with `revealed` it shows the personal data in full, this once."""
    found = queries.seller_page(current_actor(), seller_id)
    return render_template(
        "organizations/seller.html",
        it=found,
        revealed=revealed,
        segments=queries.seller_segments(seller_id),
        decisions=queries.verification_history(seller_id=seller_id),
        members=queries.members(seller_id=seller_id),
        acts=queries.acts_on("sellers", seller_id),
        state_labels=rules.STATE_LABELS,
        state_tones=rules.STATE_TONES,
        size_labels=rules.SIZE_LABELS,
    )


@blueprint.route("/office/sellers/new", methods=["GET", "POST"])
@protected(Permission.REGISTRY_EDIT)
def new_seller() -> Answer:
    """An officer registers a seller who has no phone for it."""
    form = SellerRegistrationForm()
    offer_villages(form.region_code, city_of())
    if form.validate_on_submit():
        try:
            made = services.register_seller(actor=current_actor(), form=seller_form(form))
        except MarketplaceError as error:
            show_service_error(form, error)
        else:
            flash(_("%(name)s terdaftar. Periksa, lalu verifikasi.", name=made.name), "ok")
            return redirect(url_for("organizations.seller", seller_id=made.id))
    return form_page(
        form,
        title=_("Daftarkan UMKM"),
        lede=_("Untuk pemilik usaha yang datang langsung. Isi yang ada dulu; sisanya boleh menyusul."),
        submit=_("Daftarkan"),
        back_url=url_for("organizations.sellers"),
        crumbs=[(_("UMKM"), url_for("organizations.sellers")), (_("Daftarkan UMKM"), None)],
    )
