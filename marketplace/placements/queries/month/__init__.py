"""One agreement and month from three sides: what the store reported, the maker confirmed, the ledger holds.

The figures are of the pair's whole shelf in that month; where a second agreement of the same two shares the
month the page says so.
"""

from .page import AgreementMonth, agreement_month
from .rows import ROWS_SIZE, LedgerRow, ProductRows, product_rows
from .sources import Link, ProductMonth

__all__ = [
    "ROWS_SIZE",
    "AgreementMonth",
    "LedgerRow",
    "Link",
    "ProductMonth",
    "ProductRows",
    "agreement_month",
    "product_rows",
]
