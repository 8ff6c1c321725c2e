"""The blueprint of this area's pages, and what they share."""

from __future__ import annotations

from flask import Blueprint
from flask_wtf import FlaskForm
from wtforms import Field

from ...errors import InvalidInput, SignInNeeded
from ...i18n import _
from ..queries import SignedIn
from ..sessions import signed_in

blueprint = Blueprint("accounts", __name__)


def me() -> SignedIn:
    """The person who makes this request. Raises SignInNeeded."""
    found = signed_in()
    if found is None:
        raise SignInNeeded(_("Silakan masuk dulu."))
    return found


def show_errors(form: FlaskForm, error: InvalidInput) -> None:
    """Put a service's sentences beside the fields they speak of, or above the form."""
    placed = False
    for name, sentence in error.fields.items():
        if name in form:
            field: Field = form[name]
            field.errors = [*field.errors, sentence]
            placed = True
    if not placed:
        form.form_errors.append(error.message)


def typed(field: Field) -> str:
    """What was typed into a text field; an empty one is the empty text."""
    return field.data or ""
