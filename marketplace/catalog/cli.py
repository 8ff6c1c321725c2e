"""`flask search reindex`: the search index made anew while the old one serves."""

from __future__ import annotations

import sys

import click
from flask import Flask
from flask.cli import AppGroup, with_appcontext
from rich.console import Console
from rich.progress import Progress

from .services.indexing import rebuild

search_commands = AppGroup("search", help="The search index.")


def init_app(app: Flask) -> None:
    """Add the commands."""
    app.cli.add_command(search_commands)


@search_commands.command("reindex")
@with_appcontext
def reindex() -> None:
    """Make the search index anew; safe while the site serves, and at any time."""
    with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task("search", total=None)
        count = rebuild(lambda done, total: progress.update(task, completed=done, total=total))
    click.echo(f"search: {count} products indexed")
