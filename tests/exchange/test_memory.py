"""Memory stays small, however long the file is."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from marketplace.tabular import write_xlsx

ROOT = Path(__file__).resolve().parents[2]
LIMIT_MB = 500
ROWS = 1_000_000 if os.environ.get("ETALASE_PROOF") else 25_000
PROGRAM = """
import json, sys
from pathlib import Path
from marketplace import create_app
from marketplace.importing import kind_named
from marketplace.importing.direct import staged_file
from marketplace.importing.layout import Choices
from marketplace.permissions import SYSTEM
def highest():
    line = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
    return int(line.split()[1]) // 1024
app = create_app(TESTING=True)
with app.app_context():
    kind, path = kind_named("regions"), Path(sys.argv[1])
    with staged_file(kind=kind, path=path, choices=Choices(), actor=SYSTEM) as job:
        for counts in job.put_in():
            pass
print(json.dumps({**counts.as_dict(), "mb": highest()}))
"""
ROW = ["33.72", "Kota Surakarta", *("isi yang tidak dipakai" for _ in range(9))]
HEADER = ["code", "name", *(f"kolom {n}" for n in range(9))]


def measure(app, path: Path) -> dict[str, int]:
    """Bring a file in by a process of its own; its counts and its highest memory use."""
    environ = {
        **os.environ,
        "DATA_DIR": str(app.config["DATA_DIR"]),
        "DATABASE_URL": app.config["DATABASE_URL"],
        "IMPORT_MAX_BYTES": str(10**9),
        "PYTHONPATH": str(ROOT),
    }
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(path)],
        env=environ,
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    figures: dict[str, int] = json.loads(ran.stdout)
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
