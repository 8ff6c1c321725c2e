"""What the demo city's makers tell stores beyond the spreadsheet: sizes, wholesale prices, contents."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from .. import clock, signals
from ..catalog import services as catalog
from ..catalog.models import Category, PriceTier, Product
from ..catalog.values import ProductValues, TierValues, VariantValues
from ..organizations.models import Seller, SellerFacts
from .people import Cast, on

QUIET = 6
"""One maker in so many tells stores nothing of this yet."""
LARGE = ", kemasan besar"
CONTENTS = (
    ("tempe", "Tempe kedelai, tepung beras, bawang putih, ketumbar, garam, minyak kelapa sawit", ("soy",)),
    ("rambak", "Kulit sapi, bawang putih, garam, minyak kelapa sawit", ("none",)),
    ("sambal", "Cabai rawit, bawang merah, tomat, gula jawa, garam, minyak kelapa sawit", ("none",)),
    ("cumi", "Cumi asin, cabai, bawang merah, garam, minyak kelapa sawit", ("mollusc",)),
    ("teri", "Teri medan, cabai, bawang merah, garam, minyak kelapa sawit", ("fish",)),
    ("terasi", "Beras ketan, terasi udang, bawang putih, garam", ("crustacean",)),
    ("abon", "Daging, santan, gula jawa, bawang merah, ketumbar, garam", ("none",)),
    ("lele", "Lele, santan, gula jawa, bawang merah, garam", ("fish",)),
    ("kacang", "Kacang tanah, gula jawa, jahe, garam", ("peanut",)),
    ("pecel", "Kacang tanah, cabai, gula jawa, kencur, daun jeruk, garam", ("peanut",)),
    ("mede", "Kacang mede, gula, garam", ("tree_nut",)),
    ("madu", "Madu murni", ("none",)),
    ("kopi", "Biji kopi pilihan", ("none",)),
    ("susu", "Susu segar, gula", ("milk",)),
    ("cokelat", "Kakao, gula, susu bubuk, lesitin kedelai", ("milk", "soy")),
    ("keju", "Tepung terigu, keju, telur, mentega, gula", ("gluten", "egg", "milk")),
    ("roti", "Tepung terigu, telur, gula, mentega", ("gluten", "egg", "milk")),
    ("kue", "Tepung terigu, telur, gula, mentega", ("gluten", "egg", "milk")),
    ("bolu", "Tepung terigu, telur, gula, mentega", ("gluten", "egg", "milk")),
    ("intip", "Beras, gula jawa, garam, minyak kelapa sawit", ("none",)),
    ("wedang", "Jahe, secang, cengkih, kayu manis, gula batu", ("none",)),
    ("sirup", "Jahe merah, gula, air", ("none",)),
)
"""A word in the name, what such a thing is made of, its allergens; the last that fits holds."""
MATERIALS = (
    ("batik tulis", "Katun primisima, lilin malam, pewarna alam", 2400, 1100, None),
    ("batik", "Katun prima, pewarna naptol", 2000, 1100, None),
    ("lurik", "Benang katun, tenun bukan mesin", 1500, 700, None),
    ("tas", "Lurik katun, kulit sintetis", 320, 120, 260),
    ("meja", "Kayu jati bekas pakai, cat dasar air", 600, 450, 450),
    ("kursi", "Kayu jati bekas pakai, cat dasar air", 420, 420, 850),
    ("rak", "Kayu jati bekas pakai, cat dasar air", 800, 250, 900),
    ("anyam", "Bambu apus, rotan", 300, 300, 200),
    ("keranjang", "Bambu apus, rotan", 300, 300, 200),
    ("blangkon", "Katun batik, kertas karton", 200, 180, 120),
    ("sandal", "Kulit sapi, sol karet", 270, 100, 80),
    ("gerabah", "Tanah liat bakar", 180, 180, 200),
)
"""The same for what is not eaten: material, length, width and height in millimetres."""
SLOW = ("Rumah / Perabot kayu", "Batik dan kain / Batik tulis")
"""Made when they are ordered."""


def fill(session: Session, cast: Cast, today: date) -> None:
    """Tell stores more of most products, join large packs to their small ones, begin a draft for Bu Sri."""
    rows = list(session.execute(_products()).all())
    news = [_told(row) for row in rows if _chance(row.seller_ref) % QUIET != 1]
    session.execute(update(Product), news)
    session.execute(insert(PriceTier), [tier for row in rows for tier in _tiers(row)])
    joined = _join_large_packs(session, rows)
    session.expire_all()
    signals.product_changed.send(session, product_ids=sorted({row.id for row in rows} | joined))
    _seasonal(session, cast, today)
    _draft(cast, today)


def _products() -> Any:
    return (
        select(
            Product.id, Product.seller_id, Product.sku, Product.name, Product.unit, Product.price_rupiah,
            Product.min_order, Product.net_weight_g, Category.path, Category.is_food, Seller.seller_ref,
            SellerFacts.region_code,
        )
        .join(Category, Category.id == Product.category_id)
        .join(Seller, Seller.id == Product.seller_id)
        .join(SellerFacts, SellerFacts.seller_id == Seller.id)
        .where(
            SellerFacts.superseded_at.is_(None),
            SellerFacts.valid_to == clock.LAST_DAY,
            Product.first_live_at.is_not(None),
            Product.capacity_per_week.is_(None),
        )
        .order_by(Product.id)
    )  # fmt: skip


def _chance(text: str) -> int:
    return int(hashlib.sha256(text.encode()).hexdigest()[:8], 16)


def _told(row: Any) -> dict[str, Any]:
    """One product's columns, the same on every load."""
    chance = _chance(row.sku)
    name = row.name.lower()
    slow = row.path.startswith(SLOW)
    news: dict[str, Any] = {
        "id": row.id,
        "origin_code": row.region_code,
        "lead_time_days": 7 + chance % 15 if slow else 1 + chance % 5,
        "capacity_per_week": 2 + chance % 9 if slow else (chance % 24 + 2) * 20,
        "offers_consignment": chance % 9 != 0,
        "storage": None,
        "ingredients": "",
        "allergens": [],
        "material": "",
        "length_mm": None,
        "width_mm": None,
        "height_mm": None,
        "is_made_to_order": slow,
    }
    if row.is_food:
        contents = [(text, allergens) for word, text, allergens in CONTENTS if word in name]
        news["storage"] = "chilled" if "susu" in name else ("cool" if chance % 3 == 0 else "room")
        if contents:
            news["ingredients"], news["allergens"] = contents[-1][0], list(contents[-1][1])
        return news
    words = f"{row.path} {name}".lower()
    for word, material, length, width, height in MATERIALS:
        if word in words:
            news |= {"material": material, "length_mm": length, "width_mm": width, "height_mm": height}
            break
    return news


def _tiers(row: Any) -> Iterable[dict[str, int]]:
    """Two wholesale prices for about half of the products."""
    if _chance(row.sku) % 2 or row.price_rupiah < 5_000:
        return
    for times, percent in ((4, 95), (12, 90)):
        price = row.price_rupiah * percent // 100 // 100 * 100
        yield {"product_id": row.id, "min_quantity": row.min_order * times, "price_rupiah": price}


def _join_large_packs(session: Session, rows: list[Any]) -> set[int]:
    """Large packs are a size of the small ones, with their own code, price and stock."""
    small = {(row.seller_id, row.sku): row for row in rows}
    mains: set[int] = set()
    changes: list[dict[str, Any]] = []
    for row in rows:
        main = small.get((row.seller_id, row.sku.removesuffix("B")))
        if not row.name.endswith(LARGE) or main is None:
            continue
        sizes = (f"{main.net_weight_g} g", f"{row.net_weight_g} g")
        changes.append(
            {
                "id": row.id,
                "main_id": main.id,
                "variant_axis": "Ukuran",
                "variant_name": sizes[1],
                "name": f"{main.name}, {sizes[1]}",
                "readiness": 0,
            }
        )
        mains.add(main.id)
        session.execute(
            update(Product)
            .where(Product.id == main.id)
            .values(variant_axis="Ukuran", variant_name=sizes[0])
            .execution_options(synchronize_session=False)
        )
    session.execute(update(Product), changes)
    return mains


def _seasonal(session: Session, cast: Cast, today: date) -> None:
    """Parcels for Lebaran and Christmas, on sale by the office's hand."""
    for ref, name, category, price, first, last, contents in (
        ("U-011", "Parsel Lebaran aneka kue kering", "Makanan / Parsel", 185_000, 1, 4, "isi 5 toples"),
        (
            "U-002",
            "Parsel Natal ampyang dan gula kacang",
            "Makanan / Parsel",
            95_000,
            11,
            12,
            "isi 4 bungkus",
        ),
    ):
        seller = session.scalars(select(Seller).where(Seller.seller_ref == ref)).one()
        with clock.frozen(on(today - timedelta(days=60))):
            catalog.create_product(
                actor=cast.officer,
                seller_id=seller.id,
                values=ProductValues(
                    name=name, category=category, price_rupiah=price, unit=f"keranjang, {contents}",
                    retail_price_rupiah=price * 5 // 4, min_order=5, lead_time_days=10, capacity_per_week=40,
                    season_from=first, season_to=last, shelf_life_days=90, storage="room",
                    ingredients="Lihat label tiap isi", allergens=("gluten", "egg", "milk", "peanut"),
                    description="Keranjang berisi buatan sendiri, dihias pita, dengan kartu nama toko.",
                    tiers=(TierValues(20, price * 95 // 100), TierValues(50, price * 9 // 10)),
                ),
            )  # fmt: skip


def _draft(cast: Cast, today: date) -> None:
    """What Bu Sri began the evening before and has not finished, in two sizes."""
    assert cast.sri.seller_id is not None
    with clock.frozen(on(today - timedelta(days=1)) + timedelta(hours=9)):
        draft = catalog.create_product(
            actor=cast.sri,
            seller_id=cast.sri.seller_id,
            values=ProductValues(
                name="Keripik tempe sambal matah", category="Makanan / Camilan kering", price_rupiah=12_000,
                unit="bungkus 150 g", net_weight_g=150,
            ),
        )  # fmt: skip
        catalog.save_variants(
            actor=cast.sri,
            product_id=draft.id,
            axis="Ukuran",
            rows=[VariantValues("300 g", 22_000, net_weight_g=300)],
            own_name="150 g",
        )
