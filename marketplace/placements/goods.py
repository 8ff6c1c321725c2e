"""What goods on their way, differences and messages add to the app."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Flask
from sqlalchemy.orm import Session

from .. import audits, documents, jobs
from ..documents import Verified
from ..i18n import _, format_day, format_number
from ..permissions import current_actor
from . import goods_audit, papers
from .models import (
    Delivery,
    DeliveryState,
    Destruction,
    Difference,
    DifferenceKind,
    ReturnNote,
    ReturnState,
)
from .queries import deliveries as delivery_reads
from .queries import differences as difference_reads
from .queries import messages as message_reads
from .queries.destructions import minutes_by_code
from .queries.returns import note_by_code
from .rules.differences import DIFFERENCE_WORDS
from .services.differences import on_settled
from .services.expiry import warn_of_expiry
from .services.receiving import post_missing
from .views import deliveries as delivery_pages
from .views import destructions as destruction_pages
from .views import differences as difference_pages
from .views import goods as goods_pages
from .views import returns as return_pages


def init_app(app: Flask) -> None:
    """Register pages, papers, jobs, and what templates may ask."""
    for pages in (difference_pages, delivery_pages, return_pages, destruction_pages, goods_pages):
        app.register_blueprint(pages.blueprint)
    papers.register("difference", difference_paper)
    papers.register("delivery", delivery_paper)
    papers.register("return", return_paper)
    papers.register("destruction", destruction_paper)
    for verifier in (verified_delivery, verified_return, verified_destruction):
        documents.register_verifier(app, verifier)
    jobs.nightly(app, expiry_nightly)
    audits.register(app, "goods", goods_audit.differences, of=goods_audit.TABLES)
    for kind in (DifferenceKind.DELIVERY_SHORT, DifferenceKind.DELIVERY_DAMAGED):
        on_settled(kind, post_missing)
    app.jinja_env.globals.update(
        conversation_on=conversation_on,
        differences_on=differences_on,
        form_key=lambda: secrets.token_hex(12),
    )


def expiry_nightly() -> None:
    """Tell both sides of lots that expire soon."""
    warn_of_expiry()


def conversation_on(document_kind: str, document_id: int) -> message_reads.Conversation:
    """The messages on a document and who saw them, for macros/loop.html."""
    return message_reads.conversation(current_actor(), document_kind, document_id)


def differences_on(document_kind: str, document_id: int) -> list[Any]:
    """The differences of a document, for macros/loop.html."""
    return difference_reads.differences_on(current_actor(), document_kind, document_id)


def difference_paper(session: Session, difference_id: int) -> papers.Paper | None:
    """A difference as a paper, so that both may write about it."""
    row = session.get(Difference, difference_id)
    if row is None:
        return None
    word = DIFFERENCE_WORDS[DifferenceKind(row.kind)]
    name = _("Selisih: %(what)s", what=word)
    return papers.Paper(row.outlet_id, row.seller_id, name, f"/differences/{row.id}")


def delivery_paper(session: Session, delivery_id: int) -> papers.Paper | None:
    """A delivery note as a paper."""
    row = session.get(Delivery, delivery_id)
    if row is None:
        return None
    name = _("Surat jalan %(number)s", number=row.name)
    return papers.Paper(row.outlet_id, row.seller_id, name, f"/deliveries/{row.id}")


def verified_delivery(code: str) -> Verified | None:
    """What anyone may compare with a delivery note on paper."""
    found = delivery_reads.sent_by_code(code)
    if found is None:
        return None
    row, outlet, seller, units = found
    states = {
        DeliveryState.SENT: _("dalam perjalanan"),
        DeliveryState.RECEIVED: _("sudah diterima toko"),
        DeliveryState.CANCELLED: _("dibatalkan pengirim"),
    }
    state = DeliveryState(row.state)
    return Verified(
        heading=_("Surat jalan ini asli"),
        lead=_("Surat jalan %(number)s, %(state)s.", number=row.name, state=states[state]),
        facts=[
            (_("Pengirim"), seller),
            (_("Penerima"), outlet),
            (_("Tanggal kirim"), format_day(row.sent_on) if row.sent_on else ""),
            (_("Jumlah barang"), format_number(units)),
        ],
        notes=[("short", _("Surat jalan ini dibatalkan."))] if state is DeliveryState.CANCELLED else [],
    )


def return_paper(session: Session, return_id: int) -> papers.Paper | None:
    """A return note as a paper."""
    row = session.get(ReturnNote, return_id)
    if row is None:
        return None
    name = _("Retur %(number)s", number=row.number)
    return papers.Paper(row.outlet_id, row.seller_id, name, f"/returns/{row.id}")


def destruction_paper(session: Session, destruction_id: int) -> papers.Paper | None:
    """Destruction minutes as a paper."""
    row = session.get(Destruction, destruction_id)
    if row is None:
        return None
    name = _("Berita acara %(number)s", number=row.number)
    return papers.Paper(row.outlet_id, row.seller_id, name, f"/destructions/{row.id}")


def verified_return(code: str) -> Verified | None:
    """What anyone may compare with a return note on paper."""
    found = note_by_code(code)
    if found is None:
        return None
    row, outlet, seller, units = found
    is_off = row.state == ReturnState.CANCELLED
    return Verified(
        heading=_("Nota retur ini asli"),
        lead=_("Nota retur %(number)s.", number=row.number),
        facts=[
            (_("Dari toko"), outlet),
            (_("Untuk"), seller),
            (_("Tanggal dibuat"), format_day(row.made_on)),
            (_("Jumlah barang"), format_number(units)),
        ],
        notes=[("short", _("Nota retur ini dibatalkan."))] if is_off else [],
    )


def verified_destruction(code: str) -> Verified | None:
    """What anyone may compare with destruction minutes on paper."""
    found = minutes_by_code(code)
    if found is None:
        return None
    row, outlet, seller, units = found
    return Verified(
        heading=_("Berita acara ini asli"),
        lead=_("Berita acara pemusnahan %(number)s.", number=row.number),
        facts=[
            (_("Toko"), outlet),
            (_("Milik"), seller),
            (_("Dimusnahkan"), format_day(row.destroyed_on)),
            (_("Jumlah barang"), format_number(units)),
        ],
    )
