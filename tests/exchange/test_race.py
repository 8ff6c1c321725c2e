"""Two commands with one file at the same moment end where one would, on both databases."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from functools import partial
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from marketplace.db import db
from marketplace.organizations.models import Outlet, OutletFacts, Seller, SellerFacts
from marketplace.placements.models import Agreement
from tests import factories
from tests.exchange.conftest import write_rows
from tests.support.rushing import Act, rush

ROUNDS = 10 if os.environ.get("ETALASE_PROOF") else 1
ROWS = 300


def brought_in(app: Flask, kind: str, path: Path) -> dict[str, Any]:
    """What the command said of one file."""
    result = app.test_cli_runner().invoke(args=["import", kind, str(path), "--format", "json"])
    if result.exit_code:
        return {"kind": kind, "failed": result.output}
    return {"kind": kind, **json.loads(result.stdout)}


def together(app: Flask, folder: Path, files: dict[str, Path]) -> list[dict[str, Any]]:
    """Every file twice at once, by two processes; what each said of it."""

    def acts_of(own: Flask, _number: int, _together: Barrier) -> Sequence[Act]:
        return [partial(brought_in, own, kind, path) for kind, path in files.items()]

    return rush(app, folder, 2, acts_of)


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
    tables = {"sellers": sellers, "outlets": outlets, "agreements": agreements}
    db.session.rollback()
    told = together(app, tmp_path, {k: write_rows(tmp_path / f"{k}.csv", rows) for k, rows in tables.items()})
    for kind in tables:
        both = [one for one in told if one["kind"] == kind]
        sums = {
            name: sum(one[name] for one in both) for name in ("created", "updated", "unchanged", "refused")
        }
        assert sums == {"created": ROWS, "updated": 0, "unchanged": ROWS, "refused": 0}
    found = [count(model) for model in (Seller, SellerFacts, Outlet, OutletFacts, Agreement)]
    assert found == [ROWS] * 5
