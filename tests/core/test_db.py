"""The unit of work: one transaction, committed whole or not at all, on both databases."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError, OperationalError

from marketplace import clock
from marketplace.accounts.models import User
from marketplace.db import FairLock, after_commit, db, retry_on_conflict, unit_of_work


def person(name: str) -> User:
    return User(name=name, email=f"{name}@contoh.example", created_at=clock.now())


def names() -> list[str]:
    return list(db.session.scalars(select(User.name).order_by(User.id)))


def test_a_unit_commits_at_its_end(app):
    with unit_of_work() as session:
        session.add(person("a"))
    db.session.rollback()
    assert names() == ["a"]


def test_a_unit_that_fails_leaves_nothing_behind(app):
    def fail() -> None:
        with unit_of_work() as session:
            session.add(person("a"))
            session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert names() == []


def test_a_unit_inside_a_unit_joins_it_and_fails_with_it(app):
    def outer() -> None:
        with unit_of_work() as session:
            session.add(person("a"))
            with unit_of_work() as inner:
                assert inner is session
                inner.add(person("b"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        outer()
    assert names() == []


def test_hooks_run_after_the_outermost_commit_only(app):
    heard: list[list[str]] = []
    with unit_of_work() as session:
        with unit_of_work() as inner:
            inner.add(person("a"))
            after_commit(inner, lambda: heard.append(names()))
        session.add(person("b"))
        assert heard == []
    assert heard == [["a", "b"]]


def test_hooks_of_a_unit_that_fails_never_run(app):
    heard: list[str] = []

    def fail() -> None:
        with unit_of_work() as session:
            after_commit(session, lambda: heard.append("ran"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with unit_of_work() as session:
        session.add(person("a"))
    assert heard == []


def test_a_write_outside_a_unit_is_refused(app):
    db.session.add(person("a"))
    with pytest.raises(RuntimeError, match="outside a unit"):
        db.session.flush()
    db.session.rollback()
    assert names() == []


def test_a_unit_refuses_to_start_on_changes_made_outside(app):
    db.session.add(person("a"))
    with pytest.raises(RuntimeError, match="outside a unit"), unit_of_work():
        pass
    db.session.rollback()


def test_what_was_loaded_before_is_read_anew_inside(app):
    with unit_of_work() as session:
        session.add(person("a"))
    row = db.session.scalars(select(User)).one()
    in_another_thread(app, lambda: db.session.execute(text("UPDATE users SET name = 'changed'")))
    with unit_of_work() as session:
        assert session.get_one(User, row.id).name == "changed"


def in_another_thread(app: Flask, act: Callable[[], object]) -> None:
    def run() -> None:
        with app.app_context():
            with unit_of_work():
                act()
            db.session.remove()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(20)
    assert not thread.is_alive()


def test_a_naive_moment_never_reaches_the_database(app):
    def write() -> None:
        with unit_of_work() as session:
            session.add(User(name="a", email="a@contoh.example", created_at=datetime(2026, 1, 1)))  # noqa: DTZ001

    with pytest.raises(Exception, match="naive"):
        write()


def test_moments_come_back_aware_and_equal(app):
    moment = clock.now().replace(microsecond=123456)
    with unit_of_work() as session:
        session.add(User(name="a", email="a@contoh.example", created_at=moment))
    db.session.expire_all()
    assert db.session.scalars(select(User)).one().created_at == moment


# --- many at once -------------------------------------------------------------------------------------------


def run_together(app: Flask, acts: list[Callable[[], object]]) -> list[BaseException | None]:
    """Each act in a thread with a session of its own; what each of them raised."""
    raised: list[BaseException | None] = [None] * len(acts)

    def run(place: int) -> None:
        with app.app_context():
            try:
                acts[place]()
            except Exception as error:  # noqa: BLE001 - handed to the test
                raised[place] = error
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
    return raised


def count_up(service: Callable[[Callable[[], None]], None], app: Flask) -> int:
    """Sixteen threads add one to a number at the same moment; what the number is then."""
    with unit_of_work() as session:
        row = person("0")
        session.add(row)
    barrier = threading.Barrier(16)

    def together() -> None:
        barrier.wait(20)

    errors = run_together(app, [lambda: service(together)] * 16)
    assert [error for error in errors if error] == []
    db.session.rollback()
    return int(db.session.scalars(select(User.name)).one())


def test_adding_under_a_lock_loses_nothing(app):
    def add_one(together: Callable[[], None]) -> None:
        together()
        with unit_of_work() as session:
            row = session.scalars(select(User).with_for_update()).one()
            row.name = str(int(row.name) + 1)

    assert count_up(add_one, app) == 16


def test_control_reading_before_the_unit_loses_additions(app):
    """Without the lock and the re-read the same code forgets: that is what the one above prevents."""

    def add_one(together: Callable[[], None]) -> None:
        number = int(db.session.scalars(select(User.name)).one())
        db.session.rollback()
        together()
        with unit_of_work() as session:
            session.execute(text("UPDATE users SET name = :name"), {"name": str(number + 1)})

    assert count_up(add_one, app) < 16


def cross(
    app: Flask, service_of: Callable[[Callable[[], None]], Callable[[], None]]
) -> list[BaseException | None]:
    """Two units that lock two rows in opposite order, each after the other has its first."""
    with unit_of_work() as session:
        session.add_all([person("a"), person("b")])
    barrier = threading.Barrier(2)
    meet_once = [threading.Event(), threading.Event()]

    def locking(place: int, first: str, second: str) -> Callable[[], None]:
        def act() -> None:
            with unit_of_work() as session:
                session.execute(text("UPDATE users SET locale = 'en' WHERE name = :name"), {"name": first})
                if not meet_once[place].is_set():
                    meet_once[place].set()
                    barrier.wait(20)
                session.execute(text("UPDATE users SET locale = 'en' WHERE name = :name"), {"name": second})

        return act

    return run_together(app, [service_of(locking(0, "a", "b")), service_of(locking(1, "b", "a"))])


ON_POSTGRES = pytest.mark.parametrize(
    "database_url", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)
"""SQLite has one writer at a time, so its units cannot cross."""


@ON_POSTGRES
def test_control_two_units_that_cross_break_one_of_them(app):
    errors = [error for error in cross(app, lambda act: act) if error]
    assert len(errors) == 1
    assert isinstance(errors[0], OperationalError)
    assert getattr(errors[0].orig, "sqlstate", None) == "40P01"


@ON_POSTGRES
def test_a_service_that_retries_comes_through_a_deadlock(app):
    assert cross(app, retry_on_conflict) == [None, None]


@ON_POSTGRES
def test_a_conflict_of_serialisation_is_retried_too(app):
    tries: list[int] = []

    @retry_on_conflict
    def service() -> str:
        with unit_of_work() as session:
            tries.append(1)
            if len(tries) < 3:
                session.execute(text("DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '40001'; END $$"))
            return "done"

    assert service() == "done"
    assert len(tries) == 3


@ON_POSTGRES
def test_inside_a_unit_nothing_is_retried_because_the_unit_is_lost(app):
    tries: list[int] = []

    @retry_on_conflict
    def service() -> None:
        with unit_of_work() as session:
            tries.append(1)
            session.execute(text("DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '40P01'; END $$"))

    def outer() -> None:
        with unit_of_work():
            service()

    with pytest.raises(OperationalError):
        outer()
    assert len(tries) == 1


def test_writers_on_one_number_are_served_in_the_order_they_came():
    lock, order = FairLock(), []
    ready: list[threading.Thread] = []

    def take(place: int) -> None:
        with lock:
            order.append(place)

    with lock:
        for place in range(20):
            thread = threading.Thread(target=take, args=(place,))
            thread.start()
            ready.append(thread)
            while len(lock._waiters) <= place:
                pass
    for thread in ready:
        thread.join(10)
    assert order == list(range(20))


def test_a_waiter_that_is_interrupted_does_not_keep_the_lock():
    lock = FairLock()

    class Interrupted(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            raise KeyboardInterrupt

    real, threading.Event = threading.Event, Interrupted  # type: ignore[misc]
    try:
        with lock, pytest.raises(KeyboardInterrupt):
            lock.__enter__()
    finally:
        threading.Event = real  # type: ignore[misc]
    assert lock._waiters == type(lock._waiters)()
    with lock:
        pass


def test_no_thread_starves_while_eight_write(app):
    def write() -> None:
        for _turn in range(10):
            with unit_of_work() as session:
                session.execute(select(func.count()).select_from(User))

    assert [error for error in run_together(app, [write] * 8) if error] == []


@pytest.mark.parametrize(
    "database_url", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)
def test_postgresql_remembers_more_statements_than_one_page_asks(app):
    with db.engine.connect() as connection:
        connection.exec_driver_sql("DEALLOCATE ALL")
        for _round in range(7):  # psycopg prepares what comes for the sixth time
            for number in range(150):
                connection.exec_driver_sql(f"SELECT {number} AS of_many")
        asked = "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%% AS of_many'"
        assert connection.exec_driver_sql(asked).scalar() == 150
        connection.invalidate()


@pytest.mark.parametrize(
    "database_url", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True
)
@pytest.mark.parametrize("ending", ["SELECT 1 AS fine", "SELECT 1 / 0 AS broken"])
def test_what_postgresql_prepared_outlives_a_transaction_that_is_rolled_back(app, ending):
    with db.engine.connect() as connection:
        for _round in range(7):
            connection.exec_driver_sql("SELECT 1 AS kept")
            connection.exec_driver_sql("INSERT INTO synonyms (words, updated_at) VALUES ('x', now())")
            with suppress(DBAPIError):
                connection.exec_driver_sql(ending)
            connection.rollback()
        kept = "SELECT count(*) FROM pg_prepared_statements WHERE statement = 'SELECT 1 AS kept'"
        assert connection.exec_driver_sql(kept).scalar() == 1
        assert connection.exec_driver_sql("SELECT count(*) FROM synonyms WHERE words = 'x'").scalar() == 0
