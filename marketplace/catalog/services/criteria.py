"""What the office looks at, and its numbers: edited by the office, kept in the audit log."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from ... import audit
from ...db import retry_on_conflict, unit_of_work
from ...errors import NotFound
from ...i18n import _
from ...permissions import Actor, Permission
from ..models import Criterion, CurationSettings


@dataclass(frozen=True)
class CriterionValues:
    """One criterion as the office writes it."""

    label: str
    label_en: str = ""
    scope: str = "all"
    is_essential: bool = False
    is_active: bool = True
    position: int = 100


@dataclass(frozen=True)
class CurationNumbers:
    """How many of the other criteria a product needs, and from which change of price on the office looks."""

    others_food: int
    others_non_food: int
    price_limit_percent: int


@retry_on_conflict
def save_criterion(*, actor: Actor, criterion_id: int | None, values: CriterionValues) -> Criterion:
    """Add a criterion or change one. Decided reviews keep the words that were ticked then."""
    actor.require(Permission.CATALOG_MANAGE)
    with unit_of_work() as session:
        criterion = (
            session.get(Criterion, criterion_id, with_for_update=True) if criterion_id else Criterion()
        )
        if criterion is None:
            raise NotFound(_("Kriteria ini tidak ada."))
        after = asdict(values)
        before = {name: getattr(criterion, name) for name in after} if criterion_id else {}
        for name, value in after.items():
            setattr(criterion, name, value)
        session.add(criterion)
        session.flush()
        if before != after:
            region = actor.region
            audit.record(
                session, actor, "criterion.saved", criterion, before=before, after=after, region=region
            )
        return criterion


@retry_on_conflict
def save_numbers(*, actor: Actor, numbers: CurationNumbers) -> CurationSettings:
    """Change the office's numbers; what waits already stays as it is."""
    actor.require(Permission.CATALOG_MANAGE)
    with unit_of_work() as session:
        settings = session.get_one(CurationSettings, 1, with_for_update=True)
        after = asdict(numbers)
        before = {name: getattr(settings, name) for name in after}
        for name, value in after.items():
            setattr(settings, name, value)
        if before != after:
            region = actor.region
            audit.record(
                session,
                actor,
                "curation.numbers_changed",
                settings,
                before=before,
                after=after,
                region=region,
            )
        return settings
