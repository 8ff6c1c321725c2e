"""Where the document of a debt stands: each higher area says it for its own."""

from __future__ import annotations

from collections.abc import Callable

Path = Callable[[int], str]
_paths: dict[str, Path] = {}


def register(kind: str, path: Path) -> None:
    """Say where a kind of document ('settlement', 'invoice') has its page, by its id."""
    _paths[kind] = path


def path_of(kind: str, document_id: int) -> str:
    """The path of a document's page; empty for a kind nobody registered."""
    path = _paths.get(kind)
    return path(document_id) if path else ""
