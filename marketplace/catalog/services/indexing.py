"""Keeping the search index: the worker puts what was marked, `flask search reindex` makes all anew."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from ... import outbox
from ...backends.search import Document, Weight
from ...backends.search.words import stamp_of, terms
from ...db import db
from ..models import SearchMark
from ..queries.documents import Text, count_public, texts_of
from ..queries.engine import search_index
from .marks import INDEX, version_of

log = structlog.get_logger()
BATCH = 500
Told = Callable[[int, int], None]


@outbox.handles(INDEX)
def index_changes(_payload: dict[str, Any]) -> None:
    """Put into the index whatever was marked since it was last written. Run twice it finds nothing."""
    index = search_index()
    if index.version() is None:
        rebuild()
        return
    with index.writing():
        since = index.version() or 0
        marks = _marks_since(db.session(), since)
        if version_of(db.session()) < since:  # an older database was put back: nothing kept can be trusted
            marks = None
        for ids, version in _batches(marks or []):
            _put(ids, version)
    db.session.rollback()
    if marks is None:
        rebuild()


def keep_up() -> None:
    """Each minute: what a worker that died left behind."""
    index = search_index()
    known = index.version()
    if known is None or known != version_of(db.session()):
        db.session.rollback()
        index_changes({})


def rebuild(told: Told | None = None) -> int:
    """Make the index anew while the old one serves; returns how many products it holds."""
    index = search_index()
    session = db.session()
    session.rollback()
    version = version_of(session)
    total = count_public(session)
    done = 0

    def documents() -> Iterator[Document]:
        nonlocal done
        for text in texts_of(session):
            done += 1
            yield document(text)
            if told and done % BATCH == 0:
                told(done, total)

    index.rebuild(documents(), version=version)
    session.rollback()
    if told:
        told(done, done)
    index_changes({})  # what changed meanwhile
    return done


def differences() -> Iterator[str]:
    """What the index holds otherwise than the database. Changes that still wait are no difference."""
    index = search_index()
    session = db.session()
    known = index.version()
    if known is None:
        if count_public(session) and not _is_waiting(session):
            yield "the index was never made: run `flask search reindex`"
        return
    kept = index.stamps()
    waiting = {product_id for product_id, _version in _marks_since(session, known) or ()}
    for text in texts_of(session):
        stamp = kept.pop(text.id, None)
        if text.id in waiting:
            continue
        if stamp is None:
            yield f"product {text.id} is not in the index"
        elif stamp != stamp_of(text.parts):
            yield f"product {text.id} stands otherwise in the index"
    for product_id in sorted(set(kept) - waiting):
        yield f"product {product_id} is in the index and not in the catalogue"


def document(text: Text) -> Document:
    """A product as the index takes it."""
    return Document(
        text.id,
        stamp_of(text.parts),
        {
            Weight.A: terms(text.name),
            Weight.B: terms(text.category),
            Weight.C: terms(f"{text.maker} {text.place}"),
            Weight.D: terms(text.rest),
        },
    )


def _is_waiting(session: Session) -> bool:
    item = outbox.OutboxItem
    query = select(item.id).where(item.kind == INDEX, item.done_at.is_(None)).limit(1)
    return session.scalar(query) is not None


def _marks_since(session: Session, version: int) -> list[tuple[int, int]] | None:
    query = (
        select(SearchMark.product_id, SearchMark.version)
        .where(SearchMark.version > version)
        .order_by(SearchMark.version, SearchMark.product_id)
    )
    return [(product_id, number) for product_id, number in session.execute(query)]


def _batches(marks: Iterable[tuple[int, int]]) -> Iterator[tuple[Sequence[int], int]]:
    """Some products at a time, with the version that the index has reached after them."""
    several = iter(marks)
    some = list(islice(several, BATCH))
    while some:
        more = list(islice(several, BATCH))
        last = some[-1][1]
        # A transaction may have marked more than one batch holds: its number counts after the last of it.
        reached = last - 1 if more and more[0][1] == last else last
        yield [product_id for product_id, _version in some], reached
        some = more


def _put(ids: Sequence[int], version: int) -> None:
    found = [document(text) for text in texts_of(db.session(), ids)]
    gone = set(ids) - {one.id for one in found}
    search_index().put(found, gone=gone, version=version)
