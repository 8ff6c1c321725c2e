"""Who may open what: every address declares it, and what it declares holds for every role."""

from __future__ import annotations

import pytest
from flask import Flask
from werkzeug.routing import AnyConverter, Rule

from marketplace import permissions
from marketplace.permissions import ROLE_PERMISSIONS, Actor, Permission, Role, declared, within
from tests import factories
from tests.core.test_security import path_of
from tests.support.signing import bearer, sign_in, sign_out
from tests.support.town import COOKIE

ROLES = list(Role)
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""Who may do what does not depend on the database, and the walk is long."""
SHORT = {"Accept": "application/json"}
"""Asks for refusals in a line. As pages they are all the same one, which takes longer than to find them."""


def actor_of(role: Role) -> Actor:
    """Somebody in this role, in an organization of the kind it needs."""
    if role in {Role.SELLER_OWNER, Role.SELLER_MANAGER, Role.SELLER_STAFF}:
        return factories.member(role, seller_id=factories.seller().id)
    if role in {Role.BUYER_OWNER, Role.BUYER_MANAGER, Role.BUYER_STAFF}:
        return factories.member(role, operator_id=factories.operator().id)
    return factories.member(role) if role is Role.ADMIN else factories.officer(role)


def rules_of(app: Flask, method: str) -> list[Rule]:
    """Every address that answers this method, files aside."""
    return [
        rule
        for rule in app.url_map.iter_rules()
        if method in (rule.methods or ()) and not rule.endpoint.endswith("static")
    ]


def names_a_thing(rule: Rule) -> bool:
    """Whether the address holds a number or word that has to exist."""
    return any(not isinstance(converter, AnyConverter) for converter in rule._converters.values())


def refused_or_missing(actor: Actor, rule: Rule, permission: Permission | None) -> bool:
    """Whether the answer can be no page of its own, but only that of a refusal."""
    return names_a_thing(rule) or (permission is not None and not actor.can(permission))


@ON_SQLITE
def test_every_address_declares_who_may_open_it(app):
    for rule in app.url_map.iter_rules():
        declared(app, rule.endpoint)


@ON_SQLITE
def test_the_app_refuses_to_start_with_an_address_that_declares_nothing(own_app):
    own_app.add_url_rule("/undeclared", "undeclared", lambda: "hello")
    with pytest.raises(LookupError, match="undeclared"):
        permissions.check_declared(own_app)


@ON_SQLITE
def test_every_permission_is_somebodys_and_every_role_has_its_own(app):
    given = frozenset().union(*ROLE_PERMISSIONS.values())
    assert given == set(Permission)
    assert set(ROLE_PERMISSIONS) == set(Role)
    assert all(permissions.ROLE_LABELS[role] for role in Role)


def test_signed_out_people_open_public_pages_only(app, client):
    for rule in rules_of(app, "GET"):
        answer = client.get(path_of(rule))
        if declared(app, rule.endpoint) is None:
            assert answer.status_code < 500, rule.rule
            assert "/sign-in" not in (answer.location or ""), rule.rule
        elif rule.rule.startswith("/api/"):
            assert answer.status_code == 401, rule.rule
        else:
            assert answer.status_code == 302, rule.rule
            assert answer.location.startswith("/sign-in?next=/"), rule.rule


@ON_SQLITE
@pytest.mark.parametrize("role", ROLES)
def test_a_role_opens_what_its_permissions_say_and_nothing_else(app, client, role):
    """Things are asked for by a number nobody has: 404 for those who may, 403 for the others."""
    actor = actor_of(role)
    sign_in(client, actor)
    headers = bearer(actor)
    assert client.get("/nothing/here").status_code == 404
    wrong = []
    for rule in rules_of(app, "GET"):
        is_api = rule.rule.startswith("/api/")
        permission = declared(app, rule.endpoint)
        short = SHORT if refused_or_missing(actor, rule, permission) else {}
        answer = client.get(path_of(rule), headers=headers if is_api else short)
        if permission is not None and not actor.can(permission):
            if answer.status_code != 403:
                wrong.append(f"{rule.rule} ({permission}): {answer.status_code}, not 403")
        elif answer.status_code == 403 and permission is Permission.ACCOUNT_USE and is_api:
            continue  # open to everybody who has an account, for their own organization's things
        elif answer.status_code == 403 or answer.status_code >= 500:
            wrong.append(f"{rule.rule} ({permission}): {answer.status_code}")
        elif names_a_thing(rule) and not is_api and answer.status_code not in {301, 302, 308, 404, 410, 422}:
            wrong.append(f"{rule.rule}: {answer.status_code} for a thing that does not exist")
        elif not names_a_thing(rule) and not is_api and answer.status_code not in {200, 302, 404, 422}:
            wrong.append(f"{rule.rule} ({permission}): {answer.status_code}")
    assert wrong == []


@ON_SQLITE
@pytest.mark.parametrize("role", [None, *ROLES])
def test_nobody_writes_what_their_role_may_not(app, client, role):
    if role is None:
        sign_out(client)
        headers = {}
    else:
        actor = actor_of(role)
        sign_in(client, actor)
        headers = bearer(actor)
    wrong = []
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        for rule in rules_of(app, method):
            permission = declared(app, rule.endpoint)
            if permission is None or (role is not None and permission in ROLE_PERMISSIONS[role]):
                continue
            is_api = rule.rule.startswith("/api/")
            answer = client.open(path_of(rule), method=method, headers=headers if is_api else SHORT)
            if answer.status_code != (401 if role is None else 403):
                wrong.append(f"{method} {rule.rule} ({permission}): {answer.status_code}")
    assert wrong == []


@ON_SQLITE
@pytest.mark.parametrize("role", ROLES)
def test_an_empty_or_senseless_form_never_breaks_anything(app, client, role):
    actor = actor_of(role)
    headers, cookie = bearer(actor), None
    wrong = []
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        for rule in rules_of(app, method):
            permission = declared(app, rule.endpoint)
            if permission is not None and not actor.can(permission):
                continue
            if cookie is None or client.get_cookie(COOKIE) != cookie:
                cookie = sign_in(client, actor).get_cookie(COOKIE)
            is_api, short = rule.rule.startswith("/api/"), SHORT if names_a_thing(rule) else {}
            answer = client.open(path_of(rule), method=method, headers=headers if is_api else short)
            if answer.status_code >= 500 or (answer.status_code == 401 and permission is not None):
                wrong.append(f"{method} {rule.rule}: {answer.status_code}")
    assert wrong == []


@pytest.mark.parametrize(
    ("code", "prefix", "expected"),
    [
        ("33.72.01", "33.72", True),
        ("33.72", "33.72", True),
        ("33.72.01", "33.7", False),
        ("33.720", "33.72", False),
        ("33.72", "33.72.01", False),
        ("33.72", "", True),
    ],
)
def test_regions_match_by_whole_levels(code, prefix, expected):
    assert within(code, prefix) is expected


def test_an_office_sees_its_region_and_nobody_else_sees_any():
    officer = Actor(1, "O", role=Role.OFFICER, office_id=1, region="33.72")
    assert officer.sees_region("33.72.04.1010")
    assert not officer.sees_region("33.73.01.1001")
    assert Actor(2, "A", role=Role.ADMIN).sees_region("11.01")
    assert not Actor(3, "S", role=Role.SELLER_OWNER, seller_id=1).sees_region("33.72")


def test_somebody_without_an_organization_may_use_their_account_and_no_more():
    newcomer = Actor(1, "Baru")
    assert newcomer.can(Permission.ACCOUNT_USE)
    assert not any(
        newcomer.can(permission) for permission in Permission if permission != Permission.ACCOUNT_USE
    )
    assert not permissions.NOBODY.can(Permission.ACCOUNT_USE)
