"""The blueprint of all pages of compliance, and what they have in common."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, request

from ... import clock
from ...errors import Forbidden, InvalidInput
from ...i18n import _
from ...organizations.rules import KIND_LABELS
from ...permissions import current_actor
from ..queries import Scope, scope_of

blueprint = Blueprint("compliance", __name__)


def asked_day() -> date:
    """The day in the URL (?as_of=), today when there is none; never after today. Raises InvalidInput."""
    return min(asked_day_of_law(), clock.today())


def asked_day_of_law() -> date:
    """The same for the law, which may speak of days to come."""
    text = request.args.get("as_of", "").strip()
    try:
        return date.fromisoformat(text) if text else clock.today()
    except ValueError:
        raise InvalidInput(_("Tanggal itu tidak ada. Pilih tanggal lain.")) from None


def own_scope() -> Scope:
    """Which outlets the actor may see. Raises Forbidden when none."""
    scope = scope_of(current_actor())
    if scope is None:
        raise Forbidden(_("Akun Anda tidak boleh membuka ini."))
    return scope


def kind_labels() -> dict[str, str]:
    """Every outlet kind in words, by code."""
    return {kind.value: str(label) for kind, label in KIND_LABELS.items()}
