"""The empty form of a kind: its header, one example row, and a guide to every column."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

from flask import Response

from ..i18n import _
from ..importing import Kind
from ..tabular import write_csv, write_xlsx
from .responses import file_response


def example_of(kind: Kind) -> list[str]:
    """One believable row, plainly invented."""
    return [column.example for column in kind.columns]


def guide_header() -> list[str]:
    """The header of the guide."""
    return [_("Kolom"), _("Wajib"), _("Arti"), _("Contoh"), _("Nama lain yang dikenal")]


def guide_rows(kind: Kind) -> Iterator[Sequence[str]]:
    """What each column means and what else it may be called."""
    for column in kind.columns:
        yield (
            column.name,
            _("ya") if column.required else _("tidak"),
            str(column.meaning),
            column.example,
            ", ".join(column.synonyms),
        )


def write_form_csv(kind: Kind, stream: IO[str]) -> None:
    """The empty form as CSV."""
    write_csv(stream, kind.column_names, [example_of(kind)])


def write_form_xlsx(kind: Kind, path: Path) -> None:
    """The empty form as XLSX, with the guide on a second sheet."""
    guide = (_("Panduan"), guide_header(), guide_rows(kind))
    write_xlsx(path, kind.column_names, [example_of(kind)], sheet=str(kind.label)[:31], extra_sheets=[guide])


def form_response(kind: Kind, name: str, file_format: str) -> Response:
    """The empty form as a download: 'csv' or 'xlsx'; `name` without its ending."""
    if file_format == "xlsx":
        return file_response(f"{name}.xlsx", lambda path: write_form_xlsx(kind, path))
    stream = io.StringIO()
    write_form_csv(kind, stream)
    return Response(
        "\ufeff" + stream.getvalue(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )
