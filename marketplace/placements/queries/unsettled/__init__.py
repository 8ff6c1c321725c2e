"""What of the ledger is not settled yet, in rupiah, cycle by cycle: one reading for one agreement or a city.

A row is settled by the agreement of its own day; what takes an earlier row back undoes exactly what that
row brought. The store's share follows the version in force on the day of the sale.
"""

from .evidence import Scope
from .reading import Unsettled, unsettled

__all__ = ["Scope", "Unsettled", "unsettled"]
