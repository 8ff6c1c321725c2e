"""The page on which an officer gives a code in person."""

from __future__ import annotations

from flask import render_template

from ...permissions import Permission, current_actor, protected
from .. import rules, services
from ..reach import person_to_help
from .pages import blueprint


@blueprint.get("/office/people/<int(max=9223372036854775807):user_id>/code")
@protected(Permission.CODE_ISSUE)
def issue_code(user_id: int) -> str:
    """Say what a code is for, and whom to give it to."""
    return render_template("accounts/code.html", person=person_to_help(current_actor(), user_id), code=None)


@blueprint.post("/office/people/<int(max=9223372036854775807):user_id>/code")
@protected(Permission.CODE_ISSUE)
def issue_code_post(user_id: int) -> str:
    """Make a code and show it, this once."""
    actor = current_actor()
    person = person_to_help(actor, user_id)
    code = services.issue_code(actor=actor, user_id=person.id)
    minutes = int(rules.CODE_LIFETIME.total_seconds() // 60)
    return render_template("accounts/code.html", person=person, code=code, minutes=minutes)
