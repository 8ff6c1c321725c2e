"""`flask import` and `flask export`: what they print where, exit statuses, files refused whole."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import date

import pytest
from sqlalchemy import func, select

from marketplace.audit import AuditEvent
from marketplace.db import db
from marketplace.importing import ImportRun, kinds
from marketplace.organizations.models import Seller
from marketplace.tabular import open_table, write_xlsx
from tests import factories
from tests.exchange.conftest import write_rows

SELLER = ["seller_ref", "name", "region_code"]
LAWEYAN = factories.LAWEYAN
ROWS = [SELLER, ["U1", "Satu", LAWEYAN], ["U2", "Dua", "99"]]


def count(model) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_the_last_line_says_what_became_of_the_rows(command, tmp_path):
    ran = command("import", "sellers", write_rows(tmp_path / "x.csv", ROWS))
    assert ran.stdout.splitlines()[-1] == "created 1, updated 0, unchanged 0, refused 1"
    assert ran.status == 1
    assert "Baris 3 ditolak, kolom region_code, isi “99”" in ran.stderr


def test_json_is_one_flat_object_and_all_else_goes_to_standard_error(command, tmp_path):
    path = write_rows(tmp_path / "x.csv", [[*SELLER, "catatan"], ["U1", "Satu", LAWEYAN, "x"]])
    ran = command("import", "sellers", path, "--format", "json")
    assert json.loads(ran.stdout) == {"created": 1, "updated": 0, "unchanged": 0, "refused": 0}
    assert "Kolom “catatan” tidak dikenal" in ran.stderr
    assert ran.status == 0


def test_a_dry_run_writes_nothing_at_all(command, tmp_path):
    ran = command("import", "sellers", write_rows(tmp_path / "x.csv", ROWS), "--dry-run", "--format", "json")
    assert ran.counts["created"] == 1
    assert (count(Seller), count(ImportRun), count(AuditEvent)) == (0, 0, 0)


def test_refused_rows_are_written_with_their_errors_and_come_back(command, tmp_path):
    rows = [
        ["Nama", "Kode", "Kelurahan", "tambahan"],
        ["=Dua", "U2", "99", "x, y"],
        ["Satu", "U1", LAWEYAN, ""],
    ]
    command(
        "import", "sellers", write_rows(tmp_path / "x.csv", rows, ";"), "--errors", tmp_path / "errors.csv"
    )
    with (tmp_path / "errors.csv").open(newline="") as file:
        header, refused = list(csv.reader(file))
    assert header == ["Nama", "Kode", "Kelurahan", "tambahan", "error"]
    assert refused[:4] == ["'=Dua", "U2", "99", "x, y"]
    refused[2] = LAWEYAN
    ran = command("import", "sellers", write_rows(tmp_path / "y.csv", [header, refused]), "--format", "json")
    assert ran.counts["created"] == 1
    assert "=Dua" in set(db.session.scalars(select(Seller.name)))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"halo",
        b"\x89PNG\r\n\x1a\n",
        b"name,region_code\nx,y\n",
        b"seller_ref,seller_ref,name,region_code\n",
    ],
)
def test_a_file_refused_whole_is_one_sentence_and_status_2(command, tmp_path, data):
    (tmp_path / "x.csv").write_bytes(data)
    ran = command("import", "sellers", tmp_path / "x.csv", "--format", "json")
    assert ran.status == 2
    assert len(ran.stderr.strip().splitlines()) == 1
    assert count(ImportRun) == 0


def test_a_missing_column_is_named(command, tmp_path):
    ran = command("import", "sellers", write_rows(tmp_path / "x.csv", [["seller_ref", "name"], ["1", "x"]]))
    assert ran.status == 2
    assert "region_code" in ran.stderr


def test_what_breaks_in_the_middle_of_a_file_writes_nothing(command, tmp_path):
    text = (
        "seller_ref,name,region_code\n"
        + "".join(f"U{n},x,{LAWEYAN}\n" for n in range(500))
        + 'U9,"buka,99\nx\n'
    )
    (tmp_path / "x.csv").write_text(text)
    ran = command("import", "sellers", tmp_path / "x.csv")
    assert ran.status == 2
    assert "baris 502" in ran.stderr
    assert count(Seller) == 0


def test_unknown_kinds_and_absent_files_are_said(command, tmp_path):
    assert command("import", "penjual", tmp_path / "x.csv").status == 2
    assert command("import", "sellers", tmp_path / "tidak-ada.csv").status == 2
    assert command("export", "penjual").status == 2
    assert command("import", "template", "penjual").status == 2


def test_headers_swapped_in_any_case_with_synonyms_are_recognised(command, tmp_path):
    rows = [[" ALAMAT ", "Kode Wilayah", "Nama Usaha", "KODE"], ["Jl. Satu", LAWEYAN, "Satu", "U1"]]
    ran = command("import", "sellers", write_rows(tmp_path / "x.csv", rows, "\t"), "--format", "json")
    assert ran.counts["created"] == 1
    assert db.session.scalars(select(Seller)).one().address == "Jl. Satu"


def test_windows_1252_is_read(command, tmp_path):
    (tmp_path / "x.csv").write_bytes(f"kode;nama;wilayah\nU1;Café Olé;{LAWEYAN}\n".encode("cp1252"))
    command("import", "sellers", tmp_path / "x.csv")
    assert db.session.scalars(select(Seller.name)).one() == "Café Olé"


def test_xlsx_with_real_dates_and_numbers_is_read(command, tmp_path):
    header = [*SELLER, "verified_on", "capital_rupiah", "nib"]
    write_xlsx(tmp_path / "x.xlsx", header, [[1, "Satu", LAWEYAN, date(2024, 3, 15), 1500, "1234567890123"]])
    ran = command("import", "sellers", tmp_path / "x.xlsx", "--format", "json")
    assert ran.counts["created"] == 1
    assert db.session.scalars(select(Seller.seller_ref)).one() == "1"


def test_every_kind_has_a_form_that_lists_synonyms_and_reads_back(command, tmp_path):
    for kind in kinds():
        text = command("import", "template", kind.name).stdout
        header, example = list(csv.reader(io.StringIO(text)))
        assert header == list(kind.column_names)
        assert len(example) == len(header)
        path = tmp_path / f"{kind.name}.xlsx"
        command("import", "template", kind.name, "--format", "xlsx", "--output", path)
        with open_table(path, 10**7) as table:
            assert table.header == header
        assert all(column.meaning and column.synonyms for column in kind.columns)


def test_the_example_rows_go_in_together(command, tmp_path):
    for name in ("regulations", "sellers", "outlets", "products", "agreements"):
        path = tmp_path / f"{name}.csv"
        command("import", "template", name, "--output", path)
        ran = command("import", name, path, "--format", "json")
        assert (ran.status, ran.counts["created"]) == (0, 1), (name, ran.stderr)
        assert command("import", name, path, "--format", "json").counts["unchanged"] == 1


def test_an_import_leaves_one_line_in_the_audit_log(command, tmp_path):
    command("import", "sellers", write_rows(tmp_path / "x.csv", ROWS))
    event = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "import.finished")).one()
    assert event.changes["after"]["created"] == 1
    assert event.changes["after"]["status"] == "done"


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_every_export_comes_back_unchanged(command, tmp_path, file_format):
    seller = factories.seller(
        "U1",
        name="'=bukan rumus",
        owner_nik="3372014203850001",
        npwp="012345674123000",
        address="satu\r\ndua",
        capital_rupiah=2**62,
    )
    factories.seller("U2", name="-Dua", closed_on=date(2026, 1, 1))
    outlet = factories.outlet("T1", floor_area_m2=12, latitude="-7.561022", longitude="110.822317", stars=0)
    factories.product(seller, "=S1", description="@awal\n\nakhir")
    factories.agreement(outlet, seller, commission_percent="12.50", terminated_on=date(2026, 2, 1))
    factories.agreement(outlet, seller, state="proposed", starts_on=date(2027, 1, 1))
    factories.regulation(valid_to=date(2030, 1, 1), citation="Perda; “contoh”")
    for kind, rows in {"regulations": 1, "sellers": 2, "outlets": 1, "products": 1, "agreements": 1}.items():
        path = tmp_path / f"{kind}.{file_format}"
        assert command("export", kind, "--format", file_format, "--output", path).status == 0
        ran = command("import", kind, path, "--format", "json")
        assert ran.counts == {"created": 0, "updated": 0, "unchanged": rows, "refused": 0}, (kind, ran.stderr)


def test_an_export_to_standard_output_is_the_table_alone(command):
    factories.seller("U1", owner_nik="3372014203850001", npwp="012345674123000")
    factories.seller("U2", region_code="12.71.01.1001")
    rows = list(csv.DictReader(io.StringIO(command("export", "sellers", "--region", "33.72").stdout)))
    assert [row["seller_ref"] for row in rows] == ["U1"]
    assert re.fullmatch(r"3372\*+", rows[0]["owner_nik"])
    assert "*" in rows[0]["npwp"]
    assert not list(csv.DictReader(io.StringIO(command("export", "sellers", "--region", "33.7").stdout)))
