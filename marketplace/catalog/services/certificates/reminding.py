"""A seller is reminded before a paper ends, and once after."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from .... import clock
from ....db import insert_into, retry_on_conflict, unit_of_work
from ....permissions import SYSTEM
from ...models import Certificate, CertificateReminder
from ...queries import certificates as queries
from ...rules import papers
from .. import letters
from .handling import note, spoken


@retry_on_conflict
def remind(certificate_id: int, day: date) -> bool:
    """Remind a certificate's seller if a step of papers.REMINDER_DAYS is due; False when none was.

    Safe to run twice and by two workers at once: what was settled is a unique row.
    """
    with unit_of_work() as session:
        certificate = session.get_one(Certificate, certificate_id, populate_existing=True)
        expires_on = certificate.expires_on
        if expires_on is None or not queries.is_to_be_renewed(session, certificate, day):
            return False
        sent = session.scalars(
            select(CertificateReminder.days_before).where(
                CertificateReminder.certificate_id == certificate.id,
                CertificateReminder.expires_on == expires_on,
            )
        )
        due = papers.due_reminder(expires_on, day, frozenset(sent))
        settled = [_settle_reminder(session, certificate.id, expires_on, step) for step in due]
        if not settled or not settled[0]:
            return False
        note(session, SYSTEM, certificate, "reminded")
        letters.write(
            session, certificate.seller_id, "certificate_expiring",
            paper=spoken(certificate), day=expires_on.isoformat(), left=(expires_on - day).days,
            path=f"/seller/certificates/new?renews={certificate.id}",
        )  # fmt: skip
        return True


def _settle_reminder(session: Session, certificate_id: int, expires_on: date, days_before: int) -> bool:
    """Whether this call was the first to settle the step."""
    insert = insert_into(session, CertificateReminder).values(
        certificate_id=certificate_id, expires_on=expires_on, days_before=days_before, recorded_at=clock.now()
    )
    keys = ["certificate_id", "expires_on", "days_before"]
    done = insert.on_conflict_do_nothing(index_elements=keys).returning(CertificateReminder.id)
    return session.scalar(done) is not None
