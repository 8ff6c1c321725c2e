"""Personal data in full: shown once, for a reason, and the act is kept."""

from __future__ import annotations

from dataclasses import dataclass

from ... import audit
from ...db import retry_on_conflict, unit_of_work
from ...permissions import Actor, Permission
from . import common


@dataclass(frozen=True)
class PersonalData:
    """What is otherwise masked. It goes to one screen and nowhere else."""

    owner_name: str
    owner_nik: str | None
    npwp: str | None
    bank_name: str
    bank_account: str | None
    bank_holder: str | None


@retry_on_conflict
def reveal_personal(*, actor: Actor, seller_id: int, reason: str) -> PersonalData:
    """NIK, NPWP and bank account of a seller, for the officer who says why they need them."""
    common.allow(actor, Permission.PERSONAL_REVEAL)
    reason = common.require_reason(reason)
    with unit_of_work() as session:
        seller, facts = common.lock_seller(session, actor, seller_id)
        audit.record(
            session, actor, "seller.personal_revealed", seller, reason=reason, region=facts.region_code
        )
        return PersonalData(
            owner_name=seller.owner_name,
            owner_nik=facts.owner_nik,
            npwp=seller.npwp,
            bank_name=seller.bank_name,
            bank_account=seller.bank_account,
            bank_holder=seller.bank_holder,
        )
