"""Commands of the core: the worker, backups."""

from __future__ import annotations

import signal
import threading
from pathlib import Path

import click
from flask import Flask, current_app
from flask.cli import with_appcontext

from . import backups, jobs


def init_app(app: Flask) -> None:
    """Add the core's commands."""
    for command in (worker_command, backup_command, restore_command):
        app.cli.add_command(command)


@click.command("worker")
def worker_command() -> None:
    """Do queued work until told to stop (Ctrl-C or SIGTERM)."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    jobs.run_worker(app, stop)


@click.command("backup")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--without-keys", is_flag=True, help="Leave out the keys, which are then kept elsewhere.")
@with_appcontext
def backup_command(file: Path, *, without_keys: bool) -> None:
    """Write database, media and keys to one new FILE, while people work."""
    try:
        size = backups.write_backup(file, with_keys=not without_keys)
    except backups.BackupRefused as refused:
        raise click.ClickException(str(refused)) from refused
    click.echo(f"backup: {file}, {size:,} bytes, readable by its owner only")
    if current_app.config["DATA_KEYS"]:
        click.echo(
            "backup: DATA_KEYS stands in the environment and is not in the file; keep it safe", err=True
        )


@click.command("restore")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@with_appcontext
def restore_command(file: Path) -> None:
    """Put back what `backup` wrote to FILE. Stop server and worker first; what was there is kept."""
    try:
        manifest = backups.read_backup(file)
    except backups.BackupRefused as refused:
        raise click.ClickException(str(refused)) from refused
    click.echo(f"restore: everything is as it was at {manifest['made_at']}")
    click.echo("restore: now run `flask --app wsgi db upgrade`, then `flask --app wsgi audit`", err=True)
