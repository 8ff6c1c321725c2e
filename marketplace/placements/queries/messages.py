"""Messages on a document, oldest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import aliased

from ...db import db
from ...permissions import Actor
from ..models import Message, MessageView
from ..rules import Side
from .sides import papers_visible_to

MOST = 500
OFFICE = "office"


@dataclass(frozen=True)
class Conversation:
    """The messages on a document as somebody reads them."""

    messages: Sequence[Message]
    last_own: int | None
    """The latest message of the reader's side."""
    seen: Sequence[MessageView]
    """Who had that one before them, and when."""
    unseen: int | None
    """The latest message of others that the reader's side has not seen; None when all are seen."""


class LastWord(NamedTuple):
    """A document's latest message, and how many on it the reader's side has not seen."""

    message: Message
    unread: int


def voice_of(actor: Actor) -> str:
    """The side in whose name somebody writes."""
    if actor.seller_id is not None:
        return Side.SELLER.value
    return Side.OUTLET.value if actor.operator_id is not None else OFFICE


def is_unseen_by(side: str, message: Any = Message) -> ColumnElement[bool]:
    """SQL: a message (or an alias of it) of others that this side has not had before it."""
    seen = select(MessageView.message_id).where(
        MessageView.message_id == message.id, MessageView.side == side
    )
    return and_(message.side != side, ~seen.exists())


def conversation(actor: Actor, document_kind: str, document_id: int) -> Conversation:
    """What was written on a document, and what of it was seen; nothing for a stranger."""
    messages, voice = thread(actor, document_kind, document_id), voice_of(actor)
    views: dict[int, list[MessageView]] = {}
    if messages:
        query = (
            select(MessageView)
            .where(MessageView.message_id.in_([one.id for one in messages]))
            .order_by(MessageView.seen_at, MessageView.side)
        )
        for view in db.session.scalars(query):
            views.setdefault(view.message_id, []).append(view)
    last_own = next((one.id for one in reversed(messages) if one.side == voice), None)
    unseen = [
        one.id
        for one in messages
        if one.side != voice and all(view.side != voice for view in views.get(one.id, ()))
    ]
    return Conversation(
        messages,
        last_own,
        views.get(last_own or 0, ()),
        max(unseen) if unseen and voice != OFFICE else None,
    )


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


def unanswered(actor: Actor, limit: int = 20, *, outlet_id: int | None = None) -> list[LastWord]:
    """Documents whose latest message came from the other side, newest first: for a to-do list."""
    mine, other = voice_of(actor), aliased(Message)
    unread = (
        select(func.count())
        .where(
            other.document_kind == Message.document_kind,
            other.document_id == Message.document_id,
            is_unseen_by(mine, other),
        )
        .scalar_subquery()
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
        select(Message, unread)
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
    return [LastWord(message, int(count)) for message, count in db.session.execute(query)]
