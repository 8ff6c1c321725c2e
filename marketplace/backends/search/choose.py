"""Which backend an address means."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from .base import SearchIndex


def search_index(url: str, data_dir: Path, *, is_postgres: bool) -> SearchIndex:
    """The index that an address stands for; an empty one means whatever suits the database.

    Raises ValueError for an address it does not know, and for postgres: on another database.
    """
    parts = urlsplit(url or ("postgres:" if is_postgres else "whoosh:"))
    if parts.scheme == "whoosh":
        from .whoosh_index import WhooshIndex  # noqa: PLC0415 - only what is used is loaded

        return WhooshIndex(Path(parts.path) if parts.path else data_dir / "search")
    if parts.scheme in {"postgres", "postgresql"} and is_postgres:
        from .postgres_index import PostgresIndex  # noqa: PLC0415

        return PostgresIndex()
    if parts.scheme in {"postgres", "postgresql"}:
        raise ValueError("SEARCH_URL: postgres: needs a PostgreSQL database (DATABASE_URL)")
    raise ValueError(f"SEARCH_URL: {parts.scheme}: is neither whoosh nor postgres")
