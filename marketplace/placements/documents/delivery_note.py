"""The delivery note (surat jalan) on A5."""

from __future__ import annotations

from flask import render_template
from markupsafe import Markup

from ... import documents, mailing
from ...i18n import speaking
from ..queries.deliveries import DeliveryPage


def delivery_note_pdf(page: DeliveryPage) -> bytes:
    """The note with its goods, three signatures, and the code that a store scans; always in Indonesian."""
    address = mailing.address(f"/deliveries/at/{page.delivery.code}")
    with speaking("id"):
        html = render_template(
            "placements/delivery_note_pdf.html",
            page=page,
            qr=Markup(documents.qr_svg(address)),  # noqa: S704 - drawn by segno
            verify=mailing.address(f"/verify/{page.delivery.code}"),
        )
    return documents.pdf(html)
