"""The demo city: an invented Surakarta with makers, shops and a year of trade. May use every area."""

from __future__ import annotations

import click
from flask import Flask
from flask.cli import AppGroup, with_appcontext

from ..i18n import _
from . import load, people


def init_app(app: Flask) -> None:
    """Add the command and show the accounts on the sign-in page while DEMO is on."""
    app.cli.add_command(demo)
    app.extensions["etalase_demo_accounts"] = [
        (account.about, account.email, people.PASSWORD) for account in people.ACCOUNTS
    ]


@click.group("demo", cls=AppGroup, invoke_without_command=True)
@click.option("--if-empty", is_flag=True, help="Do nothing when there are organizations already.")
@click.pass_context
@with_appcontext
def demo(context: click.Context, if_empty: bool) -> None:
    """Load the demo city into an empty database; finish it where it was cut short."""
    if context.invoked_subcommand is not None:
        return
    if load.state() is load.State.FULL:
        if not if_empty:
            click.echo(
                _("Basis data ini sudah berisi. Kota peraga hanya dimuat ke basis data kosong."), err=True
            )
            context.exit(2)
        return
    load.load(lambda step: click.echo(step, err=True))


@demo.command("accounts")
def accounts() -> None:
    """Print who can sign in to the demo city, one on a line."""
    people.accounts_told(click.echo)
