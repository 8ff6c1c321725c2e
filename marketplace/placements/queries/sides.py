"""What of the papers between sellers and outlets an actor may read, as SQL."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, false, select, true

from ... import clock
from ...organizations.models import OutletFacts
from ...organizations.queries import of_seller
from ...organizations.versions import facts_on
from ...permissions import Actor
from ...regions.queries import within


def papers_visible_to(actor: Actor, outlet_id: Any, seller_id: Any) -> ColumnElement[bool]:
    """The rows of a table with these two columns that an actor may read.

    A seller its own and those of sellers merged into it, a retailer its outlets' of today, an office its
    region's. Nothing for others.
    """
    if actor.is_office:
        if actor.region == "":
            return true()
        return outlet_id.in_(_outlets_where(within(OutletFacts.region_code, actor.region)))
    if actor.operator_id is not None:
        return outlet_id.in_(_outlets_where(OutletFacts.operator_id == actor.operator_id))
    if actor.seller_id is not None:
        return of_seller(seller_id, actor.seller_id)
    return false()


def _outlets_where(criterion: ColumnElement[bool]) -> Any:
    return select(OutletFacts.outlet_id).where(criterion, facts_on(OutletFacts, clock.today()))
