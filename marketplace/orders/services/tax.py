"""A seller says whether it is PKP, from a day on."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy.orm import Session

from ... import audit, clock
from ...db import retry_on_conflict, unit_of_work
from ...errors import InvalidInput, NotFound
from ...i18n import _
from ...organizations.models import Seller
from ...permissions import Actor, Permission
from ...texts import one_line
from ..models import SellerTaxFact
from ..queries.tax import pkp_on
from .moving import region_of

EARLIEST = date(2000, 1, 1)
FARTHEST_DAYS = 366


@retry_on_conflict
def say_pkp(*, actor: Actor, is_pkp: bool, valid_from: date, reference: str = "") -> SellerTaxFact:
    """Record it for the actor's own business; orders and papers made before keep their tax.

    Raises InvalidInput for a day that cannot be, a missing number of the letter, and what is known already.
    """
    actor.require(Permission.SELLER_EDIT)
    reference = one_line(reference)[:100]
    wrong = _wrong(is_pkp, valid_from, reference)
    if wrong:
        raise InvalidInput(next(iter(wrong.values())), wrong)
    with unit_of_work() as session:
        seller = own_business(session, actor)
        if (seller.id in pkp_on(session, [seller.id], valid_from)) == is_pkp:
            sentence = _("Itu sudah tercatat untuk tanggal tersebut.")
            raise InvalidInput(sentence, {"valid_from": sentence})
        row = SellerTaxFact(
            seller_id=seller.id,
            valid_from=valid_from,
            is_pkp=is_pkp,
            reference=reference,
            recorded_at=clock.now(),
            recorded_by=actor.user_id,
            recorder_name=actor.name,
        )
        session.add(row)
        session.flush()
        after = {"is_pkp": is_pkp, "valid_from": valid_from.isoformat()}
        audit.record(
            session, actor, "seller.pkp_said", seller, after=after, region=region_of(session, seller.id)
        )
        return row


def own_business(session: Session, actor: Actor) -> Seller:
    """The actor's own business, locked. Raises NotFound for whoever sells nothing."""
    seller = session.get(Seller, actor.seller_id, with_for_update=True) if actor.seller_id else None
    if seller is None:
        raise NotFound(_("Halaman ini hanya untuk penjual."))
    return seller


def _wrong(is_pkp: bool, valid_from: date, reference: str) -> dict[str, str]:
    wrong = {}
    if not EARLIEST <= valid_from <= clock.today() + timedelta(days=FARTHEST_DAYS):
        wrong["valid_from"] = _("Tulis tanggal dari tahun 2000 sampai setahun ke depan.")
    if is_pkp and not reference:
        wrong["reference"] = _("Tulis nomor surat pengukuhan PKP.")
    return wrong
