"""Goods on their way in the demo city: deliveries, differences, returns and destruction in every state."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import clock
from ..organizations.models import OutletFacts, Seller
from ..organizations.versions import facts_on
from ..permissions import Actor, Role
from ..placements.models import Agreement, Delivery, DeliveryLine, Difference, Outcome, ReturnReason
from ..placements.queries.agreements import condition_on
from ..placements.queries.deliveries import goods_for
from ..placements.rules.deliveries import Counted
from ..placements.services.deliveries import cancel_delivery, make_delivery, send_delivery
from ..placements.services.delivery_lines import DeliveryDraft, NewLine
from ..placements.services.destructions import DestructionDraft, record_destruction
from ..placements.services.differences import refer, settle
from ..placements.services.messages import write_message
from ..placements.services.receiving import receive_delivery
from ..placements.services.return_lines import TakenLine
from ..placements.services.returns import ReturnDraft, cancel_return, fetch_return, make_return
from . import still_life
from .people import Cast, on

DRIVERS = (("Pak Joko", "motor AD 3127 KB"), ("Mas Yanto", "pikap AD 8841 RT"), ("Bu Sri sendiri", ""))


def fill(session: Session, cast: Cast, today: date) -> None:
    """What Bu Sri sends to Rukun Mart and others, and what comes of it."""
    places = _places(session, cast, today)
    if not places:
        return
    first, second, third = places[0], places[len(places) // 2], places[-1]
    _near_and_past_expiry(session, cast, first, today)
    _with_differences(session, cast, second, today)
    _give_back(session, cast, first, today)
    _on_the_way(session, cast, third, today)


def _places(session: Session, cast: Cast, today: date) -> list[Agreement]:
    """Bu Sri's agreements with Rukun Mart's outlets that have held for a while."""
    query = (
        select(Agreement)
        .join(OutletFacts, OutletFacts.outlet_id == Agreement.outlet_id)
        .where(
            Agreement.seller_id == cast.sri.seller_id,
            condition_on(today) == "in_force",
            Agreement.basis == "consignment",
            Agreement.starts_on < today - timedelta(days=70),
            OutletFacts.operator_id == cast.bagas.operator_id,
            facts_on(OutletFacts, today),
        )
        .order_by(Agreement.id)
    )
    return list(session.scalars(query))


def _deliver(
    session: Session, cast: Cast, at: Agreement, day: date, goods: Sequence[tuple[int, str, int, date | None]]
) -> Delivery:
    """A note of (product, lot, units, expiry), sent in the morning of a day."""
    driver, vehicle = DRIVERS[day.toordinal() % len(DRIVERS)]
    with clock.frozen(on(day)):
        made = make_delivery(
            actor=cast.sri,
            draft=DeliveryDraft(
                agreement_id=at.id,
                deliver_on=day,
                lines=[NewLine(product, units, lot, expires) for product, lot, units, expires in goods],
                driver=driver,
                vehicle=vehicle,
            ),
        )
        return send_delivery(actor=cast.sri, delivery_id=made.id)


def _receive(
    cast: Cast, delivery: Delivery, day: date, counted: dict[int, Counted] | None = None, note: str = ""
) -> None:
    with clock.frozen(on(day) + timedelta(hours=2)):
        receive_delivery(actor=cast.bagas, delivery_id=delivery.id, counted=counted, note=note)


def _goods(at: Agreement, today: date) -> list[int]:
    """Her goods that may go there, the first first."""
    return [good.id for good in goods_for(at.id, today)]


def _near_and_past_expiry(session: Session, cast: Cast, at: Agreement, today: date) -> None:
    """Lots of every age on one shelf: some expired last week, some expire in 6, 13 and 27 days."""
    products = _goods(at, today)
    day = today - timedelta(days=40)
    lots = [
        (products[0], "TP-0910", 8, today - timedelta(days=4)),
        (products[0], "TP-1001", 12, today + timedelta(days=6)),
        (products[1 % len(products)], "TK-1003", 18, today + timedelta(days=13)),
        (products[0], "TP-1012", 24, today + timedelta(days=27)),
    ]
    _receive(cast, _deliver(session, cast, at, day, list(lots)), day)


def _with_differences(session: Session, cast: Cast, at: Agreement, today: date) -> None:
    """One delivery with a short and a broken line, and one whose difference went to the office."""
    product = _goods(at, today)[0]
    for back, written, short, damaged in ((16, 30, 2, 1), (9, 24, 4, 0), (3, 20, 1, 2)):
        day = today - timedelta(days=back)
        fresh = today + timedelta(days=100 - back)
        delivery = _deliver(session, cast, at, day, [(product, f"TP-{day:%m%d}", written, fresh)])
        line = session.scalars(select(DeliveryLine).where(DeliveryLine.delivery_id == delivery.id)).one()
        counted = {line.id: Counted(written - short - damaged, short, damaged)}
        _receive(cast, delivery, day, counted, "Dus bawah penyok." if damaged else "")
    found = list(session.scalars(select(Difference).order_by(Difference.id)))
    with clock.frozen(on(today - timedelta(days=15))):
        settle(cast.sri, found[0].id, Outcome.SELLER_AGREES, "Benar, dua bungkus tertinggal di rumah.")
        settle(cast.bagas, found[1].id, Outcome.STORE_CORRECTS, "Ternyata masih baik, sudah dipajang.")
    with clock.frozen(on(today - timedelta(days=6))):
        write_message(
            actor=cast.sri,
            document_kind="difference",
            document_id=found[2].id,
            body="Saya hitung 24 waktu berangkat, Pak Joko juga lihat. Tolong dicek lagi di gudang.",
        )
        refer(actor=cast.sri, difference_id=found[2].id)


def _give_back(session: Session, cast: Cast, at: Agreement, today: date) -> None:
    """Returns in every state, one of them destroyed at the store with a photo."""
    product = _goods(at, today)[0]
    expired, near = today - timedelta(days=4), today + timedelta(days=6)

    def aside(day: date, units: int, reason: ReturnReason, lot: str, expires: date, note: str = "") -> int:
        line = TakenLine(product, units, reason, lot, expires)
        with clock.frozen(on(day)):
            made = make_return(actor=cast.bagas, draft=ReturnDraft(at.outlet_id, at.seller_id, [line], note))
        return made.id

    fetched = aside(today - timedelta(days=12), 3, ReturnReason.DAMAGED, "TP-1001", near, "Kemasan bocor.")
    with clock.frozen(on(today - timedelta(days=10))):
        fetch_return(actor=cast.sri, return_id=fetched)
    off = aside(today - timedelta(days=11), 2, ReturnReason.NEAR_EXPIRY, "TP-1001", near)
    with clock.frozen(on(today - timedelta(days=10))):
        cancel_return(actor=cast.bagas, return_id=off, reason="Sudah laku akhir pekan ini.")
    aside(today - timedelta(days=9), 2, ReturnReason.NEAR_EXPIRY, "TP-1001", near, "Di rak belakang kasir.")
    spoiled = aside(today - timedelta(days=3), 3, ReturnReason.EXPIRED, "TP-0910", expired)
    with clock.frozen(on(today - timedelta(days=2))):
        record_destruction(
            actor=cast.bagas,
            draft=DestructionDraft(
                at.outlet_id,
                at.seller_id,
                destroyed_on=today - timedelta(days=2),
                method="Kemasan digunting, isi dibuang ke komposter toko.",
                witness_name="Wulan Sari, kepala toko",
                seller_witness_name="Pak Joko",
                return_id=spoiled,
            ),
            photo=still_life.photo("TP-0910", "pouch", "Keripik tempe", "Dapur Tempe Bu Sri"),
        )
    aside(today - timedelta(days=1), 3, ReturnReason.EXPIRED, "TP-0910", expired, "Ambil di meja penerimaan.")


def _on_the_way(session: Session, cast: Cast, at: Agreement, today: date) -> None:
    """A draft, one on its way that is talked about, one called off; and some of other makers."""
    products, yesterday = _goods(at, today), today - timedelta(days=1)
    fresh = today + timedelta(days=120)
    off = _deliver(session, cast, at, yesterday, [(products[0], "TP-1121", 20, fresh)])
    with clock.frozen(on(yesterday) + timedelta(hours=3)):
        cancel_delivery(actor=cast.sri, delivery_id=off.id, reason="Motor mogok, diantar besok.")
    lines = [(product, f"TP-{number}", 24 - 6 * number, fresh) for number, product in enumerate(products[:3])]
    sent = _deliver(session, cast, at, today, lines)
    with clock.frozen(on(today) + timedelta(minutes=20)):
        for actor, body in (
            (cast.bagas, "Bisa sampai sebelum jam 2? Setelah itu gudang tutup."),
            (cast.sri, "Bisa, Pak Joko sudah jalan. Sekitar jam 1 sampai."),
        ):
            write_message(actor=actor, document_kind="delivery", document_id=sent.id, body=body)
    with clock.frozen(on(today)):
        make_delivery(
            actor=cast.sri,
            draft=DeliveryDraft(at.id, today + timedelta(days=3), [NewLine(products[0], 30, "", fresh)]),
        )
    _from_others(session, cast, at, today)


def _from_others(session: Session, cast: Cast, at: Agreement, today: date) -> None:
    """Two other makers have sent something to the same outlet."""
    query = (
        select(Agreement.id, Seller)
        .join(Seller, Seller.id == Agreement.seller_id)
        .where(
            Agreement.outlet_id == at.outlet_id,
            Agreement.seller_id != at.seller_id,
            condition_on(today) == "in_force",
        )
        .order_by(Agreement.id)
        .limit(2)
    )
    for agreement_id, seller in session.execute(query).all():
        maker = Actor(None, seller.owner_name or seller.name, Role.SELLER_OWNER, seller_id=seller.id)
        goods = goods_for(agreement_id, today)[:2]
        with clock.frozen(on(today) - timedelta(hours=1)):
            made = make_delivery(
                actor=maker,
                draft=DeliveryDraft(
                    agreement_id,
                    today,
                    [
                        NewLine(good.id, 12, "", today + timedelta(days=good.shelf_life_days or 90))
                        for good in goods
                    ],
                ),
            )
            send_delivery(actor=maker, delivery_id=made.id)
