"""What Bu Sri's bank told of the last days in the demo city."""

from __future__ import annotations

import tempfile
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import select

from ..db import db
from ..importing.direct import staged_file
from ..importing.layout import Choices
from ..payments.imports.bank import STATEMENT
from ..payments.models import Payment, PaymentMethod, PaymentState
from ..tabular import write_csv
from .people import Cast


def send_statement(cast: Cast, today: date) -> int:
    """What Bu Sri's bank says came in this week: a transfer that a store reported, and two others."""
    reported = select(Payment).where(
        Payment.seller_id == cast.sri.seller_id,
        Payment.state == PaymentState.REPORTED.value,
        Payment.method == PaymentMethod.BANK_TRANSFER.value,
    )
    payment = db.session.scalars(reported.order_by(Payment.id)).first()
    rows = [
        (today - timedelta(days=3), "TRSF E-BANKING CR 2011 WARUNG BU DAR", 185_000),
        (today - timedelta(days=2), "SETORAN TUNAI", 500_000),
    ]
    if payment is not None:
        rows.append(
            (payment.paid_on, f"TRSF E-BANKING CR PT RUKUN {payment.reference}", payment.amount_rupiah)
        )
    db.session.rollback()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "mutasi-rekening.csv"
        with path.open("w", encoding="utf-8", newline="") as stream:
            write_csv(
                stream,
                ["booked_on", "description", "credit"],
                ([day.isoformat(), *rest] for day, *rest in rows),
            )
        with staged_file(kind=STATEMENT, path=path, choices=Choices(), actor=cast.sri) as importing:
            for _counts in importing.put_in():
                pass
            return importing.counts.done
