"""Commands about people. `users create` belongs to organizations, which knows the roles."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from ..permissions import SYSTEM
from . import queries, services

tokens_group = AppGroup("tokens", help="Keys that programs show to the API.")


@tokens_group.command("create")
@click.option("--email", required=True, help="Whose rights it has: an e-mail address or phone number.")
@click.option("--name", default="command line", show_default=True, help="What the token is for.")
def create_token(email: str, name: str) -> None:
    """Make a token and print it as the last word."""
    user = queries.user_by(email)
    if user is None:
        raise click.ClickException(f"nobody signs in as {email}; make the user first: users create")
    token = services.create_token(actor=SYSTEM, user_id=user.id, name=name)
    click.echo(f"token for {user.name}, shown only now: {token}")
