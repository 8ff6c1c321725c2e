"""Whether the server lives (/healthz) and whether it can do its work (/readyz)."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify
from sqlalchemy import text

from .db import db
from .permissions import public

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@public
def healthz() -> Response:
    """200 while the process answers."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
@public
def readyz() -> tuple[Response, int]:
    """200 when the database answers and its schema is there, else 503."""
    try:
        db.session.execute(text("SELECT version_num FROM alembic_version"))
    except Exception:  # noqa: BLE001 - any failure means not ready
        db.session.rollback()
        return jsonify(status="database"), 503
    return jsonify(status="ok"), 200
