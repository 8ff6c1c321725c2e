"""Public pages that belong to no area: home, style guide."""

from __future__ import annotations

from flask import Blueprint, Flask, render_template

from . import showcase
from .permissions import public

blueprint = Blueprint("public", __name__)


def init_app(app: Flask) -> None:
    """Register the pages."""
    app.register_blueprint(blueprint)


@blueprint.get("/")
@public
def home() -> str:
    """The city's shop window."""
    return render_template("public/home.html")


@blueprint.get("/styleguide")
@public
def styleguide() -> str:
    """Every part of the screen on one page, with invented figures."""
    return render_template("styleguide.html", **showcase.context())
