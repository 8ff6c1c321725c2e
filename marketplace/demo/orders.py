"""Outright orders of the demo city in every state: hotels restock, parcels, late money, a dispute."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from .. import clock
from ..catalog import services as catalog
from ..catalog.values import ProductValues
from ..orders.models import ClaimKind, Order, OrderLine, StandingCycle
from ..orders.models import PaymentPlan as Plan
from ..orders.models import ShippingKind as Way
from ..orders.rules.quote_drafts import QuotedLine, QuotedTerms
from ..orders.rules.standing import StandingDraft
from ..orders.rules.terms import Terms
from ..orders.services.answering import cancel, decline, expire, quote_shipping
from ..orders.services.approval import EVERYBODY, Limit, set_limits
from ..orders.services.asking import ask
from ..orders.services.cart import add
from ..orders.services.claims import ClaimDraft, make_claim, refer_claim, reject_claim
from ..orders.services.parcels import ComponentDraft, ParcelDraft, answer_parcel, propose_parcel
from ..orders.services.quotes import offer
from ..orders.services.receiving import deem_received
from ..orders.services.reservations import count_ready
from ..orders.services.selling_terms import set_terms
from ..orders.services.shipping import pack
from ..orders.services.standing import begin_standing
from ..orders.services.standing_runs import run_one
from ..orders.services.tax import say_pkp
from ..orders.services.turnover import add_other_sales, keep_statement
from ..organizations.services.purchasing import buyer_of
from ..outbox import OutboxItem
from ..payments.models import PaymentMethod, Refund
from ..payments.services.qris import set_qris
from ..payments.services.refunds import send_refund
from ..permissions import Actor, Role
from ..placements.services.messages import write_message
from . import still_life
from .market import Market
from .money import slip
from .people import Cast, on

LETTERS = ("order.letters", "claim.letters", "mail.send")
OLD_NEWS = timedelta(days=14)
READY = (("TMP-01", 420), ("TMP-02", 60), ("TMP-03", 300), ("TMP-04", 120))
PARCEL = "Parsel Natal camilan Solo"
CONTENT = (("TMP-01", 12_000), ("AMP-01", 18_000), ("WDG-01", 19_500), ("INT-01", 14_500))
"""What is in Bu Sri's parcel, and what each maker gets of it."""
FOR_PARCELS = (("U-002", "AMP-01"), ("U-004", "WDG-01"), ("U-003", "INT-01"))
"""What its other makers put ready for it, 200 of each: a hotel can order 150 parcels at once."""
QRIS = (
    "00020101021126690017ID.CO.EXAMPLE.WWW011893600000000000000102150000000000000010303UMI51440014ID.CO.QRIS"
    ".WWW0215ID00000000000010303UMI5204549953033605802ID5920KERIPIK TEMPE CONTOH6009SURAKARTA6105571116304"
    "B401"
)
"""An invented code: no bank knows it."""


def fill(session: Session, cast: Cast, today: date) -> None:
    """Half a year of buying outright, and all that waits today for the demo's people."""
    market = Market.open(session, today)
    with market.back(95):
        buyer_id = buyer_of(session, cast.officer)
    office = replace(cast.officer, purchasing_id=buyer_id)
    head = replace(cast.head, purchasing_id=buyer_id)
    staff = Actor(None, "Wulan Sari", Role.BUYER_STAFF, operator_id=cast.bagas.operator_id)
    _offer(market, cast)
    _parcels(market, cast)
    _long_ago(market, cast, office, head)
    _ended(market, cast)
    _holiday(market, office, head)
    _disputed(market, cast)
    _under_way(market, cast)
    _today(market, cast, staff, office)
    _agreed(market, cast)
    with market.back(0, 2):
        for seller, sku in FOR_PARCELS:
            maker = market.makers[market.sellers[seller]]
            count_ready(actor=maker, product_id=market.products[sku], on_hand=200)
    news = OutboxItem.kind.in_(LETTERS), OutboxItem.created_at < on(today) - OLD_NEWS
    session.execute(delete(OutboxItem).where(*news))


def _offer(market: Market, cast: Cast) -> None:
    """How Bu Sri sells: her rate, her stock, her code, her other sales; a maker that is PKP; a limit."""
    assert cast.sri.seller_id is not None
    with market.back(94):
        set_terms(
            actor=cast.sri,
            seller_id=cast.sri.seller_id,
            terms=Terms(
                shipping_rupiah=15_000, free_from_rupiah=750_000, due_days=14,
                note="Diantar Pak Joko, Senin sampai Sabtu. Di atas 100 bungkus, pesan seminggu sebelumnya.",
            ),
        )  # fmt: skip
        for sku, units in READY:
            count_ready(actor=cast.sri, product_id=market.products[sku], on_hand=units)
        set_qris(actor=cast.sri, payload=QRIS, is_own=True, version=0)
        say_pkp(
            actor=market.makers[market.sellers["U-007"]], is_pkp=True,
            valid_from=clock.today() - timedelta(days=300), reference="S-77/PKP/2026 (peraga)",
        )  # fmt: skip
        set_limits(actor=cast.bagas, limits=[Limit(EVERYBODY, 750_000)])
    for back, channel, rupiah in ((62, "Pasar Gede", 3_450_000), (31, "Pasar Gede", 3_120_000)):
        with market.back(back - 2):
            month = market.today - timedelta(days=back)
            add_other_sales(actor=cast.sri, month=month, channel=channel, amount_rupiah=rupiah)
    with market.back(20):
        keep_statement(
            actor=cast.sri, year=clock.today().year, kind="below", signed_on=clock.today(),
            content=slip("SURAT PERNYATAAN", 0), name="Pernyataan omzet (peraga)",
        )  # fmt: skip


def _parcels(market: Market, cast: Cast) -> None:
    """A parcel of four makers that is sold, and one of another maker that waits for Bu Sri's yes."""
    assert cast.sri.seller_id is not None
    with market.back(30):
        made = catalog.create_product(
            actor=cast.officer,
            seller_id=cast.sri.seller_id,
            values=ProductValues(
                name=PARCEL, category="Makanan / Parsel", price_rupiah=75_000, unit="kotak, isi 4",
                retail_price_rupiah=95_000, min_order=5, lead_time_days=4, capacity_per_week=250,
                shelf_life_days=90,
                description="Oleh-oleh Solo: empat camilan dari empat dapur, dihias pita, dengan kartu.",
            ),
        )  # fmt: skip
        market.products["PARSEL"] = made.id
        components = [ComponentDraft(market.products[sku], 1, share) for sku, share in CONTENT]
        version = propose_parcel(
            actor=cast.sri,
            draft=ParcelDraft(
                made.id, components, order_from=clock.today(),
                order_until=market.today + timedelta(days=25), season_to=market.today + timedelta(days=40),
                note="Pita dan kotak dari saya. Mohon stoknya disiapkan sampai Natal.",
            ),
        )  # fmt: skip
    with market.back(28):
        for ref in ("U-002", "U-003", "U-004"):
            maker = market.makers[market.sellers[ref]]
            answer_parcel(actor=maker, version_id=version.id, accepts=True)
    bakery = market.makers[market.sellers["U-011"]]
    with market.back(2):
        other = catalog.create_product(
            actor=cast.officer,
            seller_id=market.sellers["U-011"],
            values=ProductValues(
                name="Parsel tahun baru kue dan kering tempe", category="Makanan / Parsel",
                price_rupiah=85_000, unit="kotak, isi 2", min_order=5, lead_time_days=6,
            ),
        )  # fmt: skip
        shares = (("RTI-01", 25_000), ("TMP-04", 27_000))
        parts = [ComponentDraft(market.products[sku], 1, share) for sku, share in shares]
        propose_parcel(
            actor=bakery, draft=ParcelDraft(other.id, parts, note="Untuk tamu hotel malam tahun baru.")
        )


def _long_ago(market: Market, cast: Cast, office: Actor, head: Actor) -> None:
    """A hotel restocks welcome gifts and pays late, the office serves a meeting, a souvenir centre buys."""
    gifts, drinks = market.order(
        cast.laksmi,
        80,
        ("U-001", (("TMP-01", 60), ("TMP-04", 24)), {
            "outlet": "H-001", "shipping_kind": Way.SELLER_RATE, "payment_plan": Plan.LATER,
            "note": "Untuk kamar tamu, mohon kardusnya kecil-kecil.",
        }),
        ("U-004", (("WDG-01", 40),), {"outlet": "H-001", "payment_plan": Plan.BEFORE}),
    )  # fmt: skip
    for order in (gifts, drinks):
        market.confirm(order, 79)
    market.pay(drinks, cast.laksmi, 78, confirmed=77)
    for order in (gifts, drinks):
        market.ship(order, 76, driver="Pak Joko")
        market.receive(order, cast.laksmi, 75)
    market.close(drinks, 70)
    meeting = market.one(
        office, 62, "U-007", (("ABN-01", 30),), procurement_ref="EP-2026-0417", recipient="Bu Ratna",
        phone="081290010020", address="Jl. Contoh Balai Kota 1, Surakarta", shipping_kind=Way.PICKUP,
    )  # fmt: skip
    market.confirm(meeting, 61)
    market.ship(meeting, 59)
    market.receive(meeting, office, 58)
    market.pay(meeting, head, 57, confirmed=57)
    market.close(meeting, 50)
    for order in market.order(
        cast.hesti,
        45,
        ("U-008", (("BTK-04", 20),), {"outlet": "S-001"}),
        ("U-009", (("LRK-02", 24),), {"outlet": "S-001"}),
    ):
        market.confirm(order, 44)
        market.ship(order, 40, carrier="Titipan Kilat Contoh", tracking=f"TKC-{order.id:05d}")
        market.receive(order, cast.hesti, 38, damaged=2 if order.seller_id == market.sellers["U-009"] else 0)
        market.pay(order, cast.hesti, 38, confirmed=37)
        market.close(order, 30)
    market.pay(gifts, cast.laksmi, 41, confirmed=40, transfer=True)
    market.close(gifts, 35)
    overdue = market.one(
        cast.bagas, 33, "U-001", (("TMP-03", 48),), outlet="T-002", payment_plan=Plan.LATER,
        shipping_kind=Way.SELLER_RATE,
    )  # fmt: skip
    market.confirm(overdue, 32)
    market.ship(overdue, 30, driver="Mas Yanto")
    market.receive(overdue, cast.bagas, 29)


def _ended(market: Market, cast: Cast) -> None:
    """Declined, unanswered, taken for received, and one called off after it was paid."""
    refused = market.one(cast.bagas, 30, "U-001", (("TMP-02", 40),), outlet="T-006")
    with market.back(29):
        reason = "Minyak goreng sedang kosong, paling cepat dua minggu lagi."
        decline(actor=cast.sri, order_id=refused.id, reason=reason)
    silent = market.one(cast.hesti, 26, "U-001", (("TMP-01", 20),), outlet="S-002")
    with market.back(23):
        expire(silent.id)
    deemed = market.one(cast.laksmi, 24, "U-005", (("SBL-01", 12),), outlet="H-002")
    market.confirm(deemed, 23)
    market.ship(deemed, 20)
    with market.back(9):
        deem_received(deemed.id)
    paid = market.one(cast.bagas, 9, "U-001", (("TMP-02", 24),), outlet="T-008", payment_plan=Plan.BEFORE)
    market.confirm(paid, 8)
    market.pay(paid, cast.bagas, 8, confirmed=7)
    with market.back(6):
        cancel(actor=cast.bagas, order_id=paid.id, reason="Toko tutup untuk renovasi minggu depan.")
    twice = market.one(cast.bagas, 8, "U-002", (("AMP-02", 12),), outlet="T-003", payment_plan=Plan.BEFORE)
    market.confirm(twice, 7)
    market.pay(twice, cast.bagas, 7, confirmed=6)
    with market.back(5):
        cancel(actor=cast.bagas, order_id=twice.id, reason="Terpesan dua kali.")
    back = market.session.scalars(select(Refund).order_by(Refund.id.desc())).first()
    assert back is not None
    with market.back(3):
        proof = slip(f"KEMBALI {twice.number}", back.amount_rupiah)
        send_refund(
            actor=market.maker(twice), refund_id=back.id, method=PaymentMethod.BANK_TRANSFER, proof=proof
        )


def _holiday(market: Market, office: Actor, head: Actor) -> None:
    """The office's first parcels for the holiday: paid before, packed, sent, given away."""
    order = market.one(
        office, 22, "U-001", (("PARSEL", 25),), payment_plan=Plan.BEFORE, shipping_kind=Way.SELLER_RATE,
        card_text="Selamat hari Natal dan tahun baru dari Dinas Koperasi dan UKM", recipient="Bu Ratna",
        phone="081290010020", address="Jl. Contoh Balai Kota 1, Surakarta", procurement_ref="EP-2026-0533",
    )  # fmt: skip
    market.confirm(order, 21)
    market.pay(order, head, 20, confirmed=19, transfer=True)
    market.ship(order, 15, driver="Pak Joko")
    market.receive(order, office, 14)
    market.close(order, 9)


def _disputed(market: Market, cast: Cast) -> None:
    """Broken bags that buyer and maker see differently: it is on the office's desk."""
    order = market.one(
        cast.hesti, 13, "U-001", (("TMP-01", 40),), outlet="S-001", shipping_kind=Way.SELLER_RATE
    )
    market.confirm(order, 12)
    market.ship(order, 10, driver="Mas Yanto")
    market.receive(order, cast.hesti, 9)
    market.pay(order, cast.hesti, 9, confirmed=8)
    photo = still_life.photo("TMP-01", "pouch", "Keripik tempe", "Dapur Tempe Bu Sri")
    with market.back(8):
        draft = ClaimDraft(
            _line(market, order),
            ClaimKind.DAMAGED,
            6,
            "Enam bungkus remuk di dasar kardus.",
            "peraga-klaim-1",
        )
        claim = make_claim(actor=cast.hesti, order_id=order.id, draft=draft, photos=[photo])
    with market.back(7):
        answer = "Waktu berangkat utuh semua, Pak Yanto ikut menghitung di toko."
        reject_claim(actor=cast.sri, claim_id=claim.id, reason=answer)
    with market.back(6):
        refer_claim(actor=cast.hesti, claim_id=claim.id)


def _line(market: Market, order: Order) -> int:
    return market.session.scalars(select(OrderLine.id).where(OrderLine.order_id == order.id)).first() or 0


def _under_way(market: Market, cast: Cast) -> None:
    """Goods taken in with something missing, on their way, packed, paid, to be paid."""
    short = market.one(cast.bagas, 7, "U-001", (("TMP-01", 24), ("TMP-03", 12)), outlet="T-009")
    market.confirm(short, 6)
    market.ship(short, 4, driver="Pak Joko")
    market.receive(short, cast.bagas, 2, short=2)
    with market.back(1):
        draft = ClaimDraft(
            _line(market, short), ClaimKind.SHORT, 2, "Dua bungkus lagi kosong isinya.", "peraga-klaim-2"
        )
        make_claim(actor=cast.bagas, order_id=short.id, draft=draft)
    coming = market.one(cast.bagas, 5, "U-001", (("TMP-04", 12),), outlet="T-002", payment_plan=Plan.LATER)
    market.confirm(coming, 4)
    market.ship(coming, 1, driver="Pak Joko", note="Titip satu contoh rasa baru.")
    for hours, actor, body in (
        (2, cast.bagas, "Bisa sampai sebelum jam 10? Sesudah itu gudang kami tutup untuk stok opname."),
        (3, cast.sri, "Bisa, Pak Joko berangkat jam 7. Titip satu bungkus contoh rasa daun jeruk, gratis."),
    ):
        with market.back(1, hours):
            write_message(actor=actor, document_kind="order", document_id=coming.id, body=body)
    packed = market.one(
        cast.laksmi, 4, "U-001", (("TMP-04", 12),), outlet="H-001", payment_plan=Plan.LATER,
        shipping_kind=Way.SELLER_RATE,
    )  # fmt: skip
    market.confirm(packed, 3)
    with market.back(1):
        pack(actor=cast.sri, order_id=packed.id)
    paid = market.one(cast.hesti, 4, "U-001", (("TMP-03", 30),), outlet="S-002", payment_plan=Plan.BEFORE)
    market.confirm(paid, 3)
    market.pay(paid, cast.hesti, 2, confirmed=1)
    taken = market.one(cast.hesti, 3, "U-001", (("TMP-01", 12),), outlet="S-002")
    market.confirm(taken, 2)
    to_pay = market.one(cast.bagas, 2, "U-001", (("TMP-03", 24),), outlet="T-006", payment_plan=Plan.BEFORE)
    market.confirm(to_pay, 1)


def _today(market: Market, cast: Cast, staff: Actor, office: Actor) -> None:
    """What waits: two orders for Bu Sri, a price for the way, a manager's yes, the office's money."""
    market.one(cast.bagas, 1, "U-001", (("TMP-01", 36),), outlet="T-010", shipping_kind=Way.QUOTED)
    quoted = market.one(cast.bagas, 2, "U-009", (("LRK-01", 4),), outlet="T-001", shipping_kind=Way.QUOTED)
    with market.back(1):
        quote_shipping(actor=market.maker(quoted), order_id=quoted.id, shipping_rupiah=18_000)
    market.order(
        staff,
        1,
        ("U-008", (("BTK-03", 4),), {"outlet": "T-010", "payment_plan": Plan.ADVANCE}),
        ("U-012", (("MDU-01", 6),), {"outlet": "T-010"}),
    )
    parcels = market.one(
        office, 1, "U-001", (("PARSEL", 40),), payment_plan=Plan.BEFORE, procurement_ref="EP-2026-0561",
        card_text="Terima kasih atas kerja sama Anda tahun ini", recipient="Bu Ratna",
        phone="081290010020", address="Jl. Contoh Balai Kota 1, Surakarta", shipping_kind=Way.SELLER_RATE,
    )  # fmt: skip
    market.confirm(parcels, 0)
    with market.back(1, 4):
        body = "Apakah kotaknya bisa diberi stiker logo kami? Stikernya kami antar hari Senin."
        write_message(actor=office, document_kind="order", document_id=parcels.id, body=body)
    market.one(cast.laksmi, 0, "U-001", (("TMP-01", 30),), outlet="H-002", shipping_kind=Way.SELLER_RATE)
    with market.back(0, 1):
        add(actor=cast.bagas, product_id=market.products["TMP-01"], quantity=24)
        add(actor=cast.bagas, product_id=market.products["AMP-01"], quantity=12)


def _agreed(market: Market, cast: Cast) -> None:
    """A quotation to answer on each side, and an order of every week."""
    first, last = market.today + timedelta(days=12), market.today + timedelta(days=14)
    quotes = []
    for back, units in ((1, 200), (2, 150)):
        with market.back(back):
            wanted = market.part("U-001", (("TMP-01", units),), outlet="T-002")
            part = replace(wanted, deliver_from=first, deliver_to=last)
            quotes.append(ask(actor=cast.bagas, client_key=market.key(), part=part))
    with market.back(1, 2):
        terms = QuotedTerms(
            [QuotedLine(market.products["TMP-01"], 150, 10_800)], first, last, Plan.LATER, due_days=14,
            note="Untuk 150 bungkus saya beri harga grosir.",
        )  # fmt: skip
        offer(actor=cast.sri, quote_id=quotes[1].id, version=1, terms=terms)
    with market.back(1):
        lines = market.part("U-001", (("TMP-02", 12),), outlet="T-009").lines
        standing = begin_standing(
            actor=cast.bagas,
            draft=StandingDraft(
                market.key(), market.sellers["U-001"], market.outlets["T-009"],
                lines, StandingCycle.WEEKLY, market.today, None,
                Way.PICKUP, Plan.ON_DELIVERY,
            ),
        )  # fmt: skip
    with market.back(0):
        run_one(standing.id)
