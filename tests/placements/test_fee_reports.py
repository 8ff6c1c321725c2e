"""A seller tells the office of a fee that a store asked for; the store never learns of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from marketplace.audit import AuditEvent
from marketplace.db import db, unit_of_work
from marketplace.errors import Forbidden, InvalidInput, NotFound, RuleBroken
from marketplace.permissions import Actor, Role
from marketplace.placements.models import FeeReport
from marketplace.placements.queries import fee_reports as reads
from marketplace.placements.services.fee_reports import AskedFee, close, report_fee, take_up
from tests import factories as make
from tests.placements.goods_support import TODAY, agree, mails
from tests.support.signing import sign_in

STORY = "Manajer toko meminta lewat pesan.\nKalau tidak dibayar, barang diturunkan."


@pytest.fixture
def agreement_id(parties: Any) -> int:
    return agree(parties)


def asked(agreement_id: int, **changes: Any) -> AskedFee:
    """A fee that was asked for yesterday."""
    return replace(AskedFee(agreement_id, 750_000, TODAY - timedelta(days=1), STORY), **changes)


def events() -> list[tuple[str, str, int | None]]:
    """What the audit log holds of reports: act, kind of its subject, who."""
    query = select(AuditEvent).where(AuditEvent.action.startswith("fee_report."))
    rows = db.session.scalars(query.order_by(AuditEvent.id))
    return [(row.action, row.subject_kind, row.user_id) for row in rows]


def test_a_report_goes_to_the_office_and_its_answer_to_the_seller(parties, agreement_id):
    officer = make.officer()
    row = report_fee(actor=parties.maker, asked=asked(agreement_id))
    assert (row.state, row.amount_rupiah, row.body) == ("new", 750_000, STORY)
    assert reads.count_by_state(officer) == {"new": 1}
    assert take_up(actor=officer, report_id=row.id).state == "looking"
    assert take_up(actor=officer, report_id=row.id).taken_by == officer.user_id
    done = close(actor=officer, report_id=row.id, answer=" Toko mencabut permintaannya. ")
    assert (done.state, done.answer, done.closed_by) == (
        "closed", "Toko mencabut permintaannya.", officer.user_id,
    )  # fmt: skip
    for again in (
        lambda: take_up(actor=officer, report_id=row.id),
        lambda: close(actor=officer, report_id=row.id, answer="lagi"),
    ):
        with pytest.raises(RuleBroken):
            again()
    assert events() == [
        ("fee_report.made", "fee_reports", parties.maker.user_id),
        ("fee_report.taken_up", "fee_reports", officer.user_id),
        ("fee_report.closed", "fee_reports", officer.user_id),
    ]
    assert [mails().count(one) for one in ("fee_report_made", "fee_report_closed")] == [1, 1]


def test_sent_twice_it_is_one_report(parties, agreement_id):
    first = report_fee(actor=parties.maker, asked=asked(agreement_id, client_key="kunci-1"))
    assert report_fee(actor=parties.maker, asked=asked(agreement_id, client_key="kunci-1")).id == first.id
    assert report_fee(actor=parties.maker, asked=asked(agreement_id, client_key="kunci-2")).id != first.id


def readers(parties: Any) -> dict[str, Actor]:
    """Everybody who might look."""
    return {
        "maker": parties.maker,
        "store": parties.buyer,
        "officer": make.officer(),
        "coach": make.officer(Role.COACH),
        "far office": make.officer(region_code="35.78"),
        "another maker": make.member(Role.SELLER_OWNER, seller_id=make.seller().id),
    }


def test_only_that_seller_and_the_office_of_the_place_read_it(parties, agreement_id):
    row = report_fee(actor=parties.maker, asked=asked(agreement_id))
    seen = {
        name: (
            reads.report_page(actor, row.id) is not None,
            len(reads.reports_of(actor)),
            len(reads.reports_on(actor, agreement_id)),
        )
        for name, actor in readers(parties).items()
    }
    yes, no = (True, 1, 1), (False, 0, 0)
    assert seen == {
        "maker": yes, "store": no, "officer": yes, "coach": yes, "far office": no, "another maker": no,
    }  # fmt: skip


def test_only_the_seller_reports_and_only_an_officer_of_the_place_answers(parties, agreement_id):
    row = report_fee(actor=parties.maker, asked=asked(agreement_id))
    others = readers(parties)
    for name in ("store", "another maker"):
        with pytest.raises(NotFound):
            report_fee(actor=others[name], asked=asked(agreement_id))
    with pytest.raises(NotFound):
        report_fee(actor=parties.maker, asked=asked(10**9))
    with pytest.raises(Forbidden):
        report_fee(actor=others["officer"], asked=asked(agreement_id))
    for name, refusal in (
        ("maker", Forbidden),
        ("store", Forbidden),
        ("coach", Forbidden),
        ("far office", NotFound),
    ):
        for act in (
            lambda actor: take_up(actor=actor, report_id=row.id),
            lambda actor: close(actor=actor, report_id=row.id, answer="Baik."),
        ):
            with pytest.raises(refusal):
                act(others[name])
    assert reads.count_by_state(parties.maker) == {"new": 1}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"amount_rupiah": 0}, "amount_rupiah"),
        ({"amount_rupiah": 10**15}, "amount_rupiah"),
        ({"asked_on": TODAY + timedelta(days=1)}, "asked_on"),
        ({"body": " \n"}, "body"),
        ({"body": "x" * 4001}, "body"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(parties, agreement_id, changes, field):
    with pytest.raises(InvalidInput) as refused:
        report_fee(actor=parties.maker, asked=asked(agreement_id, **changes))
    assert set(refused.value.fields) == {field}
    assert db.session.scalar(select(FeeReport.id)) is None


def test_an_answer_cannot_be_empty(parties, agreement_id):
    officer, row = make.officer(), report_fee(actor=parties.maker, asked=asked(agreement_id))
    with pytest.raises(InvalidInput):
        close(actor=officer, report_id=row.id, answer=" \n ")
    with pytest.raises(IntegrityError), unit_of_work() as session:
        session.get_one(FeeReport, row.id).state = "closed"


def test_a_seller_tells_by_the_agreement_s_page_and_the_store_sees_no_trace(
    client: FlaskClient, parties, agreement_id
):
    page = f"/agreements/{agreement_id}"
    sign_in(client, parties.maker)
    assert "Laporkan ke Dinas" in client.get(page).get_data(as_text=True)
    form = {"amount_rupiah": "750.000", "asked_on": TODAY.isoformat(), "body": "", "key": "kunci-1"}
    assert "Tulis siapa yang meminta" in client.post(f"{page}/fee", data=form).get_data(as_text=True)
    told = client.post(f"{page}/fee", data=form | {"body": STORY}, follow_redirects=True)
    assert "Rp750.000" in told.get_data(as_text=True)
    assert "tidak boleh diminta dari usaha ini" in told.get_data(as_text=True)
    (row,) = reads.reports_of(parties.maker)
    address = f"/fee-reports/{row.report.id}"
    assert address in client.get(page).get_data(as_text=True)
    sign_in(client, parties.buyer)
    assert client.get(address).status_code == 404
    assert client.get("/fee-reports").status_code == 404
    assert client.post(f"{page}/fee", data=form | {"body": STORY}).status_code == 404
    shown = client.get(page).get_data(as_text=True)
    assert "750.000" not in shown
    assert "Dinas</a>" not in shown
    assert "/fee" not in shown


def test_the_office_finds_it_in_its_list_and_answers(client: FlaskClient, parties, agreement_id):
    row = report_fee(actor=parties.maker, asked=asked(agreement_id))
    address = f"/fee-reports/{row.id}"
    sign_in(client, make.officer())
    assert "1 laporan biaya belum ditelusuri" in client.get("/fee-reports").get_data(as_text=True)
    assert address in client.get(f"/agreements/{agreement_id}").get_data(as_text=True)
    assert "Tidak ada yang cocok" in client.get("/fee-reports?state=closed").get_data(as_text=True)
    assert "750000" in client.get("/fee-reports?format=csv").get_data(as_text=True)
    assert "Mulai telusuri" in client.get(address).get_data(as_text=True)
    looked = client.post(f"{address}/take-up", follow_redirects=True).get_data(as_text=True)
    assert "Sedang ditelusuri" in looked
    assert client.post(f"{address}/close", data={"answer": ""}).status_code == 422
    done = client.post(f"{address}/close", data={"answer": "Sudah ditegur."}, follow_redirects=True)
    assert "Sudah ditegur." in done.get_data(as_text=True)
    sign_in(client, parties.maker)
    assert "Sudah ditegur." in client.get(address).get_data(as_text=True)
