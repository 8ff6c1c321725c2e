"""Regulations shipped with the product, as data files that an office adopts: never loaded unasked."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "data"


def shipped_rows(region_code: str) -> list[dict[str, Any]]:
    """The shipped regulations of a region, as arguments of services.add_regulation."""
    rows: list[dict[str, Any]] = []
    for path in sorted(FOLDER.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            rows += [_values(row) for row in csv.DictReader(file) if row["region_code"] == region_code]
    return rows


def _values(row: dict[str, str]) -> dict[str, Any]:
    whole = ("min_sellers", "display_window_days", "outright_window_days", "grace_days")
    return {
        "regulation_ref": row["regulation_ref"],
        "region_code": row["region_code"],
        "outlet_kinds": row["outlet_kinds"].split(";"),
        "counted_bases": row["counted_bases"].split(";"),
        "binding": row["binding"],
        "valid_from": date.fromisoformat(row["valid_from"]),
        "valid_to": date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
        "citation": row["citation"],
        "is_text_verified": False,
        **{name: int(row[name]) for name in whole},
    }
