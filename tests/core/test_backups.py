"""Backup and restore: what was there at one moment comes back whole, or nothing changes."""

from __future__ import annotations

import io
import json
import tarfile
import threading
import time
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from marketplace import backups, jobs
from marketplace.accounts.models import User
from marketplace.audit import AuditEvent
from marketplace.backends.storage import storage
from marketplace.db import db, unit_of_work
from marketplace.organizations.models import SellerFacts
from tests import factories
from tests.conftest import make_app
from tests.support import postgres

NIK = "3372014107850002"
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def elsewhere(app: Flask, tmp_path_factory: pytest.TempPathFactory):
    """Another, empty installation with the same kind of database."""
    folder = tmp_path_factory.mktemp("elsewhere")
    if app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite"):
        yield make_app(f"sqlite:///{folder / 'etalase.sqlite3'}", folder)
    else:
        with postgres.database() as url:
            made = make_app(url, folder)
            yield made
            with made.app_context():
                db.engine.dispose()


@pytest.fixture
def saved(app: Flask, app_folder: Path, tmp_path: Path) -> Path:
    """A backup of a city with one seller, whose NIK is encrypted, and one photo."""
    factories.seller("U1", owner_nik=NIK)
    storage("file:", app_folder).put("photos/ab/one.webp", b"picture")
    target = tmp_path / "city.tar"
    backups.write_backup(target)
    return target


def test_everything_comes_back_in_another_place(app, saved, elsewhere):
    with elsewhere.app_context():
        backups.read_backup(saved)
        db.session.remove()
    # a new start, because keys are read at the start
    folder = elsewhere.config["DATA_DIR"]
    with make_app(elsewhere.config["SQLALCHEMY_DATABASE_URI"], folder).app_context():
        assert db.session.scalar(select(SellerFacts.owner_nik)) == NIK
        assert storage("file:", folder).get("photos/ab/one.webp") == b"picture"
        db.session.remove()
        db.engine.dispose()


def test_the_file_is_its_owners_only_and_names_what_it_holds(saved):
    assert saved.stat().st_mode & 0o077 == 0
    with tarfile.open(saved) as archive:
        manifest = json.loads(read(archive, "manifest.json"))
        assert set(archive.getnames()) == {"manifest.json", *manifest["files"]}
    assert "keys/data_key" in manifest["files"]
    assert manifest["revision"]


@ON_SQLITE
def test_keys_stay_out_when_asked(app, tmp_path):
    target = tmp_path / "city.tar"
    backups.write_backup(target, with_keys=False)
    with tarfile.open(target) as archive:
        assert not [name for name in archive.getnames() if name.startswith("keys")]


def test_nothing_but_the_backup_is_left_behind(saved):
    left = [
        path.name for path in saved.parent.iterdir() if path.name.startswith((".", "backup-", "restore-"))
    ]
    assert left == []


@ON_SQLITE
def test_no_backup_is_ever_overwritten(saved):
    before = saved.read_bytes()
    with pytest.raises(backups.BackupRefused, match="already"):
        backups.write_backup(saved)
    assert saved.read_bytes() == before


def test_a_backup_made_while_people_write_holds_whole_transactions(app, tmp_path):
    """Each unit writes a person and its audit row: a copy that split one would hold unequal numbers."""
    stop, written = threading.Event(), list[int]()

    def write() -> None:
        with app.app_context():
            while not stop.is_set():
                with unit_of_work() as session:
                    person = User(
                        name="x", email=f"x{len(written)}@contoh.example", created_at=factories.clock.now()
                    )
                    session.add(person)
                    session.flush()
                    factories_event(session, person)
                written.append(1)
                time.sleep(0.002)  # what takes the backup needs the machine too
            db.session.remove()

    def factories_event(session, person: User) -> None:
        from marketplace import audit  # noqa: PLC0415
        from marketplace.permissions import SYSTEM  # noqa: PLC0415

        audit.record(session, SYSTEM, "user.created", person)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        while len(written) < 20:
            time.sleep(0.01)
        targets = [tmp_path / f"{number}.tar" for number in range(2)]
        for target in targets:
            backups.write_backup(target)
        during = len(written)
    finally:
        stop.set()
        writer.join(30)
    assert during > 20
    for number, target in enumerate(targets):
        users, events = rows_in(app, target, tmp_path / f"copy{number}")
        assert users == events
        assert users >= 20


def rows_in(app: Flask, archive: Path, folder: Path) -> tuple[int, int]:
    """How many users and audit rows a backup holds."""

    def count() -> tuple[int, int]:
        users = db.session.scalar(select(func.count()).select_from(User)) or 0
        events = db.session.scalar(select(func.count()).select_from(AuditEvent)) or 0
        db.session.remove()
        db.engine.dispose()
        return users, events

    if app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite"):
        folder.mkdir()
        copy = make_app(f"sqlite:///{folder / 'etalase.sqlite3'}", folder)
        with copy.app_context():
            backups.read_backup(archive)
            return count()
    with postgres.database() as url:
        folder.mkdir()
        copy = make_app(url, folder)
        with copy.app_context():
            backups.read_backup(archive)
            return count()


def read(archive: tarfile.TarFile, name: str) -> bytes:
    """The content of a plain file in a tar."""
    file = archive.extractfile(name)
    assert file is not None
    return file.read()


def rewritten(source: Path, change) -> Path:
    """The backup with its members changed by `change(name, content) -> content or None`."""
    target = source.with_name("changed.tar")
    with tarfile.open(source) as old, tarfile.open(target, "w") as new:
        for member in old.getmembers():
            content = change(member.name, read(old, member.name))
            if content is not None:
                member.size = len(content)
                new.addfile(member, io.BytesIO(content))
    return target


@ON_SQLITE
@pytest.mark.parametrize(
    "change",
    [
        lambda name, content: content + b"x" if name.startswith("media/") else content,
        lambda name, content: None if name.startswith("media/") else content,
        lambda name, content: None if name == "manifest.json" else content,
        lambda name, content: b"[]" if name == "manifest.json" else content,
        lambda name, content: content[: len(content) // 2] if name.startswith("database") else content,
    ],
    ids=["changed", "missing", "no list", "senseless list", "cut"],
)
def test_a_damaged_backup_changes_nothing(app, saved, change):
    damaged = rewritten(saved, change)
    with pytest.raises(backups.BackupRefused):
        backups.read_backup(damaged)
    assert db.session.scalar(select(SellerFacts.owner_nik)) == NIK
    assert not list(saved.parent.glob("before-restore-*"))


@ON_SQLITE
@pytest.mark.parametrize("content", [b"", b"not a tar", b"PK\x03\x04" + b"\0" * 600])
def test_a_file_that_is_no_backup_is_refused_in_a_sentence(app, tmp_path, content):
    (tmp_path / "odd").write_bytes(content)
    with pytest.raises(backups.BackupRefused, match=r"no backup|no list"):
        backups.read_backup(tmp_path / "odd")


@ON_SQLITE
@pytest.mark.parametrize("name", ["../../evil", "/tmp/evil-etalase", "media/../../evil"])
def test_a_backup_never_writes_outside_its_place(app, tmp_path, name):
    evil = tmp_path / "evil.tar"
    with tarfile.open(evil, "w") as archive:
        member = tarfile.TarInfo(name)
        member.size = 1
        archive.addfile(member, io.BytesIO(b"x"))
        link = tarfile.TarInfo("media/link")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    with pytest.raises(backups.BackupRefused):
        backups.read_backup(evil)
    assert not (tmp_path.parent / "evil").exists()
    assert not Path("/tmp/evil-etalase").exists()


@ON_SQLITE
def test_nothing_is_restored_under_a_running_worker(app, saved):
    lock = jobs.worker_lock(app.config["DATA_DIR"] / "worker.lock")
    assert lock is not None
    with lock, pytest.raises(backups.BackupRefused, match="stop them"):
        backups.read_backup(saved)


@ON_SQLITE
def test_what_was_there_before_is_kept(app, app_folder, saved):
    factories.seller("U2")
    backups.read_backup(saved)
    kept = next(app_folder.glob("before-restore-*"))
    assert (kept / "etalase.sqlite3").exists()
    assert (kept / "media" / "photos" / "ab" / "one.webp").exists()
    assert (kept / "keys" / "data_key").exists()
    assert db.session.scalar(select(func.count()).select_from(SellerFacts)) == 1


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_a_filled_postgresql_database_is_not_overwritten(app, saved):
    with pytest.raises(backups.BackupRefused, match="not empty"):
        backups.read_backup(saved)


@ON_SQLITE
def test_a_backup_of_another_kind_of_database_is_refused(app, saved):
    def as_postgres(name: str, content: bytes) -> bytes:
        return content.replace(b'"sqlite"', b'"postgresql"') if name == "manifest.json" else content

    with pytest.raises(backups.BackupRefused, match="DATABASE_URL"):
        backups.read_backup(rewritten(saved, as_postgres))


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_without_postgresqls_programs_the_sentence_names_what_to_install(app, tmp_path, monkeypatch):
    monkeypatch.setattr(backups.shutil, "which", lambda _name: None)
    monkeypatch.setattr(backups.Path, "glob", lambda *_args: iter(()))
    with pytest.raises(backups.BackupRefused, match="apt-get install postgresql-client"):
        backups.write_backup(tmp_path / "city.tar")


def test_the_commands_say_what_they_did(app, saved, elsewhere):
    with elsewhere.app_context():
        restored = elsewhere.test_cli_runner().invoke(args=["restore", str(saved)])
    assert restored.exit_code == 0, restored.output
    assert "everything is as it was at 2026-11-22" in restored.output
    again = app.test_cli_runner().invoke(args=["backup", str(saved)])
    assert again.exit_code == 1
    assert "already" in again.output
