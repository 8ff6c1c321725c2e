"""Two commands with one file at the same moment end where one would, on both databases."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import func, select

from marketplace.db import db
from marketplace.organizations.models import Outlet, OutletFacts, Seller, SellerFacts
from marketplace.placements.models import Agreement
from tests import factories
from tests.exchange.conftest import write_rows

ROOT = Path(__file__).resolve().parents[2]
ROUNDS = 10 if os.environ.get("ETALASE_PROOF") else 1
ROWS = 300


def start(app, kind: str, path: Path) -> subprocess.Popen[str]:
    """An import in a process of its own."""
    environ = {
        **os.environ,
        "DATA_DIR": str(app.config["DATA_DIR"]),
        "DATABASE_URL": app.config["DATABASE_URL"],
        "LOG_LEVEL": "ERROR",
    }
    line = [sys.executable, "-m", "flask", "--app", "wsgi", "import", kind, str(path), "--format", "json"]
    return subprocess.Popen(
        line, cwd=ROOT, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def together(app, kind: str, path: Path) -> dict[str, int]:
    """Both imports at once; the sum of their counts. Each row is created once and seen again once."""
    total: dict[str, int] = {}
    for process in [start(app, kind, path) for _ in range(2)]:
        stdout, stderr = process.communicate(timeout=300)
        assert process.returncode == 0, stderr
        for name, figure in json.loads(stdout).items():
            total[name] = total.get(name, 0) + figure
    return total


def count(model) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


@pytest.mark.proof
@pytest.mark.parametrize("_round", range(ROUNDS))
def test_one_file_twice_at_once_goes_in_once(app, tmp_path, _round):
    sellers = [["seller_ref", "name", "region_code"]]
    sellers += [[f"U{n}", f"Usaha {n}", factories.LAWEYAN] for n in range(ROWS)]
    outlets = [["outlet_ref", "operator_ref", "operator_name", "name", "kind", "region_code", "opened_on"]]
    outlets += [
        [f"T{n}", f"OP{n % 9}", f"PT {n % 9}", "Toko", "hotel", "33.72", "2020-01-01"] for n in range(ROWS)
    ]
    agreements = [["agreement_ref", "outlet_ref", "seller_ref", "basis", "starts_on"]]
    agreements += [[f"A{n}", f"T{n}", f"U{n}", "consignment", "2026-01-01"] for n in range(ROWS)]
    for kind, rows in (("sellers", sellers), ("outlets", outlets), ("agreements", agreements)):
        total = together(app, kind, write_rows(tmp_path / f"{kind}.csv", rows))
        assert total == {"created": ROWS, "updated": 0, "unchanged": ROWS, "refused": 0}
    db.session.rollback()
    found = [count(model) for model in (Seller, SellerFacts, Outlet, OutletFacts, Agreement)]
    assert found == [ROWS] * 5
