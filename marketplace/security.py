"""The browser's guard rails: trusted hosts, CSP with a nonce, safe headers, safe redirects."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, g, request
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from .errors import MarketplaceError
from .i18n import _

csrf = CSRFProtect()
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
HOSTS = "etalase_hosts"
FORM_BYTES = 20_000_000
"""A form with a few photos. A view that takes whole tables says so with @large_upload."""
View = TypeVar("View", bound=Callable[..., Any])


def init_app(app: Flask) -> None:
    """Guard every request and every answer."""
    app.before_request(_limit_body)  # before the CSRF check, which reads the form
    csrf.init_app(app)
    _believe_proxies(app)
    public_host = urlsplit(app.config["PUBLIC_URL"]).hostname or ""
    app.extensions[HOSTS] = {*LOOPBACK, public_host, *map(str.lower, app.config["TRUSTED_HOSTS"])}
    app.config["TRUSTED_HOSTS"] = None  # Flask's own check would know neither loopback nor our error page
    app.config.setdefault("WTF_CSRF_TIME_LIMIT", None)
    app.config.update(
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=app.config["SECURE_COOKIES"],
        SESSION_COOKIE_NAME="etalase",
        PERMANENT_SESSION_LIFETIME=app.config["SESSION_DAYS"] * 86400,
    )
    app.before_request(_refuse_unknown_host)
    app.after_request(_add_headers)
    app.jinja_env.globals["csp_nonce"] = csp_nonce


def csp_nonce() -> str:
    """The nonce of this answer's scripts."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    nonce: str = g.csp_nonce
    return nonce


def large_upload(view: View) -> View:
    """Declare that an endpoint takes files up to IMPORT_MAX_BYTES."""
    view.__dict__["etalase_large_upload"] = True
    return view


def _limit_body() -> None:
    view = current_app.view_functions.get(request.endpoint or "")
    is_large = view is not None and "etalase_large_upload" in view.__dict__
    request.max_content_length = FORM_BYTES + (current_app.config["IMPORT_MAX_BYTES"] if is_large else 0)


def _believe_proxies(app: Flask) -> None:
    """Take the visitor's address and scheme from as many proxies as stand in front, and from no more."""
    count = app.config["PROXIES"]
    if count:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count)  # type: ignore[method-assign]


def _refuse_unknown_host() -> None:
    host = request.host.lower()
    if not host.endswith("]"):
        host = host.rsplit(":", 1)[0]
    if host not in current_app.extensions[HOSTS]:
        raise MarketplaceError(
            _("Alamat ini tidak dilayani di sini. Periksa pengaturan TRUSTED_HOSTS."), code="unknown_host"
        )


def _add_headers(response: Response) -> Response:
    nonce = csp_nonce()
    response.headers.setdefault(
        "Content-Security-Policy",
        "default-src 'none'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'; form-action 'self'; "
        f"script-src 'self' 'nonce-{nonce}'; style-src 'self'; font-src 'self'; connect-src 'self'; "
        "img-src 'self' data:; manifest-src 'self'",
    )
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("X-Frame-Options", "DENY")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    response.headers.setdefault("Permissions-Policy", "camera=(self), geolocation=(self), microphone=()")
    response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    if request.endpoint != "static" and "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-store" if "actor" in g and g.actor.user_id else "no-cache"
    return response


def safe_next(target: str | None, fallback: str) -> str:
    """A path on this site to go on to; anything that could lead elsewhere becomes the fallback."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return fallback
    if any(ord(character) < 33 for character in target) or "\\" in target:
        return fallback
    parts = urlsplit(target)
    return fallback if parts.scheme or parts.netloc else target
