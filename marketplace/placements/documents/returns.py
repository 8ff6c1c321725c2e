"""Return notes and destruction minutes as PDF: Indonesian whoever prints them, as papers are."""

from __future__ import annotations

import base64

from flask import render_template
from markupsafe import Markup

from ... import documents, mailing
from ...backends.storage import StorageFailed, current_storage
from ...i18n import speaking
from ..queries.destructions import DestructionPage
from ..queries.returns import ReturnPage
from ..services.destructions import file_key


def return_note_pdf(page: ReturnPage) -> bytes:
    """The note with its lots and reasons, and places for both signatures."""
    with speaking("id"):
        html = render_template("placements/return_pdf.html", page=page, **_code(page.note.code))
    return documents.pdf(html)


def destruction_pdf(page: DestructionPage) -> bytes:
    """The minutes with their lots, witnesses and photo."""
    with speaking("id"):
        html = render_template(
            "placements/destruction_pdf.html", page=page, photo=_photo(page.row.photo), **_code(page.row.code)
        )
    return documents.pdf(html)


def _code(code: str) -> dict[str, object]:
    address = mailing.address(f"/verify/{code}")
    return {"verify": address, "qr": Markup(documents.qr_svg(address))}  # noqa: S704 - drawn by segno


def _photo(stem: str) -> str:
    """The photo inside the page, for a paper fetches nothing; empty while the store does not answer."""
    try:
        content = current_storage().get(file_key(stem, 1280, "jpg"))
    except (LookupError, StorageFailed):
        return ""
    return "data:image/jpeg;base64," + base64.b64encode(content).decode()
