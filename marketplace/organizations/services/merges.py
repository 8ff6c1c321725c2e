"""Two records found to be one business: both stay, one leads to the other, and they count once."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from ... import audit, clock
from ...clock import FIRST_DAY
from ...db import retry_on_conflict, unit_of_work
from ...errors import Conflict, NotFound, RuleBroken
from ...i18n import _
from ...permissions import Actor, Permission
from .. import versions
from ..models import DistinctSellers, Seller, SellerFacts, SellerMerge
from . import common
from .registration import owner_key


@retry_on_conflict
def merge_sellers(*, actor: Actor, kept_id: int, duplicate_id: int, reason: str) -> SellerMerge:
    """From now on `duplicate_id` leads to `kept_id` and, on every day, counts as of the same owner.

    Nothing is deleted: agreements, stock and history of both stay where they are. Raises RuleBroken for
    chains of merges, Conflict when it is merged already.
    """
    common.allow(actor, Permission.DUPLICATE_MERGE)
    reason = common.require_reason(reason)
    if kept_id == duplicate_id:
        raise RuleBroken(_("Pilih dua catatan yang berbeda."), code="same_record")
    with unit_of_work() as session:
        (kept, kept_facts), (duplicate, facts) = _lock_both(session, actor, kept_id, duplicate_id)
        _refuse_chain(session, kept, duplicate)
        merge = SellerMerge(
            kept_id=kept_id,
            duplicate_id=duplicate_id,
            merged_at=clock.now(),
            merged_by=actor.user_id,
            reason=reason,
        )
        session.add(merge)
        duplicate.merged_into_id = kept_id
        _set_owner_key(session, actor, duplicate_id, kept_facts.owner_key, reason)
        after = {"merged_into": kept.seller_ref}
        audit.record(
            session, actor, "seller.merged", duplicate, after=after, reason=reason, region=facts.region_code
        )
        common.tell_seller(session, [kept_id, duplicate_id], FIRST_DAY)
    return merge


@retry_on_conflict
def undo_merge(*, actor: Actor, duplicate_id: int, reason: str) -> Seller:
    """The two are two after all: the record stands for itself again, with its own owner."""
    common.allow(actor, Permission.DUPLICATE_MERGE)
    reason = common.require_reason(reason)
    with unit_of_work() as session:
        duplicate, facts = common.lock_seller(session, actor, duplicate_id)
        merge = session.scalar(select(SellerMerge).where(SellerMerge.duplicate_id == duplicate_id))
        if merge is None:
            raise NotFound(_("Catatan ini tidak sedang digabung."))
        kept_id = merge.kept_id
        session.delete(merge)
        duplicate.merged_into_id = None
        for row in versions.segments(session, SellerFacts, duplicate_id):
            versions.change_facts(
                session,
                SellerFacts,
                duplicate_id,
                valid_from=row.valid_from,
                valid_to=row.valid_to,
                changes={"owner_key": owner_key(duplicate_id, row.owner_nik)},
                actor=actor,
                reason=reason,
            )
        audit.record(session, actor, "seller.unmerged", duplicate, reason=reason, region=facts.region_code)
        common.tell_seller(session, [kept_id, duplicate_id], FIRST_DAY)
    return duplicate


def _lock_both(
    session: Session, actor: Actor, kept_id: int, duplicate_id: int
) -> tuple[tuple[Seller, SellerFacts], tuple[Seller, SellerFacts]]:
    """Both records, locked in the order of their ids whatever the order asked."""
    locked = {one: common.lock_seller(session, actor, one) for one in sorted((kept_id, duplicate_id))}
    return locked[kept_id], locked[duplicate_id]


def _refuse_chain(session: Session, kept: Seller, duplicate: Seller) -> None:
    if duplicate.merged_into_id is not None:
        raise Conflict(_("Catatan ini sudah digabung."), code="already_merged")
    if kept.merged_into_id is not None:
        raise RuleBroken(
            _("Catatan tujuan sudah digabung ke usaha lain. Pilih usaha itu sebagai tujuan."),
            code="kept_is_merged",
        )
    followers = select(Seller.id).where(Seller.merged_into_id == duplicate.id).limit(1)
    if session.scalar(followers) is not None:
        raise RuleBroken(
            _("Ada catatan lain yang digabung ke sini. Pertahankan catatan ini, atau pisahkan dulu."),
            code="has_merged",
        )


def _set_owner_key(session: Session, actor: Actor, seller_id: int, key: str, reason: str) -> None:
    versions.change_facts(
        session,
        SellerFacts,
        seller_id,
        valid_from=FIRST_DAY,
        changes={"owner_key": key},
        actor=actor,
        reason=reason,
    )


@retry_on_conflict
def keep_apart(*, actor: Actor, one_id: int, other_id: int) -> DistinctSellers:
    """The office has looked: these two are two businesses, and need not be asked about again."""
    common.allow(actor, Permission.DUPLICATE_MERGE)
    first, second = sorted((one_id, other_id))
    with unit_of_work() as session:
        (one, facts), (other, _facts) = _lock_both(session, actor, first, second)
        found = session.get(DistinctSellers, (first, second))
        if found is not None:
            return found
        distinct = DistinctSellers(
            one_id=first, other_id=second, decided_at=clock.now(), decided_by=actor.user_id
        )
        session.add(distinct)
        after = {"distinct_from": other.seller_ref}
        audit.record(session, actor, "seller.kept_apart", one, after=after, region=facts.region_code)
    return distinct
