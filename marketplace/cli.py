"""Commands of the core: the worker, backups."""

from __future__ import annotations

import signal
import threading

import click
from flask import Flask, current_app

from . import jobs


def init_app(app: Flask) -> None:
    """Add the core's commands."""
    app.cli.add_command(worker_command)


@click.command("worker")
def worker_command() -> None:
    """Do queued work until told to stop (Ctrl-C or SIGTERM)."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    jobs.run_worker(app, stop)
