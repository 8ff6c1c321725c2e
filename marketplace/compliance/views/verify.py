"""The public page behind the QR code of a report."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from ... import throttle
from ...permissions import public
from ..queries import report_to_verify
from ..queries.reports import corrections_of, hash_of_frozen
from .blueprint import blueprint


@blueprint.get("/verify")
@public
def verify_form() -> str | Response:
    """Type the code that stands under a QR code."""
    code = request.args.get("code", "").replace("-", "").replace(" ", "")
    if code.isalnum() and len(code) <= 64:
        return redirect(url_for("compliance.verify", code=code))
    return render_template("compliance/verify.html", code="", row=None)


@blueprint.get("/verify/<code>")
@public
def verify(code: str) -> tuple[str, int]:
    """Whether a paper is genuine: its number, office, day, figures and hash."""
    throttle.check_and_count("verify", request.remote_addr or "", "120 per 15 minutes")
    row = report_to_verify(code[:64])
    if row is None:
        return render_template("compliance/verify.html", code=code[:64], row=None), 404
    page = render_template(
        "compliance/verify.html",
        code=code,
        row=row,
        is_whole=hash_of_frozen(row) == row.rows_hash,
        corrections=corrections_of(row.id),
    )
    return page, 200
