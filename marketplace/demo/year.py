"""Twelve months of the demo city: who agreed with whom, and what moved, day by day.

Repeatable: the same day gives the same city. Every reason for not being counted occurs.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta

from .city import DemoCity, DemoOutlet, DemoProduct, DemoSeller

SPAN = 400
FACE_OF_THE_DEMO = "U-001"
"""The maker whose account visitors try."""
HER_SHELVES = "T-002 T-006 T-009 T-011 T-015 T-018 T-022 T-023 T-026 T-030 H-001 S-001 S-003".split()
"""Where her goods stand; offers between her and other outlets wait for an answer."""
TASTES = {
    "minimarket": ("Makanan", "Minuman", "Perawatan tubuh"),
    "supermarket": ("Makanan", "Minuman", "Perawatan tubuh", "Rumah"),
    "hypermarket": ("Makanan", "Minuman", "Perawatan tubuh", "Rumah", "Olahraga", "Pakaian"),
    "department_store": ("Batik dan kain", "Pakaian", "Tas dan kerajinan", "Rumah"),
    "wholesale": ("Makanan", "Minuman", "Olahraga"),
    "hotel": ("Makanan", "Minuman", "Batik dan kain", "Tas dan kerajinan", "Rumah", "Perawatan tubuh"),
    "souvenir_centre": ("Makanan", "Minuman", "Batik dan kain", "Tas dan kerajinan", "Rumah"),
}


@dataclass
class DemoAgreement:
    """An agreement as the spreadsheet of a city would have it."""

    outlet: DemoOutlet
    seller: DemoSeller
    starts_on: date
    ends_on: date | None = None
    terminated_on: date | None = None
    basis: str = "consignment"
    commission: int = 20
    settlement_days: int = 14


@dataclass
class DemoMovement:
    """One line of the ledger."""

    day: date
    kind: str
    outlet: DemoOutlet
    seller: DemoSeller
    product: DemoProduct
    quantity: int
    lot: str = ""
    expires_on: date | None = None
    note: str = ""


@dataclass
class DemoYear:
    """What happened."""

    agreements: list[DemoAgreement] = field(default_factory=list)
    movements: list[DemoMovement] = field(default_factory=list)


def live_through(city: DemoCity, today: date) -> DemoYear:
    """The year up to and including `today`."""
    year = DemoYear()
    for outlet in city.outlets:
        _Shop(city, outlet, today, year).fill()
    year.movements.sort(key=lambda m: (m.day, m.kind not in {"delivery", "found"}))
    return year


class _Shop:
    """One outlet's year."""

    def __init__(self, city: DemoCity, outlet: DemoOutlet, today: date, year: DemoYear) -> None:
        self.city, self.outlet, self.today, self.year = city, outlet, today, year
        self.rng = random.Random(f"etalase {outlet.ref}")
        self.first = max(outlet.opened_on, today - timedelta(days=SPAN))
        self.last = min(outlet.closed_on - timedelta(days=1), today) if outlet.closed_on else today

    def fill(self) -> None:
        """Agreements that count, then those that do not."""
        makers = self._fitting()
        for seller in makers[: self.outlet.aim]:
            self._carry(seller)
        spare = makers[self.outlet.aim :]
        if self.outlet.is_paper:
            for seller in spare[:4]:
                self._on_paper(seller)
            return
        self._odd_cases(spare)

    def _fitting(self) -> list[DemoSeller]:
        taste = TASTES[self.outlet.kind]
        found = [
            seller
            for seller in self.city.sellers
            if seller.counts
            and "same" not in seller.flags
            and (seller.ref != FACE_OF_THE_DEMO or self.outlet.ref in HER_SHELVES)
            and seller.flags.get("affiliated") != self.outlet.operator
            and any(product.category.startswith(taste) for product in self._shelf_products(seller))
        ]
        self.rng.shuffle(found)
        near, carried = self.outlet.village[:8], Counter(a.seller.ref for a in self.year.agreements)
        carried[FACE_OF_THE_DEMO] = -1

        def rank(seller: DemoSeller) -> tuple[int, bool]:
            return carried[seller.ref] // 4, seller.village[:8] != near

        return sorted(found, key=rank)

    @staticmethod
    def _shelf_products(seller: DemoSeller) -> list[DemoProduct]:
        return [product for product in seller.products if not product.is_fresh]

    def _start_of_carrying(self) -> date:
        """Some were there before the year began, most came during it, a few shops filled up this month."""
        place = sum(a.outlet is self.outlet for a in self.year.agreements)
        if place == self.outlet.aim - 1 and self.outlet.aim == 5 and int(self.outlet.ref[2:]) % 3:
            return self.last - timedelta(days=self.rng.randint(8, 16))
        if self.rng.random() < 0.45:
            return self._start(SPAN, 340)
        return self._start()

    def _start(self, earliest: int = SPAN, latest: int = 45) -> date:
        room = max((self.last - self.first).days - 20, 1)
        back = self.rng.randint(min(latest, room), min(earliest, room))
        return self.last - timedelta(days=back)

    def _agree(self, seller: DemoSeller, starts_on: date, **more: object) -> DemoAgreement:
        agreement = DemoAgreement(self.outlet, seller, starts_on, **more)  # type: ignore[arg-type]
        agreement.commission = self.rng.choice([0, 10, 15, 15, 20, 20, 25])
        agreement.settlement_days = self.rng.choice([7, 14, 14, 30])
        self.year.agreements.append(agreement)
        return agreement

    def _carry(self, seller: DemoSeller) -> None:
        starts_on = self._start_of_carrying()
        ends_on = starts_on + timedelta(days=729) if self.rng.random() < 0.3 else None
        self._agree(seller, starts_on, ends_on=ends_on)
        self._trade(seller, starts_on, self.last, keep_stock=True)

    def _on_paper(self, seller: DemoSeller) -> None:
        """In force, but the shelf has long been empty, or was never filled."""
        starts_on = self._start(300, 120)
        self._agree(seller, starts_on)
        if self.rng.random() < 0.7:
            self._trade(seller, starts_on, self.last - timedelta(days=self.rng.randint(45, 80)))

    def _odd_cases(self, spare: list[DemoSeller]) -> None:
        number = int(self.outlet.ref[2:])
        if number % 2 and spare:
            self._on_paper(spare.pop(0))
        if number % 3 != 1 and spare:
            self._ended(spare.pop(0))
        if number % 4 == 0 and spare:
            self._bought(spare.pop(0))
        for ref, when in (("U-010", 3), ("U-038", 5), ("U-039", 6), ("U-041", 7), ("U-021", 2), ("U-006", 5)):
            if number % when == 1 % when and (ref != "U-021" or self.outlet.operator == "RUKUN"):
                self._carry(self.city.seller(ref))
        if number % 5 == 1 and not self._has("U-005"):
            self._carry(self.city.seller("U-005"))

    def _has(self, ref: str) -> bool:
        return any(a.outlet is self.outlet and a.seller.ref == ref for a in self.year.agreements)

    def _ended(self, seller: DemoSeller) -> None:
        if (self.last - self.first).days < 180:
            return  # too young a shop for an agreement to have come and gone
        starts_on = self._start(390, 150)
        stop = self.last - timedelta(days=self.rng.randint(6, 90))
        if self.rng.random() < 0.4:
            self._agree(seller, starts_on, terminated_on=stop)
        else:
            self._agree(seller, starts_on, ends_on=stop)
        self._trade(seller, starts_on, stop - timedelta(days=1), keep_stock=self.rng.random() < 0.4)

    def _bought(self, seller: DemoSeller) -> None:
        starts_on = self._start(200, 60)
        self._agree(seller, starts_on, basis="outright")
        day = starts_on + timedelta(days=2)
        while day <= self.last:
            for product in self._shelf_products(seller)[:2]:
                self._move(day, "delivery", seller, product, self.rng.randint(20, 60))
                self._sell_out(seller, product, day, 30)
            day += timedelta(days=self.rng.randint(35, 60))

    def _sell_out(self, seller: DemoSeller, product: DemoProduct, day: date, within: int) -> None:
        left = self.year.movements[-1].quantity
        for _week in range(4):
            day += timedelta(days=within // 4 - 1)
            quantity = min(left, self.rng.randint(4, 14))
            if quantity and day <= self.last:
                self._move(day, "sale", seller, product, quantity)
                left -= quantity

    def _trade(self, seller: DemoSeller, first: date, last: date, *, keep_stock: bool = False) -> None:
        choice = self._shelf_products(seller)
        for product in self.rng.sample(choice, min(len(choice), self.rng.choice([1, 2, 2, 3]))):
            self._trade_product(seller, product, first, last, keep_stock=keep_stock)

    def _trade_product(
        self, seller: DemoSeller, product: DemoProduct, first: date, last: date, *, keep_stock: bool
    ) -> None:
        rng = self.rng
        day, on_hand = first + timedelta(days=rng.randint(0, 5)), 0
        pace = 3 if product.price > 60_000 else 12
        while day <= last:
            if on_hand < pace // 2 and ((last - day).days > 20 or keep_stock):
                quantity = rng.randint(pace, pace * 4) // 2 * 2 + 2
                self._move(day, "delivery", seller, product, quantity)
                on_hand += quantity
            sold = min(on_hand, rng.randint(1, pace))
            if (last - day).days < 8 and not keep_stock:
                sold = on_hand
            next_day = day + timedelta(days=rng.randint(6, 9))
            if sold and next_day <= last:
                self._move(next_day, "sale", seller, product, sold)
                on_hand -= sold
            on_hand -= self._mishap(next_day, last, seller, product, on_hand)
            day = next_day
        if on_hand and not keep_stock:
            self._move(last, "return", seller, product, on_hand, note="Sisa ditarik saat titip jual berhenti")

    def _mishap(self, day: date, last: date, seller: DemoSeller, product: DemoProduct, on_hand: int) -> int:
        chance = self.rng.random()
        if day > last or on_hand < 3 or chance > 0.05:
            return 0
        if chance < 0.02:
            self._move(day, "return", seller, product, 2, note="Kemasan penyok")
        elif chance < 0.04:
            self._move(day, "loss", seller, product, 1, note="Selisih hitung stok")
            return 1
        else:
            self._move(day, "found", seller, product, 1, note="Ketemu di gudang saat hitung stok")
            return -1
        return 2

    def _move(
        self, day: date, kind: str, seller: DemoSeller, product: DemoProduct, quantity: int, note: str = ""
    ) -> None:
        movement = DemoMovement(day, kind, self.outlet, seller, product, quantity, note=note)
        if kind == "delivery" and product.shelf_days >= 30:
            movement.lot = f"{product.sku}-{day:%y%m%d}"
            movement.expires_on = day + timedelta(days=product.shelf_days - 10)
        self.year.movements.append(movement)
