"""Changes to a seller: what it says of itself, and the dated facts that counting reads."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ... import audit
from ...clock import FIRST_DAY
from ...db import retry_on_conflict, unit_of_work
from ...errors import Conflict, InvalidInput
from ...i18n import _, format_day
from ...permissions import Actor, Permission
from .. import rules, versions
from ..models import Seller, SellerFacts
from . import common
from .registration import owner_key

PROFILE = (
    "name", "owner_name", "nib", "npwp", "kbli_code", "phone", "is_phone_public", "email", "address", "story",
    "bank_name", "bank_account", "bank_holder",
)  # fmt: skip


@retry_on_conflict
def update_seller(*, actor: Actor, seller_id: int, values: Mapping[str, Any]) -> Seller:
    """Change what a seller says of itself (fields of PROFILE; those not given stay). Not the dated facts."""
    common.allow(actor, Permission.REGISTRY_EDIT if actor.is_office else Permission.SELLER_EDIT)
    unknown = set(values) - set(PROFILE)
    if unknown:
        raise ValueError(f"not in a seller's profile: {sorted(unknown)}")
    common.refuse(_profile_problems(values))
    with unit_of_work() as session:
        seller, facts = common.lock_seller(session, actor, seller_id)
        before = {name: getattr(seller, name) for name in values}
        changed = [name for name in values if before[name] != values[name]]
        for name in changed:
            setattr(seller, name, values[name])
        if changed:
            audit.record(
                session,
                actor,
                "seller.updated",
                seller,
                before={name: before[name] for name in changed},
                after={name: values[name] for name in changed},
                region=facts.region_code,
            )
    return seller


def _profile_problems(values: Mapping[str, Any]) -> dict[str, str | None]:
    checks = {
        "nib": rules.nib_problem,
        "npwp": rules.npwp_problem,
        "kbli_code": rules.kbli_problem,
        "bank_account": rules.bank_account_problem,
    }
    problems = {name: check(values[name]) for name, check in checks.items() if values.get(name)}
    if "name" in values and not values["name"]:
        problems["name"] = _("Tulis nama usaha.")
    return problems


@retry_on_conflict
def set_coaching(
    *, actor: Actor, seller_id: int, coached_since: date | None, coached_until: date | None
) -> Seller:
    """Record from when until when (its last day) the office coaches a seller; apart from registration."""
    common.allow(actor, Permission.REGISTRY_EDIT)
    if coached_until is not None and (coached_since is None or coached_until < coached_since):
        sentence = _("Hari terakhir pembinaan tidak boleh sebelum hari pertamanya.")
        raise InvalidInput(sentence, {"coached_until": sentence})
    with unit_of_work() as session:
        seller, facts = common.lock_seller(session, actor, seller_id)
        before = {"coached_since": seller.coached_since, "coached_until": seller.coached_until}
        after = {"coached_since": coached_since, "coached_until": coached_until}
        seller.coached_since, seller.coached_until = coached_since, coached_until
        if before != after:
            audit.record(
                session,
                actor,
                "seller.coaching",
                seller,
                before=before,
                after=after,
                region=facts.region_code,
            )
    return seller


@retry_on_conflict
def close_seller(*, actor: Actor, seller_id: int, closed_on: date, reason: str) -> Seller:
    """The business stops: from `closed_on` on it does not count. Raises Conflict when it is closed."""
    common.allow(actor, Permission.REGISTRY_EDIT if actor.is_office else Permission.SELLER_EDIT)
    reason = common.require_reason(reason)
    with unit_of_work() as session:
        seller, facts = common.lock_seller(session, actor, seller_id)
        rows = versions.segments(session, SellerFacts, seller_id)
        if rows[-1].closed_on is not None:
            raise Conflict(
                _("Usaha ini sudah tercatat tutup sejak %(day)s.", day=format_day(rows[-1].closed_on)),
                code="already_closed",
            )
        first = common.start_of_run(rows, ("closed_on",))
        changes = {"closed_on": closed_on}
        _write(session, actor, seller, facts, first, changes, reason, "seller.closed", tell_from=closed_on)
    return seller


@retry_on_conflict
def reopen_seller(*, actor: Actor, seller_id: int, reopened_on: date, reason: str) -> Seller:
    """The business works again from a day on; the closed days stay closed."""
    common.allow(actor, Permission.REGISTRY_EDIT)
    reason = common.require_reason(reason)
    with unit_of_work() as session:
        seller, facts = common.lock_seller(session, actor, seller_id)
        closed_on = versions.segments(session, SellerFacts, seller_id)[-1].closed_on
        if closed_on is None:
            raise Conflict(_("Usaha ini tidak tercatat tutup."), code="not_closed")
        if reopened_on < closed_on:
            sentence = _("Tanggal buka kembali tidak boleh sebelum %(day)s.", day=format_day(closed_on))
            raise InvalidInput(sentence, {"reopened_on": sentence})
        _write(session, actor, seller, facts, reopened_on, {"closed_on": None}, reason, "seller.reopened")
    return seller


@retry_on_conflict
def change_owner(
    *,
    actor: Actor,
    seller_id: int,
    owner_name: str,
    owner_nik: str | None,
    valid_from: date,
    reason: str,
) -> Seller:
    """Another person owns the business from a day on; records merged into it follow."""
    common.allow(actor, Permission.REGISTRY_EDIT)
    reason = common.require_reason(reason)
    common.refuse({"owner_nik": rules.nik_problem(owner_nik) if owner_nik else None})
    with unit_of_work() as session:
        seller, facts = common.lock_seller(session, actor, seller_id)
        key = owner_key(seller_id, owner_nik)
        seller.owner_name = owner_name
        changes = {"owner_nik": owner_nik, "owner_key": key}
        _write(session, actor, seller, facts, valid_from, changes, reason, "seller.owner_changed")
        followers = session.scalars(select(Seller.id).where(Seller.merged_into_id == seller_id)).all()
        for follower in followers:
            versions.change_facts(
                session,
                SellerFacts,
                follower,
                valid_from=valid_from,
                changes={"owner_key": key},
                actor=actor,
                reason=reason,
            )
        common.tell_seller(session, followers, valid_from)
    return seller


@retry_on_conflict
def change_size(
    *,
    actor: Actor,
    seller_id: int,
    capital_rupiah: int | None,
    annual_sales_rupiah: int | None,
    valid_from: date,
    reason: str = "",
) -> Seller:
    """Capital and annual sales as they are from a day on; the size class follows from them."""
    common.allow(actor, Permission.REGISTRY_EDIT if actor.is_office else Permission.SELLER_EDIT)
    negative = _("Isi nol atau lebih.")
    common.refuse(
        {
            "capital_rupiah": negative if (capital_rupiah or 0) < 0 else None,
            "annual_sales_rupiah": negative if (annual_sales_rupiah or 0) < 0 else None,
        }
    )
    with unit_of_work() as session:
        seller, facts = common.lock_seller(session, actor, seller_id)
        changes = {"capital_rupiah": capital_rupiah, "annual_sales_rupiah": annual_sales_rupiah}
        _write(session, actor, seller, facts, valid_from, changes, reason, "seller.size_changed")
    return seller


@retry_on_conflict
def change_region(
    *, actor: Actor, seller_id: int, region_code: str, address: str, valid_from: date, reason: str = ""
) -> Seller:
    """The business works in another village from a day on."""
    common.allow(actor, Permission.REGISTRY_EDIT if actor.is_office else Permission.SELLER_EDIT)
    with unit_of_work() as session:
        common.require_region(session, region_code)
        seller, facts = common.lock_seller(session, actor, seller_id)
        seller.address = address
        changes = {"region_code": region_code}
        _write(session, actor, seller, facts, valid_from, changes, reason, "seller.moved")
    return seller


@retry_on_conflict
def change_affiliation(
    *, actor: Actor, seller_id: int, affiliated_operator_ref: str | None, valid_from: date, reason: str
) -> Seller:
    """The business belongs to a retailer's group (or no longer does) from a day on."""
    common.allow(actor, Permission.REGISTRY_EDIT)
    reason = common.require_reason(reason)
    with unit_of_work() as session:
        seller, facts = common.lock_seller(session, actor, seller_id)
        changes = {"affiliated_operator_ref": affiliated_operator_ref or None}
        _write(session, actor, seller, facts, valid_from, changes, reason, "seller.affiliation_changed")
    return seller


def _write(
    session: Session,
    actor: Actor,
    seller: Seller,
    facts: SellerFacts,
    valid_from: date,
    changes: Mapping[str, Any],
    reason: str,
    action: str,
    *,
    tell_from: date | None = None,
) -> None:
    """Change dated facts, note the act and tell whoever counts."""
    first = max(valid_from, FIRST_DAY)
    before = {name: getattr(facts, name) for name in changes}
    region = facts.region_code
    written = versions.change_facts(
        session, SellerFacts, seller.id, valid_from=first, changes=changes, actor=actor, reason=reason
    )
    if not written:
        return
    after = {**changes, "valid_from": tell_from or first}
    audit.record(session, actor, action, seller, before=before, after=after, reason=reason, region=region)
    common.tell_seller(session, [seller.id], tell_from or first)
