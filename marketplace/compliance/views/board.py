"""An outlet's day: its places on the shelf, and all that waits there for the people who work in it."""

from __future__ import annotations

from flask import render_template

from ... import clock
from ...errors import NotFound
from ...i18n import _
from ...permissions import Permission, current_actor, protected
from ...placements.queries.board import has_partners, outlet_board
from ...placements.views.board_tasks import board_sections
from ..queries import standing_of
from .blueprint import blueprint


@blueprint.get("/buyer/outlets/<int(max=9223372036854775807):outlet_id>/today")
@protected(Permission.BUYER_HOME)
def board(outlet_id: int) -> str:
    """What waits at one outlet today, the most urgent kind first, beside its quota."""
    actor, day = current_actor(), clock.today()
    found = outlet_board(actor, outlet_id)
    if found is None:
        raise NotFound(_("Toko itu tidak ada, atau bukan toko perusahaan Anda."))
    sections = board_sections(found, actor, day)
    return render_template(
        "buyer/board.html",
        board=found,
        sections=sections,
        is_new=not sections and not has_partners(outlet_id),
        standing=standing_of(day, outlet_id),
        day=day,
    )
