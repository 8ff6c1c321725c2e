"""The log: enough to find a fault, nothing about people."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
import structlog

from marketplace.accounts import services
from marketplace.accounts.models import User
from marketplace.db import unit_of_work
from marketplace.permissions import public
from tests import factories

NIK = "3372014107850002"


class Collected(list):
    """Log lines as they would be written."""

    def msg(self, line: str) -> None:
        self.append(line)

    debug = info = warning = error = critical = msg


@pytest.fixture
def lines(app) -> Iterator[Collected]:
    """What is written to the log from now on."""
    collected, before = Collected(), structlog.get_config()
    structlog.configure(**{**before, "logger_factory": lambda *_args: collected})
    yield collected
    structlog.configure(**before)


def test_a_request_is_one_line_of_json_with_its_id_and_its_rule(client, lines):
    answer = client.get("/products/7-keripik?q=rahasia")
    line = json.loads(lines[-1])
    assert line["event"] == "request"
    assert line["request_id"] == answer.headers["X-Request-Id"]
    assert line["status"] == answer.status_code
    assert line["rule"].startswith("/products/<")
    assert "rahasia" not in lines[-1]


def test_signing_in_leaves_neither_address_nor_number_nor_password_in_the_log(client, lines):
    services.create_user(
        name="Siti Contoh", email="siti@contoh.example", phone="081234567890", password="tiga kata lewat"
    )
    for who in ("siti@contoh.example", "0812 3456 7890", NIK):
        client.post("/sign-in", data={"who": who, "password": "salah sekali"})
        client.post("/reset", data={"who": who})
        client.post("/sign-in/code", data={"who": who, "code": "12345678"})
    client.post("/sign-in", data={"who": "081234567890", "password": "tiga kata lewat"})
    client.get("/account")
    text = "\n".join(lines)
    assert len(lines) > 8
    for secret in ("siti@", "Siti", "3456", NIK, "salah sekali", "tiga kata"):
        assert secret not in text


@pytest.mark.parametrize("kind", ["database", "value"])
def test_a_crash_is_told_with_its_place_and_without_the_values(app, client, lines, kind, monkeypatch):
    factories.user(email="siti@contoh.example", phone="+6281234567890")

    @public
    def crash() -> str:
        if kind == "value":
            raise ValueError(f"no such owner: {NIK}, siti@contoh.example, +62 812-3456-7890")
        with unit_of_work() as session:
            session.add(User(name="Siti", email="siti@contoh.example", created_at=factories.clock.now()))
        return ""

    monkeypatch.setitem(app.view_functions, "accounts.sign_in", crash)
    assert client.get("/sign-in").status_code == 500
    line = next(line for line in lines if '"exception"' in line)
    told = json.loads(line)["exception"]
    assert "test_logs.py" in told
    assert ("IntegrityError" if kind == "database" else "ValueError") in told
    for secret in ("siti@contoh", NIK, "3456"):
        assert secret not in line


def test_times_and_ids_stay_readable(lines):
    structlog.get_logger().info("import finished", rows=21013, run=123456789)
    line = json.loads(lines[-1])
    assert line["rows"] == 21013
    assert line["timestamp"].startswith("20")
