"""What every step of a certificate does: find and lock it, write it down, tell of it."""

from __future__ import annotations

from flask_babel import LazyString
from sqlalchemy import select
from sqlalchemy.orm import Session

from .... import signals
from ....errors import NotFound
from ....i18n import _
from ....permissions import Actor
from ...models import Certificate, CertificateEvent, Product
from ...rules import papers
from .. import access
from ..steps import step


def lock_certificate(session: Session, actor: Actor, certificate_id: int) -> tuple[Certificate, str]:
    """A certificate of the actor's seller or region, read anew under its seller's lock; and the region."""
    certificate = session.get(Certificate, certificate_id)
    if certificate is None:
        raise NotFound(_("Sertifikat ini tidak ada, atau bukan milik Anda."))
    _seller, region = access.own_seller(session, actor, certificate.seller_id)
    session.refresh(certificate)
    return certificate, region


def note(session: Session, actor: Actor, certificate: Certificate, verb: str, message: str = "") -> None:
    """Write one step of a certificate down."""
    session.add(CertificateEvent(certificate_id=certificate.id, **step(actor, verb, message)))


def told(certificate: Certificate) -> dict[str, object]:
    """What the audit log keeps of a certificate."""
    names = ("kind", "name", "number", "product_id", "issued_on", "expires_on", "state")
    return {name: getattr(certificate, name) for name in names}


def spoken(certificate: Certificate) -> LazyString:
    """A certificate in words, as a mail names it to its reader."""
    return LazyString(papers.spoken, certificate.kind, certificate.name, certificate.number)


def tell(session: Session, certificate: Certificate) -> None:
    """The badges of the product, or of all that the seller makes, may have changed."""
    session.flush()
    query = select(Product.id).where(Product.seller_id == certificate.seller_id)
    if certificate.product_id is not None:
        query = query.where(Product.id == certificate.product_id)
    ids = list(session.scalars(query.order_by(Product.id)))
    if ids:
        signals.product_changed.send(session, product_ids=ids)
