"""Papers as downloads."""

from __future__ import annotations

import re

from flask import Response


def pdf_response(content: bytes, name: str) -> Response:
    """A PDF to look at or keep; nobody else may keep a copy on the way."""
    safe = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.") or "dokumen"
    answer = Response(content, mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="{safe}.pdf"'
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
