"""One's own organization: its card, its people, its standing with the office; and the public storefront."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from ... import clock, maps
from ...errors import MarketplaceError
from ...i18n import _
from ...mailing import address
from ...permissions import Permission, current_actor, protected, public
from .. import queries, rules, services
from ..forms import PlaceForm, PrivateForm, SellerProfileForm, SizeForm, offer_villages, role_choices
from .changes import CHANGES
from .pages import Answer, blueprint, city_of, form_page
from .people import own_place
from .registration import show_service_error


@blueprint.get("/account/organization")
@protected(Permission.ACCOUNT_USE)
def organization() -> str | Response:
    """What the organization says of itself, who acts for it, and what the office answered."""
    actor = current_actor()
    if actor.is_office:
        return redirect(url_for("organizations.people"))
    place = own_place(actor)
    if actor.seller_id is None and actor.operator_id is None:
        return render_template(
            "organizations/no_organization.html", claims=queries.claims_of(actor.user_id or 0)
        )
    people = {
        "members": queries.members(**place),
        "invitations": queries.invitations(**place),
        "roles": role_choices(rules.roles_in(**place)),
    }
    if actor.seller_id is not None:
        return render_template(
            "organizations/own_seller.html",
            it=queries.seller_page(actor, actor.seller_id),
            request_row=queries.own_request(actor.seller_id),
            state_labels=rules.STATE_LABELS,
            state_tones=rules.STATE_TONES,
            size_labels=rules.SIZE_LABELS,
            **people,
        )
    return render_template(
        "organizations/own_operator.html",
        operator=queries.operator(actor, actor.operator_id or 0),
        outlets=queries.outlets(actor),
        decisions=queries.verification_history(operator_id=actor.operator_id),
        **people,
    )


OWN_CHANGES = {"profile": SellerProfileForm, "size": SizeForm, "place": PlaceForm}


@blueprint.route("/account/organization/change/<any(profile, size, place):what>", methods=["GET", "POST"])
@protected(Permission.SELLER_EDIT)
def change_own(what: str) -> Answer:
    """A seller changes what it may change itself."""
    actor = current_actor()
    it = queries.seller_page(actor, actor.seller_id or 0)
    form_class, title, present, apply = CHANGES[what]
    form = form_class(data=present(it))
    if "region_code" in form:
        offer_villages(form.region_code, city_of(), it.facts.region_code)
    back = url_for("organizations.organization")
    if form.validate_on_submit():
        try:
            apply(actor, it.seller.id, form)
        except MarketplaceError as error:
            show_service_error(form, error)
        else:
            flash(_("Tersimpan."), "ok")
            return redirect(back)
    return form_page(
        form,
        title=str(title),
        submit=_("Simpan"),
        back_url=back,
        crumbs=[(it.seller.name, back), (str(title), None)],
        draft=f"usaha-{what}",
    )


@blueprint.route("/account/organization/private", methods=["GET", "POST"])
@protected(Permission.SELLER_EDIT)
def change_private() -> Answer:
    """NPWP and bank account: what is left empty stays."""
    actor = current_actor()
    it = queries.seller_page(actor, actor.seller_id or 0)
    form = PrivateForm(data={"bank_name": it.seller.bank_name})
    back = url_for("organizations.organization")
    if form.validate_on_submit():
        names = ("npwp", "bank_name", "bank_account", "bank_holder")
        values = {name: form[name].data for name in names if form[name].data}
        try:
            services.update_seller(actor=actor, seller_id=it.seller.id, values=values)
        except MarketplaceError as error:
            show_service_error(form, error)
        else:
            flash(_("Tersimpan. Nomor hanya tampil sebagian."), "ok")
            return redirect(back)
    return form_page(
        form,
        title=_("NPWP dan rekening"),
        lede=_(
            "Disimpan tersandi. Hanya Anda dan petugas yang berwenang bisa memakainya; rekening juga dilihat "
            "pembeli yang masih harus membayar Anda."
        ),
        submit=_("Simpan"),
        back_url=back,
        crumbs=[(it.seller.name, back), (_("NPWP dan rekening"), None)],
    )


@blueprint.post("/account/organization/submit")
@protected(Permission.SELLER_EDIT)
def submit() -> Response:
    """Ask the office to look (again)."""
    actor = current_actor()
    services.submit_for_verification(actor=actor, seller_id=actor.seller_id or 0)
    flash(_("Diajukan. Dinas akan memeriksa usaha Anda."), "ok")
    return redirect(url_for("organizations.organization"))


@blueprint.get("/sellers/<int(max=9223372036854775807):seller_id>")
@public
def storefront(seller_id: int) -> str | Response:
    """A seller's public page; a merged record leads to the one that was kept."""
    shop = queries.storefront(seller_id, current_actor())
    if isinstance(shop, int):
        return redirect(url_for("organizations.storefront", seller_id=shop), 301)
    return render_template(
        "organizations/storefront.html",
        shop=shop,
        today=clock.today(),
        canonical=address(f"/sellers/{shop.id}"),
        map=_village_map(shop),
    )


def _village_map(shop: queries.Storefront) -> Markup | None:
    """The villages of the shop's district with its own marked; None for a city without boundaries."""
    district = ".".join(shop.region_code.split(".")[:3])
    here = {shop.region_code: maps.AreaFigure(sentence=f"{shop.name}: {shop.place}", shade=3)}
    return maps.choropleth(district, here, title=_("Peta: %(place)s", place=shop.place))
