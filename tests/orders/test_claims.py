"""What is wrong with goods that were taken in: claimed with photos, answered, decided, credited."""

from __future__ import annotations

import itertools
from datetime import date, timedelta
from io import BytesIO

import pytest
from PIL import Image
from sqlalchemy import func, select

from marketplace import clock
from marketplace.backends.storage import current_storage
from marketplace.db import db, unit_of_work
from marketplace.errors import Forbidden, InvalidInput, NotFound, RuleBroken
from marketplace.orders.models import (
    ClaimKind,
    ClaimPhoto,
    ClaimState,
    OrderClaim,
    OrderState,
    SellerTaxFact,
)
from marketplace.orders.rules.claims import CLAIM_ACTS, ClaimSide, ClaimVerb, require_claim, wrong_with_claim
from marketplace.orders.services.claims import (
    ClaimDraft,
    accept_claim,
    decide_claim,
    make_claim,
    refer_claim,
    reject_claim,
    withdraw_claim,
)
from marketplace.orders.services.deadlines import pass_deadlines
from marketplace.organizations.models import OfficeBuyer
from marketplace.payments.models import Refund
from marketplace.permissions import Actor, Role
from tests import factories as make
from tests.orders.made import (
    balances,
    claim_row,
    credits_of,
    pay,
    payables_of,
    received,
    shipped,
    stranger_of,
)
from tests.orders.support import lines_of, sells, state_of

_keys = itertools.count(1)


def photo() -> bytes:
    picture = BytesIO()
    Image.new("RGB", (32, 32), "saddlebrown").save(picture, "JPEG")
    return picture.getvalue()


def claim_on(trade, order, quantity=3, *, actor=None, photos=None, **values):
    """A claim of the buyer on the one line of an order."""
    draft = ClaimDraft(
        **{
            "order_line_id": lines_of(order)[0].id,
            "kind": ClaimKind.DAMAGED,
            "quantity": quantity,
            "body": "Bungkusnya sobek.",
            "client_key": f"klaim-{next(_keys)}",
            **values,
        }
    )
    return make_claim(
        actor=actor or trade.buyer,
        order_id=order.id,
        draft=draft,
        photos=[photo()] if photos is None else photos,
    )


def in_days(days: int):
    return clock.frozen(clock.now() + timedelta(days=days))


def test_exactly_the_lines_of_the_table_are_allowed():
    allowed = {
        ("accept", "seller"): {"open", "referred"},
        ("reject", "seller"): {"open"},
        ("refer", "buyer"): {"rejected"},
        ("lapse", "system"): {"open"},
        ("decide", "office"): {"referred"},
        ("withdraw", "buyer"): {"open", "referred"},
    }
    for verb, side, state in itertools.product(ClaimVerb, ClaimSide, ClaimState):
        if state.value in allowed.get((verb.value, side.value), set()):
            assert require_claim(verb, state, side) is CLAIM_ACTS[verb]
        else:
            with pytest.raises(RuleBroken) as refused:
                require_claim(verb, state, side)
            assert refused.value.message


def test_a_granted_claim_on_what_is_not_paid_makes_the_debt_smaller(trade):
    order = received(trade)
    claim = claim_on(trade, order, 3)
    assert claim_row(claim).state == ClaimState.OPEN
    accept_claim(actor=trade.maker, claim_id=claim.id, granted=2, answer="Dua memang sobek.")
    row = claim_row(claim)
    assert (row.state, row.granted, row.answer, row.answerer_name) == (
        "accepted",
        2,
        "Dua memang sobek.",
        trade.maker.name,
    )
    (credit,) = credits_of(order)
    assert (credit.number, credit.goods_rupiah, credit.tax_rupiah, credit.total_rupiah) == (
        "NK/2026/0001",
        30_000,
        0,
        30_000,
    )
    assert [bill.amount_rupiah for bill in payables_of(order)] == [120_000]
    assert balances(trade) == {"owed": 120_000, "sales": -120_000}


def test_a_granted_claim_on_what_was_paid_goes_back(trade):
    order = received(trade, 10, payment_plan="before")
    claim = claim_on(trade, order, 4)
    accept_claim(actor=trade.maker, claim_id=claim.id, granted=4)
    refund = db.session.scalars(select(Refund)).one()
    assert (refund.amount_rupiah, refund.state) == (60_000, "due")
    assert balances(trade) == {"received": 150_000, "refunds": -60_000, "sales": -90_000}
    assert state_of(order) is OrderState.SETTLED


def test_an_order_of_which_all_was_granted_is_settled(trade):
    order = received(trade)
    claim = claim_on(trade, order, 10)
    accept_claim(actor=trade.maker, claim_id=claim.id, granted=10)
    assert state_of(order) is OrderState.SETTLED
    assert balances(trade) == {}


def test_credit_notes_together_never_come_to_more_than_the_bill_tax_included(trade):
    with unit_of_work() as session:
        session.add(
            SellerTaxFact(
                seller_id=trade.seller.id, valid_from=date(2026, 1, 1), is_pkp=True, recorded_at=clock.now()
            )
        )
        trade.product = session.merge(make.product(trade.seller, price_rupiah=32))
    sells(trade.seller, shipping_rupiah=100)
    order = received(trade, 7, shipping_kind="seller_rate")
    for _turn in range(7):
        claim = claim_on(trade, order, 1)
        accept_claim(actor=trade.maker, claim_id=claim.id, granted=1)
    notes = credits_of(order)
    assert sum(note.total_rupiah for note in notes) == 32 * 7 + 25  # 11 % of Rp324 is Rp36, Rp11 the way's
    assert sum(note.tax_rupiah for note in notes) == 25
    assert {note.tax_rupiah for note in notes} == {3, 4}
    assert balances(trade) == {"owed": 111, "sales": -100, "tax": -11}


def test_a_claim_is_made_by_the_buyer_of_goods_that_were_billed_in_time(trade):
    order = received(trade)
    for stranger in (trade.maker, stranger_of(trade)):
        with pytest.raises((NotFound, Forbidden)):
            claim_on(trade, order, actor=stranger)
    with pytest.raises(RuleBroken) as early:
        claim_on(trade, shipped(trade))
    assert early.value.code == "claim_out_of_turn"
    with in_days(3):
        claim_on(trade, order, 1)
    with in_days(4), pytest.raises(RuleBroken) as late:
        claim_on(trade, order, 1)
    assert late.value.code == "claim_too_late"
    assert "25 November 2026" in late.value.message


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"quantity": 11}, "quantity"),
        ({"quantity": 0}, "quantity"),
        ({"body": " "}, "body"),
        ({"photos": []}, "photos"),
        ({"photos": [b"<script>"]}, "photos"),
        ({"photos": [photo()] * 6}, "photos"),
    ],
)
def test_a_claim_says_nothing_that_cannot_be_and_leaves_no_photo(trade, values, field):
    order = received(trade)
    with pytest.raises(InvalidInput) as refused:
        claim_on(trade, order, **values)
    assert field in refused.value.fields
    assert db.session.scalar(select(func.count()).select_from(ClaimPhoto)) == 0
    assert not list(current_storage().keys("papers/"))


def test_what_is_short_needs_no_photo(trade):
    order = received(trade)
    assert claim_on(trade, order, kind=ClaimKind.SHORT, photos=[]).state == "open"


def test_units_are_claimed_once_unless_the_claim_was_refused(trade):
    order = received(trade)
    first = claim_on(trade, order, 6)
    with pytest.raises(InvalidInput):
        claim_on(trade, order, 5)
    reject_claim(actor=trade.maker, claim_id=first.id, reason="Saat dikirim utuh.")
    second = claim_on(trade, order, 5)
    withdraw_claim(actor=trade.buyer, claim_id=second.id)
    third = claim_on(trade, order, 10)
    accept_claim(actor=trade.maker, claim_id=third.id, granted=4)
    with pytest.raises(InvalidInput):
        claim_on(trade, order, 7)
    assert claim_on(trade, order, 6).quantity == 6


def test_a_refused_claim_that_is_taken_to_the_office_is_not_credited_beyond_the_line(trade):
    order = received(trade)
    first = claim_on(trade, order, 10)
    reject_claim(actor=trade.maker, claim_id=first.id, reason="Utuh.")
    second = claim_on(trade, order, 10)
    accept_claim(actor=trade.maker, claim_id=second.id, granted=10)
    with pytest.raises(RuleBroken) as refused:
        refer_claim(actor=trade.buyer, claim_id=first.id)
    assert refused.value.code == "claimed_already"


def test_the_same_form_sent_twice_is_one_claim(trade):
    order = received(trade)
    first = claim_on(trade, order, 3, client_key="satu")
    again = claim_on(trade, order, 3, client_key="satu")
    assert again.id == first.id
    assert db.session.scalar(select(func.count()).select_from(ClaimPhoto)) == 1
    assert len(list(current_storage().keys("papers/"))) == 1


def test_a_no_says_why_and_is_taken_to_the_office_which_decides_for_good(trade):
    order = received(trade)
    claim = claim_on(trade, order, 4)
    with pytest.raises(InvalidInput):
        reject_claim(actor=trade.maker, claim_id=claim.id, reason="")
    reject_claim(actor=trade.maker, claim_id=claim.id, reason="Saat dikirim utuh.")
    refer_claim(actor=trade.buyer, claim_id=claim.id)
    officer = make.officer()
    with pytest.raises(InvalidInput):
        decide_claim(actor=officer, claim_id=claim.id, granted=2, reason="")
    with pytest.raises(InvalidInput):
        decide_claim(actor=officer, claim_id=claim.id, granted=5, reason="Terlalu banyak.")
    decide_claim(actor=officer, claim_id=claim.id, granted=2, reason="Foto jelas dua sobek.")
    row = claim_row(claim)
    assert (row.state, row.granted, row.answer, row.decision, row.decider_name) == (
        "accepted",
        2,
        "Saat dikirim utuh.",
        "Foto jelas dua sobek.",
        officer.name,
    )
    assert [note.total_rupiah for note in credits_of(order)] == [30_000]


def test_the_offices_no_is_final(trade):
    order = received(trade)
    claim = claim_on(trade, order, 4)
    reject_claim(actor=trade.maker, claim_id=claim.id, reason="Utuh.")
    refer_claim(actor=trade.buyer, claim_id=claim.id)
    decide_claim(actor=make.officer(), claim_id=claim.id, granted=0, reason="Tidak terbukti.")
    assert claim_row(claim).state == ClaimState.REJECTED
    with pytest.raises(RuleBroken) as final:
        refer_claim(actor=trade.buyer, claim_id=claim.id)
    assert final.value.code == "claim_final"
    assert credits_of(order) == []


def test_only_the_office_of_the_place_decides_and_not_about_its_own_order(trade):
    order = received(trade)
    claim = claim_on(trade, order)
    reject_claim(actor=trade.maker, claim_id=claim.id, reason="Utuh.")
    refer_claim(actor=trade.buyer, claim_id=claim.id)
    coach = make.member(Role.COACH, office_id=make.office().id)
    elsewhere = make.officer(region_code="33.16")
    for who, error in ((trade.maker, NotFound), (elsewhere, NotFound), (coach, Forbidden)):
        with pytest.raises(error):
            decide_claim(actor=who, claim_id=claim.id, granted=1, reason="Ya.")
    officer = make.officer()
    with unit_of_work() as session:
        session.add(OfficeBuyer(office_id=officer.office_id, operator_id=trade.operator.id))
    own = Actor(
        **{name: getattr(officer, name) for name in ("user_id", "name", "role", "office_id", "region")},
        purchasing_id=trade.operator.id,
    )
    with pytest.raises(RuleBroken) as refused:
        decide_claim(actor=own, claim_id=claim.id, granted=1, reason="Ya.")
    assert refused.value.code == "claim_of_own"


def test_what_the_seller_leaves_unanswered_goes_to_the_office_and_it_may_still_give_in(trade):
    order = received(trade)
    claim = claim_on(trade, order)
    with in_days(3):
        assert pass_deadlines() == 0
    with in_days(4):
        assert pass_deadlines() == 1
        assert pass_deadlines() == 0
    assert claim_row(claim).state == ClaimState.REFERRED
    accept_claim(actor=trade.maker, claim_id=claim.id, granted=3)
    assert claim_row(claim).state == ClaimState.ACCEPTED


def test_a_no_is_taken_to_the_office_within_its_days(trade):
    order = received(trade)
    claim = claim_on(trade, order)
    reject_claim(actor=trade.maker, claim_id=claim.id, reason="Utuh.")
    with in_days(8), pytest.raises(RuleBroken):
        refer_claim(actor=trade.buyer, claim_id=claim.id)


def test_an_order_is_not_closed_while_a_claim_may_go_on(trade):
    order = received(trade, 10, payment_plan="before")
    claim = claim_on(trade, order)
    with in_days(2):
        reject_claim(actor=trade.maker, claim_id=claim.id, reason="Utuh.")
    with in_days(5):
        assert pass_deadlines() == 0
    assert state_of(order) is OrderState.SETTLED
    with in_days(10):
        assert pass_deadlines() == 1
    assert state_of(order) is OrderState.CLOSED


def test_goods_that_cost_nothing_are_not_claimed():
    units = {"billed": 5, "claimed": 0}
    assert list(wrong_with_claim(ClaimKind.SHORT, 1, "Kurang.", 0, unit_price_rupiah=0, **units)) == [
        "quantity"
    ]
    assert wrong_with_claim(ClaimKind.SHORT, 1, "Kurang.", 0, unit_price_rupiah=1, **units) == {}


def test_a_claim_of_a_line_of_another_order_is_not_there(trade):
    first, second = received(trade), received(trade)
    with pytest.raises(NotFound):
        claim_on(trade, first, order_line_id=lines_of(second)[0].id)


def test_paid_later_and_credited_the_rest_settles_it(trade):
    sells(trade.seller, due_days=14)
    order = received(trade, 10, payment_plan="later")
    pay(trade, order, amount=120_000)
    assert state_of(order) is OrderState.INVOICED
    claim = claim_on(trade, order, 2)
    accept_claim(actor=trade.maker, claim_id=claim.id, granted=2)
    assert state_of(order) is OrderState.SETTLED
    assert db.session.scalars(select(Refund)).all() == []
    assert isinstance(claim_row(claim), OrderClaim)
