"""Where files go, chosen by STORAGE_URL: file: keeps them in DATA_DIR/media, s3://bucket in a store."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import SplitResult, parse_qs, urlsplit

import obstore
from flask import current_app
from obstore.exceptions import BaseError
from obstore.store import S3Store

EXTENSION = "etalase_storage"
_KEY = re.compile(r"[a-z0-9][a-z0-9._-]*(/[a-z0-9][a-z0-9._-]*)*")


class StorageFailed(Exception):
    """The store did not answer or has no room; tried again later. Not raised for a file that is absent."""


class Storage(Protocol):
    """Files by key, such as 'photos/ab/abc-640.webp'. Whoever puts a key again puts the same content."""

    def put(self, key: str, data: bytes) -> None:
        """Keep the file whole or not at all. Raises StorageFailed."""

    def get(self, key: str) -> bytes:
        """The file. Raises LookupError when there is none, StorageFailed when the store does not answer."""

    def delete(self, key: str) -> None:
        """Forget the file; fine when there is none. Raises StorageFailed."""

    def keys(self, prefix: str = "") -> Iterator[str]:
        """Every key that begins with the prefix, in order. Raises StorageFailed."""


def storage(url: str, data_dir: Path) -> Storage:
    """What keeps the files. Raises ValueError for an address it does not know."""
    parts = urlsplit(url)
    if parts.scheme == "file":
        return Folder(Path(parts.path) if parts.path else data_dir / "media")
    if parts.scheme == "s3":
        return Bucket(parts)
    raise ValueError(f"STORAGE_URL: {parts.scheme}: is not known here; write file: or s3://bucket")


def local_folder(url: str, data_dir: Path) -> Path | None:
    """The folder of this machine that holds the files; None when they are kept elsewhere."""
    store = storage(url, data_dir)
    return store.folder if isinstance(store, Folder) else None


def current_storage() -> Storage:
    """The store of the running app."""
    config, kept = current_app.config, current_app.extensions
    if EXTENSION not in kept:
        kept[EXTENSION] = storage(config["STORAGE_URL"], config["DATA_DIR"])
    store: Storage = kept[EXTENSION]
    return store


def _checked(key: str) -> str:
    if not _KEY.fullmatch(key):
        raise ValueError("a key is made of small letters, digits, dots, dashes and slashes")
    return key


class Folder:
    """Files in a folder of this machine."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, key: str, data: bytes) -> None:
        """Written aside and moved into place, so that nobody reads half a file."""
        path = self.folder / _checked(key)
        with _failures(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
            try:
                with draft.open("wb") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
                draft.replace(path)
            finally:
                draft.unlink(missing_ok=True)

    def get(self, key: str) -> bytes:
        """The file. Raises LookupError when there is none."""
        path = self.folder / _checked(key)
        with _failures(OSError):
            try:
                return path.read_bytes()
            except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
                raise LookupError(key) from None

    def delete(self, key: str) -> None:
        """Forget the file; fine when there is none."""
        with _failures(OSError):
            (self.folder / _checked(key)).unlink(missing_ok=True)

    def keys(self, prefix: str = "") -> Iterator[str]:
        """Every key that begins with the prefix, in order."""
        top = self.folder / prefix.rpartition("/")[0]
        with _failures(OSError):
            paths = (path for path in top.rglob("*") if path.is_file()) if top.is_dir() else ()
            found = sorted(str(path.relative_to(self.folder)) for path in paths)
        yield from (key for key in found if key.startswith(prefix) and _KEY.fullmatch(key))


class Bucket:
    """Files in a bucket: s3://bucket/folder?endpoint=https://host&region=name.

    Who we are to the store stands in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or is what the machine has.
    """

    def __init__(self, parts: SplitResult) -> None:
        if not parts.hostname:
            raise ValueError("STORAGE_URL names no bucket; write s3://bucket")
        asked = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        unknown = set(asked) - {"endpoint", "region"}
        if unknown:
            raise ValueError(f"STORAGE_URL: {', '.join(sorted(unknown))} is neither endpoint nor region")
        config: Any = {"region": asked.get("region", "us-east-1")}
        if "endpoint" in asked:
            config |= {"endpoint": asked["endpoint"], "virtual_hosted_style_request": False}
        self._store = S3Store(
            parts.netloc,
            prefix=parts.path.strip("/") or None,
            config=config,
            client_options={
                "allow_http": asked.get("endpoint", "").startswith("http://"),
                "connect_timeout": "5s",
                "timeout": "30s",
            },
            retry_config={"max_retries": 3},
        )

    def put(self, key: str, data: bytes) -> None:
        """One request; the store shows it whole or not at all."""
        with _failures(BaseError, OSError):
            obstore.put(self._store, _checked(key), data, use_multipart=False)

    def get(self, key: str) -> bytes:
        """The file. Raises LookupError when there is none."""
        with _failures(BaseError, OSError):
            try:
                return bytes(obstore.get(self._store, _checked(key)).bytes())
            except FileNotFoundError:
                raise LookupError(key) from None

    def delete(self, key: str) -> None:
        """Forget the file; fine when there is none."""
        with _failures(BaseError, OSError):
            try:
                obstore.delete(self._store, _checked(key))
            except FileNotFoundError:
                return

    def keys(self, prefix: str = "") -> Iterator[str]:
        """Every key that begins with the prefix, in order: a store lists whole folders, we pick from them."""
        found: list[str] = []
        with _failures(BaseError, OSError):
            folder = prefix.rpartition("/")[0]
            for page in obstore.list(self._store, prefix=folder or None, chunk_size=1000):
                found += [str(item["path"]) for item in page]
        yield from sorted(key for key in found if key.startswith(prefix) and _KEY.fullmatch(key))


@contextmanager
def _failures(*kinds: type[Exception]) -> Iterator[None]:
    """Name any trouble of a store StorageFailed, without addresses or keys that are nobody's business."""
    try:
        yield
    except LookupError:
        raise
    except kinds as error:
        raise StorageFailed(type(error).__name__) from error
