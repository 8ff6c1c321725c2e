"""A seller hands a certificate in, mends it, or takes it away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from .... import audit, clock, outbox
from ....db import retry_on_conflict, unit_of_work
from ....errors import Conflict, InvalidInput
from ....i18n import _
from ....permissions import Actor
from ....texts import one_line
from ... import proofs
from ...models import Certificate, CertificateState, Product
from ...rules import papers
from .. import access
from ..forgetting import FORGET
from .handling import lock_certificate, note, tell, told

MAX_CERTIFICATES = 300
MAX_BYTES_PER_SELLER = 200_000_000
"""All papers of one seller together; a paper is at most papers.MAX_BYTES."""


@dataclass(frozen=True)
class CertificateValues:
    """What a seller writes about a certificate. Without a product it stands for the whole business."""

    kind: str
    number: str
    product_id: int | None = None
    name: str = ""
    issued_on: date | None = None
    expires_on: date | None = None


@retry_on_conflict
def add_certificate(
    *, actor: Actor, seller_id: int, values: CertificateValues, content: bytes | None
) -> Certificate:
    """Hand a certificate in, with a photo or PDF of it. Raises InvalidInput with a sentence per field."""
    access.require_editor(actor)
    values = _tidied(values)
    _refuse(values, has_file=bool(content))
    kept = proofs.keep(content) if content else None
    try:
        with unit_of_work() as session:
            _seller, region = access.own_seller(session, actor, seller_id)
            _own_product(session, seller_id, values.product_id)
            _room(session, seller_id, kept)
            now = clock.now()
            certificate = Certificate(seller_id=seller_id, created_at=now, submitted_at=now)
            session.add(certificate)
            _write(certificate, values, kept)
            session.flush()
            note(session, actor, certificate, "submitted")
            audit.record(
                session, actor, "certificate.submitted", certificate, after=told(certificate), region=region
            )
            return certificate
    except BaseException:
        proofs.forget(kept)
        raise


@retry_on_conflict
def change_certificate(
    *, actor: Actor, certificate_id: int, values: CertificateValues, content: bytes | None
) -> Certificate:
    """Mend a certificate that waits or was rejected; it waits again. A verified one needs a new one."""
    access.require_editor(actor)
    values = _tidied(values)
    kept = proofs.keep(content) if content else None
    try:
        with unit_of_work() as session:
            certificate, region = lock_certificate(session, actor, certificate_id)
            if certificate.state not in (CertificateState.WAITING, CertificateState.REJECTED):
                raise Conflict(
                    _("Sertifikat ini sudah diputuskan. Tambahkan sertifikat baru bila ada perubahan."),
                    code="already_decided",
                )
            _refuse(values, has_file=bool(content) or certificate.file_key is not None)
            _own_product(session, certificate.seller_id, values.product_id)
            _room(session, certificate.seller_id, kept)
            before = told(certificate)
            if kept and certificate.file_key:
                outbox.enqueue(session, FORGET, {"key": certificate.file_key})
            _write(certificate, values, kept)
            certificate.state = CertificateState.WAITING
            certificate.reason = ""
            certificate.decided_at = certificate.decided_by = None
            certificate.submitted_at = clock.now()
            certificate.version += 1
            note(session, actor, certificate, "changed")
            audit.record(
                session,
                actor,
                "certificate.changed",
                certificate,
                before=before,
                after=told(certificate),
                region=region,
            )
            tell(session, certificate)
            return certificate
    except BaseException:
        proofs.forget(kept)
        raise


@retry_on_conflict
def withdraw_certificate(*, actor: Actor, certificate_id: int) -> Certificate:
    """Take a certificate away; a badge that hung on it is gone. What was done with it stays on record."""
    access.require_editor(actor)
    with unit_of_work() as session:
        certificate, region = lock_certificate(session, actor, certificate_id)
        if certificate.state != CertificateState.WITHDRAWN:
            certificate.state = CertificateState.WITHDRAWN
            certificate.version += 1
            note(session, actor, certificate, "withdrawn")
            audit.record(session, actor, "certificate.withdrawn", certificate, region=region)
            tell(session, certificate)
        return certificate


def _tidied(values: CertificateValues) -> CertificateValues:
    number = one_line(values.number)
    check = papers.check_number(values.kind, number, clock.today())
    return CertificateValues(
        kind=values.kind,
        number=(check.value or number) if check.ok else number,
        product_id=values.product_id,
        name=one_line(values.name)[:120],
        issued_on=values.issued_on,
        expires_on=papers.last_day(values.kind, number, values.expires_on),
    )


def _refuse(values: CertificateValues, *, has_file: bool) -> None:
    problems = papers.problems(_paper(values, has_file=has_file), clock.today())
    if values.issued_on and values.expires_on and values.expires_on < values.issued_on:
        problems.setdefault("expires_on", _("Tanggal habis lebih awal dari tanggal terbit."))
    if problems:
        raise InvalidInput(_("Ada isian yang perlu diperbaiki."), fields=problems)


def _paper(values: CertificateValues, *, has_file: bool) -> papers.Paper:
    return papers.Paper(
        kind=values.kind,
        name=values.name,
        number=values.number,
        issued_on=values.issued_on,
        expires_on=values.expires_on,
        is_for_product=values.product_id is not None,
        has_file=has_file,
    )


def _own_product(session: Session, seller_id: int, product_id: int | None) -> None:
    if product_id is None:
        return
    product = session.get(Product, product_id)
    if product is None or product.seller_id != seller_id or product.main_id is not None:
        sentence = _("Pilih produk dari daftar.")
        raise InvalidInput(sentence, fields={"product_id": sentence})


def _room(session: Session, seller_id: int, kept: proofs.Kept | None) -> None:
    """Raise InvalidInput when the seller's papers are too many or too large."""
    count, size = session.execute(
        select(func.count(), func.coalesce(func.sum(Certificate.file_bytes), 0)).where(
            Certificate.seller_id == seller_id
        )
    ).one()
    if count >= MAX_CERTIFICATES or size + (kept.size if kept else 0) > MAX_BYTES_PER_SELLER:
        sentence = _("Tempat sertifikat usaha Anda penuh. Hubungi Dinas.")
        raise InvalidInput(sentence, fields={"file": sentence})


def _write(certificate: Certificate, values: CertificateValues, kept: proofs.Kept | None) -> None:
    certificate.kind = values.kind
    certificate.name = values.name if values.kind == "other" else ""
    certificate.number = values.number
    certificate.product_id = values.product_id
    certificate.issued_on = values.issued_on
    certificate.expires_on = values.expires_on
    if kept:
        certificate.file_key, certificate.file_kind = kept.key, kept.kind
        certificate.file_bytes = kept.size
