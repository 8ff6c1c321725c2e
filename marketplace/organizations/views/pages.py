"""The blueprint of this area's pages, and what they share."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, current_app, render_template
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from ...accounts.views.pages import show_errors
from ...permissions import current_actor
from ...regions.rules import Level, ancestor, level_of

blueprint = Blueprint("organizations", __name__)
BIG = "int(max=9223372036854775807)"
"""The largest id that a database holds; a larger number in an address is simply not found."""

Answer = str | Response | tuple[str, int]

__all__ = ["BIG", "Answer", "blueprint", "city_of", "form_page", "show_errors"]


def city_of() -> str:
    """The city whose villages a form offers: the office's own, else the deployment's."""
    region = current_actor().region
    if region and level_of(region) >= Level.CITY:
        return ancestor(region, Level.CITY)
    return str(current_app.config["CITY_REGION"])


def form_page(form: FlaskForm, template: str = "organizations/form.html", **context: Any) -> Answer:
    """A page with one form; 422 when it came back with something to mend."""
    is_wrong = bool(form.errors) or bool(form.form_errors)
    page = render_template(template, form=form, **context)
    return (page, 422) if is_wrong else page


def register(app: Flask) -> None:
    """Add the pages to the app."""
    app.register_blueprint(blueprint)
