"""What goes with a draft that is thrown away: its reviews, its certificates, and the files of those."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from ... import outbox, signals
from ...backends.storage import current_storage
from ..models import (
    ApprovedPrice,
    Certificate,
    CertificateEvent,
    CertificateReminder,
    Review,
    ReviewEvent,
)

FORGET = "paper.forget"


def listen() -> None:
    """Hear of products that are about to be deleted."""
    signals.products_deleting.connect(forget)


def forget(session: Session, product_ids: list[int], **_more: Any) -> None:
    """Delete what curation and certificates keep of these products, in the sender's unit of work."""
    reviews = select(Review.id).where(Review.product_id.in_(product_ids))
    papers = select(Certificate.id).where(Certificate.product_id.in_(product_ids))
    keys = session.scalars(select(Certificate.file_key).where(Certificate.product_id.in_(product_ids)))
    for key in [key for key in keys if key]:
        outbox.enqueue(session, FORGET, {"key": key})
    for statement in (
        delete(ReviewEvent).where(ReviewEvent.review_id.in_(reviews)),
        delete(Review).where(Review.product_id.in_(product_ids)),
        delete(ApprovedPrice).where(ApprovedPrice.product_id.in_(product_ids)),
        delete(CertificateEvent).where(CertificateEvent.certificate_id.in_(papers)),
        delete(CertificateReminder).where(CertificateReminder.certificate_id.in_(papers)),
        delete(Certificate).where(Certificate.product_id.in_(product_ids)),
    ):
        session.execute(statement.execution_options(synchronize_session="fetch"))


@outbox.handles(FORGET)
def forget_file(payload: dict[str, Any]) -> None:
    """Delete a certificate's file. Done twice it does no harm."""
    current_storage().delete(payload["key"])
