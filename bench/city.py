"""Generated cities: the same at every run, of 1x (350 sellers), 10x, and 60x (ten million movements)."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

TODAY = date(2026, 11, 22)
DAYS = 400
FIRST_DAY, LAST_DAY = "0001-01-01", "9999-12-31"
RECORDED_AT = "2026-11-22 05:00:00"
KINDS = ("minimarket",) * 7 + ("supermarket",) * 2 + ("hotel", "souvenir_centre", "department_store")
VILLAGES = [
    f"33.72.{district:02d}.{1001 + village}"
    for district, count in ((1, 11), (2, 7), (3, 10), (4, 11), (5, 15))
    for village in range(count)
]
DAY_TEXT = [(TODAY - timedelta(days=DAYS - n)).isoformat() for n in range(DAYS + 1)]
Row = tuple[Any, ...]


@dataclass(frozen=True)
class Scale:
    """How large a city is."""

    name: str
    sellers: int
    outlets: int
    agreements: int
    movements: int
    products: int


SCALES = {
    "1x": Scale("1x", 350, 83, 8_333, 166_667, 2_000),
    "10x": Scale("10x", 3_500, 833, 83_333, 1_666_667, 20_000),
    "60x": Scale("60x", 21_013, 5_000, 500_000, 10_000_000, 100_000),
}


def operators(scale: Scale) -> Iterator[Row]:
    """(id, operator_ref, name, address, status, created_at): one for each ten outlets."""
    for n in range(1, scale.outlets // 10 + 2):
        yield n, f"OP{n:05d}", f"PT Ritel {n}", "", "verified", RECORDED_AT


def outlets(scale: Scale) -> Iterator[Row]:
    """(id, outlet_ref, name, address, created_at)."""
    for n in range(1, scale.outlets + 1):
        yield n, f"T{n:05d}", f"Toko {n}", f"Jl. Contoh {n}", RECORDED_AT


def outlet_facts(scale: Scale) -> Iterator[Row]:
    """(id, outlet_id, valid_from, valid_to, operator_id, kind, region_code, opened_on, ...)."""
    for n in range(1, scale.outlets + 1):
        opened = DAY_TEXT[DAYS - 40] if n % 97 == 0 else "2019-01-01"
        closed = DAY_TEXT[DAYS - 120] if n % 61 == 0 else None
        kind, village = KINDS[n % len(KINDS)], VILLAGES[n * 7 % len(VILLAGES)]
        operator = (n - 1) // 10 + 1
        yield n, n, FIRST_DAY, LAST_DAY, operator, kind, village, opened, closed, "", RECORDED_AT


def sellers(scale: Scale) -> Iterator[Row]:
    """(id, seller_ref, name, owner_name, is_phone_public, kbli_version, address, story, bank_name, ...)."""
    for n in range(1, scale.sellers + 1):
        yield n, f"U{n:06d}", f"Usaha {n}", "", False, "2020", "", "", "", RECORDED_AT


def seller_facts(scale: Scale) -> Iterator[Row]:
    """(id, seller_id, valid_from, valid_to, region_code, owner_key, annual_sales_rupiah, ...)."""
    for n in range(1, scale.sellers + 1):
        owner = f"owner:{n - 1 if n % 31 == 0 else n}"
        sales = 60_000_000_000 if n % 211 == 0 else 900_000_000
        verified = None if n % 13 == 0 else "2021-03-01"
        revoked = DAY_TEXT[DAYS - 90] if n % 53 == 0 else None
        closed = DAY_TEXT[DAYS - 60] if n % 71 == 0 else None
        affiliated = f"OP{n % (scale.outlets // 10 + 1) + 1:05d}" if n % 83 == 0 else None
        village = VILLAGES[n * 11 % len(VILLAGES)]
        yield (
            n, n, FIRST_DAY, LAST_DAY, village, owner, sales, verified, revoked, closed, affiliated, "",
            RECORDED_AT,
        )  # fmt: skip


WARES: dict[str, tuple[str, str]] = {
    "Camilan": (
        """keripik tempe|keripik singkong|keripik pisang|keripik jamur|keripik usus|kerupuk udang|
        kerupuk kulit|karak beras|rempeyek kacang|rempeyek teri|kacang bawang|kacang telur|
        intip goreng|stik bawang|rengginang ketan|ampyang kacang|abon sapi|abon ayam|
        kue kering nastar|kue kering kastengel|kue semprong|brem padat|roti kecik|ledre pisang""",
        """pedas|gurih|manis|daun jeruk|balado|original|renyah|keju|rumput laut|jagung bakar""",
    ),
    "Minuman": (
        """kopi robusta|kopi arabika|kopi lanang|teh melati|teh hijau|jamu kunyit asem|
        jamu beras kencur|wedang jahe|wedang uwuh|sirup markisa|sari kedelai|sari kacang hijau|
        madu hutan|susu jahe""",
        """bubuk|celup|premium|asli|tanpa gula|gula aren|kental|segar""",
    ),
    "Batik": (
        """batik tulis|batik cap|kain lurik|kain tenun|sarung batik|kemeja batik|daster batik|
        selendang sutra|syal tenun|blangkon batik|jarik sogan|kebaya kutu baru""",
        """parang|kawung|truntum|sidomukti|sekar jagad|sogan|nila|merah marun|halus|kombinasi""",
    ),
    "Kerajinan": (
        """tas anyaman|tas kulit|dompet kulit|keranjang rotan|kursi rotan|rak jati|gerabah hias|
        lampu bambu|wayang kulit|topeng kayu|gantungan kunci|bros batik|sandal batik|tempat tisu|
        hiasan dinding""",
        """besar|kecil|sedang|cokelat|hitam|alami|ukir|lukis|tangan|jumbo""",
    ),
    "Sambal": (
        """sambal bawang|sambal terasi|sambal teri|sambal matah|sambal pecel|bumbu rawon|bumbu opor|
        kecap manis|serundeng kelapa|petis udang|bumbu kacang|bawang goreng""",
        """ekstra pedas|sedang|manis|asli|tradisional|dapur nenek|kemasan botol|siap makan""",
    ),
}
"""What the city makes: kinds of goods by category, and what is said of them."""
SIZES = ("100 g", "150 g", "200 g", "250 g", "500 g", "isi 6", "isi 12")
STORY = (
    "Dibuat {maker} di {place} dengan resep keluarga, tanpa pengawet. Cocok untuk oleh-oleh dan rak toko. "
    "{ware} kami dikemas rapi, tahan berminggu-minggu, dan bisa dititipkan."
)
DISTRICTS = ("Laweyan", "Serengan", "Pasar Kliwon", "Jebres", "Banjarsari")


def _listed(text: str) -> list[str]:
    return [" ".join(name.split()) for name in text.split("|")]


def categories() -> Iterator[Row]:
    """(id, path, name, is_food)."""
    for n, name in enumerate(WARES, start=1):
        yield n, name, name, n in {1, 2, 5}


def products(scale: Scale) -> Iterator[Row]:
    """(id, seller_id, sku, name, category_id, price_rupiah, unit, min_order, order_multiple, ...)."""
    kinds = [(_listed(wares), _listed(sayings)) for wares, sayings in WARES.values()]
    for n in range(1, scale.products + 1):
        seller = (n - 1) % scale.sellers + 1
        category = n % 5 + 1
        wares, sayings = kinds[category - 1]
        chance = n * 2_654_435_761 % 2**32  # no two columns keep step, so that filters meet every ware
        ware, saying = wares[(chance >> 4) % len(wares)], sayings[(chance >> 12) % len(sayings)]
        name = f"{ware} {saying} {SIZES[(chance >> 20) % len(SIZES)]}".capitalize()
        story = STORY.format(maker=f"Usaha {seller}", place=DISTRICTS[n % 5], ware=ware.capitalize())
        price = (5_000 + n * 37 % 90_000) // 500 * 500 * (5 if category in {3, 4} else 1)
        yield (
            n, seller, f"SKU-{n:06d}", name, category, price, "bungkus", 1, 1,
            n % 15 + 1, n % 12 * 50 + 25, n % 4 != 0, story, n * 61 % 101, RECORDED_AT, RECORDED_AT,
            RECORDED_AT,
        )  # fmt: skip


@dataclass
class Shelves:
    """Agreements with the movements of their shelves, and what follows from them."""

    agreements: list[Row]
    movements: list[list[Row]]
    balances: list[Row]
    spells: list[Row]


def shelves(scale: Scale) -> Shelves:
    """Every agreement of the city and its ledger; `movements` is one list for each day.

    agreement: (id, ref, outlet, seller, basis, state, starts_on, ends_on, terminated_on, percent, ...)
    movement: (outlet, seller, product, kind, change, price); balance: (outlet, product, seller, on_hand,
    on_hand_before, last_on);
    spell: (outlet, product, first_day, end_day, seller).
    """
    made = Shelves([], [[] for _ in range(DAYS + 1)], [], [])
    per_outlet = scale.agreements / scale.outlets
    owed, number, left = 0.0, 0, scale.movements
    for outlet in range(1, scale.outlets + 1):
        rng = random.Random(f"{scale.name}:{outlet}")
        owed += per_outlet
        count, owed = int(owed), owed - int(owed)
        for seller in rng.sample(range(1, scale.sellers + 1), count):
            number += 1
            made.agreements.append(_agreement(rng, number, outlet, seller))
            budget = round(left / (scale.agreements - number + 1))
            left -= _fill_shelf(rng, made, scale, outlet, seller, budget)
    return made


def _agreement(rng: random.Random, number: int, outlet: int, seller: int) -> Row:
    start = rng.randrange(0, DAYS - 20)
    ends = DAY_TEXT[min(start + rng.randrange(60, 365), DAYS)] if rng.random() < 0.45 else None
    stopped = DAY_TEXT[min(start + rng.randrange(20, 200), DAYS)] if rng.random() < 0.06 else None
    basis = "outright" if rng.random() < 0.08 else "consignment"
    return (
        number, f"A{number:07d}", outlet, seller, basis, "accepted", DAY_TEXT[start], ends, stopped, 20, 14,
        "", "", RECORDED_AT,
    )  # fmt: skip


def first_versions(agreements: Iterable[Row]) -> Iterator[Row]:
    """The terms of every agreement: each has its version 1, under the agreement's own id."""
    for row in agreements:
        number, basis, state, starts_on, ends_on, percent, days = (row[n] for n in (0, 4, 5, 6, 7, 9, 10))
        yield (
            number, number, 1, state, basis, starts_on, starts_on, ends_on, "percent_of_retail", percent,
            days, RECORDED_AT,
        )  # fmt: skip


def _fill_shelf(
    rng: random.Random, made: Shelves, scale: Scale, outlet: int, seller: int, budget: int
) -> int:
    """Deliveries, each sold off in small sales; returns how many movements were made."""
    rank = rng.randrange(max(scale.products // scale.sellers, 1))
    product = seller + rank * scale.sellers
    day, on_hand, written, spell_from = rng.randrange(0, 120), 0, 0, -1
    last, before = 0, 0
    pace = max((DAYS - day) // max(budget, 1), 1)
    while day <= DAYS and written < budget:
        change = rng.randrange(12, 60) if on_hand == 0 else -rng.randrange(1, min(on_hand, 12) + 1)
        kind = "delivery" if change > 0 else "sale" if rng.random() < 0.95 else "return"
        made.movements[day].append((outlet, seller, product, kind, change, 15_000))
        written += 1
        last, before = day, on_hand
        on_hand += change
        if on_hand and spell_from < 0:
            spell_from = day
        elif not on_hand:
            if spell_from < day:
                made.spells.append((outlet, product, DAY_TEXT[spell_from], DAY_TEXT[day], seller))
            spell_from = -1
            day += rng.randrange(1, 30)
        day += rng.randrange(1, 2 * pace)
    if on_hand:
        made.spells.append((outlet, product, DAY_TEXT[spell_from], LAST_DAY, seller))
    if written:
        made.balances.append((outlet, product, seller, on_hand, before, DAY_TEXT[last]))
    return written


def movements(days: list[list[Row]]) -> Iterator[Row]:
    """(id, ref, part, outlet, seller, product, kind, change, price, day, cause, recorded_at), by day."""
    number = 0
    for day, rows in enumerate(days):
        for outlet, seller, product, kind, change, price in rows:
            number += 1
            yield (
                number, f"M{number:08d}", 0, outlet, seller, product, kind, change, price, DAY_TEXT[day],
                "import", RECORDED_AT,
            )  # fmt: skip
