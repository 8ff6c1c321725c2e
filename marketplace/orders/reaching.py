"""How people hear of orders beside their pages: mails at each step, and a reminder before a deadline."""

from __future__ import annotations

from flask import Flask

from .. import jobs, signals
from .services import letters
from .services.reminding import remind_of_deadlines


def init_app(app: Flask) -> None:
    """Listen to what happens, and remind each minute."""
    signals.order_moved.connect(letters.promise_step)
    signals.claim_moved.connect(letters.promise_claim)
    jobs.each_minute(app, reminders_each_minute)


def reminders_each_minute() -> None:
    """Remind those whose last day it is."""
    remind_of_deadlines()
