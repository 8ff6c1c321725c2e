"""Files going in through the command, as a city brings them."""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from bench import city as cities
from bench.harness import City, Measured, benchmark

BATCH = 1_000
TABLES = ("sellers", "seller_facts")
COLUMNS = (
    "seller_ref", "name", "region_code", "owner_nik", "nib", "npwp", "annual_sales_rupiah", "phone",
    "verified_on", "address",
)  # fmt: skip


@benchmark("import_sellers")
def import_sellers(city: City) -> Measured:
    """Rows per second of the city's sellers, beside the rows they became, written by the bare driver."""
    count = cities.SCALES[city.scale].sellers
    path = city.folder / f"sellers-{count}.csv"
    write_sellers(path, count)
    with city.scratch() as scratch:
        seconds, peak_mb = run_command(scratch, "sellers", path)
        with scratch.raw() as connection:
            written = {
                table: connection.execute(f"SELECT * FROM {table} ORDER BY id").fetchall() for table in TABLES
            }
    path.unlink()
    assert len(written["sellers"]) == count, f"{len(written['sellers'])} of {count} sellers went in"
    with city.scratch() as scratch:
        bare_seconds = write_bare(scratch, written)
    note = f"{count:,} rows in {seconds:.1f} s, peak {peak_mb:.0f} MB"
    return Measured(count / seconds, count / bare_seconds, "per s", note)


def write_sellers(path: Path, count: int) -> None:
    """Sellers with everything a registry holds; one in thirty shares its owner with the one before."""
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(COLUMNS)
        for n in range(1, count + 1):
            owner = n - 1 if n % 30 == 0 else n
            born = f"{owner % 28 + 1:02d}{owner % 12 + 1:02d}{70 + owner % 25}"
            nik = f"3372{n % 5 + 1:02d}{born}{owner % 9999 + 1:04d}"
            village = cities.VILLAGES[n % len(cities.VILLAGES)]
            phone = f"0812{n:08d}"
            out.writerow(
                (
                    f"U{n:06d}",
                    f"Usaha {n}",
                    village,
                    nik,
                    f"91{n:011d}",
                    "",
                    900_000_000,
                    phone,
                    "2021-03-01",
                    f"Gang {n}",
                )
            )


def write_bare(scratch: City, written: dict[str, list[tuple[Any, ...]]]) -> float:
    """Seconds for the bare driver to write the same rows in batches, one commit each."""
    with scratch.raw() as connection:
        begin, mark = ("BEGIN", "%s") if scratch.database == "postgres" else ("BEGIN IMMEDIATE", "?")
        started = time.perf_counter()
        for first in range(0, len(written["sellers"]), BATCH):
            connection.execute(begin)
            for table, rows in written.items():
                batch = rows[first : first + BATCH]
                marks = ", ".join([mark] * len(batch[0]))
                connection.cursor().executemany(f"INSERT INTO {table} VALUES ({marks})", batch)
            connection.execute("COMMIT")
        return time.perf_counter() - started


def run_command(scratch: City, kind: str, path: Path) -> tuple[float, float]:
    """Run the import command on its own; answers seconds and its peak memory in MB."""
    environment = {
        **os.environ,
        "DATABASE_URL": scratch.app.config["DATABASE_URL"],
        "DATA_DIR": str(scratch.app.config["DATA_DIR"]),
        "LOG_LEVEL": "ERROR",
    }
    flask = shutil.which("flask", path=str(Path(sys.executable).parent)) or "flask"
    command = [flask, "--app", "wsgi", "import", kind, str(path), "--format", "json"]
    started = time.perf_counter()
    child = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    peak_mb = 0.0
    while child.poll() is None:
        peak_mb = max(peak_mb, _highest_mb(child.pid))
        time.sleep(0.02)
    seconds = time.perf_counter() - started
    if child.returncode != 0:
        raise RuntimeError(f"the import command ended with {child.returncode}")
    return seconds, peak_mb


def _highest_mb(pid: int) -> float:
    """The most memory a process has held; its own account of it at the end would begin with ours."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    found = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")]
    return int(found[0]) / 1024 if found else 0.0
