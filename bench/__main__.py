"""`python -m bench`: ONLY=name,name and SCALE=1x|10x|60x choose a part; figures go to DATA_DIR/bench.json."""

from __future__ import annotations

import importlib
import json
import os
import sys
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench import harness
from bench.city import SCALES
from marketplace import config

PARTS = ("compliance", "pages", "ledger", "sales", "imports", "photos", "search", "settlements", "checkout")
DATABASES = ("sqlite", "postgres")


def main() -> int:
    """Measure, print the table, and replace the measured rows of bench.json."""
    for part in PARTS:
        importlib.import_module(f"bench.{part}")
    only = [name for name in os.environ.get("ONLY", "").split(",") if name]
    scales = [os.environ["SCALE"]] if os.environ.get("SCALE") else list(SCALES)
    unknown = (set(only) - set(harness.BENCHMARKS)) | (set(scales) - set(SCALES))
    if unknown:
        names = ", ".join([*harness.BENCHMARKS, *SCALES])
        print(f"bench: there is no {', '.join(sorted(unknown))}; there are {names}", file=sys.stderr)
        return 2
    folder: Path = config.load()["DATA_DIR"]
    rows = []
    for scale in scales:
        rows += measure(scale, only or list(harness.BENCHMARKS), folder / "bench")
    keep(folder / "bench.json", rows)
    Console(width=130).print(table(rows))
    return 0


def measure(scale: str, names: list[str], folder: Path) -> list[dict[str, Any]]:
    """Every named measurement on one scale and both databases."""
    rows = []
    print(f"bench: making the {scale} city", file=sys.stderr)
    with harness.cities(scale, folder, DATABASES) as cities:
        for city in cities:
            for name in names:
                with city.app.app_context():
                    row = _row(name, city, harness.BENCHMARKS[name](city))
                told = ", ".join(f"{key} {row[key]}" for key in ("value", "unit", "limit", "ratio", "note"))
                print(f"bench: {scale} {city.database} {name}: {told}", file=sys.stderr)
                rows.append(row)
    return rows


def _row(name: str, city: harness.City, found: harness.Measured) -> dict[str, Any]:
    ratio = found.value / found.limit if found.limit else None
    return {
        "name": name,
        "database": city.database,
        "scale": city.scale,
        "value": round(found.value, 3),
        "unit": found.unit,
        "limit": None if found.limit is None else round(found.limit, 3),
        "ratio": None if ratio is None else round(ratio, 3),
        "note": found.note,
    }


def keep(path: Path, rows: list[dict[str, Any]]) -> None:
    """Write the rows, in place of earlier ones of the same name, database and scale."""
    measured = {(row["name"], row["database"], row["scale"]) for row in rows}
    kept = json.loads(path.read_text()) if path.exists() else []
    kept = [row for row in kept if (row["name"], row["database"], row["scale"]) not in measured]
    path.write_text(json.dumps(kept + rows, indent=1) + "\n")


def table(rows: list[dict[str, Any]]) -> Table:
    """The figures as people read them."""
    shown = Table("name", "database", "scale", "value", "unit", "limit", "ratio", "note")
    for row in rows:
        shown.add_row(*("" if row[name] is None else str(row[name]) for name in row))
    return shown


if __name__ == "__main__":
    sys.exit(main())
