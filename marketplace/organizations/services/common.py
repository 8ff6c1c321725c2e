"""What every service of organizations does first: allow, lock, look again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from ... import clock, signals
from ...clock import FIRST_DAY
from ...errors import Forbidden, InvalidInput, NotFound
from ...i18n import _
from ...permissions import Actor, Permission
from ...regions import queries as regions
from ...texts import lines as clean_lines
from .. import versions
from ..models import Operator, Outlet, OutletFacts, Seller, SellerFacts


def allow(actor: Actor, permission: Permission) -> None:
    """Raise Forbidden unless the actor's role carries the permission (the product itself may do all)."""
    if not actor.can(permission):
        raise Forbidden(_("Akun Anda tidak boleh melakukan ini."), code="forbidden")


def missing(what: str) -> NotFound:
    """The same answer for what is not there and for what is a stranger's."""
    return NotFound(what)


def lock_seller(session: Session, actor: Actor, seller_id: int) -> tuple[Seller, SellerFacts]:
    """A seller that the actor may change, locked, with today's facts. Raises NotFound."""
    seller = session.get(Seller, seller_id, with_for_update=True, populate_existing=True)
    facts = versions.one_on(session, SellerFacts, seller_id, clock.today()) if seller else None
    if seller is None or facts is None or not may_change_seller(actor, seller_id, facts.region_code):
        raise missing(_("Usaha ini tidak ada, atau bukan untuk akun Anda."))
    return seller, facts


def may_change_seller(actor: Actor, seller_id: int, region_code: str) -> bool:
    """Whether a seller is the actor's own or lies in the region of their office."""
    return actor.sees_region(region_code) or (actor.seller_id is not None and actor.seller_id == seller_id)


def lock_operator(session: Session, actor: Actor, operator_id: int) -> Operator:
    """A retailer that the actor may change, locked. Raises NotFound."""
    operator = session.get(Operator, operator_id, with_for_update=True, populate_existing=True)
    if operator is None or not may_change_operator(actor, operator):
        raise missing(_("Perusahaan ini tidak ada, atau bukan untuk akun Anda."))
    return operator


def may_change_operator(actor: Actor, operator: Operator) -> bool:
    """Whether a retailer is the actor's own, or registered in the region of their office (or nowhere yet)."""
    if actor.is_office:
        return operator.region_code is None or actor.sees_region(operator.region_code)
    return actor.operator_id is not None and actor.operator_id == operator.id


def lock_outlet(session: Session, actor: Actor, outlet_id: int) -> tuple[Outlet, OutletFacts]:
    """An outlet that the actor may change, locked, with today's facts. Raises NotFound."""
    outlet = session.get(Outlet, outlet_id, with_for_update=True, populate_existing=True)
    facts = versions.one_on(session, OutletFacts, outlet_id, clock.today()) if outlet else None
    if outlet is None or facts is None:
        raise missing(_("Toko ini tidak ada, atau bukan untuk akun Anda."))
    own = actor.operator_id is not None and actor.operator_id == facts.operator_id
    if not own and not actor.sees_region(facts.region_code):
        raise missing(_("Toko ini tidak ada, atau bukan untuk akun Anda."))
    return outlet, facts


def require_region(session: Session, code: str, field: str = "region_code") -> str:
    """A known place. Raises InvalidInput."""
    if not regions.exists(session, code):
        sentence = _("Pilih kelurahan dari daftar.")
        raise InvalidInput(sentence, {field: sentence})
    return code


def require_reason(reason: str) -> str:
    """A reason in words. Raises InvalidInput when there is none."""
    cleaned = clean_lines(reason)
    if len(cleaned) < 3 or len(cleaned) > 2000:
        sentence = _("Tulis alasannya, supaya orang lain nanti mengerti.")
        raise InvalidInput(sentence, {"reason": sentence})
    return cleaned


def refuse(problems: dict[str, str | None]) -> None:
    """Raise InvalidInput for the fields that have a problem; nothing when none has."""
    fields = {name: sentence for name, sentence in problems.items() if sentence}
    if fields:
        raise InvalidInput(next(iter(fields.values())), fields)


def tell_seller(session: Session, seller_ids: Iterable[int], from_day: date) -> None:
    """Say that what counting reads of sellers changed from a day on."""
    ids = sorted(set(seller_ids))
    if ids:
        signals.seller_facts_changed.send(session, seller_ids=ids, from_day=from_day)


def tell_outlet(session: Session, outlet_id: int, from_day: date) -> None:
    """Say that what counting reads of an outlet changed from a day on."""
    tell_outlets(session, {outlet_id: from_day})


def tell_outlets(session: Session, from_days: Mapping[int, date]) -> None:
    """The same of many, each from a day of its own."""
    if from_days:
        signals.evidence_changed.send(session, outlets=sorted(from_days.items()))


def start_of_run(rows: list[Any], names: Iterable[str]) -> date:
    """The first day of the last segments that agree in some facts: where a self-dated fact is written."""
    names = list(names)
    first = rows[-1].valid_from
    for row in reversed(rows):
        if any(getattr(row, name) != getattr(rows[-1], name) for name in names):
            return first
        first = row.valid_from
    return FIRST_DAY
