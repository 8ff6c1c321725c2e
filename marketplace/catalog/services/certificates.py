"""Certificates: handed in by the seller, verified or rejected by the office, reminded of, taken away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ... import audit, clock, outbox, signals
from ...db import insert_into, retry_on_conflict, unit_of_work
from ...errors import Conflict, InvalidInput, NotFound, RuleBroken
from ...i18n import _, format_day, speaking
from ...permissions import SYSTEM, Actor, Permission
from ...texts import lines, one_line
from .. import proofs
from ..models import (
    Certificate,
    CertificateEvent,
    CertificateReminder,
    CertificateState,
    HalalState,
    Product,
    ProductState,
)
from ..queries import certificates as queries
from ..rules import curation, papers
from . import access, letters
from .forgetting import FORGET

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
            _note(session, actor, certificate, "submitted")
            audit.record(
                session, actor, "certificate.submitted", certificate, after=_told(certificate), region=region
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
            before = _told(certificate)
            if kept and certificate.file_key:
                outbox.enqueue(session, FORGET, {"key": certificate.file_key})
            _write(certificate, values, kept)
            certificate.state = CertificateState.WAITING
            certificate.reason = ""
            certificate.decided_at = certificate.decided_by = None
            certificate.submitted_at = clock.now()
            certificate.version += 1
            _note(session, actor, certificate, "changed")
            audit.record(
                session,
                actor,
                "certificate.changed",
                certificate,
                before=before,
                after=_told(certificate),
                region=region,
            )
            _tell(session, certificate)
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
            _note(session, actor, certificate, "withdrawn")
            audit.record(session, actor, "certificate.withdrawn", certificate, region=region)
            _tell(session, certificate)
        return certificate


@retry_on_conflict
def verify_certificate(*, actor: Actor, certificate_id: int, version: int, message: str = "") -> Certificate:
    """The office has seen the paper: from now on it makes a badge, as long as its dates hold.

    `version` is what the officer saw. Raises Conflict when the seller changed it since or somebody was
    first, RuleBroken for what can never be verified.
    """
    actor.require(Permission.CERTIFICATE_VERIFY)
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
        words = lines(message)[:1000]
        _decide(session, actor, certificate, CertificateState.VERIFIED, "verified", words)
        _write_on_product(session, certificate)
        audit.record(
            session, actor, "certificate.verified", certificate, after=_told(certificate), region=region
        )
        letters.write(
            session, certificate.seller_id, "certificate_verified",
            paper=_spoken(certificate), message=words, path=f"/seller/certificates/{certificate.id}",
        )  # fmt: skip
        _tell(session, certificate)
        return certificate


@retry_on_conflict
def reject_certificate(
    *, actor: Actor, certificate_id: int, version: int, reasons: Sequence[str] = (), reason: str = ""
) -> Certificate:
    """Refuse a paper, or take a verification back, with what is to be mended.

    `reasons` are codes of rules.papers.READY_REASONS, `reason` the officer's own words; one is needed.
    """
    actor.require(Permission.CERTIFICATE_VERIFY)
    with speaking("id"):
        words = curation.reason_text(reasons, lines(reason)[:1000], papers.READY_REASONS)
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
            session, actor, "certificate.rejected", certificate, reason=words, after=_told(certificate),
            region=region,
        )  # fmt: skip
        letters.write(
            session, certificate.seller_id, "certificate_rejected",
            paper=_spoken(certificate), reason=words, path=f"/seller/certificates/{certificate.id}",
        )  # fmt: skip
        _tell(session, certificate)
        return certificate


def note_numbers(session: Session, actor: Actor, product: Product, numbers: Mapping[str, Any]) -> None:
    """Keep the numbers that a seller typed into a product as certificates that wait for the office.

    `numbers` are product columns (pirt_number, ...) as they will be. A number that is known already, in
    whatever state, is left alone. One that stood on a product on sale without such a row was put in by the
    office: it is kept as verified, so that going back to it needs no second look. Call it inside a unit of
    work, before the columns change.
    """
    on_sale = product.state in (ProductState.LIVE, ProductState.PAUSED)
    for kind, column in papers.COLUMNS.items():
        old = getattr(product, column)
        new = numbers.get(column, old)
        if old and old != new and on_sale:
            _note_number(session, SYSTEM, product, kind, old, CertificateState.VERIFIED)
        if new and (old != new or not on_sale):
            _note_number(session, actor, product, kind, new, CertificateState.WAITING)


def look_again(session: Session, actor: Actor, product: Product, kind: str) -> None:
    """Let the papers of a product wait for the office once more: what they rest on has changed.

    A paper of the whole business stays as it is, for it speaks of other products too. Call it inside a unit
    of work in which the seller's row is locked.
    """
    number = getattr(product, papers.COLUMNS[kind])
    if number:
        _note_number(session, SYSTEM, product, kind, number, CertificateState.VERIFIED)
    verified = select(Certificate).where(
        Certificate.product_id == (product.main_id or product.id),
        Certificate.kind == kind,
        Certificate.state == CertificateState.VERIFIED,
    )
    for certificate in session.scalars(verified.execution_options(populate_existing=True)):
        certificate.state = CertificateState.WAITING
        certificate.decided_at = certificate.decided_by = None
        certificate.submitted_at = clock.now()
        certificate.version += 1
        _note(session, actor, certificate, "recheck")


def _note_number(
    session: Session, actor: Actor, product: Product, kind: str, number: str, state: CertificateState
) -> None:
    product_id = product.main_id or product.id
    known = select(Certificate.id).where(
        Certificate.seller_id == product.seller_id,
        Certificate.kind == kind,
        Certificate.number == number,
        (Certificate.product_id == product_id) | Certificate.product_id.is_(None),
    )
    if session.scalar(known.limit(1)) is not None:
        return
    now = clock.now()
    certificate = Certificate(
        seller_id=product.seller_id,
        product_id=product_id,
        kind=kind,
        number=number,
        expires_on=papers.last_day(kind, number, None),
        state=state,
        created_at=now,
        submitted_at=now,
        decided_at=now if state == CertificateState.VERIFIED else None,
    )
    session.add(certificate)
    session.flush()
    _note(session, actor, certificate, "recorded" if state == CertificateState.VERIFIED else "typed")


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
        _note(session, SYSTEM, certificate, "reminded")
        letters.write(
            session, certificate.seller_id, "certificate_expiring",
            paper=_spoken(certificate), day=format_day(expires_on), left=(expires_on - day).days,
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


def lock_certificate(session: Session, actor: Actor, certificate_id: int) -> tuple[Certificate, str]:
    """A certificate of the actor's seller or region, read anew under its seller's lock; and the region."""
    certificate = session.get(Certificate, certificate_id)
    if certificate is None:
        raise NotFound(_("Sertifikat ini tidak ada, atau bukan milik Anda."))
    _seller, region = access.own_seller(session, actor, certificate.seller_id)
    session.refresh(certificate)
    return certificate, region


def _refuse_unless_waiting(session: Session, certificate: Certificate, version: int) -> None:
    if certificate.state != CertificateState.WAITING:
        raise Conflict(queries.who_decided(session, certificate), code="already_decided")
    if certificate.version != version:
        raise Conflict(str(curation.CHANGED_SINCE), code="changed_since")


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


def _decide(
    session: Session, actor: Actor, certificate: Certificate, state: CertificateState, verb: str, words: str
) -> None:
    certificate.state = state
    certificate.decided_at = clock.now()
    certificate.decided_by = actor.user_id
    certificate.version += 1
    if state == CertificateState.VERIFIED:
        certificate.reason = ""
    _note(session, actor, certificate, verb, words)


def _write_on_product(session: Session, certificate: Certificate) -> None:
    """A verified number also stands on its product, where the exchange files read it."""
    product = session.get(Product, certificate.product_id) if certificate.product_id else None
    column = papers.COLUMNS.get(certificate.kind)
    if product is not None and column:
        setattr(product, column, certificate.number)
        product.updated_at = clock.now()
    if product is not None and certificate.kind == "halal":
        product.halal_state = HalalState.CERTIFIED


def _note(session: Session, actor: Actor, certificate: Certificate, verb: str, message: str = "") -> None:
    session.add(
        CertificateEvent(
            certificate_id=certificate.id,
            verb=verb,
            by_user_id=actor.user_id,
            by_name=actor.name,
            is_office=actor.is_office,
            message=message,
            recorded_at=clock.now(),
        )
    )


def _told(certificate: Certificate) -> dict[str, object]:
    names = ("kind", "name", "number", "product_id", "issued_on", "expires_on", "state")
    return {name: getattr(certificate, name) for name in names}


def _spoken(certificate: Certificate) -> str:
    with speaking("id"):
        return papers.spoken(certificate.kind, certificate.name, certificate.number)


def _tell(session: Session, certificate: Certificate) -> None:
    """The badges of the product, or of all that the seller makes, may have changed."""
    session.flush()
    query = select(Product.id).where(Product.seller_id == certificate.seller_id)
    if certificate.product_id is not None:
        query = query.where(Product.id == certificate.product_id)
    ids = list(session.scalars(query.order_by(Product.id)))
    if ids:
        signals.product_changed.send(session, product_ids=ids)
