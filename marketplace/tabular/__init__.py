"""Tables in files: reading CSV and XLSX from strangers safely, writing them so that they can be read back."""

from __future__ import annotations

from .reading import MAX_COLUMNS, BadTable, Cell, Table, open_table
from .writing import guard, unguard, write_csv, write_xlsx

__all__ = [
    "MAX_COLUMNS",
    "BadTable",
    "Cell",
    "Table",
    "guard",
    "open_table",
    "unguard",
    "write_csv",
    "write_xlsx",
]
