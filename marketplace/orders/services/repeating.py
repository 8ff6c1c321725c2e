"""An old order's goods into the cart again, as far as they are sold today."""

from __future__ import annotations

from ...db import retry_on_conflict, unit_of_work
from ...errors import InvalidInput, MarketplaceError
from ...i18n import _
from ...permissions import Actor, Permission
from ..queries.repeating import repeat_of
from . import cart
from .moving import no_order


@retry_on_conflict
def repeat(*, actor: Actor, order_id: int) -> tuple[int, list[str]]:
    """Put what can be ordered again into the cart, beside what is in it: how many products, and a sentence
    for each that did not go in.

    Raises NotFound for a stranger's order, InvalidInput when none of it can be ordered.
    """
    actor.require(Permission.ORDER_PLACE)
    with unit_of_work():
        found = repeat_of(actor, order_id)
        if found is None:
            raise no_order()
        added, refused = 0, []
        for line in found.lines:
            if not line.is_possible:
                refused.append(f"{line.name}: {' '.join(line.changes)}")
                continue
            try:
                cart.add(
                    actor=actor,
                    product_id=line.product_id,
                    quantity=line.quantity,
                    card_text=line.card_text,
                )
                added += 1
            except MarketplaceError as error:  # refused before anything was written
                refused.append(f"{line.name}: {error.message}")
        if not added:
            raise InvalidInput(_("Tidak satu pun barangnya bisa dipesan sekarang."), code="nothing_to_repeat")
        return added, refused
