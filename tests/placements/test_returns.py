"""Goods that leave a shelf unsold: kept until fetched, or destroyed with a photo; warned of in time."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image
from sqlalchemy import select, update

from marketplace import clock
from marketplace.backends.storage import current_storage
from marketplace.db import db, unit_of_work
from marketplace.errors import InvalidInput, NotFound, RuleBroken
from marketplace.permissions import Role
from marketplace.placements.goods_audit import differences
from marketplace.placements.models import (
    BorneLoss,
    DeliveryLine,
    Destruction,
    DestructionLine,
    ReturnLine,
    ReturnNote,
    ReturnReason,
)
from marketplace.placements.queries import goods as goods_reads
from marketplace.placements.queries import returns as reads
from marketplace.placements.queries.goods import GoodsFilter
from marketplace.placements.queries.lots import advise, holdings_of_pair
from marketplace.placements.queries.returnable import pair_names
from marketplace.placements.rules.returns import Advice
from marketplace.placements.services.destructions import DestructionDraft, record_destruction
from marketplace.placements.services.expiry import warn_of_expiry
from marketplace.placements.services.receiving import receive_delivery
from marketplace.placements.services.return_lines import TakenLine
from marketplace.placements.services.returns import ReturnDraft, cancel_return, fetch_return, make_return
from marketplace.stock.models import MovementKind
from marketplace.stock.rules import Movement
from marketplace.stock.services import post_movements
from tests import factories as make
from tests.placements.goods_support import (
    DAY,
    GOOD,
    TODAY,
    agree,
    line,
    lots,
    mails,
    movements,
    on_hand,
    sent,
)

NEAR = TODAY + 20 * DAY


def photo(colour: str = "red") -> bytes:
    """A small photo."""
    target = BytesIO()
    Image.new("RGB", (400, 300), colour).save(target, "JPEG")
    return target.getvalue()


@pytest.fixture
def shelf(parties):
    """Two lots on the shelf: 6 units that expire in 20 days, 10 good ones."""
    agreement_id = agree(parties, return_window_days=5)
    delivery = sent(parties, agreement_id, line(parties, 6, "NEAR", NEAR), line(parties, 10, "GOOD", GOOD))
    receive_delivery(actor=parties.buyer, delivery_id=delivery.id)
    return agreement_id


def take(parties, quantity=4, reason=ReturnReason.NEAR_EXPIRY, lot="NEAR", expires_on=NEAR):
    return TakenLine(parties.product_id, quantity, reason, lot, expires_on)


def put_aside(parties, *lines, **head):
    wanted = ReturnDraft(parties.outlet.id, parties.seller.id, lines or (take(parties),), **head)
    return make_return(actor=parties.buyer, draft=wanted)


def minutes(parties, *lines, content=None, **head):
    values = {"destroyed_on": clock.today(), "method": "digunting", "witness_name": "Wulan", **head}
    wanted = DestructionDraft(parties.outlet.id, parties.seller.id, lines=lines, **values)
    return record_destruction(
        actor=parties.buyer, draft=wanted, photo=photo() if content is None else content
    )


def sell(parties, units):
    post_movements(
        actor=parties.buyer,
        movements=[
            Movement("sale:1", MovementKind.SALE, parties.outlet.id, parties.seller.id,
                     parties.product_id, units, TODAY)
        ],
    )  # fmt: skip


def test_a_return_stays_on_the_shelf_until_its_maker_has_fetched_it_and_once(parties, shelf):
    note = put_aside(parties)
    assert (note.number, note.state, note.fetch_by) == ("RT/2026/0001", "waiting", TODAY + 5 * DAY)
    assert on_hand(parties) == 16
    fetch_return(actor=parties.maker, return_id=note.id)
    assert on_hand(parties) == 12
    assert lots(parties) == {("NEAR", NEAR): 2, ("GOOD", GOOD): 10}
    assert movements()[-1] == (f"return:{note.id}:1", "return", -4)
    with pytest.raises(RuleBroken) as refused:
        fetch_return(actor=parties.maker, return_id=note.id)
    assert refused.value.code == "return_fetched"
    assert on_hand(parties) == 12
    assert mails()[-2:] == ["return_made", "return_fetched"]


def test_only_what_was_fetched_leaves_the_shelf(parties, shelf):
    note = put_aside(parties, take(parties, 4), take(parties, 3, ReturnReason.SLOW, "GOOD", GOOD))
    first, second = db.session.scalars(select(ReturnLine).order_by(ReturnLine.position)).all()
    for fetched in ({first.id: 5}, {first.id: -1}, {first.id: 0, second.id: 0}, {}):
        with pytest.raises(InvalidInput):
            fetch_return(actor=parties.maker, return_id=note.id, fetched=fetched)
    assert on_hand(parties) == 16
    page = reads.return_page(parties.maker, note.id)
    assert page is not None
    assert (page.units, page.fetched_units) == (7, None)
    fetch_return(actor=parties.maker, return_id=note.id, fetched={first.id: 3, second.id: 0})
    page = reads.return_page(parties.maker, note.id)
    assert page is not None
    assert page.fetched_units == 3
    assert lots(parties) == {("NEAR", NEAR): 3, ("GOOD", GOOD): 10}


def test_what_was_sold_meanwhile_cannot_be_fetched_any_more(parties, shelf):
    note = put_aside(parties, take(parties, 6))
    sell(parties, 14)
    with pytest.raises(RuleBroken):
        fetch_return(actor=parties.maker, return_id=note.id)
    db.session.expire_all()
    assert db.session.get_one(ReturnNote, note.id).state == "waiting"
    assert on_hand(parties) == 2


@pytest.mark.parametrize(
    ("quantity", "reason", "lot", "expires_on", "sentence"),
    [
        (0, ReturnReason.DAMAGED, "GOOD", GOOD, "angka bulat"),
        (11, ReturnReason.DAMAGED, "GOOD", GOOD, "hanya ada 10"),
        (1, ReturnReason.DAMAGED, "NONE", GOOD, "hanya ada 0"),
        (1, ReturnReason.EXPIRED, "GOOD", GOOD, "baik sampai 30 Juni 2027"),
        (1, ReturnReason.NEAR_EXPIRY, "GOOD", GOOD, "0 sampai 30 hari"),
    ],
)
def test_a_line_that_cannot_be_is_refused_with_a_sentence(
    parties, shelf, quantity, reason, lot, expires_on, sentence
):
    with pytest.raises(InvalidInput, match=sentence):
        put_aside(parties, take(parties, quantity, reason, lot, expires_on))
    assert db.session.query(ReturnNote).count() == 0


def test_the_same_form_sent_twice_makes_one_return(parties, shelf):
    assert put_aside(parties, client_key="k").id == put_aside(parties, client_key="k").id


def test_a_return_called_off_leaves_the_goods_where_they_are(parties, shelf):
    note = put_aside(parties)
    with pytest.raises(InvalidInput):
        cancel_return(actor=parties.buyer, return_id=note.id)
    cancel_return(actor=parties.buyer, return_id=note.id, reason="sudah laku")
    with pytest.raises(RuleBroken) as refused:
        fetch_return(actor=parties.maker, return_id=note.id)
    assert refused.value.code == "return_cancelled"
    assert on_hand(parties) == 16


def test_strangers_and_the_wrong_side_find_no_return(parties, shelf):
    note = put_aside(parties)
    stranger = make.member(Role.SELLER_OWNER, seller_id=make.seller().id)
    other_store = make.member(Role.BUYER_MANAGER, operator_id=make.operator().id)
    assert reads.return_page(stranger, note.id) is None
    assert reads.return_page(other_store, note.id) is None
    assert pair_names(other_store, parties.outlet.id, parties.seller.id) is None
    for act in (
        lambda: fetch_return(actor=stranger, return_id=note.id),
        lambda: cancel_return(actor=other_store, return_id=note.id, reason="x"),
        lambda: make_return(
            actor=other_store, draft=ReturnDraft(parties.outlet.id, parties.seller.id, (take(parties),))
        ),
    ):
        with pytest.raises(NotFound):
            act()
    assert on_hand(parties) == 16


def test_destroyed_goods_are_a_loss_borne_by_whom_the_agreement_names(parties, shelf):
    with clock.frozen(clock.now() + 25 * DAY):
        row = minutes(
            parties,
            take(parties, 6, ReturnReason.EXPIRED),
            take(parties, 2, ReturnReason.DAMAGED, "GOOD", GOOD),
            client_key="m1",
        )
        again = minutes(parties, take(parties, 6, ReturnReason.EXPIRED), client_key="m1")
    assert again.id == row.id
    assert row.number == "BA/2026/0001"
    assert on_hand(parties) == 8
    assert movements()[-2:] == [
        (f"destruction:{row.id}:1", "loss", -6),
        (f"destruction:{row.id}:2", "loss", -2),
    ]
    borne = db.session.execute(select(BorneLoss.movement_ref, BorneLoss.borne_by, BorneLoss.reason)).all()
    assert sorted(map(tuple, borne)) == [
        (f"destruction:{row.id}:1", "seller", "expired"),
        (f"destruction:{row.id}:2", "outlet", "damaged"),
    ]
    kept = sorted(current_storage().keys("destructions/"))
    assert [name.rpartition("-")[2] for name in kept] == ["1280.jpg", "1280.webp", "320.jpg", "320.webp"]
    assert mails()[-1] == "goods_destroyed"


def test_a_return_that_nobody_fetched_is_destroyed_once(parties, shelf):
    note = put_aside(parties, take(parties, 4, ReturnReason.DAMAGED))
    row = minutes(parties, return_id=note.id)
    assert db.session.get_one(ReturnNote, note.id).state == "destroyed"
    assert on_hand(parties) == 12
    for act in (
        lambda: minutes(parties, return_id=note.id),
        lambda: fetch_return(actor=parties.maker, return_id=note.id),
    ):
        with pytest.raises(RuleBroken) as refused:
            act()
        assert refused.value.code == "return_destroyed"
    assert db.session.query(Destruction).count() == 1
    assert on_hand(parties) == 12
    assert len(list(current_storage().keys("destructions/"))) == 4
    assert row.return_note_id == note.id


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"content": b""}, "photo"),
        ({"content": b"GIF89a not a photo"}, "photo"),
        ({"method": " "}, "method"),
        ({"witness_name": ""}, "witness_name"),
        ({"destroyed_on": TODAY + DAY}, "destroyed_on"),
        ({"destroyed_on": TODAY - 40 * DAY}, "destroyed_on"),
    ],
)
def test_minutes_that_lack_something_are_refused_and_leave_no_photo(parties, shelf, changes, named):
    with pytest.raises(InvalidInput) as refused:
        minutes(parties, take(parties, 1, ReturnReason.DAMAGED), **changes)
    assert named in refused.value.fields
    assert db.session.query(Destruction).count() == 0
    assert list(current_storage().keys("destructions/")) == []
    assert on_hand(parties) == 16


def test_good_slow_goods_are_not_destroyed(parties, shelf):
    with pytest.raises(InvalidInput, match="hanya barang kedaluwarsa atau rusak"):
        minutes(parties, take(parties, 1, ReturnReason.SLOW, "GOOD", GOOD))
    note = put_aside(parties, take(parties, 1, ReturnReason.SLOW, "GOOD", GOOD))
    with pytest.raises(InvalidInput, match="hanya barang kedaluwarsa atau rusak"):
        minutes(parties, return_id=note.id)
    db.session.expire_all()
    assert db.session.get_one(ReturnNote, note.id).state == "waiting"
    assert db.session.scalar(select(DestructionLine.id)) is None


def test_what_expires_first_is_advised_first(parties, shelf):
    found = {one.lot_code: advice for one, advice in zip(*_advised(parties), strict=True)}
    assert (found["NEAR"].advice, found["NEAR"].units) == (Advice.RETURN, 6)
    assert found["GOOD"].advice is Advice.NONE
    put_aside(parties, take(parties, 4))
    held, advices = _advised(parties)
    assert [advice.units for advice in advices][: len(held)] == [2, 0]


def _advised(parties):
    held = holdings_of_pair(parties.outlet.id, parties.seller.id)
    return held, advise(held)


def test_goods_are_listed_by_lot_product_and_outlet(parties, shelf):
    make.product(parties.seller)
    for actor in (parties.maker, parties.buyer, make.officer()):
        rows = goods_reads.goods(actor, GoodsFilter())
        assert [(row.holding.lot_code, row.on_hand, row.days_left) for row in rows] == [
            ("NEAR", 6, 20),
            ("GOOD", 10, (GOOD - TODAY).days),
        ]
        sums = goods_reads.sums(actor, GoodsFilter())
        assert (sums.rows, sums.on_hand, sums.outlets, sums.near, sums.expired) == (2, 16, 1, 6, 0)
        for by in ("product", "outlet"):
            (row,) = goods_reads.grouped(actor, GoodsFilter(by=by))
            assert (row.on_hand, row.lots, row.near, row.expires_on) == (16, 2, 6, NEAR)
            assert goods_reads.count_groups(actor, GoodsFilter(by=by)) == 1
    assert goods_reads.goods(make.member(Role.SELLER_OWNER, seller_id=make.seller().id), GoodsFilter()) == []
    for life, codes in (
        ("near", ["NEAR"]),
        ("good", ["GOOD"]),
        ("week", []),
        ("expired", []),
        ("undated", []),
    ):
        found = goods_reads.goods(parties.maker, GoodsFilter(life=life))
        assert [row.holding.lot_code for row in found] == codes
    for sort in goods_reads.SORTS:
        assert len(goods_reads.goods(parties.maker, GoodsFilter(sort=sort))) == 2
        assert len(goods_reads.grouped(parties.maker, GoodsFilter(by="product", sort=sort))) == 1
    assert [row.holding.lot_code for row in goods_reads.goods(parties.maker, GoodsFilter(q="near"))] == [
        "NEAR"
    ]


def test_units_without_a_lot_are_listed_too(parties):
    agree(parties)
    post_movements(
        actor=parties.buyer,
        movements=[Movement("d1", MovementKind.DELIVERY, parties.outlet.id, parties.seller.id,
                            parties.product_id, 5, TODAY)],
    )  # fmt: skip
    (row,) = goods_reads.goods(parties.maker, GoodsFilter(life="undated"))
    assert (row.holding.lot_code, row.holding.expires_on, row.on_hand) == ("", None, 5)
    note = put_aside(parties, TakenLine(parties.product_id, 5, ReturnReason.SLOW))
    fetch_return(actor=parties.maker, return_id=note.id)
    assert on_hand(parties) == 0


def test_units_without_a_lot_go_back_and_the_lots_beside_them_stay(parties, shelf):
    loose = Movement("d1", MovementKind.DELIVERY, parties.outlet.id, parties.seller.id, parties.product_id, 5,
                     TODAY)  # fmt: skip
    post_movements(actor=parties.buyer, movements=[loose])
    note = put_aside(parties, TakenLine(parties.product_id, 3, ReturnReason.SLOW))
    fetch_return(actor=parties.maker, return_id=note.id)
    minutes(parties, TakenLine(parties.product_id, 2, ReturnReason.DAMAGED))
    assert lots(parties) == {("NEAR", NEAR): 6, ("GOOD", GOOD): 10}
    assert on_hand(parties) == 16
    with pytest.raises(InvalidInput, match="hanya ada 0"):
        put_aside(parties, TakenLine(parties.product_id, 1, ReturnReason.SLOW))


def test_both_sides_are_warned_once_for_each_lot_and_threshold(parties, shelf):
    told = []
    for days in (0, 0, 5, 6, 12, 13, 13, 20, 21):
        with clock.frozen(clock.now() + days * DAY):
            told.append(warn_of_expiry())
    assert told == [1, 0, 0, 1, 0, 1, 0, 0, 0]
    assert mails().count("lots_expiring") == 6


def test_a_lot_that_came_in_late_is_told_of_once_by_its_tightest_threshold(parties):
    delivery = sent(parties, agree(parties), line(parties, 3, "LATE", TODAY + 6 * DAY))
    receive_delivery(actor=parties.buyer, delivery_id=delivery.id)
    assert [warn_of_expiry(), warn_of_expiry()] == [1, 0]
    assert mails().count("lots_expiring") == 2


@pytest.mark.corrupts
def test_the_audit_names_a_paper_whose_units_are_not_the_ledger_s(parties, shelf):
    assert list(differences()) == []
    note = put_aside(parties)
    fetch_return(actor=parties.maker, return_id=note.id)
    row = minutes(parties, take(parties, 1, ReturnReason.DAMAGED, "GOOD", GOOD))
    assert list(differences()) == []
    with unit_of_work() as session:
        session.execute(update(ReturnLine).values(fetched=3))
        session.execute(update(DestructionLine).values(quantity=7))
        session.execute(update(DeliveryLine).where(DeliveryLine.position == 1).values(accepted=4, short=2))
    assert list(differences()) == [
        "delivery SJ/2026/0001: its lines say 14, the ledger moved 16",
        f"return {note.number}: its lines say 3, the ledger moved 4",
        f"destruction {row.number}: its lines say 7, the ledger moved 1",
    ]
