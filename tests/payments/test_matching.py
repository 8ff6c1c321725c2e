"""Bank statements as Indonesian banks write them, and which line is which payment."""

from __future__ import annotations

import io
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.importing.values import BadValue
from marketplace.payments.imports.bank import table_in
from marketplace.payments.imports.cells import bank_amount, bank_day, direction
from marketplace.payments.rules.matching import Candidate, Line, Reason, propose, transfer_code

DAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("text", "rupiah", "way"),
    [
        ("1.234.567,00", 1_234_567, ""),
        ("1,234,567.00", 1_234_567, ""),
        ("1234567", 1_234_567, ""),
        ("1.234", 1_234, ""),
        ("1,234", 1_234, ""),
        ("50,000.00 CR", 50_000, "in"),
        ("50.000,00 DB", 50_000, "out"),
        ("Rp 75.000", 75_000, ""),
        ("-75.000,00", 75_000, "out"),
        ("'25000.00", 25_000, ""),
        ("100.000,50 K", 100_000, "in"),
        (1_500_000.0, 1_500_000, ""),
        (-20_000, 20_000, "out"),
        ("0,00", 0, ""),
    ],
)
def test_amounts_in_the_forms_of_the_banks(text, rupiah, way):
    amount = bank_amount(text)
    assert (amount.rupiah, amount.way) == (rupiah, way)


@pytest.mark.parametrize(
    "text", ["", "abc", "1.2.3", "12,34,567", "1e9", "=1+1", "99999999999999", "1..000", "5 XX"]
)
def test_what_is_no_amount_is_refused(text):
    with pytest.raises(BadValue):
        bank_amount(text)


@given(rupiah=st.integers(0, 10**12))
def test_an_amount_reads_the_same_in_both_notations(rupiah):
    english = f"{rupiah:,}"
    for text in (f"{english}.00", english.replace(",", ".") + ",00", english, english.replace(",", ".")):
        assert bank_amount(text).rupiah == rupiah


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("22/11/2026", date(2026, 11, 22)),
        ("22/11/26", date(2026, 11, 22)),
        ("2026-11-22", date(2026, 11, 22)),
        ("22-Nov-2026", date(2026, 11, 22)),
        ("22 Okt 2026", date(2026, 10, 22)),
        ("5 Mei 26", date(2026, 5, 5)),
        ("20261122", date(2026, 11, 22)),
        ("22/11/2026 13:45:10", date(2026, 11, 22)),
        ("'22/11/2026", date(2026, 11, 22)),
        ("22/11", date(2026, 11, 22)),
        ("23/11", date(2025, 11, 23)),
    ],
)
def test_days_in_the_forms_of_the_banks(app, text, day):
    assert bank_day(text) == day


@pytest.mark.parametrize("text", ["PEND", "31/02/2026", "30/02", "22-Foo-2026", "SALDO AWAL", ""])
def test_what_is_no_day_is_refused(app, text):
    with pytest.raises(BadValue):
        bank_day(text)


def test_ways_of_saying_in_and_out():
    assert [direction(word) for word in ("CR", "'K", "kredit", "DB", "D", "Debet")] == ["in"] * 3 + [
        "out"
    ] * 3
    with pytest.raises(BadValue):
        direction("?")


def test_the_table_of_a_statement_is_found_among_what_the_bank_writes_around_it():
    statement = (
        "No. rekening : 0123456789\r\nNama : BU SRI\r\n\r\n"
        "Tanggal Transaksi,Keterangan,Cabang,Jumlah,,Saldo\r\n"
        "'20/11,TRSF E-BANKING CR ET2222B,'0000,50000.00,CR,150000.00\r\n"
        "'21/11,BIAYA ADM,'0000,15000.00,DB,135000.00\r\n"
        "Saldo Awal,:,100000.00\r\nMutasi Kredit,:,50000.00,1\r\n"
    )
    text = table_in(io.BytesIO(statement.encode("cp1252"))).read().decode()
    lines = text.splitlines()
    assert lines[0] == "Tanggal Transaksi,Keterangan,Cabang,Jumlah,DB/CR,Saldo"
    assert len(lines) == 3
    other = b"satu,dua\n1,2\n"
    assert table_in(io.BytesIO(other)).read() == other
    twice = b"Date;Description;Description;Credit;Debit\n20/11/26;A;B;1.000,00;\n"
    assert table_in(io.BytesIO(twice)).read().startswith(b"Date,Description,Description 2,Credit")
    assert table_in(io.BytesIO(b"PK\x03\x04rest")).read() == b"PK\x03\x04rest"


# --- matching ----------------------------------------------------------------------------------------------


def report(key, amount, day=DAY, **more):
    return Candidate(key, (), amount, day - timedelta(days=1), day + timedelta(days=7), **more)


def owed(key, amount, **more):
    return Candidate(None, (key,), amount, DAY - timedelta(days=30), DAY + timedelta(days=7), **more)


def line(key, amount, text="", day=DAY):
    return Line(key, day, amount, text)


def best(lines, candidates):
    found = propose(lines, candidates)
    return {
        key: (rows[0].candidate.payment_id or rows[0].candidate.payable_ids, rows[0].is_sure, rows[0].reasons)
        for key, rows in found.items()
    }


def test_a_lone_report_of_the_same_amount_is_sure_and_another_amount_is_nothing():
    assert best([line(1, 50_000)], [report(7, 50_000)]) == {1: (7, True, (Reason.ONLY_AMOUNT,))}
    assert best([line(1, 50_001)], [report(7, 50_000)]) == {}


def test_two_lines_or_two_reports_of_one_amount_are_not_sure_without_a_name():
    assert not best([line(1, 50_000), line(2, 50_000)], [report(7, 50_000)])[1][1]
    assert not best([line(1, 50_000)], [report(7, 50_000), report(8, 50_000)])[1][1]


def test_the_code_in_the_message_decides_between_equal_amounts():
    a, b = (report(7, 50_000, codes=(transfer_code(7),)), report(8, 50_000, codes=(transfer_code(8),)))
    text = f"TRSF E-BANKING CR 2011/FTSCY {transfer_code(8).lower()} PT RUKUN"
    assert best([line(1, 50_000, text)], [a, b]) == {1: (8, True, (Reason.CODE,))}


def test_two_lines_with_one_code_are_left_to_the_seller():
    one = report(7, 50_000, codes=(transfer_code(7),))
    found = best([line(1, 50_000, transfer_code(7)), line(2, 50_000, transfer_code(7))], [one])
    assert [found[1][1], found[2][1]] == [False, False]


def test_a_bill_nobody_reported_is_sure_only_when_it_is_named():
    bill = owed(3, 75_000, numbers=("PO/2026/0001",))
    assert not best([line(1, 75_000, "SETORAN TUNAI")], [bill])[1][1]
    assert best([line(1, 75_000, "bayar PO-2026 0001")], [bill])[1] == ((3,), True, (Reason.NUMBER,))
    assert not best([line(1, 75_000, "PO/2026/00012")], [bill])[1][1]
    assert not best([line(1, 75_000, "XPO/2026/0001")], [bill])[1][1]


def test_a_reference_counts_only_when_it_is_long_enough():
    assert best([line(1, 9_000, "FT26326ABC")], [report(7, 9_000, reference="FT26326ABC"), report(8, 9_000)])[
        1
    ][:2] == (7, True)
    assert not best([line(1, 9_000, "lunas")], [report(7, 9_000, reference="lunas"), report(8, 9_000)])[1][1]


def test_money_of_another_week_is_not_proposed():
    assert best([line(1, 50_000, day=DAY + timedelta(days=8))], [report(7, 50_000)]) == {}
    assert best([line(1, 50_000, day=DAY - timedelta(days=2))], [report(7, 50_000)]) == {}


def test_transfer_codes_are_each_bills_own_and_a_slip_of_the_pen_is_no_other_bills():
    codes = {transfer_code(key) for key in range(1, 5000)}
    assert len(codes) == 4999
    assert all(code.isalnum() and len(code) == 7 for code in codes)
    code = transfer_code(1234)
    for place in range(2, 7):
        for letter in "23456789ABCDEFGHJKLMNPQRSTUVWXYZ":
            other = code[:place] + letter + code[place + 1 :]
            assert other == code or other not in codes


@given(text=st.text(max_size=300), amount=st.integers(1, 10))
def test_whatever_a_description_says_it_is_text(text, amount):
    candidates = [report(7, amount, codes=(transfer_code(7),), reference=text, numbers=(text,))]
    found = propose([Line(1, DAY, amount, text)], candidates)
    assert list(found) == [1]
