"""Where files go, chosen by STORAGE_URL: file: keeps them under DATA_DIR/media."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

_KEY = re.compile(r"[a-z0-9][a-z0-9._-]*(/[a-z0-9][a-z0-9._-]*)*")


class Storage(Protocol):
    """Files by key, such as 'photos/ab/abc-640.webp'. A key is written once and not changed."""

    def put(self, key: str, data: bytes) -> None:
        """Keep the file whole or not at all."""

    def get(self, key: str) -> bytes:
        """The file. Raises LookupError when there is none."""

    def delete(self, key: str) -> None:
        """Forget the file; fine when there is none."""

    def keys(self, prefix: str = "") -> Iterator[str]:
        """Every key that begins with the prefix, in order."""


def storage(url: str, data_dir: Path) -> Storage:
    """What keeps the files. Raises ValueError for an address it does not know."""
    parts = urlsplit(url)
    if parts.scheme == "file":
        return Folder(Path(parts.path) if parts.path else data_dir / "media")
    raise ValueError(f"STORAGE_URL: {parts.scheme}: is not known here; write file:")


class Folder:
    """Files in a folder of this machine."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, key: str, data: bytes) -> None:
        """Written aside and moved into place, so that nobody reads half a file."""
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        with draft.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)

    def get(self, key: str) -> bytes:
        """The file. Raises LookupError when there is none."""
        try:
            return self._path(key).read_bytes()
        except FileNotFoundError:
            raise LookupError(key) from None

    def delete(self, key: str) -> None:
        """Forget the file; fine when there is none."""
        self._path(key).unlink(missing_ok=True)

    def keys(self, prefix: str = "") -> Iterator[str]:
        """Every key that begins with the prefix, in order."""
        found = (str(path.relative_to(self.folder)) for path in self.folder.rglob("*") if path.is_file())
        yield from sorted(key for key in found if key.startswith(prefix) and _KEY.fullmatch(key))

    def _path(self, key: str) -> Path:
        if not _KEY.fullmatch(key):
            raise ValueError("a key is made of small letters, digits, dots, dashes and slashes")
        return self.folder / key
