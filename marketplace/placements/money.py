"""What settlements add to the app: pages, papers, mail about money, the night's drafts, command and audit."""

from __future__ import annotations

from flask import Flask, render_template
from markupsafe import Markup
from sqlalchemy.orm import Session

from .. import audits, documents, jobs, signals, web
from ..documents import Verified
from ..i18n import _, format_day
from ..money import format_rupiah
from ..payments import documents as payment_documents
from ..permissions import Permission
from . import papers, settling_audit
from .cli import settle_command
from .models import Settlement
from .queries import pace
from .queries.settlement_page import settlement_by_code
from .services import money_mail, settled, settling
from .views import settlements as pages

__all__ = ["init_app", "settled", "settling"]


def init_app(app: Flask) -> None:
    """Register what settlements add."""
    app.register_blueprint(pages.blueprint)
    app.register_blueprint(pages.office)
    papers.register("settlement", settlement_paper)
    payment_documents.register("settlement", lambda key: f"/settlements/{key}")
    documents.register_verifier(app, verified_settlement)
    signals.payment_changed.connect(money_mail.tell_of_payment)
    signals.refund_changed.connect(money_mail.tell_of_refund)
    jobs.nightly(app, money_mail.settle_nightly)
    audits.register(app, "settlements", settling_audit.differences, of=settling_audit.TABLES)
    app.cli.add_command(settle_command)
    web.register_panel(app, "before_signing", before_signing)


def before_signing(operator_id: int) -> Markup:
    """How long a store's money takes, for a seller that thinks of signing with it."""
    found = pace.days_to_money(operator_id)
    return Markup(render_template("placements/before_signing.html", pace=found))  # noqa: S704


def settlement_paper(session: Session, settlement_id: int) -> papers.Paper | None:
    """A settlement as a paper that both may write about."""
    row = session.get(Settlement, settlement_id)
    if row is None:
        return None
    name = (
        _("Penyelesaian %(number)s", number=row.number)
        if row.number
        else _("Konsep penyelesaian sampai %(day)s", day=format_day(row.last_day))
    )
    path = f"/settlements/{row.id}"
    return papers.Paper(row.outlet_id, row.seller_id, name, path, Permission.SETTLEMENT_VIEW)


def verified_settlement(code: str) -> Verified | None:
    """What anyone may compare with a statement or a bill on paper."""
    found = settlement_by_code(code)
    if found is None:
        return None
    return Verified(
        heading=_("Penyelesaian ini asli"),
        lead=_(
            "Penyelesaian %(number)s dan nota tagihan %(bill)s.", number=found.number, bill=found.bill_number
        ),
        facts=[
            (_("Toko"), found.outlet_name),
            (_("Perusahaan"), found.operator_name),
            (_("UMKM"), found.seller_name),
            (_("Masa penjualan"), f"{format_day(found.first_day)} – {format_day(found.last_day)}"),
            (_("Dibayar kepada penjual"), format_rupiah(found.net_rupiah)),
            (_("Jatuh tempo"), format_day(found.due_on)),
        ],
    )
