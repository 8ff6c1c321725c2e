"""`users create`: one command that makes a person with a role, and never asks anything."""

from __future__ import annotations

import pytest
from flask import Flask

from marketplace.accounts import queries as people
from marketplace.organizations import queries
from marketplace.permissions import Role
from tests import factories as make


def hats(email: str) -> list[tuple[Role, str]]:
    user = people.user_by(email)
    assert user
    return [(hat.role, hat.region) for hat in queries.hats_of(user.id)]


def test_a_platform_admin_needs_no_organization(app: Flask) -> None:
    run = app.test_cli_runner().invoke(
        args=["users", "create", "--email", "a@contoh.example", "--role", "admin"]
    )
    assert run.exit_code == 0, run.output
    assert "password, shown only now: " in run.output
    assert hats("a@contoh.example") == [(Role.ADMIN, "")]


def test_an_officer_brings_the_office_along(app: Flask) -> None:
    args = ["users", "create", "--email", "b@contoh.example", "--role", "head", "--office", "33.72"]
    run = app.test_cli_runner().invoke(args=[*args, "--password", "tiga kata mudah"])
    assert (run.exit_code, "password" in run.output) == (0, False)
    assert hats("b@contoh.example") == [(Role.HEAD, "33.72")]
    assert app.test_cli_runner().invoke(args=args).exit_code == 0
    assert hats("b@contoh.example") == [(Role.HEAD, "33.72")]


def test_owners_by_the_citys_reference(app: Flask) -> None:
    make.seller("U-1")
    make.operator("OP-1")
    for place, ref, role in (("--seller", "U-1", "seller_owner"), ("--operator", "OP-1", "buyer_owner")):
        args = ["users", "create", "--email", "c@contoh.example", "--role", "owner", place, ref]
        run = app.test_cli_runner().invoke(args=args)
        assert run.exit_code == 0, run.output
        assert role in run.output
    assert {role for role, _region in hats("c@contoh.example")} == {Role.SELLER_OWNER, Role.BUYER_OWNER}


@pytest.mark.parametrize(
    "args",
    [
        ["--role", "officer"],
        ["--role", "king"],
        ["--role", "owner", "--seller", "NOBODY"],
        ["--role", "officer", "--office", "99.99"],
        ["--role", "owner", "--seller", "A", "--operator", "B"],
    ],
)
def test_what_cannot_be_is_refused_and_nobody_is_made(app: Flask, args: list[str]) -> None:
    run = app.test_cli_runner().invoke(args=["users", "create", "--email", "d@contoh.example", *args])
    assert run.exit_code != 0
    assert "Traceback" not in run.output
    assert people.user_by("d@contoh.example") is None
