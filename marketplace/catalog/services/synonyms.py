"""Words that mean the same to somebody who searches, kept by the office."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from ... import audit, clock
from ...backends.search.words import tokens
from ...db import retry_on_conflict, unit_of_work
from ...errors import InvalidInput, NotFound
from ...i18n import _
from ...permissions import Actor, Permission
from ..models import Synonym

MOST_WORDS, MOST_GROUPS = 12, 1_000


@retry_on_conflict
def save_synonyms(*, actor: Actor, synonym_id: int | None, text: str) -> Synonym:
    """Make a group of words, or change one: 'kripik, keripik'. Searches heed it at once.

    Raises InvalidInput for fewer than two words, and for what is not one word.
    """
    actor.require(Permission.CATALOG_MANAGE)
    words = read_words(text)
    with unit_of_work() as session:
        group = Synonym() if synonym_id is None else _group(session, synonym_id)
        _refuse_known(session, words, synonym_id)
        before = None if synonym_id is None else {"words": group.words}
        group.words, group.updated_at = words, clock.now()
        session.add(group)
        session.flush()
        audit.record(session, actor, "synonyms.saved", group, before=before, after={"words": words})
        return group


@retry_on_conflict
def delete_synonyms(*, actor: Actor, synonym_id: int) -> str:
    """Throw a group away; returns its words."""
    actor.require(Permission.CATALOG_MANAGE)
    with unit_of_work() as session:
        group = _group(session, synonym_id)
        audit.record(session, actor, "synonyms.deleted", group, before={"words": group.words})
        session.delete(group)
        return group.words


def read_words(text: str) -> str:
    """Words as they are searched, with blanks between."""
    words: list[str] = []
    for written in text.replace(";", ",").replace("\n", ",").split(","):
        parts = list(dict.fromkeys(tokens(written)))
        if len(parts) > 1:
            said = _("“%(text)s” lebih dari satu kata. Tulis satu kata di antara koma.", text=written.strip())
            raise InvalidInput(said, fields={"words": said})
        words += [part for part in parts if part not in words]
    if not 2 <= len(words) <= MOST_WORDS:
        said = _("Tulis dua sampai %(most)d kata dengan koma di antaranya.", most=MOST_WORDS)
        raise InvalidInput(said, fields={"words": said})
    return " ".join(words)


def _group(session: Session, synonym_id: int) -> Synonym:
    group = session.get(Synonym, synonym_id, with_for_update=True)
    if group is None:
        raise NotFound(_("Kelompok kata ini tidak ada lagi."))
    return group


def _refuse_known(session: Session, words: str, own_id: int | None) -> None:
    """A group that says what another says already is not made twice."""
    others = session.scalars(select(Synonym.words).where(Synonym.id != (own_id or 0))).all()
    if len(others) >= MOST_GROUPS and own_id is None:
        said = _("Sudah ada %(most)d kelompok. Hapus yang tidak terpakai.", most=MOST_GROUPS)
        raise InvalidInput(said, fields={"words": said})
    for other in others:
        if set(words.split()) <= set(other.split()):
            said = _(
                "Kata-kata ini sudah ada dalam satu kelompok: %(words)s.", words=other.replace(" ", ", ")
            )
            raise InvalidInput(said, fields={"words": said})
