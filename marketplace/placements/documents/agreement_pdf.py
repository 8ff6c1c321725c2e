"""The written agreement on paper, in Indonesian, from what was frozen alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import current_app, render_template

from ... import documents
from ...i18n import speaking


def paper_pdf(content: Mapping[str, Any], *, number: str = "", verify_code: str = "") -> bytes:
    """A4: parties, articles, annex of goods, signatures, QR. Without a number it says that it is a draft."""
    address = f"{current_app.config['PUBLIC_URL']}/verify/{verify_code}" if verify_code else ""
    with speaking("id"):
        html = render_template(
            "placements/agreement_pdf.html",
            paper=content,
            terms=content["terms"],
            number=number,
            address=address,
            code=verify_code,
            qr=documents.qr_svg(address) if address else "",
        )
    return documents.pdf(html)
