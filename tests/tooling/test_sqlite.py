"""The SQLite file that tests share."""

from __future__ import annotations

import sqlite3

import pytest

from tests.support.sqlite import EmptiedFile, let_guards_rest


@pytest.fixture
def file(tmp_path):
    template = tmp_path / "template"
    with sqlite3.connect(template) as connection:
        connection.executescript("""
            PRAGMA journal_mode=WAL;
            CREATE TABLE kinds (name text PRIMARY KEY);
            INSERT INTO kinds VALUES ('sale');
            CREATE TABLE ledger (id integer PRIMARY KEY, kind text NOT NULL REFERENCES kinds);
            CREATE TRIGGER guard BEFORE DELETE ON ledger BEGIN SELECT RAISE(ABORT, 'append only'); END;
        """)
    connection.close()
    let_guards_rest(template)
    folder = tmp_path / "data"
    folder.mkdir()
    file = EmptiedFile(folder, template, keep={"kinds"})
    assert file.begin()
    return file


@pytest.fixture
def connection(file):
    connection = sqlite3.connect(file.path, isolation_level=None)
    yield connection
    connection.close()


def counts(connection):
    return connection.execute("SELECT (SELECT count(*) FROM ledger), (SELECT count(*) FROM kinds)").fetchone()


def test_it_is_emptied_past_its_guards_which_go_on_refusing(file, connection):
    for _ in range(2):
        connection.execute("INSERT INTO ledger (kind) VALUES ('sale')")
        assert connection.execute("SELECT id FROM ledger").fetchall() == [(1,)]
        with pytest.raises(sqlite3.IntegrityError, match="append only"):
            connection.execute("DELETE FROM ledger")
        assert not file.begin()
        assert counts(connection) == (0, 1)


def test_a_file_that_a_test_changed_replaced_or_still_holds_is_copied_anew(file, connection):
    connection.execute("CREATE TABLE more (id integer)")
    assert file.begin()
    file.path.with_name("other").write_bytes(file.path.read_bytes())
    file.path.with_name("other").rename(file.path)
    assert file.begin()
    holder = sqlite3.connect(file.path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    assert file.begin()
    holder.close()
    assert not file.begin()
