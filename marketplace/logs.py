"""Structured logs: one JSON line for each event, with a request id and without personal data."""

from __future__ import annotations

import logging
import secrets
import sys
import time

import structlog
from flask import Flask, Response, g, request


def init_app(app: Flask) -> None:
    """Write JSON lines to standard error and one line for each request."""
    level = logging.getLevelNamesMapping().get(app.config["LOG_LEVEL"].upper(), logging.INFO)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    app.before_request(_begin)
    app.after_request(_end)


def _begin() -> None:
    g.request_id = secrets.token_hex(8)
    g.started = time.perf_counter()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def _end(response: Response) -> Response:
    """The rule, not the path: a path may hold a name or a token."""
    response.headers["X-Request-Id"] = g.request_id
    if request.endpoint not in {"static", "health.healthz"}:
        structlog.get_logger().info(
            "request",
            method=request.method,
            rule=str(request.url_rule) if request.url_rule else "none",
            status=response.status_code,
            ms=round((time.perf_counter() - g.started) * 1000, 1),
        )
    return response
