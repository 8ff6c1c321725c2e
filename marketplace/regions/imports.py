"""The exchange file of places: their Kemendagri codes and names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..i18n import N_, _
from ..importing import Batch, Book, Column, Kind, Outcome, Refusal, Verdict, values
from ..permissions import Permission
from ..tabular import Cell
from . import queries, services
from .models import Region
from .rules import is_code, parent_of


def read_code(cell: Cell) -> str:
    """A code with dots between its levels."""
    text = values.read_text(cell, 13)
    if not is_code(text):
        raise values.BadValue(
            _("Bukan kode wilayah Kemendagri. Tulis dengan titik antartingkat, misalnya 33.72.01.1001.")
        )
    return text


def apply(batch: Batch) -> list[Verdict]:
    """Judge and write places; a place needs the one around it."""
    codes = {row["code"] for row in batch.rows}
    around = {parent for code in codes if (parent := parent_of(code))}
    book = Book(batch, _stored(batch.session, codes | around), "region")
    book.recall(codes | around)
    verdicts: list[Verdict] = []
    changed: dict[str, str] = {}
    for row in batch.rows:
        code, parent = row["code"], parent_of(row["code"])
        if not batch.actor.sees_region(code):
            verdicts.append(Refusal("code", _("Wilayah ini di luar wilayah kerja Anda.")))
        elif parent is not None and book.state(parent) is None:
            verdicts.append(
                Refusal(
                    "code", _("Wilayah di atasnya (%(code)s) belum ada. Tambahkan lebih dulu.", code=parent)
                )
            )
        else:
            outcome = book.put(code, {"name": row["name"]})
            if outcome is not Outcome.UNCHANGED:
                changed[code] = row["name"]
            verdicts.append(outcome)
    book.save()
    if not batch.dry:
        services.name_places(batch.session, changed)
    return verdicts


def _stored(session: Session, codes: set[str]) -> dict[str, dict[str, Any]]:
    wanted, found = sorted(codes), {}
    for start in range(0, len(wanted), 900):
        query = select(Region.code, Region.name).where(Region.code.in_(wanted[start : start + 900]))
        found.update({code: {"name": name} for code, name in session.execute(query)})
    return found


def export(session: Session, *, region: str) -> Iterator[Sequence[Any]]:
    """Every place under a code, in the order of the codes."""
    query = select(Region.code, Region.name).where(queries.within(Region.code, region)).order_by(Region.code)
    yield from session.execute(query.execution_options(yield_per=2000))


KIND = Kind(
    name="regions",
    label=N_("Wilayah"),
    columns=(
        Column(
            "code",
            read_code,
            required=True,
            synonyms=("kode", "kode_wilayah"),
            meaning=N_("Kode Kemendagri dengan titik di antara tingkatnya."),
            example="33.72.01.1001",
        ),
        Column(
            "name",
            values.name,
            required=True,
            synonyms=("nama", "nama_wilayah"),
            meaning=N_("Nama provinsi, kabupaten/kota, kecamatan, atau kelurahan/desa."),
            example="Pajang",
        ),
    ),
    apply=apply,
    order=lambda row: str(row["code"]),
    export=export,
    permission=Permission.PLATFORM_MANAGE,
    batch_size=2000,
    position=10,
)
