"""Reference rows shipped with the product: classes of business (KBLI), size thresholds, floor areas."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from sqlalchemy import Connection, delete, insert

from .. import bulk
from ..clock import LAST_DAY
from ..legal import LegalParameter

FILE = Path(__file__).parent / "data" / "kbli_2020.csv.gz"
MILLION, BILLION = 1_000_000, 1_000_000_000

# key ending -> (largest capital, largest annual sales), both inclusive
PP_7_2021 = {
    "micro": (1 * BILLION, 2 * BILLION),
    "small": (5 * BILLION, 15 * BILLION),
    "medium": (10 * BILLION, 50 * BILLION),
}
UU_20_2008 = {
    "micro": (50 * MILLION, 300 * MILLION),
    "small": (500 * MILLION, 2_500 * MILLION),
    "medium": (10 * BILLION, 50 * BILLION),
}
LAWS = (
    (date(2008, 7, 4), date(2021, 2, 2), UU_20_2008, "UU 20/2008 Pasal 6", False),
    (date(2021, 2, 2), LAST_DAY, PP_7_2021, "PP 7/2021 Pasal 35", True),
)


STORES = "PP 29/2021 Pasal 86-87"
# key ending, largest or smallest sales floor, whether the figure was read in a text of the regulation
AREAS = (
    ("minimarket.max_area_m2", 400, True),
    ("supermarket.min_area_m2", 400, True),
    ("supermarket.max_area_m2", 5_000, True),
    ("department_store.min_area_m2", 400, True),
    ("hypermarket.min_area_m2", 5_000, False),
)


def kbli_rows() -> Iterator[tuple[str, str, str]]:
    """Every five-digit class of KBLI 2020: version, code, title."""
    for row in bulk.read_reference(FILE):
        yield "2020", row["code"], row["title"]


def threshold_rows() -> Iterator[dict[str, object]]:
    """The size thresholds of each law as rows of legal_parameters."""
    for valid_from, valid_to, sizes, citation, is_verified in LAWS:
        for size, amounts in sizes.items():
            for measure, rupiah in zip(("capital", "sales"), amounts, strict=True):
                yield {
                    "key": f"msme.{measure}.{size}_max_rupiah",
                    "value": rupiah,
                    "unit": "rupiah",
                    "valid_from": valid_from,
                    "valid_to": valid_to,
                    "citation": citation,
                    "is_verified": is_verified,
                }


def area_rows() -> Iterator[dict[str, object]]:
    """The sales floors of each kind of store as rows of legal_parameters."""
    for key, square_metres, is_verified in AREAS:
        yield {
            "key": f"store.{key}",
            "value": square_metres,
            "unit": "m2",
            "valid_from": date(2021, 2, 2),
            "valid_to": LAST_DAY,
            "citation": STORES,
            "is_verified": is_verified,
        }


def load(connection: Connection) -> None:
    """Fill the empty table of classes and add the legal numbers."""
    bulk.copy_rows(connection, "kbli_codes", ("version", "code", "title"), kbli_rows())
    connection.execute(insert(LegalParameter), [*threshold_rows(), *area_rows()])


def unload(connection: Connection) -> None:
    """Take the legal numbers away again."""
    for prefix in ("msme.", "store."):
        connection.execute(delete(LegalParameter).where(LegalParameter.key.startswith(prefix)))
