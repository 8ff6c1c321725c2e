"""Memory stays small, however long the file is."""

from __future__ import annotations

import csv
import json
import os
from collections import deque
from pathlib import Path

import pytest

from marketplace.importing import kind_named
from marketplace.importing.direct import staged_file
from marketplace.importing.layout import Choices
from marketplace.permissions import SYSTEM
from marketplace.tabular import write_xlsx
from tests.support.forking import ended, fork

IS_PROOF = "ETALASE_PROOF" in os.environ
LIMIT_MB = 300 if IS_PROOF else 100
"""Beyond what the marketplace takes before it reads a line: 200 of the 500 that a command may take."""
ROWS = 1_000_000 if IS_PROOF else 6_000
ROW = ["33.72", "Kota Surakarta", *("isi yang tidak dipakai" for _ in range(9))]
HEADER = ["code", "name", *(f"kolom {n}" for n in range(9))]


def memory_mb(figure: str) -> int:
    """A figure that the kernel keeps of this process."""
    status = Path("/proc/self/status").read_text()
    return int(status.split(f"{figure}:")[1].split()[0]) // 1024


def measure(app, path: Path) -> dict[str, int]:
    """Bring a file in by a process of its own; its counts, and how much memory it took at most."""
    told = path.with_suffix(".json")

    def bring_in(_own) -> None:
        before, kind = memory_mb("VmRSS"), kind_named("regions")
        assert kind is not None
        with staged_file(kind=kind, path=path, choices=Choices(), actor=SYSTEM) as job:
            counts = deque(job.put_in(), maxlen=1).pop()
        told.write_text(json.dumps({**counts.as_dict(), "mb": memory_mb("VmHWM") - before}))

    assert ended([fork(app, bring_in, IMPORT_MAX_BYTES=10**9)]) == [0]
    figures: dict[str, int] = json.loads(told.read_text())
    return figures


@pytest.mark.proof
def test_a_long_csv_file_stays_under_the_memory_limit(app, tmp_path):
    path = tmp_path / "x.csv"
    with path.open("w", newline="") as file:
        csv.writer(file).writerows(HEADER if n == 0 else ROW for n in range(ROWS + 1))
    figures = measure(app, path)
    assert figures["unchanged"] == ROWS
    assert figures["mb"] < LIMIT_MB


@pytest.mark.proof
def test_a_long_workbook_stays_under_the_memory_limit(app, tmp_path):
    write_xlsx(tmp_path / "x.xlsx", HEADER, (ROW for _ in range(ROWS)))
    figures = measure(app, tmp_path / "x.xlsx")
    assert figures["unchanged"] == ROWS
    assert figures["mb"] < LIMIT_MB
