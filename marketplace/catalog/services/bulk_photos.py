"""Photos of an import: taken from a ZIP by the code in each file's name, some seconds at a time."""

from __future__ import annotations

import secrets
import time
import zipfile
import zlib
from pathlib import Path
from typing import IO, Any

from flask import current_app
from sqlalchemy import select

from ... import outbox
from ...db import db, unit_of_work
from ...errors import InvalidInput, RuleBroken
from ...i18n import _
from ...importing import ImportRun, files
from ...importing.services import actor_of
from ...permissions import Actor
from ..models import Product, ProductImport, ProductImportRow
from ..rules import bulk as rules
from .bulk import PHOTOS
from .photos import add_photo

STEP_S = 8.0
MAX_PROBLEMS = 100


def keep_zip(content: IO[bytes]) -> Path:
    """Keep an uploaded ZIP aside and look at its list. Raises InvalidInput for a bad one, keeping nothing."""
    path = files.folder() / f"new-{secrets.token_hex(12)}.zip"
    limit = current_app.config["IMPORT_MAX_BYTES"]
    try:
        size, _digest = files.save_upload(content, path, limit)
        sentence = _("Berkas ini terlalu besar.") if size > limit else _problem_of(path)
        if sentence:
            raise InvalidInput(sentence, fields={"photos": sentence})
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return path


def _problem_of(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            entries = _entries(archive)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError):
        return _("Berkas ini bukan ZIP yang bisa dibuka. Buat ulang ZIP-nya.")
    if not entries:
        return _("ZIP ini tidak berisi foto.")
    return rules.zip_problem(entry.file_size for entry in entries)


def _entries(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """The files of a ZIP that people put there, by name."""
    found = (
        entry for entry in archive.infolist() if not entry.is_dir() and not rules.is_ignored(entry.filename)
    )
    return sorted(found, key=lambda entry: entry.filename)


def give_zip(path: Path, run: ImportRun) -> None:
    """Put a ZIP that was kept aside beside the table that it belongs to."""
    path.replace(files.photos_of(run))


def count_photos(run: ImportRun) -> int:
    """How many files the ZIP of a run holds; 0 without one."""
    path = files.photos_of(run)
    if not run.stored_name or not path.exists():
        return 0
    with zipfile.ZipFile(path) as archive:
        return len(_entries(archive))


def take_photos(payload: dict[str, Any]) -> None:
    """A step of work on the ZIP of an import. A step that is killed is done again: a photo is stored once."""
    run = db.session.get_one(ImportRun, payload["run_id"], populate_existing=True)
    sheet = db.session.get_one(ProductImport, run.id, populate_existing=True)
    if sheet.photos_state not in {"waiting", "running"}:
        return
    path, actor, place, run_id = files.photos_of(run), actor_of(run), sheet.photos_done, run.id
    skus = _skus(actor)
    db.session.rollback()
    try:
        with zipfile.ZipFile(path) as archive:
            entries = _entries(archive)
            until = time.monotonic() + STEP_S
            while place < len(entries) and time.monotonic() < until:
                told = _take(archive, entries[place], actor, run_id, skus)
                place += 1
                _note(run_id, place, len(entries), told)
    except (zipfile.BadZipFile, OSError):
        _finish(run_id, "failed")
        return
    if place >= len(entries):
        _finish(run_id, "done")
        path.unlink(missing_ok=True)
    else:
        with unit_of_work() as session:
            outbox.enqueue(session, PHOTOS, {"run_id": run_id})


def _skus(actor: Actor) -> dict[str, tuple[str, int]]:
    query = select(Product.sku, Product.id).where(
        Product.seller_id == actor.seller_id, Product.main_id.is_(None)
    )
    return {rules.plain_code(sku): (sku, number) for sku, number in db.session.execute(query)}


class _Told:
    """What became of one file of a ZIP."""

    def __init__(
        self, problem: str = "", product_id: int = 0, photo_id: int = 0, is_new: bool = False
    ) -> None:
        self.problem, self.product_id, self.photo_id, self.is_new = problem, product_id, photo_id, is_new
        self.name = ""


def _take(
    archive: zipfile.ZipFile,
    entry: zipfile.ZipInfo,
    actor: Actor,
    run_id: int,
    skus: dict[str, tuple[str, int]],
) -> _Told:
    told = _taken(archive, entry, actor, run_id, skus)
    told.name = entry.filename[-120:]
    return told


def _taken(
    archive: zipfile.ZipFile,
    entry: zipfile.ZipInfo,
    actor: Actor,
    run_id: int,
    skus: dict[str, tuple[str, int]],
) -> _Told:
    limit = current_app.config["PHOTO_MAX_BYTES"]
    problem = rules.entry_problem(
        entry.filename, entry.file_size, limit, is_locked=bool(entry.flag_bits & 0x1)
    )
    if problem:
        return _Told(problem)
    code = rules.sku_of_entry(entry.filename, {plain: sku for plain, (sku, _id) in skus.items()})
    if code is None:
        return _Told(_("Tidak ada produk dengan kode seperti nama berkas ini."))
    product_id = skus[rules.plain_code(code)][1]
    try:
        with archive.open(entry) as file:
            content = file.read(limit + 1)  # what the list says of its size may be a lie
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, NotImplementedError):
        return _Told(_("Berkas ini rusak di dalam ZIP."))
    key = f"zip:{run_id}:{entry.CRC:08x}:{len(content)}"
    try:
        photo = add_photo(actor=actor, product_id=product_id, content=content, client_key=key)
    except (InvalidInput, RuleBroken) as error:
        return _Told(error.message)
    return _Told("", product_id, photo.id, is_new=photo.client_key == key)


def _note(run_id: int, done: int, total: int, told: _Told) -> None:
    with unit_of_work() as session:
        sheet = session.get_one(ProductImport, run_id, populate_existing=True)
        sheet.photos_state, sheet.photos_done, sheet.photos_total = "running", done, total
        if told.problem:
            sheet.photos_problems = [*sheet.photos_problems, [told.name, told.problem]][:MAX_PROBLEMS]
        elif not told.is_new:
            sheet.photos_known += 1
        else:
            sheet.photos_added += 1
            _note_photo(session, run_id, told)


def _note_photo(session: Any, run_id: int, told: _Told) -> None:
    """Keep which product got the photo, so that undoing takes it away again."""
    query = select(ProductImportRow).where(
        ProductImportRow.run_id == run_id, ProductImportRow.product_id == told.product_id
    )
    row = session.scalar(query)
    if row is None:
        product = session.get_one(Product, told.product_id)
        row = ProductImportRow(
            run_id=run_id, product_id=product.id, sku=product.sku, name=product.name, was_created=False,
            before={}, after={}, photo_ids=[],
        )  # fmt: skip
        session.add(row)
    if told.photo_id not in row.photo_ids:
        row.photo_ids = [*row.photo_ids, told.photo_id]


def _finish(run_id: int, state: str) -> None:
    with unit_of_work() as session:
        session.get_one(ProductImport, run_id, populate_existing=True).photos_state = state
