"""Numbers that stand on a product become certificates, and a changed recipe sends its papers back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from .... import clock
from ....permissions import SYSTEM, Actor
from ...models import Certificate, CertificateState, Product, ProductState
from ...rules import papers
from .handling import note


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
        note(session, actor, certificate, "recheck")


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
    note(session, actor, certificate, "recorded" if state == CertificateState.VERIFIED else "typed")
