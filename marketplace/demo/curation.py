"""What waits for the office's look in the demo city, and papers in every state. Numbers are invented."""

from __future__ import annotations

import io
from datetime import date, timedelta
from typing import Any

from PIL import Image, ImageDraw
from sqlalchemy import select
from sqlalchemy.orm import Session

from .. import clock
from ..catalog import services as catalog
from ..catalog.models import Certificate, Product, Review
from ..catalog.queries import curation as queries
from ..catalog.services import certificates as papers
from ..catalog.services import curation
from ..catalog.services.certificates import CertificateValues
from ..catalog.values import ProductValues
from ..organizations.models import Seller
from ..permissions import Actor, Role
from .people import Cast, on


def fill(session: Session, cast: Cast, today: date) -> None:
    """Certificates, reviews and changes, as if the office had worked through a month of them."""
    _papers(session, cast, today)
    _products(session, cast, today)
    _changes(session, cast, today)


def _papers(session: Session, cast: Cast, today: date) -> None:
    sri, karto, sekar = cast.sri, _maker(session, "U-002"), _maker(session, "U-004")
    _verified(session, cast, sri, today - timedelta(200), kind="halal", number="ID33110004471200526")
    soon = today + timedelta(10)
    _verified(
        session, cast, sri, today - timedelta(160), kind="pirt", number=_pirt("41", soon), expires_on=soon,
        product_id=_product(session, "U-001", "TMP-04").id,
    )  # fmt: skip
    _verified(
        session, cast, sri, today - timedelta(90), kind="sni", number="SNI 2602:2018",
        product_id=_product(session, "U-001", "TMP-01").id,
    )  # fmt: skip
    _handed_in(session, sri, today - timedelta(3), kind="trademark", number="DID2026091177")
    last = today - timedelta(20)
    _verified(
        session, cast, sekar, today - timedelta(300), kind="pirt", number=_pirt("17", last), expires_on=last,
        product_id=_product(session, "U-004", "WDG-04").id,
    )  # fmt: skip
    _handed_in(session, karto, today - timedelta(1), kind="halal", number="ID33110004471300826")
    abon = _maker(session, "U-007")
    _handed_in(
        session, abon, today - timedelta(6), kind="bpom", number="MD 255311040127",
        expires_on=today + timedelta(1700), product_id=_product(session, "U-007", "ABN-04").id,
    )  # fmt: skip
    wrong = _handed_in(session, sri, today - timedelta(12), kind="other", number="443/108/2026",
                       name="Sertifikat penyuluhan keamanan pangan")  # fmt: skip
    with clock.frozen(on(today - timedelta(9))):
        papers.reject_certificate(
            actor=cast.officer, certificate_id=wrong.id, version=wrong.version, reasons=["unreadable"]
        )
    gone = _handed_in(
        session, karto, today - timedelta(30), kind="other", number="11/2025", name="Piagam lomba"
    )
    with clock.frozen(on(today - timedelta(29))):
        papers.withdraw_certificate(actor=karto, certificate_id=gone.id)


def _products(session: Session, cast: Cast, today: date) -> None:
    new = _drafted(
        session, cast.sri, today - timedelta(5), "Keripik tempe keju", "Makanan / Camilan kering", 12_500,
        unit="bungkus 150 g", net_weight_g=150, shelf_life_days=150, capacity_per_week=200, lead_time_days=3,
        ingredients="Tempe kedelai, tepung beras, keju bubuk, garam, minyak kelapa sawit",
        allergens=("soy", "milk"), description="Tempe iris tipis, keju ditabur waktu masih panas.",
    )  # fmt: skip
    with clock.frozen(on(today - timedelta(4))):
        curation.submit_product(
            actor=cast.sri, product_id=new.id, message="Pembeli di toko sering menanyakan rasa keju."
        )
    back = _drafted(
        session, cast.sri, today - timedelta(15), "Tempe mendoan beku", "Makanan / Lauk kering", 16_000,
        unit="kotak isi 10", shelf_life_days=60, storage="frozen",
        ingredients="Tempe, tepung terigu, daun bawang", allergens=("soy", "gluten"),
    )  # fmt: skip
    with clock.frozen(on(today - timedelta(14))):
        review = curation.submit_product(actor=cast.sri, product_id=back.id)
    with clock.frozen(on(today - timedelta(11))):
        curation.send_back(
            actor=cast.officer, review_id=review.id, stamp=_stamp(cast, review), reasons=["label"],
            reason="Makanan beku memerlukan izin BPOM MD, bukan P-IRT. Kami bantu mengurusnya.",
        )  # fmt: skip
    for days, ref, name, category, price in (
        (8, "U-003", "Intip goreng gula aren", "Makanan / Intip dan rengginang", 15_500),
        (2, "U-008", "Selendang batik parang cap", "Busana / Batik", 145_000),
        (0, "U-014", "Jamu beras kencur botol", "Minuman / Wedang dan jamu", 12_000),
    ):
        maker = _maker(session, ref)
        row = _drafted(session, maker, today - timedelta(days + 1), name, category, price, unit="buah")
        with clock.frozen(on(today - timedelta(days)) if days else clock.now() - timedelta(hours=2)):
            curation.submit_product(actor=maker, product_id=row.id)
    live = _drafted(
        session, _maker(session, "U-005"), today - timedelta(40), "Sambal roa", "Makanan / Sambal dan bumbu",
        29_000, unit="botol 150 g", net_weight_g=150, shelf_life_days=180, allergens=("fish",),
        ingredients="Cabai rawit, ikan roa, bawang merah, garam, minyak",
        capacity_per_week=60, lead_time_days=4,
    )  # fmt: skip
    with clock.frozen(on(today - timedelta(39))):
        review = curation.submit_product(actor=_maker(session, "U-005"), product_id=live.id)
    with clock.frozen(on(today - timedelta(37))):
        wishes, _needed = queries.criteria_for(session, live.category_id)
        curation.approve(
            actor=cast.officer, review_id=review.id, stamp=_stamp(cast, review),
            met=[wish.id for wish in wishes], message="Labelnya rapi. Semoga laris.",
        )  # fmt: skip


def _changes(session: Session, cast: Cast, today: date) -> None:
    _asked(session, cast.sri, today - timedelta(25), "U-001", "TMP-03", name="Keripik tempe pedas nampol")
    review = session.scalars(select(Review).order_by(Review.id.desc()).limit(1)).one()
    with clock.frozen(on(today - timedelta(22))):
        curation.approve(actor=cast.officer, review_id=review.id, stamp=_stamp(cast, review))
    _asked(
        session, cast.sri, today - timedelta(2), "U-001", "TMP-02",
        name="Keripik tempe original gurih", price_rupiah=13_500,
    )  # fmt: skip
    lastri = _maker(session, "U-005")
    _asked(
        session, lastri, today - timedelta(7), "U-005", "SBL-02",
        ingredients="Cabai merah, cumi asin, bawang merah, tomat, gula, garam, minyak", allergens=["mollusc"],
    )  # fmt: skip


def _maker(session: Session, ref: str) -> Actor:
    """The owner of a business, with or without an account."""
    seller = session.scalars(select(Seller).where(Seller.seller_ref == ref)).one()
    return Actor(None, seller.owner_name or seller.name, Role.SELLER_OWNER, seller_id=seller.id)


def _product(session: Session, ref: str, sku: str) -> Product:
    query = select(Product).join(Seller, Seller.id == Product.seller_id)
    return session.scalars(query.where(Seller.seller_ref == ref, Product.sku == sku)).one()


def _pirt(serial: str, last: date) -> str:
    return f"206337201{serial}{last:%d}-{last:%y}"


def _handed_in(session: Session, actor: Actor, day: date, **values: Any) -> Certificate:
    given = CertificateValues(**values)
    seller = session.get_one(Seller, actor.seller_id)
    with clock.frozen(on(day)):
        return papers.add_certificate(
            actor=actor, seller_id=seller.id, values=given, content=_sheet(seller.name, given.number)
        )


def _verified(session: Session, cast: Cast, actor: Actor, day: date, **values: Any) -> Certificate:
    one = _handed_in(session, actor, day, **values)
    with clock.frozen(on(day + timedelta(2))):
        return papers.verify_certificate(actor=cast.officer, certificate_id=one.id, version=one.version)


def _sheet(holder: str, number: str) -> bytes:
    """A drawn sheet that says that it is none."""
    image = Image.new("RGB", (620, 877), (250, 246, 236))
    draw = ImageDraw.Draw(image)
    draw.rectangle((24, 24, 596, 853), outline=(122, 74, 34), width=6)
    for place, text in enumerate(("KOTA PERAGA", "CONTOH SERTIFIKAT, TIDAK SAH", holder, f"No. {number}")):
        draw.text((70, 140 + 90 * place), text, fill=(60, 38, 20), font_size=30)
    draw.ellipse((400, 640, 540, 780), outline=(40, 60, 120), width=8)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=80)
    return out.getvalue()


def _drafted(
    session: Session, actor: Actor, day: date, name: str, category: str, price: int, **values: Any
) -> Product:
    with clock.frozen(on(day)):
        return catalog.create_product(
            actor=actor,
            seller_id=actor.seller_id or 0,
            values=ProductValues(name=name, category=category, price_rupiah=price, **values),
        )


def _asked(session: Session, actor: Actor, day: date, ref: str, sku: str, **after: Any) -> None:
    """A seller's change of a product on sale, which waits."""
    product = _product(session, ref, sku)
    before = {name: getattr(product, name) for name in after}
    with clock.frozen(on(day)):
        for name, value in curation.hold_back(session, product, before, after, actor).items():
            setattr(product, name, value)


def _stamp(cast: Cast, review: Review) -> str:
    page = queries.review_page(cast.officer, review.id)
    assert page is not None
    return page.stamp
