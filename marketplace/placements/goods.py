"""What goods on their way, differences and messages add to the app."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Flask
from sqlalchemy.orm import Session

from ..i18n import _
from ..permissions import current_actor
from . import papers
from .models import Difference, DifferenceKind
from .queries import differences as difference_reads
from .queries import messages as message_reads
from .rules.differences import DIFFERENCE_WORDS
from .views import differences as difference_pages


def init_app(app: Flask) -> None:
    """Register pages, papers, jobs, and what templates may ask."""
    app.register_blueprint(difference_pages.blueprint)
    papers.register("difference", difference_paper)
    app.jinja_env.globals.update(
        messages_on=messages_on,
        differences_on=differences_on,
        form_key=lambda: secrets.token_hex(12),
    )


def messages_on(document_kind: str, document_id: int) -> list[Any]:
    """The messages on a document, for macros/loop.html."""
    return message_reads.thread(current_actor(), document_kind, document_id)


def differences_on(document_kind: str, document_id: int) -> list[Any]:
    """The differences of a document, for macros/loop.html."""
    return difference_reads.differences_on(current_actor(), document_kind, document_id)


def difference_paper(session: Session, difference_id: int) -> papers.Paper | None:
    """A difference as a paper, so that both may write about it."""
    row = session.get(Difference, difference_id)
    if row is None:
        return None
    word = DIFFERENCE_WORDS[DifferenceKind(row.kind)]
    return papers.Paper(
        row.outlet_id, row.seller_id, _("Selisih: %(what)s", what=word), f"/differences/{row.id}"
    )
