"""Reads of certificates: badges, a seller's papers, one paper with its history, what is to be renewed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from ... import clock
from ...db import among, db
from ...i18n import _, format_moment
from ...organizations.models import Seller, SellerFacts
from ...organizations.versions import facts_on
from ...permissions import Actor
from ..models import Certificate, CertificateEvent, CertificateState, Product
from ..rules import papers
from ..rules.papers import Badge, Held, PaperLine
from .card import is_open

HELD = (
    Certificate.id,
    Certificate.kind,
    Certificate.name,
    Certificate.number,
    Certificate.issued_on,
    Certificate.expires_on,
    Certificate.state,
    Certificate.product_id,
)
SOON_DAYS = papers.REMINDER_DAYS[0]


def badges_of(product_ids: Iterable[int], day: date) -> dict[int, list[Badge]]:
    """The badges of products on a day, by id; a variant has those of its main product. Two questions."""
    return {
        product_id: [
            Badge(line.kind, line.label, line.number, line.expires_on)
            for line in found
            if line.state == "valid"
        ]
        for product_id, found in papers_of(product_ids, day).items()
    }


def papers_of(product_ids: Iterable[int], day: date) -> dict[int, list[PaperLine]]:
    """What products can show of each kind of paper on a day: also what is unchecked, and what has expired."""
    ids = list(dict.fromkeys(product_ids))
    if not ids:
        return {}
    rows = db.session.execute(_numbers(), {"ids": ids}).all()
    asked = {"sellers": list({row[2] for row in rows}), "products": list({row[1] for row in rows})}
    held: dict[tuple[int, int | None], list[Held]] = {}
    for row in db.session.execute(_held(), asked):
        one = Held(*row[1:])
        held.setdefault((row[0], one.product_id), []).append(one)
    return {
        product_id: papers.lines(
            dict(zip(papers.COLUMNS, numbers, strict=True)),
            [*held.get((seller_id, None), ()), *held.get((seller_id, main_id), ())],
            day,
        )
        for product_id, main_id, seller_id, *numbers in rows
    }


@cache
def _numbers() -> Any:
    """Of the products `ids`: id, its main product's id, seller, numbers. Built once, asked often."""
    main = aliased(Product)
    columns = [getattr(main, column) for column in papers.COLUMNS.values()]
    return (
        select(Product.id, main.id, main.seller_id, *columns)
        .join(main, main.id == func.coalesce(Product.main_id, Product.id))
        .where(among(Product.id, "ids"))
    )


@cache
def _held() -> Any:
    """What the businesses `sellers` hold for all they make and for the main products `products`."""
    return select(Certificate.seller_id, *HELD).where(
        among(Certificate.seller_id, "sellers"),
        or_(
            Certificate.product_id.is_(None),
            among(Certificate.product_id, "products"),
        ),
    )


def carries(kind: str, day: date) -> ColumnElement[bool]:
    """SQL criterion over main products: carries a badge of this kind on a day (as badges_of says it)."""
    mine = and_(
        Certificate.seller_id == Product.seller_id,
        or_(Certificate.product_id.is_(None), Certificate.product_id == Product.id),
        Certificate.kind == kind,
    )
    verified = exists().where(mine, Certificate.state == CertificateState.VERIFIED, in_date(day))
    name = papers.COLUMNS.get(kind)
    if name is None:
        return verified
    number: Any = getattr(Product, name)
    by_office = [number.is_not(None), number != "", ~exists().where(mine, Certificate.number == number)]
    if kind == "pirt":
        year = func.substr(number, 14, 2)
        by_office.append(~and_(func.length(number) == 15, year < f"{day.year % 100:02d}"))
    if kind == "bpom":
        by_office += [~number.istartswith(prefix) for prefix in papers.IMPORTED]
    return or_(verified, and_(*by_office))


def in_date(day: date) -> ColumnElement[bool]:
    """SQL criterion: the certificate holds on a day; its last day counts."""
    return and_(
        or_(Certificate.issued_on.is_(None), Certificate.issued_on <= day),
        or_(Certificate.expires_on.is_(None), Certificate.expires_on >= day),
    )


@dataclass(frozen=True)
class CertificateRow:
    """One paper in a list. `standing`: waiting, verified, soon, expired, rejected, withdrawn."""

    certificate: Certificate
    product_name: str
    standing: str
    days_left: int | None

    @property
    def title(self) -> str:
        """What it is called."""
        return papers.label(self.certificate.kind, self.certificate.name)

    @property
    def number(self) -> str:
        """Its number as it stands on the paper."""
        return papers.written(self.certificate.kind, self.certificate.number)

    @property
    def spoken(self) -> str:
        """Both."""
        return papers.spoken(self.certificate.kind, self.certificate.name, self.certificate.number)


def standing(certificate: Certificate, day: date) -> tuple[str, int | None]:
    """Where a paper stands on a day, and how many days it still holds (negative: since it ended)."""
    left = (certificate.expires_on - day).days if certificate.expires_on else None
    if certificate.state != CertificateState.VERIFIED:
        return certificate.state, left
    if left is not None and left < 0:
        return "expired", left
    return ("soon" if left is not None and left <= SOON_DAYS else "verified"), left


def certificates_of(seller_id: int) -> list[CertificateRow]:
    """A seller's papers: what needs a hand first, then by product; what was taken away is left out."""
    query = (
        select(Certificate, Product.name)
        .outerjoin(Product, Product.id == Certificate.product_id)
        .where(Certificate.seller_id == seller_id, Certificate.state != CertificateState.WITHDRAWN)
        .order_by(Product.name.nulls_first(), Certificate.kind, Certificate.id.desc())
    )
    rows = [_row(one, name) for one, name in db.session.execute(query)]
    order = ("rejected", "expired", "soon", "waiting", "verified")
    return sorted(rows, key=lambda row: order.index(row.standing))


def _row(certificate: Certificate, product_name: str | None) -> CertificateRow:
    where, left = standing(certificate, clock.today())
    return CertificateRow(certificate, product_name or "", where, left)


@dataclass(frozen=True)
class CertificatePage:
    """One paper with all that is known of it. `doubts` are sentences to check first."""

    row: CertificateRow
    seller: Seller
    region_code: str
    doubts: Sequence[str]
    history: Sequence[CertificateEvent]

    @property
    def certificate(self) -> Certificate:
        """The paper itself."""
        return self.row.certificate


def certificate_page(actor: Actor, certificate_id: int) -> CertificatePage | None:
    """A paper for its seller's people or for an office of the region; None for everybody else."""
    query = (
        select(Certificate, Product.name, Seller, SellerFacts.region_code)
        .join(Seller, Seller.id == Certificate.seller_id)
        .join(SellerFacts, and_(SellerFacts.seller_id == Seller.id, facts_on(SellerFacts, clock.today())))
        .outerjoin(Product, Product.id == Certificate.product_id)
        .where(Certificate.id == certificate_id)
    )
    found = db.session.execute(query).one_or_none()
    if found is None:
        return None
    certificate, product_name, seller, region_code = found
    if not (seller.id == actor.seller_id or actor.sees_region(region_code)):
        return None
    return CertificatePage(
        row=_row(certificate, product_name),
        seller=seller,
        region_code=region_code,
        doubts=_doubts(certificate) if actor.is_office else _own_doubts(certificate),
        history=history_of(certificate.id),
    )


def history_of(certificate_id: int) -> Sequence[CertificateEvent]:
    """What was done with a paper, newest first."""
    query = select(CertificateEvent).where(CertificateEvent.certificate_id == certificate_id)
    return db.session.scalars(query.order_by(CertificateEvent.id.desc())).all()


def _own_doubts(certificate: Certificate) -> list[str]:
    paper = papers.Paper(
        kind=certificate.kind,
        name=certificate.name,
        number=certificate.number,
        issued_on=certificate.issued_on,
        expires_on=certificate.expires_on,
        is_for_product=certificate.product_id is not None,
    )
    return papers.doubts(paper, clock.today())


def _doubts(certificate: Certificate) -> list[str]:
    """For the office also: somebody else's number, no picture of the paper."""
    said = _own_doubts(certificate)
    if papers.is_imported(certificate.kind, certificate.number):
        said.append(_("Nomor BPOM ini untuk barang impor. Produk seperti ini bukan buatan UMKM."))
    if certificate.file_key is None:
        said.append(_("Belum ada foto sertifikat; penjual hanya menulis nomornya di halaman produk."))
    said += [_("Nomor yang sama juga dipakai %(seller)s.", seller=name) for name in _others_with(certificate)]
    return said


def _others_with(certificate: Certificate) -> list[str]:
    """Other businesses that show the same number."""
    if not certificate.number:
        return []
    elsewhere = Seller.id != certificate.seller_id
    by_paper = (
        select(Seller.name)
        .join(Certificate, Certificate.seller_id == Seller.id)
        .where(
            elsewhere,
            Certificate.kind == certificate.kind,
            Certificate.number == certificate.number,
            Certificate.state.in_((CertificateState.WAITING, CertificateState.VERIFIED)),
        )
    )
    names = set(db.session.scalars(by_paper.limit(3)))
    column = papers.COLUMNS.get(certificate.kind)
    if column:
        by_product = select(Seller.name).join(Product, Product.seller_id == Seller.id)
        same = by_product.where(elsewhere, getattr(Product, column) == certificate.number).limit(3)
        names |= set(db.session.scalars(same))
    return sorted(names)


def who_decided(session: Session, certificate: Certificate) -> str:
    """Why a paper cannot be decided any more: who was first, and when."""
    if certificate.state == CertificateState.WITHDRAWN:
        return _("Penjual sudah menarik sertifikat ini.")
    query = select(CertificateEvent).where(
        CertificateEvent.certificate_id == certificate.id, CertificateEvent.verb.in_(("verified", "rejected"))
    )
    event = session.scalar(query.order_by(CertificateEvent.id.desc()).limit(1))
    if event is None:
        return _("Sertifikat ini sudah diputuskan.")
    return _(
        "%(name)s sudah memutuskan sertifikat ini pada %(moment)s.",
        name=event.by_name,
        moment=format_moment(event.recorded_at),
    )


def is_to_be_renewed(session: Session, certificate: Certificate, day: date) -> bool:
    """Whether a paper is verified, of an open business, and no later one was handed in for the same."""
    if certificate.state != CertificateState.VERIFIED or certificate.expires_on is None:
        return False
    open_seller = (
        select(Seller.id)
        .join(SellerFacts, and_(SellerFacts.seller_id == Seller.id, facts_on(SellerFacts, day)))
        .where(Seller.id == certificate.seller_id, is_open(day))
    )
    return (
        session.scalar(open_seller) is not None
        and session.scalar(
            select(Certificate.id).where(
                Certificate.id == certificate.id, ~_is_renewed(aliased(Certificate), Certificate)
            )
        )
        is not None
    )


def _is_renewed(later: Any, one: Any) -> ColumnElement[bool]:
    """SQL criterion: a paper of the same kind, for the same or for all, holds longer or waits to."""
    return exists().where(
        later.seller_id == one.seller_id,
        later.id != one.id,
        later.kind == one.kind,
        later.name == one.name,
        or_(later.product_id.is_(None), later.product_id == one.product_id),
        later.state.in_((CertificateState.WAITING, CertificateState.VERIFIED)),
        or_(later.expires_on.is_(None), later.expires_on > one.expires_on),
    )


def due_for_reminder(day: date) -> list[int]:
    """Certificates near or just past their last day, oldest end first: candidates for a reminder."""
    first, last = papers.first_reminder_window(day)
    query = select(Certificate.id).where(
        Certificate.state == CertificateState.VERIFIED, Certificate.expires_on.between(first, last)
    )
    return list(db.session.scalars(query.order_by(Certificate.expires_on, Certificate.id)))


def needing_a_hand(seller_id: int, day: date) -> list[CertificateRow]:
    """A seller's papers that were rejected, end within SOON_DAYS, or ended and were not renewed."""
    renewed = _is_renewed(aliased(Certificate), Certificate)
    ending = and_(
        Certificate.state == CertificateState.VERIFIED,
        Certificate.expires_on <= papers.first_reminder_window(day)[1],
        ~renewed,
    )
    query = (
        select(Certificate, Product.name)
        .outerjoin(Product, Product.id == Certificate.product_id)
        .where(
            Certificate.seller_id == seller_id,
            or_(Certificate.state == CertificateState.REJECTED, ending),
        )
        .order_by(Certificate.expires_on, Certificate.id)
    )
    return [_row(one, name) for one, name in db.session.execute(query)]


def own_choices(seller_id: int) -> list[tuple[int, str]]:
    """A seller's main products by name, to choose what a certificate is for."""
    query = select(Product.id, Product.name).where(Product.seller_id == seller_id, Product.main_id.is_(None))
    return [
        (one, name) for one, name in db.session.execute(query.order_by(func.lower(Product.name), Product.id))
    ]
