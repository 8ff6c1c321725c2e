"""Who belongs to an organization: invitations by mail, roles, leaving."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ... import audit, clock, mailing
from ...accounts import queries as people
from ...accounts import rules as people_rules
from ...accounts import services as accounts
from ...accounts.models import User
from ...crypto import token, token_hash
from ...db import retry_on_conflict, unit_of_work
from ...errors import Conflict, Forbidden, InvalidInput, NotFound, RuleBroken
from ...i18n import _
from ...permissions import ROLE_LABELS, Actor, Permission, Role
from .. import rules
from ..models import Invitation, Membership, Office
from ..queries.people import in_place, open_invitation
from . import common

INVITATION_LIFETIME = timedelta(days=14)


@retry_on_conflict
def invite_member(
    *,
    actor: Actor,
    email: str,
    role: Role,
    seller_id: int | None = None,
    operator_id: int | None = None,
    office_id: int | None = None,
) -> Invitation:
    """Offer a role in an organization; the link goes out by mail and works for two weeks, once."""
    address = people_rules.require_email(email)
    with unit_of_work() as session:
        name, region = require_manager(
            session, actor, seller_id=seller_id, operator_id=operator_id, office_id=office_id
        )
        where = {"seller_id": seller_id, "operator_id": operator_id, "office_id": office_id}
        if role not in rules.roles_in(**where):
            raise InvalidInput(_("Pilih peran dari daftar."), {"role": _("Pilih peran dari daftar.")})
        _refuse_member(session, address, where)
        _revoke_open(session, address, where)
        secret, now = token(), clock.now()
        invitation = Invitation(
            email=address,
            role=role.value,
            token_hash=token_hash(secret),
            invited_by=actor.user_id,
            invited_at=now,
            expires_at=now + INVITATION_LIFETIME,
            **where,
        )
        session.add(invitation)
        session.flush()
        audit.record(session, actor, "member.invited", invitation, after={"role": role}, region=region)
        mailing.send(
            session,
            to=address,
            template="invitation",
            locale=actor.locale,
            inviter=actor.name,
            organization=name,
            role=ROLE_LABELS[role],
            url=mailing.address(f"/invitations/{secret}"),
        )
    return invitation


def _refuse_member(session: Session, email: str, where: dict[str, int | None]) -> None:
    query = select(Membership.id).join(User, User.id == Membership.user_id)
    query = query.where(User.email == email, Membership.is_active, *in_place(Membership, where))
    if session.scalar(query) is not None:
        sentence = _("Orang dengan surel ini sudah menjadi anggota.")
        raise InvalidInput(sentence, {"email": sentence})


def _revoke_open(session: Session, email: str, where: dict[str, int | None]) -> None:
    """A second invitation of the same person takes the place of the first."""
    query = select(Invitation).where(
        Invitation.email == email,
        Invitation.accepted_at.is_(None),
        Invitation.revoked_at.is_(None),
        *in_place(Invitation, where),
    )
    for earlier in session.scalars(query):
        earlier.revoked_at = clock.now()


def require_manager(
    session: Session,
    actor: Actor,
    *,
    seller_id: int | None = None,
    operator_id: int | None = None,
    office_id: int | None = None,
) -> tuple[str, str]:
    """The organization's name and region, if the actor may manage its people; locked. Raises NotFound.

    Its own leader may; the platform's admin may everywhere; an officer may help sellers and retailers of
    their region.
    """
    if seller_id is not None:
        seller, facts = common.lock_seller(session, actor, seller_id)
        common.allow(actor, Permission.REGISTRY_EDIT if actor.is_office else Permission.MEMBER_MANAGE)
        return seller.name, facts.region_code
    if operator_id is not None:
        operator = common.lock_operator(session, actor, operator_id)
        common.allow(actor, Permission.REGISTRY_EDIT if actor.is_office else Permission.MEMBER_MANAGE)
        return operator.name, operator.region_code or ""
    common.allow(actor, Permission.MEMBER_MANAGE)
    if office_id is None:
        common.allow(actor, Permission.PLATFORM_MANAGE)
        return "Etalase", ""
    office = session.get(Office, office_id, with_for_update=True)
    if office is None or not (actor.role == Role.ADMIN or actor.office_id == office_id):
        raise NotFound(_("Kantor ini tidak ada, atau bukan untuk akun Anda."))
    return office.name, office.region_code


@retry_on_conflict
def revoke_invitation(*, actor: Actor, invitation_id: int) -> Invitation:
    """Take an open invitation back."""
    with unit_of_work() as session:
        invitation = session.get(Invitation, invitation_id, with_for_update=True)
        if invitation is None:
            raise NotFound(_("Undangan ini tidak ada."))
        _name, region = require_manager(session, actor, **_place(invitation))
        if invitation.accepted_at is not None:
            raise Conflict(_("Undangan ini sudah diterima."), code="already_accepted")
        invitation.revoked_at = invitation.revoked_at or clock.now()
        audit.record(session, actor, "member.invitation_revoked", invitation, region=region)
    return invitation


def _place(row: Invitation | Membership) -> dict[str, int | None]:
    return {"seller_id": row.seller_id, "operator_id": row.operator_id, "office_id": row.office_id}


@retry_on_conflict
def accept_invitation(
    *, secret: str, user_id: int | None = None, name: str = "", password: str = ""
) -> Membership:
    """Take the offered role: as the person signed in, or as a new person with a name and a password.

    Whoever has the link may take it once. Raises NotFound when it does not work (any more).
    """
    with unit_of_work() as session:
        invitation = open_invitation(secret)
        if invitation is not None:
            session.refresh(invitation, with_for_update=True)
        if invitation is None or invitation.accepted_at is not None or invitation.revoked_at is not None:
            raise NotFound(_("Undangan ini sudah dipakai, dicabut, atau kedaluwarsa. Minta undangan baru."))
        if user_id is None:
            if people.user_by(invitation.email) is not None:
                raise Conflict(
                    _("Surel ini sudah punya akun. Masuk dulu, lalu buka tautan ini lagi."),
                    code="has_account",
                )
            user_id = accounts.create_user(name=name, email=invitation.email, password=password).id
        user = session.get_one(User, user_id)
        member = _join(session, user_id, Role(invitation.role), _place(invitation))
        invitation.accepted_at = clock.now()
        actor = Actor(user_id=user_id, name=user.name, role=Role(invitation.role))
        audit.record(session, actor, "member.joined", member, after={"role": invitation.role})
    return member


def _join(session: Session, user_id: int, role: Role, where: dict[str, int | None]) -> Membership:
    """A membership; one that had ended begins again with the new role."""
    query = select(Membership).where(Membership.user_id == user_id, *in_place(Membership, where))
    member = session.scalar(query.with_for_update())
    if member is None:
        member = Membership(user_id=user_id, role=role.value, created_at=clock.now(), **where)
        session.add(member)
    elif not member.is_active or Role(member.role) not in rules.LEADING:
        member.role = role.value
    member.is_active = True
    session.flush()
    return member


@retry_on_conflict
def grant_membership(
    *,
    actor: Actor,
    user_id: int,
    role: Role,
    seller_id: int | None = None,
    operator_id: int | None = None,
    office_id: int | None = None,
) -> Membership:
    """Give a person a role at once, without an invitation (the office in person, or the command line)."""
    with unit_of_work() as session:
        where = {"seller_id": seller_id, "operator_id": operator_id, "office_id": office_id}
        _name, region = require_manager(session, actor, **where)
        if not actor.is_office:
            raise Forbidden(_("Undang orang ini lewat surel."))
        if role not in rules.roles_in(**where):
            raise InvalidInput(_("Peran ini tidak ada di organisasi itu."))
        member = _join(session, user_id, role, where)
        audit.record(session, actor, "member.granted", member, after={"role": role}, region=region)
    return member


@retry_on_conflict
def enrol_person(
    *,
    actor: Actor,
    name: str,
    phone: str | None,
    email: str | None,
    role: Role,
    seller_id: int | None = None,
    operator_id: int | None = None,
) -> User:
    """An officer makes an account for somebody who stands at the desk, and their membership with it.

    The person has no password yet: they sign in with a one-time code that the officer gives them.
    """
    common.allow(actor, Permission.REGISTRY_EDIT)
    with unit_of_work():
        found = people.user_by(phone or "") or people.user_by(email or "")
        user = found or accounts.create_user(actor=actor, name=name, email=email, phone=phone)
        grant_membership(
            actor=actor, user_id=user.id, role=role, seller_id=seller_id, operator_id=operator_id
        )
    return user


@retry_on_conflict
def change_role(*, actor: Actor, membership_id: int, role: Role) -> Membership:
    """Another role for a member. The last leader keeps theirs."""
    with unit_of_work() as session:
        member, region = _lock_member(session, actor, membership_id)
        if role not in rules.roles_in(**_place(member)):
            raise InvalidInput(_("Pilih peran dari daftar."), {"role": _("Pilih peran dari daftar.")})
        if role != rules.leading_role(Role(member.role)):
            _keep_a_leader(session, member)
        before = member.role
        member.role = role.value
        audit.record(
            session,
            actor,
            "member.role_changed",
            member,
            before={"role": before},
            after={"role": role},
            region=region,
        )
    return member


@retry_on_conflict
def remove_member(*, actor: Actor, membership_id: int) -> Membership:
    """End a membership. The last leader cannot be removed."""
    with unit_of_work() as session:
        member, region = _lock_member(session, actor, membership_id)
        _keep_a_leader(session, member)
        member.is_active = False
        audit.record(session, actor, "member.removed", member, before={"role": member.role}, region=region)
    return member


def _lock_member(session: Session, actor: Actor, membership_id: int) -> tuple[Membership, str]:
    member = session.get(Membership, membership_id)
    if member is None or not member.is_active:
        raise NotFound(_("Anggota ini tidak ada, atau bukan untuk akun Anda."))
    _name, region = require_manager(session, actor, **_place(member))  # locks the organization
    session.refresh(member, with_for_update=True)
    if not member.is_active:
        raise NotFound(_("Anggota ini tidak ada, atau bukan untuk akun Anda."))
    return member, region


def _keep_a_leader(session: Session, member: Membership) -> None:
    leading = rules.leading_role(Role(member.role))
    if Role(member.role) != leading:
        return
    others = select(func.count()).where(
        Membership.is_active,
        Membership.role == leading.value,
        Membership.id != member.id,
        *in_place(Membership, _place(member)),
    )
    if not session.scalar(others):
        raise RuleBroken(
            _(
                "Harus ada paling sedikit satu %(role)s. Angkat orang lain dulu.",
                role=str(ROLE_LABELS[leading]),
            ),
            code="last_leader",
        )
