"""Messages that two parties write to each other on a document."""

from __future__ import annotations

from flask_babel import LazyString
from sqlalchemy import select
from sqlalchemy.orm import Session

from ... import audit, clock, mailing
from ...db import insert_into, retry_on_conflict, unit_of_work
from ...errors import InvalidInput
from ...i18n import _
from ...permissions import Actor, Permission
from ...texts import lines, one_line
from .. import papers
from ..models import Message, MessageView
from ..queries.messages import is_unseen_by
from ..rules import Side
from .parties import Voices, no_paper, side_on, voices_on

MAX_BODY = 4000
OFFICE = "office"


@retry_on_conflict
def write_message(
    *, actor: Actor, document_kind: str, document_id: int, body: str, client_key: str = ""
) -> Message:
    """Write on a document; the other side reads it there and by mail.

    A form sent twice (the same `client_key`) is one message. Raises NotFound for a stranger, InvalidInput
    for an empty text.
    """
    actor.require(Permission.AGREEMENT_VIEW)
    with unit_of_work() as session:
        paper = papers.find(session, document_kind, document_id)
        if paper is None:
            raise no_paper()
        voices = voices_on(session, actor, paper)
        key = one_line(client_key)[:64] or None
        known = _sent_before(session, actor, key)
        if known is not None:
            return known
        text = lines(body)
        _refuse_unsayable(text)
        message = Message(
            document_kind=document_kind,
            document_id=document_id,
            outlet_id=paper.outlet_id,
            operator_id=paper.buyer.operator_id if paper.buyer else None,
            seller_id=paper.seller_id,
            side=voices.side.value if voices.side else OFFICE,
            author_id=actor.user_id,
            author_name=actor.name,
            body=text,
            client_key=key,
            sent_at=clock.now(),
        )
        session.add(message)
        session.flush()
        audit.record(session, actor, "message.written", message, region=voices.region)
        _tell_others(session, voices, paper, message)
        return message


@retry_on_conflict
def mark_seen(*, actor: Actor, document_kind: str, document_id: int, up_to: int) -> int:
    """A party has the messages of a document before it, up to an id; answers how many it had not seen.

    What it saw before keeps its time. Raises NotFound for anybody but the two parties.
    """
    with unit_of_work() as session:
        paper = papers.find(session, document_kind, document_id)
        if paper is None:
            raise no_paper()
        side = side_on(session, actor, paper)
        if side is None:
            raise no_paper()
        unseen = session.scalars(
            select(Message.id).where(
                Message.document_kind == document_kind,
                Message.document_id == document_id,
                Message.id <= up_to,
                is_unseen_by(side.value),
            )
        ).all()
        if unseen:
            seen = {"side": side.value, "seen_at": clock.now(), "seen_by": actor.user_id}
            rows = [{"message_id": message_id, **seen} for message_id in unseen]
            session.execute(insert_into(session, MessageView).values(rows).on_conflict_do_nothing())
        return len(unseen)


def _sent_before(session: Session, actor: Actor, key: str | None) -> Message | None:
    if key is None:
        return None
    query = select(Message).where(Message.author_id == actor.user_id, Message.client_key == key)
    return session.scalars(query).one_or_none()


def _refuse_unsayable(text: str) -> None:
    sentence = ""
    if not text:
        sentence = _("Tulis pesannya dulu.")
    elif len(text) > MAX_BODY:
        sentence = _("Pesan paling panjang 4.000 huruf.")
    if sentence:
        raise InvalidInput(sentence, {"body": sentence})


def _tell_others(session: Session, voices: Voices, paper: papers.Paper, message: Message) -> None:
    def name() -> str:
        named = papers.find(session, message.document_kind, message.document_id)
        return named.name if named else paper.name

    people = [one for side in Side if side is not voices.side for one in voices.people(side)]
    for person in people:
        mailing.send(
            session,
            to=person.email,
            template="message_written",
            locale=person.locale,
            name=person.name,
            url=mailing.address(paper.path + "#pesan"),
            by=LazyString(voices.name_of, voices.side),
            author=message.author_name,
            document=LazyString(name),
            body=message.body,
        )
