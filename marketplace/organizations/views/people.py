"""Members and invitations: of the office, of a seller, of a retailer."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from ...accounts import services as accounts
from ...accounts import sessions
from ...errors import MarketplaceError, NotFound
from ...i18n import _
from ...permissions import Actor, Permission, Role, current_actor, protected, public
from ...web import home_url
from .. import queries, rules, services
from ..forms import InviteForm, JoinForm, role_choices
from .pages import Answer, blueprint, form_page
from .registration import put_on_hat, show_service_error


def own_place(actor: Actor) -> dict[str, int | None]:
    """The organization that the actor stands for, as services and queries name it."""
    return {"seller_id": actor.seller_id, "operator_id": actor.operator_id, "office_id": actor.office_id}


def people_url(actor: Actor) -> str:
    """The page on which the actor sees their people."""
    return url_for("organizations.people" if actor.is_office else "organizations.organization")


@blueprint.get("/office/people")
@protected(Permission.REGISTRY_VIEW)
def people() -> str:
    """The people of the office (or the platform's admins) and who is invited."""
    actor = current_actor()
    place = own_place(actor)
    return render_template(
        "organizations/people.html",
        members=queries.members(**place),
        invitations=queries.invitations(**place),
        office=queries.office(actor.office_id) if actor.office_id else None,
        roles=role_choices(rules.roles_in(**place)),
    )


@blueprint.route("/account/organization/invite", methods=["GET", "POST"])
@protected(Permission.MEMBER_MANAGE)
def invite() -> Answer:
    """Invite somebody into one's own organization."""
    actor = current_actor()
    place = own_place(actor)
    form = InviteForm()
    form.role.choices = role_choices(rules.roles_in(**place))
    back = people_url(actor)
    if form.validate_on_submit():
        try:
            invitation = services.invite_member(
                actor=actor, email=form.email.data or "", role=Role(form.role.data), **place
            )
        except MarketplaceError as error:
            show_service_error(form, error)
        else:
            flash(_("Undangan dikirim ke %(email)s. Berlaku dua minggu.", email=invitation.email), "ok")
            return redirect(back)
    return form_page(
        form,
        title=_("Undang orang"),
        lede=_("Tautannya dikirim lewat surel dan hanya bisa dipakai sekali."),
        submit=_("Kirim undangan"),
        back_url=back,
        crumbs=[(actor.organization_name or "Etalase", back), (_("Undang orang"), None)],
    )


@blueprint.post("/account/organization/invitations/<int(max=9223372036854775807):invitation_id>/revoke")
@protected(Permission.MEMBER_MANAGE)
def revoke_invitation(invitation_id: int) -> Response:
    """Take an invitation back."""
    actor = current_actor()
    services.revoke_invitation(actor=actor, invitation_id=invitation_id)
    flash(_("Undangan dicabut. Tautannya tidak berlaku lagi."), "ok")
    return redirect(people_url(actor))


@blueprint.post("/account/organization/members/<int(max=9223372036854775807):membership_id>/role")
@protected(Permission.MEMBER_MANAGE)
def change_role(membership_id: int) -> Response:
    """Give a member another role."""
    actor = current_actor()
    text = request.form.get("role", "")
    role = Role(text) if text in set(Role) else actor.role
    assert role is not None
    services.change_role(actor=actor, membership_id=membership_id, role=role)
    flash(_("Peran diubah."), "ok")
    return redirect(people_url(actor))


@blueprint.route(
    "/account/organization/members/<int(max=9223372036854775807):membership_id>/remove",
    methods=["GET", "POST"],
)
@protected(Permission.MEMBER_MANAGE)
def remove_member(membership_id: int) -> Answer:
    """End a membership, after a page that says what that means."""
    actor = current_actor()
    back = people_url(actor)
    if request.method == "POST":
        services.remove_member(actor=actor, membership_id=membership_id)
        flash(_("Anggota ini tidak bisa lagi bertindak untuk organisasi ini."), "ok")
        return redirect(back)
    members = queries.members(**own_place(actor))
    member = next((one for one in members if one.membership_id == membership_id), None)
    if member is None:
        raise NotFound(_("Anggota ini tidak ada, atau bukan untuk akun Anda."))
    return render_template("organizations/remove_member.html", member=member, back=back)


@blueprint.route("/invitations/<secret>", methods=["GET", "POST"])
@public
def invitation(secret: str) -> Answer:
    """Take an offered role: as the person signed in, or with a new account."""
    found = queries.open_invitation(secret)
    if found is None:
        return render_template("organizations/invitation_gone.html"), 404
    form = JoinForm()
    person = sessions.signed_in()
    is_ready = request.method == "POST" if person else form.validate_on_submit()
    if is_ready:
        try:
            _join(secret, form)
            return redirect(home_url(current_actor()))
        except MarketplaceError as error:
            show_service_error(form, error)
    context: dict[str, Any] = {
        "invitation": found,
        "organization": queries.organization_name(found),
        "person": person,
        "role_label": str(queries.role_label(found.role)),
    }
    return form_page(form, "organizations/invitation.html", **context)


def _join(secret: str, form: JoinForm) -> None:
    person = sessions.signed_in()
    if person is not None:
        member = services.accept_invitation(secret=secret, user_id=person.user_id)
    else:
        member = services.accept_invitation(
            secret=secret, name=form.name.data or "", password=form.password.data or ""
        )
        token = accounts.sign_in(
            who=queries.user_email(member.user_id),
            password=form.password.data or "",
            device=sessions.device(),
            lifetime=sessions.lifetime(remember=True),
        )
        sessions.start(token, remember=True)
    put_on_hat(seller_id=member.seller_id, operator_id=member.operator_id)
