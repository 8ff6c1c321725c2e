"""From a draft to the shelf: only what was accepted goes in, once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select

from marketplace import clock
from marketplace.audit import AuditEvent
from marketplace.db import db
from marketplace.errors import Forbidden, InvalidInput, NotFound, RuleBroken
from marketplace.permissions import Role
from marketplace.placements import services
from marketplace.placements.models import Delivery
from marketplace.placements.queries import deliveries as reads
from marketplace.placements.rules.deliveries import Counted
from marketplace.placements.services.deliveries import (
    cancel_delivery,
    change_delivery,
    make_delivery,
    send_delivery,
)
from marketplace.placements.services.delivery_lines import NewLine
from marketplace.placements.services.receiving import receive_delivery
from tests import factories as make
from tests.placements.goods_support import (
    DAY,
    GOOD,
    TODAY,
    agree,
    differences,
    draft,
    line,
    lines_of,
    lots,
    mails,
    movements,
    on_hand,
    sent,
)


def test_a_delivery_enters_the_shelf_when_it_is_received_with_its_lot_and_once(parties):
    delivery = sent(parties, agree(parties), line(parties, 12, "A7", GOOD))
    assert (delivery.number, delivery.state, on_hand(parties)) == ("SJ/2026/0001", "sent", 0)
    received = receive_delivery(actor=parties.buyer, delivery_id=delivery.id)
    assert (received.state, received.received_on) == ("received", TODAY)
    assert on_hand(parties) == 12
    assert lots(parties) == {("A7", GOOD): 12}
    assert movements() == [(f"delivery:{delivery.id}:1", "delivery", 12)]
    assert differences() == []
    with pytest.raises(RuleBroken, match="sudah diterima 22 November 2026 oleh") as refused:
        receive_delivery(actor=parties.buyer, delivery_id=delivery.id)
    assert refused.value.code == "delivery_received"
    assert len(movements()) == 1
    assert mails()[-2:] == ["delivery_sent", "delivery_received"]
    actions = select(AuditEvent.action).where(AuditEvent.subject_kind == "deliveries").order_by(AuditEvent.id)
    assert list(db.session.scalars(actions)) == ["delivery.made", "delivery.sent", "delivery.received"]


def test_of_a_line_only_what_was_accepted_goes_in_and_the_rest_is_a_difference_both_see(parties):
    delivery = sent(parties, agree(parties), line(parties, 10))
    (one,) = lines_of(delivery)
    receive_delivery(
        actor=parties.buyer, delivery_id=delivery.id, counted={one.id: Counted(7, short=2, damaged=1)}
    )
    assert on_hand(parties) == 7
    assert [(row.kind, row.quantity, row.line_ref) for row in differences()] == [
        ("delivery_short", 2, "1"),
        ("delivery_damaged", 1, "1"),
    ]


def test_a_receipt_must_add_up_and_nothing_is_written_otherwise(parties):
    delivery = sent(parties, agree(parties), line(parties, 10))
    (one,) = lines_of(delivery)
    for counted in (Counted(9), Counted(10, 1), Counted(11), Counted(-1, 11), Counted(0)):
        with pytest.raises(InvalidInput) as refused:
            receive_delivery(actor=parties.buyer, delivery_id=delivery.id, counted={one.id: counted})
        assert f"line-{one.id}" in refused.value.fields
    with pytest.raises(InvalidInput):
        receive_delivery(actor=parties.buyer, delivery_id=delivery.id, counted={})
    db.session.expire_all()
    assert (on_hand(parties), differences(), lines_of(delivery)[0].accepted) == (0, [], None)
    assert db.session.get_one(Delivery, delivery.id).state == "sent"


@pytest.mark.parametrize("quantity", [0, -1, 10**12 + 1])
def test_a_quantity_that_cannot_be_is_refused_with_its_field(parties, quantity):
    wrong = replace(line(parties, quantity), field="row-3")
    with pytest.raises(InvalidInput) as refused:
        make_delivery(actor=parties.maker, draft=draft(agree(parties), wrong))
    assert list(refused.value.fields) == ["row-3"]
    assert db.session.query(Delivery).count() == 0


def test_a_lot_that_expired_yesterday_is_not_sent(parties):
    with pytest.raises(InvalidInput, match="sudah kedaluwarsa 1 hari"):
        make_delivery(
            actor=parties.maker, draft=draft(agree(parties), line(parties, 5, expires_on=TODAY - DAY))
        )


def test_a_lot_with_less_life_than_the_agreement_asks_is_refused_when_sent_and_when_received(parties):
    agreement_id = agree(parties, min_life_days=30)
    with pytest.raises(
        InvalidInput, match="Sisa umur lot ini 29 hari, perjanjian meminta paling sedikit 30 hari"
    ):
        make_delivery(
            actor=parties.maker, draft=draft(agreement_id, line(parties, 5, expires_on=TODAY + 29 * DAY))
        )
    with pytest.raises(InvalidInput, match="Isi tanggal kedaluwarsa"):
        make_delivery(actor=parties.maker, draft=draft(agreement_id, line(parties, 5, expires_on=None)))
    delivery = sent(
        parties, agreement_id, line(parties, 5, "OLD", TODAY + 30 * DAY), line(parties, 8, "NEW", GOOD)
    )
    old, new = lines_of(delivery)
    with clock.frozen(clock.now() + DAY):
        counted = {old.id: Counted(5), new.id: Counted(8)}
        with pytest.raises(InvalidInput) as refused:
            receive_delivery(actor=parties.buyer, delivery_id=delivery.id, counted=counted)
        assert list(refused.value.fields) == [f"line-{old.id}"]
        assert on_hand(parties) == 0
        receive_delivery(actor=parties.buyer, delivery_id=delivery.id)
    db.session.expire_all()
    old, new = lines_of(delivery)
    assert (old.accepted, old.refused, new.accepted, new.refused) == (0, 5, 8, 0)
    assert lots(parties) == {("NEW", GOOD): 8}
    assert differences() == []


def test_goods_need_an_agreement_in_force_to_be_sent_and_to_come_in(parties):
    agreement_id = agree(parties)
    delivery = sent(parties, agreement_id)
    services.suspend_agreement(
        actor=parties.buyer, agreement_id=agreement_id, first_day=TODAY, last_day=None, reason="renovasi"
    )
    with pytest.raises(RuleBroken, match="ditangguhkan") as refused:
        receive_delivery(actor=parties.buyer, delivery_id=delivery.id)
    assert refused.value.code == "agreement_suspended"
    with pytest.raises(RuleBroken, match="ditangguhkan"):
        make_delivery(actor=parties.maker, draft=draft(agreement_id, line(parties)))
    assert on_hand(parties) == 0
    services.resume_agreement(actor=parties.buyer, agreement_id=agreement_id)
    receive_delivery(actor=parties.buyer, delivery_id=delivery.id)
    assert on_hand(parties) == 10


def test_a_proposal_that_nobody_accepted_carries_no_goods(parties):
    with pytest.raises(RuleBroken, match="Belum ada perjanjian yang disetujui"):
        make_delivery(actor=parties.maker, draft=draft(parties.proposed().id, line(parties)))


def test_a_product_outside_the_annex_is_refused(parties):
    agreement_id = agree(parties)
    other = make.product(parties.seller, name="Rempeyek").id
    strange = make.product(make.seller(), name="Kopi orang").id
    for product_id, sentence in ((other, "tidak ada dalam perjanjian"), (strange, "bukan milik usaha Anda")):
        with pytest.raises(InvalidInput, match=sentence):
            make_delivery(actor=parties.maker, draft=draft(agreement_id, NewLine(product_id, 3)))


def test_the_day_of_a_delivery_is_today_or_soon(parties):
    agreement_id = agree(parties)
    for day in (TODAY - DAY, TODAY + 61 * DAY):
        with pytest.raises(InvalidInput) as refused:
            make_delivery(actor=parties.maker, draft=draft(agreement_id, line(parties), deliver_on=day))
        assert list(refused.value.fields) == ["deliver_on"]
    with pytest.raises(InvalidInput, match="tahun"):
        make_delivery(
            actor=parties.maker, draft=draft(agreement_id, line(parties, expires_on=date(9999, 1, 1)))
        )


def test_the_same_form_sent_twice_makes_one_note(parties):
    wanted = draft(agree(parties), line(parties), client_key="abc")
    first = make_delivery(actor=parties.maker, draft=wanted)
    assert make_delivery(actor=parties.maker, draft=wanted).id == first.id
    send_delivery(actor=parties.maker, delivery_id=first.id)
    assert make_delivery(actor=parties.maker, draft=wanted).state == "sent"


def test_the_same_form_with_other_goods_changes_the_draft_and_never_what_was_sent(parties):
    agreement_id = agree(parties)
    made = make_delivery(actor=parties.maker, draft=draft(agreement_id, line(parties), client_key="abc"))
    other = draft(agreement_id, line(parties, 7), client_key="abc")
    assert make_delivery(actor=parties.maker, draft=other).id == made.id
    assert [one.quantity for one in lines_of(made)] == [7]
    send_delivery(actor=parties.maker, delivery_id=made.id)
    with pytest.raises(RuleBroken):
        make_delivery(actor=parties.maker, draft=draft(agreement_id, line(parties), client_key="abc"))
    assert [one.quantity for one in lines_of(made)] == [7]


def test_the_sender_is_told_what_to_send_instead_and_the_store_what_to_give_back(parties):
    agreement_id = agree(parties, min_life_days=30)
    wanted = {
        TODAY - DAY: "Lot ini sudah kedaluwarsa 1 hari. Kirim lot yang masih baik.",
        TODAY + 9 * DAY: (
            "Sisa umur lot ini 9 hari, perjanjian meminta paling sedikit 30 hari. Kirim lot yang lebih baru."
        ),
    }
    for expires_on, sentence in wanted.items():
        with pytest.raises(InvalidInput) as refused:
            make_delivery(actor=parties.maker, draft=draft(agreement_id, line(parties, 4, "L", expires_on)))
        assert refused.value.message == sentence


def test_a_number_beyond_all_measure_is_named_as_such(parties):
    with pytest.raises(InvalidInput) as refused:
        make_delivery(actor=parties.maker, draft=draft(agree(parties), line(parties, 10**12 + 1)))
    assert "Paling banyak 1.000.000.000.000" in refused.value.message


def test_a_draft_is_changed_whole_and_a_sent_note_not_at_all(parties):
    agreement_id = agree(parties)
    made = make_delivery(actor=parties.maker, draft=draft(agreement_id, line(parties)))
    change_delivery(
        actor=parties.maker,
        delivery_id=made.id,
        draft=draft(agreement_id, line(parties, 3, "", None), line(parties, 4, "", GOOD)),
    )
    assert [(one.quantity, one.lot_code) for one in lines_of(made)] == [(3, ""), (4, "K270630")]
    send_delivery(actor=parties.maker, delivery_id=made.id)
    for act in (
        lambda: change_delivery(
            actor=parties.maker, delivery_id=made.id, draft=draft(agreement_id, line(parties))
        ),
        lambda: send_delivery(actor=parties.maker, delivery_id=made.id),
    ):
        with pytest.raises(RuleBroken) as refused:
            act()
        assert refused.value.code == "delivery_sent"


def test_a_note_called_off_keeps_its_number_and_is_not_received(parties):
    agreement_id = agree(parties)
    delivery = sent(parties, agreement_id)
    with pytest.raises(InvalidInput):
        cancel_delivery(actor=parties.maker, delivery_id=delivery.id)
    cancel_delivery(actor=parties.maker, delivery_id=delivery.id, reason="ban bocor")
    with pytest.raises(RuleBroken) as refused:
        receive_delivery(actor=parties.buyer, delivery_id=delivery.id)
    assert refused.value.code == "delivery_cancelled"
    assert sent(parties, agreement_id).number == "SJ/2026/0002"


def test_the_day_of_receipt_lies_between_sending_and_today(parties):
    delivery = sent(parties, agree(parties))
    with clock.frozen(clock.now() + 3 * DAY):
        for day in (TODAY - DAY, TODAY + 4 * DAY):
            with pytest.raises(InvalidInput) as refused:
                receive_delivery(actor=parties.buyer, delivery_id=delivery.id, received_on=day)
            assert list(refused.value.fields) == ["received_on"]
        receive_delivery(actor=parties.buyer, delivery_id=delivery.id, received_on=TODAY + DAY)
    assert db.session.get_one(Delivery, delivery.id).received_on == TODAY + DAY


def test_strangers_and_the_wrong_side_find_nothing(parties):
    agreement_id = agree(parties)
    delivery = sent(parties, agreement_id)
    stranger = make.member(Role.SELLER_OWNER, seller_id=make.seller().id)
    other_store = make.member(Role.BUYER_MANAGER, operator_id=make.operator().id)
    for actor in (stranger, other_store):
        assert reads.delivery_page(actor, delivery.id) is None
        assert reads.deliveries_of(actor, reads.DeliveryFilter()) == []
    with pytest.raises(NotFound):
        receive_delivery(actor=other_store, delivery_id=delivery.id)
    with pytest.raises(NotFound):
        make_delivery(actor=stranger, draft=draft(agreement_id, line(parties)))
    with pytest.raises(Forbidden):
        receive_delivery(actor=parties.maker, delivery_id=delivery.id)
    with pytest.raises(NotFound):
        receive_delivery(actor=parties.buyer, delivery_id=10**9)


def test_a_draft_is_its_maker_s_own_and_the_office_sees_what_was_sent_in_its_region(parties):
    agreement_id = agree(parties)
    made = make_delivery(actor=parties.maker, draft=draft(agreement_id, line(parties)))
    assert reads.delivery_page(parties.buyer, made.id) is None
    assert reads.count_by_state(parties.maker) == {"draft": 1}
    send_delivery(actor=parties.maker, delivery_id=made.id)
    assert reads.delivery_page(parties.buyer, made.id) is not None
    assert reads.delivery_page(make.officer(), made.id) is not None
    assert reads.delivery_page(make.officer(region_code="33.74"), made.id) is None
    (row,) = reads.to_receive(parties.buyer)
    assert (row.number, row.units) == ("SJ/2026/0001", 10)


def test_staff_of_both_sides_may_send_and_receive(parties):
    driver = make.member(Role.SELLER_STAFF, seller_id=parties.seller.id)
    clerk = make.member(Role.BUYER_STAFF, operator_id=parties.buyer.operator_id)
    made = make_delivery(actor=driver, draft=draft(agree(parties), line(parties)))
    send_delivery(actor=driver, delivery_id=made.id)
    receive_delivery(actor=clerk, delivery_id=made.id)
    assert on_hand(parties) == 10
