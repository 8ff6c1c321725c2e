"""The report on local spending as PDF: Indonesian, whoever prints it."""

from __future__ import annotations

from datetime import date

from flask import render_template

from ... import documents
from ...i18n import speaking
from ...organizations.queries import office_of_region
from ..queries.spend_reports import CUT_WORDS, LocalSpend


def local_spend_pdf(found: LocalSpend, printed_on: date) -> bytes:
    """A paper of the report as it is now; `found` says whether it may be shown to anybody."""
    with speaking("id"):
        html = render_template(
            "orders/papers/local_spend_pdf.html",
            found=found,
            office=office_of_region(found.region),
            words=CUT_WORDS,
            printed_on=printed_on,
        )
    return documents.pdf(html)
