"""From sale to money: settlements, disputes, payments. Each row of the ledger is settled once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import select, text

from marketplace import clock, outbox
from marketplace.db import db, unit_of_work
from marketplace.errors import Conflict, Forbidden, InvalidInput, NotFound, RuleBroken
from marketplace.i18n import speaking
from marketplace.payments.models import AccountKind, JournalAccount, Payable, Payment, PaymentMethod
from marketplace.payments.rules import NewPayment, PaymentVerb
from marketplace.payments.services import answer_payment, record_payment
from marketplace.permissions import Role
from marketplace.placements.models import (
    Agreement,
    Bearer,
    Difference,
    Markdown,
    Outcome,
    Settlement,
    SettlementLine,
)
from marketplace.placements.queries import pace as pace_reads
from marketplace.placements.queries import settlements as reads
from marketplace.placements.queries.debts import debts_to
from marketplace.placements.rules import Side
from marketplace.placements.services import differences
from marketplace.placements.services.losses import bear
from marketplace.placements.services.settled import confirm_settlement, dispute_line
from marketplace.placements.services.settling import issue_settlement, prepare_settlements, settle_until
from marketplace.stock.models import MovementKind
from marketplace.stock.rules import Movement
from marketplace.stock.services import post_movements, reverse_movement
from tests import factories as make

TODAY = date(2026, 11, 22)
OCTOBER = date(2026, 10, 31)


@dataclass
class Shop:
    """A shelf with goods of a maker under an agreement of 20 %, settled monthly."""

    seller: make.Seller
    outlet: make.Outlet
    operator: make.Operator
    agreement: object
    product: Any
    maker: make.Actor
    buyer: make.Actor

    def move(self, ref, kind, quantity, day, price=None, product=None):
        movement = Movement(
            movement_ref=ref,
            occurred_on=day,
            kind=MovementKind(kind),
            outlet_id=self.outlet.id,
            seller_id=self.seller.id,
            product_id=(self.product if product is None else product).id,
            quantity=quantity,
            unit_price_rupiah=price,
        )
        post_movements(actor=self.buyer, movements=[movement])

    def lose(self, ref, quantity, day, borne_by=Bearer.OUTLET):
        self.move(ref, "loss", quantity, day)
        with unit_of_work() as session:
            bear(session, ref, borne_by, "missing", "count", 1)

    def draft(self):
        prepare_settlements(actor=self.buyer)
        return db.session.scalars(
            select(Settlement).where(Settlement.state == "draft").order_by(Settlement.last_day)
        ).first()

    def issued(self):
        return issue_settlement(actor=self.buyer, settlement_id=self.draft().id)

    def lines(self, row):
        query = select(SettlementLine).where(SettlementLine.settlement_id == row.id)
        return list(
            db.session.scalars(query.order_by(SettlementLine.occurred_on, SettlementLine.movement_id))
        )

    def payable(self, row):
        db.session.expire_all()
        return db.session.scalars(select(Payable).where(Payable.document_id == row.id)).one()

    def pay(self, row, amount, key="k1", method=PaymentMethod.CASH, **more):
        payment = NewPayment((self.payable(row).id,), amount, method, TODAY, key, **more)
        return record_payment(actor=self.buyer, payment=payment)


def shop_with(percent="20", **terms):
    seller = make.seller(name="Dapur Contoh")
    operator = make.operator(name="PT Rukun")
    outlet = make.outlet(name="Rukun Nusukan", operator_id=operator.id)
    agreement = make.agreement(
        outlet,
        seller,
        commission_percent=Decimal(percent) if percent else None,
        settlement_days=14,
        terms=terms,
    )
    found = Shop(
        seller, outlet, operator, agreement, make.product(seller, name="Keripik tempe", price_rupiah=8_000),
        make.member(Role.SELLER_OWNER, seller_id=seller.id),
        make.member(Role.BUYER_MANAGER, operator_id=operator.id),
    )  # fmt: skip
    found.move("D1", "delivery", 100, date(2026, 9, 1))
    return found


@pytest.fixture
def shop(app: Flask) -> Shop:
    return shop_with()


def balances():
    db.session.rollback()
    query = select(JournalAccount.kind, JournalAccount.balance_rupiah)
    return {kind: amount for kind, amount in db.session.execute(query) if amount}


# --- what a settlement holds -------------------------------------------------------------------------------


def test_a_cycle_is_settled_row_by_row_with_the_share_rounded_on_each(shop):
    shop.move("S1", "sale", 3, date(2026, 10, 3), 10_001)
    shop.move("S2", "sale", 2, date(2026, 10, 20))
    shop.move("S3", "sale", 1, date(2026, 11, 2), 10_000)
    row = shop.issued()
    assert (row.first_day, row.last_day, row.line_count) == (date(2026, 10, 1), OCTOBER, 2)
    assert [(one.gross_rupiah, one.commission_rupiah, one.net_rupiah) for one in shop.lines(row)] == [
        (30_003, 6_001, 24_002),
        (16_000, 3_200, 12_800),
    ]
    assert row.net_rupiah == 36_802
    assert (row.number, row.bill_number) == ("PS-2026-00001", "NT-2026-00001")
    debt = shop.payable(row)
    assert (debt.amount_rupiah, debt.papers_complete_on, debt.due_on) == (36_802, TODAY, date(2026, 12, 6))
    assert balances() == {"sales": -46_003, "commission": 9_201, "owed": 36_802}


def test_a_late_report_and_a_reversal_of_a_settled_sale_join_the_next_cycle(shop):
    shop.move("S1", "sale", 3, date(2026, 9, 3), 10_000)
    shop.move("S2", "sale", 2, date(2026, 9, 5), 10_000)
    with clock.frozen(datetime(2026, 10, 2, 5, tzinfo=UTC)):
        first = shop.issued()
    assert first.last_day == date(2026, 9, 30)
    shop.move("S3", "sale", 1, date(2026, 9, 28), 10_000)
    shop.move("S4", "sale", 5, date(2026, 10, 9), 10_000)
    reverse_movement("S2", actor=shop.buyer, occurred_on=date(2026, 10, 10))
    second = shop.issued()
    assert (second.first_day, second.last_day) == (date(2026, 10, 1), OCTOBER)
    assert [(one.kind, one.quantity, one.net_rupiah) for one in shop.lines(second)] == [
        ("sale", 1, 8_000),
        ("sale", 5, 40_000),
        ("reversal", -2, -16_000),
    ]
    assert shop.draft() is None


def test_a_sale_keeps_the_terms_of_its_day_and_its_reversal_takes_back_just_that(shop):
    with unit_of_work() as session:
        session.get_one(Agreement, shop.agreement.id).commission_percent = None
    make.version(
        shop.agreement,
        {"valid_from": date(2026, 10, 15), "commission_basis": "fixed_per_unit", "commission_percent": None,
         "commission_rupiah": 500},
    )  # fmt: skip
    shop.move("S1", "sale", 1, date(2026, 10, 14), 10_000)
    shop.move("S2", "sale", 1, date(2026, 10, 15), 10_000)
    reverse_movement("S1", actor=shop.buyer, occurred_on=date(2026, 10, 20))
    row = shop.issued()
    assert [one.commission_rupiah for one in shop.lines(row)] == [2_000, 500, -2_000]
    assert row.net_rupiah == 9_500


def test_losses_that_the_outlet_bears_are_charged_at_the_net_price_and_taken_back_when_found(shop):
    shop.move("S1", "sale", 10, date(2026, 10, 1), 10_000)
    shop.lose("L1", 3, date(2026, 10, 5))
    shop.lose("L2", 5, date(2026, 10, 6), Bearer.SELLER)
    shop.move("F1", "found", 4, date(2026, 10, 8))
    row = shop.issued()
    assert [(one.kind, one.quantity, one.net_rupiah) for one in shop.lines(row)] == [
        ("sale", 10, 80_000),
        ("loss", 3, 19_200),
        ("found", -3, -19_200),
    ]
    assert (row.charged_rupiah, row.net_rupiah) == (0, 80_000)


def test_what_is_found_after_the_charge_was_settled_comes_as_a_negative_line(shop):
    shop.lose("L1", 3, date(2026, 9, 5))
    with clock.frozen(datetime(2026, 10, 2, 5, tzinfo=UTC)):
        shop.issued()
    shop.move("S1", "sale", 10, date(2026, 10, 1), 10_000)
    shop.move("F1", "found", 1, date(2026, 10, 8))
    row = shop.issued()
    assert (row.gross_rupiah, row.charged_rupiah, row.net_rupiah) == (100_000, -6_400, 73_600)


def test_a_sale_below_the_agreed_price_is_paid_from_it_unless_the_maker_agreed(app):
    shop = shop_with()
    product = make.product(shop.seller)
    other = make.version(shop.agreement, {"valid_from": date(2026, 9, 1)}, {product.id: (10_000, None)})
    assert other.number == 2
    shop.move("D2", "delivery", 50, date(2026, 9, 1), product=product)
    shop.move("S1", "sale", 1, date(2026, 10, 4), 7_000, product)
    with unit_of_work() as session:
        session.add(
            Markdown(
                agreement_id=shop.agreement.id, outlet_id=shop.outlet.id, seller_id=shop.seller.id,
                product_id=product.id, client_key="m", agreed_rupiah=10_000, price_rupiah=7_000,
                first_day=date(2026, 10, 10), last_day=date(2026, 10, 20), reason="lambat", state="agreed",
                asked_at=clock.now(), answered_at=datetime(2026, 10, 9, tzinfo=UTC), answer_reason="",
            )
        )  # fmt: skip
    shop.move("S2", "sale", 1, date(2026, 10, 12), 7_000, product)
    shop.move("L1", "loss", 1, date(2026, 10, 12), None, product)
    with unit_of_work() as session:
        bear(session, "L1", Bearer.OUTLET, "missing", "count", 1)
    row = shop.issued()
    # The consent was to a lower price for customers: what was lost meanwhile is charged by the agreed one.
    assert [one.gross_rupiah for one in shop.lines(row)] == [10_000, 7_000, 8_000]


def test_nothing_is_settled_without_an_agreement_on_consignment(app):
    seller, outlet = make.seller(), make.outlet()
    make.agreement(outlet, seller, basis="outright")
    product = make.product(seller)
    for ref, kind in (("D", "delivery"), ("S", "sale")):
        post_movements(
            actor=make.member(Role.ADMIN),
            movements=[
                Movement(ref, MovementKind(kind), outlet.id, seller.id, product.id, 1, date(2026, 9, 1))
            ],
        )
    assert settle_until(OCTOBER).settlements == 0


def test_a_cycle_below_zero_waits_for_the_next(shop):
    shop.move("S1", "sale", 3, date(2026, 9, 3), 10_000)
    with clock.frozen(datetime(2026, 10, 2, 5, tzinfo=UTC)):
        shop.issued()
    reverse_movement("S1", actor=shop.buyer, occurred_on=date(2026, 10, 10))
    assert shop.draft() is None


# --- a whole city ------------------------------------------------------------------------------------------


def test_a_run_drafts_every_ended_cycle_and_a_draft_follows_the_ledger(shop):
    shop.move("S1", "sale", 1, date(2026, 9, 3), 10_000)
    shop.move("S2", "sale", 2, date(2026, 10, 3), 10_000)
    counts = settle_until(OCTOBER)
    assert (counts.settlements, counts.lines, counts.rupiah) == (2, 2, 24_000)
    first = {row.last_day: row.id for row in db.session.scalars(select(Settlement))}
    shop.move("S3", "sale", 2, date(2026, 10, 4), 10_000)
    assert settle_until(OCTOBER).rupiah == 40_000
    db.session.expire_all()
    again = {row.last_day: (row.id, row.net_rupiah) for row in db.session.scalars(select(Settlement))}
    assert again == {
        date(2026, 9, 30): (first[date(2026, 9, 30)], 8_000),
        OCTOBER: (first[OCTOBER], 32_000),
    }


def test_a_run_that_issues_is_complete_and_run_again_does_nothing(shop):
    other = make.outlet(operator_id=shop.operator.id)
    make.agreement(other, shop.seller, commission_percent=Decimal(10))
    shop.move("S1", "sale", 1, date(2026, 10, 3), 10_000)
    shop.outlet = other
    shop.move("D2", "delivery", 5, date(2026, 9, 1))
    shop.move("S2", "sale", 2, date(2026, 10, 3), 10_000)
    counts = settle_until(OCTOBER, issue=True)
    assert (counts.settlements, counts.lines, counts.rupiah) == (2, 2, 26_000)
    rows = db.session.execute(select(Settlement.number, Settlement.bill_number)).all()
    assert sorted(rows) == [("PS-2026-00001", "NT-2026-00001"), ("PS-2026-00002", "NT-2026-00002")]
    assert balances() == {"sales": -30_000, "commission": 4_000, "owed": 26_000}
    assert outbox.drain() >= 1
    assert settle_until(OCTOBER, issue=True).settlements == 0


def test_a_run_up_to_a_day_that_has_not_ended_is_refused(shop):
    with pytest.raises(InvalidInput, match="21 November 2026"):
        settle_until(TODAY)


def test_sales_before_the_first_day_are_left_aside(app, shop):
    app.config["SETTLE_FROM"] = date(2026, 10, 1)
    shop.move("S1", "sale", 1, date(2026, 9, 3), 10_000)
    reverse_movement("S1", actor=shop.buyer, occurred_on=date(2026, 10, 2))
    shop.move("S2", "sale", 3, date(2026, 10, 3), 10_000)
    row = shop.issued()
    assert [(one.kind, one.net_rupiah) for one in shop.lines(row)] == [("reversal", -8_000), ("sale", 24_000)]


# --- issuing, confirming, disputing ------------------------------------------------------------------------


def test_a_closed_cycle_an_open_one_and_a_stranger_s_are_refused(shop):
    shop.move("S1", "sale", 3, date(2026, 10, 3), 10_000)
    draft = shop.draft()
    stranger = make.member(Role.BUYER_OWNER, operator_id=make.operator().id)
    for actor in (stranger, shop.maker, make.officer()):
        with pytest.raises(NotFound):
            issue_settlement(actor=actor, settlement_id=draft.id)
    staff = make.member(Role.BUYER_STAFF, operator_id=shop.operator.id)
    with pytest.raises(Forbidden):
        issue_settlement(actor=staff, settlement_id=draft.id)
    row = issue_settlement(actor=shop.buyer, settlement_id=draft.id)
    with pytest.raises(RuleBroken, match="sudah ditutup dengan penyelesaian PS-2026-00001"):
        issue_settlement(actor=shop.buyer, settlement_id=row.id)


def test_an_earlier_cycle_is_issued_first(shop):
    shop.move("S1", "sale", 1, date(2026, 9, 3), 10_000)
    shop.move("S2", "sale", 1, date(2026, 10, 3), 10_000)
    shop.draft()
    later = db.session.scalars(select(Settlement).where(Settlement.last_day == OCTOBER)).one()
    with pytest.raises(RuleBroken, match="30 September 2026"):
        issue_settlement(actor=shop.buyer, settlement_id=later.id)


def test_a_draft_whose_rows_are_gone_is_not_issued(shop):
    shop.move("S1", "sale", 1, date(2026, 10, 3), 10_000)
    draft = shop.draft()
    reverse_movement("S1", actor=shop.buyer, occurred_on=date(2026, 10, 3))
    row = issue_settlement(actor=shop.buyer, settlement_id=draft.id)
    assert (row.line_count, row.net_rupiah) == (2, 0)


def test_the_seller_confirms_once_however_often_it_says_so(shop):
    shop.move("S1", "sale", 3, date(2026, 10, 3), 10_000)
    draft = shop.draft()
    with pytest.raises(RuleBroken, match="masih konsep"):
        confirm_settlement(actor=shop.maker, settlement_id=draft.id)
    row = issue_settlement(actor=shop.buyer, settlement_id=draft.id)
    with pytest.raises(NotFound):
        confirm_settlement(actor=shop.buyer, settlement_id=row.id)
    first = confirm_settlement(actor=shop.maker, settlement_id=row.id).confirmed_at
    with clock.frozen(datetime(2026, 11, 25, 5, tzinfo=UTC)):
        assert confirm_settlement(actor=shop.maker, settlement_id=row.id).confirmed_at == first


def disputed(shop, claimed=30_000):
    shop.move("S1", "sale", 3, date(2026, 10, 3), 10_000)
    shop.move("S2", "sale", 5, date(2026, 10, 4), 10_000)
    row = shop.issued()
    line = shop.lines(row)[0]
    dispute_line(
        actor=shop.maker,
        settlement_id=row.id,
        movement_id=line.movement_id,
        claimed_rupiah=claimed,
        reason="Li\x00ma.",
    )
    return row, line, db.session.scalars(select(Difference)).one()


def test_a_disputed_line_waits_and_the_rest_goes_on(shop):
    row, line, difference = disputed(shop)
    assert shop.payable(row).amount_rupiah == 40_000
    assert (difference.kind, difference.rupiah, difference.line_ref) == (
        "settlement_line", 6_000, str(line.movement_id),
    )  # fmt: skip
    assert balances() == {"sales": -80_000, "commission": 16_000, "owed": 40_000, "disputed": 24_000}
    again = dispute_line(
        actor=shop.maker, settlement_id=row.id, movement_id=line.movement_id, claimed_rupiah=1, reason="lagi"
    )
    assert again.claimed_rupiah == 30_000


def test_what_is_kept_of_a_dispute_is_in_one_language_whoever_disputes(shop):
    with speaking("en"):
        _row, _line, difference = disputed(shop)
    assert "3 Oktober 2026: Rp24.000 pada penyelesaian" in difference.description
    assert difference.description.endswith("menurut penjual Rp30.000. Lima.")


def test_when_the_store_corrects_the_line_brings_what_the_seller_said(shop):
    row, _line, difference = disputed(shop)
    differences.settle(shop.buyer, difference.id, Outcome.STORE_CORRECTS)
    assert shop.payable(row).amount_rupiah == 70_000
    assert balances() == {"sales": -80_000, "commission": 16_000, "owed": 70_000, "correction": -6_000}


def test_when_the_seller_agrees_the_line_stands(shop):
    row, _line, difference = disputed(shop)
    differences.settle(shop.maker, difference.id, Outcome.SELLER_AGREES)
    assert shop.payable(row).amount_rupiah == 64_000
    assert balances() == {"sales": -80_000, "commission": 16_000, "owed": 64_000}


def test_an_officer_may_decide_that_a_line_should_not_be(shop):
    row, _line, difference = disputed(shop, claimed=0)
    differences.settle(
        make.officer(), difference.id, Outcome.OFFICER_DECIDES, "Struk ganda.", favours=Side.SELLER
    )
    assert shop.payable(row).amount_rupiah == 40_000


def test_a_claim_needs_an_amount_and_a_reason(shop):
    shop.move("S1", "sale", 3, date(2026, 10, 3), 10_000)
    row = shop.issued()
    line = shop.lines(row)[0]
    for claimed, reason in ((-1, "x"), (24_000, "x"), (0, " ")):
        with pytest.raises(InvalidInput):
            dispute_line(
                actor=shop.maker, settlement_id=row.id, movement_id=line.movement_id, claimed_rupiah=claimed,
                reason=reason,
            )  # fmt: skip
    shop.pay(row, 20_000)
    with pytest.raises(RuleBroken, match="tidak bisa disisihkan"):
        dispute_line(
            actor=shop.maker, settlement_id=row.id, movement_id=line.movement_id, claimed_rupiah=0, reason="x"
        )
    with pytest.raises(NotFound):
        dispute_line(
            actor=shop.maker,
            settlement_id=row.id,
            movement_id=line.movement_id + 99,
            claimed_rupiah=0,
            reason="x",
        )


# --- payments ----------------------------------------------------------------------------------------------


def settled(shop):
    shop.move("S1", "sale", 10, date(2026, 10, 12), 10_000)
    return shop.issued()


def test_payments_in_parts_are_confirmed_one_by_one(shop):
    row = settled(shop)
    first = shop.pay(row, 30_000, "a")
    shop.pay(row, 50_000, "b")
    debt = shop.payable(row)
    assert (debt.paid_rupiah, debt.confirmed_rupiah, debt.open_rupiah) == (80_000, 0, 0)
    assert balances()["transit"] == 80_000
    answer_payment(actor=shop.maker, payment_id=first.id, verb=PaymentVerb.CONFIRM)
    assert shop.payable(row).confirmed_rupiah == 30_000
    assert balances() == {"sales": -100_000, "commission": 20_000, "transit": 50_000, "received": 30_000}


def test_the_same_payment_sent_again_is_one_and_another_under_its_key_is_refused(shop):
    row = settled(shop)
    first = shop.pay(row, 30_000, "same")
    assert shop.pay(row, 30_000, "same").id == first.id
    with pytest.raises(Conflict):
        shop.pay(row, 30_001, "same")
    assert shop.payable(row).paid_rupiah == 30_000


def test_too_much_nothing_negative_and_the_future_are_refused_in_a_sentence(shop):
    row = settled(shop)
    with pytest.raises(RuleBroken, match=r"paling banyak sebesar itu|Rp80\.000"):
        shop.pay(row, 80_001)
    for amount in (0, -5, 10**13):
        with pytest.raises(InvalidInput) as wrong:
            shop.pay(row, amount)
        assert "amount_rupiah" in wrong.value.fields
    debt = shop.payable(row)
    for day in (TODAY + timedelta(days=1), TODAY - timedelta(days=400)):
        with pytest.raises(InvalidInput) as wrong:
            record_payment(actor=shop.buyer, payment=NewPayment((debt.id,), 5, PaymentMethod.CASH, day, "f"))
        assert "paid_on" in wrong.value.fields
    with pytest.raises(InvalidInput) as wrong:
        shop.pay(row, 5, method=PaymentMethod.BANK_TRANSFER)
    assert "file" in wrong.value.fields
    assert db.session.scalar(select(Payment.id)) is None


def test_nobody_pays_or_answers_for_others(shop):
    row = settled(shop)
    stranger = make.member(Role.BUYER_OWNER, operator_id=make.operator().id)
    payment = NewPayment((shop.payable(row).id,), 5, PaymentMethod.CASH, TODAY, "x")
    for actor in (stranger, make.member(Role.ADMIN)):
        with pytest.raises((NotFound, Forbidden)):
            record_payment(actor=actor, payment=payment)
    made = shop.pay(row, 10_000)
    other = make.member(Role.SELLER_OWNER, seller_id=make.seller().id)
    for actor in (stranger, other):
        with pytest.raises(NotFound):
            answer_payment(actor=actor, payment_id=made.id, verb=PaymentVerb.CONFIRM)
    with pytest.raises((RuleBroken, Forbidden)):
        answer_payment(actor=shop.buyer, payment_id=made.id, verb=PaymentVerb.CONFIRM)


def test_denied_taken_back_and_reversed_payments_open_the_bill_again(shop):
    row = settled(shop)
    for key, verb, actor in (("a", PaymentVerb.DENY, shop.maker), ("b", PaymentVerb.TAKE_BACK, shop.buyer)):
        made = shop.pay(row, 80_000, key)
        with pytest.raises(InvalidInput):
            answer_payment(actor=actor, payment_id=made.id, verb=verb)
        answer_payment(actor=actor, payment_id=made.id, verb=verb, reason="tidak ada")
        assert shop.payable(row).open_rupiah == 80_000
        with pytest.raises(RuleBroken):
            answer_payment(actor=shop.maker, payment_id=made.id, verb=PaymentVerb.CONFIRM)
    made = shop.pay(row, 80_000, "c")
    for _time in range(2):
        answer_payment(actor=shop.maker, payment_id=made.id, verb=PaymentVerb.CONFIRM)
    answer_payment(actor=shop.maker, payment_id=made.id, verb=PaymentVerb.REVERSE, reason="giro kosong")
    debt = shop.payable(row)
    assert (debt.paid_rupiah, debt.confirmed_rupiah) == (0, 0)
    assert balances() == {"sales": -100_000, "commission": 20_000, "owed": 80_000}


def test_one_transfer_pays_several_bills_the_first_named_first(shop):
    shop.move("S1", "sale", 1, date(2026, 9, 3), 10_000)
    shop.move("S2", "sale", 2, date(2026, 10, 3), 10_000)
    settle_until(OCTOBER, issue=True)
    bills = list(db.session.scalars(select(Payable).order_by(Payable.id)))
    payment = NewPayment(tuple(one.id for one in bills), 20_000, PaymentMethod.BANK_TRANSFER, TODAY, "k")
    picture = BytesIO()
    Image.new("RGB", (40, 40), "white").save(picture, "PNG")
    made = record_payment(actor=shop.buyer, payment=payment, proof=picture.getvalue())
    assert made.proof_kind == "photo"
    db.session.expire_all()
    assert [one.paid_rupiah for one in bills] == [8_000, 12_000]


def test_days_from_sale_to_money_are_weighted_by_rupiah(shop):
    shop.move("S1", "sale", 1, date(2026, 10, 2), 10_000)
    shop.move("S2", "sale", 3, date(2026, 10, 22), 10_000)
    row = shop.issued()
    assert pace_reads.days_to_money(shop.operator.id).days is None
    made = shop.pay(row, 16_000)
    with clock.frozen(datetime(2026, 12, 1, 5, tzinfo=UTC)):
        answer_payment(actor=shop.maker, payment_id=made.id, verb=PaymentVerb.CONFIRM)
    with clock.frozen(datetime(2026, 12, 20, 5, tzinfo=UTC)):
        pace = pace_reads.days_to_money(shop.operator.id)
        assert pace.days == pytest.approx((60 + 3 * 40) / 4)
        assert (pace.confirmed_rupiah, pace.open_rupiah, pace.overdue_rupiah) == (16_000, 16_000, 16_000)
        ages = pace_reads.ages_of(shop.buyer)
        assert (ages.rupiah, ages.overdue_rupiah) == ((0, 16_000, 0, 0), 16_000)
        (payer,) = pace_reads.payers(make.officer())
        assert (payer.name, payer.ages, round(payer.days or 0)) == ("PT Rukun", (0, 16_000, 0, 0), 45)
        (debt,) = debts_to(shop.seller.id, clock.today())
        assert (debt.open_rupiah, debt.overdue_rupiah) == (16_000, 16_000)
        assert reads.settlements_of(shop.maker, reads.SettlementFilter())[0].status == "overdue"


# --- what the database itself refuses ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE settlement_lines SET net_rupiah = net_rupiah",
        "DELETE FROM settlement_lines",
        "UPDATE journal_lines SET amount_rupiah = 1",
        "DELETE FROM journal_transactions",
        "INSERT INTO settlement_lines SELECT * FROM settlement_lines",
        "UPDATE payables SET paid_rupiah = amount_rupiah + 1",
        "UPDATE payables SET confirmed_rupiah = paid_rupiah + 1",
    ],
)
def test_the_database_refuses(shop, statement):
    settled(shop)
    with pytest.raises(Exception, match=r"append-only|constraint|CHECK|violates"), unit_of_work() as session:
        session.execute(text(statement))


@pytest.mark.corrupts
def test_the_audit_finds_what_was_spoiled(app, shop):
    from marketplace import audits  # noqa: PLC0415

    row = settled(shop)
    shop.pay(row, 10_000)
    assert [line for line in audits.differences() if line.startswith(("journal", "settlements"))] == []
    for statement, words in (
        ("UPDATE settlements SET gross_rupiah = gross_rupiah + 5, net_rupiah = net_rupiah + 5", "gross"),
        ("UPDATE journal_accounts SET balance_rupiah = balance_rupiah + 1 WHERE kind = 'owed'", "lines say"),
        ("UPDATE payables SET paid_rupiah = 20000", "payments say"),
        ("UPDATE settlements SET weight = weight + 1", "weight"),
    ):
        with unit_of_work() as session:
            session.execute(text(statement))
        found = list(audits.differences())
        assert any(words in line for line in found), (words, found)


def test_account_kinds_are_all_allowed_by_the_database(app, shop):
    with unit_of_work() as session:
        session.add_all(
            JournalAccount(operator_id=shop.operator.id, seller_id=shop.seller.id, kind=kind.value)
            for kind in AccountKind
        )
    assert db.session.query(JournalAccount).count() == len(AccountKind)
