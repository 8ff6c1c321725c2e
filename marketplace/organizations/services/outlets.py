"""Changes to an outlet: its card, and the dated facts that counting reads."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from ... import audit
from ...db import retry_on_conflict, unit_of_work
from ...errors import Conflict, InvalidInput
from ...i18n import _, format_day
from ...permissions import Actor, Permission
from .. import rules, versions
from ..models import Outlet, OutletFacts
from . import common

CARD = ("name", "address", "floor_area_m2", "stars", "latitude", "longitude")


@retry_on_conflict
def update_outlet(*, actor: Actor, outlet_id: int, values: Mapping[str, Any]) -> Outlet:
    """Change an outlet's card (fields of CARD; those not given stay). Not the dated facts."""
    _allow(actor)
    unknown = set(values) - set(CARD)
    if unknown:
        raise ValueError(f"not on an outlet's card: {sorted(unknown)}")
    with unit_of_work() as session:
        outlet, facts = common.lock_outlet(session, actor, outlet_id)
        before = {name: getattr(outlet, name) for name in values}
        changed = [name for name in values if before[name] != values[name]]
        for name in changed:
            setattr(outlet, name, values[name])
        common.refuse(
            {"latitude": rules.coordinates_problem(_decimal(outlet.latitude), _decimal(outlet.longitude))}
        )
        if changed:
            audit.record(
                session,
                actor,
                "outlet.updated",
                outlet,
                before={name: before[name] for name in changed},
                after={name: values[name] for name in changed},
                region=facts.region_code,
            )
    return outlet


@retry_on_conflict
def change_outlet_kind(
    *, actor: Actor, outlet_id: int, kind: str, valid_from: date, reason: str = ""
) -> Outlet:
    """The outlet is of another kind from a day on."""
    return _change(actor, outlet_id, valid_from, {"kind": kind}, reason, "outlet.kind_changed")


@retry_on_conflict
def change_outlet_operator(
    *, actor: Actor, outlet_id: int, operator_id: int, valid_from: date, reason: str
) -> Outlet:
    """Another retailer runs the outlet from a day on. Only the office records that."""
    common.allow(actor, Permission.REGISTRY_EDIT)
    reason = common.require_reason(reason)
    with unit_of_work() as session:
        common.lock_operator(session, actor, operator_id)
        changes = {"operator_id": operator_id}
        return _change(actor, outlet_id, valid_from, changes, reason, "outlet.operator_changed")


@retry_on_conflict
def change_outlet_region(
    *, actor: Actor, outlet_id: int, region_code: str, valid_from: date, reason: str = ""
) -> Outlet:
    """The outlet stands in another village from a day on."""
    with unit_of_work() as session:
        common.require_region(session, region_code)
        changes = {"region_code": region_code}
        return _change(actor, outlet_id, valid_from, changes, reason, "outlet.moved")


@retry_on_conflict
def close_outlet(*, actor: Actor, outlet_id: int, closed_on: date, reason: str) -> Outlet:
    """The outlet is closed from a day on: it owes nothing then. Raises Conflict when it is closed."""
    reason = common.require_reason(reason)
    with unit_of_work() as session:
        _outlet, facts = common.lock_outlet(session, actor, outlet_id)
        rows = versions.segments(session, OutletFacts, outlet_id)
        if rows[-1].closed_on is not None:
            sentence = _("Toko ini sudah tercatat tutup sejak %(day)s.", day=format_day(rows[-1].closed_on))
            raise Conflict(sentence, code="already_closed")
        if closed_on < facts.opened_on:
            sentence = _(
                "Toko ini buka %(day)s; tidak bisa tutup lebih awal.", day=format_day(facts.opened_on)
            )
            raise InvalidInput(sentence, {"closed_on": sentence})
        first = common.start_of_run(rows, ("opened_on", "closed_on"))
        changes = {"closed_on": closed_on}
        return _change(actor, outlet_id, first, changes, reason, "outlet.closed", tell_from=closed_on)


@retry_on_conflict
def reopen_outlet(*, actor: Actor, outlet_id: int, reopened_on: date, reason: str) -> Outlet:
    """The outlet is open again from a day on; the closed days stay closed."""
    reason = common.require_reason(reason)
    with unit_of_work() as session:
        common.lock_outlet(session, actor, outlet_id)
        closed_on = versions.segments(session, OutletFacts, outlet_id)[-1].closed_on
        if closed_on is None:
            raise Conflict(_("Toko ini tidak tercatat tutup."), code="not_closed")
        if reopened_on < closed_on:
            sentence = _("Tanggal buka kembali tidak boleh sebelum %(day)s.", day=format_day(closed_on))
            raise InvalidInput(sentence, {"reopened_on": sentence})
        return _change(actor, outlet_id, reopened_on, {"closed_on": None}, reason, "outlet.reopened")


def _allow(actor: Actor) -> None:
    common.allow(actor, Permission.REGISTRY_EDIT if actor.is_office else Permission.OUTLET_EDIT)


def _change(
    actor: Actor,
    outlet_id: int,
    valid_from: date,
    changes: Mapping[str, Any],
    reason: str,
    action: str,
    *,
    tell_from: date | None = None,
) -> Outlet:
    _allow(actor)
    with unit_of_work() as session:
        outlet, facts = common.lock_outlet(session, actor, outlet_id)
        before = {name: getattr(facts, name) for name in changes}
        region = facts.region_code
        if versions.change_facts(
            session,
            OutletFacts,
            outlet_id,
            valid_from=valid_from,
            changes=changes,
            actor=actor,
            reason=reason,
        ):
            _note(session, actor, outlet, action, before, changes, tell_from or valid_from, reason, region)
    return outlet


def _note(
    session: Session,
    actor: Actor,
    outlet: Outlet,
    action: str,
    before: Mapping[str, Any],
    changes: Mapping[str, Any],
    from_day: date,
    reason: str,
    region: str,
) -> None:
    after = {**changes, "valid_from": from_day}
    audit.record(
        session, actor, action, outlet, before=dict(before), after=after, reason=reason, region=region
    )
    common.tell_outlet(session, outlet.id, from_day)


def _decimal(value: Decimal | float | None) -> Decimal | None:
    return None if value is None else Decimal(str(value))
