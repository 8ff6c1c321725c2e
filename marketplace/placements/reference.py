"""What the law is reported to say of trading terms, as dated rows of legal_parameters.

None of it was read in the text of a regulation, so every row is marked unverified; an office edits them.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from sqlalchemy import Connection, delete, insert

from ..clock import LAST_DAY
from ..legal import LegalParameter

EXEMPT = "trade.listing_fee.micro_small_exempt"
FEE_CAP = "trade.listing_fee.{kind}_max_rupiah"
PAYMENT_DAYS = "trade.payment.micro_small_days"
SINCE = date(2013, 12, 12)
CAPS = "Permendag 23/2021 Pasal 11 menurut berita (naskah belum diperiksa)"
# key, value, unit, first day, citation
ROWS = (
    (
        EXEMPT,
        1,
        "yes",
        SINCE,
        (
            "Permendag 70/2013 Pasal 13 ayat (3): pemasok usaha mikro dan kecil bebas biaya pencatatan "
            "barang (listing fee); naskah belum diperiksa"
        ),
    ),
    (FEE_CAP.format(kind="hypermarket"), 150_000, "rupiah", date(2021, 5, 1), CAPS),
    (FEE_CAP.format(kind="supermarket"), 75_000, "rupiah", date(2021, 5, 1), CAPS),
    (
        FEE_CAP.format(kind="minimarket"),
        50_000,
        "rupiah",
        date(2021, 5, 1),
        f"{CAPS}; sumber lain menyebut Rp5.000",
    ),
    (
        PAYMENT_DAYS,
        15,
        "days",
        date(2008, 12, 12),
        (
            "Perpres 112/2007 Pasal 10: pemasok usaha kecil dibayar paling lama 15 hari sesudah dokumen "
            "tagihan lengkap; naskah belum diperiksa"
        ),
    ),
)


def rows() -> Iterator[dict[str, object]]:
    """The numbers as rows of legal_parameters."""
    for key, value, unit, valid_from, citation in ROWS:
        yield {
            "key": key,
            "value": value,
            "unit": unit,
            "valid_from": valid_from,
            "valid_to": LAST_DAY,
            "citation": citation,
            "is_verified": False,
        }


def load(connection: Connection) -> None:
    """Add the numbers."""
    connection.execute(insert(LegalParameter), list(rows()))


def unload(connection: Connection) -> None:
    """Take them away again."""
    connection.execute(delete(LegalParameter).where(LegalParameter.key.startswith("trade.")))
