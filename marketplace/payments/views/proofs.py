"""A proof as it is shown: for whoever was found to be a party before."""

from __future__ import annotations

import io

from flask import send_file
from werkzeug.wrappers import Response

from ...backends.storage import current_storage
from ...errors import NotFound
from ...i18n import _


def proof_response(key: str, kind: str | None, name: str) -> Response:
    """A photo to look at, a PDF to keep. NotFound when the file is gone."""
    try:
        content = current_storage().get(key)
    except LookupError:
        raise NotFound(_("Berkas bukti ini tidak ada lagi.")) from None
    is_pdf = kind == "pdf"
    answer = send_file(
        io.BytesIO(content),
        mimetype="application/pdf" if is_pdf else "image/jpeg",
        as_attachment=is_pdf,
        download_name=f"{name}.{'pdf' if is_pdf else 'jpg'}",
    )
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
