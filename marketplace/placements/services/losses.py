"""Saying who bears a loss, beside the movement of the ledger that records it."""

from __future__ import annotations

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from ... import clock
from ...errors import Conflict
from ...i18n import _
from ..models import Bearer, BorneLoss, LossReason


def bear(
    session: Session,
    movement_ref: str,
    borne_by: Bearer | str,
    reason: LossReason | str,
    document_kind: str,
    document_id: int,
) -> None:
    """Say who bears the loss recorded under `movement_ref`, inside the unit that records it.

    Saying the same again changes nothing; saying another is a Conflict: a loss is borne once.
    """
    said = {
        "borne_by": Bearer(borne_by).value,
        "reason": LossReason(reason).value,
        "document_kind": document_kind,
        "document_id": document_id,
    }
    columns = [BorneLoss.borne_by, BorneLoss.reason, BorneLoss.document_kind, BorneLoss.document_id]
    known = session.execute(select(*columns).where(BorneLoss.movement_ref == movement_ref)).one_or_none()
    if known is None:
        session.execute(insert(BorneLoss).values(movement_ref=movement_ref, recorded_at=clock.now(), **said))
        return
    if tuple(known) != tuple(said.values()):
        raise Conflict(
            _("Siapa yang menanggung kerugian ini sudah dicatat. Catatan itu tidak bisa diubah."),
            code="loss_borne_already",
        )
