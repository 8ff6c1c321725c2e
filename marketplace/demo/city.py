"""Reads the demo city's makers and outlets from the two text files beside this one."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

HERE = Path(__file__).parent
LARGE_PACK = 45
"""So many of the snacks also come in a large pack."""


@dataclass
class DemoProduct:
    """One product of a maker."""

    sku: str
    name: str
    category: str
    unit: str
    price: int
    retail: int
    grams: int
    shelf_days: int
    marks: str

    @property
    def is_fresh(self) -> bool:
        """Too short-lived for a shelf that is filled once a week."""
        return 0 < self.shelf_days < 14


@dataclass
class DemoSeller:
    """One maker, with its flags: coached, unverified, revoked, closed, affiliated=, same=."""

    ref: str
    name: str
    owner: str
    village: str
    size: str
    flags: dict[str, str]
    products: list[DemoProduct] = field(default_factory=list)

    @property
    def counts(self) -> bool:
        """Whether this maker can count for any outlet."""
        return self.size != "x" and not self.flags.keys() & {"unverified", "revoked", "closed"}


@dataclass
class DemoOutlet:
    """One outlet; `aim` is how many sellers it should carry today."""

    ref: str
    name: str
    operator: str
    kind: str
    village: str
    address: str
    area: str
    stars: str
    opened_on: date
    closed_on: date | None
    aim: int
    is_paper: bool


@dataclass
class DemoCity:
    """Everything the two files say."""

    sellers: list[DemoSeller]
    operators: dict[str, str]
    outlets: list[DemoOutlet]

    def seller(self, ref: str) -> DemoSeller:
        """The maker with a reference."""
        return next(seller for seller in self.sellers if seller.ref == ref)


def read(today: date) -> DemoCity:
    """The city as of a day: what the files give in months is counted back from it."""
    operators, outlets = _outlets(today)
    return DemoCity(_sellers(), operators, outlets)


def _lines(name: str) -> list[str]:
    text = (HERE / name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line.strip() and not line.startswith(("#", " "))]


def _fields(line: str) -> list[str]:
    return [part.strip() for part in line.split("|")]


def _sellers() -> list[DemoSeller]:
    sellers: list[DemoSeller] = []
    for line in _lines("sellers.txt"):
        first, *rest = _fields(line)
        if first.startswith("U-"):
            name, owner, village, size, flags = rest
            pairs = [flag.strip().partition("=") for flag in flags.split(",") if flag.strip()]
            sellers.append(DemoSeller(first, name, owner, village, size, {p[0]: p[2] for p in pairs}))
        else:
            name, category, unit, price, retail, grams, days, marks = rest
            product = DemoProduct(
                first, name, category, unit, int(price), int(retail), int(grams), int(days), marks
            )
            sellers[-1].products.append(product)
    _add_large_packs(sellers)
    return sellers


def _add_large_packs(sellers: list[DemoSeller]) -> None:
    snacks = [
        (seller, product)
        for seller in sellers
        for product in seller.products
        if product.category.startswith(("Makanan / Camilan", "Makanan / Lauk", "Makanan / Intip"))
    ]
    for seller, small in snacks[:LARGE_PACK]:
        price, retail = small.price * 9 // 5 // 500 * 500, small.retail * 9 // 5 // 500 * 500
        unit = f"bungkus {small.grams * 2} g"
        seller.products.append(
            DemoProduct(
                f"{small.sku}B", f"{small.name}, kemasan besar", small.category, unit, price, retail,
                small.grams * 2, small.shelf_days, small.marks.replace("G", ""),
            )
        )  # fmt: skip


def _outlets(today: date) -> tuple[dict[str, str], list[DemoOutlet]]:
    operators: dict[str, str] = {}
    outlets: list[DemoOutlet] = []
    for line in _lines("outlets.txt"):
        if line.startswith("="):
            ref, name = _fields(line[1:])
            operators[ref] = name
            continue
        ref, name, kind, village, address, area, stars, opened, closed, aim = _fields(line)
        outlets.append(
            DemoOutlet(
                ref, name, list(operators)[-1], kind, village, address, area, stars, _day(opened, today),
                _day(f"{closed}m", today) if closed else None, int(aim.rstrip("p")), aim.endswith("p"),
            )
        )  # fmt: skip
    return operators, outlets


def _day(text: str, today: date) -> date:
    if text.endswith("m"):
        return today - timedelta(days=30 * int(text[:-1]) - 5)
    return date.fromisoformat(text)
