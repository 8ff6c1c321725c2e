"""Parcels, papers, the bookkeeper's tables and turnover: their pages, places, and what they add to others."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

from flask import Flask

from .. import audits, web
from ..documents import register_verifier
from ..i18n import N_
from ..permissions import Actor, Permission
from ..placements.hooks import MoreWork, register_more_work
from . import parcel_audit
from .queries.verifying import verified_paper
from .services import receipts
from .views import books, papers, parcels, turnover

__all__ = ["init_app", "receipts"]


def init_app(app: Flask) -> None:
    """Register them."""
    for pages in (books, papers, parcels, turnover):
        app.register_blueprint(pages.blueprint)
    register_verifier(app, verified_paper)
    audits.register(app, "parcels", parcel_audit.differences, of=parcel_audit.TABLES)
    web.register_panel(app, "product_content", parcels.product_panel)
    web.register_panel(app, "order", papers.order_panel)
    register_more_work(app, MoreWork(parcels.seller_tasks, _no_sections, _nowhere))
    entry = web.NavEntry
    web.register_nav(
        app,
        entry(N_("Parsel"), "box-seam", "parcels.parcels", _makes_parcels, 63, ("/parcels",)),
        entry(N_("Omzet"), "bar-chart", "turnover.turnover", _has_turnover, 64, ("/turnover",)),
        entry(
            N_("Pembukuan"), "file-earmark-spreadsheet", "books.books", _keeps_books, 72, ("/orders/books",)
        ),
    )


def _no_sections(_actor: Actor, _outlet_id: int, _day: date) -> list[Any]:
    """Parcels ask nothing of an outlet."""
    return []


def _nowhere(_actor: Actor) -> Counter[int]:
    return Counter()


def _makes_parcels(actor: Actor) -> bool:
    return actor.seller_id is not None and actor.can(Permission.AGREEMENT_VIEW)


def _has_turnover(actor: Actor) -> bool:
    return actor.seller_id is not None and actor.can(Permission.SETTLEMENT_VIEW)


def _keeps_books(actor: Actor) -> bool:
    owns = actor.seller_id is not None or actor.buyer_id is not None
    return owns and actor.can(Permission.SETTLEMENT_VIEW)
