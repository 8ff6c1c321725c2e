"""What leaves the building: promised with the act, done after it, safe to do twice."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from marketplace import clock, outbox
from marketplace.db import db, unit_of_work
from marketplace.outbox import OutboxItem


class Doer:
    """Does the kind of work 'test.work'; told to fail, it fails."""

    def __init__(self) -> None:
        self.done: list[dict[str, Any]] = []
        self.failure: BaseException | None = None

    def __call__(self, payload: dict[str, Any]) -> None:
        if self.failure is not None:
            raise self.failure
        self.done.append(payload)


@pytest.fixture
def doer(app: Flask) -> Iterator[Doer]:
    made = Doer()
    outbox.handles("test.work")(made)
    yield made
    outbox._handlers.pop("test.work")


def promise(number: int = 1, **more: Any) -> int:
    with unit_of_work() as session:
        outbox.enqueue(session, "test.work", {"number": number}, **more)
        return session.scalars(select(func.max(OutboxItem.id))).one()


def item(item_id: int) -> OutboxItem:
    db.session.rollback()
    db.session.expire_all()
    return db.session.get_one(OutboxItem, item_id)


def test_promised_work_is_done_once_and_in_order(doer):
    for number in range(5):
        promise(number)
    assert outbox.waiting() == 5
    assert outbox.drain() == 5
    assert outbox.drain() == 0
    assert [payload["number"] for payload in doer.done] == [0, 1, 2, 3, 4]
    assert outbox.waiting() == 0


def test_a_promise_of_a_unit_that_fails_is_no_promise(doer):
    def fail() -> None:
        with unit_of_work() as session:
            outbox.enqueue(session, "test.work", {})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert outbox.waiting() == 0


def test_nothing_is_promised_outside_a_unit_of_work(doer):
    with pytest.raises(RuntimeError):
        outbox.enqueue(db.session(), "test.work", {})
    db.session.rollback()
    assert outbox.waiting() == 0


def test_the_worker_is_woken_after_the_commit_only(doer, monkeypatch):
    waiting_when_woken: list[int] = []
    monkeypatch.setattr(outbox, "_wakers", [lambda: waiting_when_woken.append(outbox.waiting())])
    with unit_of_work() as session:
        outbox.enqueue(session, "test.work", {})
        assert waiting_when_woken == []
    assert waiting_when_woken == [1]


def test_work_that_nobody_knows_is_refused_at_once(app):
    with pytest.raises(LookupError), unit_of_work() as session:
        outbox.enqueue(session, "test.unknown", {})


def test_work_for_later_waits_for_its_time(doer):
    promise(not_before=clock.now() + timedelta(hours=1))
    assert outbox.drain() == 0
    with clock.frozen(clock.now() + timedelta(minutes=61)):
        assert outbox.drain() == 1


def test_failing_work_is_tried_again_later_and_later(doer):
    doer.failure = RuntimeError("the mail server is away")
    item_id = promise()
    waits = []
    for _try in range(4):
        now = max(clock.now(), item(item_id).not_before)
        with clock.frozen(now):
            assert outbox.drain() == 0
            waits.append(item(item_id).not_before - now)
    assert waits == sorted(waits)
    assert waits[0] < waits[-1]
    assert item(item_id).last_error == "RuntimeError: the mail server is away"
    doer.failure = None
    with clock.frozen(item(item_id).not_before):
        assert outbox.drain() == 1


def test_one_failing_piece_does_not_hold_up_the_others(doer):
    doer.failure = RuntimeError("no")
    bad = promise(1)
    outbox.drain()
    doer.failure = None
    promise(2)
    assert outbox.drain() == 1
    assert item(bad).done_at is None


def test_work_that_always_fails_is_given_up_and_its_error_kept(doer):
    doer.failure = RuntimeError("never")
    item_id = promise()
    for _try in range(outbox.MAX_ATTEMPTS + 3):
        with clock.frozen(max(clock.now(), item(item_id).not_before)):
            outbox.drain()
    kept = item(item_id)
    assert (kept.attempts, kept.done_at) == (outbox.MAX_ATTEMPTS, None)
    assert kept.last_error


def test_work_killed_between_lease_and_settlement_is_done_by_the_next_worker(doer):
    doer.failure = SystemExit("killed")
    item_id = promise()
    with pytest.raises(SystemExit):
        outbox.drain()
    doer.failure = None
    assert item(item_id).done_at is None
    assert outbox.drain() == 0, "the lease still runs: the other worker may be alive"
    with clock.frozen(clock.now() + outbox.LEASE + timedelta(seconds=1)):
        assert outbox.drain() == 1
    assert len(doer.done) == 1


def test_work_killed_after_it_was_done_is_done_twice_and_no_more(doer, monkeypatch):
    item_id = promise()
    with monkeypatch.context() as patch:
        patch.setattr(outbox, "_settle", lambda *_a, **_k: (_ for _ in ()).throw(SystemExit))
        with pytest.raises(SystemExit):
            outbox.drain()
    with clock.frozen(clock.now() + outbox.LEASE + timedelta(seconds=1)):
        assert outbox.drain() == 1
    assert len(doer.done) == 2
    assert item(item_id).done_at is not None


def test_two_workers_share_the_work_and_do_none_of_it_twice(app, doer):
    for number in range(40):
        promise(number)
    barrier, moment = threading.Barrier(2), clock.now()

    def work() -> None:
        with app.app_context(), clock.frozen(moment):
            barrier.wait(10)
            outbox.drain()
            db.session.remove()

    workers = [threading.Thread(target=work) for _worker in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert sorted(payload["number"] for payload in doer.done) == list(range(40))


def test_work_done_two_weeks_ago_is_forgotten(doer):
    from marketplace.jobs import sweep_outbox  # noqa: PLC0415

    promise()
    outbox.drain()
    sweep_outbox()
    assert db.session.scalar(select(OutboxItem.id)) is not None
    with clock.frozen(clock.now() + timedelta(days=15)):
        sweep_outbox()
    assert db.session.scalar(select(OutboxItem.id)) is None
