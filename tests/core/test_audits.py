"""Which audits are asked."""

from __future__ import annotations

import pytest
from flask import Flask

from marketplace import audits
from marketplace.db import Base
from tests import factories


def test_an_area_is_asked_as_soon_as_one_of_its_tables_has_a_row(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    part = audits.Part(lambda: iter(["a user is odd"]), frozenset({"users", "agreements"}))
    monkeypatch.setitem(app.extensions[audits.EXTENSION], "people", part)
    assert list(audits.differences()) == []
    factories.user()
    assert list(audits.differences()) == ["people: a user is odd"]
    monkeypatch.delitem(app.extensions[audits.EXTENSION], "people")  # what is left behind is audited too


def test_each_row_that_a_check_finds_is_a_sentence(app: Flask) -> None:
    people = [factories.user(name=name) for name in ("Budi", "Sari", "Tuti")]
    checks = (
        ("SELECT name FROM users WHERE name IN :expected ORDER BY name", "{0} is here"),
        ("SELECT id, id FROM users WHERE id < 0", "{0} is below zero"),
        ("SELECT max(id), count(*) FROM users HAVING count(*) <> 2", "user {0} is one of {1}"),
    )
    with audits.snapshot() as connection:
        found = list(audits.sentences_of(connection, checks, expected=["Budi", "Tuti"]))
        assert found == ["Budi is here", "Tuti is here", f"user {people[-1].id} is one of 3"]
        assert list(audits.sentences_of(connection, checks[1:2])) == []


def test_an_audit_says_of_which_tables_it_is(app: Flask) -> None:
    parts: dict[str, audits.Part] = app.extensions[audits.EXTENSION]
    assert {name for part in parts.values() for name in part.of} <= Base.metadata.tables.keys()
    assert {name for name, part in parts.items() if not part.of} == {
        "compliance", "search", "photos", "readiness",
    }  # fmt: skip
