"""Messages on a document, oldest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, false, func, or_, select
from sqlalchemy.orm import aliased

from ... import clock
from ...db import db
from ...organizations.models import SellerFacts
from ...organizations.queries import of_seller
from ...organizations.versions import facts_on
from ...permissions import Actor
from ...regions.queries import within
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


def messages_visible_to(actor: Actor) -> ColumnElement[bool]:
    """Those of the papers that an actor may read, and those on what it bought or sold outright; an office's
    own purchases, and what sellers of its region sold."""
    if actor.seller_id is not None:
        return of_seller(Message.seller_id, actor.seller_id)
    of_outlets = papers_visible_to(actor, Message.outlet_id, Message.seller_id)
    bought = Message.operator_id.is_not(None)
    return or_(and_(~bought, of_outlets), and_(bought, _bought(actor)))


def _bought(actor: Actor) -> ColumnElement[bool]:
    own = Message.operator_id == actor.buyer_id if actor.buyer_id is not None else false()
    if not actor.is_office:
        return own
    here = select(SellerFacts.seller_id).where(
        within(SellerFacts.region_code, actor.region), facts_on(SellerFacts, clock.today())
    )
    return or_(own, Message.seller_id.in_(here))


def voice_of(actor: Actor, operator_id: int | None = None) -> str:
    """The side in whose name somebody writes; of what this operator bought, where one is named."""
    if actor.seller_id is not None:
        return Side.SELLER.value
    if operator_id is not None and operator_id == actor.buyer_id:
        return Side.OUTLET.value
    return Side.OUTLET.value if actor.operator_id is not None else OFFICE


def is_unseen_by(side: str, message: Any = Message) -> ColumnElement[bool]:
    """SQL: a message (or an alias of it) of others that this side has not had before it."""
    seen = select(MessageView.message_id).where(
        MessageView.message_id == message.id, MessageView.side == side
    )
    return and_(message.side != side, ~seen.exists())


def conversation(actor: Actor, document_kind: str, document_id: int) -> Conversation:
    """What was written on a document, and what of it was seen; nothing for a stranger."""
    messages = thread(actor, document_kind, document_id)
    voice = voice_of(actor, messages[0].operator_id if messages else None)
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
            messages_visible_to(actor),
        )
        .order_by(Message.id.desc())
        .limit(MOST)
    )
    return list(reversed(db.session.scalars(query).all()))


def unanswered(actor: Actor, limit: int = 20, *, outlet_id: int | None = None) -> list[LastWord]:
    """Documents whose latest message came from the other side, newest first: for a to-do list."""
    here = [] if outlet_id is None else [Message.outlet_id == outlet_id]
    return _last_words(voice_of(actor), limit, messages_visible_to(actor), *here)


def unanswered_at_no_outlet(operator_id: int, limit: int = 20) -> list[LastWord]:
    """The same of what an operator bought for no outlet, so that no outlet's board shows it."""
    own = Message.operator_id == operator_id
    return _last_words(Side.OUTLET.value, limit, own, Message.outlet_id.is_(None))


def _last_words(mine: str, limit: int, *where: ColumnElement[bool]) -> list[LastWord]:
    other = aliased(Message)
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
        .where(*where, Message.side != mine, ~is_overtaken)
        .order_by(Message.id.desc())
        .limit(limit)
    )
    return [LastWord(message, int(count)) for message, count in db.session.execute(query)]
