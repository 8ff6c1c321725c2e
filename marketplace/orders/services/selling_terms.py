"""How a seller sells outright: its rates, the ways it takes money, the days it needs to answer."""

from __future__ import annotations

from dataclasses import asdict, replace

from ... import audit, clock
from ...catalog.services.access import own_seller
from ...db import retry_on_conflict, unit_of_work
from ...errors import InvalidInput
from ...permissions import Actor, Permission
from ...texts import lines as clean_lines
from ..models import SellingTerms
from ..rules.selling import check_terms
from ..rules.terms import DEFAULTS, Terms


@retry_on_conflict
def set_terms(*, actor: Actor, seller_id: int, terms: Terms) -> SellingTerms:
    """Say how a seller sells from now on; orders keep what they were placed under.

    Raises NotFound for somebody else's business, InvalidInput with a sentence for each field.
    """
    actor.require(Permission.SELLER_EDIT)
    terms = replace(terms, note=clean_lines(terms.note)[:2000])
    wrong = check_terms(terms)
    if wrong:
        raise InvalidInput(next(iter(wrong.values())), wrong)
    with unit_of_work() as session:
        seller, region = own_seller(session, actor, seller_id)
        row = session.get(SellingTerms, seller_id, with_for_update=True)
        before = asdict(DEFAULTS) if row is None else {name: getattr(row, name) for name in asdict(DEFAULTS)}
        if row is None:
            row = SellingTerms(seller_id=seller_id, changed_at=clock.now())
            session.add(row)
        after = asdict(terms)
        for name, value in after.items():
            setattr(row, name, value)
        row.changed_at, row.changed_by = clock.now(), actor.user_id
        changed = [name for name, value in after.items() if before[name] != value]
        audit.record(
            session,
            actor,
            "seller.selling_terms",
            seller,
            before={name: before[name] for name in changed},
            after={name: after[name] for name in changed},
            region=region,
        )
        return row
