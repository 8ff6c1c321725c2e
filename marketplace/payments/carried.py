"""What carrying money adds to the app: the provider, its pages and events, and what the worker asks it."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask, current_app

from .. import jobs, web
from ..i18n import N_
from ..permissions import Actor, Permission
from . import providers
from .services import events, sweeping
from .views import online, payouts, provider_events


def init_app(app: Flask) -> None:
    """Register the provider that PAYMENT_PROVIDER names, and all that goes with it."""
    providers.init_app(app)
    for views in (online, payouts, provider_events):
        app.register_blueprint(views.blueprint)
    jobs.each_minute(app, sweeping.sweep)
    jobs.nightly(app, events_nightly)
    app.jinja_env.globals["online_carrier"] = online_carrier
    web.register_nav(
        app,
        web.NavEntry(
            N_("Ditahan penyedia"),
            "bank",
            "payouts.held",
            _is_platform,
            order=70,
            prefixes=("/payments/payouts", "/payments/online"),
        ),
    )


def events_nightly() -> None:
    """Forget events that are old."""
    events.forget_events(timedelta(days=current_app.config["PROVIDER_EVENT_DAYS"]))


def online_carrier() -> str:
    """Who carries money, as people know it; empty where nobody does."""
    return providers.provider().label


def _is_platform(actor: Actor) -> bool:
    return actor.can(Permission.PLATFORM_MANAGE) and providers.provider().is_open
