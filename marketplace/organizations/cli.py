"""Commands about people in organizations: `users create`."""

from __future__ import annotations

import secrets
from typing import Any

import click
from flask.cli import AppGroup
from sqlalchemy import select

from ..accounts import queries as people
from ..accounts import services as accounts
from ..db import db, unit_of_work
from ..errors import MarketplaceError
from ..permissions import SYSTEM, Role
from . import services
from .models import Operator, Seller

users_group = AppGroup("users", help="People who sign in.")
ROLE_NAMES = {"owner": {"seller": Role.SELLER_OWNER, "operator": Role.BUYER_OWNER}}
ROLE_NAMES |= {"manager": {"seller": Role.SELLER_MANAGER, "operator": Role.BUYER_MANAGER}}
ROLE_NAMES |= {"staff": {"seller": Role.SELLER_STAFF, "operator": Role.BUYER_STAFF}}


@users_group.command("create")
@click.option("--email", required=True, help="Address by which the person signs in.")
@click.option(
    "--role",
    required=True,
    help="admin, officer, head, coach, or owner, manager, staff of a seller or retailer.",
)
@click.option("--office", help="Region code of the office, such as 33.72; it is made when it is not there.")
@click.option("--seller", help="seller_ref of the seller.")
@click.option("--operator", help="operator_ref of the retailer.")
@click.option("--name", help="Name of the person; the address's first part when left out.")
@click.option("--phone", help="Phone number by which the person signs in as well.")
@click.option("--password", help="Password; a random one is printed when left out.")
def create_user(
    email: str,
    role: str,
    office: str | None,
    seller: str | None,
    operator: str | None,
    name: str | None,
    phone: str | None,
    password: str | None,
) -> None:
    """Make a person with a role. A person who is there already only gets the role. Never prompts."""
    try:
        with unit_of_work():
            where = _place(office, seller, operator)
            chosen = _role(role, where)
            if chosen is Role.ADMIN:
                where = {}
            found = people.user_by(email)
            secret = password or secrets.token_urlsafe(12)
            user = found or accounts.create_user(
                actor=SYSTEM,
                name=name or email.split("@", maxsplit=1)[0],
                email=email,
                phone=phone,
                password=secret,
            )
            services.grant_membership(actor=SYSTEM, user_id=user.id, role=chosen, **where)
    except MarketplaceError as error:
        raise click.ClickException(error.message) from error
    click.echo(f"{user.name} <{email}> is {chosen.value}")
    if found is None and password is None:
        click.echo(f"password, shown only now: {secret}")


def _place(office: str | None, seller: str | None, operator: str | None) -> dict[str, int]:
    given = [word for word in (office, seller, operator) if word]
    if len(given) > 1:
        raise click.UsageError("give one of --office, --seller, --operator")
    if office:
        made = services.create_office(actor=SYSTEM, region_code=office, name=f"Dinas UMKM {office}")
        return {"office_id": made.id}
    if seller:
        return {"seller_id": _id_of(select(Seller.id).where(Seller.seller_ref == seller), seller)}
    if operator:
        return {"operator_id": _id_of(select(Operator.id).where(Operator.operator_ref == operator), operator)}
    return {}


def _id_of(query: Any, ref: str) -> int:
    found = db.session.scalar(query)
    if found is None:
        raise click.ClickException(f"nothing has the reference {ref}")
    return int(found)


def _role(name: str, where: dict[str, int]) -> Role:
    kind = next(iter(where), "").removesuffix("_id")
    by_kind = ROLE_NAMES.get(name, {})
    if kind in by_kind:
        return by_kind[kind]
    if name not in set(Role):
        known = ", ".join([*ROLE_NAMES, *Role])
        raise click.UsageError(f"--role is one of {known}")
    role = Role(name)
    needs = {"office": {Role.OFFICER, Role.HEAD, Role.COACH}}
    needs |= {"seller": {r for r in Role if r.startswith("seller")}}
    needs |= {"operator": {r for r in Role if r.startswith("buyer")}}
    for place, roles in needs.items():
        if role in roles and kind != place:
            raise click.UsageError(f"the role {name} needs --{place}")
    return role
