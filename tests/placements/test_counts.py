"""Stock counts: only the difference is written, once, with its reason and who bears it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from flask import Flask

from marketplace.db import db
from marketplace.errors import Conflict, Forbidden, InvalidInput, NotFound
from marketplace.permissions import Role
from marketplace.placements.models import Bearer, BorneLoss, LossReason, StockCount, StockCountLine
from marketplace.placements.services.counts import Count, Counted, ShelfChanged, record_count
from marketplace.stock.models import Lot, LotBalance, StockMovement
from tests import factories as make
from tests.placements.store import TODAY, YESTERDAY, Store, a_key, open_store
from tests.support.together import at_once

SOON, LATER = date(2026, 12, 1), date(2027, 3, 1)


@pytest.fixture
def store(app: Flask) -> Store:
    """A store with ten units that have no lot."""
    opened = open_store()
    opened.deliver(10)
    return opened


def count(store: Store, *lines: Counted, **changes: Any) -> StockCount:
    values: dict[str, Any] = {"outlet_id": store.outlet.id, "client_key": a_key(), "lines": lines}
    actor = changes.pop("actor", store.staff)
    return record_count(actor=actor, count=Count(**{**values, **changes}))


def counted(store: Store, units: int, **more: Any) -> Counted:
    return Counted(store.product.id, more.pop("lot_id", None), units, **more)


def test_what_is_missing_is_a_loss_that_the_store_bears_as_agreed(store: Store) -> None:
    row = count(store, counted(store, 7))
    movement = db.session.query(StockMovement).filter_by(kind="loss").one()
    assert (movement.change, movement.cause_kind, movement.cause_id, movement.occurred_on) == (
        -3, "count", row.id, TODAY,
    )  # fmt: skip
    borne = db.session.get_one(BorneLoss, movement.movement_ref)
    assert (borne.borne_by, borne.reason, borne.document_kind, borne.document_id) == (
        "outlet", "missing", "count", row.id,
    )  # fmt: skip
    assert (row.lost_units, row.found_units, store.on_hand()) == (3, 0, 7)


def test_what_is_over_is_found_and_nobody_bears_it(store: Store) -> None:
    row = count(store, counted(store, 12))
    assert (row.lost_units, row.found_units, store.on_hand()) == (0, 2, 12)
    assert db.session.query(BorneLoss).count() == 0


def test_what_agrees_writes_nothing_to_the_ledger(store: Store) -> None:
    count(store, counted(store, 10))
    assert db.session.query(StockMovement).count() == 1
    line = db.session.query(StockCountLine).one()
    assert (line.expected, line.counted, line.movement_ref) == (10, 10, None)


def test_expired_goods_are_borne_by_whom_the_terms_say(app: Flask) -> None:
    store = open_store({"loss_borne_by": "outlet", "expiry_borne_by": "seller"})
    store.deliver(10, lot="A", expires_on=YESTERDAY)
    lot_id = lots(store)["A", YESTERDAY][0]
    count(store, counted(store, 9, lot_id=lot_id, reason=LossReason.EXPIRED))
    assert db.session.query(BorneLoss).one().borne_by == "seller"


def test_what_has_not_expired_is_not_called_so(store: Store) -> None:
    with pytest.raises(InvalidInput):
        count(store, counted(store, 9, reason=LossReason.EXPIRED))
    assert store.on_hand() == 10


def test_the_store_may_say_that_it_bears_what_the_maker_would(app: Flask) -> None:
    store = open_store({"loss_borne_by": "seller"})
    store.deliver(10)
    count(store, counted(store, 9, borne_by=Bearer.OUTLET))
    assert db.session.query(BorneLoss).one().borne_by == "outlet"


def test_the_store_cannot_put_its_loss_on_the_maker(store: Store) -> None:
    with pytest.raises(InvalidInput):
        count(store, counted(store, 9, borne_by=Bearer.SELLER))
    assert store.on_hand() == 10


def lots(store: Store) -> dict[tuple[str, date], tuple[int, int]]:
    query = db.session.query(Lot, LotBalance).join(LotBalance, LotBalance.lot_id == Lot.id)
    return {(lot.code, lot.expires_on): (lot.id, balance.on_hand) for lot, balance in query}


def test_lots_are_counted_one_by_one_also_those_without_a_code(app: Flask) -> None:
    store = open_store()
    store.deliver(5, lot="A", expires_on=SOON)
    store.deliver(5, expires_on=SOON)
    store.deliver(5, expires_on=LATER)
    store.deliver(5)
    held = lots(store)
    count(
        store,
        counted(store, 5, lot_id=held["A", SOON][0]),
        counted(store, 5, lot_id=held["", SOON][0]),
        counted(store, 3, lot_id=held["", LATER][0]),
        counted(store, 4),
    )
    left = {key: units for key, (_id, units) in lots(store).items()}
    assert left == {("A", SOON): 5, ("", SOON): 5, ("", LATER): 3}
    assert store.on_hand() == 17


def test_a_count_that_arrives_twice_is_written_once(store: Store) -> None:
    key = a_key()
    first = count(store, counted(store, 7), client_key=key)
    again = count(store, counted(store, 7), client_key=key)
    assert first.id == again.id
    assert store.on_hand() == 7
    with pytest.raises(Conflict):
        count(store, counted(store, 6), client_key=key)
    assert store.on_hand() == 7


def test_a_count_sent_by_two_at_once_is_written_once(app: Flask, store: Store) -> None:
    asked = Count(store.outlet.id, a_key(), (counted(store, 7),))
    answers = at_once(app, *[lambda: record_count(actor=store.staff, count=asked).id] * 4)
    assert len(set(answers)) == 1
    assert store.on_hand() == 7


def test_when_the_shelf_moved_meanwhile_the_person_looks_again(store: Store) -> None:
    store.report(2)
    with pytest.raises(ShelfChanged):
        count(store, counted(store, 10, seen=10))
    assert store.on_hand() == 8
    count(store, counted(store, 8, seen=8))
    assert store.on_hand() == 8


@pytest.mark.parametrize("units", [-1, 10**15 + 1])
def test_numbers_that_cannot_be_are_refused(store: Store, units: int) -> None:
    with pytest.raises(InvalidInput):
        count(store, counted(store, units))
    assert store.on_hand() == 10


def test_nothing_counted_goods_never_here_and_one_counted_twice_are_refused(store: Store) -> None:
    elsewhere = make.product(store.seller)
    for lines in ((), (Counted(elsewhere.id, None, 1),), (counted(store, 1), counted(store, 2))):
        with pytest.raises(InvalidInput):
            count(store, *lines)
    assert db.session.query(StockCount).count() == 0


def test_only_the_stores_own_people_count(store: Store) -> None:
    stranger = make.member(Role.BUYER_OWNER, operator_id=make.operator().id)
    with pytest.raises(NotFound):
        count(store, counted(store, 1), actor=stranger)
    with pytest.raises(Forbidden):
        count(store, counted(store, 1), actor=store.maker)
