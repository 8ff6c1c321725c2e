"""One's own account: data, password, devices, API tokens."""

from __future__ import annotations

from flask import flash, redirect, render_template, session, url_for
from werkzeug.wrappers import Response

from ...errors import InvalidInput
from ...i18n import _
from ...permissions import Permission, current_actor, protected
from .. import queries, services
from ..forms import ChangePasswordForm, ProfileForm, TokenForm
from ..rules import phone_for_reading
from .pages import blueprint, me, show_errors, typed


@blueprint.get("/account")
@protected(Permission.ACCOUNT_USE)
def account() -> str:
    """What is known of me, where I am signed in, my tokens."""
    found = me()
    return render_template(
        "accounts/account.html",
        user=queries.user(found.user_id),
        devices=queries.devices(found.user_id),
        this_device=found.sign_in,
        tokens=queries.tokens(found.user_id),
    )


@blueprint.get("/account/edit")
@protected(Permission.ACCOUNT_USE)
def edit() -> str:
    """The form with my data."""
    user = queries.user(me().user_id)
    form = ProfileForm(formdata=None, obj=user)
    form.phone.data = phone_for_reading(user.phone)
    return render_template("accounts/edit.html", form=form)


@blueprint.post("/account/edit")
@protected(Permission.ACCOUNT_USE)
def edit_post() -> Response | tuple[str, int]:
    """Keep my data."""
    form = ProfileForm()
    if form.validate_on_submit():
        try:
            services.update_user(
                actor=current_actor(),
                user_id=me().user_id,
                name=typed(form.name),
                email=typed(form.email).strip() or None,
                phone=typed(form.phone).strip() or None,
                locale=form.locale.data,
                password=typed(form.password),
            )
        except InvalidInput as error:
            show_errors(form, error)
        else:
            session.pop("lang", None)
            flash(_("Data Anda sudah disimpan."), "ok")
            return redirect(url_for("accounts.account"))
    return render_template("accounts/edit.html", form=form), 422


@blueprint.get("/account/password")
@protected(Permission.ACCOUNT_USE)
def password() -> str:
    """The form for another password."""
    return render_template("accounts/password.html", form=ChangePasswordForm(formdata=None))


@blueprint.post("/account/password")
@protected(Permission.ACCOUNT_USE)
def password_post() -> Response | tuple[str, int]:
    """Change the password; other devices are signed out."""
    form, found = ChangePasswordForm(), me()
    if form.validate_on_submit():
        try:
            services.change_password(
                actor=current_actor(),
                user_id=found.user_id,
                current=typed(form.current),
                new=typed(form.password),
                keep=found.sign_in,
            )
        except InvalidInput as error:
            show_errors(form, error)
        else:
            flash(_("Kata sandi sudah diganti. Perangkat lain sudah dikeluarkan."), "ok")
            return redirect(url_for("accounts.account"))
    return render_template("accounts/password.html", form=form), 422


@blueprint.post("/account/devices/end")
@protected(Permission.ACCOUNT_USE)
def end_devices() -> Response:
    """Sign every other device out."""
    found = me()
    count = services.end_all_sign_ins(actor=current_actor(), user_id=found.user_id, keep=found.sign_in)
    flash(_("%(count)s perangkat lain sudah dikeluarkan.", count=count), "ok")
    return redirect(url_for("accounts.account"))


@blueprint.get("/account/tokens/new")
@protected(Permission.ACCOUNT_USE)
def new_token() -> str:
    """The form for a token."""
    return render_template("accounts/token_new.html", form=TokenForm(formdata=None))


@blueprint.post("/account/tokens/new")
@protected(Permission.ACCOUNT_USE)
def new_token_post() -> str | tuple[str, int]:
    """Make a token and show it, this once."""
    form = TokenForm()
    if not form.validate_on_submit():
        return render_template("accounts/token_new.html", form=form), 422
    token = services.create_token(actor=current_actor(), user_id=me().user_id, name=typed(form.name))
    return render_template("accounts/token_made.html", token=token, name=typed(form.name))


@blueprint.get("/account/tokens/<int(max=9223372036854775807):token_id>/revoke")
@protected(Permission.ACCOUNT_USE)
def revoke_token(token_id: int) -> str:
    """Say what revoking does."""
    return render_template("accounts/token_revoke.html", token=queries.token(me().user_id, token_id))


@blueprint.post("/account/tokens/<int(max=9223372036854775807):token_id>/revoke")
@protected(Permission.ACCOUNT_USE)
def revoke_token_post(token_id: int) -> Response:
    """Revoke a token of mine."""
    services.revoke_token(actor=current_actor(), user_id=me().user_id, token_id=token_id)
    flash(_("Token sudah dicabut. Program yang memakainya tidak bisa masuk lagi."), "ok")
    return redirect(url_for("accounts.account"))
