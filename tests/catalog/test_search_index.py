"""The index follows the database: by the outbox, after a killed worker, while it is made anew."""

from __future__ import annotations

import os
import signal
import time
from functools import partial
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, update

from marketplace import audits, clock, outbox, signals
from marketplace.catalog import queries
from marketplace.catalog.models import Product, ProductState
from marketplace.catalog.queries import Search, engine
from marketplace.catalog.services import indexing
from marketplace.db import db, unit_of_work
from marketplace.organizations.models import SellerFacts
from tests import factories as make
from tests.support.forking import ended, fork


def names(q: str = "", **filters) -> list[str]:
    return [card.name for card in queries.live_products(Search(q=q, **filters), limit=100).items]


@pytest.fixture
def maker(app):
    return make.seller(name="Dapur Bu Sri")


def test_a_change_is_found_as_soon_as_the_worker_has_drained_the_outbox(maker):
    make.product(maker, name="Keripik tempe")
    outbox.drain()
    assert names("keripik") == ["Keripik tempe"]
    product = make.product(maker, name="Sambal bawang")
    assert names("sambal") == []
    outbox.drain()
    assert names("sambal") == ["Sambal bawang"]
    with unit_of_work() as session:
        session.get_one(Product, product.id).name = "Kecap manis"
    outbox.drain()
    assert names("sambal") == []
    assert names("kecap") == ["Kecap manis"]


def test_what_is_withdrawn_is_gone_at_once_however_late_the_index_is(maker):
    product = make.product(maker, name="Keripik tempe")
    outbox.drain()
    with unit_of_work() as session:
        session.get_one(Product, product.id).state = ProductState.PAUSED
    assert outbox.waiting()
    assert product.id in engine.search_index().stamps()
    assert names("keripik") == names() == []


def test_a_seller_that_closes_takes_all_along_at_once(app):
    maker = make.seller()
    make.product(maker, name="Keripik tempe")
    outbox.drain()
    assert names("keripik")
    with unit_of_work() as session:
        session.execute(
            update(SellerFacts).where(SellerFacts.seller_id == maker.id).values(closed_on=clock.today())
        )
        signals.seller_facts_changed.send(session, seller_ids=[maker.id], from_day=clock.today())
    assert names("keripik") == names() == []


def test_a_price_is_never_older_than_the_database(maker):
    product = make.product(maker, name="Keripik", price_rupiah=10_000)
    outbox.drain()
    assert names("keripik", max_price=10_000)
    with unit_of_work() as session:
        session.get_one(Product, product.id).price_rupiah = 20_000
    assert names("keripik", max_price=10_000) == []
    assert names("keripik", min_price=20_000) == ["Keripik"]


def test_another_process_notices_what_this_one_wrote(app, maker):
    """Each process has columns of its own; here a second engine stands for it."""
    first = engine.engine()
    first.columns()
    other = engine.Engine(first.index)
    other.columns()
    make.product(maker, name="Keripik")
    assert len(other.columns()) == len(first.columns()) == 1


def test_a_unit_that_fails_marks_nothing(maker):
    kind = make.category().id
    before = engine.current_version()
    values = {"seller_id": maker.id, "sku": "x", "name": "x", "category_id": kind, "price_rupiah": 1}

    def fail():
        with unit_of_work() as session:
            session.add(Product(**values, created_at=clock.now(), updated_at=clock.now()))
            session.flush()
            raise OSError("no")

    with pytest.raises(OSError, match="no"):
        fail()
    assert engine.current_version() == before
    assert names() == []


def test_work_that_is_done_twice_changes_nothing(maker):
    make.product(maker, name="Keripik")
    outbox.drain()
    before = engine.search_index().stamps()
    indexing.index_changes({})
    indexing.keep_up()
    assert engine.search_index().stamps() == before


def test_a_large_import_goes_in_by_batches(maker, monkeypatch):
    monkeypatch.setattr(indexing, "BATCH", 3)
    make.product(maker, name="Keripik nol")
    outbox.drain()
    kind = make.category().id
    with unit_of_work() as session:
        now = clock.now()
        made = [
            Product(seller_id=maker.id, sku=f"S{number}", name=f"Kopi {number}", price_rupiah=1,
                    category_id=kind, created_at=now, updated_at=now)
            for number in range(10)
        ]  # fmt: skip
        session.add_all(made)
        session.flush()
        signals.product_changed.send(session, product_ids=[one.id for one in made])
    outbox.drain()
    assert len(names("kopi")) == 10
    assert engine.search_index().version() == engine.current_version()
    assert not list(indexing.differences())


@pytest.mark.corrupts
def test_the_audit_tells_what_the_index_holds_otherwise(maker):
    one, two = make.product(maker, name="Keripik"), make.product(maker, name="Kopi")
    outbox.drain()
    assert not list(audits.differences())
    with unit_of_work() as session:  # past every mark
        session.execute(update(Product).where(Product.id == one.id).values(name="Batik"))
        session.execute(delete(Product).where(Product.id == two.id))
    said = list(indexing.differences())
    assert said == [
        f"product {one.id} stands otherwise in the index",
        f"product {two.id} is in the index and not in the catalogue",
    ]
    indexing.rebuild()
    assert not list(indexing.differences())


def test_what_waits_is_no_difference(maker):
    make.product(maker, name="Keripik")
    assert not list(indexing.differences())
    outbox.drain()
    make.product(maker, name="Kopi")
    assert not list(indexing.differences())


def test_reindexing_by_the_command_tells_how_many(app, maker):
    make.product(maker, name="Keripik")
    result = app.test_cli_runner().invoke(args=["search", "reindex"])
    assert result.exit_code == 0
    assert result.stdout == "search: 1 products indexed\n"
    assert names("keripik") == ["Keripik"]


def test_what_changes_while_the_index_is_made_anew_is_in_it(maker, monkeypatch):
    make.product(maker, name="Keripik")
    made: list[Any] = []

    def change(done: int, total: int) -> None:
        if not made:
            made.append(make.product(maker, name="Kopi"))

    monkeypatch.setattr(indexing, "BATCH", 1)
    indexing.rebuild(change)
    assert names("kopi") == ["Kopi"]


def test_a_variant_is_found_by_its_main_product(maker):
    main = make.product(maker, name="Keripik tempe")
    make.product(maker, name="Keripik tempe balado", main_id=main.id, variant_name="Balado")
    outbox.drain()
    assert names("balado") == names("keripik") == ["Keripik tempe"]


def drain_until_killed(when: str, _app: Flask) -> None:
    """Work off the outbox; this process is killed with signal 9 before, or after, it writes to the index."""
    if when == "before":
        indexing._put = die
    else:
        outbox._settle = die
    outbox.drain()


def die(*_args: Any, **_more: Any) -> Any:
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_worker_killed_between_database_and_index_is_made_good(app, maker, when):
    make.product(maker, name="Keripik")
    outbox.drain()
    make.product(maker, name="Kopi")
    assert ended([fork(app, partial(drain_until_killed, when))]) == [-signal.SIGKILL]
    assert names("kopi") == ([] if when == "before" else ["Kopi"])
    assert outbox.waiting() == 1
    assert not list(audits.differences())
    with clock.frozen(clock.now() + outbox.LEASE * 2):  # the lease of the dead runs out
        outbox.drain()
    assert outbox.waiting() == 0
    assert names("kopi") == ["Kopi"]
    assert not list(audits.differences())


def test_the_minute_makes_good_without_waiting_for_the_lease(maker):
    make.product(maker, name="Keripik")
    outbox.drain()
    make.product(maker, name="Kopi")
    indexing.keep_up()
    assert names("kopi") == ["Kopi"]


def test_an_older_database_put_back_is_noticed(maker):
    product = make.product(maker, name="Keripik")
    outbox.drain()
    index = engine.search_index()
    with index.writing():
        index.put([], gone=[product.id], version=999)
    db.session.rollback()
    indexing.keep_up()
    assert names("keripik") == ["Keripik"]


def test_one_update_is_seen_within_two_seconds(maker):
    for number in range(30):
        make.product(maker, name=f"Keripik {number}")
    outbox.drain()
    make.product(maker, name="Rengginang baru")
    started = time.perf_counter()
    outbox.drain()
    assert names("rengginang") == ["Rengginang baru"]
    assert time.perf_counter() - started < 2
