"""The connection to PostgreSQL, which remembers its statements from one request to the next."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg.pq import ExecStatus, TransactionStatus

OPEN = {TransactionStatus.INTRANS, TransactionStatus.INERROR}


class KeptStatements(psycopg.Connection[Any]):
    """A connection whose prepared statements outlive a ROLLBACK, as PostgreSQL has it.

    psycopg forgets them all, for a table may have been made in the transaction. The product makes none there,
    and every request that only reads ends with a ROLLBACK: nothing would ever be planned but anew.
    """

    def rollback(self) -> None:
        """Leave nothing of the transaction behind."""
        with self.lock:
            is_open = self.pgconn.transaction_status in OPEN
            if is_open and self.pgconn.exec_(b"ROLLBACK").status == ExecStatus.COMMAND_OK:
                return
        super().rollback()
