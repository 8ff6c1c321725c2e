"""Where a provider tells us something by itself: no page, no session, its own signature on the raw body."""

from __future__ import annotations

import structlog
from flask import Blueprint, Response, request

from ...errors import MarketplaceError, NotFound
from ...i18n import _
from ...permissions import public
from ...security import csrf
from ..providers import provider
from ..services.events import receive_event

blueprint = Blueprint("provider_events", __name__, url_prefix="/payments/webhooks")
csrf.exempt(blueprint)
MAX_BYTES = 256 * 1024
"""Stripe's events stay far below this."""
log = structlog.get_logger()


@blueprint.post("/<name>")
@public
def receive(name: str) -> Response:
    """Take in an event of the provider in use: 200 whatever came of it, 400 for what it did not sign."""
    if not provider().is_open or name != provider().name:
        raise NotFound(_("Tidak ada penyedia pembayaran yang aktif di sini."))
    request.max_content_length = MAX_BYTES
    try:
        outcome = receive_event(request.get_data(cache=False), dict(request.headers))
    except MarketplaceError as error:
        if error.status >= 500:
            raise
        log.warning("event refused", why=error.code)
        return Response(error.code, status=400, mimetype="text/plain")
    return Response(outcome, mimetype="text/plain")
