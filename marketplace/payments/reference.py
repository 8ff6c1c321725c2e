"""What payment schemes are reported to allow, as dated rows of legal_parameters.

None of it was read in the text of a regulation, so every row is marked unverified; an office edits them.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection, delete, insert

from ..clock import LAST_DAY
from ..legal import LegalParameter

QRIS_LIMIT = "payment.qris.transaction_max_rupiah"
CITATION = (
    "Batas satu transaksi QRIS menurut dokumentasi Xendit (docs.xendit.co/docs/qris) dan Antom, "
    "bukan menurut ketentuan Bank Indonesia"
)


def load(connection: Connection) -> None:
    """Add the numbers."""
    row = {
        "key": QRIS_LIMIT,
        "value": 10_000_000,
        "unit": "rupiah",
        "valid_from": date(2022, 3, 1),
        "valid_to": LAST_DAY,
        "citation": CITATION,
        "is_verified": False,
    }
    connection.execute(insert(LegalParameter), [row])


def unload(connection: Connection) -> None:
    """Take them away again."""
    connection.execute(delete(LegalParameter).where(LegalParameter.key == QRIS_LIMIT))
