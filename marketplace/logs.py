"""Structured logs: one JSON line for each event, with a request id and without personal data."""

from __future__ import annotations

import logging
import re
import secrets
import sys
import time
import traceback
from collections.abc import Iterator, MutableMapping
from typing import Any

import structlog
from flask import Flask, Response, g, request

_PERSONAL = (
    (re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+"), "<email>"),
    (re.compile(r"\+?\d(?:[ .-]?\d){8,}"), "<digits>"),
)
"""What could be an address, a phone number, a NIK, an NPWP or an account number."""
TELLTALE = ("sqlalchemy", "psycopg", "sqlite3", "smtplib", "pydantic")
"""Errors of these quote the values they were given."""
OURS = {"timestamp", "request_id", "level", "event", "rule", "path_rule", "method"}


def init_app(app: Flask) -> None:
    """Write JSON lines to standard error and one line for each request."""
    level = logging.getLevelNamesMapping().get(app.config["LOG_LEVEL"].upper(), logging.INFO)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _describe_exception,
            _leave_out_people,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    app.before_request(_begin)
    app.after_request(_end)


def _describe_exception(
    _logger: Any, _name: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Where it happened and what it was, without the values that a database quotes in its errors."""
    error = event.pop("exc_info", None)
    if error is True:
        error = sys.exc_info()[1]
    if isinstance(error, BaseException):
        text = "".join(traceback.format_exception(error))
        for link in _chain(error):
            if type(link).__module__.split(".")[0] in TELLTALE and str(link):
                text = text.replace(str(link), "(what it said is left out)")
        event["exception"] = text
    return event


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _leave_out_people(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The last net: whatever looks like an address or a long number is left out."""
    for key, value in event.items():
        if isinstance(value, str) and key not in OURS:
            event[key] = without_people(value)
    return event


def without_people(text: str) -> str:
    """A text without what looks like an address or a long number."""
    for pattern, instead in _PERSONAL:
        text = pattern.sub(instead, text)
    return text


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
