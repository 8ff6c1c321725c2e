"""Files are read by what is in them, within limits, or refused whole with one sentence."""

from __future__ import annotations

import json
import re
import zipfile
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import xlsxwriter
from flask import Flask

from marketplace import i18n
from marketplace.tabular import BadTable, open_table, unguard, write_csv, write_xlsx

LIMIT = 10_000_000


@pytest.fixture(autouse=True)
def _speaking():
    app = Flask(__name__)
    i18n.init_app(app)
    with app.app_context():
        yield


def read(path: Path, limit: int = LIMIT):
    with open_table(path, limit) as table:
        return table.header, list(table.rows)


def write(path: Path, data: bytes | str) -> Path:
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def refused(path: Path, limit: int = LIMIT) -> str:
    with pytest.raises(BadTable) as error:
        read(path, limit)
    assert "\n" not in error.value.message
    return error.value.message


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_csv_of_every_promised_form_is_read(tmp_path, delimiter, encoding):
    text = (
        delimiter.join(["kode", "nama"])
        + "\r\n"
        + delimiter.join(["1", '"Café, ""Solo""\r\nbaris 2"'])
        + "\r\n"
    )
    header, rows = read(write(tmp_path / "x.csv", text.encode(encoding)))
    assert header == ["kode", "nama"]
    assert rows == [(2, ["1", 'Café, "Solo"\r\nbaris 2'])]


def test_line_numbers_are_those_of_the_file(tmp_path):
    _header, rows = read(write(tmp_path / "x.csv", 'a,b\n\n1,"x\ny"\n,\n2,z\n'))
    assert [line for line, _cells in rows] == [3, 6]


def test_an_excel_separator_line_is_obeyed(tmp_path):
    assert read(write(tmp_path / "x.csv", "sep=;\na,x;b\n1,5;2\n"))[0] == ["a,x", "b"]


def test_a_few_broken_bytes_do_not_turn_a_utf8_file_into_windows_1252(tmp_path):
    text = (
        "kode,nama\n" + "".join(f"{n},Café é {n}\n" for n in range(40))
    ).encode() + b"99,rusak \xed\xa0\x80\n"
    _header, rows = read(write(tmp_path / "x.csv", text))
    assert rows[0][1][1] == "Café é 0"
    assert "\udced" in str(rows[-1][1][1])


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("kosong.csv", b""),
        ("spasi.csv", b" \r\n \n"),
        ("bom.csv", b"\xef\xbb\xbf"),
        ("gambar.csv", b"\x89PNG\r\n\x1a\n" + bytes(50)),
        ("gambar.xlsx", b"\xff\xd8\xff\xe0" + bytes(50)),
        ("lama.xls", b"\xd0\xcf\x11\xe0\xa1\xb1" + bytes(600)),
        ("utf16.csv", "kode,nama\n".encode("utf-16")),
        ("surat.csv", b"%PDF-1.7\n"),
        ("web.csv", b"<!doctype html><table>"),
        ("data.csv", b'[{"kode": 1}]'),
        ("acak.csv", bytes(range(256)) * 20),
        ("rusak.xlsx", b"PK\x03\x04" + bytes(100)),
    ],
)
def test_what_is_no_table_is_refused_in_one_sentence(tmp_path, name, data):
    assert refused(write(tmp_path / name, data)).endswith(".")


def test_a_zip_that_is_no_workbook_is_refused(tmp_path):
    path = tmp_path / "arsip.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("halo.txt", "halo")
    assert "ZIP" in refused(path)


def test_a_file_above_the_limit_is_refused(tmp_path):
    assert "MB" in refused(write(tmp_path / "x.csv", "a,b\n" + "1,2\n" * 1000), limit=1000)


def test_a_header_of_a_million_columns_is_refused(tmp_path):
    header = ",".join(f"k{n}" for n in range(1_000_000))
    assert "1000000" in refused(write(tmp_path / "x.csv", header + "\n"))


def test_an_endless_line_is_refused(tmp_path):
    assert "terlalu panjang" in refused(write(tmp_path / "x.csv", b"a" * 20_000_000), limit=10**9)


def test_a_quote_that_is_never_closed_is_refused_with_its_line(tmp_path):
    assert "baris 3" in refused(write(tmp_path / "x.csv", 'a,b\n1,2\n3,"buka\n4,5\n6,7\n'))
    assert "baris 2" in refused(write(tmp_path / "y.csv", 'a,b\n1,"' + "x\n" * 200_000))


# --- XLSX ---------------------------------------------------------------------------------------------------


def workbook(path: Path, fill) -> Path:
    book = xlsxwriter.Workbook(str(path))
    fill(book, book.add_worksheet("Data"))
    book.close()
    return path


def test_xlsx_gives_stored_values_whatever_the_file_is_called(tmp_path):
    def fill(book, sheet):
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        sheet.write_row(0, 0, ["kode", "tanggal", "jumlah", "rumus", "ya"])
        sheet.write_string(1, 0, "=bukan rumus")
        sheet.write_datetime(1, 1, date(2026, 11, 22), day)
        sheet.write_number(1, 2, 12.5)
        sheet.write_formula(1, 3, "=1+1", None, 2)
        sheet.write_boolean(1, 4, True)

    header, rows = read(workbook(tmp_path / "lain.csv", fill))
    assert header == ["kode", "tanggal", "jumlah", "rumus", "ya"]
    assert rows == [(2, ["=bukan rumus", date(2026, 11, 22), 12.5, 2.0, True])]


def test_a_formula_without_a_stored_value_refuses_the_file_and_names_the_cell(tmp_path):
    path = workbook(tmp_path / "x.xlsx", lambda _b, s: (s.write(0, 0, "a"), s.write_formula(2, 1, "=1+1")))
    rewrite(path, lambda xml: xml.replace(b"<v>0</v>", b""))
    assert "B3" in refused(path)


def rewrite(path: Path, change, part: str = "xl/worksheets/sheet1.xml") -> None:
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts[part] = change(parts[part])
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)


def test_a_zip_bomb_is_refused_before_it_unfolds(tmp_path):
    path = workbook(tmp_path / "x.xlsx", lambda _b, s: s.write(0, 0, "a"))
    rewrite(path, lambda xml: xml + b" " * 300_000_000)
    assert "mengembang" in refused(path)


@pytest.mark.parametrize("ref", ["ZZZZ1", "XFD1", "AAA1048576"])
def test_a_cell_far_out_does_not_fill_the_memory(tmp_path, ref):
    path = workbook(tmp_path / "x.xlsx", lambda _b, s: s.write_row(0, 0, ["a", "b"]))
    row = re.sub(r"\D", "", ref)
    cell = f'<row r="{row}"><c r="{ref}"><v>1</v></c></row></sheetData>'.encode()
    rewrite(path, lambda xml: xml.replace(b"</sheetData>", cell))
    if ref == "AAA1048576":
        assert read(path)[1][0][0] == 1_048_576
    else:
        assert "kolom" in refused(path)


def test_entities_in_a_workbook_are_refused(tmp_path):
    path = workbook(tmp_path / "x.xlsx", lambda _b, s: s.write(0, 0, "a"))
    rewrite(path, lambda xml: xml.replace(b"?>", b'?><!DOCTYPE x [<!ENTITY a "b">]>', 1))
    assert refused(path)


@pytest.mark.parametrize("keep", [0.3, 0.6, 0.9])
def test_a_workbook_cut_short_is_refused(tmp_path, keep):
    path = workbook(tmp_path / "x.xlsx", lambda _b, s: [s.write_row(n, 0, ["a", n]) for n in range(500)])
    data = path.read_bytes()
    assert refused(write(path, data[: int(len(data) * keep)]))


def test_many_rows_are_read_across_slices_with_their_numbers(tmp_path):
    def fill(_book, sheet):
        sheet.write_row(0, 0, ["a", "b"])
        for number in range(1, 45_000):
            sheet.write_row(number, 0, [f"t{number}", number])

    header, rows = read(workbook(tmp_path / "x.xlsx", fill))
    assert header == ["a", "b"]
    assert len(rows) == 44_999
    assert all(cells == [f"t{line - 1}", float(line - 1)] for line, cells in rows)


def test_gaps_between_rows_and_columns_are_kept(tmp_path):
    def fill(_book, sheet):
        sheet.write_row(3, 2, ["a", "b"])
        sheet.write_row(900_000, 2, ["x", "y"])

    header, rows = read(workbook(tmp_path / "x.xlsx", fill))
    assert header == ["", "", "a", "b"]
    assert [(line, cells[-2:]) for line, cells in rows] == [(900_001, ["x", "y"])]


def test_a_hidden_first_sheet_is_passed_over(tmp_path):
    def fill(book, sheet):
        other = book.add_worksheet("Lembar2")
        other.write_row(0, 0, ["benar"])
        other.activate()
        sheet.write_row(0, 0, ["tersembunyi"])
        sheet.hide()

    assert read(workbook(tmp_path / "x.xlsx", fill))[0] == ["benar"]


# --- hostile strings ----------------------------------------------------------------------------------------


@pytest.mark.shared
def test_hostile_strings_come_back_as_they_went_out(tmp_path, shared_data):
    texts = json.loads((shared_data / "hostile/blns.json").read_text())
    texts += (shared_data / "hostile/csv-payload.txt").read_text().splitlines()
    path = tmp_path / "x.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        write_csv(stream, ["nomor", "teks"], enumerate(texts))
    assert not re.search(r'^\d+,"?[=+@-]', path.read_text(), re.MULTILINE)
    _header, rows = read(path)
    assert [unguard(str(cells[1])) for _line, cells in rows] == texts


def test_written_xlsx_has_typed_cells_and_no_formulas(tmp_path):
    path = tmp_path / "x.xlsx"
    values = ["=1+1", 12, Decimal("2.50"), date(2026, 11, 22), None, "http://contoh.example", True, 10**16]
    write_xlsx(path, [f"k{n}" for n in range(8)], [values])
    _header, rows = read(path)
    assert rows[0][1] == [
        "=1+1",
        12.0,
        2.5,
        date(2026, 11, 22),
        "",
        "http://contoh.example",
        True,
        str(10**16),
    ]
    with zipfile.ZipFile(path) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")
