"""The kind `bank_statement`: what came in, as a seller's bank exports it. Money that went out is left out."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import IO, Any

from sqlalchemy import select

from ... import clock
from ...i18n import N_, _
from ...importing import Batch, Column, Kind, Outcome, Refusal, Row, Verdict, values
from ...importing.layout import recognise
from ...permissions import Permission
from ..models import BankLine
from .cells import IN, OUT, bank_amount, bank_day, direction, is_day

MAX_TEXT = 2000
TIDY_BYTES = 10_000_000
"""Larger files are taken as they are: no bank exports a statement of a small business so long."""
EARLY_DAYS = timedelta(days=7)
"""A bank books what came on a holiday under a later day."""
LONGEST_HEAD = 40
"""Lines before the table in which banks tell account, holder and period."""

COLUMNS = (
    Column(
        "booked_on", bank_day, required=True,
        synonyms=(
            "tanggal", "tgl", "tanggal_transaksi", "tgl_transaksi", "tgl_tran", "date", "transaction_date",
            "posting_date", "post_date", "tanggal_&_waktu", "waktu_transaksi",
        ),
        meaning=N_("Hari uang dibukukan"), example="22/11/2026",
    ),
    Column(
        "description", values.text(MAX_TEXT), is_usual=True,
        synonyms=(
            "keterangan", "uraian", "deskripsi", "transaksi", "uraian_transaksi", "desk_tran", "remark",
            "remarks", "rincian_transaksi", "berita",
        ),
        meaning=N_("Keterangan dari bank: nama pengirim dan berita transfer"),
        example="TRSF E-BANKING CR ET222AB PT RUKUN",
    ),
    Column(
        "details", values.text(MAX_TEXT), synonyms=("description_2", "keterangan_2", "uraian_2", "catatan"),
        meaning=N_("Keterangan kedua, bila bank memisahkannya"),
    ),
    Column(
        "reference", values.text(200),
        synonyms=("no_referensi", "nomor_referensi", "referensi", "reference_no", "ref", "no_ref", "trx_id"),
        meaning=N_("Nomor referensi dari bank"), example="FT26326ABCDE",
    ),
    Column(
        "amount", bank_amount,
        synonyms=("jumlah", "nominal", "mutasi", "nilai", "amount_(idr)", "jumlah_(idr)"),
        meaning=N_("Jumlah, bila uang masuk dan keluar di satu kolom"), example="1.250.000,00 CR",
    ),
    Column(
        "direction", direction,
        synonyms=("db/cr", "cr/db", "d/k", "k/d", "d/c", "tipe", "jenis", "type", "glsign", "posisi"),
        meaning=N_("CR untuk uang masuk, DB untuk uang keluar; perlu bila jumlahnya tidak menyebutnya"),
        example="CR",
    ),
    Column(
        "credit", bank_amount, is_usual=True,
        synonyms=("kredit", "uang_masuk", "masuk", "mutasi_kredit", "credit_(idr)", "kredit_(idr)"),
        meaning=N_("Uang masuk, bila ada kolomnya sendiri"), example="1.250.000,00",
    ),
    Column(
        "debit", bank_amount,
        synonyms=("debet", "uang_keluar", "keluar", "mutasi_debet", "mutasi_debit", "debit_(idr)"),
        meaning=N_("Uang keluar, bila ada kolomnya sendiri; dilewati"),
    ),
)  # fmt: skip


def check_line(row: Mapping[str, Any]) -> Mapping[str, str]:
    """What several columns of one row say together."""
    if row.get("credit") is None and row.get("debit") is None:
        amount = row.get("amount")
        if amount is None:
            return {"amount": _("Isi jumlahnya, atau kolom kredit dan debet.")}
        if not amount.way and not row.get("direction"):
            sentence = _("Tidak jelas uang masuk atau keluar. Tunjuk kolom CR/DB, atau isi CR untuk semua.")
            return {"direction": sentence}
    return {}


def credit_of(row: Mapping[str, Any] | Row) -> tuple[int, bool]:
    """What came in by a row, in whole rupiah, and whether sen were left out; 0 for what went out."""
    credit = row.get("credit")
    if credit is not None or row.get("debit") is not None:
        return (credit.rupiah, credit.has_sen) if credit is not None and credit.way != OUT else (0, False)
    amount = row["amount"]
    return (amount.rupiah, amount.has_sen) if (row.get("direction") or amount.way) == IN else (0, False)


def apply_lines(batch: Batch) -> Sequence[Verdict]:
    """Write the credits that are not there yet; a line is known by what it says and its turn in the file."""
    seller_id = batch.actor.seller_id or -1
    found = [(row, *credit_of(row)) for row in batch.rows]
    hashes = _hashes(batch, [(row, rupiah) for row, rupiah, _sen in found if rupiah])
    query = select(BankLine.line_hash).where(
        BankLine.seller_id == seller_id, BankLine.line_hash.in_(hashes.values())
    )
    known = set(batch.session.scalars(query))
    verdicts: list[Verdict] = []
    for row, rupiah, has_sen in found:
        if row["booked_on"] > clock.today() + EARLY_DAYS:
            verdicts.append(Refusal("booked_on", _("Hari ini belum tiba. Periksa tanggalnya.")))
        elif not rupiah or hashes[row.line] in known:
            verdicts.append(Outcome.UNCHANGED)
        else:
            if has_sen:
                batch.warn(row, "amount", _("Sen tidak dihitung."))
            if not batch.dry:
                batch.session.add(_line(batch, seller_id, row, rupiah, hashes[row.line]))
            verdicts.append(Outcome.CREATED)
    if not batch.dry:
        batch.session.flush()
    return verdicts


def _line(batch: Batch, seller_id: int, row: Row, rupiah: int, line_hash: str) -> BankLine:
    return BankLine(
        seller_id=seller_id,
        line_hash=line_hash,
        booked_on=row["booked_on"],
        amount_rupiah=rupiah,
        description=_text(row),
        reference=row.get("reference", ""),
        is_set_aside=False,
        imported_at=clock.now(),
        imported_by=batch.actor.user_id,
    )


def _text(row: Row) -> str:
    return " ".join(part for part in (row.get("description", ""), row.get("details", "")) if part)


def _hashes(batch: Batch, rows: Sequence[tuple[Row, int]]) -> dict[int, str]:
    """The name of each credit: day, amount, words, reference, and its turn among equal ones of the file."""
    contents = {
        row.line: _digest((row["booked_on"].isoformat(), rupiah, _text(row), row.get("reference", "")))
        for row, rupiah in rows
    }
    known = batch.notes.get_many(f"turn:{line}" for line in contents)
    counts = batch.notes.get_many({f"count:{content}" for content in contents.values()})
    fresh: dict[str, int] = {}
    for line, content in contents.items():
        place, name = f"turn:{line}", f"count:{content}"
        if place not in known:
            counts[name] = counts.get(name, 0) + 1
            known[place] = fresh[place] = fresh[name] = counts[name]
    if fresh:
        batch.notes.put_many(fresh)
    return {line: _digest((content, known[f"turn:{line}"])) for line, content in contents.items()}


def _digest(said: tuple[object, ...]) -> str:
    return hashlib.sha256(repr(said).encode()).hexdigest()


STATEMENT = Kind(
    name="bank_statement",
    label=N_("Mutasi bank"),
    columns=COLUMNS,
    apply=apply_lines,
    check=check_line,
    permission=Permission.PAYMENT_CONFIRM,
    for_sellers=True,
    home_label=N_("Mutasi bank"),
    note=N_("Hanya uang masuk yang disimpan. Mutasi yang sama dua kali, atau bertumpang, masuk satu kali."),
)


# --- what banks put around the table ------------------------------------------------------------------------


def table_in(stream: IO[bytes]) -> IO[bytes]:
    """The table of a statement without what the bank writes before and after it; other files as they are.

    A column without a name beside the amounts that says CR or DB gets its name, a second column of one name
    gets a number, so that they can be chosen.
    """
    content = stream.read(TIDY_BYTES + 1)
    if len(content) > TIDY_BYTES or content.startswith(b"PK"):
        stream.seek(0)
        return stream
    text = _decode(content)
    for delimiter in (";", ",", "\t", "|"):
        try:
            lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
        except csv.Error:
            continue
        head = next((at for at, cells in enumerate(lines[:LONGEST_HEAD]) if _is_header(cells)), None)
        if head is not None:
            return _written(lines[head:])
    stream.seek(0)
    return stream


def _decode(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _is_header(cells: Sequence[str]) -> bool:
    found = set(recognise(STATEMENT, cells))
    return "booked_on" in found and bool(found & {"amount", "credit"})


def _written(lines: list[list[str]]) -> IO[bytes]:
    header, rows = list(lines[0]), lines[1:]
    day_at = recognise(STATEMENT, header)["booked_on"][0]
    while rows and not (day_at < len(rows[-1]) and is_day(rows[-1][day_at])):
        rows.pop()
    seen: dict[str, int] = {}
    for at, name in enumerate(header):
        column = {row[at].strip().upper() for row in rows[:50] if at < len(row) and row[at].strip()}
        if not name.strip() and column and column <= {"CR", "DB", "D", "K", "C"}:
            header[at] = name = "DB/CR"
        seen[name] = seen.get(name, 0) + 1
        if name.strip() and seen[name] > 1:
            header[at] = f"{name} {seen[name]}"
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(header)
    writer.writerows(rows)
    return io.BytesIO(out.getvalue().encode())
