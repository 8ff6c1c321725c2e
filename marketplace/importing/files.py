"""Where the files of an import lie: the upload, and the stage of its rows."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import IO

from flask import current_app

from ..i18n import _
from ..tabular import BadTable, open_table
from .models import ImportRun

BLOCK = 1 << 20


def folder() -> Path:
    """Where uploads and stages are kept, readable by nobody else."""
    path: Path = current_app.config["DATA_DIR"] / "imports"
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


def file_of(run: ImportRun) -> Path:
    """The uploaded file."""
    return folder() / f"{run.stored_name}.data"


def stage_of(run: ImportRun) -> Path:
    """The stage of its rows."""
    return folder() / f"{run.stored_name}.stage"


def photos_of(run: ImportRun) -> Path:
    """The ZIP of photos that came with it, where there is one."""
    return folder() / f"{run.stored_name}.zip"


def header_of(run: ImportRun) -> list[str]:
    """The header of the uploaded file. Raises BadTable when the file is gone."""
    if not file_of(run).exists():
        raise BadTable(_("Berkasnya sudah dihapus. Unggah lagi."))
    with open_table(file_of(run), current_app.config["IMPORT_MAX_BYTES"]) as table:
        return table.header


def save_upload(content: IO[bytes], path: Path, limit: int) -> tuple[int, str]:
    """Write a stream to a file, no more than the limit and one byte; answers size and SHA-256."""
    size, digest = 0, hashlib.sha256()
    path.touch(mode=0o600)
    with path.open("wb") as file:
        while size <= limit and (block := content.read(BLOCK)):
            size += len(block)
            digest.update(block)
            file.write(block)
    return size, digest.hexdigest()
