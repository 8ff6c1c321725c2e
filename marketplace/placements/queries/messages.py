"""Messages on a document, oldest first."""

from __future__ import annotations

from sqlalchemy import select

from ...db import db
from ...permissions import Actor
from ..models import Message
from .sides import papers_visible_to

MOST = 500


def thread(actor: Actor, document_kind: str, document_id: int) -> list[Message]:
    """What was written on a document; nothing for a stranger."""
    query = (
        select(Message)
        .where(
            Message.document_kind == document_kind,
            Message.document_id == document_id,
            papers_visible_to(actor, Message.outlet_id, Message.seller_id),
        )
        .order_by(Message.id.desc())
        .limit(MOST)
    )
    return list(reversed(db.session.scalars(query).all()))


def unanswered(actor: Actor, limit: int = 20, *, outlet_id: int | None = None) -> list[Message]:
    """Documents whose latest message came from the other side, newest first: for a to-do list."""
    mine = (
        "seller" if actor.seller_id is not None else "outlet" if actor.operator_id is not None else "office"
    )
    newer = select(Message.document_kind, Message.document_id, Message.id).subquery()
    is_overtaken = (
        select(newer.c.id)
        .where(
            newer.c.document_kind == Message.document_kind,
            newer.c.document_id == Message.document_id,
            newer.c.id > Message.id,
        )
        .exists()
    )
    query = (
        select(Message)
        .where(
            papers_visible_to(actor, Message.outlet_id, Message.seller_id),
            Message.side != mine,
            ~is_overtaken,
        )
        .order_by(Message.id.desc())
        .limit(limit)
    )
    if outlet_id is not None:
        query = query.where(Message.outlet_id == outlet_id)
    return list(db.session.scalars(query))
