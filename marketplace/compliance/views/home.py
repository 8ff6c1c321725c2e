"""What compliance adds to the public home: the city's figures and the outlets that display local goods."""

from __future__ import annotations

from flask import render_template
from markupsafe import Markup

from ... import clock
from ..queries import displaying_outlets, public_figures


def home_panel() -> Markup:
    """Figures of today and the outlets that carry most sellers."""
    day = clock.today()
    figures = public_figures(day)
    page = render_template(
        "public/_displaying.html", figures=figures, displaying=displaying_outlets(day, 8), day=day
    )
    return Markup(page)  # noqa: S704 - a template's own output, escaped there
