"""What the area registers for sales reports, stock counts and lower prices."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Flask, url_for
from sqlalchemy.orm import Session

from .. import jobs
from ..catalog.models import Product
from ..i18n import _, format_day, ngettext
from ..importing import register_kind
from ..stock.hooks import register_sales_registry
from . import papers
from .imports.sales import SALES
from .models import DifferenceKind, Markdown
from .queries.counts import CountDue
from .services.differences import on_settled
from .services.excess import book_excess
from .services.reports import Registry
from .services.silence import remind_silent_outlets
from .views import counts, markdowns, sales, sales_files
from .views.tasks import Task


def init_app(app: Flask) -> None:
    """Register pages, the registry of reports, what settles a sale beyond the shelf, the nightly reminder."""
    for pages in (sales, sales_files, counts, markdowns):
        app.register_blueprint(pages.blueprint)
    register_kind(app, SALES)
    register_sales_registry(app, Registry())
    on_settled(DifferenceKind.SALE_EXCESS, book_excess)
    papers.register("markdown", markdown_paper)
    jobs.nightly(app, remind_silently)
    app.jinja_env.globals["due_tasks"] = due_tasks


def remind_silently() -> None:
    """Remind stores that tell nothing of their sales."""
    remind_silent_outlets()


def markdown_paper(session: Session, markdown_id: int) -> papers.Paper | None:
    """A lower price as a paper, so that both may write about it."""
    row = session.get(Markdown, markdown_id)
    if row is None:
        return None
    product = session.get_one(Product, row.product_id)
    name = _("Penurunan harga %(product)s", product=product.name)
    return papers.Paper(row.outlet_id, row.seller_id, name, f"/markdowns/{row.id}")


def due_tasks(due: Sequence[CountDue]) -> list[Task]:
    """Shelves to count, as things to do."""
    return [
        Task(
            title=_("Hitung rak %(outlet)s", outlet=row.outlet_name),
            body=_("Terakhir dihitung %(day)s.", day=format_day(row.last_on))
            if row.last_on
            else _("Belum pernah dihitung."),
            icon="clipboard-check",
            kind="grace",
            url=url_for("counts.new", outlet_id=row.outlet_id),
            action=_("Mulai menghitung"),
            when=ngettext("Terlambat %(num)d hari.", "Terlambat %(num)d hari.", row.days_late)
            if row.last_on and row.days_late
            else "",
        )
        for row in due
    ]
