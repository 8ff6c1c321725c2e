"""What the demo buyers keep, ask and try: two lists, questions, a sample in every state."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import clock
from ..catalog import services as catalog
from ..catalog.models import Product
from ..organizations.models import Outlet, Seller
from .people import Cast, on

FAVOURITES = ("U-001", "U-003", "U-005", "U-014")
LISTS = (
    ("Rak Lebaran", ("U-001", "U-003", "U-007", "U-009"), "Cocok untuk parsel, minta kemasan 250 g."),
    ("Lobi hotel", ("U-008", "U-014", "U-024"), ""),
)
QUESTIONS = (
    ("U-001", "Apakah kemasannya bisa dicetak dengan logo toko kami?", "Bisa, mulai 200 bungkus.", True),
    ("U-001", "Berapa lama tahan setelah dibuka?", "Satu minggu bila ditutup rapat.", True),
    ("U-001", "Apakah ada kemasan 500 g untuk parsel Lebaran?", "", False),
    ("U-003", "Bisa dikirim dua kali seminggu ke Manahan?", "", False),
)


def fill(session: Session, cast: Cast, today: date) -> None:
    """Everything of the buyer from Rukun Mart; makers answer through their own people."""
    _keep(session, cast)
    _ask(session, cast, today)
    _try(session, cast, today)


def _products(session: Session, seller_ref: str) -> list[int]:
    """What a maker has on sale, the first first."""
    query = (
        select(Product.id)
        .join(Seller, Seller.id == Product.seller_id)
        .where(Seller.seller_ref == seller_ref, Product.is_live, Product.main_id.is_(None))
        .order_by(Product.id)
    )
    return list(session.scalars(query))


def _keep(session: Session, cast: Cast) -> None:
    for ref in FAVOURITES:
        for product_id in _products(session, ref)[:1]:
            catalog.keep_favourite(actor=cast.bagas, product_id=product_id)
    for name, makers, note in LISTS:
        made = catalog.make_list(actor=cast.bagas, name=name)
        for ref in makers:
            for product_id in _products(session, ref)[:2]:
                item = catalog.add_to_list(actor=cast.bagas, list_id=made.id, product_id=product_id)
                if note and ref == makers[0]:
                    catalog.note_item(actor=cast.bagas, item_id=item.id, note=note)


def _ask(session: Session, cast: Cast, today: date) -> None:
    """Three to Bu Sri, of which one waits; one to a maker who has not answered."""
    for number, (ref, text, answer, is_public) in enumerate(QUESTIONS):
        with clock.frozen(on(today - timedelta(days=12 - 3 * number))):
            first = _products(session, ref)[0]
            asked = catalog.ask_question(actor=cast.bagas, product_id=first, text=text)
        if answer:
            with clock.frozen(on(today - timedelta(days=11 - 3 * number))):
                catalog.answer_question(
                    actor=cast.sri, question_id=asked.id, answer=answer, is_public=is_public
                )


def _try(session: Session, cast: Cast, today: date) -> None:
    """Samples of Bu Sri in every state that she takes part in; of others one unanswered, one given up."""
    goods = _products(session, "U-001")
    outlet = session.scalars(select(Outlet.id).where(Outlet.outlet_ref == "T-001")).one()
    steps: tuple[tuple[str, int], ...] = (
        ("received", 16), ("shipped", 6), ("approved", 3), ("declined", 9), ("requested", 2),
    )  # fmt: skip
    for (state, days), product_id in zip(steps, goods, strict=False):
        asked = today - timedelta(days=days)
        with clock.frozen(on(asked)):
            row = catalog.request_sample(
                actor=cast.bagas,
                product_id=product_id,
                quantity=2,
                outlet_id=outlet,
                note="Untuk dicoba tim pembelian sebelum rak Lebaran disusun.",
            )
        _walk(cast, row.id, state, asked)
    for ref, days, state in (
        ("U-005", 10, "requested"),
        ("U-003", 1, "requested"),
        ("U-014", 8, "withdrawn"),
    ):
        asked, product_id = today - timedelta(days=days), _products(session, ref)[0]
        with clock.frozen(on(asked)):
            row = catalog.request_sample(
                actor=cast.bagas, product_id=product_id, quantity=1, outlet_id=outlet
            )
        _walk(cast, row.id, state, asked)


def _walk(cast: Cast, sample_id: int, state: str, asked: date) -> None:
    """The steps from a request to a state, a day or two apart."""
    if state in {"approved", "shipped", "received"}:
        with clock.frozen(on(asked + timedelta(days=1))):
            catalog.approve_sample(
                actor=cast.sri, sample_id=sample_id, note="Saya titipkan bersama kiriman Senin."
            )
    if state == "declined":
        with clock.frozen(on(asked + timedelta(days=1))):
            catalog.decline_sample(
                actor=cast.sri, sample_id=sample_id, reason="Sedang habis; bulan depan digoreng lagi."
            )
    if state in {"shipped", "received"}:
        with clock.frozen(on(asked + timedelta(days=2))):
            catalog.ship_sample(actor=cast.sri, sample_id=sample_id, shipping_note="Diantar sendiri")
    if state == "received":
        with clock.frozen(on(asked + timedelta(days=3))):
            catalog.receive_sample(actor=cast.bagas, sample_id=sample_id)
    if state == "withdrawn":
        with clock.frozen(on(asked + timedelta(days=1))):
            catalog.withdraw_sample(actor=cast.bagas, sample_id=sample_id)
