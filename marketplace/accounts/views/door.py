"""The door: signing in by password or code, signing out, forgotten passwords."""

from __future__ import annotations

from flask import Response, current_app, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from ... import throttle
from ...errors import InvalidInput
from ...i18n import _
from ...permissions import current_actor, public
from ...security import safe_next
from ...web import home_url
from .. import queries, rules, services, sessions
from ..forms import CodeForm, NewPasswordForm, ResetRequestForm, SignInForm
from .pages import blueprint, show_errors, typed

PER_ACCOUNT = "10 per 15 minutes"
PER_ADDRESS = "100 per 15 minutes"
"""Failures only. Many phones share one address with their provider, so it is generous."""
RESETS_PER_ACCOUNT = "5 per 1 hour"
RESETS_PER_ADDRESS = "30 per 1 hour"


def _check_tries(kind: str, who: str) -> None:
    throttle.check(kind, f"account {rules.identifier(who) or who}", PER_ACCOUNT)
    throttle.check(kind, f"address {throttle.client_address()}", PER_ADDRESS)


def _count_failure(kind: str, who: str) -> None:
    throttle.count(kind, f"account {rules.identifier(who) or who}", PER_ACCOUNT)
    throttle.count(kind, f"address {throttle.client_address()}", PER_ADDRESS)


@blueprint.get("/sign-in")
@public
def sign_in() -> str | BaseResponse:
    """The form; somebody already signed in goes on."""
    actor = current_actor()
    if actor.user_id is not None:
        return redirect(safe_next(request.args.get("next"), home_url(actor)))
    return _sign_in_page(SignInForm(formdata=None))


@blueprint.post("/sign-in")
@public
def sign_in_post() -> BaseResponse | tuple[str, int]:
    """Check who it is and go on to where they wanted to go."""
    form = SignInForm()
    if not form.validate_on_submit():
        return _sign_in_page(form), 422
    _check_tries("sign-in", typed(form.who))
    remember = bool(form.remember.data)
    try:
        token = services.sign_in(
            who=typed(form.who),
            password=typed(form.password),
            device=sessions.device(),
            lifetime=sessions.lifetime(remember=remember),
        )
    except rules.WrongSignIn as error:
        _count_failure("sign-in", typed(form.who))
        show_errors(form, error)
        return _sign_in_page(form), 422
    sessions.start(token, remember=remember)
    return redirect(safe_next(request.args.get("next"), home_url(current_actor())))


def _sign_in_page(form: SignInForm) -> str:
    demo = current_app.extensions.get("etalase_demo_accounts", []) if current_app.config["DEMO"] else []
    return render_template("accounts/sign_in.html", form=form, demo=demo)


@blueprint.post("/sign-out")
@public
def sign_out() -> BaseResponse:
    """End this sign-in, on the server too."""
    sessions.end()
    flash(_("Anda sudah keluar."), "ok")
    return redirect(url_for("accounts.sign_in"))


@blueprint.get("/sign-in/code")
@public
def sign_in_code() -> str:
    """The form for a code that an officer gave."""
    return render_template("accounts/sign_in_code.html", form=CodeForm(formdata=None))


@blueprint.post("/sign-in/code")
@public
def sign_in_code_post() -> BaseResponse | tuple[str, int]:
    """Take the code and lead on to a new password."""
    form = CodeForm()
    if not form.validate_on_submit():
        return render_template("accounts/sign_in_code.html", form=form), 422
    _check_tries("code", typed(form.who))
    try:
        secret = services.redeem_code(who=typed(form.who), code=typed(form.code))
    except rules.WrongSignIn as error:
        _count_failure("code", typed(form.who))
        show_errors(form, error)
        return render_template("accounts/sign_in_code.html", form=form), 422
    return redirect(url_for("accounts.reset", token=secret))


@blueprint.get("/reset")
@public
def ask_for_reset() -> str:
    """The form for a forgotten password."""
    return render_template("accounts/ask_for_reset.html", form=ResetRequestForm(formdata=None))


@blueprint.post("/reset")
@public
def ask_for_reset_post() -> str | tuple[str, int]:
    """The same answer for everybody, whether there is such an account or not."""
    form = ResetRequestForm()
    if not form.validate_on_submit():
        return render_template("accounts/ask_for_reset.html", form=form), 422
    throttle.check_and_count("reset", f"address {throttle.client_address()}", RESETS_PER_ADDRESS)
    throttle.check_and_count(
        "reset", f"account {rules.identifier(typed(form.who)) or typed(form.who)}", RESETS_PER_ACCOUNT
    )
    services.ask_for_reset(who=typed(form.who))
    return render_template("accounts/reset_asked.html")


@blueprint.get("/reset/<token>")
@public
def reset(token: str) -> str | tuple[str, int]:
    """The form for a new password, as long as the link works."""
    if not queries.is_open_link(token):
        return render_template("accounts/link_expired.html"), 410
    return render_template("accounts/reset.html", form=NewPasswordForm(formdata=None), token=token)


@blueprint.post("/reset/<token>")
@public
def reset_post(token: str) -> Response | BaseResponse | tuple[str, int]:
    """Set the password and sign in."""
    form = NewPasswordForm()
    if not form.validate_on_submit():
        return render_template("accounts/reset.html", form=form, token=token), 422
    try:
        user = services.reset_password(token=token, password=typed(form.password))
    except rules.LinkExpired:
        return render_template("accounts/link_expired.html"), 410
    except InvalidInput as error:
        show_errors(form, error)
        return render_template("accounts/reset.html", form=form, token=token), 422
    who = user.email or user.phone or ""
    session_token = services.sign_in(
        who=who,
        password=typed(form.password),
        device=sessions.device(),
        lifetime=sessions.lifetime(remember=False),
    )
    sessions.start(session_token, remember=False)
    flash(_("Kata sandi baru sudah berlaku. Perangkat lain sudah dikeluarkan."), "ok")
    return redirect(home_url(current_actor()))
