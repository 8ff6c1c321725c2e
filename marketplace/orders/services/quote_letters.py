"""Mails about quotations: the side whose turn it is, and both about how it ended."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ... import clock, mailing
from ...accounts.models import User
from ...i18n import N_
from ...organizations.models import Operator, Seller
from ...placements.queries.parties import Person, people_of
from ...placements.rules import Side
from ..models import Quote
from ..rules.paths import quote_path
from ..rules.quotes import QuoteVerb
from ..rules.states import OrderSide

WAITING = {
    QuoteVerb.OFFER: N_("Harga dan syaratnya sudah ditulis. Setujui, tawar balik, atau tolak."),
    QuoteVerb.COUNTER: N_("Pembeli menawar balik. Setujui, beri penawaran lain, atau tolak."),
}
ASKED = N_("Pembeli menunggu harga dari Anda. Tulis harga tiap barang, ongkos kirim, dan cara bayarnya.")
ENDED = {
    QuoteVerb.ACCEPT: N_("Penawaran disetujui dan menjadi pesanan."),
    QuoteVerb.DECLINE: N_("Penawaran ditolak."),
    QuoteVerb.WITHDRAW: N_("Penawaran ditarik."),
    QuoteVerb.EXPIRE: N_("Tidak dijawab sampai batas waktunya, jadi penawaran ini berakhir."),
}


def tell_asked(session: Session, quote: Quote) -> None:
    """Promise the seller's mails: somebody asks for prices."""
    _send(session, _sellers(session, quote), "quote_waiting", {**_about(session, quote), "words": ASKED})


def tell_of_quote(session: Session, quote: Quote, verb: QuoteVerb, by: OrderSide) -> None:
    """Promise the mails of one step: to the other side, and to both where time ended it."""
    template = "quote_waiting" if verb in WAITING else "quote_ended"
    told = {**_about(session, quote), "words": WAITING.get(verb) or ENDED[verb]}
    if by is not OrderSide.SELLER:
        _send(session, _sellers(session, quote), template, told)
    if by is not OrderSide.BUYER:
        _send(session, person_of(session, quote.asked_by), template, told)


def _send(session: Session, people: list[Person], template: str, told: dict[str, Any]) -> None:
    for person in people:
        mailing.send(
            session,
            to=person.email,
            template=template,
            locale=person.locale,
            **{"name": person.name, **told},
        )


def _sellers(session: Session, quote: Quote) -> list[Person]:
    seller = session.get_one(Seller, quote.seller_id)
    return people_of(session, Side.SELLER, seller=seller, operator_id=quote.operator_id)


def person_of(session: Session, user_id: int | None) -> list[Person]:
    """One person, if they have an e-mail."""
    query = select(User.name, User.email, User.locale).where(
        User.id == user_id, User.is_active, User.email.is_not(None)
    )
    return [Person(name, email or "", locale) for name, email, locale in session.execute(query)]


def _about(session: Session, quote: Quote) -> dict[str, Any]:
    return {
        "number": quote.number,
        "seller": session.scalars(select(Seller.name).where(Seller.id == quote.seller_id)).one(),
        "buyer": session.scalars(select(Operator.name).where(Operator.id == quote.operator_id)).one(),
        "due_on": clock.wib_day(quote.due_at).isoformat() if quote.due_at else None,
        "reason": quote.end_reason,
        "url": mailing.address(quote_path(quote.id)),
    }
