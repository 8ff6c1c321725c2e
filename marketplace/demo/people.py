"""Who can sign in to the demo city, and what waits on their desks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import clock
from ..accounts.services import create_user
from ..catalog.models import Product
from ..clock import WIB
from ..compliance import services as compliance
from ..organizations import services as registry
from ..organizations.models import Office, Operator, Outlet, Seller
from ..organizations.services import SellerForm
from ..permissions import SYSTEM, Actor, Role
from ..placements import services as placements
from ..placements.models import Agreement, Basis, CommissionBasis
from ..placements.offers import Good, Offer
from . import city

PASSWORD = "kota-peraga-2026"  # noqa: S105 - shown on the sign-in page of the demo city
OFFICE_NAME = "Dinas Koperasi, UKM dan Perindustrian Kota Surakarta (peraga)"
HEAD_NAME = "Retno Kusumaningrum (nama rekaan)"


@dataclass(frozen=True)
class DemoAccount:
    """One way into the demo city."""

    role: Role
    name: str
    email: str
    at: str
    """Reference of the seller or operator; empty for the office and the platform."""
    about: str


_SELLER, _BUYER = Role.SELLER_OWNER, Role.BUYER_MANAGER
ACCOUNTS = (
    DemoAccount(Role.OFFICER, "Ratna Kusumawati", "petugas@peraga.example", "", "Petugas Dinas"),
    DemoAccount(Role.HEAD, "Retno Kusumaningrum", "kepala@peraga.example", "", "Kepala Dinas"),
    DemoAccount(Role.COACH, "Joko Susanto", "pendamping@peraga.example", "", "Pendamping UMKM"),
    DemoAccount(_SELLER, "Sri Wahyuni", "sri@peraga.example", "U-001", "UMKM, Dapur Tempe Bu Sri"),
    DemoAccount(_SELLER, "Bagus Setiawan", "bagus@peraga.example", "U-010", "UMKM, belum terverifikasi"),
    DemoAccount(_BUYER, "Bagas Pratama", "bagas@peraga.example", "RUKUN", "Pembeli, Rukun Mart"),
    DemoAccount(_BUYER, "Laksmi Dewayani", "laksmi@peraga.example", "PUSPA", "Pembeli, Hotel Puspa"),
    DemoAccount(
        Role.BUYER_OWNER, "Hesti Anjani", "hesti@peraga.example", "SUDAGARAN", "Pembeli, pusat oleh-oleh"
    ),
    DemoAccount(Role.ADMIN, "Pengelola Etalase", "admin@peraga.example", "", "Pengelola sistem"),
)


@dataclass
class Cast:
    """The demo people as the actors that services take."""

    officer: Actor
    head: Actor
    sri: Actor
    bagus: Actor
    bagas: Actor
    laksmi: Actor
    hesti: Actor


def found_office(region_code: str) -> Office:
    """The city's office."""
    return registry.create_office(
        actor=SYSTEM,
        region_code=region_code,
        name=OFFICE_NAME,
        address="Jl. Contoh Balai Kota 1, Surakarta",
        head_name=HEAD_NAME,
        head_title="Kepala Dinas",
    )


def enrol(session: Session, office: Office) -> Cast:
    """Accounts for every role, all with the one password."""
    actors = {account.email: _enrol(session, office, account) for account in ACCOUNTS}
    names = ("petugas", "kepala", "sri", "bagus", "bagas", "laksmi", "hesti")
    return Cast(*(actors[f"{name}@peraga.example"] for name in names))


def _enrol(session: Session, office: Office, account: DemoAccount) -> Actor:
    user = create_user(actor=SYSTEM, name=account.name, email=account.email, password=PASSWORD)
    where: dict[str, int] = {}
    if account.role.startswith("seller"):
        where["seller_id"] = _seller(session, account.at).id
    elif account.role.startswith("buyer"):
        operator = session.scalars(select(Operator).where(Operator.operator_ref == account.at)).one()
        where["operator_id"] = operator.id
    elif account.role != Role.ADMIN:
        where["office_id"] = office.id
    registry.grant_membership(actor=SYSTEM, user_id=user.id, role=account.role, **where)
    region = office.region_code if "office_id" in where else ""
    return Actor(
        user.id,
        user.name,
        account.role,
        seller_id=where.get("seller_id"),
        operator_id=where.get("operator_id"),
        office_id=where.get("office_id"),
        region=region,
    )


def fill_desks(session: Session, cast: Cast, today: date) -> None:
    """Proposals to answer, sellers to verify, a claim, a duplicate, a suspension, signed reports."""
    with clock.frozen(on(today - timedelta(days=380))):
        _tell_stories(session, cast, today)
    _propose(session, cast, today)
    _suspend(session, cast, today)
    _queue_sellers(session, cast)
    _queue_retailer(cast.officer.region)
    _claim(session)
    _merge(session, cast)
    _sign_reports(session, cast, today)


def on(day: date) -> datetime:
    """Ten in the morning of a day."""
    return datetime.combine(day, time(10), WIB)


def _seller(session: Session, ref: str) -> Seller:
    return session.scalars(select(Seller).where(Seller.seller_ref == ref)).one()


def _outlet(session: Session, ref: str) -> Outlet:
    return session.scalars(select(Outlet).where(Outlet.outlet_ref == ref)).one()


STORIES = {
    "U-001": "Dulu saya titip ke tiga warung dan lupa mencatat. Sekarang saya tahu sisa keripik "
    "di tiap toko, sampai satuannya.",
    "U-003": "Intip harus renyah. Begitu toko mencatat terjual, saya goreng lagi untuk lusa. "
    "Tidak ada yang basi di rak.",
    "U-008": "Pembeli hotel ingin tahu siapa yang membatik. Di kartu produk, nama dan kampung kami "
    "ikut terpajang.",
    "U-005": "Cabainya dari tetangga sendiri di Nusukan. Kalau toko kurang satu botol, saya tahu "
    "hari itu juga.",
    "U-014": "Resep jamu ini dari simbah. Yang bubuk tahan setahun, jadi bisa dititip di hotel.",
    "U-024": "Blangkon dijahit satu per satu di Kratonan. Wisatawan membawanya pulang ke kota lain.",
}


def _tell_stories(session: Session, cast: Cast, today: date) -> None:
    """What the import does not ask: who owns each business, where it is paid, and what some of them tell."""
    for maker in city.read(today).sellers:
        account = f"000{maker.ref.removeprefix('U-')}0000"  # of no bank
        values = {"owner_name": maker.owner, "bank_name": "Bank Contoh"}
        values |= {"bank_account": account, "bank_holder": maker.owner}
        values |= {"story": STORIES[maker.ref]} if maker.ref in STORIES else {}
        seller = _seller(session, maker.ref)
        registry.update_seller(actor=cast.officer, seller_id=seller.id, values=values)


def _offer(session: Session, outlet_ref: str, seller_ref: str, today: date, **terms: object) -> Offer:
    seller = _seller(session, seller_ref)
    products = session.scalars(select(Product.id).where(Product.seller_id == seller.id).limit(2)).all()
    plan: dict[str, object] = {
        "basis": Basis.CONSIGNMENT,
        "starts_on": today + timedelta(days=7),
        "ends_on": today + timedelta(days=371),
        "commission_basis": CommissionBasis.PERCENT_OF_RETAIL,
        "commission_percent": Decimal(15),
        "due_days": 14,
        "terms": "Pajang di rak depan, dekat kasir. Laporan penjualan tiap Senin.",
        "reply_by": today + timedelta(days=9),
        "goods": tuple(Good(product_id) for product_id in products),
    }
    return Offer(
        outlet_id=_outlet(session, outlet_ref).id,
        seller_id=seller.id,
        **{**plan, **terms},  # type: ignore[arg-type]
    )


def _propose(session: Session, cast: Cast, today: date) -> None:
    """Two offers for Bu Sri to answer, one from her, one declined, one withdrawn, one just accepted."""
    for ref, days in (("T-001", 2), ("T-004", 6)):
        with clock.frozen(on(today - timedelta(days=3))):
            offer = _offer(session, ref, "U-001", today, reply_by=today + timedelta(days=days))
            placements.propose_agreement(actor=cast.bagas, offer=offer)
    with clock.frozen(on(today - timedelta(days=1))):
        offer = _offer(session, "H-002", "U-001", today, commission_percent=Decimal(0))
        placements.propose_agreement(actor=cast.sri, offer=offer)
    with clock.frozen(on(today - timedelta(days=20))):
        offer = _offer(session, "T-002", "U-010", today, starts_on=today - timedelta(days=10), reply_by=today)
        row = placements.propose_agreement(actor=cast.bagus, offer=offer)
        placements.decline_agreement(
            actor=cast.bagas, agreement_id=row.id, reason="Tunggu sampai usaha Anda diverifikasi Dinas."
        )
    with clock.frozen(on(today - timedelta(days=5))):
        offer = _offer(session, "T-008", "U-010", today)
        row = placements.propose_agreement(actor=cast.bagus, offer=offer)
        placements.withdraw_agreement(actor=cast.bagus, agreement_id=row.id)


def _suspend(session: Session, cast: Cast, today: date) -> None:
    query = (
        select(Agreement)
        .join(Outlet, Outlet.id == Agreement.outlet_id)
        .where(
            Outlet.outlet_ref == "T-006",
            Agreement.state == "accepted",
            Agreement.ends_on.is_(None),
            Agreement.terminated_on.is_(None),
            Agreement.starts_on < today - timedelta(days=30),
        )
        .order_by(Agreement.id)
    )
    running = session.scalars(query.limit(1)).first()
    if running is None:
        return
    with clock.frozen(on(today - timedelta(days=4))):
        placements.suspend_agreement(
            actor=cast.bagas,
            agreement_id=running.id,
            first_day=today - timedelta(days=4),
            last_day=today + timedelta(days=8),
            reason="Rak direnovasi, dipajang lagi sesudahnya.",
        )


NEWCOMERS = (
    ("Keripik Gadung Mbak Yuli", "Yuli Astuti", "33.72.04.1011", "+6281290010001"),
    ("Batik Ciprat Difabel Jebres", "Tri Handoko", "33.72.04.1010", "+6281290010002"),
    ("Es Gabus Kampung Sewu", "Murniati", "33.72.04.1005", "+6281290010003"),
)


def _queue_sellers(session: Session, cast: Cast) -> None:
    """Makers who registered themselves and wait for the office."""
    for number, (name, owner, village, phone) in enumerate(NEWCOMERS):
        with clock.frozen(clock.now() - timedelta(days=2 * number + 1)):
            person = create_user(name=owner, phone=phone)
            form = SellerForm(name=name, owner_name=owner, region_code=village, phone=phone)
            registry.register_seller(actor=Actor(person.id, person.name), form=form)
    seller = _seller(session, "U-010")
    registry.submit_for_verification(actor=cast.bagus, seller_id=seller.id)


def _queue_retailer(city_code: str) -> None:
    """A souvenir shop that registered itself and waits to be let in."""
    owner = create_user(name="Ratri Kusuma", phone="+6281290010077")
    form = registry.OperatorForm(
        name="Griya Oleh-oleh Contoh",
        region_code=city_code,
        phone="+6281290010077",
        address="Jl. Contoh 77, Surakarta",
    )
    registry.register_operator(actor=Actor(owner.id, owner.name), form=form)


def _claim(session: Session) -> None:
    """An owner finds her imported record by NIK."""
    facts = registry_facts(session, "U-003")
    person = create_user(name="Yemi Lestari", phone="+6281290010009")
    registry.claim_seller(actor=Actor(person.id, person.name), owner_nik=facts)


def registry_facts(session: Session, ref: str) -> str:
    """The NIK that the import recorded for a seller."""
    from ..organizations.models import SellerFacts  # noqa: PLC0415

    query = select(SellerFacts.owner_nik).where(
        SellerFacts.seller_id == _seller(session, ref).id, SellerFacts.superseded_at.is_(None)
    )
    return session.scalars(query).first() or ""


def _merge(session: Session, cast: Cast) -> None:
    """A maker that two officers had written down, joined again."""
    form = SellerForm(name="Kerupuk Legendar Pajang 2", owner_name="Sumadi", region_code="33.72.01.1001")
    twin = registry.register_seller(actor=cast.officer, form=form, submit=False)
    registry.merge_sellers(
        actor=cast.officer,
        kept_id=_seller(session, "U-035").id,
        duplicate_id=twin.id,
        reason="Usaha yang sama, tercatat dua kali.",
    )


def _sign_reports(_session: Session, cast: Cast, today: date) -> None:
    """The last two months, as they were signed a few days after each month's end."""
    last = today.replace(day=1) - timedelta(days=1)
    for as_of in (last.replace(day=1) - timedelta(days=1), last):
        with clock.frozen(on(min(as_of + timedelta(days=3), today))):
            compliance.issue_report(actor=cast.head, as_of=as_of, region=cast.head.region, note="")


def accounts_told(told: Callable[[str], None]) -> None:
    """Say each account in one line."""
    for account in ACCOUNTS:
        told(f"{account.about}: {account.email} / {PASSWORD}")
