"""The written agreement: numbered and frozen with the yes, set as a PDF once, kept unchanged."""

from __future__ import annotations

import hashlib
from typing import Any

from sqlalchemy.orm import Session

from ... import clock, documents, outbox
from ...backends.storage import current_storage
from ...db import db, unit_of_work
from ...errors import NotFound
from ...i18n import _
from ...organizations.models import Operator
from ..documents import agreement_pdf
from ..models import AgreementPaper, AgreementPaperFile, AgreementVersion
from ..queries import agreement_papers as papers
from .common import Held

SET = "agreements.paper"


def issue_paper(session: Session, held: Held, version: AgreementVersion) -> AgreementPaper:
    """Number the accepted version's paper and freeze what it says; the PDF follows after the commit."""
    now = clock.now()
    day = clock.wib_day(now)
    operator = session.get_one(Operator, held.operator_id)
    content = papers.content_of(session, version, day)
    number = documents.next_number(session, f"agreement-papers:{operator.id}:{day.year}")
    paper = AgreementPaper(
        version_id=version.id,
        number=f"PKS/{operator.operator_ref}/{day.year}/{number:04d}",
        verify_code=documents.new_code(),
        content=content,
        content_hash=papers.hash_of(content),
        issued_at=now,
    )
    session.add(paper)
    session.flush()
    outbox.enqueue(session, SET, {"version_id": version.id})
    return paper


def paper_file(version_id: int) -> bytes:
    """The PDF of a paper, always the same bytes; set now when the worker has not done so yet."""
    kept = papers.file_of(db.session(), version_id) or keep_file(version_id)
    return current_storage().get(kept.file_key)


def keep_file(version_id: int) -> AgreementPaperFile:
    """Set a paper as a PDF and keep it; of two who do so at once, the first one's file stays."""
    paper = papers.paper_of(version_id)
    if paper is None:
        raise NotFound(_("Naskah perjanjian ini tidak ada."))
    data = agreement_pdf.paper_pdf(paper.content, number=paper.number, verify_code=paper.verify_code)
    file_hash = hashlib.sha256(data).hexdigest()
    key = f"papers/agreements/{version_id}-{file_hash[:16]}.pdf"
    current_storage().put(key, data)
    with unit_of_work() as session:
        session.get_one(AgreementPaper, version_id, with_for_update=True, populate_existing=True)
        kept = papers.file_of(session, version_id)
        if kept is None:
            kept = AgreementPaperFile(
                version_id=version_id,
                file_key=key,
                file_hash=file_hash,
                size_bytes=len(data),
                made_at=clock.now(),
            )
            session.add(kept)
    if kept.file_key != key:
        current_storage().delete(key)
    return kept


@outbox.handles(SET)
def set_paper(payload: dict[str, Any]) -> None:
    """The worker's part: a paper that has its file already is left alone."""
    if papers.file_of(db.session(), payload["version_id"]) is None:
        keep_file(payload["version_id"])
