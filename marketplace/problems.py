"""The one renderer of errors: a page, an htmx fragment, or RFC 9457 problem details."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import structlog
from flask import Flask, Response, g, jsonify, redirect, render_template, request, url_for
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as BaseResponse

from .db import db
from .errors import InvalidInput, MarketplaceError, SignInNeeded
from .i18n import _
from .permissions import NOBODY

log = structlog.get_logger()


def init_app(app: Flask) -> None:
    """Answer every error in the shape its caller can read."""
    app.register_error_handler(MarketplaceError, render_problem)
    app.register_error_handler(CSRFError, _render_stale_form)
    app.register_error_handler(HTTPException, _render_http)
    app.register_error_handler(Exception, _render_crash)


def wants_json() -> bool:
    """Whether the caller is a program."""
    return request.path.startswith("/api/")


def asks_for_json() -> bool:
    """Whether a program asks, or the script of a page, which is signed in as its page is."""
    return wants_json() or request.accept_mimetypes.best == "application/json"


def render_problem(error: MarketplaceError) -> BaseResponse:
    """Any error of the family as the answer to this request."""
    db.session.rollback()
    if isinstance(error, SignInNeeded) and not asks_for_json() and request.method == "GET":
        return redirect(url_for("accounts.sign_in", next=request.full_path.rstrip("?")))
    if asks_for_json():
        return problem_json(error)
    fragment = request.headers.get("HX-Request") == "true"
    template = "errors/fragment.html" if fragment else "errors/page.html"
    body = render_template(template, error=error, title=_title(error.status))
    return Response(body, status=error.status, headers=_headers(error))


def problem_json(error: MarketplaceError) -> Response:
    """The error as application/problem+json; details and fields are members of their own."""
    problem: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(error.status).phrase,
        "status": error.status,
        "code": error.code,
        "detail": error.message,
        "request_id": g.get("request_id", ""),
        **error.details,
    }
    if isinstance(error, InvalidInput) and error.fields:
        problem["fields"] = error.fields
    answer = jsonify(problem)
    answer.status_code = error.status
    answer.mimetype = "application/problem+json"
    answer.headers.extend(_headers(error))
    return answer


def _headers(error: MarketplaceError) -> dict[str, str]:
    headers = {}
    if retry := error.details.get("retry_after_s"):
        headers["Retry-After"] = str(retry)
    if error.status == SignInNeeded.status and wants_json():
        headers["WWW-Authenticate"] = 'Bearer realm="Etalase"'
    return headers


def _title(status: int) -> str:
    titles = {
        401: _("Silakan masuk dulu"),
        403: _("Anda tidak boleh membuka ini"),
        404: _("Halaman tidak ada"),
        405: _("Halaman tidak ada"),
        409: _("Belum bisa dilakukan"),
        413: _("Terlalu besar"),
        422: _("Ada yang perlu diperbaiki"),
        429: _("Terlalu sering"),
        500: _("Ada yang rusak di pihak kami"),
        503: _("Sebentar lagi"),
    }
    return titles.get(status, _("Permintaan tidak bisa dibaca"))


def _sentence(status: int) -> str:
    sentences = {
        404: _("Alamat ini tidak ada, atau bukan untuk akun Anda. Kembali ke beranda dan cari dari sana."),
        405: _("Alamat ini tidak ada, atau bukan untuk akun Anda. Kembali ke beranda dan cari dari sana."),
        413: _("Berkasnya melebihi batas. Kirim berkas yang lebih kecil."),
        429: _("Tunggu sebentar, lalu coba lagi."),
        500: _("Tidak ada data Anda yang hilang. Coba lagi sebentar lagi; bila tetap gagal, hubungi Dinas."),
    }
    return sentences.get(status, _("Periksa lagi isian Anda, lalu coba lagi."))


def _render_http(error: HTTPException) -> BaseResponse:
    if error.code is None or error.code < 400:
        return BaseResponse(error.get_response().data, status=error.code, headers=error.get_headers())
    problem = MarketplaceError(_sentence(error.code), code=f"http_{error.code}")
    problem.status = error.code
    answer = render_problem(problem)
    allow = getattr(error, "valid_methods", None)
    if allow:
        answer.headers["Allow"] = ", ".join(allow)
    return answer


def _render_stale_form(_error: CSRFError) -> BaseResponse:
    problem = MarketplaceError(
        _("Halaman ini sudah terlalu lama terbuka. Muat ulang, lalu kirim lagi."), code="stale_form"
    )
    return render_problem(problem)


def _render_crash(error: Exception) -> BaseResponse:
    db.session.rollback()
    if request.environ.get("etalase.propagate"):
        raise error
    log.error("crash", exc_info=error, path_rule=str(request.url_rule), method=request.method)
    g.setdefault("actor", NOBODY)  # finding out who asks may be what failed
    problem = MarketplaceError(_sentence(500), code="crash")
    problem.status = 500
    return render_problem(problem)
