"""Favourites and named lists that one retailer's team shares."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ... import audit, clock
from ...db import insert_into, retry_on_conflict, unit_of_work
from ...errors import Conflict, InvalidInput, NotFound
from ...i18n import _
from ...permissions import Actor, Permission
from ...texts import lines, one_line
from .. import queries
from ..models import Shortlist, ShortlistItem

MAX_LISTS = 100
MAX_ITEMS = 500
MAX_NAME = 120
MAX_NOTE = 500
FAVOURITES = "Favorit"
"""The name under which favourites are kept; screens say it in the reader's language."""


@retry_on_conflict
def make_list(*, actor: Actor, name: str) -> Shortlist:
    """A new, empty list of the actor's team. Raises InvalidInput for a name that is empty or taken."""
    operator_id = _operator_of(actor)
    with unit_of_work() as session:
        row = _new_list(session, actor, operator_id, _checked_name(name))
        audit.record(session, actor, "list.made", row)
        return row


@retry_on_conflict
def rename_list(*, actor: Actor, list_id: int, name: str) -> Shortlist:
    """Give a list another name; the favourites keep theirs."""
    with unit_of_work() as session:
        row = _own_list(session, actor, list_id)
        if row.is_favourites:
            raise Conflict(_("Daftar favorit tidak bisa diganti namanya."), code="favourites_stay")
        before, row.name = row.name, _checked_name(name)
        _flush_name(session, row.name)
        audit.record(session, actor, "list.renamed", row, before={"name": before}, after={"name": row.name})
        return row


@retry_on_conflict
def delete_list(*, actor: Actor, list_id: int) -> str:
    """Throw a list away with its notes; the products stay what they are. Returns its name."""
    with unit_of_work() as session:
        row = _own_list(session, actor, list_id)
        if row.is_favourites:
            raise Conflict(
                _("Daftar favorit tidak bisa dihapus. Keluarkan isinya saja."), code="favourites_stay"
            )
        audit.record(session, actor, "list.deleted", row)
        session.delete(row)
        return row.name


@retry_on_conflict
def keep_favourite(*, actor: Actor, product_id: int) -> None:
    """Put a product among the team's favourites; twice is once."""
    operator_id = _operator_of(actor)
    with unit_of_work() as session:
        _require_visible(actor, product_id)
        _put(session, actor, _favourites(session, actor, operator_id), product_id)


@retry_on_conflict
def drop_favourite(*, actor: Actor, product_id: int) -> None:
    """Take a product from the team's favourites, if it is there."""
    operator_id = _operator_of(actor)
    with unit_of_work() as session:
        row = session.scalar(
            select(Shortlist).where(Shortlist.operator_id == operator_id, Shortlist.is_favourites)
        )
        if row is not None:
            _take(session, row.id, product_id)


@retry_on_conflict
def set_lists(*, actor: Actor, product_id: int, list_ids: Iterable[int], new_name: str = "") -> list[str]:
    """Make a product stand in exactly these of the team's lists, and in a new one when it is named.

    Returns the names of the lists that hold it now.
    """
    operator_id = _operator_of(actor)
    wanted = set(list_ids)
    with unit_of_work() as session:
        _require_visible(actor, product_id)
        own = {
            row.id: row
            for row in session.scalars(select(Shortlist).where(Shortlist.operator_id == operator_id))
        }
        if not wanted <= own.keys():
            raise _no_list()
        if one_line(new_name):
            made = _new_list(session, actor, operator_id, _checked_name(new_name))
            audit.record(session, actor, "list.made", made)
            own[made.id] = made
            wanted.add(made.id)
        for row in own.values():
            if row.id in wanted:
                _put(session, actor, row, product_id)
            else:
                _take(session, row.id, product_id)
        return [row.name for row in own.values() if row.id in wanted]


@retry_on_conflict
def add_to_list(*, actor: Actor, list_id: int, product_id: int) -> ShortlistItem:
    """Put a product into one list; twice is once."""
    with unit_of_work() as session:
        row = _own_list(session, actor, list_id)
        _require_visible(actor, product_id)
        _put(session, actor, row, product_id)
        return session.scalars(
            select(ShortlistItem).where(
                ShortlistItem.shortlist_id == list_id, ShortlistItem.product_id == product_id
            )
        ).one()


@retry_on_conflict
def note_item(*, actor: Actor, item_id: int, note: str) -> ShortlistItem:
    """Write what the team thinks of a product in a list; empty wipes it."""
    words = lines(note)
    if len(words) > MAX_NOTE:
        sentence = _("Catatan paling panjang %(most)d huruf.", most=MAX_NOTE)
        raise InvalidInput(sentence, fields={"note": sentence})
    with unit_of_work() as session:
        item = _own_item(session, actor, item_id)
        item.note = words
        return item


@retry_on_conflict
def remove_item(*, actor: Actor, item_id: int) -> ShortlistItem:
    """Take a product out of a list."""
    with unit_of_work() as session:
        item = _own_item(session, actor, item_id)
        session.delete(item)
        return item


def _operator_of(actor: Actor) -> int:
    """The retailer whose team the actor is in."""
    actor.require(Permission.SHORTLIST_EDIT)
    if actor.operator_id is None:
        raise _no_list()
    return actor.operator_id


def _no_list() -> NotFound:
    return NotFound(_("Daftar ini tidak ada, atau bukan milik tim Anda."))


def _own_list(session: Session, actor: Actor, list_id: int) -> Shortlist:
    operator_id = _operator_of(actor)
    row = session.get(Shortlist, list_id, with_for_update=True, populate_existing=True)
    if row is None or row.operator_id != operator_id:
        raise _no_list()
    return row


def _own_item(session: Session, actor: Actor, item_id: int) -> ShortlistItem:
    item = session.get(ShortlistItem, item_id, populate_existing=True)
    if item is None:
        raise _no_list()
    _own_list(session, actor, item.shortlist_id)
    return item


def _require_visible(actor: Actor, product_id: int) -> None:
    """Only what the team can look at goes into a list."""
    if not queries.is_shown(actor, product_id):
        raise NotFound(_("Produk ini tidak ada, atau sedang tidak ditampilkan pembuatnya."))


def _checked_name(name: str) -> str:
    bare = one_line(name)
    sentence = ""
    if not bare:
        sentence = _("Beri nama daftarnya, misalnya Rak Lebaran.")
    elif len(bare) > MAX_NAME:
        sentence = _("Nama daftar paling panjang %(most)d huruf.", most=MAX_NAME)
    if sentence:
        raise InvalidInput(sentence, fields={"name": sentence})
    return bare


def _new_list(session: Session, actor: Actor, operator_id: int, name: str) -> Shortlist:
    held = session.scalar(select(func.count()).where(Shortlist.operator_id == operator_id)) or 0
    if held >= MAX_LISTS:
        raise Conflict(
            _("Tim Anda sudah punya %(most)d daftar. Hapus dulu yang tidak dipakai.", most=MAX_LISTS),
            code="too_many_lists",
        )
    row = Shortlist(operator_id=operator_id, name=name, created_by=actor.user_id, created_at=clock.now())
    session.add(row)
    _flush_name(session, name)
    return row


def _flush_name(session: Session, name: str) -> None:
    try:
        session.flush()
    except IntegrityError as error:
        sentence = _("Tim Anda sudah punya daftar bernama “%(name)s”. Pilih nama lain.", name=name)
        raise InvalidInput(sentence, fields={"name": sentence}) from error


def _favourites(session: Session, actor: Actor, operator_id: int) -> Shortlist:
    """The team's favourites, made at their first use; two who begin at once get the same list."""
    query = select(Shortlist).where(Shortlist.operator_id == operator_id, Shortlist.is_favourites)
    found = session.scalar(query)
    if found is not None:
        return found
    taken = select(Shortlist.id).where(Shortlist.operator_id == operator_id, Shortlist.name == FAVOURITES)
    name = FAVOURITES if session.scalar(taken) is None else f"{FAVOURITES} ♥"
    values = {
        "operator_id": operator_id,
        "name": name,
        "is_favourites": True,
        "created_by": actor.user_id,
        "created_at": clock.now(),
    }
    session.execute(insert_into(session, Shortlist).values(**values).on_conflict_do_nothing())
    return session.scalars(query).one()


def _put(session: Session, actor: Actor, row: Shortlist, product_id: int) -> None:
    """Into a list, once; a full list says so."""
    held = session.scalar(select(func.count()).where(ShortlistItem.shortlist_id == row.id)) or 0
    known = session.scalar(
        select(ShortlistItem.id).where(
            ShortlistItem.shortlist_id == row.id, ShortlistItem.product_id == product_id
        )
    )
    if known is not None:
        return
    if held >= MAX_ITEMS:
        raise Conflict(
            _(
                "Daftar %(name)s sudah berisi %(most)d produk. Buat daftar baru.",
                name=row.name,
                most=MAX_ITEMS,
            ),
            code="list_full",
        )
    values = {
        "shortlist_id": row.id,
        "product_id": product_id,
        "note": "",
        "added_by": actor.user_id,
        "added_at": clock.now(),
    }
    session.execute(insert_into(session, ShortlistItem).values(**values).on_conflict_do_nothing())


def _take(session: Session, list_id: int, product_id: int) -> None:
    item = session.scalar(
        select(ShortlistItem).where(
            ShortlistItem.shortlist_id == list_id, ShortlistItem.product_id == product_id
        )
    )
    if item is not None:
        session.delete(item)
