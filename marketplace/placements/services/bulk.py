"""Whole batches of agreements at once, for imports: called inside a unit of work."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, insert, literal, or_, select, update
from sqlalchemy.orm import Session, aliased

from ... import clock, signals
from ...organizations.models import Outlet
from ...permissions import Actor
from ..models import (
    Agreement,
    AgreementState,
    AgreementVersion,
    AgreementVersionProduct,
    Bearer,
    CommissionBasis,
    SettlementCycle,
    VersionState,
)

SLICE = 900
DUE_DAYS = 14
"""Where a paper agreement says nothing of when the store pays."""
BLANKS: dict[str, Any] = {
    "ends_on": None,
    "terminated_on": None,
    "commission_percent": None,
    "settlement_days": None,
}
PERCENT, NONE = CommissionBasis.PERCENT_OF_RETAIL.value, CommissionBasis.NONE.value
FIXED = CommissionBasis.FIXED_PER_UNIT.value


def lock_outlets(session: Session, outlet_ids: Iterable[int]) -> None:
    """Lock outlets in the order of their ids, as every act on an agreement does first."""
    wanted = sorted(set(outlet_ids))
    for start in range(0, len(wanted), SLICE):
        query = select(Outlet.id).where(Outlet.id.in_(wanted[start : start + SLICE])).order_by(Outlet.id)
        session.execute(query.with_for_update(key_share=True)).all()


def write_agreements(
    session: Session,
    *,
    made: Sequence[Mapping[str, Any]],
    changed: Sequence[Mapping[str, Any]],
    evidence: Mapping[int, date],
    actor: Actor,
) -> None:
    """Write agreements that both parties are taken to have accepted; `changed` rows hold the id.

    Each new one gets its version 1; one whose terms changed gets a further version from today on, so that
    what was sold before keeps its terms. `evidence` says for each outlet from which day on it may count
    differently.
    """
    now = clock.now()
    common = {
        "state": AgreementState.ACCEPTED.value,
        "proposed_by_side": "",
        "termination_reason": "",
        "created_at": now,
    }
    if made:
        session.execute(insert(Agreement), [{**BLANKS, **common, **row} for row in made])
        add_first_versions(session, [row["agreement_ref"] for row in made], actor=actor, now=now)
    for _names, group in groupby(sorted(changed, key=sorted), key=sorted):
        session.execute(update(Agreement), [dict(row) for row in group])
    add_following_versions(session, [row["id"] for row in changed], actor=actor, now=now)
    if evidence:
        signals.evidence_changed.send(session, outlets=sorted(evidence.items()))


def add_first_versions(session: Session, refs: Sequence[str], *, actor: Actor, now: datetime) -> None:
    """Version 1 of accepted agreements that have none yet, from what their own columns say."""
    has_percent = Agreement.commission_percent.is_not(None)
    values: dict[str, Any] = {
        "agreement_id": Agreement.id,
        "number": literal(1),
        "valid_from": Agreement.starts_on,
        "commission_basis": case((has_percent, PERCENT), else_=NONE),
        "loss_borne_by": literal(Bearer.OUTLET.value),
        "expiry_borne_by": literal(Bearer.SELLER.value),
        "settlement_cycle": literal(SettlementCycle.MONTHLY.value),
        "report_cycle_days": literal(7),
        "price_notice_days": literal(30),
        "end_notice_days": literal(0),
        "display_place": literal(""),
        "fees": literal([], AgreementVersion.fees.type),
        "terms": literal(""),
        **_copied(Agreement),
        **_answered(actor, now),
    }
    for some in _slices(refs):
        query = select(*values.values()).where(Agreement.agreement_ref.in_(some))
        session.execute(insert(AgreementVersion).from_select(list(values), query))


def add_following_versions(session: Session, ids: Sequence[int], *, actor: Actor, now: datetime) -> None:
    """A further version for each of these agreements whose columns say other terms than its last version."""
    last, today = aliased(AgreementVersion), clock.today()
    kept = (
        "loss_borne_by", "expiry_borne_by", "settlement_cycle", "report_cycle_days", "min_life_days",
        "return_window_days", "price_notice_days", "end_notice_days", "display_place", "fees", "terms",
    )  # fmt: skip
    has_percent = Agreement.commission_percent.is_not(None)
    values: dict[str, Any] = {
        "agreement_id": Agreement.id,
        "number": _highest_number(Agreement.id) + 1,
        "valid_from": case((last.valid_from > today, last.valid_from), else_=literal(today)),
        "commission_basis": case(
            (has_percent, PERCENT), (last.commission_basis == PERCENT, NONE), else_=last.commission_basis
        ),
        "commission_rupiah": case(
            (and_(~has_percent, last.commission_basis == FIXED), last.commission_rupiah)
        ),
        **{name: getattr(last, name) for name in kept},
        **_copied(Agreement),
        **_answered(actor, now),
    }
    for some in _slices(ids):
        query = (
            select(*values.values())
            .join(last, and_(last.agreement_id == Agreement.id, last.number == _last_accepted(Agreement.id)))
            .where(Agreement.id.in_(some), _differs(last))
        )
        session.execute(insert(AgreementVersion).from_select(list(values), query))
        _copy_annexes(session, some, now)


def _copied(agreement: type[Agreement]) -> dict[str, Any]:
    """The columns of an agreement that its version says as well."""
    return {
        "basis": agreement.basis,
        "starts_on": agreement.starts_on,
        "ends_on": agreement.ends_on,
        "commission_percent": agreement.commission_percent,
        "due_days": func.coalesce(agreement.settlement_days, DUE_DAYS),
    }


def _answered(actor: Actor, now: datetime) -> dict[str, Any]:
    return {
        "state": literal(VersionState.ACCEPTED.value),
        "proposed_by_side": literal(""),
        "group_code": literal(""),
        "answered_by": literal(actor.user_id, AgreementVersion.answered_by.type),
        "answered_at": literal(now, AgreementVersion.answered_at.type),
        "answer_reason": literal(""),
        "created_at": literal(now, AgreementVersion.created_at.type),
    }


def _differs(last: type[AgreementVersion]) -> ColumnElement[bool]:
    return or_(
        last.starts_on != Agreement.starts_on,
        last.ends_on.is_distinct_from(Agreement.ends_on),
        last.commission_percent.is_distinct_from(Agreement.commission_percent),
        last.due_days != func.coalesce(Agreement.settlement_days, DUE_DAYS),
    )


def _highest_number(agreement_id: Any) -> Any:
    version = aliased(AgreementVersion)
    query = select(func.max(version.number)).where(version.agreement_id == agreement_id)
    return query.correlate(Agreement).scalar_subquery()


def _last_accepted(agreement_id: Any, before: Any = None) -> Any:
    version = aliased(AgreementVersion)
    query = select(func.max(version.number)).where(
        version.agreement_id == agreement_id, version.state == VersionState.ACCEPTED.value
    )
    if before is not None:
        query = query.where(version.number < before)
    return query.correlate_except(version).scalar_subquery()


def _copy_annexes(session: Session, agreement_ids: Sequence[int], now: datetime) -> None:
    """What the versions written just now leave as it was: the goods and prices of the version before."""
    new, last, good = aliased(AgreementVersion), aliased(AgreementVersion), AgreementVersionProduct
    query = (
        select(new.id, good.product_id, good.retail_price_rupiah, good.net_price_rupiah)
        .select_from(new)
        .join(
            last,
            and_(
                last.agreement_id == new.agreement_id,
                last.number == _last_accepted(new.agreement_id, before=new.number),
            ),
        )
        .join(good, good.version_id == last.id)
        .where(
            new.agreement_id.in_(agreement_ids),
            new.state == VersionState.ACCEPTED.value,
            new.number == _last_accepted(new.agreement_id),
            new.created_at == now,
            ~select(good.version_id).where(good.version_id == new.id).correlate(new).exists(),
        )
    )
    names = ["version_id", "product_id", "retail_price_rupiah", "net_price_rupiah"]
    session.execute(insert(good).from_select(names, query))


def _slices(values: Sequence[Any]) -> Iterable[Sequence[Any]]:
    return (values[start : start + SLICE] for start in range(0, len(values), SLICE))
