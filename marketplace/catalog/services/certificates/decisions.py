"""The office looks at a paper: verified, from now on it makes a badge; rejected, it says why."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from .... import audit, clock
from ....db import retry_on_conflict, unit_of_work
from ....errors import Conflict, InvalidInput, RuleBroken
from ....i18n import _, format_day, speaking
from ....permissions import Actor, Permission
from ...models import Certificate, CertificateState, HalalState, Product
from ...queries import certificates as queries
from ...rules import curation, papers
from .. import letters
from ..steps import checked_words
from .handling import lock_certificate, note, spoken, tell, told


@retry_on_conflict
def verify_certificate(*, actor: Actor, certificate_id: int, version: int, message: str = "") -> Certificate:
    """The office has seen the paper: from now on it makes a badge, as long as its dates hold.

    `version` is what the officer saw. Raises Conflict when the seller changed it since or somebody was
    first, RuleBroken for what can never be verified.
    """
    actor.require(Permission.CERTIFICATE_VERIFY)
    words = checked_words(message, "message")
    with unit_of_work() as session:
        certificate, region = lock_certificate(session, actor, certificate_id)
        _refuse_unless_waiting(session, certificate, version)
        if papers.is_imported(certificate.kind, certificate.number):
            raise RuleBroken(_("Nomor ini untuk barang impor, bukan buatan UMKM. Tolak dengan alasan."))
        if certificate.expires_on is not None and certificate.expires_on < clock.today():
            raise RuleBroken(
                _("Sertifikat ini habis %(day)s. Tolak, supaya penjual mengunggah yang baru.",
                  day=format_day(certificate.expires_on)),
                code="expired",
            )  # fmt: skip
        _decide(session, actor, certificate, CertificateState.VERIFIED, "verified", words)
        _write_on_product(session, certificate)
        audit.record(
            session, actor, "certificate.verified", certificate, after=told(certificate), region=region
        )
        letters.write(
            session, certificate.seller_id, "certificate_verified",
            paper=spoken(certificate), message=words, path=f"/seller/certificates/{certificate.id}",
        )  # fmt: skip
        tell(session, certificate)
        return certificate


@retry_on_conflict
def reject_certificate(
    *, actor: Actor, certificate_id: int, version: int, reasons: Sequence[str] = (), reason: str = ""
) -> Certificate:
    """Refuse a paper, or take a verification back, with what is to be mended.

    `reasons` are codes of rules.papers.READY_REASONS, `reason` the officer's own words; one is needed.
    """
    actor.require(Permission.CERTIFICATE_VERIFY)
    own_words = checked_words(reason, "reason")
    with speaking("id"):
        words = curation.reason_text(reasons, own_words, papers.READY_REASONS)
    if not words:
        sentence = _("Pilih satu alasan, atau tulis apa yang perlu diperbaiki.")
        raise InvalidInput(sentence, fields={"reason": sentence})
    with unit_of_work() as session:
        certificate, region = lock_certificate(session, actor, certificate_id)
        is_taken_back = certificate.state == CertificateState.VERIFIED and certificate.version == version
        if not is_taken_back:
            _refuse_unless_waiting(session, certificate, version)
        certificate.reason = words
        _decide(session, actor, certificate, CertificateState.REJECTED, "rejected", words)
        audit.record(
            session, actor, "certificate.rejected", certificate, reason=words, after=told(certificate),
            region=region,
        )  # fmt: skip
        letters.write(
            session, certificate.seller_id, "certificate_rejected",
            paper=spoken(certificate), reason=words, path=f"/seller/certificates/{certificate.id}",
        )  # fmt: skip
        tell(session, certificate)
        return certificate


def _refuse_unless_waiting(session: Session, certificate: Certificate, version: int) -> None:
    if certificate.state != CertificateState.WAITING:
        raise Conflict(queries.who_decided(session, certificate), code="already_decided")
    if certificate.version != version:
        raise Conflict(str(curation.CHANGED_SINCE), code="changed_since")


def _decide(
    session: Session, actor: Actor, certificate: Certificate, state: CertificateState, verb: str, words: str
) -> None:
    certificate.state = state
    certificate.decided_at = clock.now()
    certificate.decided_by = actor.user_id
    certificate.version += 1
    if state == CertificateState.VERIFIED:
        certificate.reason = ""
    note(session, actor, certificate, verb, words)


def _write_on_product(session: Session, certificate: Certificate) -> None:
    """A verified number also stands on its product, where the exchange files read it."""
    product = session.get(Product, certificate.product_id) if certificate.product_id else None
    column = papers.COLUMNS.get(certificate.kind)
    if product is not None and column:
        setattr(product, column, certificate.number)
        product.updated_at = clock.now()
    if product is not None and certificate.kind == "halal":
        product.halal_state = HalalState.CERTIFIED
