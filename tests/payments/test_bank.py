"""A bank's word: statements come in once however often they are sent; a line is one payment at most."""

from __future__ import annotations

import itertools
import re
from datetime import UTC, date, datetime
from functools import partial
from io import BytesIO

import pytest
from flask import Flask
from sqlalchemy import func, select

from marketplace import clock, outbox
from marketplace.db import db, unit_of_work
from marketplace.errors import Forbidden, MarketplaceError, NotFound, RuleBroken
from marketplace.importing import ImportRun
from marketplace.payments.models import BankLine, Payment, PaymentMethod
from marketplace.payments.queries.bank import matching_of
from marketplace.payments.rules import PaymentVerb
from marketplace.payments.rules.matching import transfer_code
from marketplace.payments.services.bank import match_bills, match_payment, match_sure, set_aside
from marketplace.permissions import Role
from tests import factories as make
from tests.payments.support import TODAY, Pair, page_of, photo, text_of
from tests.support.signing import sign_in
from tests.support.together import at_once

BCA = (
    "Informasi Rekening - Mutasi\r\nNo. rekening : 0123456789\r\n"
    "Tanggal Transaksi,Keterangan,Cabang,Jumlah,,Saldo\r\n"
    "'20/11,{text},'0000,\"50,000.00\",CR,150000.00\r\n"
    "'20/11,SETORAN TUNAI,'0000,\"25,000.00\",CR,175000.00\r\n"
    "'20/11,SETORAN TUNAI,'0000,\"25,000.00\",CR,200000.00\r\n"
    "'21/11,BIAYA ADM,'0000,\"15,000.00\",DB,185000.00\r\n"
    "Saldo Awal,:,100000.00\r\n"
)
BRI = "TGL_TRAN;DESK_TRAN;MUTASI_DEBET;MUTASI_KREDIT;SALDO_AKHIR\n{rows}"
MANDIRI = (
    '"Account No","Date","Val. Date","Transaction Code","Description","Description","Reference No.",'
    '"Debit","Credit"\n'
    '"0123","20/11/26","20/11/26","8821","TRANSFER","{text}","FT26326ABC","","75,000.00"\n'
    '"0123","21/11/26","21/11/26","7001","BIAYA","","","5,000.00",""\n'
)

_hashes = itertools.count(1)


@pytest.fixture
def pair(app: Flask) -> Pair:
    """A bill of 50,000, reported as paid by transfer on 20 November."""
    found = Pair()
    found.bill(50_000)
    return found


def report(pair, amount=50_000, day=date(2026, 11, 20), **more):
    return pair.pay("invoice", amount, method=PaymentMethod.BANK_TRANSFER, proof=photo(), on=day, **more)


def send(client, text, name="mutasi.csv"):
    """Send a statement through all steps; answers the run."""
    data = {"file": (BytesIO(text.encode()), name)}
    answer = client.post("/payments/bank/files/new", data=data, content_type="multipart/form-data")
    assert answer.status_code == 302, answer.get_data(as_text=True)
    path = answer.headers["Location"]
    page = page_of(client, path)
    form = dict(
        re.findall(r'<select[^>]*name="(map-[a-z_]+)".*?<option value="([^"]*)" selected', page, re.S)
    )
    answer = client.post(f"{path}/columns", data=form)
    assert answer.status_code == 302, text_of(answer.get_data(as_text=True))
    while outbox.drain():
        pass
    assert client.post(f"{path}/confirm").status_code == 302
    while outbox.drain():
        pass
    db.session.rollback()
    return db.session.scalars(select(ImportRun).order_by(ImportRun.id.desc())).first()


def lines():
    db.session.rollback()
    query = select(BankLine.booked_on, BankLine.amount_rupiah, BankLine.description)
    return [tuple(row) for row in db.session.execute(query.order_by(BankLine.id))]


def line_of(pair, amount=50_000, text="", day=date(2026, 11, 20)):
    """A line, as an import writes it."""
    with unit_of_work() as session:
        row = BankLine(
            seller_id=pair.maker.id, line_hash=f"h{next(_hashes)}", booked_on=day, amount_rupiah=amount,
            description=text, reference="", is_set_aside=False, imported_at=clock.now(),
        )  # fmt: skip
        session.add(row)
        session.flush()
        return row.id


# --- the file ----------------------------------------------------------------------------------------------


def test_a_statement_comes_in_once_however_often_it_is_sent(app, pair):
    client = sign_in(app.test_client(), pair.seller)
    run = send(client, BCA.format(text="TRSF E-BANKING CR PT RUKUN"))
    assert (run.status, run.created, run.unchanged, run.refused) == ("done", 3, 1, 0)
    assert lines() == [
        (date(2026, 11, 20), 50_000, "TRSF E-BANKING CR PT RUKUN"),
        (date(2026, 11, 20), 25_000, "SETORAN TUNAI"),
        (date(2026, 11, 20), 25_000, "SETORAN TUNAI"),
    ]
    again = send(client, BCA.format(text="TRSF E-BANKING CR PT RUKUN"))
    assert (again.created, again.unchanged) == (0, 4)
    assert len(lines()) == 3


def test_overlapping_statements_bring_each_line_once(app, pair):
    client = sign_in(app.test_client(), pair.seller)
    row = "{day}/11/26;SETOR;;{amount};1.000.000,00\n"
    first = "".join(row.format(day=day, amount="10.000,00") for day in (18, 19, 19))
    second = "".join(row.format(day=day, amount="10.000,00") for day in (19, 19, 19, 20))
    assert send(client, BRI.format(rows=first)).created == 3
    assert send(client, BRI.format(rows=second)).created == 2
    assert sorted(day.day for day, _amount, _text in lines()) == [18, 19, 19, 19, 20]


def test_two_columns_of_one_name_and_separate_debits_are_read(app, pair):
    client = sign_in(app.test_client(), pair.seller)
    run = send(client, MANDIRI.format(text="BAYAR ET22222"))
    assert (run.created, run.unchanged) == (1, 1)
    assert lines() == [(date(2026, 11, 20), 75_000, "TRANSFER BAYAR ET22222")]


def test_hostile_descriptions_are_text(app, pair):
    hostile = "<script>alert(1)</script> =HYPERLINK(1) '; DROP TABLE bank_lines; -- %s {{ 7*7 }}"
    client = sign_in(app.test_client(), pair.seller)
    send(client, BCA.format(text=f'"{hostile}"'))
    assert lines()[0][2] == hostile
    shown = page_of(client, "/payments/bank")
    assert "<script>alert(1)" not in shown
    assert "{{ 7*7 }}" in shown
    csv = client.get("/payments/bank?format=csv").get_data(as_text=True)
    assert "\n=HYPERLINK" not in csv


def test_a_file_that_is_no_statement_is_refused_with_a_sentence(app, pair):
    client = sign_in(app.test_client(), pair.seller)
    for content in (b"", b"<html></html>", b"%PDF-1.7"):
        data = {"file": (BytesIO(content), "mutasi.csv")}
        answer = client.post("/payments/bank/files/new", data=data, content_type="multipart/form-data")
        assert answer.status_code == 422
    answer = client.post("/payments/bank/files/new", data={})
    assert "Pilih berkasnya" in answer.get_data(as_text=True)


def test_a_table_without_a_day_is_answered_in_words_of_a_seller_not_of_the_file(app, pair):
    client = sign_in(app.test_client(), pair.seller)
    data = {"file": (BytesIO(b"halo;ini;bukan\n1;2;3\n"), "mutasi.csv")}
    answer = client.post("/payments/bank/files/new", data=data, content_type="multipart/form-data")
    chosen = page_of(client, answer.headers["Location"])
    assert "atau tulis isi tetap: Hari uang dibukukan." in chosen
    refused = client.post(f"{answer.headers['Location']}/columns", data={}).get_data(as_text=True)
    assert "Kolom wajib tidak ada: Hari uang dibukukan." in refused
    assert "<code>" not in refused


def test_only_the_sellers_managers_see_and_send_statements(app, pair):
    key = line_of(pair)
    stranger = sign_in(app.test_client(), Pair().seller)
    assert stranger.get(f"/payments/bank/{key}").status_code == 404
    assert "Belum ada mutasi" in page_of(stranger, "/payments/bank")
    for actor in (pair.buyer, make.member(Role.SELLER_STAFF, seller_id=pair.maker.id), make.officer()):
        client = sign_in(app.test_client(), actor)
        assert client.get("/payments/bank").status_code == 403
        assert client.get("/payments/bank/files").status_code == 403


# --- matching ----------------------------------------------------------------------------------------------


def test_a_match_confirms_the_reported_payment_once(pair):
    row, key = report(pair), line_of(pair)
    assert [one.is_sure for one in matching_of(pair.seller).sure] == [True]
    match_payment(actor=pair.seller, line_id=key, payment_id=row.id)
    match_payment(actor=pair.seller, line_id=key, payment_id=row.id)
    assert pair.balances() == {"received": 50_000, "sales": -50_000}
    other = line_of(pair)
    with pytest.raises(RuleBroken) as refused:
        match_payment(actor=pair.seller, line_id=other, payment_id=row.id)
    assert refused.value.code == "payment_matched"


def test_a_line_pays_a_bill_that_nobody_reported(pair):
    bill = pair.payables()["invoice"]
    key = line_of(pair, text=f"BAYAR {transfer_code(bill.id)}", day=TODAY)
    assert match_sure(actor=pair.seller) == 1
    db.session.rollback()
    payment = db.session.query(Payment).one()
    assert (payment.state, payment.method, payment.amount_rupiah) == ("confirmed", "bank_transfer", 50_000)
    assert payment.confirmed_on == date(2026, 11, 22)
    assert db.session.get_one(BankLine, key).payment_id == payment.id
    with pytest.raises(RuleBroken):
        match_bills(actor=pair.seller, line_id=key, payable_ids=[bill.id])


def test_part_of_a_bill_may_be_paid_by_hand_but_never_more_than_is_owed(pair):
    bill = pair.payables()["invoice"]
    match_bills(actor=pair.seller, line_id=line_of(pair, 20_000), payable_ids=[bill.id])
    assert pair.payables()["invoice"].open_rupiah == 30_000
    with pytest.raises(RuleBroken):
        match_bills(actor=pair.seller, line_id=line_of(pair, 30_001), payable_ids=[bill.id])


def test_two_bills_of_one_buyer_are_paid_by_one_line(pair):
    more = Pair(pair.maker, pair.operator)
    more.bill(25_000)
    keys = sorted((pair.payables()["invoice"].id, more.payables()["invoice"].id))
    key = line_of(pair, 75_000, transfer_code(keys[1]), day=TODAY)
    proposal = matching_of(pair.seller).sure[0]
    assert (proposal.line_id, sorted(proposal.candidate.payable_ids)) == (key, keys)
    assert match_sure(actor=pair.seller) == 1
    assert pair.balances()["received"] == 75_000


def test_another_amount_is_another_payment(pair):
    row, key = report(pair, 49_000), line_of(pair)
    with pytest.raises(RuleBroken) as refused:
        match_payment(actor=pair.seller, line_id=key, payment_id=row.id)
    assert refused.value.code == "amount_differs"


def test_a_line_waits_again_when_its_payment_turns_out_not_to_have_come(pair):
    row, key = report(pair), line_of(pair)
    match_payment(actor=pair.seller, line_id=key, payment_id=row.id)
    pair.answer(row, PaymentVerb.REVERSE)
    db.session.rollback()
    assert db.session.get_one(BankLine, key).payment_id is None
    bill = pair.payables()["invoice"]
    match_bills(actor=pair.seller, line_id=key, payable_ids=[bill.id])
    pair.answer(
        db.session.get_one(Payment, db.session.get_one(BankLine, key).payment_id), PaymentVerb.REVERSE
    )
    match_bills(actor=pair.seller, line_id=key, payable_ids=[bill.id])
    assert pair.balances() == {"received": 50_000, "sales": -50_000}


def test_a_line_of_long_ago_is_left_and_keeps_no_other_from_being_matched(pair):
    with clock.frozen(datetime(2025, 10, 1, 5, tzinfo=UTC)):
        old = Pair(pair.maker)
        old.bill(33_000)
    line_of(pair, 33_000, transfer_code(old.payables()["invoice"].id), day=date(2025, 10, 2))
    report(pair)
    key = line_of(pair)
    assert match_sure(actor=pair.seller) == 1
    assert db.session.get_one(BankLine, key).payment_id is not None


def test_what_a_buyer_types_as_its_key_is_no_lines_key(app, pair):
    key, bill = line_of(pair, 10_000), pair.payables()["invoice"]
    said = {
        "key": f"bank-line:{key}:1", "bills": str(bill.id), "amount_rupiah": "1", "method": "cash",
        "paid_on": "2026-11-22",
    }  # fmt: skip
    assert sign_in(app.test_client(), pair.buyer).post("/payments/new", data=said).status_code == 302
    match_bills(actor=pair.seller, line_id=key, payable_ids=[bill.id])
    assert pair.balances() == {"received": 10_000, "transit": 1, "owed": 39_999, "sales": -50_000}


def test_a_line_set_aside_is_proposed_no_more_until_it_is_taken_back(pair):
    report(pair)
    key = line_of(pair)
    set_aside(actor=pair.seller, line_id=key, is_aside=True)
    assert not matching_of(pair.seller).proposals
    set_aside(actor=pair.seller, line_id=key, is_aside=False)
    assert match_sure(actor=pair.seller) == 1
    with pytest.raises(RuleBroken):
        set_aside(actor=pair.seller, line_id=key, is_aside=True)


def test_strangers_match_nothing(pair):
    row, key = report(pair), line_of(pair)
    stranger = Pair()
    with pytest.raises(NotFound):
        match_payment(actor=stranger.seller, line_id=key, payment_id=row.id)
    with pytest.raises(NotFound):
        match_payment(actor=stranger.seller, line_id=line_of(stranger), payment_id=row.id)
    with pytest.raises(NotFound):
        match_bills(
            actor=stranger.seller, line_id=line_of(stranger), payable_ids=[pair.payables()["invoice"].id]
        )
    with pytest.raises(Forbidden):
        match_payment(actor=pair.buyer, line_id=key, payment_id=row.id)


def test_of_two_lines_and_one_payment_at_once_one_line_is_the_payment(app, pair):
    row, a, b = report(pair), line_of(pair), line_of(pair)
    answers = at_once(
        app,
        *(partial(match_payment, actor=pair.seller, line_id=key, payment_id=row.id) for key in (a, b, a, b)),
    )
    assert sum(isinstance(answer, MarketplaceError) for answer in answers) == 2
    matched = select(func.count()).select_from(BankLine).where(BankLine.payment_id.is_not(None))
    assert db.session.scalar(matched) == 1


def test_of_two_matches_of_one_line_with_a_bill_at_once_one_pays(app, pair):
    key, bill = line_of(pair, 20_000), pair.payables()["invoice"].id
    act = partial(match_bills, actor=pair.seller, line_id=key, payable_ids=[bill])
    answers = at_once(app, act, act, act)
    assert sum(isinstance(answer, MarketplaceError) for answer in answers) == 2
    assert pair.balances()["received"] == 20_000


def test_the_seller_clicks_through_its_lines(app, pair):
    row = report(pair)
    sure, other = line_of(pair), line_of(pair, 10_000, "LAIN-LAIN")
    client = sign_in(app.test_client(), pair.seller)
    shown = page_of(client, "/payments/bank")
    assert "1 uang masuk siap dibenarkan" in text_of(shown)
    assert "Benarkan 1 yang pasti" in text_of(shown)
    assert str(pair.operator.name) in shown
    assert "jumlahnya sama" in text_of(page_of(client, f"/payments/bank/{sure}"))
    assert client.post("/payments/bank/sure").status_code == 302
    assert "Sudah cocok" in text_of(page_of(client, "/payments/bank?state=matched"))
    assert f"/payments/{row.id}" in page_of(client, f"/payments/bank/{sure}")
    assert client.post(f"/payments/bank/{other}/aside", data={"aside": "1"}).status_code == 302
    assert "Disisihkan" in text_of(page_of(client, "/payments/bank?state=aside&q=lain"))
    assert client.post(f"/payments/bank/{other}/match", data={"bills": "zzz"}).status_code == 404
