"""The public page behind the QR code of a paper: each area says which papers it knows."""

from __future__ import annotations

from flask import Blueprint, Flask, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from . import documents, throttle
from .permissions import public
from .texts import one_line

blueprint = Blueprint("verify", __name__, url_prefix="/verify")


def init_app(app: Flask) -> None:
    """Register the pages."""
    app.register_blueprint(blueprint)


@blueprint.get("")
@public
def form() -> str | Response:
    """Type the code that stands under a QR code."""
    code = request.args.get("code", "").replace("-", "").replace(" ", "")
    if code.isalnum() and len(code) <= 64:
        return redirect(url_for(".paper", code=code))
    return render_template("public/verify.html", code="", found=None)


@blueprint.get("/<code>")
@public
def paper(code: str) -> tuple[str, int]:
    """Whether a paper is genuine, and what may be compared with it."""
    throttle.check_and_count("verify", request.remote_addr or "", "120 per 15 minutes")
    code = one_line(code)[:64]
    found = documents.verify(code)
    return render_template("public/verify.html", code=code, found=found), 200 if found else 404
