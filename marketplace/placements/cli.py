"""`flask settle`: close the cycles of a whole city up to a day."""

from __future__ import annotations

import json
from datetime import datetime

import click
from flask.cli import with_appcontext
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from ..errors import MarketplaceError
from ..i18n import _, format_number
from ..money import format_rupiah
from .services.settling import Counts, settle_until


@click.command("settle")
@click.option("--until", required=True, type=click.DateTime(["%Y-%m-%d"]), help="Last day, as 2026-10-31.")
@click.option("--issue", is_flag=True, help="Issue the settlements; without it they are drafts.")
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", help="text (default) or json."
)
@with_appcontext
def settle_command(until: datetime, issue: bool, form: str) -> None:
    """Draft (or issue) the settlement of every cycle that ended by a day, for all outlets.

    Run again it finds nothing more to do; broken off, it goes on where it was.
    """
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(_("Perjanjian"), total=None)

        def told(counts: Counts, total: int) -> None:
            progress.update(task, completed=counts.agreements, total=total)

        try:
            counts = settle_until(until.date(), issue=issue, told=told)
        except MarketplaceError as error:
            click.echo(error.message, err=True)
            raise SystemExit(2) from None
    if form == "json":
        figures = {"agreements": counts.agreements, "settlements": counts.settlements}
        click.echo(json.dumps({**figures, "lines": counts.lines, "net_rupiah": counts.rupiah}))
        return
    click.echo(
        _(
            "%(agreements)s perjanjian: %(settlements)s penyelesaian, %(lines)s baris, %(rupiah)s",
            agreements=format_number(counts.agreements),
            settlements=format_number(counts.settlements),
            lines=format_number(counts.lines),
            rupiah=format_rupiah(counts.rupiah),
        )
    )
