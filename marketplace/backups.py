"""Backup and restore: one file with the database as of one moment, the media, the keys, and checksums."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import shutil
import sqlite3
import subprocess
import tarfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from flask import current_app
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import URL, make_url, text

from . import clock, jobs
from .backends.storage import local_folder
from .db import db, is_postgres

MANIFEST = "manifest.json"
SQLITE_NAME, POSTGRES_NAME = "database.sqlite3", "database.dump"
FORMAT = 1
_BLOCK = 1 << 20


class BackupRefused(Exception):
    """It cannot be done; the sentence says why and what to do."""


def write_backup(target: Path, *, with_keys: bool = True) -> int:
    """Write everything to a new tar file that only its owner may read; returns its size in bytes.

    People may go on working meanwhile. Raises BackupRefused.
    """
    if target.exists():
        raise BackupRefused(
            f"{target} is there already; name a new file, so that no backup is ever overwritten"
        )
    if not target.absolute().parent.is_dir():
        raise BackupRefused(f"the folder {target.absolute().parent} does not exist")
    with _workshop("backup") as folder:
        database = _dump_postgres(folder) if is_postgres() else _copy_sqlite(folder)
        parts = {database.name: database}
        parts |= _tree("media", _media())
        if with_keys:
            parts |= _tree("keys", current_app.config["DATA_DIR"] / "keys")
        manifest = folder / MANIFEST
        manifest.write_text(json.dumps(_manifest(parts), indent=1))
        _pack(target, {MANIFEST: manifest, **parts})
    return target.stat().st_size


def read_backup(source: Path) -> dict[str, Any]:
    """Put everything back from a file that `write_backup` made; returns its manifest.

    What was there is moved to DATA_DIR/before-restore-<moment>. Raises BackupRefused, and then nothing
    has changed: the whole file is checked first.
    """
    data_dir: Path = current_app.config["DATA_DIR"]
    with _workshop("restore") as folder, _nobody_working(data_dir):
        manifest = _unpack(source, folder)
        _check_kind(manifest)
        if not is_postgres():
            _check_sqlite(folder / SQLITE_NAME)
        kept = data_dir / f"before-restore-{clock.now():%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
        if is_postgres():
            _restore_postgres(folder / POSTGRES_NAME)
        else:
            _swap_sqlite(folder / SQLITE_NAME, kept)
        _swap(folder / "media", _media(), kept)
        if (folder / "keys").is_dir():
            _swap(folder / "keys", data_dir / "keys", kept)
        (data_dir / "queue.sqlite3").unlink(missing_ok=True)
    return manifest


# --- parts --------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def _workshop(purpose: str) -> Iterator[Path]:
    """A folder in DATA_DIR that only we may read, gone at the end."""
    folder = current_app.config["DATA_DIR"] / f"{purpose}-{secrets.token_hex(6)}"
    folder.mkdir(mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _nobody_working(data_dir: Path) -> Iterator[None]:
    lock = jobs.worker_lock(data_dir / "worker.lock")
    if lock is None:
        raise BackupRefused("a worker or a server works in this DATA_DIR; stop them, then restore again")
    with lock:
        yield


def _media() -> Path:
    """The folder of photos and files; a bucket keeps its own copies, and there is nothing here to save."""
    data_dir: Path = current_app.config["DATA_DIR"]
    return local_folder(current_app.config["STORAGE_URL"], data_dir) or data_dir / "media"


def _tree(name: str, folder: Path) -> dict[str, Path]:
    if not folder.is_dir():
        return {}
    files = sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))
    return {f"{name}/{path.relative_to(folder)}": path for path in files}


def _manifest(parts: Mapping[str, Path]) -> dict[str, Any]:
    revision = db.session.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return {
        "format": FORMAT,
        "made_at": clock.now().isoformat(),
        "database": "postgresql" if is_postgres() else "sqlite",
        "revision": revision,
        "files": {name: _checksum(path) for name, path in parts.items()},
    }


def _checksum(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _pack(target: Path, parts: Mapping[str, Path]) -> None:
    """Write the tar aside, wait for the disk, then give it its name."""
    draft = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as archive:
                for name, path in parts.items():
                    info = archive.gettarinfo(str(path), arcname=name)
                    info.uid = info.gid = 0
                    info.uname = info.gname = ""
                    with path.open("rb") as content:
                        archive.addfile(info, content)
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, target)
    except FileExistsError:
        raise BackupRefused(f"{target} is there already; name a new file") from None
    finally:
        draft.unlink(missing_ok=True)


def _unpack(source: Path, folder: Path) -> dict[str, Any]:
    """Take the file apart and check every checksum."""
    try:
        with tarfile.open(source, mode="r:") as archive:
            archive.extractall(folder, filter=_plain_files)  # noqa: S202 - the filter refuses all else
    except (OSError, tarfile.TarError) as error:
        raise BackupRefused(f"{source} is no backup that can be read ({type(error).__name__})") from error
    try:
        manifest = json.loads((folder / MANIFEST).read_text())
        files = dict(manifest["files"])
        if manifest["format"] != FORMAT:
            raise BackupRefused(
                f"{source} was made by another version of the product (format {manifest['format']})"
            )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BackupRefused(f"{source} holds no list of what it contains; it is no backup of ours") from error
    found = {str(path.relative_to(folder)): path for path in folder.rglob("*") if path.is_file()}
    found.pop(MANIFEST)
    if set(found) != set(files):
        raise BackupRefused(f"{source} does not hold the files that its list names; take another backup")
    for name, checksum in files.items():
        if _checksum(found[name]) != checksum:
            raise BackupRefused(f"{source} is damaged: {name} is not what was saved; take another backup")
    return dict(manifest)


def _plain_files(member: tarfile.TarInfo, folder: str) -> tarfile.TarInfo:
    """Refuse links, devices and paths that lead out of the folder."""
    if not member.isreg():
        raise tarfile.FilterError(f"{member.name} is no plain file")
    member.mode = 0o600
    return tarfile.data_filter(member, folder)


def _check_kind(manifest: Mapping[str, Any]) -> None:
    here = "postgresql" if is_postgres() else "sqlite"
    if manifest["database"] != here:
        raise BackupRefused(
            f"the backup holds a {manifest['database']} database and DATABASE_URL names a {here} one; "
            "set DATABASE_URL to the kind that was saved"
        )


def _swap(new: Path, place: Path, kept: Path) -> None:
    """Put a folder in place of another, which is kept."""
    if place.exists():
        kept.mkdir(mode=0o700, exist_ok=True)
        shutil.move(place, kept / place.name)
    if new.is_dir():
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(new, place)
        place.chmod(0o700)


# --- SQLite -------------------------------------------------------------------------------------------------


def _url() -> URL:
    return make_url(current_app.config["SQLALCHEMY_DATABASE_URI"])


def _copy_sqlite(folder: Path) -> Path:
    """By SQLite's backup API in one step: one moment's state, while writers go on."""
    copy = folder / SQLITE_NAME
    with (
        contextlib.closing(sqlite3.connect(f"file:{_url().database}?mode=ro", uri=True)) as source,
        contextlib.closing(sqlite3.connect(copy)) as target,
    ):
        source.execute("PRAGMA busy_timeout=30000")
        source.backup(target)
        target.execute("PRAGMA journal_mode=DELETE")
    return copy


def _check_sqlite(path: Path) -> None:
    try:
        with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
            verdict = database.execute("PRAGMA quick_check").fetchone()[0]
    except sqlite3.DatabaseError as error:
        verdict = str(error)
    if verdict != "ok":
        raise BackupRefused(f"the database in the backup is damaged ({verdict}); take another backup")


def _swap_sqlite(new: Path, kept: Path) -> None:
    place = Path(_url().database or "")
    db.session.remove()
    db.engine.dispose()
    for suffix in ("", "-wal", "-shm"):
        old = place.with_name(place.name + suffix)
        if old.exists():
            kept.mkdir(mode=0o700, exist_ok=True)
            shutil.move(old, kept / old.name)
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(new, place)


# --- PostgreSQL ---------------------------------------------------------------------------------------------


def _dump_postgres(folder: Path) -> Path:
    dump = folder / POSTGRES_NAME
    _run_client("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={dump}")
    return dump


def _restore_postgres(dump: Path) -> None:
    tables = "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'"
    if db.session.execute(text(tables)).scalar():
        raise BackupRefused(
            "the database that DATABASE_URL names is not empty; make a new one and name that (createdb ...)"
        )
    db.session.remove()
    database = str(_connection().get("dbname") or "")
    _run_client(
        "pg_restore",
        "--no-owner",
        "--no-privileges",
        "--exit-on-error",
        "--single-transaction",
        f"--dbname={database}",
        str(dump),
    )


def _connection() -> dict[str, Any]:
    url = _url().set(drivername="postgresql")
    return conninfo_to_dict(url.render_as_string(hide_password=False))


def _run_client(program: str, *arguments: str) -> None:
    """Run one of PostgreSQL's programs; who and where stand in its environment, not on its command line."""
    names = {"dbname": "PGDATABASE", "host": "PGHOST", "port": "PGPORT", "user": "PGUSER"}
    names |= {"password": "PGPASSWORD", "sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT"}
    where = {names[key]: str(value) for key, value in _connection().items() if key in names}
    result = subprocess.run(  # noqa: S603 - our own words only
        [_client(program), *arguments],
        env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", **where},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode:
        said = result.stderr.strip().splitlines() or ["nothing"]
        raise BackupRefused(f"{program} failed: {said[0]}")


def _client(program: str) -> str:
    """The newest of Debian's versions, else the PATH's. Raises BackupRefused when there is none."""
    versions = sorted(
        Path("/usr/lib/postgresql").glob(f"*/bin/{program}"), key=lambda path: float(path.parts[-3])
    )
    found = str(versions[-1]) if versions else shutil.which(program)
    if not found:
        raise BackupRefused(
            f"{program} is not on this machine; install PostgreSQL's programs "
            "(Debian: apt-get install postgresql-client) and run this again"
        )
    return found
