"""Two hands at once on one paper: one wins, nothing is posted twice. A control shows why there is a lock."""

from __future__ import annotations

import threading
from functools import partial
from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select, update

from marketplace import clock
from marketplace.backends.storage import current_storage
from marketplace.db import db, unit_of_work
from marketplace.errors import MarketplaceError
from marketplace.placements.models import (
    Delivery,
    Destruction,
    Difference,
    Message,
    Outcome,
    ReturnNote,
    ReturnReason,
)
from marketplace.placements.rules.deliveries import Counted
from marketplace.placements.services.deliveries import cancel_delivery, make_delivery, send_delivery
from marketplace.placements.services.destructions import DestructionDraft, record_destruction
from marketplace.placements.services.differences import settle
from marketplace.placements.services.expiry import warn_of_expiry
from marketplace.placements.services.messages import write_message
from marketplace.placements.services.receiving import receive_delivery
from marketplace.placements.services.return_lines import TakenLine
from marketplace.placements.services.returns import ReturnDraft, fetch_return, make_return
from tests.placements.goods_support import (
    DAY,
    GOOD,
    TODAY,
    agree,
    differences,
    draft,
    line,
    lines_of,
    mails,
    movements,
    on_hand,
    sent,
)
from tests.support.together import at_once

ROUNDS = 3


def refused(answers: list[Any]) -> list[Any]:
    return [answer for answer in answers if isinstance(answer, MarketplaceError)]


def test_of_many_receipts_of_one_delivery_at_once_one_is_written(app, parties):
    agreement_id = agree(parties)
    for turn in range(1, ROUNDS + 1):
        delivery = sent(parties, agreement_id, line(parties, 10))
        (one,) = lines_of(delivery)
        act = partial(receive_delivery, actor=parties.buyer, delivery_id=delivery.id)
        short = partial(act, counted={one.id: Counted(9, short=1)})
        answers = at_once(app, act, short, act, short)
        assert len(refused(answers)) == 3
        assert {answer.code for answer in refused(answers)} == {"delivery_received"}
        assert len(movements()) == turn
        accepted = lines_of(delivery)[0].accepted or 0
        assert len([row for row in differences() if row.document_id == delivery.id]) == 10 - accepted


@pytest.mark.corrupts
def test_control_deciding_on_what_was_read_before_the_lock_receives_twice(app, parties):
    delivery = sent(parties, agree(parties), line(parties, 10))
    both_have_read = threading.Barrier(2)

    def naively() -> int:
        seen = db.session.scalar(select(Delivery.state).where(Delivery.id == delivery.id))
        db.session.rollback()
        both_have_read.wait(timeout=30)
        if seen != "sent":
            return 0
        with unit_of_work() as session:
            session.execute(
                update(Delivery)
                .where(Delivery.id == delivery.id)
                .values(state="received", received_on=clock.today())
            )
        return 10

    assert at_once(app, naively, naively) == [10, 10]


def test_of_receiving_and_calling_off_at_once_one_happens(app, parties):
    agreement_id = agree(parties)
    for _turn in range(ROUNDS):
        delivery = sent(parties, agreement_id)
        before = on_hand(parties)
        answers = at_once(
            app,
            partial(receive_delivery, actor=parties.buyer, delivery_id=delivery.id),
            partial(cancel_delivery, actor=parties.maker, delivery_id=delivery.id, reason="batal"),
        )
        assert len(refused(answers)) == 1
        state = db.session.get_one(Delivery, delivery.id).state
        assert on_hand(parties) - before == (10 if state == "received" else 0)


def test_numbers_have_no_gaps_when_many_send_at_once(app, parties):
    agreement_id = agree(parties)
    made = [
        make_delivery(actor=parties.maker, draft=draft(agreement_id, line(parties))).id for _turn in range(4)
    ]
    acts = [partial(send_delivery, actor=parties.maker, delivery_id=one) for one in made]
    at_once(app, *acts, *acts)
    numbers = sorted(number or "" for number in db.session.scalars(select(Delivery.number)))
    assert numbers == [f"SJ/2026/{turn:04d}" for turn in range(1, 5)]


def test_a_form_sent_several_times_at_once_makes_one_of_each(app, parties):
    agreement_id = agree(parties)
    wanted = draft(agreement_id, line(parties), client_key="same")
    made = at_once(app, *[partial(make_delivery, actor=parties.maker, draft=wanted)] * 3)
    assert len({one.id for one in made}) == 1
    delivery = sent(parties, agreement_id, line(parties, 10))
    receive_delivery(actor=parties.buyer, delivery_id=delivery.id)
    lines = [TakenLine(parties.product_id, 2, ReturnReason.DAMAGED, "L1", GOOD)]
    back = ReturnDraft(parties.outlet.id, parties.seller.id, lines, client_key="same")
    notes = at_once(app, *[partial(make_return, actor=parties.buyer, draft=back)] * 3)
    assert len({one.id for one in notes}) == 1
    said = partial(
        write_message, actor=parties.buyer, document_kind="delivery", document_id=delivery.id, body="Halo",
        client_key="same",
    )  # fmt: skip
    at_once(app, said, said, said)
    assert (db.session.query(ReturnNote).count(), db.session.query(Message).count()) == (1, 1)


def test_of_fetching_and_destroying_a_return_at_once_one_happens(app, parties):
    delivery = sent(parties, agree(parties), line(parties, 20))
    receive_delivery(actor=parties.buyer, delivery_id=delivery.id)
    for turn in range(1, ROUNDS + 1):
        lines = [TakenLine(parties.product_id, 3, ReturnReason.DAMAGED, "L1", GOOD)]
        note = make_return(
            actor=parties.buyer, draft=ReturnDraft(parties.outlet.id, parties.seller.id, lines)
        )
        fetch = partial(fetch_return, actor=parties.maker, return_id=note.id)
        destroy = partial(
            record_destruction,
            actor=parties.buyer,
            draft=DestructionDraft(
                parties.outlet.id, parties.seller.id, TODAY, "digunting", "Wulan", return_id=note.id
            ),
            photo=_photo(),
        )
        answers = at_once(app, fetch, destroy, fetch)
        assert len(refused(answers)) == 2
        assert on_hand(parties) == 20 - 3 * turn
        kept = len(list(current_storage().keys("destructions/")))
        assert kept == 4 * db.session.query(Destruction).count()


def test_minutes_sent_twice_at_once_are_written_once(app, parties):
    delivery = sent(parties, agree(parties), line(parties, 20))
    receive_delivery(actor=parties.buyer, delivery_id=delivery.id)
    wanted = DestructionDraft(
        parties.outlet.id, parties.seller.id, TODAY, "digunting", "Wulan", client_key="same",
        lines=[TakenLine(parties.product_id, 3, ReturnReason.DAMAGED, "L1", GOOD)],
    )  # fmt: skip
    act = partial(record_destruction, actor=parties.buyer, draft=wanted, photo=_photo())
    made = at_once(app, act, act, act)
    assert len({one.id for one in made}) == 1
    assert on_hand(parties) == 17
    assert len(list(current_storage().keys("destructions/"))) == 4


def test_of_agreeing_correcting_and_deciding_at_once_one_settles(app, parties):
    agreement_id = agree(parties)
    for _turn in range(ROUNDS):
        delivery = sent(parties, agreement_id, line(parties, 10))
        counted = {lines_of(delivery)[0].id: Counted(8, short=2)}
        receive_delivery(actor=parties.buyer, delivery_id=delivery.id, counted=counted)
        before, row = on_hand(parties), differences()[-1]
        correct = partial(settle, parties.buyer, row.id, Outcome.STORE_CORRECTS)
        answers = at_once(
            app, correct, partial(settle, parties.maker, row.id, Outcome.SELLER_AGREES), correct
        )
        assert len(refused(answers)) == 2
        outcome = db.session.get_one(Difference, row.id).outcome
        assert on_hand(parties) - before == (2 if outcome == "store_corrects" else 0)


def test_two_workers_warn_of_a_lot_once(app, parties):
    delivery = sent(parties, agree(parties), line(parties, 5, "N", TODAY + 10 * DAY))
    receive_delivery(actor=parties.buyer, delivery_id=delivery.id)
    assert sorted(at_once(app, warn_of_expiry, warn_of_expiry)) == [0, 1]
    assert mails().count("lots_expiring") == 2


def _photo() -> bytes:
    target = BytesIO()
    Image.new("RGB", (300, 200), "red").save(target, "JPEG")
    return target.getvalue()
