"""The written agreement, reminders, and leave to replace a seller that counts."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace import audits, clock, mailing, outbox
from marketplace.db import db, unit_of_work
from marketplace.errors import Conflict, InvalidInput, NotFound, RuleBroken
from marketplace.organizations.models import SellerFacts
from marketplace.outbox import OutboxItem
from marketplace.permissions import Role
from marketplace.placements import services
from marketplace.placements.models import (
    AgreementPaper,
    AgreementPaperFile,
    AgreementVersion,
    CommissionBasis,
)
from marketplace.placements.offers import Draft, Good
from marketplace.placements.queries.agreement_papers import hash_of
from marketplace.placements.rules.reminders import is_end_due, is_lapse_due, is_reply_due
from marketplace.placements.services.agreement_papers import keep_file, paper_file
from marketplace.stock.models import MovementKind
from marketplace.stock.rules import Movement
from marketplace.stock.services import post_movements
from tests import factories as make
from tests.support.signing import sign_in

TODAY = date(2026, 11, 22)
DAY = timedelta(days=1)


def templates() -> list[str]:
    query = db.session.query(OutboxItem).filter_by(kind="mail.send").order_by(OutboxItem.id)
    return [item.payload["template"] for item in query]


def text_of(answer: Any) -> str:
    return str(answer.get_data(as_text=True))


# --- the written agreement -------------------------------------------------------------------------------


def test_what_both_accepted_is_numbered_frozen_and_verified_by_anyone(app, parties):
    agreement = parties.accepted(goods=(Good(parties.product_id, 18_000),), terms="Antar tiap Senin.")
    paper = db.session.query(AgreementPaper).one()
    assert paper.number.startswith("PKS/")
    assert paper.number.endswith("/2026/0001")
    assert paper.content["second"]["name"] == "Dapur Contoh"
    assert paper.content["goods"][0]["retail_price_rupiah"] == 18_000
    assert hash_of(paper.content) == paper.content_hash
    page = text_of(app.test_client().get(f"/verify/{paper.verify_code.lower()}"))
    for words in ("Perjanjian ini asli", "Dapur Contoh", "Rukun Mart Nusukan", paper.content_hash):
        assert words in page
    assert "Antar tiap Senin" not in page, "what they agreed is theirs"
    services.terminate_agreement(
        actor=parties.buyer, agreement_id=agreement.id, terminated_on=TODAY + DAY, reason="Pindah"
    )
    assert "Diakhiri mulai 23 November 2026" in text_of(app.test_client().get(f"/verify/{paper.verify_code}"))


def test_the_pdf_is_set_once_and_always_the_same(app, parties):
    agreement = parties.accepted()
    version = db.session.query(AgreementVersion).one()
    assert outbox.drain() >= 1
    file = db.session.query(AgreementPaperFile).one()
    data = paper_file(version.id)
    assert data.startswith(b"%PDF")
    assert hashlib.sha256(data).hexdigest() == file.file_hash
    assert keep_file(version.id).file_key == file.file_key
    buyer = sign_in(app.test_client(), parties.buyer)
    answer = buyer.get(f"/agreements/{agreement.id}/versions/1.pdf")
    assert (answer.mimetype, answer.data) == ("application/pdf", data)
    assert list(audits.differences()) == []


def test_a_paper_is_there_before_the_worker_came(app, parties):
    agreement = parties.accepted()
    buyer = sign_in(app.test_client(), parties.buyer)
    first = buyer.get(f"/agreements/{agreement.id}/versions/1.pdf").data
    outbox.drain()
    assert buyer.get(f"/agreements/{agreement.id}/versions/1.pdf").data == first


def test_a_draft_has_no_number_and_a_stranger_reads_neither(app, parties):
    agreement = parties.proposed()
    maker = sign_in(app.test_client(), parties.maker)
    draft = maker.get(f"/agreements/{agreement.id}/versions/1.pdf")
    assert draft.data.startswith(b"%PDF")
    assert "konsep" in draft.headers["Content-Disposition"]
    assert db.session.query(AgreementPaper).count() == 0
    stranger = sign_in(app.test_client(), make.member(Role.SELLER_OWNER, seller_id=make.seller().id))
    for path in ("versions/1.pdf", "versions/1", "compare", "change", "counter", "replace"):
        assert stranger.get(f"/agreements/{agreement.id}/{path}").status_code == 404
    assert maker.get(f"/agreements/{agreement.id}/versions/9").status_code == 404


def test_a_change_gets_a_paper_of_its_own_that_names_the_one_before(parties):
    agreement = parties.accepted()
    services.propose_change(
        actor=parties.buyer,
        agreement_id=agreement.id,
        draft=Draft(starts_on=TODAY, reply_by=TODAY + DAY, goods=(Good(parties.product_id),)),
    )
    services.accept_agreement(actor=parties.maker, agreement_id=agreement.id)
    first, second = db.session.query(AgreementPaper).order_by(AgreementPaper.version_id)
    assert second.content["replaces"] == first.number
    assert [one.number[-4:] for one in (first, second)] == ["0001", "0002"]


@pytest.mark.corrupts
def test_the_audit_says_when_a_file_was_changed_or_is_gone(app, parties):
    parties.accepted()
    outbox.drain()
    file = db.session.query(AgreementPaperFile).one()
    path = app.config["DATA_DIR"] / "media" / file.file_key
    path.write_bytes(b"%PDF another")
    assert any("was changed" in sentence for sentence in list(audits.differences()))
    path.unlink()
    assert any("is not there" in sentence for sentence in list(audits.differences()))


# --- reminders -------------------------------------------------------------------------------------------


def nights(count: int) -> None:
    """So many nights, each with the worker run twice."""
    for n in range(count):
        with clock.frozen(clock.now() + n * DAY):
            services.remind()
            services.remind()


def test_whoever_has_to_answer_is_reminded_twice_and_then_the_asker_is_told(parties):
    parties.proposed(reply_by=TODAY + 7 * DAY)
    nights(30)
    assert templates() == ["agreement_proposed", "reply_reminder", "reply_reminder", "reply_lapsed"]
    items = db.session.query(OutboxItem).filter_by(kind="mail.send").order_by(OutboxItem.id)
    mails = [mailing.unseal(item.payload["sealed"]) for item in items]
    assert mails[1]["to"] != mails[3]["to"]


def test_an_answered_proposal_is_not_reminded_of(parties):
    parties.accepted(reply_by=TODAY + 2 * DAY)
    before = templates()
    nights(10)
    assert templates() == before


def test_both_are_told_once_that_their_agreement_ends(parties):
    parties.accepted(ends_on=TODAY + 40 * DAY)
    before = templates()
    nights(50)
    assert templates()[len(before) :] == ["agreement_ending", "agreement_ending"]


@given(st.integers(0, 20), st.integers(-30, 30), st.none() | st.integers(-40, 0))
def test_reminders_come_only_in_their_time_and_not_again_the_same_day(left, offset, told):
    reply_by, today = TODAY + timedelta(left), TODAY + timedelta(offset)
    told_on = None if told is None else today + timedelta(told)
    assert not (is_reply_due(reply_by, told_on, today) and is_lapse_due(reply_by, told_on, today))
    for is_due in (is_reply_due, is_lapse_due, is_end_due):
        assert not is_due(reply_by, today, today)
        if is_due(reply_by, told_on, today):
            assert is_due is is_lapse_due or today <= reply_by


# --- leave to replace a seller that counts ---------------------------------------------------------------


@pytest.fixture
def counted(parties: Any) -> Any:
    """An agreement whose seller counts for the store's duty today."""
    make.regulation()
    with unit_of_work() as session:
        facts = session.query(SellerFacts).filter_by(seller_id=parties.seller.id).one()
        facts.verified_on = date(2020, 1, 1)
    agreement = parties.accepted()
    post_movements(
        actor=make.officer(),
        movements=[
            Movement(
                "M-1",
                MovementKind.DELIVERY,
                parties.outlet.id,
                parties.seller.id,
                parties.product_id,
                10,
                TODAY,
            )
        ],
    )
    return agreement


def end(parties: Any, agreement: Any, actor: Any) -> Any:
    return services.terminate_agreement(
        actor=actor, agreement_id=agreement.id, terminated_on=TODAY + DAY, reason="Tidak laku"
    )


def test_a_store_asks_the_office_before_it_parts_with_a_seller_that_counts(parties, counted):
    officer = make.officer()
    with pytest.raises(RuleBroken) as refused:
        end(parties, counted, parties.buyer)
    assert refused.value.code == "seller_counts_here"
    row = services.ask_replacement(
        actor=parties.buyer, agreement_id=counted.id, reason="Sering kosong", instead="Dapur Lain"
    )
    with pytest.raises(Conflict):
        services.ask_replacement(actor=parties.buyer, agreement_id=counted.id, reason="Lagi")
    with pytest.raises(RuleBroken):
        end(parties, counted, parties.buyer)
    services.approve_replacement(actor=officer, request_id=row.id)
    end(parties, counted, parties.buyer)
    assert counted.terminated_on == TODAY + DAY
    told = templates()
    assert {"replacement_asked", "replacement_asked_seller", "replacement_approved"} <= set(told)


def test_the_seller_itself_may_leave_at_any_time(parties, counted):
    end(parties, counted, parties.maker)
    assert counted.terminated_on == TODAY + DAY


def test_a_refusal_has_a_reason_and_the_store_may_ask_again(parties, counted):
    officer = make.officer()
    row = services.ask_replacement(actor=parties.buyer, agreement_id=counted.id, reason="Sering kosong")
    with pytest.raises(InvalidInput):
        services.decline_replacement(actor=officer, request_id=row.id, reason="")
    services.decline_replacement(actor=officer, request_id=row.id, reason="Beri waktu sebulan")
    with pytest.raises(RuleBroken):
        services.approve_replacement(actor=officer, request_id=row.id)
    again = services.ask_replacement(actor=parties.buyer, agreement_id=counted.id, reason="Masih kosong")
    services.withdraw_replacement(actor=parties.buyer, request_id=again.id)
    assert again.state == "withdrawn"


def test_only_the_office_of_the_region_answers_and_only_the_store_withdraws(parties, counted):
    row = services.ask_replacement(actor=parties.buyer, agreement_id=counted.id, reason="Sering kosong")
    elsewhere = make.officer(region_code="12.71")
    with pytest.raises(NotFound):
        services.approve_replacement(actor=elsewhere, request_id=row.id)
    stranger = make.member(Role.BUYER_OWNER, operator_id=make.operator().id)
    with pytest.raises(NotFound):
        services.withdraw_replacement(actor=stranger, request_id=row.id)
    with pytest.raises(RuleBroken):
        services.ask_replacement(actor=parties.maker, agreement_id=counted.id, reason="x")
    assert row.state == "open"


def test_a_seller_that_does_not_count_needs_no_leave(parties):
    agreement = parties.accepted()
    with pytest.raises(RuleBroken) as refused:
        services.ask_replacement(actor=parties.buyer, agreement_id=agreement.id, reason="x")
    assert refused.value.code == "replacement_not_needed"
    end(parties, agreement, parties.buyer)


def test_the_office_reads_and_answers_requests_on_screen(app, parties, counted):
    buyer = sign_in(app.test_client(), parties.buyer)
    page = text_of(buyer.get(f"/agreements/{counted.id}"))
    assert "Minta izin mengganti" in page
    assert "Akhiri perjanjian" not in page
    wrong = text_of(buyer.post(f"/agreements/{counted.id}/replace", data={"reason": " "}))
    assert "Tulis alasannya" in wrong
    buyer.post(f"/agreements/{counted.id}/replace", data={"reason": "Sering <b>kosong</b>"})
    office = sign_in(app.test_client(), make.officer())
    listed = text_of(office.get("/office/replacements?q=rukun&state=open"))
    assert "1 permintaan penggantian menunggu jawaban" in listed
    assert office.get("/office/replacements?format=csv").status_code == 200
    assert "&lt;b&gt;kosong" in text_of(office.get("/office/replacements/1"))
    assert "Tulis alasannya" in text_of(office.post("/office/replacements/1/decline", data={"reason": ""}))
    office.post("/office/replacements/1/approve", data={"reason": "Boleh"})
    page = text_of(buyer.get(f"/agreements/{counted.id}"))
    assert "Dinas mengizinkan usaha ini diganti" in page
    assert "Akhiri perjanjian" in page
    elsewhere = sign_in(app.test_client(), make.officer(region_code="12.71"))
    assert elsewhere.get("/office/replacements/1").status_code == 404
    assert "Belum ada permintaan" in text_of(elsewhere.get("/office/replacements"))


# --- talking on screen -----------------------------------------------------------------------------------


def typed(parties: Any, **changes: Any) -> dict[str, Any]:
    fields = {
        "product_ids": str(parties.product_id),
        "basis": "consignment",
        "commission_basis": "percent_of_retail",
        "commission_percent": "10",
        f"retail-{parties.product_id}": "18.000",
        "starts_on": "2026-11-25",
        "settlement_cycle": "weekly",
        "loss_borne_by": "outlet",
        "expiry_borne_by": "seller",
        "due_days": "7",
        "reply_by": "2026-11-29",
    }
    return {**fields, **changes}


def test_a_seller_counters_and_the_buyer_compares_and_accepts(app, parties):
    agreement = parties.proposed()
    maker = sign_in(app.test_client(), parties.maker)
    address = f"/agreements/{agreement.id}"
    assert "12,5" in text_of(maker.get(f"{address}/counter"))
    first = str(db.session.query(AgreementVersion).one().id)
    answer = maker.post(f"{address}/counter", data=typed(parties, version_id=first))
    assert answer.location == address
    buyer = sign_in(app.test_client(), parties.buyer)
    page = text_of(buyer.get(f"{address}/compare"))
    for words in ("12,5% dari harga jual", "10% dari harga jual", "Tiap minggu", "Rp18.000", "Setujui"):
        assert words in page
    stale = buyer.post(f"{address}/accept", data={"version_id": first})
    assert stale.status_code == 409
    second = db.session.query(AgreementVersion).filter_by(number=2).one()
    buyer.post(f"{address}/accept", data={"version_id": str(second.id)})
    db.session.expire_all()
    assert (agreement.state, agreement.commission_percent) == ("accepted", Decimal(10))
    history = text_of(buyer.get(address))
    for words in ("Versi 2", "Versi 1", "ditawar balik", "disetujui", "PKS/"):
        assert words in history
    assert "18.000" in text_of(buyer.get(f"{address}/versions/2"))


def test_a_change_and_a_renewal_are_written_on_the_same_form(app, parties):
    agreement = parties.accepted(ends_on=TODAY + 30 * DAY)
    buyer = sign_in(app.test_client(), parties.buyer)
    address = f"/agreements/{agreement.id}"
    assert "2027-12-22" in text_of(buyer.get(f"{address}/change?renew=1"))
    wrong = text_of(buyer.post(f"{address}/change", data=typed(parties, valid_from="2026-11-01")))
    assert "paling awal 22 November 2026" in wrong
    buyer.post(f"{address}/change", data=typed(parties, valid_from="2026-12-01", ends_on="2027-12-22"))
    maker = sign_in(app.test_client(), parties.maker)
    page = text_of(maker.get(address))
    assert "mengusulkan perubahan syarat, berlaku mulai 1 Desember 2026" in page
    maker.post(f"{address}/accept")
    db.session.expire_all()
    assert agreement.ends_on == date(2027, 12, 22)
    assert "1 Des 2026" in text_of(maker.get(address))


def test_the_form_goes_step_by_step_without_a_script_and_keeps_what_was_typed(app, parties):
    buyer = sign_in(app.test_client(), parties.buyer)
    sent = typed(parties, seller=str(parties.seller.id), outlet_ids=str(parties.outlet.id), to="2")
    empty = {name: value for name, value in sent.items() if name != "product_ids"}
    assert "Pilih paling sedikit satu produk" in text_of(buyer.post("/agreements/new", data=empty))
    second = text_of(buyer.post("/agreements/new", data=sent))
    assert 'value="18.000"' in second
    assert "Tulis tanggal" not in second
    wrong = sent | {"to": "3", "commission_percent": ""}
    assert "Komisi dari 0 sampai 100" in text_of(buyer.post("/agreements/new", data=wrong))
    assert "Kirim tawaran" in text_of(buyer.post("/agreements/new", data=sent | {"to": "3"}))
    assert db.session.query(AgreementVersion).count() == 0


def test_a_forbidden_fee_is_refused_on_screen_with_its_reason(app, parties):
    buyer = sign_in(app.test_client(), parties.buyer)
    sent = typed(
        parties, seller=str(parties.seller.id), outlet_ids=str(parties.outlet.id), fee_listing="75.000"
    )
    page = text_of(buyer.post("/agreements/new", data=sent))
    assert "tidak boleh diminta dari usaha mikro dan kecil" in page
    assert "70/2013" in page
    assert 'value="75.000"' in page
    assert '<details class="mb-4" open>' in page, "what is to be deleted must be in sight"
    assert db.session.query(AgreementVersion).count() == 0


def test_a_seller_answers_the_same_proposal_of_a_whole_chain_at_once(app, parties):
    outlets = [parties.outlet, *(make.outlet(operator_id=parties.buyer.operator_id) for _n in range(2))]
    buyer = sign_in(app.test_client(), parties.buyer)
    chosen = {"seller": str(parties.seller.id), "outlet_ids": [str(one.id) for one in outlets]}
    buyer.post("/agreements/new", data=typed(parties, **chosen))
    rows = db.session.query(AgreementVersion).order_by(AgreementVersion.id).all()
    assert len(rows) == 3
    maker = sign_in(app.test_client(), parties.maker)
    address = f"/agreements/{rows[0].agreement_id}"
    assert "Tawaran yang sama untuk 2 toko lain" in text_of(maker.get(address))
    also = [str(row.agreement_id) for row in rows[1:]]
    maker.post(f"{address}/accept", data={"version_id": str(rows[0].id), "also": [*also, "999999", "x"]})
    db.session.expire_all()
    assert {row.state for row in rows} == {"accepted"}


def test_an_earlier_agreement_can_be_proposed_again_with_its_terms(app, parties):
    agreement = parties.proposed(commission_basis=CommissionBasis.PERCENT_OF_RETAIL)
    services.decline_agreement(actor=parties.maker, agreement_id=agreement.id, reason="Nanti")
    buyer = sign_in(app.test_client(), parties.buyer)
    assert f"again={agreement.id}" in text_of(buyer.get(f"/agreements/{agreement.id}"))
    page = text_of(
        buyer.get(
            f"/agreements/new?seller={parties.seller.id}&outlet={parties.outlet.id}&again={agreement.id}"
        )
    )
    assert 'value="12,5"' in page
