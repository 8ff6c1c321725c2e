"""The refused rows of a run as a table to mend and bring in again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..errors import NotFound
from ..i18n import _
from ..importing import ImportRun, files
from ..importing.stage import Stage
from ..importing.values import shown


def refused_table(run: ImportRun) -> tuple[list[str], Iterator[Sequence[str]]]:
    """The file's header with `error`, and its refused rows. Raises NotFound once the files are deleted."""
    if not run.stored_name or not files.stage_of(run).exists() or not files.file_of(run).exists():
        raise NotFound(_("Berkas impor ini sudah dihapus. Unggah lagi bila perlu."))
    header = files.header_of(run)
    return [*header, "error"], _rows(run, len(header))


def _rows(run: ImportRun, width: int) -> Iterator[Sequence[str]]:
    with Stage(files.stage_of(run)) as stage:
        for row in stage.refused():
            cells = [shown(cell) for cell in row.cells[:width]]
            yield [*cells, *[""] * (width - len(cells)), row.sentence]
