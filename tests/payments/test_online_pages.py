"""The pages of paying online, of what is held, and of payouts."""

from __future__ import annotations

import re
from datetime import date
from functools import partial

import pytest
from sqlalchemy import select

from marketplace.db import db
from marketplace.errors import Conflict, Forbidden, InvalidInput, RuleBroken
from marketplace.payments.models import Charge, Payout, PayoutLine
from marketplace.payments.services.payouts import NewPayout, record_payout
from marketplace.payments.services.sweeping import sweep
from marketplace.permissions import Role
from tests import factories as make
from tests.payments.online import Buyer, later
from tests.payments.support import TODAY, Pair, page_of, text_of
from tests.support.signing import sign_in
from tests.support.stripe_standin import Fault
from tests.support.together import at_once


@pytest.fixture
def buyer(stripe):
    return Buyer(stripe)


@pytest.fixture
def admin():
    return make.member(Role.ADMIN)


def as_(client, actor):
    return sign_in(client.application.test_client(), actor)


def test_a_buyer_pays_two_sellers_at_once(buyer, stripe, client):
    browser = as_(client, buyer.actor)
    bills = ",".join(map(str, buyer.bills))
    asked = text_of(page_of(browser, f"/payments/online/new?bills={bills}"))
    assert "Bayar Rp155.000 online" in asked
    assert all(pair.maker.name in asked for pair in buyer.pairs)
    answer = browser.post("/payments/online/new", data={"bills": bills})
    assert answer.location == "/payments/online/1"
    html = page_of(browser, "/payments/online/1")
    session = next(iter(stripe.sessions.values()))
    assert f'href="{session["url"]}"' in html
    stripe.pay(session["id"])
    back = browser.get(session["success_url"].removeprefix("http://localhost"))
    assert back.location == "/payments/online/1"
    told = text_of(page_of(browser, "/payments/online/1"))
    assert "Terima kasih. Pembayaran Anda sudah kami terima." in told
    assert "Sudah dibayar" in told
    assert session["url"] not in page_of(browser, "/payments/online/1")


def test_back_without_having_paid_it_goes_on_or_is_stopped(buyer, client):
    browser = as_(client, buyer.actor)
    charge = buyer.start()
    told = text_of(page_of(browser, f"/payments/online/{charge.id}/cancelled"))
    assert "Anda kembali tanpa membayar" in told
    answer = browser.post(f"/payments/online/{charge.id}/stop", follow_redirects=True)
    assert "Pembayaran online dibatalkan" in text_of(answer.text)
    assert "Lewat waktu" in text_of(page_of(browser, f"/payments/online/{charge.id}/cancelled"))


def test_while_the_provider_is_silent_the_page_says_so_and_the_worker_goes_on(buyer, stripe, client):
    stripe.faults.append(Fault("/v1/checkout", "dropped"))
    browser = as_(client, buyer.actor)
    answer = browser.post(
        "/payments/online/new", data={"bills": ",".join(map(str, buyer.bills))}, follow_redirects=True
    )
    told = text_of(answer.text)
    assert "belum menjawab" in told
    assert "Sedang disiapkan" in told
    with later(stripe, minutes=2):
        sweep()
    assert "Belum dibayar" in text_of(page_of(browser, "/payments/online/1"))


def test_what_is_refused_is_said_on_the_same_page(stripe, client):
    small = Buyer(stripe, 5_000)
    browser = as_(client, small.actor)
    answer = browser.post("/payments/online/new", data={"bills": str(small.bills[0])})
    assert answer.status_code == 200
    assert "Bayar online mulai dari Rp10.000, dan ini Rp5.000." in text_of(answer.text)


def test_a_bill_that_was_paid_meanwhile_does_not_keep_the_others_from_being_paid(buyer, client):
    buyer.pairs[0].pay("advance", 100_000)
    browser = as_(client, buyer.actor)
    shown = browser.post("/payments/online/new", data={"bills": ",".join(map(str, buyer.bills))}).text
    assert "sudah tidak menunggu pembayaran" in text_of(shown)
    (left,) = re.findall(r'name="bills" value="([^"]*)"', shown)
    assert left == str(buyer.bills[1])
    assert browser.post("/payments/online/new", data={"bills": left}).location == "/payments/online/1"


def test_a_bill_that_another_charge_asks_for_leads_to_that_charge(buyer, client):
    first = buyer.start(buyer.bills[0])
    browser = as_(client, buyer.actor)
    answer = browser.post("/payments/online/new", data={"bills": ",".join(map(str, buyer.bills))})
    assert answer.location == f"/payments/online/{first.id}"


def test_pages_of_others_are_not_there(buyer, client):
    charge = buyer.start()
    stranger = as_(client, Pair().buyer)
    for path in ("", "/return", "/cancelled"):
        assert stranger.get(f"/payments/online/{charge.id}{path}").status_code == 404
    assert stranger.post(f"/payments/online/{charge.id}/stop").status_code == 404
    assert stranger.get(f"/payments/online/new?bills={buyer.bills[0]}").status_code == 404
    assert stranger.post("/payments/online/new", data={"bills": str(buyer.bills[0])}).status_code == 404
    assert stranger.get("/payments/payouts").status_code == 404
    assert stranger.get(f"/payments/payouts/{buyer.pairs[0].maker.id}").status_code == 404
    seller = as_(client, buyer.pairs[0].seller)
    assert seller.get(f"/payments/online/{charge.id}").status_code == 404
    assert seller.get(f"/payments/payouts/{buyer.pairs[1].maker.id}").status_code == 404
    assert seller.post("/payments/online/refunds/1/again").status_code == 403


def test_without_a_provider_there_is_no_way_to_it(app, client):
    pair = Pair()
    pair.ask(50_000)
    browser = as_(client, pair.buyer)
    bill = pair.payables()["advance"].id
    assert browser.get(f"/payments/online/new?bills={bill}").status_code == 404
    assert "Bayar online" not in page_of(browser, f"/payments/new?bills={bill}")


def test_the_page_of_a_bill_leads_to_the_provider(buyer, client):
    html = page_of(as_(client, buyer.actor), f"/payments/new?bills={buyer.bills[0]}")
    assert f"/payments/online/new?bills={buyer.bills[0]}" in html


def test_both_sides_see_by_whom_it_was_carried(buyer, client):
    buyer.paid()
    for actor in (buyer.actor, buyer.pairs[0].seller):
        assert "Dibayar lewat Stripe" in text_of(page_of(as_(client, actor), "/payments/1"))


def test_the_list_is_filtered_in_its_address_and_comes_as_a_file(buyer, stripe, client, admin):
    browser = as_(client, buyer.actor)
    assert "Belum ada pembayaran online" in text_of(page_of(browser, "/payments/online"))
    buyer.tell(stripe.expire(buyer.start().provider_ref))
    buyer.start()
    assert page_of(browser, "/payments/online").count("/payments/online/2") == 1
    assert "/payments/online/2" not in page_of(browser, "/payments/online?state=expired")
    assert "Tidak ada yang cocok" in text_of(page_of(browser, "/payments/online?q=zzz"))
    page_of(browser, "/payments/online?state=zzz&sort=zzz&page=9")
    file = browser.get("/payments/online?format=csv").text.splitlines()
    assert len(file) == 3
    assert "/payments/online/2" in page_of(as_(client, admin), "/payments/online?sort=operator")


def test_what_does_not_fit_is_shown_to_the_platform_and_in_other_words_to_the_buyer(
    buyer, stripe, client, admin
):
    charge = buyer.start()
    event = stripe.pay(charge.provider_ref)
    event["data"]["object"]["amount_total"] = 100
    buyer.tell(event)
    office = as_(client, admin)
    assert "1 pembayaran perlu dilihat" in text_of(page_of(office, "/payments/online"))
    assert f"/payments/online/{charge.id}" in page_of(office, "/payments/online?state=look")
    assert "Jumlah menurut penyedia tidak sama" in text_of(page_of(office, f"/payments/online/{charge.id}"))
    browser = as_(client, buyer.actor)
    assert "Jangan membayar lagi dulu" in text_of(page_of(browser, f"/payments/online/{charge.id}"))
    assert browser.post(f"/payments/online/{charge.id}/looked", data={"reason": "x"}).status_code == 403
    assert "Tulis alasannya" in office.post(f"/payments/online/{charge.id}/looked").text
    office.post(f"/payments/online/{charge.id}/looked", data={"reason": "Uangnya tidak pernah ada"})
    assert buyer.charge(charge.id).flag == ""
    assert "1 pembayaran perlu dilihat" not in text_of(page_of(office, "/payments/online"))
    assert office.post("/payments/online/99/looked", data={"reason": "x"}).status_code == 404


def test_a_failed_refund_is_sent_again_by_the_platform(buyer, stripe, client, admin):
    buyer.paid()
    buyer.pairs[1].withdraw()
    sweep()
    buyer.tell(stripe.finish_refund(next(iter(stripe.refunds)), "failed"))
    office = as_(client, admin)
    assert "Kirim lagi" in page_of(office, "/payments/online/1")
    assert office.post("/payments/online/refunds/1/again").location == "/payments/online/1"
    sweep()
    assert buyer.refunds() == [("done", 55_000)]
    buyer.tell(stripe.finish_refund(list(stripe.refunds)[-1], "failed"))
    path = "/payments/online/1/refunds/1/otherwise"
    assert "Tulis cara mengembalikannya" in office.post(path, follow_redirects=True).text
    shown = office.post(path, data={"reason": "Transfer BCA"}, follow_redirects=True).text
    assert "uang ini sudah kembali kepada pembeli" in shown
    assert "Kirim lagi" not in shown
    event = stripe.object_to(next(iter(stripe.intents)), 1_000_000)
    buyer.tell(event)
    assert "Sedang disengketakan" in text_of(page_of(office, "/payments/online/1"))


def payout(seller_id, amount, key="kunci", **changes):
    values = {"paid_on": TODAY, "reference": "BCA 1", "idempotency_key": key} | changes
    return NewPayout(seller_id=seller_id, amount_rupiah=amount, **values)


def test_a_payout_is_entered_once_and_never_more_than_is_held(buyer, admin):
    buyer.paid()
    maker = buyer.pairs[0].maker
    with pytest.raises(RuleBroken, match=r"Rp100\.000"):
        record_payout(actor=admin, payout=payout(maker.id, 100_001))
    first = record_payout(actor=admin, payout=payout(maker.id, 60_000))
    assert record_payout(actor=admin, payout=payout(maker.id, 60_000)).id == first.id
    with pytest.raises(Conflict):
        record_payout(actor=admin, payout=payout(maker.id, 40_000))
    record_payout(actor=admin, payout=payout(maker.id, 40_000, "lain"))
    assert buyer.balances() == {"held": 55_000, "received": 100_000, "advance": -155_000}
    with pytest.raises(RuleBroken):
        record_payout(actor=admin, payout=payout(maker.id, 1, "lebih"))
    for actor in (buyer.actor, buyer.pairs[0].seller, make.officer()):
        with pytest.raises(Forbidden):
            record_payout(actor=actor, payout=payout(maker.id, 1, "siapa"))


def test_of_payouts_entered_at_once_no_more_goes_out_than_is_held(app, buyer, admin):
    buyer.paid()
    wanted = [payout(buyer.pairs[0].maker.id, 60_000, f"k{n}") for n in range(4)]
    answers = at_once(app, *(partial(record_payout, actor=admin, payout=one) for one in wanted))
    assert sum(isinstance(answer, RuleBroken) for answer in answers) == 3
    assert buyer.balances() == {"held": 95_000, "received": 60_000, "advance": -155_000}


WRONG = (
    {"amount": 0}, {"amount": -5}, {"reference": "x" * 201}, {"key": ""}, {"key": "k" * 101},
    {"paid_on": date(2006, 11, 22)}, {"paid_on": date(2026, 11, 23)},
)  # fmt: skip


@pytest.mark.parametrize("changes", WRONG)
def test_a_payout_that_cannot_be_is_refused(buyer, admin, changes):
    values = {"seller_id": buyer.pairs[0].maker.id, "amount": 1} | changes
    with pytest.raises(InvalidInput):
        record_payout(actor=admin, payout=payout(**values))


def test_a_payout_covers_the_money_of_several_buyers(stripe, admin):
    one = Buyer(stripe, 100_000)
    other = Pair(maker=one.pairs[0].maker)
    two = Buyer(stripe, 20_000)
    other.ask(50_000)
    two.pairs = [other]
    one.paid()
    two.paid()
    made = record_payout(actor=admin, payout=payout(other.maker.id, 120_000))
    lines = select(PayoutLine.operator_id, PayoutLine.amount_rupiah).where(PayoutLine.payout_id == made.id)
    assert dict(db.session.execute(lines.order_by(PayoutLine.operator_id)).all()) == {
        one.pairs[0].operator.id: 100_000, other.operator.id: 20_000,
    }  # fmt: skip


def test_the_platform_pays_out_on_a_page_and_the_seller_sees_it(buyer, stripe, client, admin):
    office = as_(client, admin)
    assert "Belum ada uang yang ditahan" in text_of(page_of(office, "/payments/payouts"))
    buyer.paid()
    maker = buyer.pairs[0].maker
    listed = text_of(page_of(office, "/payments/payouts"))
    assert listed.index("Rp100.000") < listed.index("Rp55.000")
    path = f"/payments/payouts/{maker.id}"
    assert "Rp100.000 ditahan untuk" in text_of(page_of(office, path))
    wrong = office.post(path, data={"key": "k", "amount_rupiah": "100.001", "paid_on": "2026-11-22"})
    assert "Tulis paling banyak sebesar itu" in text_of(wrong.text)
    assert 'value="100.001"' in wrong.text
    future = office.post(path, data={"key": "k", "amount_rupiah": "1", "paid_on": "2026-11-23"})
    assert "Hari kirim tidak boleh sesudah hari ini" in text_of(future.text)
    good = {"key": "k", "amount_rupiah": "100.000", "paid_on": "2026-11-22", "reference": "BCA 77"}
    assert office.post(path, data=good).location == path
    assert office.post(path, data=good).location == path
    assert len(db.session.scalars(select(Payout)).all()) == 1
    seller = as_(client, buyer.pairs[0].seller)
    assert seller.get("/payments/payouts").location == path
    told = text_of(page_of(seller, path))
    assert "Rp0 Anda masih di penyedia" in told
    assert "BCA 77" in told
    assert seller.post(path, data=good).status_code == 403
    assert len(seller.get(f"{path}?format=csv").text.splitlines()) == 2
    assert len(office.get("/payments/payouts?format=csv").text.splitlines()) == 3
    assert maker.name not in page_of(office, "/payments/payouts?state=held")
    assert maker.name in page_of(office, "/payments/payouts?state=sent&sort=-paid_out")


def test_refunds_after_a_payout_are_taken_from_what_comes_next(buyer, stripe, admin):
    buyer.paid()
    record_payout(actor=admin, payout=payout(buyer.pairs[0].maker.id, 100_000))
    buyer.pairs[0].withdraw()
    sweep()
    assert buyer.refunds() == [("done", 100_000)]
    with pytest.raises(RuleBroken):
        record_payout(actor=admin, payout=payout(buyer.pairs[0].maker.id, 1, "lagi"))


def test_an_amount_that_nobody_can_pay_is_only_words(buyer, client, stripe):
    db.session.rollback()
    assert db.session.scalars(select(Charge)).all() == []
    browser = as_(client, buyer.actor)
    for bills in ("", "x", "1,1,1", "99999999999999999999", "-1", "'; drop table charges --"):
        assert browser.post("/payments/online/new", data={"bills": bills}).status_code in {302, 404}
