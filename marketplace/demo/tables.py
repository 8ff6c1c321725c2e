"""The demo city as the spreadsheets a real city would bring: one table for each import kind."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from .city import DemoCity, DemoProduct, DemoSeller
from .year import DemoYear

SALES = {"m": 320_000_000, "k": 3_400_000_000, "t": 21_000_000_000, "x": 61_000_000_000}


@dataclass(frozen=True)
class Table:
    """What goes into one import."""

    kind: str
    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]


def tables(city: DemoCity, year: DemoYear, today: date) -> list[Table]:
    """The city's tables in the order they must go in."""
    return [
        Table("sellers", SELLER_COLUMNS, [_seller(city, seller, today) for seller in city.sellers]),
        Table("outlets", OUTLET_COLUMNS, list(_outlets(city))),
        Table("products", PRODUCT_COLUMNS, list(_products(city))),
        Table("agreements", AGREEMENT_COLUMNS, list(_agreements(year))),
        Table("movements", MOVEMENT_COLUMNS, list(_movements(year))),
    ]


SELLER_COLUMNS = (
    "seller_ref", "name", "region_code", "owner_nik", "nib", "kbli_code", "capital_rupiah",
    "annual_sales_rupiah", "phone", "address", "coached_since", "verified_on", "revoked_on", "closed_on",
    "affiliated_operator_ref",
)  # fmt: skip
OUTLET_COLUMNS = (
    "outlet_ref", "operator_ref", "operator_name", "name", "kind", "region_code", "opened_on", "closed_on",
    "address", "floor_area_m2", "stars",
)  # fmt: skip
PRODUCT_COLUMNS = (
    "sku", "seller_ref", "name", "category", "price_rupiah", "retail_price_rupiah", "unit", "min_order",
    "order_multiple", "gtin", "net_weight_g", "shelf_life_days", "description", "pirt_number", "halal_number",
    "bpom_number",
)  # fmt: skip
AGREEMENT_COLUMNS = (
    "agreement_ref", "outlet_ref", "seller_ref", "basis", "starts_on", "ends_on", "terminated_on",
    "commission_percent", "settlement_days",
)  # fmt: skip
MOVEMENT_COLUMNS = (
    "movement_ref", "occurred_on", "kind", "outlet_ref", "seller_ref", "sku", "quantity", "unit_price_rupiah",
    "lot", "expires_on", "note",
)  # fmt: skip


def _digits(text: str, count: int) -> str:
    """Digits that look random and are always the same for the same text."""
    number = int(hashlib.sha256(text.encode()).hexdigest(), 16)
    return str(number)[:count]


def nik(city: DemoCity, seller: DemoSeller) -> str:
    """An invented NIK: the village's district, a date of birth, a serial from 9000 on."""
    twin = seller.flags.get("same")
    if twin:
        return nik(city, city.seller(twin))
    chance = int(_digits(seller.ref, 9))
    day = chance % 28 + 1 + (40 if chance % 3 else 0)
    born = f"{day:02d}{chance % 12 + 1:02d}{chance % 40 + 55:02d}"
    return seller.village.replace(".", "")[:6] + born + f"{9000 + chance % 999:04d}"


def phone(ref: str) -> str:
    """An invented mobile number."""
    return "+62812" + _digits(f"phone {ref}", 8)


def _seller(city: DemoCity, seller: DemoSeller, today: date) -> tuple[Any, ...]:
    chance = int(_digits(seller.ref, 6))
    verified_on = today - timedelta(days=500 + chance % 900)
    return (
        seller.ref, seller.name, seller.village, nik(city, seller), "91" + _digits(seller.name, 11), "",
        SALES[seller.size] // 3, SALES[seller.size] + chance * 100, phone(seller.ref),
        f"Gang Contoh {chance % 90 + 1}",
        (today - timedelta(days=300 + chance % 700)).isoformat() if "coached" in seller.flags else "",
        "" if "unverified" in seller.flags else verified_on.isoformat(),
        (today - timedelta(days=75)).isoformat() if "revoked" in seller.flags else "",
        (today - timedelta(days=50)).isoformat() if "closed" in seller.flags else "",
        seller.flags.get("affiliated", ""),
    )  # fmt: skip


def _outlets(city: DemoCity) -> Iterator[tuple[Any, ...]]:
    for outlet in city.outlets:
        yield (
            outlet.ref, outlet.operator, city.operators[outlet.operator], outlet.name, outlet.kind,
            outlet.village, outlet.opened_on.isoformat(),
            outlet.closed_on.isoformat() if outlet.closed_on else "",
            outlet.address, outlet.area, outlet.stars,
        )  # fmt: skip


def _products(city: DemoCity) -> Iterator[tuple[Any, ...]]:
    for seller in city.sellers:
        for product in seller.products:
            yield (
                product.sku, seller.ref, product.name, product.category, product.price, product.retail,
                product.unit, 6 if product.price < 50_000 else 2, 2, _gtin(product), product.grams,
                product.shelf_days or "", _description(seller, product), _pirt(seller, product),
                "ID33" + _digits(f"halal {product.sku}", 12) if "H" in product.marks else "",
                "MD" + _digits(f"bpom {product.sku}", 12) if "B" in product.marks else "",
            )  # fmt: skip


def _description(seller: DemoSeller, product: DemoProduct) -> str:
    kept = f" Tahan {product.shelf_days} hari." if product.shelf_days else ""
    return f"{product.name} buatan {seller.name}, {product.unit}.{kept} Produk contoh untuk kota peraga."


def _gtin(product: DemoProduct) -> str:
    if "G" not in product.marks:
        return ""
    body = "899" + _digits(f"gtin {product.sku}", 9)
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(body))
    return body + str(-total % 10)


def _pirt(seller: DemoSeller, product: DemoProduct) -> str:
    if "P" not in product.marks:
        return ""
    serial = _digits(seller.ref, 4)
    return f"206{seller.village[:2]}{seller.village[3:5]}{_digits(product.sku, 2)}{serial}29"


def _agreements(year: DemoYear) -> Iterator[tuple[Any, ...]]:
    for number, agreement in enumerate(year.agreements, start=1):
        yield (
            f"PK-{number:04d}", agreement.outlet.ref, agreement.seller.ref, agreement.basis,
            agreement.starts_on.isoformat(), agreement.ends_on.isoformat() if agreement.ends_on else "",
            agreement.terminated_on.isoformat() if agreement.terminated_on else "",
            "" if agreement.basis == "outright" else agreement.commission, agreement.settlement_days,
        )  # fmt: skip


def _movements(year: DemoYear) -> Iterator[tuple[Any, ...]]:
    for number, moved in enumerate(year.movements, start=1):
        price = moved.product.retail if moved.kind == "sale" else moved.product.price
        yield (
            f"MV-{number:06d}", moved.day.isoformat(), moved.kind, moved.outlet.ref, moved.seller.ref,
            moved.product.sku, moved.quantity, price, moved.lot,
            moved.expires_on.isoformat() if moved.expires_on else "", moved.note,
        )  # fmt: skip
