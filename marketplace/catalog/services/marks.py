"""Which products changed: noted while a unit of work runs, written with its commit.

Every commit that changes the public face of products gets the next number, and marks its products with it.
Readers keep their columns by these marks, the worker its index. The number is taken last in the
transaction, under a lock on its one row, so that a higher number is never seen before a lower one.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import event, func, literal, select
from sqlalchemy.orm import Session

from ... import outbox, signals
from ...db import insert_into
from ...organizations.models import Seller
from ..models import Category, Product, SearchMark, SearchVersion, Synonym

INDEX = "search.index"
PRODUCTS, SELLERS, WORDS = "marked_products", "marked_sellers", "marked_words"
SLICE = 400


@signals.product_changed.connect
def _note_products(session: Session, product_ids: Iterable[int]) -> None:
    session.info.setdefault(PRODUCTS, set()).update(product_ids)


@signals.seller_facts_changed.connect
def _note_sellers(session: Session, seller_ids: Iterable[int], from_day: date | None = None) -> None:
    session.info.setdefault(SELLERS, set()).update(seller_ids)


@event.listens_for(Session, "after_flush")
def _note_rows(session: Session, _context: Any) -> None:
    """Rows of products and sellers that were written as objects need no signal."""
    for row in (*session.new, *session.dirty, *session.deleted):
        if isinstance(row, Product):
            session.info.setdefault(PRODUCTS, set()).add(row.id)
        elif isinstance(row, Seller) and row not in session.new:
            session.info.setdefault(SELLERS, set()).add(row.id)
        elif isinstance(row, Synonym | Category):
            session.info[WORDS] = True


@event.listens_for(Session, "before_commit")
def _write_marks(session: Session) -> None:
    if not session.info.get("in_unit") or session.in_nested_transaction():
        return
    session.flush()
    products: set[int] = session.info.pop(PRODUCTS, set())
    sellers: set[int] = session.info.pop(SELLERS, set())
    words = session.info.pop(WORDS, False)
    if not products and not sellers and not words:
        return
    version = _next_version(session)
    _mark_products(session, sorted(products), version)
    _mark_shelves(session, sorted(sellers), version)
    if products or sellers:
        outbox.enqueue(session, INDEX, {})


@event.listens_for(Session, "after_rollback")
def _forget(session: Session) -> None:
    for name in (PRODUCTS, SELLERS, WORDS):
        session.info.pop(name, None)


def _next_version(session: Session) -> int:
    query = (
        insert_into(session, SearchVersion)
        .values(id=1, version=1)
        .on_conflict_do_update(index_elements=["id"], set_={"version": SearchVersion.version + 1})
        .returning(SearchVersion.version)
    )
    return int(session.execute(query).scalar_one())


def _mark_products(session: Session, ids: list[int], version: int) -> None:
    """The products themselves, and the main ones of variants: they carry what is found."""
    for start in range(0, len(ids), SLICE):
        some = ids[start : start + SLICE]
        query = select(Product.main_id).where(Product.id.in_(some), Product.main_id.is_not(None))
        wanted = sorted({*some, *(main for main in session.scalars(query) if main)})
        rows = [{"product_id": number, "version": version} for number in wanted]
        session.execute(
            insert_into(session, SearchMark)
            .values(rows)
            .on_conflict_do_update(index_elements=["product_id"], set_={"version": version})
        )


def _mark_shelves(session: Session, seller_ids: list[int], version: int) -> None:
    """Everything that these sellers make."""
    for start in range(0, len(seller_ids), SLICE):
        whole = select(Product.id, literal(version)).where(
            Product.seller_id.in_(seller_ids[start : start + SLICE])
        )
        session.execute(
            insert_into(session, SearchMark)
            .from_select(["product_id", "version"], whole)
            .on_conflict_do_update(index_elements=["product_id"], set_={"version": version})
        )


def version_of(session: Session) -> int:
    """The number of the last commit that changed the catalogue; 0 before the first."""
    return int(session.scalar(select(func.max(SearchVersion.version))) or 0)
