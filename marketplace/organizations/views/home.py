"""What the registry adds to the public home: makers in their own words."""

from __future__ import annotations

from flask import render_template
from markupsafe import Markup

from ... import clock, maps
from .. import queries

SHOWN = 3


def stories_panel() -> Markup:
    """Three makers' stories; nothing where nobody has told one."""
    stories = queries.stories_of_week(clock.today(), SHOWN)
    told = [(story, maps.locator(story.region_code)) for story in stories]
    page = render_template("public/_stories.html", told=told)
    return Markup(page)  # noqa: S704 - a template's own output, escaped there
