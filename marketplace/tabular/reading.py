"""Opening a file as a table by what is in it, whatever its name says."""

from __future__ import annotations

import re
from pathlib import Path

from ..i18n import _
from .base import MAX_COLUMNS, BadTable, Cell, Table, empty_file
from .csv_files import open_csv
from .xlsx_files import open_xlsx

__all__ = ["MAX_COLUMNS", "BadTable", "Cell", "Table", "open_table"]

SNIFFED_BYTES = 65_536
CONTROL_SHARE = 0.05
_CONTROLS = re.compile(rb"[\x00-\x08\x0b\x0e-\x1f\x7f]")


def open_table(path: Path, max_bytes: int) -> Table:
    """The table in a CSV or XLSX file. Raises BadTable with one sentence when it is none.

    Nothing of the file is trusted: not its name, not the sizes that it states.
    """
    size = path.stat().st_size
    if size > max_bytes:
        raise BadTable(
            _(
                "Berkas ini %(size)s MB; paling besar %(limit)s MB. Bagi menjadi beberapa berkas.",
                size=f"{size / 1e6:.1f}".replace(".", ","),
                limit=f"{max_bytes / 1e6:.1f}".replace(".", ",").removesuffix(",0"),
            )
        )
    with path.open("rb") as file:
        start = file.read(SNIFFED_BYTES)
    if not start.strip(b"\xef\xbb\xbf \t\r\n\x00"):
        raise empty_file()
    if start.startswith(b"PK"):
        return open_xlsx(path)
    _refuse_other_types(start)
    return open_csv(path)


def _refuse_other_types(start: bytes) -> None:
    """Raise BadTable for what is plainly no CSV."""
    for magic, sentence in _magics():
        if start.startswith(magic):
            raise BadTable(sentence)
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    if re.match(rb"<[a-zA-Z!?/]", text):
        raise BadTable(
            _("Ini halaman web atau XML, bukan tabel. Simpan sebagai XLSX atau CSV, lalu coba lagi.")
        )
    if text[:1] in (b"{", b"["):
        raise BadTable(_("Ini berkas JSON, bukan tabel. Simpan sebagai XLSX atau CSV, lalu coba lagi."))
    controls = len(_CONTROLS.findall(start))
    if controls > CONTROL_SHARE * len(start) and not _is_utf8(start):
        raise BadTable(_("Berkas ini bukan tabel. Simpan lembarnya sebagai XLSX atau CSV, lalu coba lagi."))


def _magics() -> tuple[tuple[bytes, str], ...]:
    other = _("Berkas ini bukan tabel, apa pun nama berkasnya. Pilih berkas XLSX atau CSV.")
    sixteen = _("Berkas ini memakai UTF-16. Simpan ulang sebagai “CSV UTF-8” atau XLSX, lalu coba lagi.")
    old = _(
        "Ini Excel lama (.xls) atau berkas dengan kata sandi. Buka, simpan sebagai .xlsx tanpa kata sandi, "
        "lalu coba lagi."
    )
    return (
        (b"\xd0\xcf\x11\xe0", old),
        (b"\xff\xfe", sixteen),
        (b"\xfe\xff", sixteen),
        (b"%PDF", other),
        (b"\x89PNG", other),
        (b"\xff\xd8\xff", other),
        (b"GIF8", other),
        (b"\x1f\x8b", other),
        (b"SQLite format 3", other),
        (b"RIFF", other),
        (b"Rar!", other),
        (b"7z\xbc\xaf", other),
        (b"{\\rtf", other),
        (b"\x7fELF", other),
    )


def _is_utf8(start: bytes) -> bool:
    try:
        start[: SNIFFED_BYTES - 4].decode("utf-8")
    except UnicodeDecodeError as error:
        return error.end >= len(start) - 4
    return True
