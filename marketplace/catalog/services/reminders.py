"""The catalogue's nightly work on certificates: sellers are reminded before a paper ends, and once after."""

from __future__ import annotations

import structlog

from ... import clock
from ..queries import certificates as queries
from . import certificates as services

log = structlog.get_logger()


def remind_certificates() -> None:
    """Remind the sellers whose certificates are near their last day. Safe to run twice."""
    day = clock.today()
    told = sum(services.remind(certificate_id, day) for certificate_id in queries.due_for_reminder(day))
    if told:
        log.info("sellers reminded of certificates", count=told)
