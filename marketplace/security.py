"""The browser's guard rails: trusted hosts, CSP with a nonce, safe headers, safe redirects."""

from __future__ import annotations

import secrets
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, g, request
from flask_wtf.csrf import CSRFProtect

from .errors import MarketplaceError
from .i18n import _

csrf = CSRFProtect()
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


def init_app(app: Flask) -> None:
    """Guard every request and every answer."""
    csrf.init_app(app)
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


def _refuse_unknown_host() -> None:
    host = request.host.rsplit(":", 1)[0] if not request.host.endswith("]") else request.host
    known = {*LOOPBACK, *current_app.config["TRUSTED_HOSTS"]}
    known.add(urlsplit(current_app.config["PUBLIC_URL"]).hostname or "")
    if host not in known:
        problem = MarketplaceError(
            _("Alamat ini tidak dilayani di sini. Periksa pengaturan TRUSTED_HOSTS."), code="unknown_host"
        )
        raise problem


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
