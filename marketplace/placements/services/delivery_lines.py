"""Delivery notes under their locks, and what may stand on one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from ... import clock
from ...catalog.models import Product, ProductState
from ...errors import InvalidInput
from ...i18n import _, format_day, format_number
from ...permissions import Actor
from ...stock.rules import MAX_QUANTITY
from ...texts import lines as clean_lines
from ...texts import one_line
from .. import queries
from ..models import Agreement, AgreementVersionProduct, Basis, Delivery, DeliveryLine
from ..queries.agreements import condition_on
from ..rules import Condition, Side
from ..rules.deliveries import lot_code_of, require_in_force, unfit
from .parties import Parties, lock_as_side, no_paper, tell

KIND = "delivery"
MAX_LINES = 200
FARTHEST_DAYS = 60
"""How far ahead a delivery may be planned."""
LONGEST_LIFE_YEARS = 20


@dataclass(frozen=True)
class NewLine:
    """One line as the maker writes it; `field` is what a sentence about it is shown at."""

    product_id: int
    quantity: int
    lot_code: str = ""
    expires_on: date | None = None
    field: str = "lines"


@dataclass(frozen=True)
class DeliveryDraft:
    """A delivery note as the maker writes it."""

    agreement_id: int
    deliver_on: date
    lines: Sequence[NewLine]
    vehicle: str = ""
    driver: str = ""
    note: str = ""
    client_key: str = ""


def lock_agreement(session: Session, actor: Actor, agreement_id: int) -> tuple[Parties, Agreement]:
    """The agreement that goods travel under, locked. NotFound for anyone but its seller."""
    columns = select(Agreement.outlet_id, Agreement.seller_id).where(Agreement.id == agreement_id)
    found = session.execute(columns).one_or_none()
    if found is None:
        raise no_paper()
    parties = lock_as_side(session, actor, found.outlet_id, found.seller_id, Side.SELLER)
    return parties, session.get_one(Agreement, agreement_id, with_for_update=True, populate_existing=True)


def lock_delivery(
    session: Session, actor: Actor, delivery_id: int, side: Side
) -> tuple[Parties, Agreement, Delivery]:
    """Outlet, seller, agreement, then the note itself. NotFound for anyone but this side."""
    columns = select(Delivery.outlet_id, Delivery.seller_id, Delivery.agreement_id)
    found = session.execute(columns.where(Delivery.id == delivery_id)).one_or_none()
    if found is None:
        raise no_paper()
    parties = lock_as_side(session, actor, found.outlet_id, found.seller_id, side)
    agreement = session.get_one(Agreement, found.agreement_id, with_for_update=True, populate_existing=True)
    delivery = session.get_one(Delivery, delivery_id, with_for_update=True, populate_existing=True)
    return parties, agreement, delivery


def lines_of(session: Session, delivery_id: int) -> list[DeliveryLine]:
    """The lines of a note, in order, read anew."""
    query = (
        select(DeliveryLine).where(DeliveryLine.delivery_id == delivery_id).order_by(DeliveryLine.position)
    )
    return list(session.scalars(query.execution_options(populate_existing=True)))


def condition_of(session: Session, agreement_id: int, day: date) -> Condition:
    """What an agreement is on a day."""
    return Condition(session.scalars(select(condition_on(day)).where(Agreement.id == agreement_id)).one())


def head_of(draft: DeliveryDraft) -> dict[str, object]:
    """What a draft says besides its lines, as columns."""
    return {
        "deliver_on": draft.deliver_on,
        "vehicle": one_line(draft.vehicle)[:120],
        "driver": one_line(draft.driver)[:120],
        "note": clean_lines(draft.note)[:2000],
    }


def check_lines(session: Session, agreement: Agreement, day: date, written: Sequence[NewLine]) -> None:
    """Refuse what cannot be delivered on that day, each line with its sentence."""
    today = clock.today()
    wrong: dict[str, str] = {}
    if day < today:
        wrong["deliver_on"] = _("Hari pengantaran paling awal hari ini, %(day)s.", day=format_day(today))
    elif (day - today).days > FARTHEST_DAYS:
        wrong["deliver_on"] = _("Paling jauh %(count)d hari ke depan.", count=FARTHEST_DAYS)
    if not written:
        wrong["lines"] = _("Isi jumlah paling sedikit satu barang.")
    elif len(written) > MAX_LINES:
        wrong["lines"] = _("Paling banyak %(count)d baris. Pecah jadi dua surat jalan.", count=MAX_LINES)
    if wrong:
        raise InvalidInput(next(iter(wrong.values())), wrong)
    require_in_force(condition_of(session, agreement.id, day), day)
    terms = queries.terms_on(session, agreement.id, day)
    annex = _annex(session, terms.version_id) if terms else set()
    products = _products(session, written)
    for line in written:
        sentence = _wrong_with(line, products.get(line.product_id), agreement, annex)
        reason = unfit(line.expires_on, day, terms.min_life_days if terms else None)
        if not sentence and reason is not None:
            sentence = reason.sentence_to_sender
        if not sentence and terms and terms.min_life_days and line.expires_on is None:
            sentence = _(
                "Isi tanggal kedaluwarsa: perjanjian meminta sisa umur paling sedikit %(count)d hari.",
                count=terms.min_life_days,
            )
        if sentence:
            wrong.setdefault(line.field, sentence)
    if wrong:
        raise InvalidInput(next(iter(wrong.values())), wrong)


def _wrong_with(line: NewLine, product: Product | None, agreement: Agreement, annex: set[int]) -> str:
    if product is None or product.seller_id != agreement.seller_id:
        return _("Produk ini bukan milik usaha Anda.")
    if product.state not in {ProductState.LIVE, ProductState.PAUSED}:
        return _("Produk ini belum terbit. Kirim setelah diperiksa Dinas.")
    if annex and product.id not in annex:
        return _("Produk ini tidak ada dalam perjanjian. Tambahkan dulu lewat perubahan perjanjian.")
    if line.quantity > MAX_QUANTITY:
        return _("Paling banyak %(most)s. Periksa jumlahnya.", most=format_number(MAX_QUANTITY))
    if line.quantity < 1:
        return _("Tulis jumlah dengan angka bulat, paling sedikit 1.")
    if len(line.lot_code) > 64:
        return _("Kode lot paling panjang 64 huruf.")
    if line.expires_on is not None and line.expires_on.year > clock.today().year + LONGEST_LIFE_YEARS:
        return _("Periksa tahun kedaluwarsanya.")
    return ""


def _annex(session: Session, version_id: int) -> set[int]:
    query = select(AgreementVersionProduct.product_id)
    return set(session.scalars(query.where(AgreementVersionProduct.version_id == version_id)))


def _products(session: Session, written: Sequence[NewLine]) -> dict[int, Product]:
    wanted = {line.product_id for line in written}
    return {row.id: row for row in session.scalars(select(Product).where(Product.id.in_(wanted)))}


def write_lines(
    session: Session, agreement: Agreement, delivery: Delivery, written: Sequence[NewLine]
) -> None:
    """Write the lines with the prices that stand beside them."""
    prices = _prices(session, agreement, delivery.deliver_on, written)
    for position, line in enumerate(written, start=1):
        session.add(
            DeliveryLine(
                delivery_id=delivery.id,
                position=position,
                product_id=line.product_id,
                lot_code=lot_code_of(one_line(line.lot_code), line.expires_on),
                expires_on=line.expires_on,
                quantity=line.quantity,
                unit_price_rupiah=prices.get(line.product_id),
            )
        )
    session.flush()


def _prices(
    session: Session, agreement: Agreement, day: date, written: Sequence[NewLine]
) -> dict[int, int | None]:
    """What stands beside each product: the customer's price on consignment, the store's for what it buys."""
    terms = queries.terms_on(session, agreement.id, day)
    annex = queries.annex_prices(session, [terms.version_id]) if terms else {}
    found: dict[int, int | None] = {}
    for product in _products(session, written).values():
        agreed = annex.get((terms.version_id, product.id)) if terms else None
        if agreement.basis == Basis.OUTRIGHT:
            found[product.id] = (agreed.net_rupiah if agreed else None) or product.price_rupiah
        else:
            retail = agreed.retail_rupiah if agreed else None
            found[product.id] = retail or product.retail_price_rupiah or product.price_rupiah
    return found


def tell_of(
    session: Session, parties: Parties, side: Side, delivery: Delivery, template: str, **words: object
) -> None:
    """Promise one side a mail about a note."""
    tell(
        session,
        parties,
        side,
        template,
        f"/deliveries/{delivery.id}",
        number=delivery.name,
        deliver_on=delivery.deliver_on.isoformat(),
        driver=delivery.driver,
        vehicle=delivery.vehicle,
        **words,
    )
