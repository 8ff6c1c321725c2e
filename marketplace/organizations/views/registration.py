"""Registering oneself: first the person, then the business, then the office looks."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from ... import throttle
from ...accounts import queries as people
from ...accounts import services as accounts
from ...accounts import sessions
from ...errors import MarketplaceError, NotFound
from ...i18n import _
from ...permissions import Permission, current_actor, forget_actor, protected, public
from ...web import home_url
from .. import queries, services
from ..forms import AccountForm, ClaimForm, RetailerForm, SellerRegistrationForm, offer_villages
from .pages import Answer, blueprint, city_of, form_page, show_errors

REGISTRATIONS_PER_ADDRESS = "30 per 1 hour"
CLAIMS_PER_PERSON = "10 per 1 day"


@blueprint.get("/register")
@public
def register() -> str:
    """Choose: sell, or carry what others make; or find one's own record."""
    return render_template("organizations/register.html")


@blueprint.route("/register/seller", methods=["GET", "POST"])
@public
def register_seller() -> Answer:
    """The person who sells."""
    return _account_step("organizations.register_business", _("Anda sebagai penjual"), _seller_steps())


@blueprint.route("/register/retailer", methods=["GET", "POST"])
@public
def register_retailer() -> Answer:
    """The person who buys for a store."""
    return _account_step("organizations.register_company", _("Anda di toko atau hotel"), _retailer_steps())


def _seller_steps() -> list[str]:
    return [_("Akun Anda"), _("Usaha Anda"), _("Diperiksa Dinas")]


def _retailer_steps() -> list[str]:
    return [_("Akun Anda"), _("Perusahaan"), _("Toko")]


def _account_step(following: str, title: str, steps: list[str]) -> Answer:
    if current_actor().user_id is not None:
        return redirect(url_for(following))
    form = AccountForm()
    if form.validate_on_submit():
        throttle.check_and_count("register", throttle.client_address(), REGISTRATIONS_PER_ADDRESS)
        try:
            _make_account(form)
            return redirect(url_for(following))
        except MarketplaceError as error:
            show_service_error(form, error)
    return form_page(form, "organizations/register_account.html", title=title, steps=steps)


def _make_account(form: AccountForm) -> None:
    user = accounts.create_user(
        name=form.name.data or "",
        email=form.email.data,
        phone=form.phone.data,
        password=form.password.data,
    )
    token = accounts.sign_in(
        who=user.phone or user.email or "",
        password=form.password.data or "",
        device=sessions.device(),
        lifetime=sessions.lifetime(remember=True),
    )
    sessions.start(token, remember=True)


def show_service_error(form: Any, error: MarketplaceError) -> None:
    """Put a service's no beside the field it speaks of, or above the form."""
    fields = getattr(error, "fields", None)
    if fields is None:
        form.form_errors.append(error.message)
    else:
        show_errors(form, error)  # type: ignore[arg-type]


@blueprint.route("/register/seller/business", methods=["GET", "POST"])
@protected(Permission.ACCOUNT_USE)
def register_business() -> Answer:
    """The business; it goes to the office's queue at once."""
    actor = current_actor()
    form = SellerRegistrationForm(data={"owner_name": actor.name})
    offer_villages(form.region_code, city_of())
    if form.validate_on_submit():
        try:
            seller = services.register_seller(actor=actor, form=seller_form(form))
        except MarketplaceError as error:
            show_service_error(form, error)
        else:
            put_on_hat(seller_id=seller.id)
            flash(_("%(name)s terdaftar dan menunggu pemeriksaan Dinas.", name=seller.name), "ok")
            return redirect(home_url(current_actor()))
    return form_page(form, "organizations/register_business.html", steps=_seller_steps())


def seller_form(form: SellerRegistrationForm) -> services.SellerForm:
    """What was typed, as the service takes it."""
    return services.SellerForm(
        name=form.name.data or "",
        owner_name=form.owner_name.data or "",
        region_code=form.region_code.data,
        owner_nik=form.owner_nik.data,
        phone=form.phone.data,
        email=form.email.data,
        address=form.address.data or "",
        nib=form.nib.data,
        kbli_code=form.kbli_code.data,
        capital_rupiah=form.capital_rupiah.data,
        annual_sales_rupiah=form.annual_sales_rupiah.data,
        story=form.story.data or "",
    )


@blueprint.route("/register/retailer/company", methods=["GET", "POST"])
@protected(Permission.ACCOUNT_USE)
def register_company() -> Answer:
    """The company; its outlets follow."""
    actor = current_actor()
    form = RetailerForm()
    offer_villages(form.region_code, city_of())
    if form.validate_on_submit():
        try:
            operator = services.register_operator(actor=actor, form=operator_form(form))
        except MarketplaceError as error:
            show_service_error(form, error)
        else:
            put_on_hat(operator_id=operator.id)
            flash(_("%(name)s terdaftar. Tambahkan toko Anda satu per satu.", name=operator.name), "ok")
            return redirect(url_for("organizations.organization"))
    return form_page(form, "organizations/register_company.html", steps=_retailer_steps())


def operator_form(form: RetailerForm) -> services.OperatorForm:
    """What was typed, as the service takes it."""
    return services.OperatorForm(
        name=form.name.data or "",
        region_code=form.region_code.data,
        phone=form.phone.data,
        email=form.email.data,
        address=form.address.data or "",
        nib=form.nib.data,
    )


def put_on_hat(*, seller_id: int | None = None, operator_id: int | None = None) -> None:
    """Let this browser act for the organization that was just made or joined."""
    found = sessions.signed_in()
    if found is None or found.sign_in is None:
        return
    for hat in queries.hats_of(found.user_id):
        if (hat.seller_id, hat.operator_id) == (seller_id, operator_id):
            accounts.wear(sign_in=found.sign_in, membership_id=hat.membership_id)
    forget_actor()


@blueprint.route("/register/claim", methods=["GET", "POST"])
@protected(Permission.ACCOUNT_USE)
def claim() -> Answer:
    """The office knows my business already: ask to be taken for its owner."""
    actor = current_actor()
    form = ClaimForm()
    if form.validate_on_submit():
        throttle.check_and_count("claim", str(actor.user_id), CLAIMS_PER_PERSON)
        try:
            services.claim_seller(actor=actor, owner_nik=form.owner_nik.data or "")
        except MarketplaceError as error:
            show_service_error(form, error)
        else:
            flash(_("Permintaan Anda sudah di meja Dinas. Jawabannya tampil di halaman ini."), "ok")
            return redirect(url_for("organizations.claim"))
    claims = queries.claims_of(actor.user_id or 0)
    return form_page(form, "organizations/claim.html", claims=claims)


@blueprint.get("/account/roles")
@protected(Permission.ACCOUNT_USE)
def roles() -> str:
    """Everything this person may act as."""
    found = sessions.signed_in()
    assert found is not None
    hats = queries.hats_of(found.user_id)
    worn = next((h.membership_id for h in hats if h.membership_id == found.membership_id), None)
    return render_template(
        "organizations/roles.html", hats=hats, worn=worn or (hats[0].membership_id if hats else None)
    )


@blueprint.post("/account/roles/<int(max=9223372036854775807):membership_id>")
@protected(Permission.ACCOUNT_USE)
def choose_role(membership_id: int) -> Response:
    """Act as another of one's hats from now on, in this browser."""
    found = sessions.signed_in()
    assert found is not None
    hat = next((h for h in queries.hats_of(found.user_id) if h.membership_id == membership_id), None)
    if hat is None:
        raise NotFound(_("Peran ini tidak ada, atau bukan milik Anda."))
    if found.sign_in:
        accounts.wear(sign_in=found.sign_in, membership_id=membership_id)
    user = people.user(found.user_id)
    return redirect(home_url(queries.actor_of(user, membership_id)))
